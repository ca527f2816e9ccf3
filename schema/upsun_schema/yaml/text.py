"""Positions in a text: lines as the Language Server Protocol counts them, columns in code points."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple

__all__ = ["LineTable", "Position", "Span", "common"]

# Only these break a line. U+2028, NEL, form feed and their like do not, unlike in `str.splitlines`.
_LINE_BREAK = expression(r"\r\n|\n|\r")


def _starts(text: str) -> list[int]:
    """Where the lines of a text begin."""
    lines = f"{text}.".splitlines(keepends=True)
    if len(lines) - 1 == text.count("\n"):
        # Every line ends in a line feed: this is the same, several times faster.
        return [0, *accumulate(map(len, lines[:-1]))]
    return [0, *(match.end() for match in _LINE_BREAK.finditer(text))]


def common(one: str, other: str, *, at_end: bool = False) -> int:
    """The number of characters at the start, or at the end, that two texts have in common."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        first, last = (-middle, -low or None) if at_end else (low, middle)
        if one[first:last] == other[first:last]:
            low = middle
        else:
            high = middle - 1
    return low


class Position(NamedTuple):
    """A place between two characters: 0-based line and 0-based column, the column in code points."""

    line: int
    column: int


class Span(NamedTuple):
    """A stretch of a text: code-point offsets from its beginning, the end exclusive."""

    start: int
    end: int


class LineTable:
    """Where the lines of a text begin; turns offsets into positions and back.

    Everything is in code points. Offsets and positions outside the text are moved to its nearest edge.
    """

    # Where the first lines begin; where the others began, before an edit above them moved them all by a shift. So an
    # edit in a text of 10,000 lines takes 0.02 ms instead of 0.4.
    __slots__ = ("_head", "_shift", "_tail", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._head = _starts(text)
        self._tail: list[int] = []
        self._shift = 0

    def edited(self, text: str, start: int, old_end: int, new_end: int) -> LineTable:
        """The lines of another text, which is the same but for one stretch from `start` on."""
        first = self.position(start).line
        if first and self._text[start - 1 : start] == "\r":
            first -= 1  # What follows may be the other half of its line break.
        last = self.position(old_end).line + 1
        begin = self._start(first)
        grown = new_end - old_end
        end = (self._start(last) if last < len(self) else len(self._text)) + grown
        inner = _starts(text[begin:end])
        if last < len(self):
            del inner[-1]  # That is the first line below.
        found = LineTable.__new__(LineTable)
        found._text = text
        found._head = [*self._between(0, first), *[begin + one for one in inner]]
        found._shift = self._shift + grown
        found._tail = self._below(last)
        return found

    def _start(self, line: int) -> int:
        count = len(self._head)
        return self._head[line] if line < count else self._tail[line - count] + self._shift

    def _below(self, line: int) -> list[int]:
        """Where the lines from this one on begin, without the shift."""
        count, shift = len(self._head), self._shift
        if line < count:
            return [*[one - shift for one in self._head[line:]], *self._tail]
        return self._tail[line - count :] if line > count else self._tail

    def _between(self, first: int, last: int | None = None) -> list[int]:
        """Where the lines from the first one to the last one, exclusive, begin."""
        count, shift = len(self._head), self._shift
        if last is not None and last <= count:
            return self._head[first:last]
        below = self._tail[max(first - count, 0) : None if last is None else last - count]
        return [*self._head[first:], *[one + shift for one in below]]

    def __len__(self) -> int:
        """The number of lines; an empty text has one."""
        return len(self._head) + len(self._tail)

    def position(self, offset: int) -> Position:
        """The position of an offset."""
        offset = min(max(offset, 0), len(self._text))
        if self._tail and offset >= self._tail[0] + self._shift:
            index = bisect_right(self._tail, offset - self._shift) - 1
            return Position(len(self._head) + index, offset - self._shift - self._tail[index])
        line = bisect_right(self._head, offset) - 1
        return Position(line, offset - self._head[line])

    def beginning_at(self, offsets: list[int]) -> list[int | None]:
        """The lines (0-based) that begin at offsets; None where none does."""
        starts = self._between(0)
        lines = [bisect_left(starts, offset) for offset in offsets]
        return [
            line if line < len(starts) and starts[line] == offset else None
            for line, offset in zip(lines, offsets, strict=True)
        ]

    def offset(self, position: Position) -> int:
        """The offset of a position; a column past the end of its line is the end of that line."""
        if position.line < 0:
            return 0
        if position.line >= len(self):
            return len(self._text)
        span = self.span(position.line)
        return min(span.start + max(position.column, 0), span.end)

    def span(self, line: int) -> Span:
        """Where a line (0-based) lies, without its line break."""
        start = self._start(line)
        end = self._start(line + 1) if line + 1 < len(self) else len(self._text)
        while end > start and self._text[end - 1] in "\r\n":
            end -= 1
        return Span(start, end)

    def line(self, line: int) -> str:
        """The text of a line (0-based), without its line break."""
        start, end = self.span(line)
        return self._text[start:end]

    def every_line(self) -> list[str]:
        """The texts of all lines, without their line breaks."""
        starts = self._between(0)
        ends = [*starts[1:], len(self._text)]
        return [self._text[start:end].rstrip("\r\n") for start, end in zip(starts, ends, strict=True)]
