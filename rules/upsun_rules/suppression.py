"""Comments that suppress findings, and those that suppress nothing.

`# upsun-lint: ignore[rule, …] reason` on a line, or on a line of its own above it, hides what these rules say there;
`# upsun-lint: ignore-file[rule, …] reason` hides it in the whole file. A finding is at a line if its place begins
there, or if the value of several lines that it is in does: in the middle of a script there is no place for a comment.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as MappingType
from functools import partial
from typing import NamedTuple

from upsun_rules.finding import Edit, Finding, Fix
from upsun_rules.rule import Rule
from upsun_schema.configuration.project import Project
from upsun_schema.wording import nearest
from upsun_schema.yaml.document import Document, comments
from upsun_schema.yaml.nodes import Include, Mapping, Region, Sequence
from upsun_schema.yaml.text import Span

__all__ = ["COMMENT", "MARK", "UNUSED", "Hidden", "Suppression", "Suppressions", "comment_line", "suppressions_in"]

_NAME = "upsun-lint"
MARK = f"{_NAME}:"
UNUSED = "unused-suppression"

_MOST_TOLD = 50
"""How many comments of a file that suppress nothing are reported."""

_ATTEMPT = re.compile(
    r"#\s*upsun-lint\b[\s:]*(?:ignor\w*|disabl\w*|suppress\w*|skip\w*|allow\w*|noqa|off)\b", re.IGNORECASE
)
"""What is meant to keep a finding quiet, in whatever form."""

_RULE_NAME = re.compile(r"(?<![a-z])[a-z]++(?:-[a-z]++)++")

COMMENT = re.compile(
    r"#\s*+upsun-lint:\s*+(?P<verb>ignore-file|ignore)\[(?P<rules>[^\]\[#\r\n]*+)\](?P<reason>[^\r\n]*+)"
)


class Suppression(NamedTuple):
    """One rule named in one comment. `line` is the 0-based line it speaks of; None for the whole file."""

    document: Document
    comment: Region
    region: Region
    rule: str
    line: int | None

    @property
    def reason(self) -> str:
        """Why, in the words of the comment; nothing where it gives no reason."""
        match = COMMENT.match(self.comment.text)
        return match["reason"].strip() if match is not None else ""


class Hidden(NamedTuple):
    """A finding that a comment hides."""

    finding: Finding
    suppression: Suppression


class _Place(NamedTuple):
    """What comments suppress: a rule, and the line (0-based) of a document, None for all of its lines."""

    document: Document
    rule: str
    line: int | None


class Suppressions:
    """The suppressions of a project, held against its findings."""

    def __init__(self, project: Project, findings: Iterable[Finding], rules: MappingType[str, Rule]) -> None:
        self._project = project
        self._findings = list(findings)
        self._rules = rules
        self._marked = [document for document in project.all_documents if MARK in document.text]
        self._suppressions: dict[_Place, list[Suppression]] = {}
        for document in self._marked:
            for found in suppressions_in(document):
                self._suppressions.setdefault(_Place(document, found.rule, found.line), []).append(found)
        self._suppressed = {(place.document, place.rule) for place in self._suppressions}

    def remaining(self) -> Iterator[Finding]:
        """Yield the findings that no comment hides, and one for each comment that hides none.

        Of such comments the first of a file are reported, and that there are more.
        """
        used: set[_Place] = set()
        for finding in self._findings:
            hidden_by = self._hiding(finding) if self._suppressions else []
            used.update(hidden_by)
            if not hidden_by:
                yield finding
        idle: dict[Document, list[tuple[Region, Callable[[], Finding]]]] = {}
        for place, found in self._suppressions.items():
            if place not in used:
                idle.setdefault(place.document, []).extend((one.region, partial(self._unused, one)) for one in found)
        for document in self._project.all_documents:
            if _NAME in document.text.lower():
                others = idle.setdefault(document, [])
                others.extend((region, partial(self._malformed, region)) for region in _malformed(document))
        for document in self._marked:
            idle[document].extend((region, partial(self._in_value, region)) for region in _in_values(document))
        for document, told in idle.items():
            yield from self._first(document, told)

    def _first(self, document: Document, told: list[tuple[Region, Callable[[], Finding]]]) -> Iterator[Finding]:
        if len(told) > _MOST_TOLD:
            told.sort(key=lambda one: document.span(one[0]) or Span(0, 0))
            last, _ = told[_MOST_TOLD]
            del told[_MOST_TOLD:]
            told.append((last, partial(self._warning, last, "more comments from here on suppress nothing")))
        for _, finding in told:
            yield finding()

    def hidden(self) -> Iterator[Hidden]:
        """Yield the findings that a comment hides."""
        for finding in self._findings:
            for place in self._hiding(finding)[:1]:
                yield Hidden(finding, self._suppressions[place][0])

    def _hiding(self, finding: Finding) -> list[_Place]:
        """Return where the comments are meant for that hide a finding."""
        document, span = self._project.place(finding.region)
        if (document, finding.rule) not in self._suppressed:
            return []
        lines = (None, document.lines.position(span.start).line, comment_line(document, finding.region))
        places = (_Place(document, finding.rule, line) for line in dict.fromkeys(lines))
        return [place for place in places if place in self._suppressions]

    def _unused(self, suppression: Suppression) -> Finding:
        if suppression.rule in self._rules:
            message = f"nothing here is reported by `{suppression.rule}`: this comment can go"
        else:
            close = nearest(suppression.rule, self._rules)
            message = f"there is no rule `{suppression.rule}`"
            message += f"; did you mean `{close[0]}`?" if close else ""
        finding = self._warning(suppression.region, message)
        fix = _removal(suppression)
        return finding._replace(fixes=(fix,)) if fix else finding

    def _malformed(self, comment: Region) -> Finding:
        named = [word for word in _RULE_NAME.findall(comment.text) if word in self._rules]
        form = f"# {MARK} ignore[{', '.join(named[:2]) or 'rule'}]"
        return self._warning(comment, f"this comment keeps nothing quiet; the form is `{form}`, then why")

    def _in_value(self, region: Region) -> Finding:
        message = "this is part of a value, and no comment of the file: write it above the value, or behind its key"
        return self._warning(region, message)

    def _warning(self, region: Region, message: str) -> Finding:
        rule = self._rules[UNUSED]
        return Finding(region, message, severity=rule.severity, rule=rule.slug, url=rule.url())


def _malformed(document: Document) -> Iterator[Region]:
    """Yield the comments that ask for silence in a form that names no rule."""
    return (comment.region for comment in document.comments if _is_malformed(comment.region.text))


def _is_malformed(comment: str) -> bool:
    """Return whether a comment asks for silence in a form that names no rule."""
    match = COMMENT.match(comment)
    return not match["rules"].strip(" ,\t") if match is not None else _ATTEMPT.match(comment) is not None


def _in_values(document: Document) -> Iterator[Region]:
    """Yield what reads like a suppression comment in the middle of a value, as in a script."""
    for _, piece in document.pieces:
        if MARK not in piece.text:
            continue
        known = [comment.region for comment in comments(piece)]
        for match in COMMENT.finditer(piece.text):
            before = bisect_right(known, match.start(), key=lambda region: region.start)
            if not before or known[before - 1].end <= match.start():
                yield Region(piece, match.start(), match.end())


def suppressions_in(document: Document) -> Iterator[Suppression]:
    """Yield each rule named in each suppression comment of a file."""
    meant: list[int] | None = None
    for comment in document.comments:
        match = COMMENT.match(comment.region.text)
        span = document.span(comment.region)
        if match is None or span is None:
            continue
        line = None
        if match["verb"] == "ignore":
            meant = meant if meant is not None else _lines_below(document)
            line = _line_meant(document, span.start, meant)
        offset = comment.region.start + match.start("rules")
        for part in re.finditer(r"[^\s,]+", match["rules"]):
            region = Region(comment.region.piece, offset + part.start(), offset + part.end())
            yield Suppression(document, comment.region, region, part[0], line)


def comment_line(document: Document, region: Region) -> int:
    """Return the line (0-based) above which a comment about a place can stand.

    It is the place's own, or, inside a value of several lines (a script, a map in braces), the one where that begins.
    """
    start = region.start
    node = region.piece.root
    while node is not None:
        if isinstance(node, Include):
            node = node.argument
        elif isinstance(node, Mapping) and not node.flow:
            index = bisect_right(node.pairs, region.start, key=lambda pair: pair.key.outer)
            pair = node.pairs[index - 1] if index else None
            node = None if pair is None else pair.key if region.start <= pair.key.end else pair.value
        elif isinstance(node, Sequence) and not node.flow:
            index = bisect_right(node.items, region.start, key=lambda item: item.outer)
            node = node.items[index - 1] if index else None
        else:
            start = node.start if node.start <= region.start <= node.end else start
            break
    span = document.span(Region(region.piece, start, start))
    return document.lines.position(span.start).line if span is not None else 0


def _line_meant(document: Document, offset: int, below: list[int]) -> int:
    """Return the line a comment speaks of: its own, or the next that is no comment if it has one of its own."""
    position = document.lines.position(offset)
    if document.lines.line(position.line)[: position.column].strip():
        return position.line
    return below[position.line]


def _lines_below(document: Document) -> list[int]:
    """Return for each line (0-based) the next below it that is neither blank nor a comment; itself if there is none."""
    count = len(document.lines)
    found = list(range(count))
    next_one: int | None = None
    for line in reversed(range(count)):
        found[line] = line if next_one is None else next_one
        text = document.lines.line(line).strip()
        if text and not text.startswith("#"):
            next_one = line
    return found


def _removal(suppression: Suppression) -> Fix | None:
    """Return the fix that takes a comment away, if the rule is the only one it names."""
    piece, start, end = suppression.comment
    match = COMMENT.match(suppression.comment.text)
    if match is None or len(re.findall(r"[^\s,]+", match["rules"])) != 1:
        return None
    text = piece.text
    line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    if text[line_start:start].strip():
        while start > line_start and text[start - 1] in " \t":
            start -= 1
    else:
        start = line_start
        end += 2 if text.startswith("\r\n", end) else 1 if end < len(text) else 0
    return Fix("Remove the comment", (Edit(Region(piece, start, end), ""),), safe=True)
