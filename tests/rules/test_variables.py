"""Variables: below which prefix they are set."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings

RULE = "unprefixed-variable"


def app(body: str) -> str:
    """A configuration whose application has these `variables`."""
    lines = "".join(f"      {line}\n" for line in body.splitlines())
    return f"applications:\n  app:\n    type: 'php:8.4'\n    variables:\n{lines}    web: {{}}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FOO: bar  # why", "env:\n  FOO: bar  # why"),
        ("FOO: 'bar'\nBAR: one", "env:\n  FOO: 'bar'\n  BAR: one"),
        ("FOO: |\n  a\n\n  b", "env:\n  FOO: |\n    a\n\n    b"),
        ("env:\n  A: b\nFOO: bar", "env:\n  A: b\n  FOO: bar"),
        ("FOO: bar\nphp:\n  memory_limit: 1G", "env:\n  FOO: bar\nphp:\n  memory_limit: 1G"),
        ("env:FOO: bar", "env:\n  FOO: bar"),
        ("php:memory_limit: 1G", "php:\n  memory_limit: 1G"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_variable_goes_below_its_prefix(before: str, after: str, ending: str) -> None:
    text = app(before).replace("\n", ending)
    (finding,) = findings(text)
    assert finding.rule == RULE
    (fix,) = finding.fixes
    assert fix.safe
    fixed = apply_fix(text, fix)
    assert fixed == app(after).replace("\n", ending)
    assert findings(fixed) == []


@pytest.mark.parametrize(
    "body",
    [
        "env: {FOO: a}\nFOO: b",
        "env:\n  FOO: a\nFOO: b",
        "env:A: b\nenv:B: c",
        "'env:': a",
        "'env:A B': c",
    ],
)
def test_an_uncertain_fix_is_not_offered(body: str) -> None:
    found = findings(app(body), RULE)
    assert found and all(finding.fixes == () for finding in found)


def test_braces_are_left_as_they_are() -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    variables: {FOO: bar}\n"
    assert [(one.rule, one.fixes) for one in findings(text)] == [(RULE, ())]


def test_a_fix_that_reveals_an_override_is_not_safe() -> None:
    text = app("FOO: bar") + (
        "    workers:\n      queue:\n        commands: {start: php x.php}\n        variables: {env: {BAR: baz}}\n"
    )
    (finding,) = findings(text, RULE)
    assert [fix.safe for fix in finding.fixes] == [False]


def test_a_worker_is_checked_too() -> None:
    text = (
        "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      queue:\n        commands: {start: php x.php}\n"
    )
    (finding,) = findings(f"{text}        variables:\n          FOO: bar\n")
    assert (finding.rule, finding.region.text) == (RULE, "FOO")


@pytest.mark.parametrize("body", ["env: {A: b}", "env: {}", "d8config:\n  'a:b': c", "FOO: @later", "env: *nowhere"])
def test_a_prefix_alone_is_not_a_variable(body: str) -> None:
    assert findings(app(body), RULE) == []
