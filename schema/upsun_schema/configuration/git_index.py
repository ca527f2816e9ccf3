"""The files that Git tracks, read from the index of the repository. No program is run.

Source of the format: gitformat-index, versions 2 and 3. Others (prefixes left out, SHA-256) count as unknown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache

from upsun_schema.files import read_file

__all__ = ["GitIndex", "git_index"]

_MOST_BYTES = 64_000_000
_HEADER = 12
_BEFORE_FLAGS = 60
_NAME_LENGTH = 0xFFF
_EXTENDED = 0x4000


class GitIndex:
    """The paths that Git tracks. A question is a search in the bytes of the index, so a large one costs little."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def below(self, folder: str) -> Iterator[str]:
        """Yield the paths in a folder, given by its path without slashes at its ends."""
        start = f"{folder}/".encode()
        for found in re.finditer(re.escape(start), self._data):
            path = self._name(found.start())
            if path is not None:
                yield path

    def holding(self, part: str) -> Iterator[str]:
        """Yield the paths that contain a text, such as `/.upsun/`, once for each place where they do."""
        for found in re.finditer(re.escape(part.encode()), self._data):
            earliest = max(_HEADER + _BEFORE_FLAGS, found.start() - _NAME_LENGTH)
            for start in range(found.start(), earliest, -1):
                if (path := self._name(start)) is not None:
                    yield path
                    break

    def _name(self, start: int) -> str | None:
        """The path that begins at an offset; None if none does. The flags before it say how long it is."""
        data = self._data
        end = data.find(b"\0", start)
        length = min(end - start, _NAME_LENGTH)
        for extra in (0, 2):
            flags = int.from_bytes(data[start - extra - 2 : start - extra])
            if flags & _NAME_LENGTH == length and bool(flags & _EXTENDED) is bool(extra):
                break
        else:
            return None
        try:
            path = data[start:end].decode()
        except UnicodeDecodeError:
            return None
        return path if path.isprintable() else None


def git_index(root: str) -> GitIndex | None:
    """The index of the repository whose top folder this is; None if there is none, or it cannot be read."""
    path = os.path.join(root, ".git", "index")
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return _read(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=8)
def _read(path: str, time: int, size: int) -> GitIndex | None:
    """Read an index; `time` and `size` tell whether it is still the same."""
    try:
        data = read_file(path, _MOST_BYTES)
    except OSError:
        return None
    known = data[:4] == b"DIRC" and int.from_bytes(data[4:8]) in (2, 3) and size < _MOST_BYTES
    return GitIndex(data) if known else None
