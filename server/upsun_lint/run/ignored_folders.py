"""Which folders git ignores: by the `.gitignore` files from the top of the repository down. Git itself is not run."""

from __future__ import annotations

import os
from functools import cache

from upsun_lint.run.globs import fits
from upsun_schema.files import read_file
from upsun_schema.record import NamedTuple

__all__ = ["IgnoredFolders"]

_FILE = ".gitignore"
_MOST_BYTES = 100_000
_MOST_PATTERNS = 2_000


class _Pattern(NamedTuple):
    """A line of a `.gitignore` file: a glob for paths below its folder, and whether it ignores or includes again."""

    glob: str
    ignores: bool


class IgnoredFolders:
    """The ignored folders in and below a folder."""

    def __init__(self, folder: str) -> None:
        self._top = _repository(os.path.abspath(folder))
        self._patterns = cache(_patterns_in)

    def has(self, folder: str) -> bool:
        """Whether git ignores a folder, given by its absolute path, or one that it is in."""
        if self._top is None:
            return False
        steps = os.path.relpath(folder, self._top).split(os.sep)
        return any(self._ignores(steps[:length]) for length in range(1, len(steps) + 1))

    def _ignores(self, steps: list[str]) -> bool:
        """Whether the last pattern that a folder matches ignores it; `steps` lead to it from the top."""
        ignored = False
        for depth in range(len(steps)):
            path = "/".join(steps[depth:])
            for pattern in self._patterns(os.path.join(self._top or "", *steps[:depth])):
                if fits(pattern.glob, path):
                    ignored = pattern.ignores
        return ignored


def _repository(folder: str) -> str | None:
    while not os.path.exists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder


def _patterns_in(folder: str) -> tuple[_Pattern, ...]:
    try:
        text = read_file(os.path.join(folder, _FILE), _MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ()
    lines = [line.rstrip() for line in text.splitlines()[:_MOST_PATTERNS]]
    return tuple(_pattern(line) for line in lines if line and not line.startswith("#"))


def _pattern(line: str) -> _Pattern:
    glob = line.removeprefix("!").rstrip("/")
    anchored = "/" in glob
    glob = glob.removeprefix("/").removesuffix("/**")
    return _Pattern(glob if anchored else f"**/{glob}", ignores=not line.startswith("!"))
