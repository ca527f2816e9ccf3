"""Scripts of several lines that YAML folds into one."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings
from upsun_rules.finding import Severity

CONFIG = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    hooks:
      build: HOOK
    crons:
      nightly:
        spec: '0 3 * * *'
        commands: {start: CRON}
    workers:
      queue:
        commands:
          start: START
"""


def config(start: str = "php queue.php", hook: str = "make", cron: str = "php night.php") -> str:
    """A configuration; the lines of a script are indented as deep as its place wants."""
    text = CONFIG.replace("HOOK", hook.replace("\n", "\n        ")).replace("CRON", cron)
    return text.replace("START", start.replace("\n", "\n            "))


@pytest.mark.parametrize(
    ("script", "line"),
    [
        (">\nset -e\nphp artisan queue:work", "php artisan queue:work"),
        (">-\nset -e\n\n\nphp artisan queue:work", None),
        (">-\ncd web\n# why\nphp artisan queue:work\n", "php artisan queue:work"),
        ("set -e\nphp artisan queue:work", "php artisan queue:work"),
        (">\nwhile true; do\nphp x.php\nsleep 3600\ndone", "php x.php"),
        (">\nnpm ci\nnpm run build", "npm run build"),
        (">\nset -e\nnode worker.js", "node worker.js"),
        (">\nexport A=b\n./mine", "./mine"),
        (">\ncd web\nphp a.php", "php a.php"),
        (">\nphp a.php\nphp b.php", "php b.php"),
        (">\n# why\nphp a.php", "php a.php"),
        (">\nset -o pipefail\n./mine", "./mine"),
        (">\nexport A=b\nC=d", None),
        (">\nexport A\nB", None),
        (">\ncd\nweb", None),
        (">\nphp a.php\n--php b", None),
        (">\n# why", None),
        (">\nphp bin/console messenger:consume async\n--time-limit=3600", None),
        (">\ncelery -A app\nworker", None),
        (">\ncd web &&\nphp artisan queue:work", None),
        (">\ncd web\n&& php artisan queue:work", None),
        (">\nexec\nphp artisan queue:work", None),
        (">\nnode\nworker.js", None),
        (">\nsleep 5;\nphp artisan queue:work", None),
        (">\n./mine\n./yours", None),
        (">\nwhile true; do\n  php x.php\n  sleep 3600\ndone", None),
        ("|\nset -e\nphp artisan queue:work", None),
        ("'set -e\nphp artisan queue:work'", None),
        (">\n", None),
        (">\n\n", None),
    ],
)
@pytest.mark.parametrize("place", ["start", "hook"])
def test_what_is_folded(place: str, script: str, line: str | None) -> None:
    found = findings(config(**{place: script}), "folded-script")
    assert [one.related[0].region.text for one in found] == ([] if line is None else [line])


def test_the_fix_keeps_the_lines_apart() -> None:
    text = config(start=">-\nset -e\nphp artisan queue:work")
    (found,) = findings(text, "folded-script")
    assert found.fixes[0].safe
    mended = apply_fix(text, found)
    assert mended == text.replace(">-", "|-")
    assert findings(mended, "folded-script") == []


def test_windows_line_ends() -> None:
    text = config(start=">\nset -e\nphp artisan queue:work").replace("\n", "\r\n")
    (found,) = findings(text, "folded-script")
    assert found.related[0].region.text == "php artisan queue:work"
    assert apply_fix(text, found) == text.replace(">\r\n", "|\r\n")


@pytest.mark.parametrize("first", ["set -e", "cd web", "php artisan migrate --force"])
def test_what_the_joined_lines_would_do_is_not_reported_as_well(first: str) -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      q:\n        commands:\n          start: >\n"
    text += f"            {first}\n            php artisan queue:work --max-time=3600\n"
    assert [one.rule for one in findings(text) if one.severity >= Severity.WARNING] == ["folded-script"]
