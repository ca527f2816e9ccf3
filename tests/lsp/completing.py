"""Requests completion at a mark in a text, and accepts an offer as an editor does."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from tests.lsp.session import CONFIG, Session
from upsun_lint.lsp.features.completion import complete
from upsun_lint.lsp.session.client import Client
from upsun_lint.lsp.session.editor_settings import Features
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.requests import Request
from upsun_lint.lsp.session.workspace import Workspace
from upsun_schema.images.table import Images
from upsun_schema.yaml.text import LineTable

__all__ = ["MARK", "Editor", "accepted", "filled", "offered", "split"]

MARK = "‸"
"""Marks the cursor in a text."""


def split(marked: str) -> tuple[str, int]:
    """A text without its mark, and where that was."""
    offset = marked.index(MARK)
    return marked[:offset] + marked[offset + 1 :], offset


async def offered(
    editor: Session, marked: str, path: str = CONFIG, *, typed: str | None = None
) -> dict[str, types.CompletionItem]:
    """What a real server offers at the mark, by label; `typed` is the character that made the editor ask."""
    text, offset = split(marked)
    if path in editor.texts:
        editor.change(text, path)
    else:
        editor.open(text, path)
    position = editor.units.position(LineTable(text), offset)
    kind = types.CompletionTriggerKind.TriggerCharacter if typed else types.CompletionTriggerKind.Invoked
    params = types.CompletionParams(editor.identifier(path), position, types.CompletionContext(kind, typed))
    found = await editor.client.text_document_completion_async(params)
    if found is None:
        return {}
    assert isinstance(found, types.CompletionList)
    assert not found.is_incomplete
    labels = [item.label for item in found.items]
    sorts = [item.sort_text or item.label for item in found.items]
    assert sorts == sorted(sorts), "an editor would show them in another order"
    assert len(found.items) == len({(item.label, item.kind) for item in found.items}), labels
    return {item.label: item for item in found.items}


def accepted(text: str, item: types.CompletionItem, units: Units) -> str:
    """A text after an item was accepted, the placeholders of a snippet left at their defaults."""
    assert isinstance(item.text_edit, types.TextEdit)
    range_ = item.text_edit.range
    assert range_.start.line == range_.end.line, "the protocol allows one line only"
    start, end = units.span(LineTable(text), range_)
    new = item.text_edit.new_text
    if item.insert_text_format == types.InsertTextFormat.Snippet:
        before = text[text.rfind("\n", 0, start) + 1 : start]
        lead = before[: len(before) - len(before.lstrip(" "))]
        new = filled(new).replace("\n", "\n" + lead)
    return text[:start] + new + text[end:]


def filled(snippet: str) -> str:
    """A snippet with the defaults of its placeholders, read by the grammar of the protocol."""
    return "".join(_filled(iter(snippet)))


def _filled(chars: Iterator[str], end: str = "") -> Iterator[str]:
    for char in chars:
        if char == "\\":
            yield next(chars)
        elif char == "$":
            yield from _placeholder(chars)
        elif char == end:
            return
        else:
            assert char != "}" or not end
            yield char


def _placeholder(chars: Iterator[str]) -> Iterator[str]:
    first = next(chars)
    if first != "{":
        assert first.isdigit(), "a dollar sign that is no placeholder has to be escaped"
        return
    assert next(chars).isdigit()
    kind = next(chars)
    if kind == ":":
        yield from _filled(chars, "}")
    elif kind == "|":
        choices = "".join(iter(lambda: next(chars), "|"))
        assert next(chars) == "}"
        yield choices.split(",")[0]
    else:
        assert kind == "}"


class Editor:
    """A server's answers without a server: for thousands of questions."""

    def __init__(self, *, snippets: bool) -> None:
        self.client = Client(snippets=snippets, completion_markdown=snippets)
        self.units = Units("utf-16")
        self.workspace = Workspace(Images.embedded())
        self.uri = "file:///nowhere/project/.upsun/config.yaml"

    def items(self, text: str, offset: int) -> list[types.CompletionItem]:
        """What is offered at an offset of a text."""
        self.workspace.open(self.uri, text, 1)
        view = self.workspace.view(self.uri)
        assert view is not None
        request = Request(self.workspace, view.project, view.document, self.units, self.client, Features())
        position = self.units.position(view.document.lines, offset)
        found = complete(request, types.CompletionParams(types.TextDocumentIdentifier(self.uri), position))
        return [] if found is None else list(found.items)
