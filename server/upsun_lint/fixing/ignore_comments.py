"""Writes comments that suppress the current findings. Only comments are added; nothing else changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum

from upsun_lint.fixing.fixes import FileChange, TextEdit, edited
from upsun_rules.finding import Finding
from upsun_rules.suppression import MARK, UNUSED, comment_line
from upsun_schema.configuration.project import Project
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import BOM, Document
from upsun_schema.yaml.nodes import Include, Mapping, Node, Scalar, Sequence, is_same
from upsun_schema.yaml.walking import walk

__all__ = ["Ignored", "ignore"]

_WIDTH = 120
"""How long, in code points, a line may become before its comment moves to the line above."""


class Ignored(NamedTuple):
    """The comments that were written: the changed files, the number of suppressed findings, and those left."""

    changes: list[FileChange]
    number: int
    left: list[Finding]


class _Scope(IntEnum):
    """What a comment applies to. If it does not work, the next scope is tried."""

    LINE = 0
    FILE = 1
    NOTHING = 2


_Key = tuple[str, str, str]


def ignore(
    project: Project,
    findings: Iterable[Finding],
    lint: Callable[[Project], list[Finding]],
    reason: str,
    editable: Callable[[str], bool],
) -> Ignored:
    """Comments that suppress findings, each with a reason. Nothing is written.

    `lint` finds everything in a project; `editable` says whether a file, given by its path in the project, may be
    changed. The effect of the comments is checked before they are returned.
    """
    wanted = [finding for finding in findings if finding.rule != UNUSED]
    unused = _unused(project, lint(project))
    scopes = {finding: _Scope.LINE if editable(_path(project, finding)) else _Scope.NOTHING for finding in wanted}
    while True:
        after = _commented(project, scopes, reason)
        failed = _failed(project, after, scopes, lint(after), unused)
        if not failed:
            break
        scopes |= {finding: _Scope(scopes[finding] + 1) for finding in failed}
    texts = {document.path: document.text for document in after.all_documents}
    changes = [
        FileChange(document.path, document.text, texts[document.path])
        for document in project.all_documents
        if texts[document.path] != document.text
    ]
    left = [finding for finding in findings if scopes.get(finding, _Scope.NOTHING) is _Scope.NOTHING]
    return Ignored(changes, len(scopes) - sum(scope is _Scope.NOTHING for scope in scopes.values()), left)


def _path(project: Project, finding: Finding) -> str:
    return project.place(finding.region).document.path


# -- checking the effect --------------------------------------------------------------------------------------


def _failed(
    project: Project, after: Project, scopes: dict[Finding, _Scope], found: list[Finding], unused: Counter[_Key]
) -> list[Finding]:
    """The findings whose comments do not do what they should."""
    still = {_key(after, finding) for finding in found}
    idle = {(path, rule) for path, _, rule in _unused(after, found) - unused}
    changed = _changed(project, after)
    failed = []
    for finding, scope in scopes.items():
        key = _key(project, finding)
        if scope is not _Scope.NOTHING and (key in still or key[:2] in idle or key[0] in changed):
            failed.append(finding)
    # A finding that no comment can suppress must not affect similar ones.
    hopeless = {_key(project, finding) for finding, scope in scopes.items() if scope is _Scope.NOTHING}
    return [one for one in failed if _key(project, one) not in hopeless or _path(project, one) in changed]


def _key(project: Project, finding: Finding) -> _Key:
    return _path(project, finding), finding.rule, finding.message


def _unused(project: Project, findings: list[Finding]) -> Counter[_Key]:
    """Count the comments that suppress nothing, by file and by the rule they name."""
    named = ((finding, finding.region.text) for finding in findings if finding.rule == UNUSED)
    return Counter((_path(project, finding), "", rule) for finding, rule in named)


def _changed(project: Project, after: Project) -> set[str]:
    """The files whose meaning changed."""
    now = {document.path: document for document in after.all_documents}
    return {document.path for document in project.all_documents if not _means(document, now[document.path])}


def _means(one: Document, other: Document) -> bool:
    if one.root is None or other.root is None:
        return one.root is other.root
    return len(one.problems) == len(other.problems) and is_same(one.root, other.root)


# -- writing ---------------------------------------------------------------------------------------------------------


def _commented(project: Project, scopes: dict[Finding, _Scope], reason: str) -> Project:
    edits: dict[str, list[TextEdit]] = {}
    for document in project.all_documents:
        findings = [finding for finding in scopes if project.place(finding.region).document is document]
        some = list(_edits(project, document, {finding: scopes[finding] for finding in findings}, reason))
        if some:
            edits[document.path] = some
    texts = {document.path: document.text for document in project.all_documents}
    overlay = dict(project.overlay) | {path: edited(texts[path], some) for path, some in edits.items()}
    return Project(project.root, overlay, project)


def _edits(project: Project, document: Document, scopes: dict[Finding, _Scope], reason: str) -> Iterator[TextEdit]:
    whole = {finding.rule for finding, scope in scopes.items() if scope is _Scope.FILE}
    closed = _Closed.of(document)
    lines: dict[int, set[str]] = {}
    for finding, scope in scopes.items():
        if scope is _Scope.LINE and finding.rule not in whole:
            line = document.lines.position(project.place(finding.region).span.start).line
            if line in closed.starts:
                line = comment_line(document, finding.region)
            lines.setdefault(line, set()).add(finding.rule)
    if whole:
        start = 1 if document.text.startswith(BOM) else 0
        yield TextEdit(start, start, f"# {MARK} ignore-file[{', '.join(sorted(whole))}] {reason}{_break(document, 0)}")
    for line, rules in lines.items():
        comment = f"# {MARK} ignore[{', '.join(sorted(rules))}] {reason}"
        span, text = document.lines.span(line), document.lines.line(line)
        if line not in closed.ends and len(text) + 2 + len(comment) <= _WIDTH:
            yield TextEdit(span.end, span.end, f"  {comment}")
        else:
            indent = text[: len(text) - len(text.lstrip(" "))]
            start = span.start + (1 if line == 0 and document.text.startswith(BOM) else 0)
            yield TextEdit(start, start, f"{indent}{comment}{_break(document, line)}")


def _break(document: Document, line: int) -> str:
    """The line break of a line; of the last, which has none, that of the one before."""
    for number in (line, line - 1):
        if 0 <= number < len(document.lines) - 1:
            return document.text[document.lines.span(number).end : document.lines.span(number + 1).start]
    return "\n"


class _Closed(NamedTuple):
    """The lines (0-based) before which, and at the end of which, no comment is possible."""

    starts: set[int]
    ends: set[int]

    @classmethod
    def of(cls, document: Document) -> _Closed:
        """Those of a file: inside values of several lines, and where there is a comment already."""
        closed = cls(set(), set())
        lines = document.lines
        for base, piece in document.pieces:
            for node in _several_lined(piece.root):
                first = lines.position(base + node.start).line
                end = lines.position(base + node.end)
                last = end.line if end.column else end.line - 1
                is_block = isinstance(node, Scalar) and node.style in ("|", ">")
                closed.starts.update(range(first + 1, last + 1))
                closed.ends.update(range(first, last + 1 if is_block else last))
        for comment in document.comments:
            span = document.span(comment.region)
            if span is not None:
                closed.ends.add(lines.position(span.start).line)
        for line in range(len(lines)):
            text = lines.line(line).strip(f" \t{BOM}")
            if not text or text.startswith(("#", "%", "---", "...")):
                closed.ends.add(line)
        return closed


def _several_lined(root: Node | None) -> Iterator[Node]:
    """Yield the nodes inside which no comment is possible if they have several lines."""
    for node in walk(root):
        if not isinstance(node, Include) and not (isinstance(node, Mapping | Sequence) and not node.flow):
            yield node
