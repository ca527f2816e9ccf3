"""A tree as plain data, for comparing trees and for reading them in a failed test."""

from __future__ import annotations

from typing import Any

from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Alias, Include, Mapping, Node, Scalar, Sequence


def dump(node: Node | None) -> Any:
    """A tree with the place of everything that has its own text (synthetic maps have none)."""
    if node is None:
        return None
    if isinstance(node, Mapping):
        return ("map", node.tag, node.anchor, [(dump(pair.key), dump(pair.value)) for pair in node.pairs])
    if isinstance(node, Sequence):
        return ("list", node.tag, node.anchor, [dump(item) for item in node.items])
    if isinstance(node, Include):
        return ("include", node.tag, dump(node.argument))
    if isinstance(node, Alias):
        return ("alias", node.name, node.target is not None, node.source)
    assert isinstance(node, Scalar)
    return ("scalar", node.text, node.style, node.tag, node.anchor, node.source)


def located(document: Document) -> Any:
    """The scalars and aliases of a document with their absolute spans."""
    found = []
    stack: list[Node | None] = [document.root]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            for pair in node.pairs:
                stack += [pair.key, pair.value]
        elif isinstance(node, Sequence):
            stack += node.items
        elif isinstance(node, Include):
            stack.append(node.argument)
        elif node is not None:
            span = document.span(node.region)
            assert span is not None
            found.append((span.start, span.end, node.source))
    return sorted(found)


def paths(node: Node | None) -> set[tuple[str | int, ...]]:
    """Every path of keys and list positions in a tree."""
    found: set[tuple[str | int, ...]] = set()

    def walk(node: Node | None, path: tuple[str | int, ...]) -> None:
        if isinstance(node, Mapping):
            for pair in node.pairs:
                found.add((*path, pair.name or "?"))
                walk(pair.value, (*path, pair.name or "?"))
        elif isinstance(node, Sequence):
            for index, item in enumerate(node.items):
                walk(item, (*path, index))

    walk(node, ())
    return found
