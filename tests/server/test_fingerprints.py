"""A fingerprint stays while lines move and other things change, and no two findings have the same."""

from __future__ import annotations

import pytest

from tests.support import findings, project
from upsun_lint.narrowing.fingerprints import fingerprint, fingerprints, run_fingerprints
from upsun_rules.engine import lint
from upsun_rules.options import Options

WRONG = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    workers:
      queue:
        commands: {start: php a.php}
        crons: {}
      mail:
        commands: {start: php b.php}
        crons: {}
        mount: {}
"""


def marks(text: str) -> list[str]:
    made = project(text)
    return fingerprints(made, lint(made, Options()))


def test_no_two_are_the_same() -> None:
    found = marks(WRONG)
    assert len(found) == len(set(found)) == len(findings(WRONG)) >= 3


@pytest.mark.parametrize(
    "changed",
    [
        "# a comment\n\n" + WRONG,
        WRONG.replace("\n", "\r\n"),
        WRONG.replace("crons: {}", "crons:   {} # why"),
        WRONG.replace("    workers:\n", "    variables: {env: {A: b}}\n    workers:\n"),
        WRONG.replace("php a.php", "php another.php"),
    ],
)
def test_they_survive_changes_elsewhere(changed: str) -> None:
    assert marks(changed) == marks(WRONG)


def test_a_new_finding_adds_one_and_keeps_the_others() -> None:
    changed = WRONG + "services:\n  db: {type: 'mariadb:11.4'}\n"
    assert [one.rule for one in findings(changed) if one.rule not in {one.rule for one in findings(WRONG)}] == [
        "unused-service"
    ]
    assert marks(changed)[:-1] == marks(WRONG)


@pytest.mark.parametrize(
    ("changed", "count"),
    [
        (WRONG.replace("crons: {}", "crons: {a: {}}"), 2),
        (WRONG.replace("queue:", "queues:"), 1),
        (WRONG.replace("mount:", "mout:"), 1),
    ],
)
def test_another_finding_has_another(changed: str, count: int) -> None:
    before, after = set(marks(WRONG)), set(marks(changed))
    assert len(before - after) == len(after - before) == count


def test_equal_ones_are_counted() -> None:
    made = project(WRONG)
    first = lint(made, Options())[0]
    assert fingerprints(made, [first, first]) == [fingerprint(made, first), fingerprint(made, first, 1)]


def test_two_projects_of_a_run_do_not_share_them(monkeypatch: pytest.MonkeyPatch) -> None:
    made = project(WRONG)
    found = lint(made, Options())
    assert not set(run_fingerprints(made, found)) & set(fingerprints(made, found))
    monkeypatch.setattr("upsun_lint.narrowing.fingerprints.display_path", lambda root, path: path)
    assert run_fingerprints(made, found) == fingerprints(made, found)
