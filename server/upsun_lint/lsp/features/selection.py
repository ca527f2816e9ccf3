"""Selection: what a selection grows over, from the word to the whole file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types

from upsun_lint.lsp.session.cursor import extent, last_of
from upsun_lint.lsp.session.requests import Request
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Include, Mapping, Node, Pair, Scalar, Sequence
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
    node = document.root
    while node is not None:
        found = extent(document, node)
        if found is None:
            break
        yield found
        if isinstance(node, Mapping):
            pair = _last_before(document, node, offset)
            if pair is None:
                break
            yield from _pair(document, pair)
            key = document.span(pair.key.region)
            node = pair.key if key is not None and offset <= key.end else pair.value
        elif isinstance(node, Sequence):
            inside = (item for item in node.items if _encloses(document, item, offset))
            node = next(inside, None)
        elif isinstance(node, Include):
            node = node.path_node
        else:
            yield from _in_text(document, node, found, offset)
            break
    yield from _comment(document, offset)
    yield from _word(document, offset)


def _last_before(document: Document, mapping: Mapping, offset: int) -> Pair | None:
    best: Pair | None = None
    for pair in mapping.pairs:
        span = document.span(pair.key.region)
        if span is not None and span.start <= offset:
            best = pair
    return best


def _pair(document: Document, pair: Pair) -> Iterator[Span]:
    start, end = document.span(pair.key.region), document.span(last_of(pair))
    if start is not None and end is not None:
        yield Span(start.start, max(start.end, end.end))


def _encloses(document: Document, node: Node, offset: int) -> bool:
    span = extent(document, node)
    return span is not None and span.start <= offset <= span.end


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
