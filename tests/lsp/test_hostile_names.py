"""Text of a user is never sent to the client as Markdown, HTML, or control characters."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.lsp.nursery import command
from tests.lsp.raw import Raw
from upsun_schema.keys.shape import DOCS_BASE

# In double quotes of YAML, where its escapes hold.
HOSTILE = (
    "![x](https://e.example/p.png)",
    "[x](command:evil) https://e.example www.e.example a@e.example",
    "<img src=https://e.example/p.png> <b>x</b> <!-- x",
    "`![x](https://e.example/p.png)",
    "``` ![x](https://e.example/p.png)",
    "a\\\\|![x](https://e.example/p.png)|b",
    "\\n\\n# ![x](https://e.example/p.png)\\n",
    "\\e[31mred\\a\\x7f\\e]8;;https://e.example\\e\\\\",
    "\\u202Eabc\\u2066\\u200B\\uFEFF",
    "**x** _y_ ~~z~~ $(alert) | &lt;b&gt;",
)
PROJECT = """\
.base: &base
  variables: {env: {"X@": "@"}}
applications:
  "@":
    type: "@"
    source: {root: "@"}
    timezone: "@"
    relationships: {"@": "@:@", "two": {service: "@", endpoint: "@"}, "db": "s@"}
    mounts: {"@": {source: service, service: "@", source_path: "@"}, "m@": {source: storage, source_path: "@"}}
    variables: {env: {"@": "@"}, "@": {"@": "@"}, php: {"@": "@"}}
    hooks: {build: "@", deploy: "@"}
    web: {commands: {start: "@"}, locations: {"@": {root: "@"}}}
    crons:
      "@": {spec: "@", commands: {start: "@", stop: "@"}}
      "c@": {spec: "* * * * @", commands: {start: "php x @"}}
      "d@": {spec: "@ 1 2 3 4", cmd: "@"}
    workers:
      "@":
        <<: *base
        commands: {start: "@"}
        relationships: {"@": "@"}
        mounts: {"@": {source: "@"}}
        "@": "@"
      "w@":
        commands: {start: "trap '@' TERM; php artisan queue:work @"}
        variables: {env: {"@": "@"}}
  "y@":
    type: "php:@"
    stack: {runtimes: ["@", "php@8.4"]}
    runtime: {extensions: ["@"]}
    source: {root: /}
    workers: {"w@": {commands: {start: "@ &"}}}
    "@": *nowhere
services:
  "s@": {type: "mariadb:@", configuration: {"@": "@"}}
  "n@": {type: "network-storage:1.0", "@": "@"}
  "@": {type: "@"}
routes:
  "https://@/": {type: upstream, upstream: "@:http"}
  "@": {type: redirect, to: "@"}
"@": "@"
"""


def project(hostile: str) -> str:
    return PROJECT.replace("@", hostile)


# -- what a text would do ----------------------------------------------------------------------------------------------


# What a backslash protects stays a separate token: readers make no link across it.
_READER = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("text_join")


def _tokens(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _tokens(token.children or [])


def acts_on_a_screen(text: str) -> list[str]:
    """The characters that would act on a screen, or could not be seen."""
    return [
        char for char in text if char not in "\n\t" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ]


def does_something(markdown: str) -> list[str]:
    """What of a Markdown text would be more than words of ours."""
    found = acts_on_a_screen(markdown)
    for token in _tokens(_READER.parse(markdown)):
        if token.type in ("image", "html_inline", "html_block", "s_open"):
            found.append(f"{token.type}: {token.content}")
        if token.type == "link_open" and not re.match(rf"file:///|{re.escape(DOCS_BASE)}", str(token.attrs["href"])):
            found.append(f"link: {token.attrs}")
        # Where Markdown has no mark, some readers make a link of what looks like one.
        if token.type == "text" and re.search(r"https?://|www\.\w|command:\w|\w@\w", token.content):
            found.append(f"text: {token.content}")
    return found


def texts(answer: Any) -> Iterator[str]:
    """Yield every text of an answer that is shown to people."""
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, list):
        for one in answer:
            yield from texts(one)
    elif isinstance(answer, dict):
        for name, one in answer.items():
            # What is written into the file, or comes back to the server, is what the file holds.
            if name not in ("textEdit", "edit", "data", "filterText", "insertText", "uri", "target", "arguments"):
                yield from texts(one)


def markdown_in(answer: Any) -> Iterator[str]:
    if isinstance(answer, list):
        for one in answer:
            yield from markdown_in(one)
    elif isinstance(answer, dict):
        if answer.get("kind") == "markdown":
            yield answer["value"]
        for one in answer.values():
            yield from markdown_in(one)


# -- the tests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["markdown", "plaintext"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_every_answer_about_a_project_of_hostile_names(tmp_path: Path, hostile: str, form: str) -> None:
    text = project(hostile)
    uri = (tmp_path / ".upsun" / "config.yaml").as_uri()
    file = {"textDocument": {"uri": uri}}
    lines = text.split("\n")
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": len(lines), "character": 0}}
    with Raw(command()) as server:
        server.start(
            tmp_path,
            textDocument={
                "diagnostic": {"relatedInformation": True},
                "hover": {"contentFormat": [form]},
                "completion": {
                    "completionItem": {
                        "documentationFormat": [form],
                        "snippetSupport": True,
                        "labelDetailsSupport": True,
                    }
                },
                "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
                "documentLink": {"tooltipSupport": True},
                "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}},
            },
        )
        server.open(uri, text)
        asked = [
            ("textDocument/diagnostic", file),
            ("textDocument/documentSymbol", file),
            ("textDocument/codeLens", file),
            ("textDocument/documentLink", file),
            ("textDocument/inlayHint", {**file, "range": whole}),
            ("textDocument/codeAction", {**file, "range": whole, "context": {"diagnostics": []}}),
            ("workspace/symbol", {"query": ""}),
            ("workspace/executeCommand", {"command": "upsun-lint.topology", "arguments": [uri]}),
        ]
        for line, words in enumerate(lines):
            for match in re.finditer(r"[\w.&*<\"]+", words):
                place = {"line": line, "character": match.start() + 1}
                asked.append(("textDocument/hover", {**file, "position": place}))
            for match in re.finditer(r"[:{] ?", words):
                place = {"line": line, "character": match.end()}
                asked.append(("textDocument/completion", {**file, "position": place}))
        waiting = [(method, params, server.request(method, params)) for method, params in asked]
        checked = 0
        for method, params, identifier in waiting:
            answer = server.answer(identifier)
            assert "error" not in answer, (method, params, answer)
            for one in texts(answer.get("result")):
                assert not acts_on_a_screen(one), (method, params, one)
            for one in markdown_in(answer.get("result")):
                checked += 1
                assert not does_something(one), (method, params, one)
        assert (checked > 20) is (form == "markdown"), checked
        assert not acts_on_a_screen(json.dumps(server.pending(), ensure_ascii=False))


def test_the_checks_detect_hostile_text() -> None:
    for text in (
        "![x](https://e.example/p.png)",
        "[x](command:evil)",
        "<b>x</b>",
        "see https://e.example",
        "\x1b[31m",
        "\u202e",
        "| a |\n| --- |\n| `a\\| ![x](https://e.example) |",
    ):
        assert does_something(text), text
    assert not does_something("`![x](https://e.example/p.png)` and [`x`](file:///a#L3)")


def test_a_command_with_hidden_characters_is_not_offered_for_copying(tmp_path: Path) -> None:
    uri = (tmp_path / ".upsun" / "config.yaml").as_uri()
    text = 'applications: {app: {type: "php:8.4", workers: {"a\\x03b": {commands: {start: x}}, c: {commands: {start: x}}}}}'
    with Raw(command()) as server:
        server.start(tmp_path)
        server.open(uri, text)
        lenses = server.ask("textDocument/codeLens", {"textDocument": {"uri": uri}})["result"]
    assert [one["command"]["title"] for one in lenses if one["command"]["command"] == "upsun-lint.copy"] == [
        "copy upsun ssh --worker=c"
    ]
