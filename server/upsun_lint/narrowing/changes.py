"""What changed in projects since a revision: which findings are new, and which lines changed.

Each project is compared with itself at the revision, read from git objects. If the revision is on another branch that
has moved on, the merge base is used instead. If an included script or folder changed, the line that includes it is a
changed line.
"""

from __future__ import annotations

import os
import stat
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from upsun_lint.fixing.fixes import encode
from upsun_lint.narrowing.comparison import changed_stretches
from upsun_lint.narrowing.fingerprints import had_before
from upsun_lint.narrowing.git import Revision, repository
from upsun_lint.narrowing.past import Past
from upsun_rules.finding import Finding
from upsun_schema.cached import Caching, cached_property
from upsun_schema.configuration.change import Change
from upsun_schema.configuration.project import Project
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import Document, TextDocument
from upsun_schema.yaml.nodes import Alias, Include, Mapping, Node, Region, Sequence
from upsun_schema.yaml.text import Span

__all__ = ["Changes", "Comparison"]

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


class Changes:
    """What changed since a revision, in the repositories of the projects."""

    def __init__(self, revision: str) -> None:
        self.revision = revision
        self._revisions: dict[str, Revision] = {}
        self._pasts: dict[str, Past] = {}

    def of(self, project: Project) -> Comparison:
        """A project, compared with itself at the revision. Failure if git cannot answer."""
        if project.root not in self._pasts:
            top = repository(project.root)
            if top not in self._revisions:
                self._revisions[top] = Revision(top, self.revision).parted()
            self._pasts[project.root] = Past(self._revisions[top], project)
        return Comparison(project, self._pasts[project.root])


class Comparison(Caching):
    """A project, compared with what it was."""

    def __init__(self, project: Project, past: Past) -> None:
        self.project = project
        self.past = past

    @cached_property
    def change(self) -> Change:
        """The project before and after."""
        return Change(self.past.project, self.project)

    def already(self, findings: Iterable[Finding], before: Iterable[Finding]) -> list[Finding]:
        """The findings that the past project has, too, and that are not about changed lines.

        `before` are all findings of the past project.
        """
        known = had_before(self.project, findings, self.past.project, before)
        return [finding for finding in known if not self.touches(finding)]

    def touches(self, finding: Finding) -> bool:
        """Whether the place of a finding, or a related one, is on a changed line."""
        return any(self._is_changed_line(region) for region in _regions(finding))

    def _is_changed_line(self, region: Region) -> bool:
        document, span = self.project.place(region)
        changed = self._lines.get(document.path)
        return changed is not None and changed.meet(*_stretch_of(document, span))

    @cached_property
    def _lines(self) -> dict[str, _Lines]:
        """The changed lines of each file of the project, by its path there."""
        documents = (*self.project.all_documents, *self.project.unread.values())
        found = {document.path: self._stretches(document) for document in documents}
        for include in self.changed_includes():
            document, span = self.project.place(include.region)
            found.setdefault(document.path, []).append(_stretch_of(document, span))
        return {path: _Lines.of(stretches) for path, stretches in found.items()}

    def _stretches(self, document: Document | TextDocument) -> list[tuple[int, int]]:
        if self.past.is_same(document.path, encode(document.text)):
            return []
        old = self.past.read(document.path)
        return changed_stretches(self._all_text if old is None else old, document.text)

    @cached_property
    def _all_text(self) -> str:
        """The configuration as it was, file by file: a new file may hold what another one held."""
        return "\n".join(document.text for document in self.past.project.all_documents)

    def changed_includes(self) -> list[Include]:
        """The includes of changed files and folders other than YAML."""
        seen: set[int] = set()
        tagged = (document for document in self.project.documents.values() if "!" in document.text)
        found = [one for document in tagged for one in _includes(document.root, seen)]
        changed = {path: self._is_changed(path) for path in {one.file for one in found if one.file is not None}}
        return [one for one in found if one.file is not None and changed[one.file]]

    def _is_changed(self, path: str) -> bool:
        full = os.path.join(self.project.root, path)
        if path in self.project.texts:
            return not self.past.is_same(path, encode(self.project.texts[path].text))
        return self._is_changed_folder(path, full) if os.path.isdir(full) else self._is_changed_file(path, full)

    def _is_changed_folder(self, path: str, full: str) -> bool:
        files = {f"{path}/{name}": os.path.join(full, name) for name in _files_below(full)}
        if files.keys() != set(self.past.paths(path)):
            return True
        return any(self._is_changed_file(one, other) for one, other in files.items())

    def _is_changed_file(self, path: str, full: str) -> bool:
        if os.path.islink(full) and (target := self.past.revision.target(self.past.place(path))) is not None:
            return os.readlink(full) != target
        data = _content(full)
        return data is None or not self.past.is_same(path, data)


def _regions(finding: Finding) -> Iterator[Region]:
    yield finding.region
    yield from (related.region for related in finding.related)


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


# -- files on disk -----------------------------------------------------------------------------------------------------


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
