"""What is at a place in a file: the keys that lead to it, the node, and what is around it.

It also works in broken and unfinished text, with the part of the tree that could be read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from upsun_schema.configuration.project import Project
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Include, Mapping, Node, Pair, Region, Sequence
from upsun_schema.yaml.path import encloses, path_at

__all__ = ["Cursor", "cursor_at", "included_at", "last_of"]


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
    for step in path_at(document, offset):
        node, pair = step.node, step.pair
        is_inside = step.is_key or (pair is None and step.item is None) or encloses(document, node, offset)
        if not is_inside or (isinstance(cursor.node, Include) and not isinstance(node, Mapping)):
            break
        if step.item is not None:
            cursor.path.append(step.item)
        if pair is not None:
            cursor.path.append(pair.name or "")
            cursor.pairs.append(pair)
            cursor.pair, cursor.on_key = pair, step.is_key
        if isinstance(node, Mapping) and not step.is_key:
            cursor.parents.append(node)
        cursor.node = node
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
