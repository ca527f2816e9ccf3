"""What belongs together: the parts of a file that can be folded, and those a selection grows over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lsprotocol import types

from upsun_lint.lsp.session.requests import Answer, Request
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Mapping, Node, Pair, Piece, Region, Scalar, Sequence
from upsun_schema.yaml.path import extent, path_at
from upsun_schema.yaml.text import Position, Span
from upsun_schema.yaml.walking import walk

__all__ = ["FEATURES", "folding_ranges", "last_of", "selection_ranges"]

_WORD = re.compile(r"\w[\w-]*")


def last_of(pair: Pair) -> Region:
    """Return the last thing in a pair; the last entry of a section may be in another piece than its head."""
    node = pair.value
    while isinstance(node, Mapping | Sequence) and not node.flow:
        if isinstance(node, Sequence):
            if not node.items:
                break
            node = node.items[-1]
        elif node.pairs:
            pair = node.pairs[-1]
            node = pair.value
        else:
            break
    return node.region if node.piece is pair.key.piece and node.end >= pair.key.end else pair.key.region


# -- folding ---------------------------------------------------------------------------------------------------------


class _Fold(NamedTuple):
    """A stretch of a piece that can be folded; of a collection in braces or brackets these stay visible."""

    start: int
    end: int
    in_flow: bool = False


def folding_ranges(request: Request, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    """Return the maps, lists, texts and runs of comments of a file that take several lines."""
    lines = request.document.lines
    found: dict[int, types.FoldingRange] = {}
    for base, fold in _folds(request.document):
        first, last = lines.position(base + fold.start).line, lines.position(base + fold.end).line
        # Of two that begin on a line, a client can show one.
        if last > first and (first not in found or found[first].end_line < last):
            found[first] = _flow(request, base, fold) if fold.in_flow else types.FoldingRange(first, last)
    for first, last in _comment_runs(request.document):
        found[first] = types.FoldingRange(first, last, kind=types.FoldingRangeKind.Comment)
    return [found[line] for line in sorted(found) if found[line].end_line > line]


def _flow(request: Request, base: int, fold: _Fold) -> types.FoldingRange:
    """Return the inside of a collection in braces or brackets; for a client that folds lines, without its last."""
    lines = request.document.lines
    inside = request.units.range(lines, Span(base + fold.start + 1, base + fold.end - 1))
    if request.client.lines_fold_only:
        before = lines.line(inside.end.line)[: lines.position(base + fold.end - 1).column]
        return types.FoldingRange(inside.start.line, inside.end.line - (not before.strip()))
    return types.FoldingRange(
        inside.start.line, inside.end.line, start_character=inside.start.character, end_character=inside.end.character
    )


def _folds(document: Document) -> Iterator[tuple[int, _Fold]]:
    """Yield what can be folded, each with where in the file its piece begins."""
    for base, piece in document.pieces:
        for fold in _folds_in(piece):
            yield base, fold
    for pair in document.root.pairs if isinstance(document.root, Mapping) else ():
        start, end = document.span(pair.key.region), document.span(last_of(pair))
        # A section whose entries are pieces of their own.
        if start is not None and end is not None and last_of(pair).piece is not pair.key.piece:
            yield 0, _Fold(start.start, end.end)


def _folds_in(piece: Piece) -> list[_Fold]:
    """What can be folded in a piece; looked for once."""
    return remembered(piece, "folds", None, lambda: list(_find_folds(piece)))


def _find_folds(piece: Piece) -> Iterator[_Fold]:
    for node in walk(piece.root):
        if isinstance(node, Mapping):
            for pair in node.pairs:
                yield from _fold(pair.value, pair.key.outer, last_of(pair).end)
        elif isinstance(node, Sequence):
            for item in node.items:
                if not isinstance(item, Scalar):
                    yield from _fold(item, item.start, item.end)


def _fold(node: Node, start: int, end: int) -> Iterator[_Fold]:
    if "\n" in node.piece.text[start:end]:
        is_flow = isinstance(node, Mapping | Sequence) and node.flow
        yield _Fold(node.start, node.end, in_flow=True) if is_flow else _Fold(start, end)


def _comment_runs(document: Document) -> Iterator[tuple[int, int]]:
    """Yield the first and the last line of each run of lines that hold nothing but comments."""
    first = last = -2
    for comment in document.comments:
        span = document.span(comment.region)
        line, column = document.lines.position(span.start) if span is not None else Position(-2, 0)
        if document.lines.line(line)[:column].strip(" \t\ufeff"):
            continue
        if line != last + 1:
            if last > first:
                yield first, last
            first = line
        last = line
    if last > first:
        yield first, last


# -- selection -------------------------------------------------------------------------------------------------------


def selection_ranges(request: Request, params: types.SelectionRangeParams) -> list[types.SelectionRange]:
    """Return, for each position, what encloses it: word, value, pair, map and so on up to the file."""
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
    """Yield what is around a place, the largest first; some of it may lie beside the place."""
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
    """Yield the text of a scalar without its quotes, or without the sign that a block begins with, and its line."""
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


FEATURES: tuple[tuple[str, Answer, object | None], ...] = (
    (types.TEXT_DOCUMENT_FOLDING_RANGE, folding_ranges, None),
    (types.TEXT_DOCUMENT_SELECTION_RANGE, selection_ranges, None),
)
"""Method, function, and the options announced to the client."""
