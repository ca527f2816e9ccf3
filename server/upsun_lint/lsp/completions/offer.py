"""Completion items: what is offered, written with the quotes, colons and indentation that the place needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lsprotocol import types

from upsun_lint.lsp.completions.place import CompletionPlace
from upsun_lint.lsp.session.client import Client
from upsun_lint.lsp.session.markup import content
from upsun_lint.writing.quoting import visible
from upsun_schema.yaml.text import Span
from upsun_schema.yaml.writing import is_plain, quoted

__all__ = ["Entry", "Offer", "Value", "completion_item", "escaped", "filled"]

ItemKind = types.CompletionItemKind

_PLACEHOLDER = re.compile(r"\\([\\$}|,])|\$\{\d+:((?:[^\\}]|\\.)*)\}|\$\{\d+\|([^,|]*+)[^|]*+\|\}|\$\d+|\$\{\d+\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Something that could be written: `label` is shown, with `detail` beside it. `documentation` is Markdown.

    `goes_on` means that something else can be completed behind it.
    """

    label: str
    kind: types.CompletionItemKind
    detail: str = ""
    documentation: str = ""
    is_deprecated: bool = False
    goes_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Value(Offer):
    """A value. `text` is quoted if needed, but never if `is_literal` (true, 10, {})."""

    text: str
    is_literal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Offer):
    """A key and what follows its colon, as snippets. The lines of `block` are indented by two from the key.

    `flow` is used in braces; None if it cannot be written there. `bare` is used by editors without snippets; None for
    the whole `block` with its placeholders filled in. `is_snippet` means that the name itself is a snippet.
    """

    name: str
    block: str
    flow: str | None
    bare: str | None
    is_snippet: bool = False


def escaped(text: str) -> str:
    """A text with the special characters of snippets escaped."""
    return re.sub(r"([\\$}])", r"\\\1", text)


def filled(snippet: str) -> str:
    """A snippet as plain text, with the defaults of its placeholders."""
    return _PLACEHOLDER.sub(_default, snippet)


def _default(match: re.Match[str]) -> str:
    if match[1] is not None:
        return match[1]
    return re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3] or ""


_RangeOf = Callable[[Span], types.Range]


def completion_item(
    offer: Offer,
    place: CompletionPlace,
    range_of: Callable[[Span], types.Range],
    client: Client,
    rank: int,
    *,
    dash: bool,
) -> types.CompletionItem | None:
    """An offer as a completion item; None if it cannot be written at the place.

    `range_of` is the client's range of a span, `rank` the position in the list. With `dash`, the dash of a list item
    is written before it.
    """
    if isinstance(offer, Value):
        written_there = _value(offer, place)
    else:
        assert isinstance(offer, Entry)
        written_there = _entry(offer, place, snippets=client.snippets, column=place.column + 2 * dash)
    if written_there is None or (dash and place.quote) or visible(written_there, keep="\n\t") != written_there:
        return None
    is_snippet = isinstance(offer, Entry) and client.snippets
    text = f"{'- ' if dash else ''}{written_there}{',' if place.needs_comma else ''}"
    span = place.span
    if place.remark and "\n" in text:
        first, _, rest = text.partition("\n")
        text = f"{first}{escaped(place.remark) if is_snippet else place.remark}\n{rest}"
        span = Span(span.start, span.end + len(place.remark))
    matched = offer.text if isinstance(offer, Value) else filled(offer.name)
    if isinstance(offer, Entry) and matched != offer.label:
        matched = f"{matched} {offer.label}"
    if dash and place.typed.startswith("-"):
        matched = f"- {matched}"
    item = types.CompletionItem(
        label=visible(offer.label),
        kind=offer.kind,
        sort_text=f"{rank:04}",
        insert_text_format=types.InsertTextFormat.Snippet if is_snippet else types.InsertTextFormat.PlainText,
        text_edit=types.TextEdit(range_of(span), text),
    )
    if matched != offer.label:
        item.filter_text = matched
    _describe(item, offer, client)
    if offer.goes_on and client.suggest_command and not place.has_colon and place.below is None:
        item.command = types.Command("Suggest what follows", client.suggest_command)
    if client.insert_text_modes and "\n" in text:
        relative = types.InsertTextMode.AdjustIndentation
        item.insert_text_mode = relative if is_snippet else types.InsertTextMode.AsIs
    return item


def _describe(item: types.CompletionItem, offer: Offer, client: Client) -> None:
    if offer.detail:
        item.detail = visible(offer.detail)
        if client.completion_label_details:
            item.label_details = types.CompletionItemLabelDetails(description=item.detail)
    if offer.documentation:
        item.documentation = content(offer.documentation, as_markdown=client.completion_markdown)
    if offer.is_deprecated and client.completion_tags:
        item.tags = [types.CompletionItemTag.Deprecated]
    elif offer.is_deprecated and client.completion_deprecated:
        item.deprecated = True


def _value(value: Value, place: CompletionPlace) -> str | None:
    if place.quote:
        return None if value.is_literal else _inside(value.text, place.quote)
    if value.is_literal:
        return value.text
    return value.text if is_plain(value.text, in_flow=place.is_flow) else quoted(value.text)


def _entry(entry: Entry, place: CompletionPlace, *, snippets: bool, column: int) -> str | None:
    """A key and what follows it, as a snippet or as plain text."""
    if place.is_flow and entry.flow is None:
        return None
    name = filled(entry.name)
    bare = name if is_plain(name, in_flow=True) else quoted(name)
    key = _inside(name, place.quote) if place.quote else bare
    if entry.is_snippet and snippets and key == name:
        key = entry.name
    elif snippets:
        key = escaped(key)
    if place.has_colon:
        return key
    if place.below is not None:
        return f"{key}:"
    if place.is_flow:
        rest = entry.flow or ""
        return f"{key}:{rest if snippets else filled(rest)}"
    if snippets:
        # The editor adds the indentation of the line that the snippet begins on.
        return f"{key}:{_indented(entry.block, column - place.lead, place.step)}"
    return f"{key}:{entry.bare if entry.bare is not None else _indented(filled(entry.block), column, place.step)}"


def _indented(block: str, column: int, step: int) -> str:
    """A block with all lines but the first indented from a column, in the step of the file."""

    def deeper(match: re.Match[str]) -> str:
        levels, rest = divmod(len(match[1]), 2)
        return "\n" + " " * (column + levels * step + rest)

    return re.sub(r"\n( *)", deeper, block)


def _inside(text: str, quote: str) -> str:
    """A text and its closing quote, where the opening one is written already."""
    return quoted(text, quote)[1:]
