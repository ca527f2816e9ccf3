"""The lines of a text that may not be YAML: which hold structure, and which only continue a text or a flow value.

Completion does not use this: it reads only the lines near the cursor (see `lsp/completions/block.py` of the server).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from upsun_schema.record import NamedTuple
from upsun_schema.yaml.broken.indentation import LINE, TEXT_BELOW, Head, head_of
from upsun_schema.yaml.signs import BLANKS, KEY, ZERO_WIDTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias


__all__ = ["Role", "Row", "rows"]

Role: TypeAlias = "Literal['structure', 'text', 'inside']"
"""Keys and items; a block scalar below its key; quotes or brackets that an earlier line opened."""

_BLANK = re.compile(f"[ \t{BLANKS}{ZERO_WIDTH}]*")
_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|(?<=[ \t])#[^\r\n]*|[\[\]{}]|(?:\r\n|\n|\r)", re.DOTALL)
# A value in quotes or brackets that goes on for longer was never closed.
_LONGEST = 20_000
_TAB_WIDTH = 8


class Row(NamedTuple):
    """A line: where it begins, where its content begins and ends (code points), and what it is part of.

    `value` is where the value behind its dashes and its key begins; the content itself where it has neither.
    """

    begin: int
    start: int
    end: int
    role: Role
    value: int
    opens_text: bool

    def is_blank(self) -> bool:
        """Whether the line has no content."""
        return self.start >= self.end


def rows(text: str, first: int = 0, last: int | None = None) -> Iterator[Row]:
    """Yield every line of a text, or of a stretch of it that begins where a key does."""
    literal: int | None = None
    base: int | None = None
    closed = 0
    for match in LINE.finditer(text, first, len(text) if last is None else last):
        begin, end = match.start(), match.start() + len(match[0].rstrip("\r\n"))
        start = _BLANK.match(text, begin, end).end()  # type: ignore[union-attr]
        if begin < closed:
            yield Row(begin, start, end, "inside", start, opens_text=False)
            continue
        width = _width(text[begin:start])
        plain = end - begin - len(text[begin:end].lstrip(" "))
        if literal is not None and (start >= end or _is_text(text, begin, start, end, literal, base, width, plain)):
            if start < end and base is None:
                base = min(width, plain) or width
            yield Row(begin, start, end, "text", start, opens_text=False)
            continue
        literal = base = None
        head = head_of(text, start, end)
        row = _structure(text, begin, head, end)
        yield row
        if row.opens_text:
            literal = width + head.indent_of_text
        closed = _closed(text, row, width)


def _width(blank: str) -> int:
    return len(blank.expandtabs(_TAB_WIDTH)) if "\t" in blank else len(blank)


def _is_text(
    text: str, begin: int, start: int, end: int, literal: int, base: int | None, width: int, plain: int
) -> bool:
    """Whether a line with content is part of the text below a key that is `literal` deep."""
    if plain >= (literal + 1 if base is None else base):
        return True  # Whatever follows these spaces is content.
    if width <= literal and "\t" not in text[begin:start]:
        return False
    return width > literal if "\t" not in text[begin:start] else KEY.match(text, start, end) is None


def _structure(text: str, begin: int, head: Head, end: int) -> Row:
    value = head.value
    while value < end and text[value] in " \t":
        value += 1
    return Row(begin, head.start, end, "structure", value, bool(TEXT_BELOW.match(text, value, end)))


def _closed(text: str, row: Row, width: int) -> int:
    """Where the quotes or brackets of a line are closed, if below it; 0 where none are open."""
    if text[row.value : row.value + 1] not in ("{", "[", '"', "'"):
        return 0
    depth = 0
    position = row.value
    while (token := _TOKEN.search(text, position, row.value + _LONGEST)) is not None:
        position = token.end()
        if token[0] in "{[":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        elif token[0] in ("\n", "\r", "\r\n"):
            if not depth or _begins_key(text, position, width):
                return 0
            continue
        elif token[0][0] in "\"'" and _breaks_off(text, token, width):
            return 0
        if depth <= 0:
            return position if "\n" in text[row.value : position] else 0
    return 0


def _breaks_off(text: str, token: re.Match[str], width: int) -> bool:
    """Whether quotes seem to be closed below, but only by the next quotes of the text."""
    return any(_begins_key(text, token.start() + match.end(), width) for match in re.finditer(r"\r\n|\n|\r", token[0]))


def _begins_key(text: str, begin: int, width: int) -> bool:
    """Whether the line at an offset is a key no deeper than the one whose value is looked at."""
    start = _BLANK.match(text, begin).end()  # type: ignore[union-attr]
    return _width(text[begin:start]) <= width and KEY.match(text, start) is not None
