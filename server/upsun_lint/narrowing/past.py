"""A project as it was at a revision."""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping

from upsun_lint.fixing.fixes import encode
from upsun_lint.narrowing.git import Revision
from upsun_schema.cached import Caching, cached_property
from upsun_schema.configuration.project import CONFIG_FOLDER, Project, decode

__all__ = ["Past"]

# A project that was moved and changed is one whose lines are the same for the most part, as for git.
_LEAST_ALIKE = 0.5
_MOST_COMPARED = 200


class Past(Caching):
    """A project at a revision. A project that was moved in its repository since is found where it was.

    Failure, here or when a file is read later, if the clone lacks it.
    """

    def __init__(self, revision: Revision, present: Project) -> None:
        self.revision = revision
        self._present = present
        self._folder = _folder_then(revision, present)
        documents = (*present.all_documents, *present.texts.values(), *present.unread.values())
        self._texts = {document.path: document.text for document in documents}

    @cached_property
    def project(self) -> Project:
        """The project with the files it had then; empty if it did not exist. Nothing on disk is read."""
        return Project(self._present.root, _Files(self), on_disk=False)

    def place(self, path: str) -> str:
        """The path that a file of the project had in the repository."""
        return posixpath.normpath(posixpath.join(self._folder, path))

    def is_same(self, path: str, data: bytes) -> bool:
        """Whether a file of the project had this content, apart from line endings."""
        return self.revision.is_same(self.place(path), data)

    def read(self, path: str) -> str | None:
        """The text that a file of the project had; None if there was no such file."""
        now = self._texts.get(path)
        if now is not None and self.is_same(path, encode(now)):
            return now  # Git need not be asked.
        data = self.revision.read(self.place(path))
        return None if data is None else decode(data)

    def paths(self, folder: str = ".") -> list[str]:
        """The files of a folder of the project, by their paths in the project."""
        lead = 0 if self._folder == "." else len(self._folder) + 1
        return [path[lead:] for path in self.revision.paths(self.place(folder))]


def _folder_now(revision: Revision, root: str) -> str:
    return os.path.relpath(os.path.realpath(root), revision.top).replace(os.sep, "/")


def _folder_then(revision: Revision, present: Project) -> str:
    """The folder of a project in the repository: where it is, or where it was if it is no longer there.

    Then one of its files is the same, or most of its lines are.
    """
    folder = _folder_now(revision, present.root)
    if revision.paths(posixpath.normpath(posixpath.join(folder, CONFIG_FOLDER))):
        return folder
    gone = _gone(revision)
    for document in present.documents.values():
        for path in revision.places(encode(document.text)):
            if path in gone:
                return gone[path]
    return _most_alike(revision, present, gone) or folder


def _gone(revision: Revision) -> dict[str, str]:
    """The configuration files that are no longer there, and the folders of their projects."""
    found = {}
    for path in revision.paths():
        above, _, name = path.rpartition("/")
        is_configuration = posixpath.basename(above) == CONFIG_FOLDER and name.endswith((".yaml", ".yml"))
        if is_configuration and not os.path.lexists(os.path.join(revision.top, path)):
            found[path] = posixpath.dirname(above) or "."
    return found


def _most_alike(revision: Revision, present: Project, gone: dict[str, str]) -> str | None:
    """The folder of the project whose lines are most like those of this one; None if fewer than half are."""
    now = Counter(line for document in present.documents.values() for line in _lines(document.text))
    then: dict[str, Counter[str]] = {}
    for path in list(gone)[:_MOST_COMPARED]:
        text = decode(revision.read(path) or b"")
        then.setdefault(gone[path], Counter()).update(_lines(text))
    alike = {folder: (now & lines).total() / max(now.total(), lines.total(), 1) for folder, lines in then.items()}
    best = max(alike, key=alike.__getitem__, default=None)
    return best if best is not None and alike[best] >= _LEAST_ALIKE else None


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())


class _Files(Mapping[str, str]):
    """The texts of a project's files at a revision, by their paths in the project, each read when needed."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._known: dict[str, str | None] = {}

    def __getitem__(self, path: str) -> str:
        if path not in self._known:
            self._known[path] = self._past.read(path)
        text = self._known[path]
        if text is None:
            raise KeyError(path)
        return text

    def __iter__(self) -> Iterator[str]:
        # `.upsun` may be a link.
        return iter(dict.fromkeys((*self._past.paths(), *self._past.paths(CONFIG_FOLDER))))

    def __len__(self) -> int:
        return sum(1 for _ in self)
