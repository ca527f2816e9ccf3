"""Paths of folders, and which of them lie inside one another."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

__all__ = ["Folders"]


class Folders:
    """Paths with forward slashes, none at their ends."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = {path for path in paths if path}
        # Far fewer than the paths: looking for each above another takes no time that counts.
        self._lengths = sorted({len(path) for path in self._paths})

    def above(self, path: str) -> Iterator[str]:
        """Yield those that a path lies inside, the innermost first."""
        for index in range(bisect_left(self._lengths, len(path)) - 1, -1, -1):
            length = self._lengths[index]
            if path[length] == "/" and path[:length] in self._paths:
                yield path[:length]

    def holding(self, path: str) -> Iterator[str]:
        """Yield the path itself, if it is one of them, and those that it lies inside."""
        if path in self._paths:
            yield path
        yield from self.above(path)
