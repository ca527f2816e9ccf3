"""Fingerprints, which identify a finding while lines move and other parts of a project change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from upsun_lint.places.paths import display_path
from upsun_lint.places.trail import trail
from upsun_rules.finding import Finding
from upsun_schema.configuration.project import CONFIG_FOLDER
from upsun_schema.configuration.sources import Sources
from upsun_schema.yaml.source_file import SourceFile

__all__ = ["fingerprint", "fingerprints", "had_before", "run_fingerprints"]

_LENGTH = 32


def run_fingerprints(project: Sources, findings: Iterable[Finding]) -> list[str]:
    """The fingerprint of each finding of a project of a run, different from those of other projects.

    The location of the project in the repository is part of it.
    """
    from upsun_lint.places.paths import checkout_path

    folder = checkout_path(display_path(project.root, CONFIG_FOLDER))
    marks = fingerprints(project, findings)
    return marks if folder == CONFIG_FOLDER else [_digest((folder,), mark) for mark in marks]


def fingerprints(project: Sources, findings: Iterable[Finding]) -> list[str]:
    """The fingerprint of each finding of a project, all of them different."""
    met: Counter[tuple[str, ...]] = Counter()
    found = []
    for finding in findings:
        marks = _marks(project, finding)
        found.append(_digest(marks, met[marks]))
        met[marks] += 1
    return found


def had_before(
    project: Sources, findings: Iterable[Finding], past: Sources, before: Iterable[Finding]
) -> list[Finding]:
    """The findings that the project had in the past, each of those counted once.

    A finding in a file of another name is the same one, unless the past project has too few of them.
    """
    left = Counter(_marks(past, one) for one in before)
    found, others = [], []
    for finding in findings:
        marks = _marks(project, finding)
        if left[marks]:
            left[marks] -= 1
            found.append(finding)
        else:
            others.append((_without_path(marks), finding))
    moved: Counter[tuple[str, ...]] = Counter()
    for marks, number in left.items():
        moved[_without_path(marks)] += number
    for marks, finding in others:
        if moved[marks]:
            moved[marks] -= 1
            found.append(finding)
    return found


def fingerprint(project: Sources, finding: Finding, occurrence: int = 0) -> str:
    """A finding's fingerprint: 32 hexadecimal digits.

    It is made of the rule, the file's path in the project, the keys above the place, and the text of the line. Line
    numbers, indentation, comments and the message are not part of it, since they change for other reasons.
    `occurrence` counts findings that are otherwise equal, from 0.
    """
    return _digest(_marks(project, finding), occurrence)


def _marks(project: Sources, finding: Finding) -> tuple[str, ...]:
    document, span = project.where(finding.region)
    return finding.rule, document.path, _line(document, span.start), *trail(document, span.start)


def _without_path(marks: tuple[str, ...]) -> tuple[str, ...]:
    rule, _, *rest = marks
    return (rule, *rest)


def _line(document: SourceFile, offset: int) -> str:
    """The text of the line a place begins in, without comment and indentation."""
    line = document.lines.line(document.lines.position(offset).line)
    return " ".join(line.partition(" #")[0].split())


def _digest(marks: tuple[str, ...], occurrence: int | str) -> str:
    from hashlib import sha256

    text = "\0".join((*marks, str(occurrence)))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]
