"""Where a block that is shared by an anchor is used: the paths of its aliases and of the maps that merge it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from upsun_schema.keys.shape import root_shape
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Alias, Mapping, Node
from upsun_schema.yaml.nodes import Sequence as List

__all__ = ["Path", "is_section", "nodes_on", "used_paths"]

Path = tuple[str | int, ...]
"""Keys, and positions in lists, that lead from the top of a file to a place."""

_MOST_USES = 50
_MOST_NODES = 50_000
_MERGE = "<<"


def is_section(path: Sequence[str | int]) -> bool:
    """Whether a path from the top of the configuration begins with a section that the platform reads."""
    return bool(path) and path[0] in root_shape().properties


def used_paths(document: Document, path: Path, base: Path = (), *, on_key: bool = False) -> list[Path]:
    """The paths at which the platform reads what is at a path of a file, with the merge keys left out.

    These are the path itself below a section, and the paths of the aliases that lead there, in the order of the file.
    `base` is the path at which the file is included. With `on_key`, the path leads to a key: below a section, an alias
    of its value does not share it.
    """
    found: dict[Path, None] = {}
    left = [path]
    seen = {path}
    aliases: dict[Node, list[Path]] | None = None
    while left and len(found) < _MOST_USES:
        one = left.pop(0)
        nodes = list(nodes_on(document.root, one))
        if is_section((*base, *one)):
            found[base + _without_merges(one)] = None
            nodes = nodes[: len(one) - on_key]
        if not any(node.anchor for node in nodes):
            continue
        if aliases is None:
            aliases = _aliases(document.root)
        more = [use for use in _uses(document.root, one, nodes, aliases) if use not in seen]
        seen.update(more)
        left += more
    return list(found)


def _without_merges(path: Path) -> Path:
    """A path without merge keys, and without the positions in a list of merged maps."""
    return tuple(
        step
        for index, step in enumerate(path)
        if step != _MERGE and not (isinstance(step, int) and index and path[index - 1] == _MERGE)
    )


def _uses(root: Node | None, path: Path, nodes: list[Node], aliases: dict[Node, list[Path]]) -> Iterator[Path]:
    """The paths that lead to the same place by one alias; `nodes` are those on the path."""
    for depth, node in enumerate(nodes, start=1):
        for use in aliases.get(node, ()):
            if not _is_replaced(root, use, node, path[depth:]):
                yield (*use, *path[depth:])


def _is_replaced(root: Node | None, use: Path, node: Node, below: Path) -> bool:
    """Whether a map that merges a node has another value for the key that leads on from there."""
    end = next((index for index in reversed(range(len(use))) if use[index] == _MERGE), None)
    if end is None or not below or not isinstance(below[0], str) or not isinstance(node, Mapping):
        return False
    around = next(iter(reversed([root, *nodes_on(root, use[:end])])), None)
    if not isinstance(around, Mapping) or (winner := around.entries.get(below[0])) is None:
        return False
    own = node.entries.get(below[0])
    return own is not None and winner.value is not own.value


def nodes_on(root: Node | None, path: Path) -> Iterator[Node]:
    """The nodes that a path leads to, step by step, as far as they exist. Aliases are not followed."""
    node = root
    for step in path:
        node = _below(node, step)
        if node is None:
            return
        yield node


def _below(node: Node | None, step: str | int) -> Node | None:
    if isinstance(node, Mapping):
        return next((pair.value for pair in node.pairs if (pair.name or "") == step), None)
    return node.items[step] if isinstance(node, List) and isinstance(step, int) and step < len(node.items) else None


def _aliases(root: Node | None) -> dict[Node, list[Path]]:
    """The paths of the aliases in a file by the node that they refer to."""
    found: dict[Node, list[Path]] = {}
    left: list[tuple[Node, Path]] = [(root, ())] if root is not None else []
    for _ in range(_MOST_NODES):
        if not left:
            break
        node, path = left.pop()
        if isinstance(node, Alias) and node.target is not None:
            found.setdefault(node.target, []).append(path)
        elif isinstance(node, Mapping):
            left += [(pair.value, (*path, pair.name or "")) for pair in reversed(node.pairs)]
        elif isinstance(node, List):
            left += [(item, (*path, index)) for index, item in reversed(list(enumerate(node.items)))]
    return found
