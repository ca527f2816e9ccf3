"""Global dependencies: kinds and versions."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings

APP = "applications:\n  app:\n    type: 'php:8.4'\n"


def dependencies(lines: str) -> str:
    return f"{APP}    dependencies:\n{lines}"


@pytest.mark.parametrize("kind", ["nodejs", "php", "python", "python2", "python3", "ruby", "java", "<LANGUAGE>"])
def test_a_kind_of_dependency(kind: str) -> None:
    assert findings(dependencies(f"      {kind}: {{a: '*'}}\n")) == []


@pytest.mark.parametrize(
    ("kind", "words", "meant"),
    [
        ("apt", "composable image", None),
        ("node", "did you mean `nodejs`", "nodejs"),
        ("nodjs", "did you mean `nodejs`", "nodejs"),
        ("pip", "did you mean `python3`", "python3"),
        ("go", "expected `nodejs`", None),
    ],
)
def test_a_kind_that_does_not_exist(kind: str, words: str, meant: str | None) -> None:
    text = dependencies(f"      {kind}: {{a: '*'}}\n")
    (finding,) = findings(text)
    assert (finding.rule, finding.severity.label) == ("dependency-kind", "error")
    assert words in finding.message
    assert [apply_fix(text, fix) for fix in finding.fixes] == ([text.replace(kind, meant)] if meant else [])


@pytest.mark.parametrize(
    ("package", "severity", "fixed"),
    [
        ("pnpm: '*'", None, None),
        ("pnpm: 9", None, None),
        ("pnpm: 9.1", None, None),
        ("pnpm: ^9.10", None, None),
        ("pnpm: 9.10", "warning", "pnpm: '9.10'"),
        ("pnpm: 010", "warning", "pnpm: '010'"),
        ("pnpm: ''", "error", "pnpm: '*'"),
        ("pnpm:", "warning", None),
        ("'': '*'", "error", None),
    ],
)
def test_a_version(package: str, severity: str | None, fixed: str | None) -> None:
    text = dependencies(f"      nodejs:\n        {package}\n")
    found = findings(text, "dependency-version")
    assert [one.severity.label for one in found] == ([severity] if severity else [])
    assert [apply_fix(text, fix) for one in found for fix in one.fixes] == (
        [text.replace(package, fixed)] if fixed else []
    )


def test_composer_may_have_repositories() -> None:
    text = dependencies("      php:\n        require: {a/b: 2.10}\n        repositories: [{type: vcs, url: x}]\n")
    (finding,) = findings(text)
    assert finding.region.text == "2.10"
