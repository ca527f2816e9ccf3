"""What is at a place in a file: the keys that lead to it, the node, and what is around it.

It also works in broken and unfinished text, with the part of the tree that could be read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from upsun_schema.configuration.project import Project
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Include, Mapping, Node, Pair, Region, Sequence
from upsun_schema.yaml.text import Span

__all__ = ["Cursor", "cursor_at", "extent", "included_at", "last_of"]


@dataclass(slots=True)
class Cursor:
    """A place in the tree.

    `path` are the keys that lead to it (positions for items of lists). `pair` is the innermost pair that encloses it,
    `on_key` whether it is on the key; `node` is the innermost node. `parents` are the maps on the way, outermost
    first; the last holds `pair`. `pairs` are the pairs on the way, outermost first, one for each name in `path`.
    """

    offset: int
    path: list[str | int] = field(default_factory=list)
    pair: Pair | None = None
    on_key: bool = False
    node: Node | None = None
    parents: list[Mapping] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)

    @property
    def keys(self) -> tuple[str, ...]:
        """The path as names; positions in lists as text."""
        return tuple(str(step) for step in self.path)


def cursor_at(document: Document, offset: int) -> Cursor:
    """What is at an offset (code points) of a file."""
    cursor = Cursor(offset)
    node = document.root
    while node is not None:
        cursor.node = node
        node = _step(document, node, offset, cursor)
    return cursor


def included_at(project: Project, document: Document) -> tuple[str, ...]:
    """The keys that lead to the place where a file is included; empty for a file that is not included.

    If several places include it, the first one counts.
    """
    if document.path in project.documents or document.root is None:
        return ()
    for other in project.all_documents:
        found = _path_of(other.root, document.root, ()) if other is not document else None
        if found is not None:
            return (*included_at(project, other), *found)
    return ()


def _path_of(node: Node | None, wanted: Node, path: tuple[str, ...]) -> tuple[str, ...] | None:
    """The keys that lead from a node to the include of another one."""
    if isinstance(node, Include):
        return path if node.target is wanted else None
    steps: list[tuple[str, Node]] = []
    if isinstance(node, Mapping):
        steps = [(pair.name or "", pair.value) for pair in node.pairs]
    elif isinstance(node, Sequence):
        steps = [(str(index), item) for index, item in enumerate(node.items)]
    found = (_path_of(below, wanted, (*path, name)) for name, below in steps)
    return next((path for path in found if path is not None), None)


def _step(document: Document, node: Node, offset: int, cursor: Cursor) -> Node | None:
    """Go one level down; None if nothing below encloses the place."""
    if isinstance(node, Include):
        return node.argument if isinstance(node.argument, Mapping) else None
    if isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            if _encloses(document, item, offset):
                cursor.path.append(index)
                return item
        return None
    if not isinstance(node, Mapping):
        return None
    cursor.parents.append(node)
    for pair in _candidates(document, node, offset):
        key = document.span(pair.key.region)
        if key is not None and key.start <= offset <= key.end:
            cursor.path.append(pair.name or "")
            cursor.pairs.append(pair)
            cursor.pair, cursor.on_key, cursor.node = pair, True, pair.key
            return None
        if _encloses(document, pair.value, offset):
            cursor.path.append(pair.name or "")
            cursor.pairs.append(pair)
            cursor.pair, cursor.on_key = pair, False
            return pair.value
    return None


def _candidates(document: Document, node: Mapping, offset: int) -> list[Pair]:
    """The last pair that starts at or before the place: no other can enclose it."""
    best: Pair | None = None
    best_start = -1
    for pair in node.pairs:
        span = document.span(pair.key.region)
        if span is not None and best_start < span.start <= offset:
            best, best_start = pair, span.start
    return [] if best is None else [best]


def extent(document: Document, node: Node) -> Span | None:
    """The span of a node in a file, across pieces; None if it is in another file."""
    span = document.span(node.region)
    if span is not None and isinstance(node, Mapping | Sequence) and not node.flow:
        return Span(_start(document, node), _end(document, node))
    return span


def last_of(pair: Pair) -> Region:
    """The last thing in a pair. The last entry of a section may be in another piece than its key."""
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


def _encloses(document: Document, node: Node, offset: int) -> bool:
    span = document.span(node.region)
    if span is None:
        return False
    if isinstance(node, Mapping | Sequence) and not node.flow:
        return _start(document, node) <= offset <= _end(document, node)
    return span.start <= offset <= span.end


def _start(document: Document, node: Mapping | Sequence) -> int:
    first = (node.pairs[0].key if node.pairs else node) if isinstance(node, Mapping) else (node.items or [node])[0]
    span = document.span(first.region)
    return span.start if span is not None else 0


def _end(document: Document, node: Node) -> int:
    """The end of a node, across pieces: a section ends with its last entry."""
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
