from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.server.command import upsun_lint
from upsun_lint.reports import explanation
from upsun_lint.writing.terminal import PLAIN, Terminal, width
from upsun_rules.catalog import all_rules
from upsun_rules.finding import Finding, Severity
from upsun_rules.rule import Rule, rule
from upsun_schema.configuration.model import Service

TOPIC = "Tests"
"""The heading of the rules that this file defines."""


def documented(text: str) -> Rule:
    def some_rule(service: Service) -> Iterator[Finding]:
        yield from ()

    some_rule.__doc__ = text
    return rule("some-rule", Severity.WARNING, docs="some/page")(some_rule)


def test_documentation_is_rendered() -> None:
    documentation = documented(
        """A thing is wrong.

    It has `code`, **strong words** and [a link](https://docs.example/), and so many words that they do not fit on
    one line.

    - one item
    - another item that goes on and on and on and on and on and on and on and on and on and on
      below itself

    ```yaml title="wrong"
    a:

      b: {}
    ```

    ```yaml title="right"
    a: {}
    ```
    """
    )
    assert explanation.explain(documentation, PLAIN) == (
        "some-rule (warning)\n"
        "\n"
        "A thing is wrong.\n"
        "\n"
        "It has `code`, **strong words** and [a link](https://docs.example/), and so\n"
        "many words that they do not fit on one line.\n"
        "\n"
        "- one item\n"
        "- another item that goes on and on and on and on and on and on and on and on\n"
        "  and on and on below itself\n"
        "\n"
        "wrong:\n"
        "  │ a:\n"
        "  │\n"
        "  │   b: {}\n"
        "\n"
        "right:\n"
        "  │ a: {}\n"
        "\n"
        "docs: https://developer.upsun.com/docs/some/page\n"
        "suppress: # upsun-lint: ignore[some-rule] reason\n"
    )
    painted = explanation.explain(documentation, Terminal(color=True, links=True))
    assert "\x1b[36mcode\x1b[0m" in painted
    assert "\x1b[1mstrong words\x1b[0m" in painted
    assert "\x1b]8;;https://docs.example/\x1b\\a link\x1b]8;;\x1b\\" in painted


@pytest.mark.parametrize("slug", all_rules())
def test_every_rule_is_explained_in_80_columns(slug: str) -> None:
    ran = upsun_lint("explain", slug)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith(f"{slug} (")
    prose = [line for line in ran.out.splitlines() if not line.startswith(("  │", "docs: ", "suppress: "))]
    assert max(map(width, prose)) <= 80
    assert "```" not in ran.out
    assert "\n\n\n" not in ran.out


def test_rules_are_listed_one_a_line() -> None:
    lines = upsun_lint("rules").out.splitlines()
    for slug, one in all_rules().items():
        assert any(line.split() == [one.severity.label, slug, *one.title.split()] for line in lines)


def test_rules_as_json() -> None:
    found = json.loads(upsun_lint("rules", "--format", "json").out)
    assert [entry["rule"] for entry in found] == list(all_rules())
    assert set(found[0]) == {"rule", "topic", "severity", "title", "documentation", "url"}


def test_rules_as_markdown() -> None:
    page = upsun_lint("rules", "--format", "markdown").out
    for slug, one in all_rules().items():
        assert f"\n## {slug}\n" in page
        assert f"(#{slug}) | {one.severity.label} | {one.title} |\n" in page


def test_the_schema_is_printed() -> None:
    assert json.loads(upsun_lint("schema").out)["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_the_current_images(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    ran = upsun_lint("images")
    assert ran.status == 0
    assert "(included in upsun-lint)" in ran.out
    ran = upsun_lint("images", "update", "--source", "http://127.0.0.1:1")
    assert (ran.status, ran.out) == (2, "")
    assert "is still used" in ran.err
    assert ran.err.count("\n") == 1
