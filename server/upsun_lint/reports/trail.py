"""The keys that lead to a place in a file."""

from __future__ import annotations

from upsun_schema.document import Document
from upsun_schema.nodes import Mapping, Node, Pair, Sequence

__all__ = ["trail"]


def trail(document: Document, offset: int) -> list[str]:
    """Return the names above a place (a code-point offset), outermost first; `applications` goes without saying.

    A key is not above itself.
    """
    names: list[str] = []
    node = document.root
    while isinstance(node, Mapping | Sequence):
        if isinstance(node, Sequence):
            index = _last(node.items, document, offset)
            node = None if index is None else node.items[index]
            continue
        index = _last([pair.key for pair in node.pairs], document, offset)
        if index is None or _is_outside(document, node.pairs[index], offset):
            break
        names.append(node.pairs[index].name or "?")
        node = node.pairs[index].value
    return names[1:] if names[:1] == ["applications"] else names


def _last(nodes: list[Node], document: Document, offset: int) -> int | None:
    """Return the index of the last node that begins no later than an offset."""
    found = None
    for index, node in enumerate(nodes):
        span = document.span(node.region)
        if span is not None and span.start <= offset:
            found = index
    return found


def _is_outside(document: Document, pair: Pair, offset: int) -> bool:
    """Return whether a place after the beginning of a pair is not below it: in its key, or past its value."""
    key, whole = document.span(pair.key.region), document.span(pair.region)
    in_key = key is not None and offset < max(key.end, key.start + 1)
    # Where a map or a list ends is for what is in it to say.
    is_single = not isinstance(pair.value, Mapping | Sequence)
    return in_key or (is_single and whole is not None and offset > whole.end)
