"""Paths of folders, and which of them are inside others."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

__all__ = ["Folders"]


class Folders:
    """Paths with forward slashes, without leading and trailing ones."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = {path for path in paths if path}
        # There are far fewer lengths than paths, so a search by length is fast.
        self._lengths = sorted({len(path) for path in self._paths})

    def above(self, path: str) -> Iterator[str]:
        """The folders that contain a path, the innermost first."""
        for index in range(bisect_left(self._lengths, len(path)) - 1, -1, -1):
            length = self._lengths[index]
            if path[length] == "/" and path[:length] in self._paths:
                yield path[:length]

    def holding(self, path: str) -> Iterator[str]:
        """The path itself, if it is one of the folders, and the folders that contain it."""
        if path in self._paths:
            yield path
        yield from self.above(path)
