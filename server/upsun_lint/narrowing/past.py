"""A project as it was at a revision."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping

from upsun_lint.fixing.fixes import encode
from upsun_lint.narrowing.git import Revision
from upsun_schema.configuration.project import Project, decode

__all__ = ["past_project", "path_in"]

_NOWHERE = os.devnull
"""The root of a past project. No file on disk can be below it, so only files of the revision are found."""


def path_in(revision: Revision, root: str, path: str = "") -> str:
    """The path in a revision's repository of a file of the project at `root`."""
    folder = os.path.relpath(os.path.realpath(root), revision.top).replace(os.sep, "/")
    return posixpath.normpath(posixpath.join(folder, path))


def past_project(revision: Revision, present: Project) -> Project:
    """A project at a revision, with the files it had then. Its root does not exist on disk.

    Failure, here or when a file is read later, if the clone lacks it.
    """
    return Project(_NOWHERE, _Files(revision, present), present)


class _Files(Mapping[str, str]):
    """The texts of a project's files at a revision, by their paths in the project, each read when needed."""

    def __init__(self, revision: Revision, present: Project) -> None:
        self._revision = revision
        self._root = present.root
        documents = (*present.all_documents, *present.texts.values(), *present.unread.values())
        self._present = {document.path: document.text for document in documents}
        self._known: dict[str, str | None] = {}

    def __getitem__(self, path: str) -> str:
        if path not in self._known:
            self._known[path] = self._read(path)
        text = self._known[path]
        if text is None:
            raise KeyError(path)
        return text

    def _read(self, path: str) -> str | None:
        place = path_in(self._revision, self._root, path)
        text = self._present.get(path)
        if text is not None and self._revision.is_same(place, encode(text)):
            return text
        data = self._revision.read(place)
        return None if data is None else decode(data)

    def __iter__(self) -> Iterator[str]:
        folder = path_in(self._revision, self._root)
        lead = 0 if folder == "." else len(folder) + 1
        return (path[lead:] for path in self._revision.paths(folder))

    def __len__(self) -> int:
        return sum(1 for _ in self)
