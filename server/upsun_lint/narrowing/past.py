"""A project as it was at a revision."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping
from functools import cached_property

from upsun_lint.fixing.fixes import encode
from upsun_lint.narrowing.git import Revision
from upsun_schema.configuration.project import CONFIG_FOLDER, Project, decode

__all__ = ["Past"]


class Past:
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
    """The folder of a project in the repository: where it is, or where one of its files was that is not there now."""
    folder = _folder_now(revision, present.root)
    if revision.paths(posixpath.normpath(posixpath.join(folder, CONFIG_FOLDER))):
        return folder
    for document in present.documents.values():
        for path in revision.places(encode(document.text)):
            above, _, name = path.rpartition("/")
            is_configuration = posixpath.basename(above) == CONFIG_FOLDER and name.endswith((".yaml", ".yml"))
            if is_configuration and not os.path.lexists(os.path.join(revision.top, path)):
                return posixpath.dirname(above) or "."
    return folder


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
