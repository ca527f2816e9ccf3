"""The place someone types at, read from the text, because the tree does not contain unfinished lines.

In block style the indentation of the lines above shows which map or list the place is in, in flow style the braces do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum, auto

from upsun_lint.lsp.completions.block import COMMENT, LONGEST_LINE, Block, Part, past, steps
from upsun_lint.lsp.completions.flow import read_flow
from upsun_schema.yaml.text import Span

__all__ = ["CompletionKind", "CompletionPlace", "place_at"]

_REST_OF_WORD = re.compile(r"(?:[^\s:#]|:(?=\S)|(?<=\S)#)*")
_AFTER_WORD = re.compile(r"[ \t]*(:(?=[ \t]|\Z))?([^\n]*)")


class CompletionKind(Enum):
    """What may be written at a place."""

    KEY = auto()
    """A key of a map."""
    VALUE = auto()
    """A value after its key, or an item in brackets: text, a number, something in braces."""
    LINE = auto()
    """The first thing below a key: a key, an item with its dash, or a value."""
    ITEM = auto()
    """What follows a dash: the first key of a map, or a value."""


@dataclass(frozen=True, slots=True)
class CompletionPlace:
    """The place someone types at.

    `path` leads to the map whose key is typed, or to the value (0 for any item of a list). `span` is the word at the
    cursor, without its opening `quote` but with the closing one; `typed` is the part before the cursor. `held` are the
    other keys of the map with the text of their values, and `items` the other items of the list.

    `column` is where the key begins or would begin, `lead` the indentation of the line, `step` the indentation step of
    the file, all in code points. `is_flow` means that the place is in braces or brackets, `has_colon` that a colon
    follows, `needs_comma` that another word follows in braces. `below` are the paths of the keys and items below the
    word; None if there are none. `remark` is the comment after the word, with the blanks before it.
    """

    kind: CompletionKind
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
    needs_comma: bool = False
    below: tuple[tuple[str | int, ...], ...] | None = None
    remark: str = ""


def place_at(text: str, offset: int) -> CompletionPlace | None:
    """The place at an offset (code points) of a text; None if nothing can be completed there.

    These are comments, block scalars, the end of a finished value, and lines whose indentation does not fit.
    """
    has_mark = text.startswith("\ufeff")
    added = 0 if has_mark else 1
    reader = _Reader("\n" + text[1 - added :], offset + added)
    # A lone carriage return is a line break only for the editor.
    is_odd = reader.end - reader.start > LONGEST_LINE or "\r" in reader.text[reader.start : reader.end]
    place = None if is_odd else reader.place()
    return None if place is None else replace(place, span=Span(place.span.start - added, place.span.end - added))


class _Reader:
    def __init__(self, text: str, offset: int) -> None:
        self.text = text
        self.offset = offset
        self.block = Block(text, offset)
        self.start, self.end = self.block.start, self.block.end

    def place(self) -> CompletionPlace | None:
        parts, word = self.block.parts(self.start, self.offset)
        column = parts[0].column if parts else word - self.start
        above = self.block.above(self.start, column, is_dash=bool(parts) and parts[0].is_dash)
        for index, part in enumerate(above):
            if not part.is_open:
                is_flow = part.value is not None and self.text[part.value] in "{["
                return self._in_flow(above[: index + 1]) if is_flow else None
        if parts and not parts[-1].is_dash:
            return self._behind_key([*above, *parts])
        return self._begun_line([*above, *parts], word)

    # -- in blocks -----------------------------------------------------------------------------------------------

    def _begun_line(self, parts: list[Part], word: int) -> CompletionPlace | None:
        """The place of a word at the start of its line, or after the dash there."""
        typed = self.text[word : self.offset]
        if typed.startswith(("{", "[")):
            return self._in_flow(parts, word)
        quote = typed[:1] if typed.startswith(("'", '"')) else ""
        if typed.startswith(tuple("#\t|>&!%`")) or (not quote and COMMENT.search(typed)):
            return None
        stop = self._end_of_quoted(word, quote) if quote else past(_REST_OF_WORD, self.text, self.offset, self.end)
        parent = parts[-1] if parts else None
        beside = self.block.beside(parent, word - self.start)
        if stop is None or beside is None:
            return None
        after = _AFTER_WORD.match(self.text, stop, self.end)
        assert after is not None
        has_colon, rest = after[1] is not None, after[2].strip()
        below = self.block.below(word - self.start)
        is_taken = below is not None and not has_colon
        is_last = not rest or (bool(typed) and rest.startswith("#") and self.text[stop] in " \t")
        if not (is_last or has_colon) or (is_taken and not typed):
            return None
        held, items = beside
        kind = (
            CompletionKind.ITEM
            if parent is not None and parent.is_dash and parent.line == self.start
            else CompletionKind.LINE
        )
        if held or parent is None or has_colon or (parent.is_dash and kind is CompletionKind.LINE):
            kind = CompletionKind.KEY
        elif kind is CompletionKind.ITEM:
            items = self.block.items_beside(parent)
        place = self._made(kind, parts, word, stop, quote, held)
        remark = "" if has_colon or not rest else self.text[stop : self.end].rstrip()
        return replace(place, items=items, column=word - self.start, has_colon=has_colon, below=below, remark=remark)

    def _behind_key(self, parts: list[Part]) -> CompletionPlace | None:
        """The place of a value after its key."""
        key = parts[-1]
        start = key.value or 0
        typed = self.text[start : self.offset]
        if self.text[start - 1] not in " \t" or self.block.has_below(key.column, or_list=True):
            return None
        if typed.startswith(("{", "[")):
            return self._in_flow(parts, start)
        quote = typed[:1] if typed.startswith(("'", '"')) else ""
        if typed.startswith(tuple("#|>&!%`")) or (not quote and COMMENT.search(typed)):
            return None
        if not typed and self.text.startswith(tuple("{[&!|>#'\""), start, self.end):
            return None
        stop = self._end_of_quoted(start, quote) if quote else self._end_of_plain(start)
        if stop is None or (quote and self.text[stop : self.end].strip()[:1] not in ("", "#")):
            return None
        beside = self.block.beside(parts[-2] if len(parts) > 1 else None, key.column)
        place = self._made(CompletionKind.VALUE, parts, start, stop, quote, beside[0] if beside else {})
        return replace(place, column=key.column)

    def _made(
        self, kind: CompletionKind, parts: list[Part], start: int, stop: int, quote: str, held: dict[str, str]
    ) -> CompletionPlace:
        start += len(quote)
        typed = self.text[start : self.offset]
        lead, step = self.block.lead, self.block.step
        return CompletionPlace(kind, steps(parts), Span(start, max(stop, start)), typed, quote, held, (), 0, lead, step)

    # -- where words end -----------------------------------------------------------------------------------------

    def _end_of_plain(self, start: int) -> int | None:
        """The end of an unquoted value; None if the cursor is in the comment after it."""
        comment = re.compile(r"[ \t]#").search(self.text, start, self.end)
        stop = comment.start() if comment else self.end
        if self.offset > stop:
            return None
        return max(start + len(self.text[start:stop].rstrip()), self.offset)

    def _end_of_quoted(self, start: int, quote: str) -> int | None:
        """The end of a quoted word, including the closing quote; None if it is before the cursor."""
        inside = r"'(?:[^'\n]|'')*(')?" if quote == "'" else r'"(?:[^"\\\n]|\\.)*(")?'
        match = re.compile(inside).match(self.text, start, self.end)
        if match is None or match[1] is None:
            # The quote is not closed yet, so it says nothing about the rest of the line.
            return past(_REST_OF_WORD, self.text, self.offset, self.end)
        return match.end() if self.offset < match.end() else None

    # -- in braces -----------------------------------------------------------------------------------------------

    def _in_flow(self, parts: list[Part], start: int | None = None) -> CompletionPlace | None:
        """The place in the braces or brackets that open at an offset, or after the last of the parts."""
        begin = start if start is not None else parts[-1].value
        assert begin is not None
        found = read_flow(self.text, begin, self.offset, self.block.end_of_block(parts[-1].column + 1 if parts else 0))
        if found is None:
            return None
        path = (*steps(parts), *found.steps)
        held = {name: text for name, text in found.held.items() if found.is_key or name != path[-1]}
        place = self._made(
            CompletionKind.KEY if found.is_key else CompletionKind.VALUE, parts, found.start, found.end, "", held
        )
        return replace(
            place,
            path=path,
            quote=found.quote,
            items=tuple(found.items),
            column=place.lead,
            is_flow=True,
            has_colon=found.has_colon,
            needs_comma=found.needs_comma,
        )
