"""The nodes that lead to a place in a file. Works in broken and unfinished text too, with what could be read of it."""

from __future__ import annotations

from bisect import bisect_right

from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Include, Mapping, Node, Pair, Region, Sequence
from upsun_schema.yaml.text import Span

__all__ = ["Step", "encloses", "extent", "path_at"]


class Step(NamedTuple):
    """A node on the way to a place, and how it is reached from the one before.

    `pair` is the pair whose key or value it is, `item` its index (from 0) in a list. The root of a file has neither,
    nor has the argument of an include.
    """

    node: Node
    pair: Pair | None = None
    item: int | None = None

    @property
    def is_key(self) -> bool:
        """Whether the node is a key: the place is on it, or directly behind it."""
        return self.pair is not None and self.node is self.pair.key


def path_at(document: Document, offset: int) -> list[Step]:
    """The nodes that lead to an offset (code points) of a file, from the root down. Aliases are not followed.

    Each is the last in the one before that begins at or before the place. Where they end is not looked at: the place
    may be past the end of the last ones.
    """
    steps: list[Step] = []
    step = None if document.root is None else Step(document.root)
    while step is not None:
        steps.append(step)
        step = None if step.is_key else _below(document, step.node, offset)
    return steps


def _below(document: Document, node: Node, offset: int) -> Step | None:
    def start(below: Node) -> int:
        span = document.span(Region(below.piece, below.outer, below.outer))
        return 0 if span is None else span.start

    if isinstance(node, Include):
        return Step(node.argument)
    if isinstance(node, Sequence):
        index = bisect_right(node.items, offset, key=start) - 1
        return None if index < 0 else Step(node.items[index], item=index)
    if not isinstance(node, Mapping):
        return None
    index = bisect_right(node.pairs, offset, key=lambda pair: start(pair.key)) - 1
    if index < 0:
        return None
    pair = node.pairs[index]
    key = document.span(pair.key.region)
    return Step(pair.key if key is not None and offset <= key.end else pair.value, pair)


def extent(document: Document, node: Node) -> Span | None:
    """Where a node begins and ends in a file, over pieces; None where it belongs to another file."""
    span = document.span(node.region)
    if span is not None and isinstance(node, Mapping | Sequence) and not node.flow:
        return Span(_start(document, node), _end(document, node))
    return span


def encloses(document: Document, node: Node, offset: int) -> bool:
    """Whether an offset is in a node, or at one of its ends."""
    span = extent(document, node)
    return span is not None and span.start <= offset <= span.end


def _start(document: Document, node: Mapping | Sequence) -> int:
    first = (node.pairs[0].key if node.pairs else node) if isinstance(node, Mapping) else (node.items or [node])[0]
    span = document.span(first.region)
    return span.start if span is not None else 0


def _end(document: Document, node: Node) -> int:
    """Where a node ends, over pieces: a section ends where its last entry does."""
    while isinstance(node, Mapping | Sequence) and not node.flow:
        below = node.pairs[-1].value if isinstance(node, Mapping) and node.pairs else None
        if isinstance(node, Sequence) and node.items:
            below = node.items[-1]
        if below is None:
            break
        inner = document.span(below.region)
        if inner is None:
            break
        if not isinstance(below, Mapping | Sequence) or below.flow:
            return inner.end
        node = below
    span = document.span(node.region)
    return span.end if span is not None else 0
