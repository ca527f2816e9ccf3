"""Composable images: the channel and the stack."""

from __future__ import annotations

import pytest

from tests.rules.image_texts import composable, report
from tests.support import apply_fix, findings, source
from upsun_rules.finding import Severity


@pytest.mark.parametrize(
    ("channel", "severity"),
    [("26.05", None), ("25.11", "warning"), ("25.06", "error"), ("26.11", "warning"), ("99.05", "error")],
)
def test_channels(channel: str, severity: str | None) -> None:
    text = composable(" {runtimes: ['nodejs@24']}", channel)
    assert report(text) == ([] if severity is None else [("composable-image", channel, severity)])
    if channel == "25.11":
        assert apply_fix(text, findings(text)[0]) == text.replace("25.11", "26.05")


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        (" {runtimes: ['nodejs@24', 'php@8.4': {extensions: [gd]}]}", []),
        (" {runtimes: ['nodejs@24'], packages: [yarn, python313Packages.yq]}", []),
        (" {runtimes: ['nodejs@23']}", [("23", "error")]),
        (" {runtimes: ['nodejs@99']}", [("99", "error")]),
        (" {runtimes: ['nodejs@27']}", [("27", "warning")]),
        (" {runtimes: [python3.13]}", [("python3.13", "warning")]),
        (" 'php@8.4'", [("'php@8.4'", "warning")]),
        (" 'node@24'", [("'node@24'", "warning"), ("node", "error")]),
        (" ['node@24', yarn]", [("node", "error")]),
        (" ['php@8.4': , python3.13]", [("python3.13", "warning")]),
        (" {runtimes: ['nodjs@24']}", [("nodjs", "error")]),
        (" {runtimes: ['php@7.4': {extensions: [gd]}]}", [("7.4", "error")]),
        (" {runtimes: [nodejs:24]}", [("nodejs:24", "error")]),
        (" {runtimes: [nodejs, '<RUNTIME>@1', @later]}", []),
        (" ['nodejs@24', yarn, 'something@1']", []),
        (" ['nodejs@23']", [("23", "error")]),
        (" [@later]", []),
        ("", []),
    ],
)
def test_runtimes(stack: str, expected: list[tuple[str, str]]) -> None:
    assert report(composable(stack)) == [("composable-image", place, severity) for place, severity in expected]


def test_a_channel_with_unknown_runtimes() -> None:
    assert [place for _, place, _ in report(composable(" {runtimes: ['nodejs@1']}", "25.05"))] == ["25.05"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n      runtimes:\n        - nodejs:24 # main", "\n      runtimes:\n        - nodejs@24 # main"),
        ("\n      runtimes:\n        - 'php:8.4':\n            extensions: [gd]", None),
    ],
)
def test_a_colon_becomes_an_at_sign(before: str, after: str | None) -> None:
    text = composable(before)
    (finding,) = findings(text, "composable-image")
    assert finding.fixes[0].safe
    fixed = apply_fix(text, finding)
    assert fixed == composable(after or before.replace("php:8.4", "php@8.4"))
    assert findings(fixed) == []


def test_a_version_of_the_channel_is_offered() -> None:
    text = composable(" {runtimes: ['php@7.4']}")
    (finding,) = findings(text)
    assert not finding.fixes[0].safe
    assert apply_fix(text, finding) == composable(" {runtimes: ['php@8.5']}")


def test_keys_that_a_stack_replaces() -> None:
    text = composable(" {runtimes: ['php@8.4']}\n    build: {flavor: composer}\n    dependencies: {}")
    assert report(text) == [("composable-image", "build", "warning")]
    assert report(text.replace("composer", "none")) == [("composable-image", "build", "info")]


@pytest.mark.parametrize("stack", [" ['python@3.13']", "\n      - python@3.13", " {runtimes: ['php@8.4']}"])
def test_a_stack_without_a_type_was_accepted_and_is_no_longer_documented(stack: str) -> None:
    text = (
        f"applications:\n  app:\n    # what it is made of\n    stack:{stack}\n    web: {{commands: {{start: ./run}}}}\n"
    )
    (finding,) = findings(text)
    assert (finding.rule, finding.severity, source(finding.region)) == ("composable-image", Severity.WARNING, "stack")
    assert not finding.fixes[0].safe
    fixed = apply_fix(text, finding)
    assert fixed == text.replace("    # what", "    type: 'composable:26.05'\n    # what")
    assert "composable-image" not in {one.rule for one in findings(fixed)}


@pytest.mark.parametrize("stack", ["", " []", " {}", " @later"])
def test_an_application_with_neither_type_nor_stack(stack: str) -> None:
    text = f"applications:\n  app:\n    stack:{stack}\n"
    assert "composable-image" not in {one.rule for one in findings(text)}
    if "@" not in stack:
        assert "missing-key" in {one.rule for one in findings(text)}


def test_a_merged_stack_has_no_fix_that_adds_a_type() -> None:
    text = ".common: &common\n  stack: ['python@3.13']\napplications:\n  app:\n    <<: *common\n    web: {commands: {start: ./run}}\n"
    (finding,) = findings(text)
    assert (finding.rule, finding.fixes) == ("composable-image", ())


def test_a_stack_next_to_a_single_runtime() -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    stack: {runtimes: ['php@8.4']}\n"
    (finding,) = findings(text)
    assert (finding.rule, finding.severity, source(finding.region)) == ("composable-image", Severity.WARNING, "stack")
    assert [source(related.region) for related in finding.related] == ["'php:8.4'"]


@pytest.mark.parametrize("kind", ["composable", "composable@26.05", "'<TYPE>'", "nobody:1", "@later"])
def test_a_stack_of_unknown_type(kind: str) -> None:
    text = f"applications:\n  app:\n    type: {kind}\n    stack: {{runtimes: ['php@8.4']}}\n"
    assert findings(text, "composable-image") == []


def test_a_composable_image_needs_a_stack() -> None:
    (finding,) = findings("applications:\n  app:\n    type: 'composable:26.05'\n")
    assert (finding.rule, finding.severity) == ("composable-image", Severity.WARNING)
    shared = ".common: &common\n  stack: {runtimes: ['php@8.4']}\napplications:\n  app:\n    <<: *common\n"
    assert findings(f"{shared}    type: 'composable:26.05'\n") == []


def test_old_forms_of_a_stack_without_a_type_are_checked() -> None:
    text = (
        "applications:\n  app:\n    stack: ['python@3.13', 'node@24', 'nodejs@21', yarn]\n    build: {flavor: none}\n"
    )
    assert [(source(one.region), one.severity.label) for one in findings(text)] == [
        ("stack", "warning"),
        ("node", "warning"),
        ("build", "warning"),
    ]
    (finding,) = findings("applications:\n  app:\n    stack: 'php@8.4'\n")
    assert finding.severity is Severity.WARNING


def test_extensions_next_to_a_runtime() -> None:
    text = composable(
        "\n      runtimes:\n        - 'php@8.4':\n          extensions: [apcu] # fast\n        - 'nodejs@24'"
    )
    (finding,) = findings(text)
    assert (finding.severity, finding.fixes[0].safe) == (Severity.ERROR, True)
    fixed = apply_fix(text, finding)
    assert fixed == text.replace("          extensions", "            extensions")
    assert findings(fixed) == []
    (finding,) = findings(composable(" [{'php@8.4': , extensions: [apcu]}, 'nodejs@24']"))
    assert (finding.severity, finding.fixes) == (Severity.WARNING, ())
