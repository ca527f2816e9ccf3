"""Positions in a text: lines as the Language Server Protocol counts them, columns in code points."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple

__all__ = ["LineTable", "Position", "Span"]

# Only these break a line. U+2028, NEL, form feed and their like do not, unlike in `str.splitlines`.
_LINE_BREAK = expression(r"\r\n|\n|\r")


def _starts(text: str) -> list[int]:
    """Where the lines of a text begin."""
    lines = f"{text}.".splitlines(keepends=True)
    if len(lines) - 1 == text.count("\n"):
        # Every line ends in a line feed: this is the same, several times faster.
        return [0, *accumulate(map(len, lines[:-1]))]
    return [0, *(match.end() for match in _LINE_BREAK.finditer(text))]


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

    __slots__ = ("_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = _starts(text)

    def spliced(self, text: str, start: int, old_end: int, new_end: int) -> LineTable:
        """The lines of another text, which is the same but for one stretch of whole lines from `start` on."""
        found = LineTable.__new__(LineTable)
        first, last = bisect_left(self._starts, start), bisect_right(self._starts, old_end)
        grown = new_end - old_end
        below = self._starts[last:] if not grown else [one + grown for one in self._starts[last:]]
        found._text = text
        found._starts = [*self._starts[:first], *(start + one for one in _starts(text[start:new_end])), *below]
        return found

    def __len__(self) -> int:
        """The number of lines; an empty text has one."""
        return len(self._starts)

    def position(self, offset: int) -> Position:
        """The position of an offset."""
        offset = min(max(offset, 0), len(self._text))
        line = bisect_right(self._starts, offset) - 1
        return Position(line, offset - self._starts[line])

    def beginning_at(self, offsets: list[int]) -> list[int | None]:
        """The lines (0-based) that begin at offsets; None where none does."""
        starts = self._starts
        lines = [bisect_left(starts, offset) for offset in offsets]
        return [
            line if line < len(starts) and starts[line] == offset else None
            for line, offset in zip(lines, offsets, strict=True)
        ]

    def offset(self, position: Position) -> int:
        """The offset of a position; a column past the end of its line is the end of that line."""
        if position.line < 0:
            return 0
        if position.line >= len(self._starts):
            return len(self._text)
        span = self.span(position.line)
        return min(span.start + max(position.column, 0), span.end)

    def span(self, line: int) -> Span:
        """Where a line (0-based) lies, without its line break."""
        start = self._starts[line]
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._text)
        while end > start and self._text[end - 1] in "\r\n":
            end -= 1
        return Span(start, end)

    def line(self, line: int) -> str:
        """The text of a line (0-based), without its line break."""
        start, end = self.span(line)
        return self._text[start:end]

    def every_line(self) -> list[str]:
        """The texts of all lines, without their line breaks."""
        ends = [*self._starts[1:], len(self._text)]
        return [self._text[start:end].rstrip("\r\n") for start, end in zip(self._starts, ends, strict=True)]
