"""Comments that suppress findings, and those that suppress nothing.

`# upsun-lint: ignore[rule, …] reason` at the end of a line, or alone on the line above, hides what these rules report
there. `# upsun-lint: ignore-file[rule, …] reason` hides it in the whole file. A finding belongs to the line where its
place begins, and to the line where the multi-line value around it begins: a script has no place for a comment inside.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator
from collections.abc import Mapping as MappingType
from functools import partial

from upsun_rules.finding import Edit, Finding, Fix
from upsun_rules.rule import POLICY, Rule
from upsun_schema.configuration.project import Project
from upsun_schema.configuration.sources import Sources
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.wording import nearest
from upsun_schema.yaml.document import Document, comments
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Include, Mapping, Piece, Region, Sequence
from upsun_schema.yaml.path import path_at
from upsun_schema.yaml.text import Span

__all__ = [
    "COMMENT",
    "MARK",
    "UNUSED",
    "Hidden",
    "Suppression",
    "Suppressions",
    "comment_line",
    "may_suppress",
    "suppressions_in",
]

_NAME = "upsun-lint"
MARK = f"{_NAME}:"
UNUSED = "unused-suppression"

_MOST_REPORTED = 50
"""The highest number of comments in a file that are reported because they suppress nothing."""

_ATTEMPT = expression(
    r"#\s*upsun-lint\b[\s:]*(?:ignor\w*|disabl\w*|suppress\w*|skip\w*|allow\w*|noqa|off)\b", re.IGNORECASE
)
"""A comment that is meant to suppress a finding, in any form."""

_RULE_NAME = expression(r"(?<![a-z])[a-z]++(?:-[a-z]++)++")

COMMENT = expression(
    r"#\s*+upsun-lint:\s*+(?P<verb>ignore-file|ignore)\[(?P<rules>[^\]\[#\r\n]*+)\](?P<reason>[^\r\n]*+)"
)


class Suppression(NamedTuple):
    """One rule named in one comment. `line` is the 0-based line it applies to; None for the whole file."""

    document: Document
    comment: Region
    region: Region
    rule: str
    line: int | None

    @property
    def reason(self) -> str:
        """The reason in the comment; empty if there is none."""
        match = COMMENT.match(self.comment.text)
        return match["reason"].strip() if match is not None else ""


class Hidden(NamedTuple):
    """A finding that a comment hides."""

    finding: Finding
    suppression: Suppression


class _Place(NamedTuple):
    """What a comment applies to: a rule, and a line (0-based) of a document, None for all lines."""

    document: Document
    rule: str
    line: int | None


class _Idle(NamedTuple):
    """Where a comment suppresses nothing, and what makes the finding about it."""

    region: Region
    finding: Callable[[], Finding]


class Suppressions:
    """The suppressions of a project, compared with its findings. `idle` are rules that did not run."""

    def __init__(
        self,
        project: Project,
        findings: Iterable[Finding],
        rules: MappingType[str, Rule],
        idle: Callable[[], Container[str]] = frozenset,
    ) -> None:
        """`idle` gives the rules that do not run now. What suppresses them is not reported."""
        self._project = project
        self._findings = list(findings)
        self._rules = rules
        self._idle = idle
        self._marked = [document for document in project.all_documents if MARK in document.text]
        self._suppressions: dict[_Place, list[Suppression]] = {}
        for document in self._marked:
            for found in suppressions_in(document):
                self._suppressions.setdefault(_Place(document, found.rule, found.line), []).append(found)
        self._suppressed = {(place.document, place.rule) for place in self._suppressions}

    def remaining(self) -> Iterator[Finding]:
        """Yield the findings that no comment hides, and a finding for each comment that hides nothing.

        Only the first such comments of a file are reported, and the fact that there are more.
        """
        used: set[_Place] = set()
        for finding in self._findings:
            hidden_by = self._hiding(finding) if self._suppressions else []
            used.update(hidden_by)
            if not hidden_by:
                yield finding
        for document, idle in self._without_effect(used).items():
            yield from self._first(document, idle)

    def _without_effect(self, used: set[_Place]) -> dict[Document, list[_Idle]]:
        """The comments of each file that suppress nothing and are not allowed to; those for the `used` places do."""
        idle: dict[Document, list[_Idle]] = {}

        def note(place: _Place, region: Region, finding: Callable[[], Finding]) -> None:
            allowed = [] if place.rule == UNUSED else self._allowing(place)
            used.update(allowed)
            if not allowed:
                idle.setdefault(place.document, []).append(_Idle(region, finding))

        for document in self._project.all_documents:
            for region in _malformed(document):
                note(_Place(document, "", None), region, partial(self._malformed, region))
        for document in self._marked:
            for region in _in_values(document):
                note(_Place(document, "", None), region, partial(self._in_value, region))
        # Those that allow others to suppress nothing come last: by then it is known whether they do.
        for place, found in sorted(self._suppressions.items(), key=lambda one: one[0].rule == UNUSED):
            if place in used:
                continue
            if self._is_unknown_policy(place.rule) or place.rule in self._idle():
                used.update(self._allowing(place))  # What did not run may suppress nothing when it runs.
                continue
            for one in found:
                note(place, one.region, partial(self._unused, one))
        return idle

    def _first(self, document: Document, idle: list[_Idle]) -> Iterator[Finding]:
        if len(idle) > _MOST_REPORTED:
            idle.sort(key=lambda one: document.span(one.region) or Span(0, 0))
            last = idle[_MOST_REPORTED].region
            del idle[_MOST_REPORTED:]
            idle.append(_Idle(last, partial(self._warning, last, "more comments below suppress nothing")))
        for one in idle:
            yield one.finding()

    def unhidden(self) -> Iterator[Finding]:
        """The findings that no comment hides."""
        for finding in self._findings:
            if not self._suppressions or not self._hiding(finding):
                yield finding

    def hidden(self) -> Iterator[Hidden]:
        """The findings that a comment hides."""
        for finding in self._findings:
            for place in self._hiding(finding)[:1]:
                yield Hidden(finding, self._suppressions[place][0])

    def _hiding(self, finding: Finding) -> list[_Place]:
        """The places that the comments hiding a finding apply to."""
        document, span = self._project.place(finding.region)
        if (document, finding.rule) not in self._suppressed:
            return []
        lines = (None, document.lines.position(span.start).line, comment_line(document, finding.region))
        places = [_Place(document, finding.rule, line) for line in dict.fromkeys(lines)]
        return [place for place in places if place in self._suppressions]

    def _allowing(self, place: _Place) -> list[_Place]:
        """The places of the comments that allow one to suppress nothing: the same comment, or one for the file.

        A rule that does not exist is a mistake that only the second kind hides.
        """
        is_known = place.rule in self._rules or self._is_unknown_policy(place.rule)
        places = [_Place(place.document, UNUSED, line) for line in dict.fromkeys((None, place.line)[: 1 + is_known])]
        return [one for one in places if one in self._suppressions]

    def _is_unknown_policy(self, name: str) -> bool:
        """Whether a rule is a policy and no policy is enabled, as without the settings: nothing is known about it."""
        return name.startswith(POLICY) and not any(rule.is_policy for rule in self._rules.values())

    def _unused(self, suppression: Suppression) -> Finding:
        if suppression.rule in self._rules:
            message = f"`{suppression.rule}` reports nothing here; remove this comment"
        else:
            close = nearest(suppression.rule, self._rules)
            message = f"rule `{suppression.rule}` does not exist"
            message += f"; did you mean `{close[0]}`?" if close else ""
        finding = self._warning(suppression.region, message)
        fix = _removal(suppression)
        return finding._replace(fixes=(fix,)) if fix else finding

    def _malformed(self, comment: Region) -> Finding:
        named = [word for word in _RULE_NAME.findall(comment.text) if word in self._rules]
        form = f"# {MARK} ignore[{', '.join(named[:2]) or 'rule'}]"
        return self._warning(comment, f"this comment suppresses nothing; write `{form}` followed by a reason")

    def _in_value(self, region: Region) -> Finding:
        message = "this is part of a value, not a comment; put it above the value or after the key"
        return self._warning(region, message)

    def _warning(self, region: Region, message: str) -> Finding:
        rule = self._rules[UNUSED]
        return Finding(region, message, severity=rule.severity, rule=rule.slug, url=rule.url())


def _malformed(document: Document) -> Iterator[Region]:
    """The comments that are meant to suppress something but name no rule in the right form."""
    for _, piece in document.pieces if "#" in document.text else ():
        yield from remembered(piece, "malformed comments", None, partial(_malformed_in, piece))


def _malformed_in(piece: Piece) -> list[Region]:
    if _NAME not in piece.text.lower():
        return []
    return [comment.region for comment in comments(piece) if _is_malformed(comment.region.text)]


def _is_malformed(comment: str) -> bool:
    """Whether a comment is meant to suppress something but names no rule in the right form."""
    match = COMMENT.match(comment)
    return not match["rules"].strip(" ,\t") if match is not None else _ATTEMPT.match(comment) is not None


def _in_values(document: Document) -> Iterator[Region]:
    """The parts of a value, such as a script, that look like suppression comments."""
    for _, piece in document.pieces:
        if MARK not in piece.text:
            continue
        known = [comment.region for comment in comments(piece)]
        for match in COMMENT.finditer(piece.text):
            before = bisect_right(known, match.start(), key=lambda region: region.start)
            if not before or known[before - 1].end <= match.start():
                yield Region(piece, match.start(), match.end())


def may_suppress(project: Sources) -> bool:
    """Whether comments in a project may hide something."""
    return any(MARK in document.text for document in project.all_documents)


def suppressions_in(document: Document) -> Iterator[Suppression]:
    """Each rule named in each suppression comment of a file."""
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
    """The line (0-based) above which a comment about a place can be written.

    It is the line of the place or, inside a value of several lines (a script, a map in braces), the line where the
    value begins.
    """
    place = document.span(region)
    if place is None:
        return 0
    start = place.start
    for step in path_at(document, place.start):
        is_block = isinstance(step.node, Mapping | Sequence) and not step.node.flow
        if not is_block and not isinstance(step.node, Include):
            span = document.span(step.node.region)
            start = span.start if span is not None and span.start <= start <= span.end else start
            break
    return document.lines.position(start).line


def _line_meant(document: Document, offset: int, below: list[int]) -> int:
    """The line a comment applies to: its own, or if it is alone on it, the next one that isn't a comment."""
    position = document.lines.position(offset)
    if document.lines.line(position.line)[: position.column].strip():
        return position.line
    return below[position.line]


def _lines_below(document: Document) -> list[int]:
    """For each line (0-based), the next one below that is neither blank nor a comment; itself if there is none."""
    texts = document.lines.every_line()
    found = list(range(len(texts)))
    next_one: int | None = None
    for line in reversed(range(len(texts))):
        if next_one is not None:
            found[line] = next_one
        text = texts[line].strip()
        if text and not text.startswith("#"):
            next_one = line
    return found


def _removal(suppression: Suppression) -> Fix | None:
    """The fix that removes a comment, if it names only this rule."""
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
