"""Safe fixes, applied until none is left, and files written so that nothing outside the edits changes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from upsun_lint.failure import Failure
from upsun_lint.places.location import Location, locate
from upsun_lint.places.paths import display_path
from upsun_lint.writing import output
from upsun_lint.writing.replacement import replace
from upsun_rules.finding import Finding, Fix, Severity
from upsun_schema.configuration.project import Project, decode
from upsun_schema.files import read_file

__all__ = [
    "CHANGED",
    "NOT_UTF8",
    "READ_ONLY",
    "FileChange",
    "Fixed",
    "FixedProject",
    "TextEdit",
    "diff",
    "edited",
    "encode",
    "mend",
    "save",
    "text_edits",
    "why_left",
]

READ_ONLY = "it is read-only"
NOT_UTF8 = "it is not in UTF-8"
CHANGED = "it was changed by another program in the meantime"

_MOST_ROUNDS = 1000


class Fixed(NamedTuple):
    """A finding that was mended: where it was then, its rule, what was done."""

    location: Location
    rule: str
    title: str


class TextEdit(NamedTuple):
    """A stretch of a file, in code points from its beginning, and what is to stand there instead."""

    start: int
    end: int
    text: str


class FileChange(NamedTuple):
    """A file of a project before and after: its path relative to the project, and both texts."""

    path: str
    before: str
    after: str


class FixedProject(NamedTuple):
    """A project after its safe fixes: what is still found, what was done, and which files that changes.

    `left` are the findings among them that were wanted mended.
    """

    project: Project
    findings: list[Finding]
    fixed: list[Fixed]
    changes: list[FileChange]
    left: list[Finding]


# -- edits -----------------------------------------------------------------------------------------------------------


def text_edits(project: Project, fix: Fix) -> dict[str, list[TextEdit]]:
    """Return the edits of a fix by file, in order of their places."""
    found: dict[str, list[TextEdit]] = {}
    for edit in fix.edits:
        document, span = project.place(edit.region)
        found.setdefault(document.path, []).append(TextEdit(span.start, span.end, edit.text))
    return {path: sorted(edits) for path, edits in found.items()}


def edited(text: str, edits: Iterable[TextEdit]) -> str:
    """Return a text after edits that do not overlap."""
    parts: list[str] = []
    position = 0
    for start, end, new in sorted(edits):
        parts += (text[position:start], new)
        position = end
    return "".join([*parts, text[position:]])


def _overlap(one: TextEdit, other: TextEdit) -> bool:
    # Of two that begin at the same place nobody knows which goes first.
    return one.start == other.start or (one.start < other.end and other.start < one.end)


# -- following -------------------------------------------------------------------------------------------------------


class _Followed:
    """Findings that are not to be mended, known again by rule and place while the text around them is.

    One whose place an edit takes away is known again by its words.
    """

    def __init__(self, project: Project, findings: Iterable[Finding]) -> None:
        self._places: dict[tuple[str, str, int], set[str]] = {}
        self._lost: set[tuple[str, str, str]] = set()
        for finding in findings:
            path, start = _start(project, finding)
            self._places.setdefault((path, finding.rule, start), set()).add(finding.message)

    def has(self, project: Project, finding: Finding) -> bool:
        """Return whether a finding, of the project as it is after the edits so far, is one of these."""
        path, start = _start(project, finding)
        return (path, finding.rule, start) in self._places or (path, finding.rule, finding.message) in self._lost

    def follow(self, edits: dict[str, list[TextEdit]]) -> None:
        """Take note of the next edits of each file."""
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


# -- mending ---------------------------------------------------------------------------------------------------------

_Key = tuple[str, str, str]


class _Choice(NamedTuple):
    finding: Finding
    fix: Fix
    edits: dict[str, list[TextEdit]]

    @property
    def key(self) -> _Key:
        """What stays the same about it while the text around it changes."""
        return _key(self.finding, self.fix)


def _key(finding: Finding, fix: Fix) -> _Key:
    return finding.rule, finding.message, fix.title


def mend(
    project: Project,
    lint: Callable[[Project], list[Finding]],
    wanted: Callable[[Project, Finding], bool],
    editable: Callable[[str], bool],
    hidden: Iterable[Finding] = (),
) -> FixedProject:
    """Apply the safe fixes of wanted findings until none is left.

    `lint` returns all findings of a project; `editable` tells whether a file, given by its path in the project, may
    be changed; `hidden` are findings of the project as it is now that nobody wants mended. A fix that leaves its
    finding, or a file with more errors than before, is not applied.
    """
    findings = lint(project)
    followed = _Followed(project, hidden)
    originals: dict[str, str] = {}
    fixed: list[Fixed] = []
    refused: set[_Key] = set()
    most: int | None = None
    seen = {_state(project)}
    for _ in range(_MOST_ROUNDS):
        open_to_us = [one for one in findings if not followed.has(project, one)]
        choices = list(_choices(project, open_to_us, wanted, editable, refused))[:most]
        if not choices:
            break
        edits = _together(choices)
        mended = _apply(project, edits)
        found = lint(mended)
        if _is_worse(project, findings, mended, found, choices):
            # One of them is to blame: try half of them, down to one.
            if len(choices) == 1:
                refused.add(choices[0].key)
            most = len(choices) // 2 or None
            continue
        if _state(mended) in seen:
            break  # Fixes undo each other.
        seen.add(_state(mended))
        most = None
        fixed += (Fixed(locate(project, one.finding.region), one.finding.rule, one.fix.title) for one in choices)
        for document in project.all_documents:
            originals.setdefault(document.path, document.text)
        followed.follow(edits)
        project, findings = mended, found
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
) -> Iterator[_Choice]:
    """Yield the first safe fix of each finding, leaving out those whose edits overlap with one already chosen."""
    taken: dict[str, list[TextEdit]] = {}
    for finding in findings:
        fix = next((fix for fix in finding.fixes if fix.safe and fix.edits), None)
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
    """Return the edits of several fixes by file."""
    edits: dict[str, list[TextEdit]] = {}
    for choice in choices:
        for path, some in choice.edits.items():
            edits.setdefault(path, []).extend(some)
    return edits


def _apply(project: Project, edits: dict[str, list[TextEdit]]) -> Project:
    texts = {document.path: document.text for document in project.all_documents}
    overlay = dict(project.overlay) | {path: edited(texts[path], some) for path, some in edits.items()}
    return Project(project.root, overlay, project)


def _is_worse(before: Project, old: list[Finding], after: Project, new: list[Finding], choices: list[_Choice]) -> bool:
    """Return whether a file has more errors than before, or a fix has left what it was to mend.

    Of several fixes each must take its own error away, or one could hide what another brings.
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
    return Counter(_key(finding, fix) for finding in findings for fix in finding.fixes if fix.safe)


# -- files -----------------------------------------------------------------------------------------------------------


def encode(text: str) -> bytes:
    """Return the bytes of a file from the text that `decode` made of them."""
    return text.encode("utf-8", "surrogateescape")


def why_left(path: str, text: str) -> str | None:
    """Return why a file that was read as a text may not be changed, in words; None where it may be.

    It may be where it holds the text byte for byte: one in UTF-16, or changed meanwhile, does not. Replacing a
    read-only one would get round its mode.
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
    """Write a file in one step, keeping its mode and owner; of a symbolic link the file it leads to.

    What else cannot be kept is said on standard error. Failure where it cannot be written or was changed in the
    meantime: then nothing has happened.
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
    """Return a unified diff that `git apply` and `patch -p1` take; empty if nothing changes."""
    from difflib import unified_diff

    before, after = _lines(change.before), _lines(change.after)
    lines = unified_diff(before, after, f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """Split at line feeds only, as the tools that read a diff do."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines
