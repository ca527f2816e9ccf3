"""Lines of a file with places in them underlined and labeled, in the style of rustc.

14 |         crons:
   |         ^^^^^ these never run
15 | /         tick:
16 | |           spec: '0 5 * * *'
   | |___________________________- declared here
"""

from __future__ import annotations

from collections.abc import Iterator

from upsun_lint.writing.terminal import Fitted, Terminal, cells, fit, width, wrap
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.source_file import SourceFile
from upsun_schema.yaml.text import Position

__all__ = ["Gutter", "Mark", "last_line", "snippet"]

_FRAME = "bold blue"
_SECONDARY = "bold blue"
_MOST_LINES = 6
"""Of a longer range only the first and the last lines are shown."""


class Mark(NamedTuple):
    """A place to underline, as code-point offsets in the file, with a few words. One mark of a snippet is primary."""

    start: int
    end: int
    label: str
    primary: bool


class Gutter(NamedTuple):
    """The margin with the line numbers: how wide it is, and the terminal it is for."""

    digits: int
    terminal: Terminal

    def line(self, number: int | None, content: str = "", sign: str = "|") -> str:
        """A line with its number (0-based; None for none) and the frame before its content."""
        shown = "" if number is None else str(number + 1)
        frame = self.terminal.paint(f"{shown:>{self.digits}} {sign}", _FRAME)
        return f"{frame} {content}" if content else frame

    @property
    def room(self) -> int:
        """How many columns there are for content."""
        return self.terminal.columns - self.digits - 3


class _Place(NamedTuple):
    """A mark with the positions of its ends; the end is trimmed of white space."""

    mark: Mark
    start: Position
    end: Position

    @property
    def is_inline(self) -> bool:
        return self.start.line == self.end.line


def _place(document: SourceFile, mark: Mark) -> _Place:
    end = mark.end
    while end > mark.start and document.text[end - 1] in " \t\r\n":
        end -= 1
    return _Place(mark, document.lines.position(mark.start), document.lines.position(end))


def last_line(document: SourceFile, mark: Mark) -> int:
    """The last line (0-based) that a snippet with this mark shows."""
    return _place(document, mark).end.line


def snippet(document: SourceFile, marks: list[Mark], gutter: Gutter, style: str) -> Iterator[str]:
    """Yield the lines that show marks of one file; `style` is that of the primary mark."""
    places = [_place(document, mark) for mark in marks]
    columns = _margin_columns([place for place in places if not place.is_inline])
    drawing = _Drawing(document, places, columns, gutter, style)
    previous: int | None = None
    for line in _shown_lines(document, places):
        if previous is not None and line > previous + 1:
            yield drawing.gap(line)
        yield from drawing.line(line)
        previous = line


def _shown_lines(document: SourceFile, places: list[_Place]) -> list[int]:
    shown: set[int] = set()
    for start, end in ((place.start.line, place.end.line) for place in places):
        if end - start < _MOST_LINES:
            shown.update(range(start, end + 1))
        else:
            shown.update((*range(start, start + _MOST_LINES - 2), end))
    # A gap of one line takes as much room as the dots for it.
    shown.update(line + 1 for line in list(shown) if line + 2 in shown)
    # The line above shows how deep the first one is.
    first = min(shown)
    above = document.lines.line(first - 1).strip() if first else ""
    if above and not above.startswith(("#", "---")):
        shown.add(first - 1)
    return sorted(shown)


def _margin_columns(places: list[_Place]) -> dict[int, int]:
    """Give each range of several lines a separate column in the margin, keyed by the identity of its place."""
    columns: dict[int, int] = {}
    for place in sorted(places, key=lambda place: (place.start, -place.end.line)):
        taken = {
            columns[id(other)]
            for other in places
            if id(other) in columns and other.end.line >= place.start.line and other is not place
        }
        columns[id(place)] = next(column for column in range(len(places)) if column not in taken)
    return columns


# -- drawing ---------------------------------------------------------------------------------------------------------


class _Row:
    """A line under construction: characters in cells, each with a style."""

    def __init__(self) -> None:
        self.cells: list[tuple[str, str]] = []

    def put(self, column: int, text: str, style: str = "") -> None:
        """Overwrite the cells at a column with a text."""
        shown = cells(text)
        end = column + sum(taken for _, taken in shown)
        self.cells += [(" ", "")] * (end - len(self.cells))
        for char, taken in shown:
            if not taken:
                if column:
                    before, its_style = self.cells[column - 1]
                    self.cells[column - 1] = (before + char, its_style)
                continue
            self.cells[column] = (char, style)
            for rest in range(1, taken):
                self.cells[column + rest] = (" " if char.startswith(" ") else "", style)
            column += taken

    def render(self, terminal: Terminal) -> str:
        """The line, without white space at its end."""
        runs: list[tuple[str, str]] = []
        for char, style in self.cells:
            if runs and (runs[-1][1] == style or not char):
                runs[-1] = (runs[-1][0] + char, runs[-1][1])
            else:
                runs.append((char, style))
        while runs and not runs[-1][0].strip():
            runs.pop()
        if runs and not runs[-1][1]:
            runs[-1] = (runs[-1][0].rstrip(), "")
        return "".join(terminal.paint(text, style) for text, style in runs)


class _Drawing:
    """Draws the lines of one snippet."""

    def __init__(
        self, document: SourceFile, places: list[_Place], columns: dict[int, int], gutter: Gutter, style: str
    ) -> None:
        self.document = document
        self.places = places
        self.columns = columns
        self.gutter = gutter
        self.style = style
        self.margin = max(columns.values()) + 2 if columns else 0
        self.room = gutter.room - self.margin

    def style_of(self, place: _Place) -> str:
        return self.style if place.mark.primary else _SECONDARY

    def line(self, line: int) -> Iterator[str]:
        """Yield a line of the source and what is drawn below it."""
        inline = [place for place in self.places if place.is_inline and place.start.line == line]
        begun = [place for place in self.places if not place.is_inline and place.start.line == line]
        ended = [place for place in self.places if not place.is_inline and place.end.line == line]
        focus = self._focus([*inline, *begun, *ended], line)
        text = self.document.lines.line(line)
        # Something missing at the end of a line is marked after it.
        edges = [one.start for one in [*inline, *begun]] + [one.end for one in ended]
        room = self.room - any(edge.column >= len(text) for edge in edges)
        view = fit(text, room, focus, self.gutter.terminal)
        flush = [place for place in begun if not self.document.lines.line(line)[: place.start.column].strip()]
        row = self._row(line, begun=False)
        for place in flush:
            row.put(self.columns[id(place)], "/", self.style_of(place))
        row.put(self.margin, view.shown)
        yield self.gutter.line(line, row.render(self.gutter.terminal))
        for drawn in (
            *self._inline_rows(line, inline, view, flush),
            *self._begin_rows(line, [place for place in begun if place not in flush], view),
            *self._end_rows(line, ended, view),
        ):
            yield self.gutter.line(None, drawn.render(self.gutter.terminal))

    def gap(self, line: int) -> str:
        """The dots for hidden lines above a line."""
        bars = self._row(line, begun=False).render(self.gutter.terminal)
        dots = f"{'...':<{self.gutter.digits + 3}}" if bars else "..."
        return self.gutter.terminal.paint(dots, _FRAME) + bars

    def _focus(self, places: list[_Place], line: int) -> tuple[int, int]:
        """The code points of a line that must be visible: those of its most important mark."""
        if not places:
            return 0, 0
        place = max(places, key=lambda place: (place.mark.primary, place.is_inline))
        if place.is_inline:
            return place.start.column, max(place.end.column, place.start.column + 1)
        column = place.start.column if place.start.line == line else max(place.end.column - 1, 0)
        return column, column + 1

    def _row(self, line: int, *, begun: bool) -> _Row:
        """A row with the bars of the ranges that continue through it; `begun` includes those of this line."""
        row = _Row()
        for place in self.places:
            first = place.start.line + (0 if begun else 1)
            if not place.is_inline and first <= line <= place.end.line:
                row.put(self.columns[id(place)], "|", self.style_of(place))
        return row

    # -- ranges of several lines --------------------------------------------------------------------------------

    def _begin_rows(self, line: int, places: list[_Place], view: Fitted) -> Iterator[_Row]:
        for place in places:
            row = self._row(line, begun=False)
            self._arm(row, place, view.column(place.start.column))
            yield row

    def _end_rows(self, line: int, places: list[_Place], view: Fitted) -> Iterator[_Row]:
        for place in places:
            row = self._row(line, begun=True)
            column = view.column(max(place.end.column - 1, 0))
            self._arm(row, place, column)
            row.put(self.columns[id(place)], "|", self.style_of(place))
            yield from self._labelled(row, line, place, self.margin + column + 1)

    def _arm(self, row: _Row, place: _Place, column: int) -> None:
        style = self.style_of(place)
        begin = self.columns[id(place)] + 1
        row.put(begin, "_" * (self.margin + column - begin), style)
        row.put(self.margin + column, "^" if place.mark.primary else "-", style)

    # -- ranges of one line -------------------------------------------------------------------------------------

    def _inline_rows(self, line: int, places: list[_Place], view: Fitted, flush: list[_Place]) -> Iterator[_Row]:
        """Yield the underlines of a line, then the labels that do not fit beside them, hanging from bars."""
        if not places:
            return
        row = self._bars(line, flush)
        spans = {id(place): self._span(place, view) for place in places}
        for place in sorted(places, key=lambda place: place.mark.primary):
            begin, end = spans[id(place)]
            row.put(begin, ("^" if place.mark.primary else "-") * (end - begin), self.style_of(place))
        waiting = sorted((place for place in places if place.mark.label), key=lambda place: spans[id(place)][0])
        end = max(end for _, end in spans.values())
        if waiting and self._fits(waiting[-1].mark.label, end + 1):
            place = waiting.pop()
            row.put(end + 1, place.mark.label, self.style_of(place))
        yield row
        while waiting:
            if len(waiting) > 1 or len(places) > 1:
                yield self._hanging(line, waiting, spans, flush)
            place = waiting.pop()
            begin = self._label_column(spans[id(place)][0], place.mark.label)
            for text in wrap(place.mark.label, self.margin + self.room - begin):
                row = self._hanging(line, waiting, spans, flush)
                row.put(begin, text, self.style_of(place))
                yield row

    def _bars(self, line: int, flush: list[_Place]) -> _Row:
        row = self._row(line, begun=False)
        for place in flush:
            row.put(self.columns[id(place)], "|", self.style_of(place))
        return row

    def _hanging(
        self, line: int, waiting: list[_Place], spans: dict[int, tuple[int, int]], flush: list[_Place]
    ) -> _Row:
        row = self._bars(line, flush)
        for place in waiting:
            row.put(spans[id(place)][0], "|", self.style_of(place))
        return row

    def _span(self, place: _Place, view: Fitted) -> tuple[int, int]:
        begin = view.column(place.start.column)
        end = view.column(place.end.column)
        return self.margin + begin, self.margin + max(end, begin + 1)

    def _fits(self, label: str, column: int) -> bool:
        return column + width(label) <= self.margin + self.room

    def _label_column(self, column: int, label: str) -> int:
        """The column of a label that hangs below its mark: the same, or further left if it is too long."""
        edge = self.margin + self.room
        return max(self.margin, min(column, edge - min(width(label), max(self.room // 2, 24))))

    def _labelled(self, row: _Row, line: int, place: _Place, column: int) -> Iterator[_Row]:
        """Yield the row that ends a range, with its label beside it or below."""
        label = place.mark.label
        if not label or self._fits(label, column + 1):
            row.put(column + 1, label, self.style_of(place))
            yield row
            return
        yield row
        begin = self._label_column(column, label)
        for text in wrap(label, self.margin + self.room - begin):
            below = _Row()
            below.put(begin, text, self.style_of(place))
            yield below
