"""The value of a node as plain data: what the platform reads, without places."""

from __future__ import annotations

import math

from upsun_schema.yaml.nodes import BROKEN, Alias, Mapping, Node, Scalar, Sequence

__all__ = ["Data", "TooLarge", "data_of", "whole_data_of"]

Data = dict[str, "Data"] | list["Data"] | str | int | float | bool | None
"""A JSON value."""

_CUT = "…"

_MOST_VALUES = 5_000
_MOST_OF_WHOLE = 100_000


class TooLarge(Exception):
    """A value is endless, or has too many values in it."""


def data_of(node: Node) -> Data:
    """The value of a node as the platform reads it: aliases and includes followed, merge keys applied.

    Endless values (an anchor inside itself, aliases of aliases) are cut with `…`.
    """
    return _Reader(_MOST_VALUES).data(node)


def whole_data_of(node: Node) -> Data:
    """The same, but TooLarge for a value that would be cut. The bound is higher."""
    reader = _Reader(_MOST_OF_WHOLE)
    found = reader.data(node)
    if reader.is_cut:
        raise TooLarge
    return found


class _Reader:
    def __init__(self, most: int) -> None:
        self.left = most
        self.is_cut = False
        self.above: list[Node] = []

    def data(self, node: Node) -> Data:
        node = node.resolved
        self.left -= 1
        if node in self.above or self.left < 0:
            self.is_cut = True
            return _CUT
        if isinstance(node, Scalar):
            return _scalar(node)
        if not isinstance(node, Mapping | Sequence):
            return f"*{node.name}" if isinstance(node, Alias) else node.region.text
        self.above.append(node)
        found = self._children(node)
        self.above.pop()
        return found

    def _children(self, node: Mapping | Sequence) -> Data:
        if isinstance(node, Mapping):
            return {name: self.data(pair.value) for name, pair in node.entries.items()}
        return [self.data(item) for item in node.items]


def _scalar(node: Scalar) -> Data:
    value = node.text if node.tag == BROKEN else node.value
    if isinstance(value, float):
        return value if math.isfinite(value) else node.text
    # What is left is a date.
    return value if value is None or isinstance(value, str | int) else node.text
