"""What changed in projects since a revision, asked of git: which lines, and which workers that concerns.

Counted are the working tree as it is, files git does not know included. Where a file (a script, a folder) is included
that is no YAML and changed, there the configuration changed. Where the revision has gone its own way since (a branch
that others pushed to), it is compared with the commit at which the two parted.
"""

from __future__ import annotations

import os
import re
import subprocess
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from upsun_lint.failure import Failure
from upsun_lint.result import Result
from upsun_lint.targets import display_path
from upsun_rules.finding import Finding
from upsun_schema.document import Document
from upsun_schema.inheritance import INHERITED, SHARED
from upsun_schema.model import Application
from upsun_schema.nodes import Alias, Include, Mapping, Node, Region, Sequence, is_same
from upsun_schema.project import CONFIG_FOLDER, Project, decode
from upsun_schema.text import Span

__all__ = ["Changes", "Reach"]

_HUNK = re.compile(rb"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_SECONDS = 120


class Reach(NamedTuple):
    """An application's property that changed: the workers that take it over, and those that set it themselves."""

    application: str
    property: str
    reached: list[str]
    overriding: list[str]


class _Lines(NamedTuple):
    """Stretches of changed lines of a file, in order: the first and the last of each, 0-based."""

    firsts: list[int]
    lasts: list[int]

    @classmethod
    def of(cls, stretches: Iterable[tuple[int, int]]) -> _Lines:
        """Put stretches, which may overlap, in order."""
        lines = cls([], [])
        for first, last in sorted(stretches):
            if lines.lasts and first <= lines.lasts[-1]:
                lines.lasts[-1] = max(lines.lasts[-1], last)
            else:
                lines.firsts.append(first)
                lines.lasts.append(last)
        return lines

    def meet(self, first: int, last: int) -> bool:
        """Return whether one of the lines from the first to the last changed."""
        index = bisect_left(self.lasts, first)
        return index < len(self.firsts) and self.firsts[index] <= last


_EVERY_LINE = (0, 1 << 60)


class Changes:
    """What changed since a revision, in the repositories that projects lie in."""

    def __init__(self, revision: str) -> None:
        self.revision = revision
        self._repositories: dict[str, _Repository] = {}

    def untouched(self, project: Project, findings: list[Finding]) -> list[Finding]:
        """Return the findings that have nothing to do with the changed lines.

        The others lie on one of these, or name a place on one of them. Failure where git cannot tell.
        """
        lines = self._repository(project.root).lines(project)
        return [finding for finding in findings if not any(_meets(project, lines, one) for one in _regions(finding))]

    def narrowed(self, result: Result) -> Result:
        """Return a result without what comments hide away from the changed lines. Failure where git cannot tell."""
        if not result.hidden:
            return result
        away = set(self.untouched(result.project, [one.finding for one in result.hidden]))
        return result._replace(hidden=[one for one in result.hidden if one.finding not in away])

    def reach(self, project: Project) -> list[Reach]:
        """Return the properties of applications that changed and that workers share or inherit."""
        repository = self._repository(project.root)
        before = repository.before(project)
        files = {include.file for include in repository.changed_includes(project)}
        found = []
        for application in project.applications.values():
            old = before.applications.get(application.name)
            if old is not None and application.workers:
                found += [_reach(application, name) for name in _changed(old, application, files)]
        return found

    def _repository(self, root: str) -> _Repository:
        top = _Repository.top(root)
        if top not in self._repositories:
            self._repositories[top] = _Repository(top, self.revision)
        return self._repositories[top]


def _regions(finding: Finding) -> Iterator[Region]:
    yield finding.region
    yield from (related.region for related in finding.related)


def _meets(project: Project, lines: dict[str, _Lines], region: Region) -> bool:
    document, span = project.place(region)
    changed = lines.get(document.path)
    return changed is not None and changed.meet(*_stretch_of(document, span))


def _stretch_of(document: Document, span: Span) -> tuple[int, int]:
    """Return the first and the last line of a span as git counts them: line feeds, and nothing else."""
    first = document.text.count("\n", 0, span.start)
    return first, first + document.text.count("\n", span.start, max(span.end - 1, span.start))


def _includes(node: Node | None, seen: set[int]) -> Iterator[Include]:
    """Yield what includes a file that is no YAML at or below a node, but for the nodes seen."""
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
    """Yield the properties that are not as they were; `files` are those that changed and are included."""
    for name in (*SHARED, *INHERITED):
        before, after = old.value(name), new.value(name)
        if before is None or after is None:
            if before is not after:
                yield name
        elif not is_same(before, after) or any(
            include.file in files for include in _includes(new.entries[name].value, set())
        ):
            yield name


def _reach(application: Application, name: str) -> Reach:
    overriding = [
        worker.name for worker in application.workers.values() if name in INHERITED and worker.entry(name) is not None
    ]
    reached = [worker for worker in application.workers if worker not in overriding]
    return Reach(application.name, name, reached, overriding)


# -- git -------------------------------------------------------------------------------------------------------------


class _Repository:
    """A repository's working tree, and the commit it is compared with."""

    def __init__(self, top: str, revision: str) -> None:
        self._top = top
        self._commit = self._resolved(revision)

    @staticmethod
    def top(root: str) -> str:
        """Return the folder of the repository that a project lies in. Failure where it lies in none."""
        ran = _git(root, "rev-parse", "--show-toplevel")
        if ran.returncode:
            words = _words(ran)
            reason = "it is in no git repository" if "not a git repository" in words else words
            raise Failure(f"{display_path(root)}: --since cannot tell what changed here: {reason}")
        return os.path.realpath(os.fsdecode(ran.stdout.rstrip(b"\n")))

    def _resolved(self, revision: str) -> str:
        ran = _git(self._top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if ran.returncode or not revision:
            shallow = _git(self._top, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
            hint = "; this clone is shallow: fetch more of the history (git fetch --unshallow)" if shallow else ""
            if ".." in revision:
                raise Failure(f"--since: `{revision}` is a range; give the one revision to compare with")
            raise Failure(f"--since: the repository `{display_path(self._top)}` has no revision `{revision}`{hint}")
        commit = ran.stdout.strip().decode("ascii")
        # In a shallow clone the two may have no common commit; then the revision itself has to do.
        base = _git(self._top, "merge-base", commit, "HEAD")
        return base.stdout.strip().decode("ascii") if base.returncode == 0 else commit

    def lines(self, project: Project) -> dict[str, _Lines]:
        """Return the changed lines of each changed file of a project, by its path there."""
        documents = (*project.all_documents, *project.unread.values())
        paths = {self._path(project, document.path): document for document in documents}
        known = self._names("ls-files", "-z", "--full-name", "--", *paths)
        changed = self._changed_files(*paths)
        found: dict[str, list[tuple[int, int]]] = {}
        for path, document in paths.items():
            if path not in known and path not in changed:
                found[document.path] = [_EVERY_LINE]
            elif path in changed:
                found[document.path] = self._stretches(path)
        for include in self.changed_includes(project):
            document, span = project.place(include.region)
            found.setdefault(document.path, []).append(_stretch_of(document, span))
        return {path: _Lines.of(stretches) for path, stretches in found.items()}

    def changed_includes(self, project: Project) -> list[Include]:
        """Return the places at which a file or a folder that is no YAML and changed is included."""
        seen: set[int] = set()
        tagged = (document for document in project.documents.values() if "!" in document.text)
        found = [one for document in tagged for one in _includes(document.root, seen)]
        if not found:
            return []
        paths = {one.file: self._path(project, one.file) for one in found if one.file is not None}
        names = self._changed_files(*paths.values())
        names |= self._names("ls-files", "-z", "--full-name", "--others", "--", *paths.values())
        # A folder changed where something in it did.
        changed = names.union(*map(_folders, names))
        return [one for one in found if paths.get(one.file or "") in changed]

    def before(self, project: Project) -> Project:
        """Return the project as it was. A file that was not there is an empty one."""
        folder = self._path(project, CONFIG_FOLDER)
        paths = {self._path(project, document.path): document.path for document in project.all_documents}
        known = self._names("ls-files", "-z", "--full-name", "--", *paths)
        texts = {document.path: document.text for document in project.all_documents}
        for path, name in paths.items():
            if path not in known:
                texts[name] = ""
        for path in self._changed_files(folder, *paths):
            name = paths.get(path, "")
            if not name and os.path.dirname(path) != folder:
                continue
            name = name or f"{CONFIG_FOLDER}/{os.path.basename(path)}"
            ran = _git(self._top, "cat-file", "blob", f"{self._commit}:{path}")
            texts[name] = "" if ran.returncode else decode(ran.stdout)
        return Project(project.root, texts, project)

    def _stretches(self, path: str) -> list[tuple[int, int]]:
        options = ("--no-color", "--no-ext-diff", "--no-textconv", "--unified=0", "--inter-hunk-context=0")
        ran = self._run("diff", *options, self._commit, "--", path)
        stretches = [_stretch(match) for match in _HUNK.finditer(ran)]
        if not stretches:
            # A new mode changes no line; what git calls binary (UTF-16) has no lines it could name.
            return [_EVERY_LINE] if b"\nBinary files " in ran else []
        return stretches

    def _changed_files(self, *paths: str) -> set[str]:
        options = ("--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules")
        return self._names("diff", *options, self._commit, "--", *paths)

    def _path(self, project: Project, path: str) -> str:
        """Return the path in the repository of a project's file, symbolic links followed."""
        real = os.path.realpath(os.path.join(project.root, path))
        return os.path.relpath(real, self._top).replace(os.sep, "/")

    def _names(self, *arguments: str) -> set[str]:
        return {os.fsdecode(name) for name in self._run(*arguments).split(b"\0") if name}

    def _run(self, *arguments: str) -> bytes:
        ran = _git(self._top, *arguments)
        if ran.returncode:
            raise Failure(f"{display_path(self._top)}: --since cannot tell what changed here: {_words(ran)}")
        return ran.stdout


def _stretch(hunk: re.Match[bytes]) -> tuple[int, int]:
    """Return the lines a hunk changed, 0-based. Of lines that went away it is the two that met."""
    first, number = int(hunk[1]), int(hunk[2] or b"1")
    return (max(first - 1, 0), first) if number == 0 else (first - 1, first + number - 2)


def _folders(path: str) -> Iterator[str]:
    """Yield the folders above a path in a repository, the repository's own last."""
    while path:
        path = os.path.dirname(path)
        yield path or "."


def _git(folder: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git, which then touches nothing, asks nothing, and runs no program that the repository names."""
    command = ["git", "-C", folder, "-c", "core.fsmonitor=false", "--no-optional-locks", "--literal-pathspecs"]
    environment = os.environ | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat"}
    try:
        return subprocess.run(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise Failure("--since needs git, which is not on the PATH") from None
    except (OSError, ValueError) as fault:
        raise Failure(f"--since: git cannot be run: {getattr(fault, 'strerror', None) or fault}") from None
    except subprocess.TimeoutExpired:
        raise Failure(f"--since: git did not answer within {_SECONDS} seconds") from None


def _words(ran: subprocess.CompletedProcess[bytes]) -> str:
    """Return what git complained of, in one line."""
    lines = ran.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else "git gave no reason"
