"""What `!include` and `!archive` lead to: which file is meant, and what stands in it.

Source: docs, core-concepts/yaml/platform-yaml-tags (the forms of the tags, and the folders their paths begin in).
"""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from upsun_schema.yaml.document import MAX_SIZE, Document, TextDocument
from upsun_schema.yaml.nodes import Include, Mapping, Node, Problem, Scalar, Sequence

if TYPE_CHECKING:
    from upsun_schema.configuration.project import Project

__all__ = ["resolve_includes"]

_FORMS = frozenset({"yaml", "string", "binary"})


_DEEPEST = 100
"""How many maps, lists and includes may be around an include."""

_MOST_SHOWN = 8
"""How many files are named on the way to one that includes itself."""

_MOST_CONTEXTS = 20
"""In how many different places the includes of one included file are looked up."""


def resolve_includes(project: Project) -> None:
    """Read what the documents of a project include, and what that includes in turn. What cannot be is its problem."""
    includer = _Includer(project)
    for document in project.documents.values():
        if "!include" in document.text or "!archive" in document.text:
            includer.resolve(document)


class _Includer:
    """Reads what documents include. `chain` are the files on the way, each included by the one before."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.chain: list[str] = []
        self._contexts: dict[str, set[object]] = {}
        self._circular: set[Include] = set()
        self._exists: dict[tuple[str, bool], bool] = {}

    def resolve(self, document: Document) -> None:
        self.chain = [document.path]
        self._resolve_in(document.root, [posixpath.dirname(document.path)], ())

    def _resolve_in(self, node: Node | None, bases: list[str], where: tuple[str, ...], depth: int = 0) -> None:
        """Resolve the includes below a node. `bases` are the folders its paths may be relative to, likeliest first."""
        if isinstance(node, Include):
            self._resolve_one(node, bases, where, depth)
        elif isinstance(node, Mapping):
            if len(where) == 2 and where[0] == "applications":
                bases = [_source_root(node), *bases]
            for pair in node.pairs:
                if isinstance(pair.value, Include) and _is_bare(pair.value) and node.get("path") is not None:
                    self.project.bare_includes.append((pair, node))
                else:
                    self._resolve_in(pair.value, bases, (*where, pair.name or ""), depth + 1)
        elif isinstance(node, Sequence):
            for item in node.items:
                self._resolve_in(item, bases, where, depth + 1)

    def _resolve_one(self, node: Include, bases: list[str], where: tuple[str, ...], depth: int) -> None:
        if node.form not in (*_FORMS, "archive"):
            names = "`string`, `binary` or `yaml`"
            self._problem(node, f"`{node.form}` is not a form of `!include`; it is one of {names}")
            return
        if node.path is None:
            self._problem(node, "this tag names no file: write `!include path/to/file` or give it `type` and `path`")
            return
        if depth > _DEEPEST:
            self._problem(node, f"this is more than {_DEEPEST} levels deep, includes counted; it was not read")
            return
        folder = node.form == "archive"
        candidates = [posixpath.normpath(posixpath.join(base, node.path.lstrip("/"))) for base in dict.fromkeys(bases)]
        found = next((path for path in candidates if self._is_there(path, folder=folder)), None)
        if found is None:
            self._not_found(node, candidates, folder=folder)
            return
        node.file = found
        if node.form == "yaml":
            self._include_yaml(node, found, bases, where, depth)
        elif node.form == "string":
            self._include_text(node, found)

    def _is_there(self, path: str, *, folder: bool) -> bool:
        known = self._exists.get((path, folder))
        if known is None:
            known = self._exists[path, folder] = self.project.exists(path, folder=folder)
        return known

    def _not_found(self, node: Include, candidates: list[str], *, folder: bool) -> None:
        outside = [path for path in candidates if not self.project.contains(path)]
        kind = "folder" if folder else "file"
        # A symbolic link of the project that leads away is there to be seen: it is what is meant.
        if len(outside) == len(candidates) or any(self._is_link_away(path) for path in outside):
            self._problem(node, f"`{node.path}` leads out of the project, where the platform does not read")
            return
        inside = [path for path in candidates if path not in outside]
        other = next((path for path in inside if os.path.exists(os.path.join(self.project.root, path))), None)
        if other is not None:
            self._problem(node, f"`{other}` is {self._kind(other)}, not a {kind}")
            return
        self._problem(node, f"there is no {kind} {' or '.join(f'`{path}`' for path in inside)}")

    def _kind(self, path: str) -> str:
        full = os.path.join(self.project.root, path)
        return "a folder" if os.path.isdir(full) else "a file" if os.path.isfile(full) else "a device or a pipe"

    def _is_link_away(self, path: str) -> bool:
        """Return whether a path outside the project is inside by its words, so that a symbolic link leads it away."""
        return not path.startswith("../") and os.path.lexists(os.path.join(self.project.root, path))

    def _include_yaml(self, node: Include, path: str, bases: list[str], where: tuple[str, ...], depth: int) -> None:
        if path in self.chain:
            self._includes_itself(node, path)
            return
        document = self.project.included.get(path) or self.project.documents.get(path)
        if document is None:
            # Where applications begin in it only its includer knows.
            document = Document(path, self.project.read(path) or "", whole=True)
            if _wants_text(where) and _is_script(document):
                self.project.misread.append(node)
                self._include_text(node, path)
                return
            self.project.included[path] = document
        node.target = document.root
        bases = list(dict.fromkeys([*bases, posixpath.dirname(path)]))
        if self._is_new(path, (tuple(bases), where)):
            self.chain.append(path)
            self._resolve_in(document.root, bases, where, depth + 1)
            self.chain.pop()

    def _is_new(self, path: str, context: object) -> bool:
        """Return whether the includes of a file are still to be looked up in a context."""
        contexts = self._contexts.setdefault(path, set())
        if context in contexts or len(contexts) >= _MOST_CONTEXTS:
            return False
        contexts.add(context)
        return True

    def _includes_itself(self, node: Include, path: str) -> None:
        if node not in self._circular:
            self._circular.add(node)
            way = [*self.chain, path]
            shown = way if len(way) <= _MOST_SHOWN else ["…", *way[1 - _MOST_SHOWN :]]
            self._problem(node, f"`{path}` includes itself: {' → '.join(shown)}")

    def _include_text(self, node: Include, path: str) -> None:
        document = self.project.texts.get(path)
        if document is None:
            text = self.project.read(path)
            if text is None:
                self._problem(node, f"`{path}` cannot be read")
                return
            if len(text) > MAX_SIZE:
                self._problem(node, f"`{path}` is longer than {MAX_SIZE:,} characters and was not analyzed")
                return
            document = self.project.texts[path] = TextDocument(path, text)
        node.target = document.root

    def _problem(self, node: Include, message: str) -> None:
        target = node.path_node or node.argument
        region = target.region if target.region.end > target.region.start else node.region
        self.project.problems.append(Problem("include-not-found", message, region))


def _is_bare(include: Include) -> bool:
    """Return whether a tag has nothing behind it."""
    return include.tag == "!include" and isinstance(include.argument, Scalar) and not include.argument.text


def _wants_text(where: tuple[str, ...]) -> bool:
    """Return whether what stands at a path of keys is a text that a shell runs."""
    if where[:1] != ("applications",) or len(where) < 4:
        return False
    in_commands = where[-2] == "commands" and where[-1] in ("start", "pre_start", "post_start", "stop")
    return in_commands or (where[2] == "hooks" and len(where) == 4) or (where[2] == "crons" and where[-1] == "cmd")


def _is_script(document: Document) -> bool:
    """Return whether a file is one that YAML does not read as the text it is: of several lines, or no single text."""
    if document.path.endswith((".yaml", ".yml")):
        return False
    root = document.root
    if document.problems or isinstance(root, Mapping | Sequence):
        return True
    return isinstance(root, Scalar) and not root.style and "\n" in root.source.strip()


def _source_root(application: Mapping) -> str:
    """Return the folder of an application's code, relative to the project."""
    source = application.value("source")
    root = source.value("root") if isinstance(source, Mapping) else None
    text = root.text if isinstance(root, Scalar) else ""
    return posixpath.normpath(text.strip("/") or ".")
