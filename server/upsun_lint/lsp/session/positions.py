"""Conversion between offsets in code points, used everywhere in this program, and the client's positions.

The protocol counts lines from 0 and, within a line, UTF-8 bytes, UTF-16 units or UTF-32 units (code points). Only this
module converts units.
"""

from __future__ import annotations

from lsprotocol import types

from upsun_schema.yaml.text import LineTable, Position, Span

__all__ = ["Units"]

_WIDTHS = {
    types.PositionEncodingKind.Utf8: ("utf-8", 1),
    types.PositionEncodingKind.Utf16: ("utf-16-le", 2),
}


class Units:
    """The unit of columns that client and server agreed on."""

    def __init__(self, encoding: types.PositionEncodingKind | str | None) -> None:
        """Use the agreed encoding; None means UTF-16."""
        kind = types.PositionEncodingKind(encoding or "utf-16")
        self._codec = _WIDTHS.get(kind)

    def position(self, lines: LineTable, offset: int) -> types.Position:
        """The client's position of an offset."""
        line, column = lines.position(offset)
        return types.Position(line, self.count(lines.line(line)[:column]))

    def range(self, lines: LineTable, span: Span) -> types.Range:
        """The client's range of a span."""
        return types.Range(self.position(lines, span.start), self.position(lines, span.end))

    def offset(self, lines: LineTable, position: types.Position) -> int:
        """The offset of a client's position; if it is not a valid one, the nearest before it."""
        if position.line >= len(lines):
            return lines.offset(Position(position.line, 0))
        line = lines.line(max(position.line, 0))
        return lines.offset(Position(position.line, self._column(line, position.character)))

    def span(self, lines: LineTable, range_: types.Range) -> Span:
        """The span of a client's range."""
        return Span(self.offset(lines, range_.start), self.offset(lines, range_.end))

    def count(self, text: str) -> int:
        """The length of a text in units."""
        if self._codec is None or text.isascii():
            return len(text)
        codec, width = self._codec
        return len(text.encode(codec, "surrogatepass")) // width

    def _column(self, line: str, units: int) -> int:
        if self._codec is None or line.isascii():
            return units
        column = 0
        for char in line:
            units -= self.count(char)
            if units < 0:
                break
            column += 1
        return column
