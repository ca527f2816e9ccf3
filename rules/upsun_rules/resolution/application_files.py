"""The files of a repository as an application sees them: where a path in one of its commands leads."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from upsun_rules.shell.app_paths import app_path
from upsun_rules.shell.parsing import Word
from upsun_schema.configuration.repository import Repository
from upsun_schema.yaml.nodes import Mapping, Node, Region, Scalar

__all__ = ["ApplicationFiles", "child", "content_of", "text_of"]


class ApplicationFiles:
    """The files of one application. `root` is its `source.root`, relative to the root of the repository."""

    def __init__(self, repository: Repository, root: str) -> None:
        self.repository = repository
        self.root = root

    def locate(self, word: Word | str, folder: str | None) -> str | None:
        """A path of a command, relative to the root of the repository; None if it leads out of the application.

        None, too, for a path that only the shell can tell. `folder` is where the command runs.
        """
        inner = None if folder is None else posixpath.relpath(f"/{folder}", f"/{self.root}")
        path = app_path(word, inner)
        return None if path is None else posixpath.join(self.root, path).rstrip("/")

    def holds(self, path: str) -> bool:
        """Whether a path is in the application's folder."""
        return path != ".." and not path.startswith("../") and f"{path}/".startswith(self.root and f"{self.root}/")

    def upward(self, folder: str) -> Iterator[str]:
        """Yield a folder of the application and those around it, up to the application's own."""
        while self.holds(folder):
            yield folder
            if folder == self.root:
                return
            folder = posixpath.dirname(folder)

    def nearest(self, name: str, folder: str) -> str | None:
        """The path of a file of this name in the nearest folder upward; None if there is none."""
        for above in self.upward(folder):
            path = posixpath.join(above, name)
            if self.repository.has_file(path):
                return path
        return None


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
