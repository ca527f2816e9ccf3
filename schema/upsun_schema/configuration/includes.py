"""What `!include` and `!archive` refer to: which file is meant, and what is in it.

Source: docs, core-concepts/yaml/platform-yaml-tags (the forms of the tags, and the folders their paths begin in).
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping as MappingType

from upsun_schema.configuration.project_files import ProjectFiles
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import MAX_SIZE, Document, TextDocument
from upsun_schema.yaml.nodes import Include, Mapping, Node, Pair, Problem, Scalar, Sequence

__all__ = ["Included", "include_bases", "resolve_includes"]

_FORMS = frozenset({"yaml", "string", "binary", "archive"})


_DEEPEST = 100
"""How many maps, lists and includes may be around an include."""

_MOST_SHOWN = 8
"""How many files are named on the way to one that includes itself."""

_MOST_CONTEXTS = 20
"""In how many different places the includes of one included file are looked up."""


class Included(NamedTuple):
    """What a project includes: YAML files and texts by path, and what is wrong with it.

    `misread` are the includes of scripts that YAML would not read as they are; here their target is the text that is
    meant. `bare` are those without an argument whose `type` or `path` is next to them, with the map of both.
    `looked_for` are the paths that includes can mean, whether there is something or not.
    """

    documents: dict[str, Document]
    texts: dict[str, TextDocument]
    problems: list[Problem]
    misread: list[Include]
    bare: list[tuple[Pair, Mapping]]
    looked_for: set[str]


def resolve_includes(files: ProjectFiles, documents: MappingType[str, Document]) -> Included:
    """Read what documents include, and what that includes in turn. The includes then have their targets."""
    includer = _Includer(files, documents)
    for document in documents.values():
        if document.may_include:
            includer.resolve(document)
    return includer.found


class _Includer:
    """Reads what documents include. `chain` are the files on the way, each included by the one before."""

    def __init__(self, files: ProjectFiles, documents: MappingType[str, Document]) -> None:
        self.files = files
        self.documents = documents
        self.found = Included({}, {}, [], [], [], set())
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
                    self.found.bare.append((pair, node))
                else:
                    self._resolve_in(pair.value, bases, (*where, pair.name or ""), depth + 1)
        elif isinstance(node, Sequence):
            for item in node.items:
                self._resolve_in(item, bases, where, depth + 1)

    def _resolve_one(self, node: Include, bases: list[str], where: tuple[str, ...], depth: int) -> None:
        if node.form not in _FORMS:
            self._problem(node, f"`{node.form}` is not a type of `!include` (expected `string`, `binary` or `yaml`)")
            return
        if node.path is None:
            self._problem(node, "`!include` needs a path: write `!include path/to/file` or give it `type` and `path`")
            return
        if depth > _DEEPEST:
            self._problem(node, f"this is nested more than {_DEEPEST} levels deep, counting includes; it was not read")
            return
        folder = node.form == "archive"
        paths = [posixpath.normpath(posixpath.join(base, node.path.lstrip("/"))) for base in bases]
        candidates = list(dict.fromkeys(paths))
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
            self.found.looked_for.add(path)
            known = self._exists[path, folder] = self.files.exists(path, folder=folder)
        return known

    def _not_found(self, node: Include, candidates: list[str], *, folder: bool) -> None:
        outside = [path for path in candidates if not self.files.contains(path)]
        kind = "folder" if folder else "file"
        # A symbolic link of the project that leads away is there to be seen: it is what is meant.
        if len(outside) == len(candidates) or any(map(self.files.is_link_outside, outside)):
            self._problem(node, f"`{node.path}` is outside the project; the platform reads only files of the project")
            return
        inside = [path for path in dict.fromkeys(candidates) if path not in outside]
        other = next((path for path in inside if os.path.exists(os.path.join(self.files.root, path))), None)
        if other is not None:
            self._problem(node, f"`{other}` is {self._kind(other)}, not a {kind}")
            return
        self._problem(node, f"{kind} {' or '.join(f'`{path}`' for path in inside)} not found")

    def _kind(self, path: str) -> str:
        full = os.path.join(self.files.root, path)
        return "a folder" if os.path.isdir(full) else "a file" if os.path.isfile(full) else "a device or a pipe"

    def _include_yaml(self, node: Include, path: str, bases: list[str], where: tuple[str, ...], depth: int) -> None:
        if path in self.chain:
            self._includes_itself(node, path)
            return
        document = self.found.documents.get(path) or self.documents.get(path)
        if document is None:
            # Where applications begin in it only its includer knows.
            document = Document(path, self.files.read(path) or "", whole=True)
            if _wants_text(where) and _is_script(document):
                self.found.misread.append(node)
                self._include_text(node, path)
                return
            self.found.documents[path] = document
        node.target = document.root
        bases = list(dict.fromkeys([*bases, posixpath.dirname(path)]))
        if self._is_new(path, (tuple(bases), where)):
            self.chain.append(path)
            self._resolve_in(document.root, bases, where, depth + 1)
            self.chain.pop()

    def _is_new(self, path: str, context: object) -> bool:
        """Whether the includes of a file are still to be looked up in a context."""
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
        document = self.found.texts.get(path)
        if document is None:
            text = self.files.read(path)
            if text is None:
                self._problem(node, f"`{path}` cannot be read")
                return
            if len(text) > MAX_SIZE:
                self._problem(node, f"`{path}` is longer than {MAX_SIZE:,} characters and was not analyzed")
                return
            document = self.found.texts[path] = TextDocument(path, text)
        node.target = document.root

    def _problem(self, node: Include, message: str) -> None:
        target = node.path_node or node.argument
        region = target.region if target.region.end > target.region.start else node.region
        self.found.problems.append(Problem("include-not-found", message, region))


def _is_bare(include: Include) -> bool:
    """Whether a tag has nothing behind it."""
    return include.tag == "!include" and isinstance(include.argument, Scalar) and not include.argument.text


def _wants_text(where: tuple[str, ...]) -> bool:
    """Whether the value at a path of keys is a text that a shell runs."""
    if where[:1] != ("applications",) or len(where) < 4:
        return False
    in_commands = where[-2] == "commands" and where[-1] in ("start", "pre_start", "post_start", "stop")
    return in_commands or (where[2] == "hooks" and len(where) == 4) or (where[2] == "crons" and where[-1] == "cmd")


def _is_script(document: Document) -> bool:
    """Whether a file is one that YAML does not read as the text it is: of several lines, or no single text."""
    if document.path.endswith((".yaml", ".yml")):
        return False
    root = document.root
    if document.problems or isinstance(root, Mapping | Sequence):
        return True
    return isinstance(root, Scalar) and not root.style and "\n" in root.source.strip()


def include_bases(document: Document, keys: tuple[str, ...]) -> list[str]:
    """The folders that the path of an include may be relative to, likeliest first. `keys` lead to it in its file."""
    own = [posixpath.dirname(document.path)]
    if len(keys) < 3 or keys[0] != "applications" or not isinstance(document.root, Mapping):
        return own
    applications = document.root.value(keys[0])
    application = applications.value(keys[1]) if isinstance(applications, Mapping) else None
    return list(dict.fromkeys([_source_root(application), *own])) if isinstance(application, Mapping) else own


def _source_root(application: Mapping) -> str:
    """The folder of an application's code, relative to the project."""
    source = application.value("source")
    root = source.value("root") if isinstance(source, Mapping) else None
    text = root.text if isinstance(root, Scalar) else ""
    return posixpath.normpath(text.strip("/") or ".")
