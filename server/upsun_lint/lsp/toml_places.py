"""Where keys and values stand in a TOML text, finished or not: the standard library's parser keeps no places."""

from __future__ import annotations

import re
from typing import NamedTuple

from upsun_schema.text import Span

__all__ = ["TomlPlace", "toml_places"]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_INLINE_BLANK = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?(?:"""|\Z)|\'\'\'.*?(?:\'\'\'|\Z)|"(?:[^"\\\n]|\\.)*"?|\'[^\'\n]*\'?', re.DOTALL
)
_OTHER = re.compile(r"[^,\]}\n#]+")
_STATEMENT = re.compile(r"[ \t]*(?:\[[\w\"'.-]+\]|[\w.-]+[ \t]*=)")
_DEEPEST = 20


class TomlPlace(NamedTuple):
    """A key or a table header. `path` leads to it from the top, `names` are where each step of it is written.

    `value` is where its value stands (None for a header and where there is none yet); `items` are the items of a
    list, quotes included. Offsets are in code points.
    """

    path: tuple[str, ...]
    names: tuple[Span, ...]
    value: Span | None
    items: tuple[Span, ...]

    @property
    def is_header(self) -> bool:
        """Whether this is `[a.b]`, which the keys below it belong to."""
        return self.value is None and not self.items


def toml_places(text: str) -> list[TomlPlace]:
    """Return the keys and headers of a text in order; what cannot be read is left out, line by line."""
    reader = _Reader(text)
    reader.read()
    return reader.places


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.places: list[TomlPlace] = []
        self.table: tuple[tuple[str, ...], tuple[Span, ...]] = ((), ())

    def read(self) -> None:
        at = self._past(_BLANK, 0)
        while at < len(self.text):
            end = self._header(at) if self.text[at] == "[" else self._entry(at, *self.table, 0)
            line_end = self.text.find("\n", max(end, at))
            at = len(self.text) if line_end < 0 else self._past(_BLANK, line_end)

    def _header(self, at: int) -> int:
        at += 2 if self.text.startswith("[[", at) else 1
        path, names, at = self._key(at)
        self.table = path, names
        self.places.append(TomlPlace(path, names, None, ()))
        return at

    def _key(self, at: int) -> tuple[tuple[str, ...], tuple[Span, ...], int]:
        """Read a key, dotted or not; an unreadable one has no steps."""
        path: list[str] = []
        names: list[Span] = []
        while True:
            at = self._past(_INLINE_BLANK, at)
            match = _BARE.match(self.text, at) or _STRING.match(self.text, at)
            if match is None:
                break
            source = match[0]
            path.append(source.strip("\"'") if source[0] in "\"'" else source)
            names.append(Span(at, match.end()))
            at = self._past(_INLINE_BLANK, match.end())
            if not self.text.startswith(".", at):
                break
            at += 1
        return tuple(path), tuple(names), at

    def _entry(self, at: int, above: tuple[str, ...], spans: tuple[Span, ...], depth: int) -> int:
        path, names, at = self._key(at)
        path, names = (*above, *path), (*spans, *names)
        if len(path) == len(above) or not self.text.startswith("=", at):
            return at
        start = self._past(_INLINE_BLANK, at + 1)
        index = len(self.places)
        end, items = self._value(start, path, names, depth)
        self.places.insert(index, TomlPlace(path, names, Span(start, end), tuple(items)))
        return end

    def _value(self, at: int, path: tuple[str, ...], names: tuple[Span, ...], depth: int) -> tuple[int, list[Span]]:
        if self.text.startswith("[", at) and depth < _DEEPEST:
            return self._list(at, path, names, depth)
        if self.text.startswith("{", at) and depth < _DEEPEST:
            return self._inline_table(at, path, names, depth), []
        match = _STRING.match(self.text, at) or _OTHER.match(self.text, at)
        if match is None:
            return at, []
        return at + len(match[0].rstrip()), []

    def _list(self, at: int, path: tuple[str, ...], names: tuple[Span, ...], depth: int) -> tuple[int, list[Span]]:
        items: list[Span] = []
        at += 1
        while True:
            gap = self._past(_BLANK, at)
            # A list that is not closed ends where the next key begins.
            if "\n" in self.text[at:gap] and _STATEMENT.match(self.text, self.text.rfind("\n", at, gap) + 1):
                return at, items
            at = gap
            if at >= len(self.text):
                return at, items
            if self.text[at] == "]":
                return at + 1, items
            if self.text[at] == ",":
                at += 1
                continue
            end, _ = self._value(at, path, names, depth + 1)
            items.append(Span(at, max(end, at + 1)))
            at = max(end, at + 1)

    def _inline_table(self, at: int, path: tuple[str, ...], names: tuple[Span, ...], depth: int) -> int:
        at += 1
        while True:
            at = self._past(_INLINE_BLANK, at)
            if at >= len(self.text) or self.text[at] in "}\n":
                return min(at + 1, len(self.text)) if self.text.startswith("}", at) else at
            at = at + 1 if self.text[at] == "," else max(self._entry(at, path, names, depth + 1), at + 1)

    def _past(self, what: re.Pattern[str], at: int) -> int:
        match = what.match(self.text, at)
        return match.end() if match else at
