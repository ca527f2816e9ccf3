"""The projects that are open in an editor: their files on disk with the open buffers laid over them.

A path here is absolute and the operating system's own; `uri` gives what the client calls it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import NamedTuple

from pygls.uris import from_fs_path, to_fs_path

from upsun_lint.failure import Failure
from upsun_lint.run import settings as settings_files
from upsun_lint.run.settings import Settings
from upsun_rules.engine import lint
from upsun_rules.finding import Finding
from upsun_rules.options import Options
from upsun_schema.configuration.project import CONFIG_FOLDER, Project
from upsun_schema.images.table import Images
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Region
from upsun_schema.yaml.text import Span

__all__ = ["Buffer", "OpenProject", "SettingsFailure", "Workspace", "root_of"]

SETTINGS_FILE = ".upsun-lint.toml"


@dataclass(slots=True)
class Buffer:
    """The text of an open file as the client last sent it."""

    uri: str
    text: str
    version: int | None


class ProjectView(NamedTuple):
    """A file of a project as it stands now: where it is, and its tree, which outlives a broken text."""

    project: OpenProject
    document: Document


def _settings_of(root: str) -> tuple[Settings, SettingsFailure | None]:
    """The settings of the project at a root; the defaults, and why, where they cannot be used."""
    try:
        path = settings_files.find(root)
        return (settings_files.load(path) if path else Settings()), None
    except Failure as failure:
        # Each begins with the path of the file, which `find` does not return where it cannot read it.
        message = str(failure)
        return Settings(), SettingsFailure(f"{message.partition('.toml:')[0]}.toml", message)


def root_of(path: str) -> str | None:
    """The root of the project a file belongs to: the folder that holds the `.upsun` it lies in, or None."""
    folder = os.path.dirname(path)
    while True:
        parent, name = os.path.split(folder)
        if name == CONFIG_FOLDER:
            return parent
        if parent == folder:
            return None
        folder = parent


class SettingsFailure(NamedTuple):
    """A settings file (its absolute path) that cannot be used, and why."""

    path: str
    message: str


class OpenProject:
    """One project and what was found in it, brought up to date when it is asked for, not when it changes."""

    def __init__(self, workspace: Workspace, root: str) -> None:
        self._workspace = workspace
        self.root = root
        self._project: Project | None = None
        self._findings: list[Finding] | None = None
        self._options: tuple[Settings, Options] | None = None
        self.settings_failure: SettingsFailure | None = None
        self._is_stale = True

    def touch(self, *, settings: bool = False) -> None:
        """Note that a text of it changed, or its settings."""
        self._is_stale = True
        if settings:
            self._options = None

    @property
    def is_read(self) -> bool:
        """Whether it was ever looked into; a folder may hold hundreds of projects that nobody asked about yet."""
        return self._project is not None

    @property
    def project(self) -> Project:
        """The project as it stands now."""
        if self._is_stale or self._project is None:
            self._project = Project(self.root, self._workspace.overlay(self.root), self._project)
            self._findings = None
            self._is_stale = False
        return self._project

    @property
    def settings(self) -> Settings:
        """Its settings: those of its file, with the client's over them."""
        return self._decided()[0]

    @property
    def options(self) -> Options:
        """What its settings tell the rules."""
        return self._decided()[1]

    def _decided(self) -> tuple[Settings, Options]:
        if self._options is None:
            settings, self.settings_failure = _settings_of(self.root)
            settings = self._workspace.over(settings)
            self._options = (settings, settings.options(self._workspace.images))
        return self._options

    @property
    def findings(self) -> list[Finding]:
        """What the rules say of it, at or above the severity that its settings show."""
        project = self.project
        if self._findings is None:
            self._findings = self.lint(project)
        return self._findings

    def lint(self, project: Project) -> list[Finding]:
        """What the rules say, by its settings, of it in another state."""
        settings, options = self._decided()
        return [
            finding
            for finding in lint(project, options)
            if not settings.silences(self.path(project.place(finding.region).document), finding.rule)
        ]

    def path(self, document: Document) -> str:
        """The absolute path of one of its files."""
        return os.path.join(self.root, *document.path.split("/"))

    def uri(self, document: Document) -> str:
        """What the client calls one of its files."""
        return self._workspace.uri(self.path(document))

    def document(self, path: str) -> Document | None:
        """Return one of its files by its absolute path; None where it is not one."""
        relative = os.path.relpath(path, self.root).replace(os.sep, "/")
        project = self.project
        return project.documents.get(relative) or project.included.get(relative)

    def includes(self, path: str) -> bool:
        """Whether an absolute path was that of a file it includes, when it was last read."""
        if self._project is None:
            return False
        relative = os.path.relpath(path, self.root).replace(os.sep, "/")
        return relative in self._project.included or relative in self._project.texts

    def encloses(self, uri: str) -> bool:
        """Whether a file lies in the project's folder, part of its configuration or not."""
        return (to_fs_path(uri) or "").startswith(self.root + os.sep)

    def span(self, region: Region) -> tuple[Document, Span]:
        """Where a region is."""
        return self.project.place(region)


class Workspace:
    """Everything that is open: the folders, the buffers, and the projects they belong to."""

    def __init__(self, images: Images) -> None:
        self.images = images
        self.folders: list[str] = []
        self._buffers: dict[str, Buffer] = {}
        self._projects: dict[str, OpenProject] = {}
        self._overrides: dict[str, object] = {}
        self._roots: dict[str, None] = {}

    # -- what the client says ------------------------------------------------------------------------------------

    def open(self, uri: str, text: str, version: int | None) -> list[OpenProject]:
        """Take over the text of a file; return the projects whose configuration it is part of."""
        path = to_fs_path(uri)
        if not path:
            return []
        path = os.path.abspath(path)
        self._buffers[path] = Buffer(uri, text, version)
        return self._touch_file(path)

    def close(self, uri: str) -> list[OpenProject]:
        """Forget the text of a file; the one on disk counts again. Returns as `open` does."""
        path = os.path.abspath(to_fs_path(uri) or "")
        self._buffers.pop(path, None)
        return self._touch_file(path)

    def touch(self, path: str) -> list[OpenProject]:
        """Note that a file may have changed on disk; return the projects for which that may matter."""
        if os.path.basename(path) not in (SETTINGS_FILE, "pyproject.toml"):
            return self._touch_file(path)
        folder = os.path.dirname(path).rstrip(os.sep) + os.sep
        touched = [project for project in self._projects.values() if (project.root + os.sep).startswith(folder)]
        for project in touched:
            project.touch(settings=True)
        return touched

    def _touch_file(self, path: str) -> list[OpenProject]:
        root = root_of(path)
        if root is not None:
            project = self.project(root)
            project.touch()
            return [project]
        # Included files may lie anywhere in a project.
        around = [project for project in self._projects.values() if path.startswith(project.root + os.sep)]
        for project in around:
            project.touch()
        return [project for project in around if project.includes(path)]

    def override(self, settings: dict[str, object]) -> None:
        """Lay the client's settings over those of every project. Raises `Failure` for a bad one; good ones count."""
        self._overrides = settings
        for project in self._projects.values():
            project.touch(settings=True)

    def over(self, settings: Settings) -> Settings:
        """Return settings with the client's over them."""
        return settings_files.read(self._overrides, "the editor's settings", settings) if self._overrides else settings

    # -- what is there -------------------------------------------------------------------------------------------

    def project(self, root: str) -> OpenProject:
        """The project at a root."""
        found = self._projects.get(root)
        if found is None:
            found = self._projects[root] = OpenProject(self, root)
        return found

    def drop(self, open_project: OpenProject) -> None:
        """Let go of a project; it is read anew when it is asked for again."""
        self._projects.pop(open_project.root, None)

    @property
    def projects(self) -> list[OpenProject]:
        """The projects that were opened so far."""
        return list(self._projects.values())

    def found(self, root: str) -> None:
        """Note that there is a project in one of the client's folders."""
        self._roots.setdefault(root)

    def all(self) -> list[OpenProject]:
        """Every project in the client's folders, as far as they were found, and those that were opened."""
        for root in filter(self._is_in_folder, self._roots):
            self.project(root)
        return self.projects

    def left(self) -> list[OpenProject]:
        """The projects of which no file is open, in folders that the client has closed."""
        return [one for one in self.projects if not self._is_in_folder(one.root) and not self.overlay(one.root)]

    def _is_in_folder(self, root: str) -> bool:
        return (root + os.sep).startswith(tuple(folder.rstrip(os.sep) + os.sep for folder in self.folders))

    def view(self, uri: str) -> ProjectView | None:
        """A file as it stands now; None where it belongs to no project."""
        path = os.path.abspath(to_fs_path(uri) or "")
        root = root_of(path)
        if root is None:
            return None
        project = self.project(root)
        document = project.document(path)
        return None if document is None else ProjectView(project, document)

    def overlay(self, root: str) -> dict[str, str]:
        """The open texts in a folder, by their paths relative to it."""
        start = root.rstrip(os.sep) + os.sep
        return {
            path[len(start) :].replace(os.sep, "/"): buffer.text
            for path, buffer in self._buffers.items()
            if path.startswith(start)
        }

    def buffer(self, uri: str) -> Buffer | None:
        """The open text of a file."""
        return self._buffers.get(os.path.abspath(to_fs_path(uri) or ""))

    def uri(self, path: str) -> str:
        """What the client calls a file: its own spelling where it has it open."""
        buffer = self._buffers.get(path)
        return buffer.uri if buffer is not None else from_fs_path(path) or ""
