"""The lines around a place in block style: its parents, its siblings and what is below it.

This is the second reader of unfinished YAML. The first, `upsun_schema.yaml.broken`, makes a tree of a text that does
not parse: it has to read every line, from the first to the last, and repairs what it reads. Here nothing is repaired,
and only the lines near the place are read, upward and downward from it: this takes less than a millisecond in a file
of 10,000 lines, where a scan of all lines takes a hundred times as long. Both know a key by the same `KEY`.

Offsets and columns are in code points.
"""

from __future__ import annotations

import re

from upsun_lint.lsp.completions.flow import flow_paths
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.signs import KEY

__all__ = ["COMMENT", "LONGEST_LINE", "Block", "Part", "past", "steps"]

LONGEST_LINE = 10_000
"""Longer lines are not read."""

_BLANKS = re.compile(r"[ \t]*")
COMMENT = re.compile(r"(?:(?<=[ \t])|\A)#")

# A dash and the spaces after it. A lone dash may still become a word.
_DASH = re.compile(r"-[ \t]+|-(?=\r?\n|\Z)")
# An anchor says nothing about the value after it.
_ANCHOR = re.compile(r"[ \t]*(?:&\S+(?:[ \t]+|\Z))?")
# These patterns start with a line break, because that makes the search fast.
_CONTENT = re.compile(r"\n( *)(?=[^\s#])")
_FIRST_STEP = re.compile(r"\n[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\r?\n( {1,8})[^\s#]")
_STRETCH = 4_000
_MOST_BELOW = 200


class Part(NamedTuple):
    """A key or a dash on the way to the place; `name` is None for a dash.

    `line` is the start of its line, and `value` the start of what follows on that line. `is_open` means that only a
    comment or the next part follows. A line that is neither a key nor an item has no value and is not open.
    """

    column: int
    line: int
    name: str | None
    value: int | None
    is_open: bool

    @property
    def is_dash(self) -> bool:
        """Whether it is the dash of a list item."""
        return self.name is None and self.value is not None

    def may_hold(self, other: Part) -> bool:
        """Whether another part can be below this one: deeper, or an item in the column of its list's key."""
        return self.column < other.column or (self.column == other.column and other.is_dash and self.name is not None)


class Block:
    """A text that starts with a line break, and the line of an offset in it, from `start` to `end`."""

    def __init__(self, text: str, offset: int) -> None:
        self.text = text
        self.offset = offset
        self.start = text.rfind("\n", 0, offset) + 1
        self.end = self.line_end(offset)

    def line_end(self, offset: int) -> int:
        """The end of the line of an offset, without its line break."""
        end = self.text.find("\n", offset)
        end = len(self.text) if end < 0 else end
        return end - 1 if end > offset and self.text[end - 1] == "\r" else end

    @property
    def lead(self) -> int:
        """The indentation of the line."""
        return past(_BLANKS, self.text, self.start, self.end) - self.start

    @property
    def step(self) -> int:
        """The indentation step of the file, that of its first indented line."""
        step = _FIRST_STEP.search(self.text)
        return len(step[1]) if step else 2

    def parts(self, start: int, end: int) -> tuple[list[Part], int]:
        """The dashes and the key at the start of a line, and the offset of what follows them."""
        text = self.text
        parts: list[Part] = []
        at = past(_BLANKS, text, start, end)
        while (dash := _DASH.match(text, at, end)) is not None and not (dash.end() == at + 1 == self.offset):
            parts.append(Part(at - start, start, None, dash.end(), True))
            at = dash.end()
        if (key := KEY.match(text, at, end)) is not None:
            value = past(_ANCHOR, text, key.end(), end)
            parts.append(Part(at - start, start, _unquoted(key["key"]), value, True))
            at = value
        if parts:
            parts[-1] = parts[-1]._replace(is_open=at >= end or text[at] == "#")
        return parts, at

    def above(self, line: int, column: int, *, is_dash: bool) -> list[Part]:
        """The parents of what starts at a column of a line, the outermost first.

        An item may start in the column of the key of its list.
        """
        found: list[Part] = []
        while column > 0 or is_dash:
            above = self._line_above(line, column - 1 + is_dash)
            if above is None:
                break
            line = above
            end = self.line_end(line)
            content = past(_BLANKS, self.text, line, end)
            parts = self.parts(line, end)[0] if end - line <= LONGEST_LINE else []
            for part in reversed(parts or [Part(content - line, line, None, None, False)]):
                if part.column < column or (is_dash and part.column == column and part.name is not None):
                    found.append(part)
                    column, is_dash = part.column, part.is_dash
        return found[::-1]

    def _line_above(self, line: int, most: int) -> int | None:
        """The start of the nearest line above with content and at most this indentation."""
        indented = re.compile(rf"\n {{0,{most}}}(?=[^\s#])")
        last, stretch = line, _STRETCH
        while last > 1:
            first = max(last - 1 - stretch, 0)
            found = -1
            for match in indented.finditer(self.text, first, last):
                found = match.start()
            if found >= 0:
                return found + 1
            # A line cut by the end of a stretch is read again, as a whole, in the next one.
            last = self.text.rfind("\n", 0, first + 1) + 1 if first else 0
            last, stretch = min(last + most + 2, line) if last else 0, stretch * 4
        return None

    def beside(self, parent: Part | None, column: int) -> tuple[dict[str, str], tuple[str, ...]] | None:
        """The keys and items in a column below a parent; None if its children are in another column."""
        held: dict[str, str] = {}
        items: list[str] = []
        start = 0 if parent is None else self.line_end(parent.line)
        end = self.end_of_block(column)
        first = self._first_column(start)
        if parent is not None and parent.is_dash and parent.line != self.start and not parent.is_open:
            return None
        if parent is not None and parent.is_dash and (key := KEY.match(self.text, parent.value or 0)) is not None:
            # The first key of an item is after the dash.
            first = key.start() - parent.line
            if parent.line != self.start:
                held[_unquoted(key["key"])] = self._scalar(key.end())
        if first not in (None, column) or self._is_too_deep(parent, column):
            return None
        for match in re.compile(rf"\n {{{column}}}(?=[^\s#])").finditer(self.text, start, end):
            if match.start() + 1 == self.start:
                continue
            if (dash := _DASH.match(self.text, match.end())) is not None:
                items.append(self._scalar(dash.end()))
            elif (key := KEY.match(self.text, match.end())) is not None:
                held[_unquoted(key["key"])] = self._scalar(key.end())
        return held, tuple(items)

    def _is_too_deep(self, parent: Part | None, column: int) -> bool:
        """Whether the next line is below the same parent in a column further left."""
        match = _CONTENT.search(self.text, self.end)
        return match is not None and parent is not None and parent.column < len(match[1]) < column

    def items_beside(self, dash: Part) -> tuple[str, ...]:
        """The other items of the list of a dash."""
        line = re.compile(rf"\n {{{dash.column}}}(?=[^\s#])")
        found: list[str] = []
        begin = self._line_above(dash.line, dash.column - 1) if dash.column else None
        for match in line.finditer(self.text, begin or 0, self.end_of_block(dash.column)):
            item = _DASH.match(self.text, match.end())
            if item is None and match.start() > dash.line:
                break
            if item is None:
                found = []
            elif match.start() + 1 != dash.line:
                found.append(self._scalar(item.end()))
        return tuple(found)

    def end_of_block(self, column: int) -> int:
        """The start of the first line below with less indentation."""
        if column == 0:
            return len(self.text)
        match = re.compile(rf"\n {{0,{column - 1}}}(?=[^\s#])").search(self.text, self.end)
        return match.start() + 1 if match else len(self.text)

    def _first_column(self, start: int) -> int | None:
        """The column of the first content between an offset and the current line; None if there is none."""
        for match in _CONTENT.finditer(self.text, start, max(self.start - 1, start)):
            if not self.text.startswith("---", match.end()):
                return len(match[1])
        return None

    def has_below(self, column: int, *, or_list: bool = False) -> bool:
        """Whether there are lines below the current one: deeper ones, or those of a list in its column."""
        match = _CONTENT.search(self.text, self.end)
        if match is None:
            return False
        is_list = or_list and _DASH.match(self.text, match.end()) is not None
        return len(match[1]) > column or (len(match[1]) == column and is_list)

    def below(self, column: int) -> tuple[tuple[str | int, ...], ...] | None:
        """The paths of what is below the current line; None if nothing is."""
        if not self.has_below(column):
            return None
        above: list[Part] = []
        found: list[tuple[str | int, ...]] = []
        for match in _CONTENT.finditer(self.text, self.end):
            if len(match[1]) <= column or len(found) == _MOST_BELOW:
                break
            for part in self.parts(match.start() + 1, self.line_end(match.end()))[0]:
                while above and not above[-1].may_hold(part):
                    above.pop()
                if not all(one.is_open for one in above):
                    break  # The text of a block scalar, or the rest of a value.
                above.append(part)
                found.append(steps(above))
                if part.value is not None and not part.is_open and self.text[part.value] in "{[":
                    inner = flow_paths(self.text, part.value, self.line_end(part.value))
                    found.extend((*found[-1], *path) for path in inner)
        return tuple(found)

    def _scalar(self, start: int) -> str:
        """The text of the value after a colon or a dash, if it is on that line."""
        end = self.line_end(start)
        value = self.text[past(_ANCHOR, self.text, start, end) : end].strip()
        if value[:1] in ("'", '"'):
            return value[1:].partition(value[0])[0]
        comment = COMMENT.search(value)
        return (value[: comment.start()] if comment else value).rstrip()


def steps(parts: list[Part]) -> tuple[str | int, ...]:
    """The path of parts: names, and 0 for each item of a list."""
    return tuple(0 if part.name is None else part.name for part in parts)


def past(what: re.Pattern[str], text: str, start: int, end: int) -> int:
    """The end of the match of a pattern at an offset; the offset itself if it does not match."""
    match = what.match(text, start, end)
    return match.end() if match else start


def _unquoted(key: str) -> str:
    if key.startswith("'"):
        return key[1:-1].replace("''", "'")
    return key[1:-1] if key.startswith('"') else key
