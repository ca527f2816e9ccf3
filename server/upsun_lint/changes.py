"""What changed in projects since a revision, asked of git: which lines, and which workers that concerns.

Counted are the working tree as it is, files git does not know included. Where the revision has gone its own way since
(a branch that others pushed to), it is compared with the commit at which the two parted.
"""

from __future__ import annotations

import os
import re
import subprocess
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from upsun_lint.failure import Failure
from upsun_lint.targets import display_path
from upsun_rules.finding import Finding
from upsun_schema.document import Document
from upsun_schema.inheritance import INHERITED, SHARED
from upsun_schema.model import Application
from upsun_schema.nodes import Region, is_same
from upsun_schema.project import CONFIG_FOLDER, Project, decode

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

    def meet(self, first: int, last: int) -> bool:
        """Return whether one of the lines from the first to the last changed."""
        index = bisect_left(self.lasts, first)
        return index < len(self.firsts) and self.firsts[index] <= last


_EVERY_LINE = _Lines([0], [1 << 60])


class Changes:
    """What changed since a revision, in the repositories that projects lie in."""

    def __init__(self, revision: str) -> None:
        self._revision = revision
        self._repositories: dict[str, _Repository] = {}

    def untouched(self, project: Project, findings: list[Finding]) -> list[Finding]:
        """Return the findings that have nothing to do with the changed lines.

        The others lie on one of these, or name a place on one of them. Failure where git cannot tell.
        """
        lines = self._repository(project.root).lines(project)
        return [finding for finding in findings if not any(_meets(project, lines, one) for one in _regions(finding))]

    def reach(self, project: Project) -> list[Reach]:
        """Return the properties of applications that changed and that workers share or inherit."""
        before = self._repository(project.root).before(project)
        found = []
        for application in project.applications.values():
            old = before.applications.get(application.name)
            if old is not None and application.workers:
                found += [_reach(application, name) for name in _changed(old, application)]
        return found

    def _repository(self, root: str) -> _Repository:
        top = _Repository.top(root)
        if top not in self._repositories:
            self._repositories[top] = _Repository(top, self._revision)
        return self._repositories[top]


def _regions(finding: Finding) -> Iterator[Region]:
    yield finding.region
    yield from (related.region for related in finding.related)


def _meets(project: Project, lines: dict[str, _Lines], region: Region) -> bool:
    document, span = project.place(region)
    changed = lines.get(document.path)
    if changed is None or changed is _EVERY_LINE:
        return changed is not None
    # Git counts line feeds, and nothing else.
    first = document.text.count("\n", 0, span.start)
    return changed.meet(first, first + document.text.count("\n", span.start, max(span.end - 1, span.start)))


# -- inheritance -----------------------------------------------------------------------------------------------------


def _changed(old: Application, new: Application) -> Iterator[str]:
    for name in (*SHARED, *INHERITED):
        before, after = old.value(name), new.value(name)
        if before is None or after is None:
            if before is not after:
                yield name
        elif not is_same(before, after):
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
            raise Failure(f"--since: there is no revision `{revision}` in {display_path(self._top)}{hint}")
        commit = ran.stdout.strip().decode("ascii")
        # In a shallow clone the two may have no common commit; then the revision itself has to do.
        base = _git(self._top, "merge-base", commit, "HEAD")
        return base.stdout.strip().decode("ascii") if base.returncode == 0 else commit

    def lines(self, project: Project) -> dict[str, _Lines]:
        """Return the changed lines of each changed file of a project, by its path there."""
        paths = {self._path(project, document.path): document for document in project.all_documents}
        known = self._names("ls-files", "-z", "--full-name", "--", *paths)
        changed = self._changed_files(*paths)
        found = {}
        for path, document in paths.items():
            if path not in known and path not in changed:
                found[document.path] = _EVERY_LINE
            elif path in changed:
                found[document.path] = self._lines(path, document)
        return found

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

    def _lines(self, path: str, document: Document) -> _Lines:
        options = ("--no-color", "--no-ext-diff", "--no-textconv", "--unified=0", "--inter-hunk-context=0")
        ran = self._run("diff", *options, self._commit, "--", path)
        stretches = [_stretch(match) for match in _HUNK.finditer(ran)]
        if not stretches:
            # A new mode changes no line; what git calls binary (UTF-16) has no lines it could name.
            return _EVERY_LINE if b"\nBinary files " in ran else _Lines([], [])
        return _Lines([first for first, _ in stretches], [last for _, last in stretches])

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
