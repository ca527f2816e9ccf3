"""Folding: the parts of a file that take several lines."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from upsun_lint.lsp.session.cursor import last_of
from upsun_lint.lsp.session.requests import Request
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Mapping, Node, Piece, Scalar, Sequence
from upsun_schema.yaml.text import Position, Span
from upsun_schema.yaml.walking import walk

__all__ = ["folding_ranges"]


class _Fold(NamedTuple):
    """A part of a piece that can be folded. Braces and brackets stay visible."""

    start: int
    end: int
    in_flow: bool = False


def folding_ranges(request: Request, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    """The maps, lists, block texts and comment blocks of a file that take several lines."""
    lines = request.document.lines
    found: dict[int, types.FoldingRange] = {}
    for base, fold in _folds(request.document):
        first, last = lines.position(base + fold.start).line, lines.position(base + fold.end).line
        # A client shows only one of two that start on the same line.
        if last > first and (first not in found or found[first].end_line < last):
            found[first] = _flow(request, base, fold) if fold.in_flow else types.FoldingRange(first, last)
    for first, last in _comment_runs(request.document):
        found[first] = types.FoldingRange(first, last, kind=types.FoldingRangeKind.Comment)
    return [found[line] for line in sorted(found) if found[line].end_line > line]


def _flow(request: Request, base: int, fold: _Fold) -> types.FoldingRange:
    """The inside of a collection in braces or brackets; for a client that folds lines, without its last."""
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
        # A section whose entries are separate pieces.
        if start is not None and end is not None and last_of(pair).piece is not pair.key.piece:
            yield 0, _Fold(start.start, end.end)


def _folds_in(piece: Piece) -> list[_Fold]:
    """What can be folded in a piece, found once."""
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
    """The first and last line of each comment block."""
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
