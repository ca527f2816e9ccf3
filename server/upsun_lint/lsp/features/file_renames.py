"""Edits that keep includes and `source.root` right when files or folders are renamed."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator

from lsprotocol import types

from upsun_lint.lsp.session.requests import Request
from upsun_lint.lsp.session.workspace_edits import by_file, workspace_edit
from upsun_rules.editing.blocks import written
from upsun_rules.finding import Edit
from upsun_schema.configuration.includes import include_bases
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Include, Mapping, Node, Scalar
from upsun_schema.yaml.nodes import Sequence as List
from upsun_schema.yaml.writing import quoted

__all__ = ["Rename", "after_renames"]


class Rename(NamedTuple):
    """Absolute paths of a file or a folder before and after."""

    old: str
    new: str


def after_renames(request: Request, renames: list[Rename]) -> types.WorkspaceEdit | None:
    """The edits of a project that follow some renames; None if nothing there names what is renamed."""
    moved = _Moved(request, renames)
    edits = [edit for document in request.project.all_documents for edit in moved.edits_in(document)]
    return workspace_edit(request, by_file(request, edits)) if edits else None


class _Moved:
    """Where the files of a project are after some renames. Paths are relative to the project."""

    def __init__(self, request: Request, renames: list[Rename]) -> None:
        root = request.project.root
        self._request = request
        self._renames = [Rename(_relative(one.old, root), _relative(one.new, root)) for one in renames]

    def edits_in(self, document: Document) -> Iterator[Edit]:
        """The edits of the paths in a file."""
        for node, keys in _nodes(document.root, ()):
            if isinstance(node, Include) and node.file is not None and isinstance(node.path_node, Scalar):
                yield from self._of_include(document, node, node.file, node.path_node, keys)
            elif isinstance(node, Scalar) and keys[2:] == ("source", "root") and keys[0] == "applications":
                old = posixpath.normpath(node.text.strip("/") or ".")
                if (new := self._after(old)) != old and not new.startswith("../"):
                    yield _rewritten(node, f"/{new}" if node.text.startswith("/") else new)

    def _of_include(
        self, document: Document, include: Include, file: str, path: Scalar, keys: tuple[str, ...]
    ) -> Iterator[Edit]:
        written_path = (include.path or "").lstrip("/")
        bases = include_bases(document, keys)
        base = next((one for one in bases if posixpath.normpath(posixpath.join(one, written_path)) == file), None)
        if base is None:
            return
        # The other folders of an application move only with its `source.root`.
        after = posixpath.dirname(self._after(document.path)) if base == bases[-1] else self._after(base or ".")
        new = posixpath.relpath(self._after(file), after or ".")
        if new != posixpath.normpath(written_path) and not new.startswith("../../"):
            yield _rewritten(path, new)

    def _after(self, path: str) -> str:
        for old, new in self._renames:
            if path == old or path.startswith(f"{old}/"):
                return posixpath.normpath(new + path[len(old) :])
        return path


def _relative(path: str, root: str) -> str:
    return os.path.relpath(path, root).replace(os.sep, "/")


def _nodes(node: Node | None, keys: tuple[str, ...]) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """The nodes of a file, each with the keys that lead to it. Aliases are not followed."""
    left = [(node, keys)] if node is not None else []
    while left:
        one, path = left.pop()
        yield one, path
        if isinstance(one, Mapping):
            left += [(pair.value, (*path, pair.name or "")) for pair in one.pairs]
        elif isinstance(one, List):
            left += [(item, (*path, str(index))) for index, item in enumerate(one.items)]


def _rewritten(node: Scalar, text: str) -> Edit:
    quote = node.style if node.style in ("'", '"') else ""
    return Edit(node.region, quoted(text, quote) if quote else written(text, node.piece))
