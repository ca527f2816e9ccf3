"""The keys above a place in a file."""

from __future__ import annotations

from bisect import bisect_right

from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Mapping, Node, Pair, Sequence

__all__ = ["trail"]


def trail(document: Document, offset: int) -> list[str]:
    """The names of the keys above a place (a code-point offset), outermost first, without `applications`.

    A key is not above itself.
    """

    def start(node: Node) -> int:
        span = document.span(node.region)
        return 0 if span is None else span.start

    names: list[str] = []
    node = document.root
    while isinstance(node, Mapping | Sequence):
        # The node that contains the place is the last one that begins before it; nodes are in the order of the file.
        if isinstance(node, Sequence):
            index = bisect_right(node.items, offset, key=start) - 1
            node = None if index < 0 else node.items[index]
            continue
        index = bisect_right(node.pairs, offset, key=lambda pair: start(pair.key)) - 1
        if index < 0 or _is_outside(document, node.pairs[index], offset):
            break
        names.append(node.pairs[index].name or "?")
        node = node.pairs[index].value
    return names[1:] if names[:1] == ["applications"] else names


def _is_outside(document: Document, pair: Pair, offset: int) -> bool:
    """Whether a place after the beginning of a pair is in its key, or past its value."""
    key, whole = document.span(pair.key.region), document.span(pair.region)
    in_key = key is not None and offset < max(key.end, key.start + 1)
    # The end of a map or a list is decided by its last child.
    is_single = not isinstance(pair.value, Mapping | Sequence)
    return in_key or (is_single and whole is not None and offset > whole.end)
