"""The files of a project's folder, with the texts of open editors in place of what is on disk."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping

from upsun_schema.cached import Caching, cached_property
from upsun_schema.files import is_inside, read_file
from upsun_schema.yaml.document import BOM, MAX_SIZE

__all__ = ["ProjectFiles", "decode"]

_MAX_FILE = 4 * MAX_SIZE + 1_000
"""How many bytes of a file are read: enough to see that it is too long, whatever its characters."""


def decode(data: bytes) -> str:
    """A file's text. Bytes that are not UTF-8 become lone surrogates, so that no byte is ever lost.

    A file that begins with a UTF-16 byte order mark is read as UTF-16.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return BOM + data.decode("utf-16", "replace")
    return data.decode("utf-8", "surrogateescape")


class ProjectFiles(Caching):
    """Reads the files of one folder.

    `root` is an absolute path; every other path is relative to it, with forward slashes. `overlay` maps paths to texts
    that count instead of the files on disk. If not `on_disk`, the folder has no other files.
    """

    def __init__(self, root: str, overlay: Mapping[str, str] | None = None, *, on_disk: bool = True) -> None:
        self.root = root
        self.overlay: Mapping[str, str] = {} if overlay is None else overlay
        self.on_disk = on_disk

    def read(self, path: str) -> str | None:
        """The text of a file; None where it is missing, unreadable, or outside the project."""
        if (text := self.overlay.get(path)) is not None:
            return text
        if not self.on_disk:
            return None
        try:
            return decode(read_file(os.path.join(self.root, path), _MAX_FILE, within=self.root))
        except OSError:
            return None

    def contains(self, path: str) -> bool:
        """Whether a path stays inside the project, symbolic links followed."""
        if not self.on_disk:
            return not posixpath.normpath(path).startswith(("../", "/")) and posixpath.normpath(path) != ".."
        return is_inside(os.path.join(self.root, path), self.root)

    def exists(self, path: str, *, folder: bool = False) -> bool:
        """Whether a file (or a folder) of the project exists, open editor buffers included."""
        if folder and self.is_overlaid(path):
            return True
        if path in self.overlay and not folder:
            return True
        if not self.on_disk:
            return False
        full = os.path.join(self.root, path)
        return (os.path.isdir(full) if folder else os.path.isfile(full)) and self.contains(path)

    def is_overlaid(self, folder: str) -> bool:
        """Whether an open editor has a file below a folder; an empty path is the root."""
        return folder in self._overlay_folders if folder else bool(self.overlay)

    @cached_property
    def _overlay_folders(self) -> frozenset[str]:
        """The folders that hold the files of open editors, and those around them."""
        found: set[str] = set()
        for path in self.overlay:
            folder = posixpath.dirname(path)
            while folder and folder not in found:
                found.add(folder)
                folder = posixpath.dirname(folder)
        return frozenset(found)

    def is_link_outside(self, path: str) -> bool:
        """Whether a path is inside the project as it is written, but a symbolic link leads outside."""
        is_there = self.on_disk and os.path.lexists(os.path.join(self.root, path))
        return not path.startswith("../") and is_there and not self.contains(path)
