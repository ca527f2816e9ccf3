"""Every node of a tree, one after the other. Nesting has no limit here: nothing calls itself."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_schema.yaml.nodes import Include, Mapping, Node, Sequence

__all__ = ["walk", "walk_values"]


def walk(node: Node | None) -> Iterator[Node]:
    """Yield a node and all below it as they are written, in that order: keys, values, items.

    Aliases and includes are yielded and not followed; below an include is what its tag was put on.
    """
    waiting = [] if node is None else [node]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Mapping):
            for pair in reversed(node.pairs):
                waiting += (pair.value, pair.key)
        elif isinstance(node, Sequence):
            waiting += reversed(node.items)
        elif isinstance(node, Include):
            waiting.append(node.argument)


def walk_values(node: Node | None) -> Iterator[Node]:
    """Yield a node and the values below it as the platform sees them: aliases, includes and merge keys are followed.

    An alias or include comes before what it refers to, which comes once, however often it is referred to.
    """
    waiting = [] if node is None else [node]
    seen: set[Node] = set()
    while waiting:
        node = waiting.pop()
        yield node
        value = node.resolved
        if value in seen:
            continue
        seen.add(value)
        if value is not node:
            yield value
        if isinstance(value, Mapping):
            waiting += [pair.value for pair in reversed(value.effective_pairs)]
        elif isinstance(value, Sequence):
            waiting += reversed(value.items)
