"""The files of a project other than its configuration: scripts, `package.json`, lock files and the like.

They are read when something asks for them, and are kept for as long as they do not change.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable

from upsun_schema.configuration.project_files import ProjectFiles
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import Document, TextDocument
from upsun_schema.yaml.nodes import Piece

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    _Found = TypeVar("_Found")

    _Document = TypeVar("_Document", bound=Document)


__all__ = ["LONGEST", "Repository"]

LONGEST = 262_144
"""The longest file that is read, in code points. A longer one counts as unreadable."""

_MOST_FILES = 1_000
_MOST_NAMES = 1_000


class _Look(NamedTuple):
    """What was found out about a path, and the state that the file or folder was in then."""

    state: Hashable
    found: dict[Hashable, Any]


class Repository:
    """The files of a project, by paths relative to its root, with forward slashes.

    Only regular files inside the project are read, and nothing is known of more than a thousand paths. `generation` is
    the same object in two states of a project if nothing has changed that something asked for.
    """

    def __init__(self, files: ProjectFiles, previous: Repository | None = None) -> None:
        """Take over from `previous`, an older state of the same project, what did not change."""
        self._files = files
        self._looks: dict[str, _Look] = {}
        self._homes: dict[Piece, Document] = {}
        self.generation: object = object() if previous is None else previous.generation
        for path, look in previous._looks.items() if previous is not None else ():
            state = self._state(path)
            if state == look.state:
                self._looks[path] = look
                self._note_homes(look.found.values())
            else:
                self._looks[path] = _Look(state, {})
                self.generation = object()

    def text(self, path: str) -> TextDocument | None:
        """The text of a file; None if it is missing, too long, not text, or outside the project."""
        return self._known(path, "text", lambda: self._document(path, TextDocument), None)

    def tree(self, path: str) -> Document | None:
        """A YAML or JSON file as a tree; None as for `text`, and if the file is not valid."""
        document = self._known(path, "tree", lambda: self._document(path, Document), None)
        return None if document is None or document.is_broken else document

    def mentions(self, path: str, word: str) -> bool | None:
        """Whether a word is anywhere in a file of any length, such as a lock file; None if it cannot be read."""

        def find() -> bool | None:
            text = self._files.read(path)
            return None if text is None else word in text

        return self._known(path, ("mentions", word), find, None)

    def has_file(self, path: str) -> bool:
        """Whether there is such a file."""
        return self._known(path, "file", lambda: self._files.exists(path), False)

    def has_folder(self, path: str) -> bool:
        """Whether there is such a folder."""
        return self._known(path, "folder", lambda: self._files.exists(path, folder=True), False)

    def folders(self, path: str) -> list[str]:
        """The names of the folders in a folder, sorted, at most a thousand; links are left out."""
        return self._known(path, "folders", lambda: self._names(path, folders=True), [])

    def files(self, path: str) -> list[str]:
        """The names of the regular files in a folder, sorted, at most a thousand; links are left out."""
        return self._known(path, "files", lambda: self._names(path, folders=False), [])

    def has_code(self, path: str) -> bool:
        """Whether there is anything in a folder but what begins with a dot."""

        def find() -> bool:
            return any(not name.startswith(".") for name in self.files(path) + self.folders(path))

        return self._known(path, "code", find, False)

    @property
    def is_whole(self) -> bool:
        """Whether every file of the repository is here: it is a checkout of Git that is not sparse, or a revision."""
        if not self._files.on_disk:
            return True
        is_checkout = self.has_folder(".git") or self.has_file(".git")
        return is_checkout and not self.has_file(".git/info/sparse-checkout")

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that were asked for, files that are missing included."""
        return tuple(self._looks)

    @property
    def listed_folders(self) -> tuple[str, ...]:
        """The folders whose files something asked for, so that a new one counts; the root is left out."""
        return tuple(path for path, look in self._looks.items() if path and "files" in look.found)

    def home(self, piece: Piece) -> Document | None:
        """The document that a piece of text belongs to."""
        return self._homes.get(piece)

    def _known(self, path: str, key: Hashable, find: Callable[[], _Found], unknown: _Found) -> _Found:
        """What is known of a path, found once for each state of it."""
        look = self._looks.get(path)
        if look is None:
            if len(self._looks) >= _MOST_FILES:
                return unknown
            look = self._looks[path] = _Look(self._state(path), {})
        if look.state is None and self._files.on_disk and not self._files.is_overlaid(path):
            return unknown  # As most paths that are asked for: nothing is there.
        if key not in look.found:
            look.found[key] = find()
            self._note_homes([look.found[key]])
        found: _Found = look.found[key]
        return found

    def _note_homes(self, found: Iterable[object]) -> None:
        for document in found:
            if isinstance(document, Document):
                self._homes.update(dict.fromkeys(document.all_pieces, document))

    def _document(self, path: str, kind: type[_Document]) -> _Document | None:
        text = self._files.read(path)
        return kind(path, text) if text is not None and len(text) <= LONGEST and "\0" not in text else None

    def _names(self, path: str, *, folders: bool) -> list[str]:
        start = f"{path}/" if path else ""
        below = [one.removeprefix(start) for one in self._files.overlay if one.startswith(start)]
        names = {one.partition("/")[0] for one in below if ("/" in one) is folders}
        if self._files.on_disk and self._files.contains(path):
            try:
                with os.scandir(os.path.join(self._files.root, path)) as entries:
                    names.update(entry.name for entry in entries if _is_kind(entry, folders=folders))
            except OSError:
                pass
        return sorted(names)[:_MOST_NAMES]

    def _state(self, path: str) -> object:
        """What changes when a file does: the text in an editor, or its time, size and number; None if it is missing."""
        if (text := self._files.overlay.get(path)) is not None:
            return text
        if not self._files.on_disk:
            return None
        try:
            found = os.stat(f"{self._files.root}{os.sep}{path}")  # Not joined: a keystroke asks for many.
        except (OSError, ValueError):
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def _is_kind(entry: os.DirEntry[str], *, folders: bool) -> bool:
    return entry.is_dir(follow_symlinks=False) if folders else entry.is_file(follow_symlinks=False)
