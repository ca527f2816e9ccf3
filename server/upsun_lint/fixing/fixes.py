"""Applies safe fixes until none is left, and writes files so that nothing outside the edits changes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from upsun_lint.failure import Failure
from upsun_lint.places.location import Location, locate
from upsun_lint.places.paths import display_path
from upsun_lint.writing import output
from upsun_lint.writing.replacement import replace
from upsun_rules.finding import Finding, Fix, Severity
from upsun_schema.configuration.project import Project, decode
from upsun_schema.configuration.sources import Sources
from upsun_schema.files import read_file
from upsun_schema.record import NamedTuple

__all__ = [
    "CHANGED",
    "NOT_UTF8",
    "READ_ONLY",
    "AppliedFix",
    "FileChange",
    "FixedProject",
    "TextEdit",
    "apply_fixes",
    "diff",
    "edited",
    "encode",
    "save",
    "text_edits",
    "why_left",
    "with_edits",
]

READ_ONLY = "it is read-only"
NOT_UTF8 = "it is not in UTF-8"
CHANGED = "it was changed by another program in the meantime"

_MOST_ROUNDS = 1000


class AppliedFix(NamedTuple):
    """A finding that was fixed: where it was then, its rule, and the title of the fix."""

    location: Location
    rule: str
    title: str


class TextEdit(NamedTuple):
    """A stretch of a file, in code points from its beginning, and its replacement."""

    start: int
    end: int
    text: str


class FileChange(NamedTuple):
    """A file of a project before and after: its path relative to the project, and both texts."""

    path: str
    before: str
    after: str


class FixedProject(NamedTuple):
    """A project after its safe fixes: the remaining findings, the applied fixes, and the changed files.

    `left` are the remaining findings that were to be fixed.
    """

    project: Project
    findings: list[Finding]
    fixed: list[AppliedFix]
    changes: list[FileChange]
    left: list[Finding]


# -- edits -----------------------------------------------------------------------------------------------------------


def text_edits(project: Sources, fix: Fix) -> dict[str, list[TextEdit]]:
    """The edits of a fix by file, in order of their places."""
    found: dict[str, list[TextEdit]] = {}
    for edit in fix.edits:
        document, span = project.where(edit.region)
        found.setdefault(document.path, []).append(TextEdit(span.start, span.end, edit.text))
    return {path: sorted(edits) for path, edits in found.items()}


def edited(text: str, edits: Iterable[TextEdit]) -> str:
    """A text after edits that do not overlap."""
    parts: list[str] = []
    position = 0
    for start, end, new in sorted(edits):
        parts += (text[position:start], new)
        position = end
    return "".join([*parts, text[position:]])


def _overlap(one: TextEdit, other: TextEdit) -> bool:
    # The order of two edits at the same place is undefined.
    return one.start == other.start or (one.start < other.end and other.start < one.end)


# -- following -------------------------------------------------------------------------------------------------------


class _Followed:
    """Findings that must not be fixed, recognized by rule and place while other fixes change the text around them.

    If an edit removes the place, the finding is recognized by its message.
    """

    def __init__(self, project: Project, findings: Iterable[Finding]) -> None:
        self._places: dict[tuple[str, str, int], set[str]] = {}
        self._lost: set[tuple[str, str, str]] = set()
        for finding in findings:
            path, start = _start(project, finding)
            self._places.setdefault((path, finding.rule, start), set()).add(finding.message)

    def has(self, project: Project, finding: Finding) -> bool:
        """Whether a finding, of the project as it is after the edits so far, is one of these."""
        path, start = _start(project, finding)
        return (path, finding.rule, start) in self._places or (path, finding.rule, finding.message) in self._lost

    def follow(self, edits: dict[str, list[TextEdit]]) -> None:
        """Move the places according to the edits of each file."""
        places: dict[tuple[str, str, int], set[str]] = {}
        for (path, rule, start), messages in self._places.items():
            some = edits.get(path, ())
            if any(edit.start <= start < edit.end for edit in some):
                self._lost |= {(path, rule, message) for message in messages}
            else:
                moved = sum(len(edit.text) - (edit.end - edit.start) for edit in some if edit.end <= start)
                places.setdefault((path, rule, start + moved), set()).update(messages)
        self._places = places


def _start(project: Project, finding: Finding) -> tuple[str, int]:
    document, span = project.place(finding.region)
    return document.path, span.start


# -- fixing ---------------------------------------------------------------------------------------------------------

_Key = tuple[str, str, str]


class _Choice(NamedTuple):
    finding: Finding
    fix: Fix
    edits: dict[str, list[TextEdit]]

    @property
    def key(self) -> _Key:
        """Identifies the fix while the text around it changes."""
        return _key(self.finding, self.fix)


def _key(finding: Finding, fix: Fix) -> _Key:
    return finding.rule, finding.message, fix.title


def apply_fixes(
    project: Project,
    lint: Callable[[Project], list[Finding]],
    wanted: Callable[[Project, Finding], bool],
    editable: Callable[[str], bool],
    hidden: Iterable[Finding] = (),
    unsafe: frozenset[str] = frozenset(),
) -> FixedProject:
    """Apply the safe fixes of wanted findings until none is left, and the first fixes that the `unsafe` rules offer.

    `lint` finds everything in a project; `editable` says whether a file, given by its path in the project, may be
    changed; `hidden` are findings of the project in its present state that must not be fixed. A fix is not applied if
    its finding remains, or if a file has more errors afterwards.
    """
    findings = lint(project)
    followed = _Followed(project, hidden)
    originals: dict[str, str] = {}
    fixed: list[AppliedFix] = []
    refused: set[_Key] = set()
    most: int | None = None
    seen = {_state(project)}
    for _ in range(_MOST_ROUNDS):
        open_to_us = [one for one in findings if not followed.has(project, one)]
        choices = list(_choices(project, open_to_us, wanted, editable, refused, unsafe))[:most]
        if not choices:
            break
        edits = _together(choices)
        candidate = with_edits(project, edits)
        found = lint(candidate)
        if _is_worse(project, findings, candidate, found, choices):
            # One of them is the cause: try half of them, down to one.
            if len(choices) == 1:
                refused.add(choices[0].key)
            most = len(choices) // 2 or None
            continue
        if _state(candidate) in seen:
            break  # Fixes undo each other.
        seen.add(_state(candidate))
        most = None
        fixed += (AppliedFix(locate(project, one.finding.region), one.finding.rule, one.fix.title) for one in choices)
        for document in project.all_documents:
            originals.setdefault(document.path, document.text)
        followed.follow(edits)
        project, findings = candidate, found
    after = {document.path: document.text for document in project.all_documents}
    changes = [
        FileChange(path, before, after[path])
        for path, before in sorted(originals.items())
        if path in after and after[path] != before
    ]
    left = [one for one in findings if wanted(project, one) and not followed.has(project, one)]
    return FixedProject(project, findings, fixed, changes, left)


def _state(project: Project) -> int:
    return hash(tuple(document.text for document in project.all_documents))


def _choices(
    project: Project,
    findings: list[Finding],
    wanted: Callable[[Project, Finding], bool],
    editable: Callable[[str], bool],
    refused: set[_Key],
    unsafe: frozenset[str],
) -> Iterator[_Choice]:
    """Yield the first fix of each finding that may be applied, without those that overlap with one already chosen."""
    taken: dict[str, list[TextEdit]] = {}
    for finding in findings:
        fix = next((fix for fix in finding.fixes if (fix.safe or finding.rule in unsafe) and fix.edits), None)
        if fix is None or _key(finding, fix) in refused or not wanted(project, finding):
            continue
        edits = text_edits(project, fix)
        if not all(editable(path) for path in edits):
            continue
        if any(_overlap(new, old) for path in edits for new in edits[path] for old in taken.get(path, ())):
            continue
        for path in edits:
            taken.setdefault(path, []).extend(edits[path])
        yield _Choice(finding, fix, edits)


def _together(choices: list[_Choice]) -> dict[str, list[TextEdit]]:
    """The edits of several fixes by file."""
    edits: dict[str, list[TextEdit]] = {}
    for choice in choices:
        for path, some in choice.edits.items():
            edits.setdefault(path, []).extend(some)
    return edits


def with_edits(project: Project, edits: dict[str, list[TextEdit]]) -> Project:
    """A project with edits of its files, which are given by their paths, applied."""
    texts = {document.path: document.text for document in project.all_documents}
    overlay = dict(project.overlay) | {path: edited(texts[path], some) for path, some in edits.items()}
    return Project(project.root, overlay, project)


def _is_worse(before: Project, old: list[Finding], after: Project, new: list[Finding], choices: list[_Choice]) -> bool:
    """Whether a file has more errors than before, or a finding remains after its fix.

    Each of several fixes must remove its own error, or one could hide an error that another causes.
    """
    had, has = _errors(before, old), _errors(after, new)
    gone = _errors(before, [choice.finding for choice in choices]) if len(choices) > 1 else Counter[str]()
    if any(has[path] > had[path] - gone[path] for path in had | has):
        return True
    were, are = _keys(old), _keys(new)
    return any(are[choice.key] >= were[choice.key] for choice in choices)


def _errors(project: Project, findings: list[Finding]) -> Counter[str]:
    return Counter(project.place(one.region).document.path for one in findings if one.severity is Severity.ERROR)


def _keys(findings: list[Finding]) -> Counter[_Key]:
    return Counter(_key(finding, fix) for finding in findings for fix in finding.fixes)


# -- files -----------------------------------------------------------------------------------------------------------


def encode(text: str) -> bytes:
    """The bytes of a file from the text that `decode` made of them."""
    return text.encode("utf-8", "surrogateescape")


def why_left(path: str, text: str) -> str | None:
    """Why a file that was read as this text must not be changed; None if it may be.

    It may be changed if it holds the text byte for byte, unlike a file in UTF-16 or one changed meanwhile. Replacing a
    read-only file would bypass its mode.
    """
    try:
        if not os.stat(path).st_mode & 0o222:
            return READ_ONLY
        before = encode(text)
        # UTF-16 and UTF-32 take up to four bytes for a character, and four for the mark at the beginning.
        data = read_file(path, 4 * len(text) + 5)
        if data == before:
            return None
    except UnicodeEncodeError:
        return NOT_UTF8
    except OSError as fault:
        return f"it cannot be read: {(fault.strerror or str(fault)).lower()}"
    return NOT_UTF8 if decode(data) == text else CHANGED


def save(root: str, change: FileChange) -> None:
    """Write a file in one step, keeping its mode and owner; symbolic links are followed.

    Other attributes that are lost are reported on standard error. Failure, with nothing written, if the file cannot be
    written or was changed in the meantime.
    """
    path = os.path.realpath(os.path.join(root, change.path))
    shown = display_path(root, change.path)

    def check() -> None:
        if decode(read_file(path, 4 * len(change.before) + 4)) != change.before:
            raise Failure(f"{shown}: this file was left alone, since {CHANGED}")

    try:
        check()
        if not os.access(path, os.W_OK):
            raise PermissionError(13, "permission denied")
        lost = replace(path, encode(change.after), check=check)
    except OSError as fault:
        raise Failure(f"{shown}: this file cannot be written: {(fault.strerror or str(fault)).lower()}") from None
    for one in lost:
        output.error(f"{shown}: {one}")


def diff(name: str, change: FileChange) -> str:
    """A unified diff for `git apply` and `patch -p1`; empty if nothing changes."""
    from difflib import unified_diff

    before, after = _lines(change.before), _lines(change.after)
    lines = unified_diff(before, after, f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """Split at line feeds only, as the tools that read a diff do."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines
