"""Baselines: files that list the current findings, so that only new ones are reported."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

from upsun_lint.failure import Failure
from upsun_lint.narrowing.fingerprints import fingerprints
from upsun_lint.run.result import Result
from upsun_lint.writing.output import write_file
from upsun_rules.finding import Finding
from upsun_schema.configuration.project import CONFIG_FOLDER
from upsun_schema.files import read_file
from upsun_schema.record import NamedTuple

__all__ = ["VERSION", "Baseline", "Known"]

_MOST_BYTES = 50_000_000

VERSION = 1
"""The version of the file format. Files of other versions are not read."""


class Known(NamedTuple):
    """A known finding. Only the fingerprint is compared; the rule and the path in the project are for people."""

    path: str
    rule: str
    fingerprint: str


class Baseline:
    """The known findings of each project. A project is named by its path relative to the folder of the file."""

    def __init__(self, file: str, projects: dict[str, frozenset[Known]] | None = None) -> None:
        self.file = file
        self._folder = os.path.dirname(os.path.abspath(file))
        self._projects = projects or {}

    @classmethod
    def load(cls, file: str) -> Baseline:
        """Read a baseline. Failure if it cannot be read, is not a baseline, or has another version."""
        try:
            data = read_file(file, _MOST_BYTES + 1)
        except OSError as fault:
            reason = (fault.strerror or "cannot be read").lower()
            hint = "; --update-baseline writes it" if isinstance(fault, FileNotFoundError) else ""
            raise Failure(f"{file}: this baseline cannot be read: {reason}{hint}") from None
        if len(data) > _MOST_BYTES:
            raise Failure(f"{file}: this baseline cannot be read: it is longer than {_MOST_BYTES:,} bytes")
        try:
            content = json.loads(data)
        except (ValueError, RecursionError):
            raise Failure(f"{file}: this is not a baseline: it is not valid JSON") from None
        return cls(file, _projects(file, content))

    def name(self, root: str) -> str:
        """The name of a project in this file."""
        try:
            return os.path.relpath(os.path.realpath(root), os.path.realpath(self._folder)).replace(os.sep, "/")
        except ValueError:
            raise Failure(f"{self.file}: this baseline is on another drive than the project {root}") from None

    def known_of(self, result: Result) -> list[Finding]:
        """The findings of a project that are known."""
        known = {one.fingerprint for one in self._projects.get(self.name(result.project.root), ())}
        return [finding for finding, mark in _marked(result) if mark.fingerprint in known] if known else []

    def updated(self, results: Iterable[Result]) -> Baseline:
        """The baseline after a run: it lists what is shown, and drops what is gone.

        Entries of files that were not asked about stay, and so do findings that are not shown this time.
        """
        projects = {name: known for name, known in self._projects.items() if self._exists(name)}
        for result in results:
            name, files = self.name(result.project.root), result.asked
            old = projects.pop(name, frozenset())
            found = _marked(result)
            new = {mark for finding, mark in found if result.shows(result.project, finding)}
            new |= {mark for _, mark in found} & old
            if files is not None:
                new |= {mark for mark in old if mark.path not in files}
            if new:
                projects[name] = frozenset(new)
        return Baseline(self.file, projects)

    def _exists(self, name: str) -> bool:
        return os.path.isdir(os.path.join(self._folder, name, CONFIG_FOLDER))

    def __iter__(self) -> Iterator[tuple[str, Known]]:
        """Yield everything that is known, with the name of its project."""
        for name, known in sorted(self._projects.items()):
            yield from ((name, one) for one in sorted(known))

    def save(self) -> None:
        """Write the file, whole or not at all. Failure if it cannot be written."""
        write_file(self.file, self.text.encode("ascii"))

    @property
    def text(self) -> str:
        """The content of the file, the same for the same findings."""
        projects: dict[str, list[dict[str, str]]] = {}
        for name, known in self:
            projects.setdefault(name, []).append(known._asdict())
        return json.dumps({"version": VERSION, "projects": projects}, indent=2) + "\n"


def _marked(result: Result) -> list[tuple[Finding, Known]]:
    """Every finding of a project with its entry."""
    project = result.project
    marks = fingerprints(project, result.found)
    return [
        (finding, Known(project.file(finding.region).path, finding.rule, mark))
        for finding, mark in zip(result.found, marks, strict=True)
    ]


def _projects(file: str, content: Any) -> dict[str, frozenset[Known]]:
    if not isinstance(content, dict) or "version" not in content:
        raise Failure(f"{file}: this is not a baseline: it has no version")
    version = content["version"]
    if type(version) is not int:
        raise Failure(f"{file}: this is not a baseline: its version is not a number")
    if version != VERSION:
        raise Failure(
            f"{file}: this baseline has version {version}, but this upsun-lint reads version {VERSION}; "
            "remove it and write a new one with --update-baseline"
        )
    try:
        return {
            str(name): frozenset(Known(**{key: _string(value) for key, value in entry.items()}) for entry in entries)
            for name, entries in content["projects"].items()
        }
    except (AttributeError, KeyError, TypeError):
        raise Failure(f"{file}: this is not a baseline: its projects are not lists of findings") from None


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
