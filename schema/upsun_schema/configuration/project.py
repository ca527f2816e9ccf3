"""One Upsun project: every file of its `.upsun` folder merged as the platform merges them.

Source: docs, core-concepts/yaml/yaml-structure (which files are read, and how they are merged).
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Hashable, Iterator, KeysView
from collections.abc import Mapping as MappingType
from itertools import islice

from upsun_schema.cached import cached_property
from upsun_schema.configuration.includes import resolve_includes
from upsun_schema.configuration.model import Application, Route, Service, Task, Worker
from upsun_schema.configuration.project_files import ProjectFiles, decode
from upsun_schema.configuration.repository import Repository
from upsun_schema.configuration.sources import Size, Sources, homes
from upsun_schema.expression import expression
from upsun_schema.files import walk
from upsun_schema.record import NamedTuple
from upsun_schema.wording import nearest
from upsun_schema.yaml.document import Document, TextDocument
from upsun_schema.yaml.nodes import BROKEN, Mapping, Pair, Piece, Region
from upsun_schema.yaml.text import Span

__all__ = [
    "CONFIG_FOLDER",
    "SECTION_LINE",
    "SKIPPED_FOLDERS",
    "Place",
    "Project",
    "decode",
    "find_project",
    "find_projects",
    "is_misindented",
]

CONFIG_FOLDER = ".upsun"

SKIPPED_FOLDERS = frozenset(
    {".git", ".hg", ".svn", ".tox", ".venv", "__pycache__", "bower_components", "node_modules", "vendor", "venv"}
)
"""Folders that hold other people's code: never searched for projects."""

SECTIONS = ("applications", "services", "routes", "tasks")
"""The top-level keys whose entries are merged across files. `tasks` is a preview (docs: configure-apps/tasks)."""

SECTION_LINE = expression(rf"^(?:{'|'.join(SECTIONS)}):", re.MULTILINE)
"""A top-level key with its colon."""

_MOST_UNREAD = 100
_MOST_FOLDERS = 1_000
"""How many files, and how many folders, below `.upsun` are looked at."""


class Place(NamedTuple):
    """Where something is: a document of the project and a stretch of its text in code points."""

    document: Document
    span: Span


class _Look(NamedTuple):
    """What a file in a folder below `.upsun` is, and the state it was in then: its size and time, or its text.

    It has a document if it looks like configuration.
    """

    state: Hashable
    document: TextDocument | None


def find_project(path: str) -> str | None:
    """The root of the project that a path lies in: the nearest folder upward that holds `.upsun`."""
    folder = os.path.abspath(path)
    if not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    while True:
        if os.path.isdir(os.path.join(folder, CONFIG_FOLDER)):
            return folder
        if os.path.basename(folder) == CONFIG_FOLDER:
            return os.path.dirname(folder)
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def find_projects(folder: str) -> Iterator[str]:
    """Yield the roots of the projects in and below a folder, in order of their paths."""
    for root, folders, _ in walk(folder):
        if CONFIG_FOLDER in folders:
            yield root
        folders[:] = sorted(
            name for name in folders if name not in SKIPPED_FOLDERS and not (name.startswith(".") and len(name) > 1)
        )


class Project(ProjectFiles, Sources):
    """The merged configuration of one project, read-only. A changed file makes a new project.

    `documents` are the files of `.upsun`, `included` the YAML files that these include, `texts` what they include as
    text. `misread` are the includes of scripts that YAML would not read as they are; here their target is the text
    that is meant. `bare_includes` are those without an argument whose `type` or `path` is next to them, with the map
    of both. `looked_for` are the paths that includes can mean, `problems` are includes that could not be read. `unread`
    are files that look like configuration, but are in a folder below `.upsun`, and no file includes them.
    """

    documents: dict[str, Document]
    included: dict[str, Document]
    texts: dict[str, TextDocument]
    unread: dict[str, TextDocument]

    def __init__(
        self,
        root: str,
        overlay: MappingType[str, str] | None = None,
        previous: Project | None = None,
        *,
        on_disk: bool = True,
    ) -> None:
        """Read the project at `root`; `overlay` maps paths to texts that count instead of the files on disk.

        `previous` is an older state of the same project, whose unchanged parts are taken over. If not `on_disk`, the
        overlay is the whole project.
        """
        super().__init__(root, overlay, on_disk=on_disk)
        # Not itself: old states of a project are freed at once only if nothing in them refers back to them.
        files = ProjectFiles(root, overlay, on_disk=on_disk)
        self.repository: Repository = Repository(files, previous.repository if previous is not None else None)
        self.documents = {}
        known = previous.documents if previous is not None else {}
        for path in self._config_paths():
            if (text := self.read(path)) is not None:
                self.documents[path] = Document(path, text, known.get(path))
        found = resolve_includes(self, self.documents)
        self.included = found.documents
        self.texts = found.texts
        self.problems = found.problems
        self.misread = found.misread
        self.bare_includes = found.bare
        self.looked_for = found.looked_for
        looked: dict[str, _Look] = previous._folders if previous is not None else {}
        self._folders: dict[str, _Look] = self._look_at_folders(looked)
        self.unread = {path: look.document for path, look in self._folders.items() if look.document is not None}
        self._whole: dict[str, bool] = {}
        self._known_outline = None if previous is None else previous._outline
        self._outline: tuple[object, ...] | None = None

    # -- files ---------------------------------------------------------------------------------------------------

    def _config_paths(self) -> list[str]:
        names = self._names_on_disk() if self.on_disk else set()
        names.update(posixpath.basename(path) for path in self.overlay if posixpath.dirname(path) == CONFIG_FOLDER)
        return [f"{CONFIG_FOLDER}/{name}" for name in sorted(names) if name.endswith((".yaml", ".yml"))]

    def _names_on_disk(self) -> set[str]:
        try:
            return {entry.name for entry in os.scandir(os.path.join(self.root, CONFIG_FOLDER)) if entry.is_file()}
        except OSError:
            return set()

    def _look_at_folders(self, known: MappingType[str, _Look]) -> dict[str, _Look]:
        """What the files in folders below `.upsun` are that nothing includes; `known` is what they were."""
        found: dict[str, _Look] = {}
        for path in self._paths_in_folders():
            if len(found) >= _MOST_UNREAD:
                break
            if path in self.included:
                continue
            state = self.overlay.get(path) or self._state(path)
            look = known.get(path)
            if look is None or look.state != state:
                text = self.read(path) or ""
                look = _Look(state, TextDocument(path, text) if SECTION_LINE.search(text) else None)
            found[path] = look
        return found

    def _paths_in_folders(self) -> Iterator[str]:
        if not self.on_disk:
            yield from sorted(path for path in self.overlay if _is_in_folder(path))
            return
        top = os.path.join(self.root, CONFIG_FOLDER)
        for folder, folders, names in islice(walk(top), _MOST_FOLDERS):
            folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
            if folder != top:
                below = os.path.relpath(folder, self.root).replace(os.sep, "/")
                yield from (f"{below}/{name}" for name in sorted(names) if name.endswith((".yaml", ".yml")))

    def _state(self, path: str) -> tuple[int, int] | None:
        """What changes when a file does; None where it is not there."""
        try:
            found = os.stat(os.path.join(self.root, path))
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    # -- places --------------------------------------------------------------------------------------------------

    @property
    def outline(self) -> tuple[object, ...]:
        """What an entry of the project can see of the others.

        In two states of a project with equal outlines, an entry whose text did not change relates to the others alike.
        """
        if self._outline is None:
            known, found = self._known_outline, self._find_outline()
            # Each entry compares it with the one it knows: at once, if that is the same object.
            self._outline = known if known is not None and known == found else found
        return self._outline

    def _find_outline(self) -> tuple[object, ...]:
        problems = [problem for document in self.documents.values() for problem in document.problems]
        twice = {problem.region.text.strip("'\"") for problem in problems if problem.rule == "duplicate-key"}
        return (
            tuple(application.outline for application in self.applications.values()),
            tuple(one.key.region for name, one in self.applications.items() if name in twice),
            # Which of the pieces it is matters where a name is there twice.
            tuple((service.name, service.key.region) for service in self.services.values()),
            tuple((task.name, task.key.region) for task in self.tasks.values()),
            tuple((path, document.outline) for path, document in self.documents.items()),
            tuple(self.knows_every(section) for section in ("applications", "services", "tasks", "routes")),
            tuple(self.included),
            self.repository.generation,
        )

    def holds(self, piece: Piece) -> bool:
        """Whether a piece of text is part of the project as it is now."""
        return self._home(piece) is not None

    def _home(self, piece: Piece) -> Document | None:
        return self._homes.get(piece) or self.repository.home(piece)

    def place(self, region: Region) -> Place:
        """Where a region is. Raises LookupError for a region of another project."""
        document, span = self.where(region)
        assert isinstance(document, Document)
        return Place(document, span)

    @property
    def pieces(self) -> KeysView[Piece]:
        """The pieces of its files, apart from those of scripts and the like in the repository."""
        return self._homes.keys()

    @property
    def all_documents(self) -> Iterator[Document]:
        """Every YAML file that was read: those of `.upsun` and those they include."""
        yield from self.documents.values()
        yield from self.included.values()

    @cached_property
    def _homes(self) -> dict[Piece, Document]:
        return homes((*self.all_documents, *self.texts.values(), *self.unread.values()))

    @cached_property
    def size(self) -> Size:
        """How many applications and workers there are."""
        return Size(len(self.applications), len(self._every_worker()))

    # -- content -------------------------------------------------------------------------------------------------

    @cached_property
    def _entries(self) -> dict[str, list[Pair]]:
        """The entries of each top-level key, file by file."""
        found: dict[str, list[Pair]] = {name: [] for name in SECTIONS}
        for document in self.documents.values():
            if isinstance(document.root, Mapping):
                for section in document.root.pairs:
                    for name, entries in _entries_of(section):
                        found[name] += entries
        return found

    def section(self, name: str) -> list[Pair]:
        """The entries of a top-level key, file by file, those of one name included."""
        return self._entries[name]

    def _merged(self, name: str) -> dict[str, Pair]:
        return {
            key: pair
            for pair in self._entries[name]
            if (key := pair.name) is not None and not pair.is_merge and not key.startswith(".")
        }

    @cached_property
    def applications(self) -> dict[str, Application]:
        """The applications by name. Of two with one name, the second counts, as documented (yaml/yaml-structure)."""
        return {name: Application.of(name, pair) for name, pair in self._merged("applications").items()}

    @cached_property
    def relationship_prefixes(self) -> frozenset[str]:
        """How the names of the variables begin that any relationship of an application or its instances provides."""
        return frozenset(prefix for application in self.applications.values() for prefix in application.every_prefix)

    @cached_property
    def first_workers(self) -> dict[str, Worker]:
        """The workers by their own names: of those with one name, the first."""
        return {worker.name: worker for worker in reversed(self._every_worker())}

    @cached_property
    def _workers(self) -> dict[str, Worker]:
        return self.first_workers | {worker.full_name: worker for worker in self._every_worker()}

    def _every_worker(self) -> list[Worker]:
        return [worker for application in self.applications.values() for worker in application.workers.values()]

    def worker_called(self, name: str) -> Worker | None:
        """The worker that `application--worker`, or a worker's own name, means."""
        return self._workers.get(name)

    @cached_property
    def _named(self) -> dict[str, list[Application | Service]]:
        return {}

    def named(self, name: str) -> list[Application | Service]:
        """The service and the application of a name; more than one where both have it."""
        if name not in self._named:
            found = (self.services.get(name), self.applications.get(name))
            self._named[name] = [view for view in found if view is not None]
        return self._named[name]

    def knows_every(self, section: str) -> bool:
        """Whether all entries of a top-level key could be read, so that a name not found is not there."""
        if section not in self._whole:
            self._whole[section] = all(_reads_whole(document, section) for document in self.documents.values())
        return self._whole[section]

    @cached_property
    def services(self) -> dict[str, Service]:
        """The services by name."""
        return {name: Service.of(name, pair) for name, pair in self._merged("services").items()}

    @cached_property
    def tasks(self) -> dict[str, Task]:
        """The tasks by name."""
        return {name: Task.of(name, pair) for name, pair in self._merged("tasks").items()}

    @cached_property
    def routes(self) -> dict[str, Route]:
        """The routes by URL."""
        return {name: Route.of(name, pair) for name, pair in self._merged("routes").items()}


def _is_in_folder(path: str) -> bool:
    """Whether a path is that of a YAML file in a folder below `.upsun`."""
    top, *folders = path.split("/")[:-1] or [""]
    is_below = top == CONFIG_FOLDER and bool(folders) and not SKIPPED_FOLDERS.intersection(folders)
    return is_below and path.endswith((".yaml", ".yml"))


def _entries_of(section: Pair) -> Iterator[tuple[str, list[Pair]]]:
    """Yield the entries of a top-level key, with the section their author means them to be in.

    That is another one for what follows a `services:` indented into `applications` by accident.
    """
    entries = section.value.resolved
    name = section.name or ""
    if name not in SECTIONS or not isinstance(entries, Mapping):
        return
    if not any(pair.name in SECTIONS for pair in entries.pairs):  # As nearly always.
        yield name, entries.pairs
        return
    for pair in entries.pairs:
        if not is_misindented(pair, name):
            yield name, [pair]
        elif isinstance(inner := pair.value.resolved, Mapping):
            yield pair.name or "", inner.pairs
        else:
            name = pair.name or ""


def is_misindented(pair: Pair, section: str) -> bool:
    """Whether an entry of a section is another section indented into it by accident.

    It is named like one, and is empty or has entries instead of the keys of an application.
    """
    if pair.name not in SECTIONS or pair.name == section:
        return False
    node = pair.value.resolved
    if not isinstance(node, Mapping):
        return node.is_null
    return "type" not in node.entries or isinstance(node.value("type"), Mapping)


def _reads_whole(document: Document, section: str) -> bool:
    """Whether all entries that a file has for a top-level key could be read."""
    if not isinstance(document.root, Mapping):
        return not document.is_broken
    for pair in document.root.pairs:
        value = pair.value.resolved
        # Under a misspelled key or indented into another section: that is reported, and its consequences need not be.
        if pair.name is not None and pair.name not in SECTIONS and nearest(pair.name, [section]):
            return False
        if pair.name != section:
            if isinstance(value, Mapping) and section in value.entries:
                return False
        elif isinstance(value, Mapping):
            if any(entry.is_merge or entry.name is None for entry in value.pairs):
                return False
        elif not value.is_null or value.tag == BROKEN:
            return False
    return True
