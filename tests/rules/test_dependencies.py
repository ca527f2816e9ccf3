"""Global dependencies: kinds and versions."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings, said

APP = "applications:\n  app:\n    type: 'php:8.4'\n"


def dependencies(lines: str) -> str:
    return f"{APP}    dependencies:\n{lines}"


@pytest.mark.parametrize("kind", ["nodejs", "php", "python", "python2", "python3", "ruby", "java", "<LANGUAGE>"])
def test_a_valid_kind_of_dependency(kind: str) -> None:
    assert findings(dependencies(f"      {kind}: {{a: '*'}}\n")) == []


@pytest.mark.parametrize(
    ("kind", "words", "meant"),
    [
        ("apt", "composable image", None),
        ("APT", "composable image", None),
        ("node", "did you mean `nodejs`", "nodejs"),
        ("nodjs", "did you mean `nodejs`", "nodejs"),
        ("NPM", "did you mean `nodejs`", "nodejs"),
        ("pip", "did you mean `python3`", "python3"),
        ("composer", "did you mean `php`", "php"),
        ("bundler", "did you mean `ruby`", "ruby"),
        ("go", "expected `nodejs`", None),
    ],
)
def test_an_unknown_kind_of_dependency(kind: str, words: str, meant: str | None) -> None:
    text = dependencies(f"      {kind}: {{a: '*'}}\n")
    (finding,) = findings(text)
    assert (finding.rule, finding.severity.label) == ("dependency-kind", "error")
    assert words in finding.message
    assert [apply_fix(text, fix) for fix in finding.fixes] == ([text.replace(kind, meant)] if meant else [])
    assert not any(fix.safe for fix in finding.fixes)


def test_a_kind_is_not_renamed_to_one_that_is_there() -> None:
    (finding,) = findings(dependencies("      nodejs: {a: '*'}\n      npm: {b: '*'}\n"), "dependency-kind")
    assert "did you mean `nodejs`?" in finding.message
    assert finding.fixes == ()


def test_kinds_that_a_merge_key_brings_in_are_reported_but_not_renamed() -> None:
    text = f"x-tools: &tools\n  npm: {{a: '*'}}\n{dependencies('      <<: *tools' + chr(10))}"
    (finding,) = findings(text, "dependency-kind")
    assert (finding.region.text, finding.fixes) == ("npm", ())


@pytest.mark.parametrize("written", ["", "      <<: *later\n", "    # none yet\n"])
def test_without_kinds_nothing_is_reported(written: str) -> None:
    text = dependencies(written)
    assert said(text, "dependency-kind") == said(text, "dependency-version") == []


@pytest.mark.parametrize(
    ("package", "severity", "fixed"),
    [
        ("pnpm: '*'", None, None),
        ("pnpm: 9", None, None),
        ("pnpm: 9.1", None, None),
        ("pnpm: ^9.10", None, None),
        ("pnpm: 9.1.0", None, None),
        ("pnpm: *later", None, None),
        ("pnpm: [9.10]", None, None),
        ("pnpm: 9.10", "warning", "pnpm: '9.10'"),
        ("pnpm: 010", "warning", "pnpm: '010'"),
        ("pnpm: 1e3", None, None),
        ("pnpm: yes", "warning", "pnpm: 'yes'"),
        ("pnpm: 1_000", "warning", "pnpm: '1_000'"),
        ("pnpm: ''", "error", "pnpm: '*'"),
        ('pnpm: " "', "error", "pnpm: '*'"),
        ("pnpm:", "warning", None),
        ("pnpm: ~", "warning", None),
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
    # Only the quotes around a number are safe: they keep what was meant.
    assert all(fix.safe is (severity == "warning") for one in found for fix in one.fixes)


def test_a_version_behind_an_alias_is_reported_and_quoted_once() -> None:
    text = dependencies("      nodejs:\n        pnpm: &version 9.10\n        yarn: *version\n")
    (finding,) = findings(text, "dependency-version")
    assert apply_fix(text, finding) == text.replace("9.10", "'9.10'")


@pytest.mark.parametrize("kind", ["php", "nodejs"])
def test_only_composer_has_repositories_and_requirements(kind: str) -> None:
    more = "require: {a/b: 2.10}\n        repositories: [{type: vcs, url: x}]\n"
    text = dependencies(f"      {kind}:\n        {more}")
    expected = [("2.10", "warning")] if kind == "php" else []
    assert said(text, "dependency-version") == expected
