"""Unfinished maps in braces and lists in brackets, read word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["FlowPlace", "flow_paths", "read_flow"]

_LONGEST = 50_000
_BLANK = re.compile(r"[ \t\r\n]+")
_COMMENT = re.compile(r"#[^\n]*")
_COLON = re.compile(r"[ \t]*:(?=[ \t\r\n,\[\]{}]|\Z)")
_PLAIN = re.compile(r"(?:[^,\[\]{}:#\r\n]|:(?![ \t\r\n,\[\]{}]|\Z)|(?<![ \t\r\n])#)+")
_UNCLOSED = re.compile(r"[^\s,\[\]{}:]*")
_QUOTED = re.compile(r"'(?:[^'\n]|'')*('?)|\"(?:[^\"\\\n]|\\.)*(\"?)")


@dataclass(slots=True)
class _Frame:
    """An open map or list. `key` is the key whose value comes next; '' if its name does not matter."""

    is_map: bool
    held: dict[str, str] = field(default_factory=dict)
    items: list[str] = field(default_factory=list)
    key: str | None = None

    @property
    def step(self) -> str | int:
        """The step to the value that is being read."""
        return (self.key or "") if self.is_map else 0

    def take(self, text: str) -> None:
        """Add a word: the value of the last key, an item, or a key without a value."""
        if not self.is_map:
            self.items.append(text)
        elif self.key is None:
            self.held.setdefault(text, "")
        elif self.key:
            self.held[self.key] = text


@dataclass(frozen=True, slots=True)
class FlowPlace:
    """The word at the cursor, in braces or brackets.

    `steps` lead from the outermost brace to the map (for a key) or to the value. `start` is after the opening quote,
    `end` after the closing one. `held` and `items` are the other entries, before and after it. `has_colon` means that
    a colon follows, `needs_comma` that another word follows.
    """

    steps: tuple[str | int, ...]
    is_key: bool
    start: int
    end: int
    quote: str
    has_colon: bool
    needs_comma: bool
    held: dict[str, str]
    items: list[str]


def read_flow(text: str, start: int, offset: int, limit: int) -> FlowPlace | None:
    """The place at an offset of a text; None if nothing can be written there.

    `start` is the offset of the first brace or bracket, and `limit` the end of its possible text.
    """
    reader = _Reader(text, offset, min(limit, start + _LONGEST))
    reader.read(start)
    return reader.place


def flow_paths(text: str, start: int, limit: int) -> list[tuple[str | int, ...]]:
    """The paths of the keys inside the brace or bracket at `start`, with 0 for each item of a list."""
    reader = _Reader(text, -1, min(limit, start + _LONGEST))
    reader.read(start)
    return reader.paths


class _Reader:
    def __init__(self, text: str, offset: int, limit: int) -> None:
        self.text = text
        self.offset = offset
        self.limit = limit
        self.frames: list[_Frame] = []
        self.place: FlowPlace | None = None
        self.paths: list[tuple[str | int, ...]] = []
        self.depth = 0

    def read(self, at: int) -> None:
        """Read up to the end of the map or list that the cursor is in."""
        while at < self.limit:
            if self.place is None and self.frames and 0 <= self.offset <= at and self._is_between(at):
                self._found(self.offset, self.offset, "", has_colon=False)
            at = self._next(at)
            if len(self.frames) < max(self.depth, 1):
                return
        if self.place is None and self.offset >= self.limit:
            self._found(self.offset, self.offset, "", has_colon=False)

    def _is_between(self, at: int) -> bool:
        """Whether the cursor is between words, not at the start of one."""
        return at > self.offset or self.text[at] in " \t\r\n,:{}[]#"

    def _next(self, at: int) -> int:
        char = self.text[at]
        if blank := _BLANK.match(self.text, at, self.limit):
            return self.offset if at < self.offset < blank.end() else blank.end()
        if comment := _COMMENT.match(self.text, at, self.limit):
            if at < self.offset <= comment.end():
                self.frames = []
            return comment.end()
        if char in "{[":
            self.frames.append(_Frame(char == "{"))
        elif char in "}]":
            self.frames.pop()
            if self.frames:
                self.frames[-1].take("")
        elif char == ",":
            self.frames[-1].key = None
        elif char != ":":
            return self._word(at)
        return at + 1

    def _word(self, at: int) -> int:
        match = _QUOTED.match(self.text, at, self.limit) or _PLAIN.match(self.text, at, self.limit)
        assert match is not None
        frame = self.frames[-1]
        quote = match[0][0] if match.re is _QUOTED else ""
        is_closed = bool(quote and (match[1] or match[2]))
        end = match.end()
        if not quote and self.offset == end + 1 and self.text[end] == ":" and not (frame.is_map and frame.key is None):
            end += 1  # `service:` on the way to `service:endpoint`
        colon = _COLON.match(self.text, end, self.limit) if frame.is_map and frame.key is None else None
        if at + len(quote) <= self.offset and (self.offset < end if is_closed else self.offset <= end):
            if quote:
                last = end if is_closed else self._end_of_unclosed()
            else:
                last = max(at + len(self.text[at:end].rstrip()), self.offset)
            self._found(at + len(quote), last, quote, has_colon=colon is not None)
            if colon is not None:
                frame.key = ""
        elif at == self.offset:
            self.frames = []  # Nothing can be written directly before a quote.
            return self.limit
        else:
            word = match[0][1 : -1 if is_closed else None] if quote else match[0].strip()
            frame.take(word)
            if colon is not None:
                frame.key = word
                self.paths.append(tuple(above.step for above in self.frames))
        return end if colon is None else colon.end()

    def _end_of_unclosed(self) -> int:
        """The end of the word at the cursor in an unclosed quote, which says nothing about the rest."""
        match = _UNCLOSED.match(self.text, self.offset, self.limit)
        return match.end() if match else self.offset

    def _found(self, start: int, end: int, quote: str, *, has_colon: bool) -> None:
        if self.place is not None or not self._may_begin(start - len(quote)):
            return
        frame = self.frames[-1]
        is_key = frame.is_map and frame.key is None
        steps = tuple(above.step for above in (self.frames[:-1] if is_key else self.frames))
        following = _BLANK.match(self.text, end, self.limit)
        after = self.text[following.end() if following else end : self.limit][:1]
        needs_comma = not has_colon and after not in ("", ",", "]", "}", "#", ":")
        self.place = FlowPlace(steps, is_key, start, end, quote, has_colon, needs_comma, frame.held, frame.items)
        self.depth = len(self.frames)

    def _may_begin(self, at: int) -> bool:
        """Whether a word may begin here: after a brace, a comma, or a colon and a space."""
        last = at
        while last > 0 and self.text[last - 1] in " \t\r\n":
            last -= 1
        before = self.text[last - 1 : last]
        return before in ("{", "[", ",") or (before == ":" and last < at)
