"""The files of a repository as an application sees them, and what is in JSON and YAML files."""

from __future__ import annotations

import posixpath

from upsun_schema.configuration.repository import Repository
from upsun_schema.yaml.document import Document, TextDocument
from upsun_schema.yaml.nodes import Mapping, Node, Region, Scalar

__all__ = ["ApplicationFiles", "child", "content_of", "text_of"]


class ApplicationFiles:
    """The files of one application, by paths relative to its folder: what is outside of it is not there when it runs.

    `root` is that folder, relative to the root of the repository.
    """

    def __init__(self, repository: Repository, root: str) -> None:
        self.repository = repository
        self.root = root

    def in_repository(self, path: str) -> str:
        """A path relative to the root of the repository, as people call it."""
        return posixpath.join(self.root, path) if path else self.root

    def text(self, path: str) -> TextDocument | None:
        """The text of a file; None as for `Repository.text`."""
        return self.repository.text(self.in_repository(path))

    def tree(self, path: str) -> Document | None:
        """A YAML or JSON file as a tree; None as for `Repository.tree`."""
        return self.repository.tree(self.in_repository(path))

    def mentions(self, path: str, word: str) -> bool | None:
        """Whether a word is anywhere in a file; None if it cannot be read."""
        return self.repository.mentions(self.in_repository(path), word)

    def has_file(self, path: str) -> bool:
        """Whether there is such a file."""
        return self.repository.has_file(self.in_repository(path))

    def has_folder(self, path: str) -> bool:
        """Whether there is such a folder."""
        return self.repository.has_folder(self.in_repository(path))

    def files(self, folder: str) -> list[str]:
        """The names of the files in a folder, sorted."""
        return self.repository.files(self.in_repository(folder))

    def folders(self, folder: str) -> list[str]:
        """The names of the folders in a folder, sorted."""
        return self.repository.folders(self.in_repository(folder))

    @property
    def has_code(self) -> bool:
        """Whether there is anything in the folder of the application but what begins with a dot."""
        return self.repository.has_code(self.root)

    def nearest(self, name: str, folder: str) -> str | None:
        """The path of a file of this name in the nearest folder upward; None if there is none."""
        while not self.has_file(path := posixpath.join(folder, name)):
            if not folder:
                return None
            folder = posixpath.dirname(folder)
        return path


def text_of(node: Node | None) -> str | None:
    """The text of a scalar; None for anything else."""
    return node.text if isinstance(node, Scalar) and isinstance(node.value, str) else None


def content_of(scalar: Scalar) -> tuple[Region, bool]:
    """The text of a scalar without its quotes, and whether it is there character for character."""
    lead = 1 if scalar.style in ("'", '"') else 0
    region = Region(scalar.piece, scalar.start + lead, scalar.end - lead)
    return region, region.text == scalar.text


def child(node: Node | None, *names: str) -> Node | None:
    """The node at a path of keys; None where it is missing."""
    for name in names:
        if not isinstance(node, Mapping):
            return None
        node = node.value(name)
    return node
