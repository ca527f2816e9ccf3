"""One finding for people, in the style of rustc: the message, the lines, and the remedy."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_lint.fixing.fixes import TextEdit, edited, text_edits
from upsun_lint.places.paths import display_path
from upsun_lint.places.trail import trail
from upsun_lint.reports.snippet import Gutter, Mark, last_line, snippet
from upsun_lint.reports.summary import SEVERITY_STYLES
from upsun_lint.writing.terminal import Terminal, fit, width, wrap
from upsun_rules.finding import Finding, Fix
from upsun_schema.configuration.sources import Sources
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Region
from upsun_schema.yaml.source_file import SourceFile
from upsun_schema.yaml.text import LineTable

__all__ = ["Paragraph"]

_NEAR = 6
"""Related places at most so many lines apart are shown in the same snippet."""

_MOST_DIFF_LINES = 12
_LONGEST_COMPARED = 2_000
_DIFF_STYLES = {"-": "red", "+": "green", " ": ""}


class _Block(NamedTuple):
    """Places of one file that are shown together."""

    document: SourceFile
    marks: list[Mark]


class Paragraph:
    """One finding, written out."""

    def __init__(self, project: Sources, finding: Finding, terminal: Terminal) -> None:
        self.project = project
        self.finding = finding
        self.terminal = terminal
        self.style = SEVERITY_STYLES[finding.severity]
        self.blocks = self._blocks()
        self.hunks = [hunk for fix in finding.fixes[:1] for hunk in _hunks(project, fix)]
        lines = [last_line(block.document, mark) for block in self.blocks for mark in block.marks]
        lines += [hunk.line + len(hunk.old) for hunk in self.hunks]
        self.gutter = Gutter(len(str(max(lines) + 1)), terminal)

    def text(self) -> str:
        """The paragraph, its last line break included."""
        parts = (self._header(), self._snippets(), self._help(), self._documentation())
        return "".join(f"{line}\n" for part in parts for line in part)

    # -- what and where ----------------------------------------------------------------------------------------------

    def _header(self) -> Iterator[str]:
        finding, terminal = self.finding, self.terminal
        label = finding.severity.label
        room = terminal.columns - len(label) - len(finding.rule) - 4
        first, *rest = wrap(terminal.printable(finding.message), terminal.columns - 2, room)
        rule = terminal.link(finding.rule, finding.url)
        yield terminal.paint(f"{label}[{rule}]", self.style) + terminal.paint(f": {first}".rstrip(), "bold")
        for line in rest:
            yield "  " + terminal.paint(line, "bold")

    def _blocks(self) -> list[_Block]:
        """The finding's own place and what is near it, then the related places further away."""
        primary = self._block(self.finding.region, self.finding.label, primary=True)
        blocks = [primary]
        for related in self.finding.related:
            block = self._block(related.region, related.message, primary=False)
            if block.document is primary.document and _is_near(primary, block.marks[0]):
                primary.marks.append(block.marks[0])
            else:
                blocks.append(block)
        return blocks

    def _block(self, region: Region, label: str, *, primary: bool) -> _Block:
        document, span = self.project.where(region)
        return _Block(document, [Mark(span.start, span.end, self.terminal.printable(label), primary)])

    def _snippets(self) -> Iterator[str]:
        for index, block in enumerate(self.blocks):
            if index:
                yield self.gutter.line(None)
            yield self._arrow(block, ":::" if index else "-->")
            yield self.gutter.line(None)
            yield from snippet(block.document, block.marks, self.gutter, self.style)
        yield self.gutter.line(None)

    def _arrow(self, block: _Block, arrow: str) -> str:
        document, mark = block.document, block.marks[0]
        position = document.lines.position(mark.start)
        path = self.terminal.printable(display_path(self.project.root, document.path))
        place = f"{path}:{position.line + 1}:{position.column + 1}"
        head = f"{' ' * self.gutter.digits}{self.terminal.paint(arrow, 'bold blue')} {place}"
        room = self.terminal.columns - self.gutter.digits - 4 - width(place) - 3
        return head + self.terminal.paint(self._trail(document, mark.start, room), "dim")

    def _trail(self, document: SourceFile, offset: int, room: int) -> str:
        """The keys above a place, as many as fit, innermost keys first."""
        between = self.terminal.symbol(" › ", " > ")
        names = [self.terminal.printable(name) for name in trail(document, offset)]
        shown = between.join(names)
        while width(shown) > room and len(names) > 1:
            del names[0]
            shown = self.terminal.symbol("…", "...") + between + between.join(names)
        return f" ({shown})" if names and width(shown) <= room else ""

    # -- what to do --------------------------------------------------------------------------------------------------

    def _note(self, kind: str, words: str) -> Iterator[str]:
        lead = f"= {kind}: "
        for index, line in enumerate(wrap(self.terminal.printable(words), self.gutter.room - len(lead))):
            head = self.terminal.paint(f"= {kind}:", "bold") + " " if not index else " " * len(lead)
            yield f"{' ' * (self.gutter.digits + 1)}{head}{line}"

    def _help(self) -> Iterator[str]:
        for index, fix in enumerate(self.finding.fixes):
            title = f"or {fix.title[:1].lower()}{fix.title[1:]}" if index else fix.title
            yield from self._note("help", title + (" (--fix does this)" if fix.safe else ""))
            if not index and self.hunks:
                yield from self._diff()

    def _diff(self) -> Iterator[str]:
        yield self.gutter.line(None)
        left = _MOST_DIFF_LINES
        path = self.blocks[0].document.path
        for index, hunk in enumerate(self.hunks):
            if hunk.path != path:
                shown = self.terminal.printable(display_path(self.project.root, hunk.path))
                yield f"{' ' * self.gutter.digits}{self.terminal.paint(':::', 'bold blue')} {shown}:{hunk.line + 1}"
                path = hunk.path
            elif index:
                yield self.terminal.paint("...", "bold blue")
            for line in hunk.lines():
                if left == 0:
                    yield self.terminal.paint("...", "bold blue")
                    break
                left -= 1
                yield self._diff_line(line)
        yield self.gutter.line(None)

    def _diff_line(self, line: _DiffLine) -> str:
        text = fit(line.text, self.gutter.room, line.changed, self.terminal).shown
        head = self.terminal.paint(f"{line.number + 1:>{self.gutter.digits}}", "bold blue")
        return f"{head} {self.terminal.paint(f'{line.sign} {text}'.rstrip(), _DIFF_STYLES[line.sign])}"

    def _documentation(self) -> Iterator[str]:
        if self.finding.url and not self.terminal.links:
            yield f"{' ' * (self.gutter.digits + 1)}{self.terminal.paint('= docs:', 'bold')} {self.finding.url}"


def _is_near(block: _Block, mark: Mark) -> bool:
    """Whether a place is close to one of a block's."""
    lines = block.document.lines
    begin, end = lines.position(mark.start).line, lines.position(mark.end).line
    return any(
        begin - lines.position(other.end).line <= _NEAR and lines.position(other.start).line - end <= _NEAR
        for other in block.marks
    )


# -- what a fix changes ----------------------------------------------------------------------------------------------


class _DiffLine(NamedTuple):
    """A line of a diff: its sign, its number (from 0), and which of its code points the fix changes."""

    sign: str
    number: int
    text: str
    changed: tuple[int, int]


class _Hunk(NamedTuple):
    """Whole lines of a file before and after: `line` is the first, from 0; `above` the line above, if it helps."""

    path: str
    line: int
    old: list[str]
    new: list[str]
    above: str | None

    def lines(self) -> Iterator[_DiffLine]:
        """Yield the lines as a diff shows them."""
        if self.above is not None:
            yield _DiffLine(" ", self.line - 1, self.above, (0, 0))
        for index, text in enumerate(self.old):
            yield _DiffLine("-", self.line + index, text, self._changed(index, self.old, self.new))
        for index, text in enumerate(self.new):
            yield _DiffLine("+", self.line + index, text, self._changed(index, self.new, self.old))

    def _changed(self, index: int, these: list[str], those: list[str]) -> tuple[int, int]:
        """The range in which a line differs from its counterpart; empty without one."""
        this, that = these[index], those[index] if len(these) == len(those) else ""
        if not that or len(this) > _LONGEST_COMPARED:
            return 0, 0
        most = min(len(this), len(that))
        head = next((place for place in range(most) if this[place] != that[place]), most)
        tail = next((place for place in range(most - head) if this[-1 - place] != that[-1 - place]), most - head)
        return head, len(this) - tail


def _hunks(project: Sources, fix: Fix) -> Iterator[_Hunk]:
    """Yield what a fix changes, in whole lines, by file and place."""
    for path, edits in text_edits(project, fix).items():
        document = next(document for document in project.all_documents if document.path == path)
        for group in _groups(document.lines, edits):
            yield _hunk(document, group)


def _groups(lines: LineTable, edits: list[TextEdit]) -> Iterator[list[TextEdit]]:
    """Put edits that touch the same line together."""
    group: list[TextEdit] = []
    for edit in edits:
        if group and lines.position(edit.start).line > lines.position(group[-1].end).line:
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _hunk(document: SourceFile, edits: list[TextEdit]) -> _Hunk:
    lines, text = document.lines, document.text
    first = lines.position(edits[0].start).line
    last = lines.position(max(edit.end for edit in edits)).line
    begin, end = lines.span(first).start, lines.span(last).end
    after = edited(text[begin:end], [TextEdit(edit.start - begin, edit.end - begin, edit.text) for edit in edits])
    old = [lines.line(line) for line in range(first, last + 1)]
    made = LineTable(after)
    new = [made.line(line) for line in range(len(made))]
    while old and new and old[0] == new[0]:
        first += 1
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return _Hunk(document.path, first, old, new, lines.line(first - 1) if first and not old else None)
