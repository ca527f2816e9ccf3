"""Selection: what a selection grows over, from the word to the whole file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types

from upsun_lint.lsp.session.cursor import last_of
from upsun_lint.lsp.session.requests import Request
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Node, Pair, Scalar
from upsun_schema.yaml.path import extent, path_at
from upsun_schema.yaml.text import Span

__all__ = ["selection_ranges"]

_WORD = re.compile(r"\w[\w-]*")


def selection_ranges(request: Request, params: types.SelectionRangeParams) -> list[types.SelectionRange]:
    """For each position the ranges around it: word, value, pair, map and so on up to the file."""
    return [_selection_range(request, request.offset(position)) for position in params.positions]


def _selection_range(request: Request, offset: int) -> types.SelectionRange:
    whole = Span(0, len(request.document.text))
    found = types.SelectionRange(request.range(whole))
    for span in _around(request.document, offset):
        if span != whole and whole.start <= span.start <= offset <= span.end <= whole.end:
            whole = span
            found = types.SelectionRange(request.range(span), found)
    return found


def _around(document: Document, offset: int) -> Iterator[Span]:
    """Candidates for the spans around a place, the largest first; some do not include the place."""
    for step in path_at(document, offset):
        found = extent(document, step.node)
        if found is None or (step.item is not None and not found.start <= offset <= found.end):
            break
        if step.pair is not None:
            yield from _pair(document, step.pair)
        yield found
        yield from _in_text(document, step.node, found, offset)
    yield from _comment(document, offset)
    yield from _word(document, offset)


def _pair(document: Document, pair: Pair) -> Iterator[Span]:
    start, end = document.span(pair.key.region), document.span(last_of(pair))
    if start is not None and end is not None:
        yield Span(start.start, max(start.end, end.end))


def _in_text(document: Document, node: Node, span: Span, offset: int) -> Iterator[Span]:
    """The text of a scalar without its quotes or its `|` or `>`, and the line."""
    if not isinstance(node, Scalar):
        return
    if node.style in ("'", '"'):
        yield Span(span.start + 1, span.end - 1)
    if node.style in ("|", ">"):
        first = document.lines.position(span.start).line + 1
        if first < len(document.lines):
            yield Span(document.lines.span(first).start, span.end)
    if "\n" in node.source:
        line = document.lines.position(offset).line
        start, end = document.lines.span(line)
        yield Span(start + len(document.lines.line(line)) - len(document.lines.line(line).lstrip()), end)


def _comment(document: Document, offset: int) -> Iterator[Span]:
    for comment in document.comments:
        span = document.span(comment.region)
        if span is not None and span.start <= offset <= span.end:
            yield span


def _word(document: Document, offset: int) -> Iterator[Span]:
    start, end = document.lines.span(document.lines.position(offset).line)
    for match in _WORD.finditer(document.text, start, end):
        if match.start() <= offset <= match.end():
            yield Span(match.start(), match.end())
            return
