"""The files of a project other than its configuration: scripts, `package.json`, lock files and the like.

They are read when something asks for them, and are kept for as long as they do not change.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from upsun_schema.configuration.project_files import ProjectFiles
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import Document, TextDocument
from upsun_schema.yaml.nodes import Piece

__all__ = ["LONGEST", "Repository"]

LONGEST = 262_144
"""The longest file that is read, in code points. A longer one counts as unreadable."""

_MOST_FILES = 1_000
_MOST_NAMES = 100


class _Look(NamedTuple):
    """What was found at a path: the state of the file then, and its documents, made when they are asked for."""

    state: object
    found: dict[type[Document], Document | None]
    mentions: dict[str, bool]


class Repository:
    """The files of a project, by paths relative to its root, with forward slashes.

    Only regular files inside the project are read. `generation` is the same object in two states of a project if no
    file has changed that something asked for.
    """

    def __init__(self, files: ProjectFiles, previous: Repository | None = None) -> None:
        """Take over from `previous`, an older state of the same project, what did not change."""
        self._files = files
        self._looks: dict[str, _Look] = {}
        self.generation: object = object() if previous is None else previous.generation
        for path, look in previous._looks.items() if previous is not None else ():
            state = self._state(path)
            if state == look.state:
                self._looks[path] = look
            else:
                self._looks[path] = _Look(state, {}, {})
                self.generation = object()

    def text(self, path: str) -> TextDocument | None:
        """The text of a file; None if it is missing, too long, not text, or outside the project."""
        found = self._found(path)
        if TextDocument not in found:
            text = self._read(path)
            found[TextDocument] = None if text is None else TextDocument(path, text)
        document = found[TextDocument]
        return document if isinstance(document, TextDocument) else None

    def tree(self, path: str) -> Document | None:
        """A YAML or JSON file as a tree; None as for `text`, and if the file is not valid."""
        found = self._found(path)
        if Document not in found:
            text = self._read(path)
            document = None if text is None else Document(path, text)
            found[Document] = None if document is None or document.is_broken else document
        return found[Document]

    def has_file(self, path: str) -> bool:
        """Whether there is such a file."""
        self._found(path)
        return self._files.exists(path)

    def has_folder(self, path: str) -> bool:
        """Whether there is such a folder."""
        self._found(path)
        return self._files.exists(path, folder=True)

    def folders(self, path: str) -> list[str]:
        """The names of the folders in a folder, sorted; links are left out."""
        return self._names(path, folders=True)

    def files(self, path: str) -> list[str]:
        """The names of the regular files in a folder, sorted; links are left out."""
        return self._names(path, folders=False)

    def _names(self, path: str, *, folders: bool) -> list[str]:
        self._found(path)
        start = f"{path}/" if path else ""
        below = (one.removeprefix(start) for one in self._files.overlay if one.startswith(start))
        names = {one.partition("/")[0] for one in below if ("/" in one) is folders}
        if self._files.on_disk and self._files.contains(path):
            try:
                with os.scandir(os.path.join(self._files.root, path)) as entries:
                    names.update(entry.name for entry in entries if _is_kind(entry, folders=folders))
            except OSError:
                pass
        return sorted(names)[:_MOST_NAMES]

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
    def documents(self) -> Iterator[Document]:
        """The documents that were read."""
        for look in self._looks.values():
            yield from (document for document in look.found.values() if document is not None)

    def home(self, piece: Piece) -> Document | None:
        """The document that a piece of text belongs to."""
        return next((document for document in self.documents if document.holds(piece)), None)

    def mentions(self, path: str, word: str) -> bool | None:
        """Whether a word is anywhere in a file of any length, such as a lock file; None if it cannot be read."""
        known = self._look(path).mentions
        if word not in known:
            text = self._files.read(path)
            if text is None:
                return None
            known[word] = word in text
        return known[word]

    def _found(self, path: str) -> dict[type[Document], Document | None]:
        return self._look(path).found

    def _look(self, path: str) -> _Look:
        look = self._looks.get(path)
        if look is None:
            look = _Look(self._state(path), {}, {})
            if len(self._looks) < _MOST_FILES:
                self._looks[path] = look
        return look

    def _read(self, path: str) -> str | None:
        text = self._files.read(path)
        return text if text is not None and len(text) <= LONGEST and "\0" not in text else None

    def _state(self, path: str) -> object:
        """What changes when a file does: the text in an editor, or its time and size; None if it is missing."""
        if (text := self._files.overlay.get(path)) is not None:
            return text
        if not self._files.on_disk:
            return None
        try:
            found = os.stat(os.path.join(self._files.root, path))
        except (OSError, ValueError):
            return None
        return found.st_mtime_ns, found.st_size


def _is_kind(entry: os.DirEntry[str], *, folders: bool) -> bool:
    return entry.is_dir(follow_symlinks=False) if folders else entry.is_file(follow_symlinks=False)
