"""Any start command is judged without a failure, and no fix breaks the file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.rules.worker_texts import ours, worker
from tests.support import apply_fix, findings

PARTS = st.sampled_from(
    [
        *("node x.js", "php artisan queue:work", "pm2 start x", "npm ci", "sleep 600", "sleep 3600", "wait", "cron"),
        *("drush cron", "gunicorn x:y", "echo 'ü'", "$PORT", "while true; do", "done", "if [ -f x ]; then", "fi"),
        *("trap '' TERM", "{", "}", "(", ")", "exec"),
    ]
)
JOINTS = st.sampled_from([" ", "; ", " & ", " && ", " || ", " | ", "\n", " > /tmp/x ", " # ", '" ', "' "])


@st.composite
def commands(draw: st.DrawFn) -> str:
    parts = draw(st.lists(st.tuples(PARTS, JOINTS), min_size=1, max_size=6))
    return "".join(part + joint for part, joint in parts)


@given(commands(), st.sampled_from(["|", ">", "|-"]))
def test_any_command_is_judged_and_no_fix_breaks_the_file(command: str, style: str) -> None:
    lines = "\n".join(f"    {line.strip()}" for line in command.splitlines() if line.strip())
    text = worker(f"commands:\n  start: {style}\n{lines}")
    assert findings(text, "syntax-error") == []
    for finding in ours(text):
        assert finding.region.text in text
        assert len(finding.message) <= 160
        for fix in finding.fixes:
            mended = apply_fix(text, fix)
            assert mended != text
            broken = {"syntax-error", "unknown-key", "wrong-type", "missing-key", "missing-start-command"}
            assert not broken & {found.rule for found in findings(mended)}
