"""The place someone types at, read from the text itself: a line that is not finished says nothing in the tree.

The lines above tell, by their indentation, which map or list the place belongs to; in braces the characters do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import NamedTuple

from upsun_lint.lsp.completions.flow import read_flow
from upsun_schema.document import Document
from upsun_schema.recovery import KEY
from upsun_schema.text import Span

__all__ = ["Kind", "Place", "place_at"]

_LONGEST_LINE = 10_000
_BLANKS = re.compile(r"[ \t]*")
# A dash and the blanks behind it; a dash alone may become a word yet.
_DASH = re.compile(r"-[ \t]+|-(?=\r?\n|\Z)")
# An anchor says nothing about the value behind it.
_ANCHOR = re.compile(r"[ \t]*(?:&\S+(?:[ \t]+|\Z))?")
_COMMENT = re.compile(r"(?:(?<=[ \t])|\A)#")
_REST_OF_WORD = re.compile(r"(?:[^\s:#]|:(?=\S)|(?<=\S)#)*")
_AFTER_WORD = re.compile(r"[ \t]*(:(?=[ \t]|\Z))?([^\n]*)")
# Line breaks begin these patterns, since that is what a search finds fast; so the text begins with one, too.
_CONTENT = re.compile(r"\n( *)(?=[^\s#])")
_FIRST_STEP = re.compile(r"\n[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\r?\n( {1,8})[^\s#]")
_STRETCH = 4_000


class Kind(Enum):
    """What may be written at a place."""

    KEY = auto()
    """A key of a map."""
    VALUE = auto()
    """A value behind its key, or an item in brackets: text, a number, something in braces."""
    LINE = auto()
    """What a key has below it, on a line of its own: a first key, an item with its dash, or a value."""
    ITEM = auto()
    """What follows a dash: the first key of a map, or a value."""


@dataclass(frozen=True, slots=True)
class Place:
    """The place someone types at.

    `path` leads to the map whose key is typed, or to the value (0 for an item of a list, whichever it is). `span` is
    the word that stands there, without the quote that opens it and with the one that closes it; `typed` is its
    beginning, up to the cursor; `quote` is that quote. `held` are the keys beside it with the text of their values,
    `items` the items beside it.

    `column` is where a key begins or would begin, `lead` how far the line is indented, `step` how far the file
    indents, all in code points. `is_flow` tells that the place is in braces or brackets, `has_colon` that a colon
    follows; `below` is the first key of the lines that hang below the word, '-' for a list, '' for anything else.
    """

    kind: Kind
    path: tuple[str | int, ...]
    span: Span
    typed: str
    quote: str
    held: dict[str, str]
    items: tuple[str, ...]
    column: int
    lead: int
    step: int = 2
    is_flow: bool = False
    has_colon: bool = False
    below: str | None = None


def place_at(document: Document, offset: int) -> Place | None:
    """Return the place at an offset (code points) of a file; None where nothing can be completed.

    That is so in comments, in the text of block scalars, behind a finished value, and on a line whose indentation
    fits nothing above it.
    """
    text = document.text
    has_mark = text.startswith("\ufeff")
    added = 0 if has_mark else 1
    reader = _Reader("\n" + text[1 - added :], offset + added)
    place = reader.place() if reader.end - reader.start <= _LONGEST_LINE else None
    return None if place is None else replace(place, span=Span(place.span.start - added, place.span.end - added))


class _Part(NamedTuple):
    """A key or a dash on the way to the place; `name` is None for a dash.

    `line` is where its line begins, `value` where what follows it on that line does; `is_open` tells that nothing
    does but a comment, or the next part. A line that is neither key nor item has no value and is not open.
    """

    column: int
    line: int
    name: str | None
    value: int | None
    is_open: bool

    @property
    def is_dash(self) -> bool:
        return self.name is None and self.value is not None


class _Reader:
    """Reads the text around an offset. `start` and `end` enclose the line it is on."""

    def __init__(self, text: str, offset: int) -> None:
        self.text = text
        self.offset = offset
        self.start = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", offset)
        self.end = len(text) if end < 0 else end
        if self.end > offset and text[self.end - 1] == "\r":
            self.end -= 1

    def place(self) -> Place | None:
        parts, word = self._parts(self.start, self.offset)
        column = parts[0].column if parts else word - self.start
        above = self._above(self.start, column, is_dash=bool(parts) and parts[0].is_dash)
        for index, part in enumerate(above):
            if not part.is_open:
                is_flow = part.value is not None and self.text[part.value] in "{["
                return self._in_flow(above[: index + 1]) if is_flow else None
        if parts and not parts[-1].is_dash:
            return self._behind_key([*above, *parts])
        return self._begun_line([*above, *parts], word)

    # -- the lines above -----------------------------------------------------------------------------------------

    def _parts(self, start: int, end: int) -> tuple[list[_Part], int]:
        """Return the dashes and the key that a line begins with, and where what follows them begins."""
        text = self.text
        parts: list[_Part] = []
        at = _past(_BLANKS, text, start, end)
        while (dash := _DASH.match(text, at, end)) is not None and not (dash.end() == at + 1 == self.offset):
            parts.append(_Part(at - start, start, None, dash.end(), True))
            at = dash.end()
        if (key := KEY.match(text, at, end)) is not None:
            value = _past(_ANCHOR, text, key.end(), end)
            parts.append(_Part(at - start, start, _unquoted(key["key"]), value, True))
            at = value
        if parts:
            parts[-1] = parts[-1]._replace(is_open=at >= end or text[at] == "#")
        return parts, at

    def _above(self, line: int, column: int, *, is_dash: bool) -> list[_Part]:
        """Return the parts that what begins at a column of a line is below, the outermost first.

        An item may begin in the column of the key its list belongs to.
        """
        found: list[_Part] = []
        while column > 0 or is_dash:
            above = self._line_above(line, column - 1 + is_dash)
            if above is None:
                break
            line = above
            end = self.text.index("\n", line)
            end -= self.text[end - 1] == "\r"
            content = _past(_BLANKS, self.text, line, end)
            parts = self._parts(line, end)[0] if end - line <= _LONGEST_LINE else []
            for part in reversed(parts or [_Part(content - line, line, None, None, False)]):
                if part.column < column or (is_dash and part.column == column and part.name is not None):
                    found.append(part)
                    column, is_dash = part.column, part.is_dash
        return found[::-1]

    def _line_above(self, line: int, most: int) -> int | None:
        """Return where the nearest line above begins that says something and is indented by so much at most."""
        indented = re.compile(rf"\n {{0,{most}}}(?=[^\s#])")
        last, stretch = line, _STRETCH
        while last > 1:
            first = max(last - 1 - stretch, 0)
            found = -1
            for match in indented.finditer(self.text, first, last):
                found = match.start()
            if found >= 0:
                return found + 1
            # Lines cut by the end of a stretch are looked at again, whole, in the next.
            last = self.text.rfind("\n", 0, first + 1) + 1 if first else 0
            last, stretch = min(last + most + 2, line) if last else 0, stretch * 4
        return None

    # -- in blocks -----------------------------------------------------------------------------------------------

    def _begun_line(self, parts: list[_Part], word: int) -> Place | None:
        """Return the place of a word that begins its line, or follows the dash that does."""
        typed = self.text[word : self.offset]
        if typed.startswith(("{", "[")):
            return self._in_flow(parts, word)
        quote = typed[:1] if typed.startswith(("'", '"')) else ""
        if typed.startswith(tuple("#\t|>&!%`")) or (not quote and _COMMENT.search(typed)):
            return None
        stop = self._end_of_quoted(word, quote) if quote else _past(_REST_OF_WORD, self.text, self.offset, self.end)
        parent = parts[-1] if parts else None
        beside = self._beside(parent, word - self.start)
        if stop is None or beside is None:
            return None
        after = _AFTER_WORD.match(self.text, stop, self.end)
        assert after is not None
        has_colon, rest = after[1] is not None, after[2].strip()
        below = self._below(word - self.start)
        is_taken = below is not None and not has_colon
        if (rest and not has_colon and not rest.startswith("#")) or (is_taken and not typed):
            return None
        held, items = beside
        kind = Kind.ITEM if parent is not None and parent.is_dash and parent.line == self.start else Kind.LINE
        if held or parent is None or has_colon or (parent.is_dash and kind is Kind.LINE):
            kind = Kind.KEY
        elif kind is Kind.ITEM:
            items = self._items_beside(parent)
        place = self._made(kind, parts, word, stop, quote, held)
        return replace(place, items=items, column=word - self.start, has_colon=has_colon, below=below)

    def _behind_key(self, parts: list[_Part]) -> Place | None:
        """Return the place of a value that stands behind its key."""
        key = parts[-1]
        start = key.value or 0
        typed = self.text[start : self.offset]
        if self.text[start - 1] not in " \t" or self._below(key.column, is_value=True) is not None:
            return None
        if typed.startswith(("{", "[")):
            return self._in_flow(parts, start)
        quote = typed[:1] if typed.startswith(("'", '"')) else ""
        if typed.startswith(tuple("#|>&!%`")) or (not quote and _COMMENT.search(typed)):
            return None
        if not typed and self.text.startswith(tuple("{[&!|>'\""), start, self.end):
            return None
        stop = self._end_of_quoted(start, quote) if quote else self._end_of_plain(start)
        if stop is None or (quote and self.text[stop : self.end].strip()[:1] not in ("", "#")):
            return None
        beside = self._beside(parts[-2] if len(parts) > 1 else None, key.column)
        place = self._made(Kind.VALUE, parts, start, stop, quote, beside[0] if beside else {})
        return replace(place, column=key.column)

    def _made(
        self, kind: Kind, parts: list[_Part], start: int, stop: int, quote: str, held: dict[str, str]
    ) -> Place:
        start += len(quote)
        lead = _past(_BLANKS, self.text, self.start, self.end) - self.start
        typed = self.text[start : self.offset]
        step = _FIRST_STEP.search(self.text)
        indent = len(step[1]) if step else 2
        return Place(kind, _steps(parts), Span(start, max(stop, start)), typed, quote, held, (), 0, lead, indent)

    # -- where words end -----------------------------------------------------------------------------------------

    def _end_of_plain(self, start: int) -> int:
        comment = re.compile(r"[ \t]#").search(self.text, start, self.end)
        stop = comment.start() if comment else self.end
        return max(start + len(self.text[start:stop].rstrip()), self.offset)

    def _end_of_quoted(self, start: int, quote: str) -> int | None:
        """Return where a quoted word ends, the closing quote included; None where that is before the cursor."""
        inside = r"'(?:[^'\n]|'')*(')?" if quote == "'" else r'"(?:[^"\\\n]|\\.)*(")?'
        match = re.compile(inside).match(self.text, start, self.end)
        if match is None or match[1] is None:
            return self.end
        return match.end() if self.offset < match.end() else None

    # -- what stands beside and below ----------------------------------------------------------------------------

    def _beside(self, parent: _Part | None, column: int) -> tuple[dict[str, str], tuple[str, ...]] | None:
        """Return the keys and the items in a column below a parent; None where what is there has another column."""
        held: dict[str, str] = {}
        items: list[str] = []
        start = 0 if parent is None else self._line_end(parent.line)
        end = self._end_of_block(column)
        first = self._first_column(start)
        if parent is not None and parent.is_dash and parent.line != self.start and not parent.is_open:
            return None
        if parent is not None and parent.is_dash and (key := KEY.match(self.text, parent.value or 0)) is not None:
            # The first key of an item stands behind the dash.
            first = key.start() - parent.line
            if parent.line != self.start:
                held[_unquoted(key["key"])] = self._scalar(key.end())
        if first not in (None, column):
            return None
        for match in re.compile(rf"\n {{{column}}}(?=[^\s#])").finditer(self.text, start, end):
            if match.start() + 1 == self.start:
                continue
            if (dash := _DASH.match(self.text, match.end())) is not None:
                items.append(self._scalar(dash.end()))
            elif (key := KEY.match(self.text, match.end())) is not None:
                held[_unquoted(key["key"])] = self._scalar(key.end())
        return held, tuple(items)

    def _items_beside(self, dash: _Part) -> tuple[str, ...]:
        """Return the other items of the list that a dash belongs to."""
        line = re.compile(rf"\n {{{dash.column}}}(?=[^\s#])")
        found: list[str] = []
        begin = self._line_above(dash.line, dash.column - 1) if dash.column else None
        for match in line.finditer(self.text, begin or 0, self._end_of_block(dash.column)):
            item = _DASH.match(self.text, match.end())
            if item is None and match.start() > dash.line:
                break
            if item is None:
                found = []
            elif match.start() + 1 != dash.line:
                found.append(self._scalar(item.end()))
        return tuple(found)

    def _line_end(self, line: int) -> int:
        end = self.text.find("\n", line)
        return end if end >= 0 else len(self.text)

    def _end_of_block(self, column: int) -> int:
        """Return where the first line below begins that is indented less."""
        if column == 0:
            return len(self.text)
        match = re.compile(rf"\n {{0,{column - 1}}}(?=[^\s#])").search(self.text, self.end)
        return match.start() + 1 if match else len(self.text)

    def _first_column(self, start: int) -> int | None:
        """Return the column of the first thing between an offset and the line typed on; None where nothing is."""
        for match in _CONTENT.finditer(self.text, start, max(self.start - 1, start)):
            if not self.text.startswith("---", match.end()):
                return len(match[1])
        return None

    def _below(self, column: int, *, is_value: bool = False) -> str | None:
        """Return the first key, '-' or '' for anything else, of the lines that hang below the line typed on."""
        match = _CONTENT.search(self.text, self.end)
        if match is None:
            return None
        is_dash = _DASH.match(self.text, match.end()) is not None
        if len(match[1]) < column or (len(match[1]) == column and not (is_value and is_dash)):
            return None
        key = KEY.match(self.text, match.end())
        return "-" if is_dash else _unquoted(key["key"]) if key else ""

    def _scalar(self, start: int) -> str:
        """Return the text of the value that begins behind a colon or a dash, if it is one on that line."""
        end = self._line_end(start)
        value = self.text[_past(_ANCHOR, self.text, start, end) : end].strip()
        if value[:1] in ("'", '"'):
            return value[1:].partition(value[0])[0]
        comment = _COMMENT.search(value)
        return (value[: comment.start()] if comment else value).rstrip()

    # -- in braces -----------------------------------------------------------------------------------------------

    def _in_flow(self, parts: list[_Part], start: int | None = None) -> Place | None:
        """Return the place in the braces or brackets that open at an offset, or behind the last of the parts."""
        begin = start if start is not None else parts[-1].value
        assert begin is not None
        found = read_flow(self.text, begin, self.offset, self._end_of_block(parts[-1].column + 1 if parts else 0))
        if found is None:
            return None
        path = (*_steps(parts), *found.steps)
        held = {name: text for name, text in found.held.items() if found.is_key or name != path[-1]}
        place = self._made(Kind.KEY if found.is_key else Kind.VALUE, parts, found.start, found.end, "", held)
        return replace(
            place,
            path=path,
            quote=found.quote,
            items=tuple(found.items),
            column=place.lead,
            is_flow=True,
            has_colon=found.has_colon,
        )


def _steps(parts: list[_Part]) -> tuple[str | int, ...]:
    return tuple(0 if part.name is None else part.name for part in parts)


def _past(what: re.Pattern[str], text: str, start: int, end: int) -> int:
    match = what.match(text, start, end)
    return match.end() if match else start


def _unquoted(key: str) -> str:
    if key.startswith("'"):
        return key[1:-1].replace("''", "'")
    return key[1:-1] if key.startswith('"') else key
