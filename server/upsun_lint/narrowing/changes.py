"""What changed in projects since a revision: the lines, and the workers affected.

The texts at the revision are compared with the working tree, including files unknown to git. If an included script or
folder changed, the line that includes it is a changed line. If the revision is on another branch that has moved on, the
merge base is used instead.
"""

from __future__ import annotations

import os
import stat
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from upsun_lint.fixing.fixes import encode
from upsun_lint.narrowing.comparison import changed_stretches
from upsun_lint.narrowing.git import Revision, repository
from upsun_lint.narrowing.past import past_project, path_in
from upsun_lint.places.paths import display_path
from upsun_lint.run.result import Reach
from upsun_rules.finding import Finding
from upsun_schema.configuration.inheritance import INHERITED, SHARED
from upsun_schema.configuration.model import Application
from upsun_schema.configuration.project import CONFIG_FOLDER, Project, decode
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import Document, TextDocument
from upsun_schema.yaml.nodes import Alias, Include, Mapping, Node, Region, Sequence, is_same
from upsun_schema.yaml.text import Span

__all__ = ["Changes"]

_MOST_BYTES = 64_000_000


class _Lines(NamedTuple):
    """Ranges of changed lines of a file, in order: the first and the last of each, 0-based."""

    firsts: list[int]
    lasts: list[int]

    @classmethod
    def of(cls, stretches: Iterable[tuple[int, int]]) -> _Lines:
        """Sort and join ranges, which may overlap."""
        lines = cls([], [])
        for first, last in sorted(stretches):
            if lines.lasts and first <= lines.lasts[-1]:
                lines.lasts[-1] = max(lines.lasts[-1], last)
            else:
                lines.firsts.append(first)
                lines.lasts.append(last)
        return lines

    def meet(self, first: int, last: int) -> bool:
        """Whether one of these lines changed."""
        index = bisect_left(self.lasts, first)
        return index < len(self.firsts) and self.firsts[index] <= last


_EVERY_LINE = (0, 1 << 60)


class Changes:
    """What changed since a revision, in the repositories of the projects."""

    def __init__(self, revision: str) -> None:
        self.revision = revision
        self._tops: dict[str, str] = {}
        self._revisions: dict[str, Revision] = {}
        self._moves: dict[str, str] = {}

    def untouched(self, project: Project, findings: Iterable[Finding]) -> list[Finding]:
        """The findings that are not about changed lines.

        The others have their place, or a related place, on a changed line. Failure if git cannot answer.
        """
        lines = self._comparison(project).lines()
        return [finding for finding in findings if not any(_meets(project, lines, one) for one in _regions(finding))]

    def reach(self, project: Project) -> list[Reach]:
        """The properties of applications that changed and that workers share or inherit."""
        comparison = self._comparison(project)
        before = past_project(comparison.revision, project)
        files = {include.file for include in comparison.changed_includes()}
        found = []
        for application in project.applications.values():
            old = before.applications.get(application.name)
            if old is not None and application.workers:
                found += [_reach(project, application, name) for name in _changed(old, application, files)]
        return found

    def _comparison(self, project: Project) -> _Comparison:
        if project.root not in self._tops:
            self._tops[project.root] = repository(project.root)
        top = self._tops[project.root]
        if top not in self._revisions:
            self._revisions[top] = Revision(top, self.revision).parted()
        return _Comparison(project, self._revisions[top], self._moves)


def _regions(finding: Finding) -> Iterator[Region]:
    yield finding.region
    yield from (related.region for related in finding.related)


def _meets(project: Project, lines: dict[str, _Lines], region: Region) -> bool:
    document, span = project.place(region)
    changed = lines.get(document.path)
    return changed is not None and changed.meet(*_stretch_of(document, span))


def _stretch_of(document: Document, span: Span) -> tuple[int, int]:
    """The first and the last line of a span as git counts them: only line feeds end a line."""
    first = document.text.count("\n", 0, span.start)
    return first, first + document.text.count("\n", span.start, max(span.end - 1, span.start))


def _includes(node: Node | None, seen: set[int]) -> Iterator[Include]:
    """Yield the includes of files other than YAML at or below a node, except below nodes already seen."""
    if node is None:
        return
    node = node.resolved if isinstance(node, Alias) or (isinstance(node, Include) and node.form == "yaml") else node
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, Include):
        if node.file is not None and node.form != "yaml":
            yield node
    elif isinstance(node, Mapping):
        for pair in node.pairs:
            yield from _includes(pair.value, seen)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _includes(item, seen)


# -- inheritance -----------------------------------------------------------------------------------------------------


def _changed(old: Application, new: Application, files: set[str | None]) -> Iterator[str]:
    """Yield the changed properties; `files` are the included files that changed."""
    for name in (*SHARED, *INHERITED):
        before, after = old.value(name), new.value(name)
        if before is None or after is None:
            if before is not after:
                yield name
        elif not is_same(before, after) or any(
            include.file in files for include in _includes(new.entries[name].value, set())
        ):
            yield name


def _reach(project: Project, application: Application, name: str) -> Reach:
    overriding = [
        worker.name for worker in application.workers.values() if name in INHERITED and worker.entry(name) is not None
    ]
    reached = [worker for worker in application.workers if worker not in overriding]
    return Reach(display_path(project.root), application.name, name, reached, overriding)


# -- comparing ---------------------------------------------------------------------------------------------------------


class _Comparison:
    """A project and the revision it is compared with.

    `moves` maps the old path of each moved file in its repository to the new one.
    """

    def __init__(self, project: Project, revision: Revision, moves: dict[str, str]) -> None:
        self.project = project
        self.revision = revision
        self._moves = moves

    def lines(self) -> dict[str, _Lines]:
        """The changed lines of each file of the project, by its path there."""
        documents = (*self.project.all_documents, *self.project.unread.values())
        found = {document.path: self._stretches(document) for document in documents}
        for include in self.changed_includes():
            document, span = self.project.place(include.region)
            found.setdefault(document.path, []).append(_stretch_of(document, span))
        return {path: _Lines.of(stretches) for path, stretches in found.items()}

    def _stretches(self, document: Document | TextDocument) -> list[tuple[int, int]]:
        path, data = self._place(document.path), encode(document.text)
        if self.revision.is_same(path, data):
            return []
        old = self.revision.read(path)
        if old is not None:
            return changed_stretches(decode(old), document.text)
        return [] if self._is_moved(path, data) else [_EVERY_LINE]

    def _place(self, path: str) -> str:
        return path_in(self.revision, self.project.root, path)

    def _is_moved(self, path: str, data: bytes) -> bool:
        """Whether a file with this content and role was removed elsewhere, so that this is the moved file.

        Of several copies, one is the moved file and the others are new.
        """
        role = _role(path)
        if role is None:
            return False
        return any(
            self._moves.setdefault(old, path) == path
            for old in self.revision.places(data)
            if _role(old) == role and not os.path.lexists(os.path.join(self.revision.top, old))
        )

    def changed_includes(self) -> list[Include]:
        """The includes of changed files and folders other than YAML."""
        seen: set[int] = set()
        tagged = (document for document in self.project.documents.values() if "!" in document.text)
        found = [one for document in tagged for one in _includes(document.root, seen)]
        changed = {path: self._is_changed(path) for path in {one.file for one in found if one.file is not None}}
        return [one for one in found if one.file is not None and changed[one.file]]

    def _is_changed(self, path: str) -> bool:
        place, full = self._place(path), os.path.join(self.project.root, path)
        if path in self.project.texts:
            return not self.revision.is_same(place, encode(self.project.texts[path].text))
        return self._is_changed_folder(place, full) if os.path.isdir(full) else self._is_changed_file(place, full)

    def _is_changed_folder(self, place: str, full: str) -> bool:
        files = {f"{place}/{name}": os.path.join(full, name) for name in _files_below(full)}
        if files.keys() != set(self.revision.paths(place)):
            return True
        return any(self._is_changed_file(one, other) for one, other in files.items())

    def _is_changed_file(self, place: str, full: str) -> bool:
        if os.path.islink(full) and (target := self.revision.target(place)) is not None:
            return os.readlink(full) != target
        data = _content(full)
        return data is None or not self.revision.is_same(place, data)


def _role(path: str) -> str | None:
    """The role of a file for the platform: its path in `.upsun`.

    All files that the platform reads by itself have the same role, whatever their names. None for a file outside
    `.upsun`, which is read only if something includes it.
    """
    *folders, name = path.split("/")
    if CONFIG_FOLDER not in folders:
        return None
    below = folders[len(folders) - folders[::-1].index(CONFIG_FOLDER) :]
    return "" if not below and name.endswith((".yaml", ".yml")) else "/".join([*below, name])


def _files_below(folder: str) -> Iterator[str]:
    """Yield the files and links below a folder, relative to it, with forward slashes."""
    for root, folders, names in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(root, name))]
        folders[:] = [name for name in folders if name != ".git" and name not in links]
        for name in (*names, *links):
            yield os.path.relpath(os.path.join(root, name), folder).replace(os.sep, "/")


def _content(path: str) -> bytes | None:
    """The content of a file; None if it is too large, unreadable or not a regular file."""
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _MOST_BYTES:
            return None
        with open(path, "rb") as file:
            return file.read(_MOST_BYTES)
    except OSError:
        return None
