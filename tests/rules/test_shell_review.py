"""What ShellCheck remarks is reported at the exact place, once, and no more severe than a warning."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from tests.support import apply_fix, findings
from upsun_rules.finding import Severity
from upsun_rules.options import Options
from upsun_rules.shell.review import Remark, ShellScript
from upsun_rules.shell.script import ScriptEdit


class Marks:
    """A reviewer that remarks each `$X`, and proposes quotes around it."""

    def __init__(self, level: str = "error", code: str = "SC2086", pattern: str = r"\$X") -> None:
        self.level = level
        self.code = code
        self.pattern = pattern
        self.asked: list[ShellScript] = []

    def remarks(self, scripts: Sequence[ShellScript]) -> list[tuple[Remark, ...]]:
        self.asked += scripts
        return [tuple(self._remark(found) for found in re.finditer(self.pattern, script.text)) for script in scripts]

    def _remark(self, found: re.Match[str]) -> Remark:
        quotes = tuple(ScriptEdit(at, at, '"') for at in found.span())
        return Remark(*found.span(), self.level, self.code, "Quote this.", quotes)


def hook(value: str) -> str:
    return f"applications:\n  app:\n    type: 'php:8.4'\n    hooks:\n      build: {value}\n"


def reviewed(text: str, marks: Marks) -> list[str]:
    return [one.region.text for one in findings(text, "shellcheck", Options(reviewer=marks))]


@pytest.mark.parametrize(
    "value",
    [
        "cat $X é",
        "|\n        é 1\n          cat $X\n",
        "|-\n        a\n\n        cat $X",
        ">\n        cat a &&\n        cat $X &&\n        b\n\n        c\n",
        "cat a &&\n        cat $X &&\n        b",
        "'it''s ''cat $X'",
        "'a &&\n\n\n        it''s '' $X'",
        '"a \\"b\\" \\x41\\u00e9 $X"',
        '"a \\\n        b $X \\\n        c"',
        '"a &&  \n\n        b\\t$X"',
        '"\\N \\_ \\U0001F600 $X"',
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_remark_has_the_exact_place_in_every_form_of_text(value: str, ending: str) -> None:
    assert reviewed(hook(value).replace("\n", ending), Marks()) == ["$X"]


@pytest.mark.parametrize(
    ("level", "severity"),
    [("error", Severity.WARNING), ("warning", Severity.WARNING), ("info", Severity.INFO), ("style", Severity.HINT)],
)
def test_a_remark_is_a_warning_at_most(level: str, severity: Severity) -> None:
    (found,) = findings(hook("cat $X"), "shellcheck", Options(reviewer=Marks(level)))
    assert (found.severity, found.message) == (severity, "`SC2086`: Quote this")
    assert found.url == "https://www.shellcheck.net/wiki/SC2086"


def test_every_command_is_reviewed_in_one_go_and_each_text_once() -> None:
    text = """
applications:
  app:
    type: 'php:8.4'
    hooks: {build: 'a1', deploy: 'a2', post_deploy: 'a3'}
    web: {commands: {pre_start: 'a4', start: 'a5', post_start: 'a6'}}
    workers:
      one: {commands: &shared {start: 'a7 run'}}
      two: {commands: *shared}
    crons:
      c: {spec: '0 1 * * *', commands: {start: 'a8', stop: 'a9'}}
      d: {spec: '0 2 * * *', cmd: 'a10'}
    operations: {o: {commands: {start: 'a11', stop: 'a12'}}}
    source: {operations: {s: {command: 'a13'}}}
tasks:
  t: {type: 'php:8.4', hooks: {build: 'a14', deploy: 'a15'}, run: {command: 'a16'}}
"""
    marks = Marks()
    reviewed(text, marks)
    assert sorted(script.text for script in marks.asked) == sorted(
        [f"a{n}" for n in (*range(1, 7), *range(8, 17))] + ["a7 run"]
    )


def test_hooks_and_crons_are_read_as_dash_reads_them() -> None:
    marks = Marks()
    reviewed(hook("cat $X") + "    workers: {w: {commands: {start: 'php run.php'}}}\n", marks)
    reviewed(hook("|\n        #!/bin/bash\n        cat $X\n"), marks)
    assert [script.shell for script in marks.asked] == ["dash", "sh", "bash"]


def test_what_our_own_rules_report_is_not_repeated() -> None:
    assert reviewed(hook("'source $X'"), Marks(code="SC3046")) == []
    assert reviewed(hook("'source $X'"), Marks(code="SC2086")) == ["$X"]
    assert reviewed(hook("'cat $X | | b'"), Marks()) == []
    assert reviewed(hook("cat $X"), Marks(code="SC3037")) == ["$X"]
    worker = "applications:\n  app:\n    type: 'php:8.4'\n    workers: {w: {commands: {start: 'cat $X'}}}\n"
    assert reviewed(worker, Marks(code="SC3037")) == []
    assert reviewed(hook("cat $X"), Marks(code="SC1091")) == []


@pytest.mark.parametrize(
    ("value", "fixed"),
    [
        ("cat $X b", 'cat "$X" b'),
        ("|\n        cat $X\n", '|\n        cat "$X"\n'),
        ("'cat $X'", "'cat \"$X\"'"),
        ('"cat $X"', None),
        ("$X b", None),
    ],
)
def test_a_proposal_is_offered_where_it_does_not_break_the_yaml(value: str, fixed: str | None) -> None:
    (found,) = findings(hook(value), "shellcheck", Options(reviewer=Marks()))
    assert not any(fix.safe for fix in found.fixes)
    assert [apply_fix(hook(value), fix) for fix in found.fixes] == ([] if fixed is None else [hook(fixed)])


def test_a_finding_in_an_included_script_is_reported_at_its_include() -> None:
    files = {".upsun/config.yaml": hook("!include {type: string, path: ../build.sh}"), "build.sh": "cat $X\n"}
    (found,) = findings(files, "shellcheck", Options(reviewer=Marks()))
    assert found.region.text.startswith("!include")
    assert [one.region.text for one in found.related] == ["$X"]
    assert found.fixes == ()


def test_without_a_reviewer_nothing_is_reported_and_no_comment_is_unused() -> None:
    text = hook("cat $X  # upsun-lint: ignore[shellcheck] on purpose")
    assert findings(text) == []
    assert findings(text, options=Options(reviewer=Marks())) == []
    clean = text.replace("$X", "x")
    assert [one.rule for one in findings(clean, options=Options(reviewer=Marks()))] == ["unused-suppression"]
