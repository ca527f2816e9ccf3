"""Checks that a fix is harmless: it only edits text that was read as it is written, not guessed by error recovery."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

from upsun_rules.finding import Edit, Finding, Fix
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import MOST_PROBLEMS, Mapping, Piece, Scalar
from upsun_schema.yaml.text import Span
from upsun_schema.yaml.walking import walk

__all__ = ["Soundness"]

_BREAK = expression(r"[\r\n]")
_TAB = expression(r"(?m)^ *\t")
_CONFLICT = expression(r"(?m)^(?:<<<<<<<|>>>>>>>)(?=[ \t\r\n]|\Z)")


class _Spans:
    """Spans of a file, to be asked which of them touch another one."""

    def __init__(self, spans: list[Span]) -> None:
        self._spans = sorted(spans)
        # How far the first so many of them reach.
        self._reach = list(accumulate((span.end for span in self._spans), max))

    def touching(self, other: Span) -> Iterator[Span]:
        index = bisect_right(self._spans, other.end, key=lambda span: span.start) - 1
        while index >= 0 and self._reach[index] >= other.start:
            if _touch(self._spans[index], other):
                yield self._spans[index]
            index -= 1


class _Broken(NamedTuple):
    """Where a file is not valid YAML: the lines of its problems, in code points, and the pieces that have any."""

    lines: _Spans
    pieces: frozenset[Piece]


class Soundness:
    """Checks the fixes of one project. Results about a file are kept for the next fix."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._broken: dict[Document, _Broken | None] = {}
        self._tabs: dict[Document, bool] = {}

    def sound(self, finding: Finding) -> Finding:
        """The finding without the fixes that could do harm."""
        if not finding.fixes:
            return finding
        own = finding if finding.rule == "syntax-error" else None
        fixes = tuple(fix for fix in finding.fixes if self.holds(fix, own))
        return finding if len(fixes) == len(finding.fixes) else finding._replace(fixes=fixes)

    def holds(self, fix: Fix, problem: Finding | None = None) -> bool:
        """Whether a fix relies only on valid parts of the file and not on the guesses of error recovery.

        `problem` is the syntax error that the fix repairs, if any.
        """
        return all(self._edit_holds(edit, problem) for edit in fix.edits)

    def _edit_holds(self, edit: Edit, problem: Finding | None) -> bool:
        if _makes_duplicate(edit):
            return False
        document, span = self._project.place(edit.region)
        moves_lines = _BREAK.search(edit.region.text) is not None or _BREAK.search(edit.text) is not None
        if document not in self._tabs:
            self._tabs[document] = "\t" in document.text
        if moves_lines and self._tabs[document] and _TAB.search(_lines_of(document, span)):
            return False
        if document not in self._broken:
            self._broken[document] = _broken(document) if document.is_broken else None
        broken = self._broken[document]
        if broken is None:
            return True
        if problem is not None:
            own = self._project.place(problem.region).span
            return all(_touch(own, lines) for lines in broken.lines.touching(span))
        if any(broken.lines.touching(span)):
            return False
        # In a broken piece only recovery says what belongs to what: no line is moved there.
        return not (moves_lines and edit.region.piece in broken.pieces)


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end


def _lines_of(document: Document, span: Span) -> str:
    """The text of all lines that a span touches."""
    lines = document.lines
    last = lines.position(max(span.start, span.end - 1)).line
    return document.text[lines.span(lines.position(span.start).line).start : lines.span(last).end]


def _broken(document: Document) -> _Broken:
    lines = _Spans([*_problem_lines(document), *_conflicts(document)])
    # The end of a piece is where the next one begins: that one is not broken.
    spans = [(piece, Span(base, base + max(0, len(piece.text) - 1))) for base, piece in document.pieces]
    return _Broken(lines, frozenset(piece for piece, span in spans if any(lines.touching(span))))


def _problem_lines(document: Document) -> Iterator[Span]:
    counts: dict[Piece, int] = {}
    ended: set[Piece] = set()
    for problem in document.problems:
        piece, span = problem.region.piece, document.span(problem.region)
        if problem.rule != "syntax-error" or span is None:
            continue
        counts[piece] = counts.get(piece, 0) + 1
        last = document.lines.span(document.lines.position(span.end).line)
        # Further ones are not reported; of what slipped in, which has edits, all are.
        is_last = counts[piece] >= MOST_PROBLEMS and not problem.edits
        if is_last and piece in ended:
            continue  # An earlier one reaches to the end, too.
        if is_last:
            ended.add(piece)
        yield Span(_line_above(document, span.start), len(document.text) if is_last else last.end)


def _line_above(document: Document, offset: int) -> int:
    """The start of the last line above an offset that isn't blank or a comment: the problem may be part of it."""
    line = document.lines.position(offset).line - 1
    while line > 0 and not document.lines.line(line).partition("#")[0].strip():
        line -= 1
    return document.lines.span(max(line, 0)).start


def _conflicts(document: Document) -> Iterator[Span]:
    """The merge conflicts of a file, from first to last marker. One without an end reaches the end of the file."""
    start: int | None = None
    for match in _CONFLICT.finditer(document.text):
        end = document.lines.span(document.lines.position(match.start()).line).end
        if match[0].startswith("<"):
            start = match.start() if start is None else start
        else:
            yield Span(match.start() if start is None else start, end)
            start = None
    if start is not None:
        yield Span(start, len(document.text))


# -- keys ------------------------------------------------------------------------------------------------------------


def _makes_duplicate(edit: Edit) -> bool:
    """Whether an edit renames a key to the name of another key in its map."""
    piece, start, end = edit.region
    if not edit.text:
        return False
    known = _maps_by_key(piece)
    found = known.get(start) or known.get(start - 1)
    if found is None:
        return False
    key, names = found
    if end > key.end:
        return False
    source = piece.text[key.start : start] + edit.text + piece.text[end : key.end]
    name = source.strip("'\"")
    return names[name] > (key.text == name)


def _maps_by_key(piece: Piece) -> dict[int, tuple[Scalar, Counter[str | None]]]:
    """The keys of a piece and how often each name is in their map, by the offset of the key."""
    return remembered(piece, "maps by key", None, lambda: dict(_find_maps_by_key(piece)))


def _find_maps_by_key(piece: Piece) -> Iterator[tuple[int, tuple[Scalar, Counter[str | None]]]]:
    for node in walk(piece.root):
        if isinstance(node, Mapping):
            names = Counter(pair.name for pair in node.pairs)
            yield from ((pair.key.start, (pair.key, names)) for pair in node.pairs if isinstance(pair.key, Scalar))
