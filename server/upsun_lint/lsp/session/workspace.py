"""The projects of an editor: their files on disk, replaced by the buffers that are open.

Paths are absolute and in the form of the operating system; `uri` converts them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from upsun_lint.failure import Failure
from upsun_lint.lsp.session.discovery import is_searched
from upsun_lint.lsp.session.head import LOG, HeadRevision
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.text_changes import text_after
from upsun_lint.run import image_updates, settings_reader
from upsun_lint.run.settings import Settings
from upsun_lint.run.settings_files import find
from upsun_rules.catalog import every_rule
from upsun_rules.engine import judge, lint, with_judged
from upsun_rules.finding import Finding
from upsun_rules.options import Options
from upsun_rules.rule import Rule
from upsun_schema.configuration.project import CONFIG_FOLDER, Project, find_project
from upsun_schema.images.table import Images
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Region
from upsun_schema.yaml.text import LineTable, Span, common

if TYPE_CHECKING:
    from upsun_lint.lsp.session.shell_reviews import ShellReviews
    from upsun_lint.run.shellcheck import Shellcheck

__all__ = ["Buffer", "OpenProject", "SettingsFailure", "Workspace"]

SETTINGS_FILE = ".upsun-lint.toml"
_YAML = (".yaml", ".yml")

_SECONDS = 10
"""How long ShellCheck may take. A server that is stopped waits for it."""


@dataclass(slots=True)
class Buffer:
    """The text of an open file as the client last sent it, and the 0-based line where the last change of it ended."""

    uri: str
    text: str
    version: int | None
    edited_line: int | None = None


class ProjectView(NamedTuple):
    """A file of a project in its current state."""

    project: OpenProject
    document: Document


def _settings_of(root: str) -> tuple[Settings, Images | None, SettingsFailure | None]:
    """The settings of the project at a root and the table of images they name, or why they cannot be used."""
    path = None
    try:
        path = find(root)
        settings = settings_reader.load(path) if path else Settings()
        return settings, image_updates.pinned(settings), None
    except Failure as failure:
        # Every message starts with the path of the file, which `find` does not return if it fails.
        message = str(failure)
        file = path or f"{message.partition('.toml:')[0]}.toml"
        return Settings(sources=settings_reader.named_files(file)), None, SettingsFailure(file, message)


def _path_of(uri: str) -> str:
    """The absolute path that a URI means, however it is spelled; empty if it is not that of a file."""
    path = to_fs_path(uri)
    return os.path.abspath(path) if path else ""


def _root_of(path: str) -> str | None:
    """The root of a file's project, the parent of the nearest `.upsun` folder that it is in, or is itself.

    None if there is none.
    """
    folder = path
    while True:
        parent, name = os.path.split(folder)
        if name == CONFIG_FOLDER:
            return parent
        if parent == folder:
            return None
        folder = parent


def _is_there(root: str) -> bool:
    return os.path.isdir(os.path.join(root, CONFIG_FOLDER))


def _edited_line(before: str, after: str) -> int:
    """The 0-based line of the end of what differs between two texts."""
    end = len(after) - common(before, after, at_end=True)
    return after.count("\n", 0, max(end, common(before, after)))


class SettingsFailure(NamedTuple):
    """A settings file (its absolute path) that cannot be used, and why."""

    path: str
    message: str


class OpenProject:
    """One project and its findings, updated when they are needed, not when something changes."""

    def __init__(self, workspace: Workspace, root: str) -> None:
        self._workspace = workspace
        self.root = root
        self._project: Project | None = None
        self._findings: list[Finding] | None = None
        self._options: tuple[Settings, Options] | None = None
        self.reviews: ShellReviews | None = None
        self.settings_failure: SettingsFailure | None = None
        self._is_stale = True
        self._head = HeadRevision()

    def touch(self, *, settings: bool = False) -> None:
        """Note that one of its files or its settings changed."""
        self._is_stale = True
        if settings:
            self._options = None

    def forget_findings(self) -> None:
        """Check it again when its findings are needed, though nothing changed in its files."""
        self._findings = None

    def forget_head(self) -> None:
        """Compare it with another commit when its findings are needed."""
        self._head.forget()
        self.forget_findings()

    @property
    def is_read(self) -> bool:
        """Whether it has been read; most of the projects in a folder may never be."""
        return self._project is not None

    @property
    def project(self) -> Project:
        """The project in its current state."""
        if self._is_stale or self._project is None:
            self._project = Project(self.root, self._workspace.overlay(self.root), self._project)
            self._findings = None
            self._is_stale = False
        return self._project

    @property
    def settings(self) -> Settings:
        """The settings of its file, overridden by the client's."""
        return self._decided()[0]

    @property
    def options(self) -> Options:
        """The options for the rules."""
        return self._decided()[1]

    def _decided(self) -> tuple[Settings, Options]:
        if self._options is None:
            settings, images, self.settings_failure = _settings_of(self.root)
            settings = self._workspace.over(settings)
            self.reviews = self._workspace.reviews(self.root) if settings.shellcheck else None
            self._options = (settings, settings.options(images or self._workspace.images, self.reviews))
        return self._options

    @property
    def catalog(self) -> dict[str, Rule]:
        """Every rule by its name, and every policy of the project."""
        return every_rule(self.options.policies)

    @property
    def sources(self) -> frozenset[str]:
        """The absolute paths of the files that its settings were read from; none if it was not checked yet."""
        return frozenset() if self._options is None else self._options[0].sources

    @property
    def findings(self) -> list[Finding]:
        """The findings at or above the severity that its settings show."""
        project = self.project
        if self._findings is None:
            self._findings = self.lint(project)
        return self._findings

    def lint(self, project: Project) -> list[Finding]:
        """The findings in another state of the project, with the same settings."""
        settings, options = self._decided()
        found = lint(project, options)
        if judged := self._judged(project, options):
            found = with_judged(project, found, judged)
        if not settings.depends_on_paths:
            return found
        placed = ((finding, self.path(project.place(finding.region).document)) for finding in found)
        return [
            finding
            for finding, path in placed
            if not settings.ignores_in(path, finding.rule) and not settings.hides_in(self.root, path)
        ]

    def _judged(self, project: Project, options: Options) -> list[Finding]:
        """The findings about the change since the last commit, if the user wants to see them."""
        change = self._head.change(project) if self._workspace.compares_with_head else None
        return [] if change is None else judge(change, options)

    def path(self, document: Document) -> str:
        """The absolute path of one of its files."""
        return os.path.join(self.root, *document.path.split("/"))

    def uri(self, document: Document) -> str:
        """The URI of one of its files."""
        return self._workspace.uri(self.path(document))

    def known_lines(self, path: str, text: str) -> LineTable | None:
        """The lines of a text, if it is that of the file with this absolute path when the project was last read."""
        if self._project is None:
            return None
        relative = os.path.relpath(path, self.root).replace(os.sep, "/")
        document = self._project.documents.get(relative) or self._project.included.get(relative)
        return document.lines if document is not None and document.text is text else None

    def document(self, path: str) -> Document | None:
        """One of its files by its absolute path; None if it has no such file."""
        relative = os.path.relpath(path, self.root).replace(os.sep, "/")
        project = self.project
        return project.documents.get(relative) or project.included.get(relative)

    def includes(self, path: str) -> bool:
        """Whether it looked at the file with an absolute path when it was last read: included it, or what runs it."""
        if self._project is None:
            return False
        relative = os.path.relpath(path, self.root).replace(os.sep, "/")
        project = self._project
        if relative.rpartition("/")[0] in project.repository.listed_folders:
            return True
        # Of a folder that is removed or renamed, a client may name only the folder.
        looked_for = (*project.looked_for, *project.repository.paths)
        return any(one == relative or one.startswith(f"{relative}/") for one in looked_for)

    def span(self, region: Region) -> tuple[Document, Span]:
        """Where a region is."""
        return self.project.place(region)


class Workspace:
    """The client's folders, the open buffers, and the projects."""

    def __init__(self, images: Images) -> None:
        self.images = images
        self.folders: list[str] = []
        self.compares_with_head = False
        self._buffers: dict[str, Buffer] = {}
        self._projects: dict[str, OpenProject] = {}
        self._overrides: dict[str, object] = {}
        self._roots: dict[str, None] = {}
        self._programs: dict[str, Shellcheck] = {}

    # -- what the client says ------------------------------------------------------------------------------------

    def open(self, uri: str, text: str, version: int | None) -> list[OpenProject]:
        """Set the text of a file; return the projects whose configuration it is part of."""
        path = _path_of(uri)
        if not path:
            return []
        self._buffers[path] = Buffer(uri, text, version)
        if (root := _root_of(path)) is not None:
            self.project(root)
        self._read_around(path)
        return self._touch_file(path)

    def text_after(self, uri: str, changes: Sequence[types.TextDocumentContentChangeEvent], units: Units) -> str | None:
        """The text of an open file after changes of it; None if it is not open, and they do not say all of it."""
        path = _path_of(uri)
        buffer = self._buffers.get(path)
        if buffer is None:
            return text_after(changes, None, None, units)
        around = (project for project in self._projects.values() if path.startswith(project.root + os.sep))
        known = (project.known_lines(path, buffer.text) for project in around)
        return text_after(changes, buffer.text, next(filter(None, known), None), units)

    def change(self, uri: str, text: str, version: int | None) -> list[OpenProject]:
        """Set the changed text of an open file. Returns the same as `open`."""
        before = self.buffer(uri)
        touched = self.open(uri, text, version)
        after = self.buffer(uri)
        if before is not None and after is not None:
            after.edited_line = before.edited_line if before.text == text else _edited_line(before.text, text)
        return touched

    def close(self, uri: str) -> list[OpenProject]:
        """Forget the text of a file, so that the one on disk counts again. Returns the same as `open`."""
        path = _path_of(uri)
        self._buffers.pop(path, None)
        return self._touch_file(path)

    def touch(self, path: str) -> list[OpenProject]:
        """Note that a file may have changed on disk; return the projects it may matter to."""
        if path.endswith(f"{os.sep}{os.path.normpath(LOG)}"):
            return self._touch_head(path[: -len(LOG)])
        if os.path.basename(path) not in (SETTINGS_FILE, "pyproject.toml"):
            self._note_project(path)
            touched = [*self._touch_source(path), *self._touch_file(path), *self._touch_nested(path)]
            return list(dict.fromkeys(touched))
        folder = os.path.dirname(path).rstrip(os.sep) + os.sep
        touched = [project for project in self._projects.values() if (project.root + os.sep).startswith(folder)]
        for project in touched:
            project.touch(settings=True)
        return touched

    def _touch_head(self, folder: str) -> list[OpenProject]:
        """Note that another commit may be checked out in a folder, whose path ends with a separator."""
        if not self.compares_with_head:
            return []
        touched = [project for project in self._projects.values() if (project.root + os.sep).startswith(folder)]
        for project in touched:
            project.forget_head()
        return touched

    def _touch_source(self, path: str) -> list[OpenProject]:
        """Note that a file may have changed that settings are in: one they extend, or the schema of a policy."""
        touched = [project for project in self._projects.values() if path in project.sources]
        for project in touched:
            project.touch(settings=True)
        return touched

    def _touch_nested(self, path: str) -> list[OpenProject]:
        """Note that a project may be there or gone: the platform ignores one inside another, and both are told."""
        if (root := _root_of(path)) is None:
            return []
        here, pairs = root + os.sep, [(one, one.root + os.sep) for one in self._projects.values()]
        nested = [one for one, there in pairs if here != there and (there.startswith(here) or here.startswith(there))]
        for project in nested:
            project.touch()
        return nested

    def _note_project(self, path: str) -> None:
        """Know the project of a file or folder that may be new on disk, if a search would find it."""
        root = _root_of(path)
        if root is None or root in self._projects or not _is_there(root):
            return
        if any(is_searched(folder, root) for folder in self.folders):
            self.found(root)
            self.project(root)

    def _touch_file(self, path: str) -> list[OpenProject]:
        root = _root_of(path)
        # Included files can be anywhere in a project, even in the configuration of one inside it.
        around = [project for project in self._projects.values() if path.startswith(project.root + os.sep)]
        for project in around:
            project.touch()
        return [project for project in around if project.root == root or project.includes(path)]

    def _read_around(self, path: str) -> None:
        """Read the project around a YAML file outside `.upsun`, which may include that file."""
        if not path.endswith(_YAML) or _root_of(path) is not None:
            return
        root = find_project(os.path.dirname(path))
        if root is None or root in self._projects:
            return
        found = self.project(root)
        if found.document(path) is None:
            self.drop(found)

    def override(self, settings: dict[str, object]) -> None:
        """Override the settings of every project with the client's, which must be valid."""
        self._overrides = settings
        for project in self._projects.values():
            project.touch(settings=True)

    def over(self, settings: Settings) -> Settings:
        """Settings overridden by the client's."""
        return settings_reader.read(self._overrides, "the editor's settings", settings) if self._overrides else settings

    def reviews(self, root: str) -> ShellReviews | None:
        """ShellCheck for a project; None if it is not installed."""
        from upsun_lint.lsp.session.shell_reviews import ShellReviews
        from upsun_lint.run.shellcheck import Shellcheck, find

        try:
            path = find(root)
        except Failure:
            return None
        return ShellReviews(self._programs.setdefault(path, Shellcheck(path, _SECONDS)))

    # -- what is there -------------------------------------------------------------------------------------------

    def project(self, root: str) -> OpenProject:
        """The project at a root."""
        found = self._projects.get(root)
        if found is None:
            found = self._projects[root] = OpenProject(self, root)
        return found

    def drop(self, open_project: OpenProject) -> None:
        """Forget a project; it is read again when it is needed."""
        self._projects.pop(open_project.root, None)

    @property
    def projects(self) -> list[OpenProject]:
        """The projects that have been opened so far."""
        return list(self._projects.values())

    def found(self, root: str) -> None:
        """Remember a project in one of the client's folders."""
        self._roots.setdefault(root)

    def all(self) -> list[OpenProject]:
        """All projects found so far in the client's folders, and those with open files."""
        for root in filter(self._is_in_folder, self._roots):
            self.project(root)
        return self.projects

    def has_open_file(self, open_project: OpenProject) -> bool:
        """Whether a file of a project is open: in its `.upsun`, or included there."""
        around = [path for path in self._buffers if path.startswith(open_project.root + os.sep)]
        return any(_root_of(path) == open_project.root or open_project.document(path) is not None for path in around)

    def left(self) -> list[OpenProject]:
        """Projects that nobody needs any more."""
        self._roots = {root: None for root in self._roots if _is_there(root)}
        return [one for one in self.projects if self.is_left(one)]

    def is_left(self, open_project: OpenProject) -> bool:
        """Whether a project is outside the client's folders, or gone from them, and has no open file."""
        is_here = self._is_in_folder(open_project.root) and _is_there(open_project.root)
        return not is_here and not self.has_open_file(open_project)

    def _is_in_folder(self, root: str) -> bool:
        return (root + os.sep).startswith(tuple(folder.rstrip(os.sep) + os.sep for folder in self.folders))

    def view(self, uri: str) -> ProjectView | None:
        """A file in its current state; None if it belongs to no project."""
        path = _path_of(uri)
        root = _root_of(path)
        around = [project for project in self._projects.values() if path.startswith(project.root + os.sep)]
        for project in around if root is None else [self.project(root)]:
            if (document := project.document(path)) is not None:
                return ProjectView(project, document)
        return None

    def overlay(self, root: str) -> dict[str, str]:
        """The open texts in a folder, by paths relative to it with `/`."""
        start = root.rstrip(os.sep) + os.sep
        return {
            path[len(start) :].replace(os.sep, "/"): buffer.text
            for path, buffer in self._buffers.items()
            if path.startswith(start)
        }

    def buffer(self, uri: str) -> Buffer | None:
        """The open text of a file."""
        return self._buffers.get(_path_of(uri))

    def spelled(self, uri: str) -> str:
        """The same URI as it is spelled here."""
        path = _path_of(uri)
        return self.uri(path) if path else uri

    @property
    def open_uris(self) -> list[str]:
        """The URIs of the open files, as the client spells them."""
        return [buffer.uri for buffer in self._buffers.values()]

    def uri(self, path: str) -> str:
        """The URI of a file, in the client's spelling if the file is open."""
        buffer = self._buffers.get(path)
        return buffer.uri if buffer is not None else from_fs_path(path) or ""
