"""YAML as nearly all configurations are written, in block style: read line by line, faster than by any parser.

The tree is the same as by way of libyaml. Whatever is unusual is left to that: values of several lines but those behind
`|` and `>`, what is in braces and brackets, escapes, several documents, and all that is not valid. Of 10,000 lines,
libyaml takes 42 million instructions, but the objects that it makes of each event and its places take 150 million.
"""

from __future__ import annotations

from upsun_schema.expression import expression
from upsun_schema.yaml.building import Builder, SyntaxFault

__all__ = ["read"]

# What libyaml takes for a line break, too, and what it skips at the beginning.
_UNUSUAL = ("\r", "\x85", "\u2028", "\u2029", "\ufeff")

_FIRST = r"[^ \t\n?:,\[\]{}#&*!|>'\"%@`-]"
_NAME = "[A-Za-z0-9_-]+"
# A key is short enough for any parser: none takes more than 1,024 characters for one.
_PLAIN_KEY = rf"(?={_FIRST})[^ \t\n:]{{1,200}}+(?::(?=\S)[^ \t\n:]{{0,200}}+){{0,3}}+"
_QUOTED_KEY = r"'[^'\n]{0,300}+'|\"[^\"\\\n]{0,300}+\""
_QUOTED = r"'[^'\n]*+(?:''[^'\n]*+)*+'|\"[^\"\\\n]*+\""
_PLAIN = rf"(?:{_FIRST}|-(?=\S))[^ \t\n:#]*+(?:(?:[ ]++(?=[^ \t\n#])|:(?=\S)|(?<=\S)\#)[^ \t\n:#]*+)*+"
# A line, or what is behind a dash in it. An alternative of nothing at all is found faster than a `?`.
_LINE = expression(
    rf"""(?x)
    ([ ]*+)
    (?:
        (?:({_PLAIN_KEY}|{_QUOTED_KEY}):(?=[ \n]|\Z)[ ]*+|)
        (?:(&{_NAME}|![A-Za-z]+)(?=[ \n]|\Z)[ ]*+|)
        (?:({_QUOTED}|{_PLAIN})|([|>]-?|\*{_NAME}|\{{\}}|\[\])|)
        [ ]*+(?:(?<![^ \n])\#[^\n]*+|)(?:\n|\Z)
    |
        (-)(?=[ \n]|\Z)
    )
    """
)
_QUOTES = frozenset("'\"")
_PREFIX, _TEXT, _OTHER = 3, 4, 5
_INDENTED = expression(r" +(?=[^ \t\n])")

_MAP, _LIST, _LIST_OF_KEY = range(3)
"""What is being filled; the last is a list that is not indented further than the key that it belongs to."""


def read(text: str, builder: Builder) -> bool:
    """Tell a builder what is in a text; False if that is left to libyaml, after no matter how much was told.

    The text has no character that YAML cannot hold.
    """
    try:
        return not any(char in text for char in _UNUSUAL) and _Reader(text, builder).read()
    except SyntaxFault:
        return False


class _Reader:
    """Reads a text. What cannot be read here makes a method return False.

    `indent` and `kind` are those of the collection that is being filled, `outer` those of the ones around it.
    `waiting` is where a value belongs that is still to come, behind its colon or dash; -1 if none is. Its anchor or
    tag may be there already, from `prefix` to `prefix_end`.
    """

    __slots__ = ("builder", "indent", "kind", "outer", "prefix", "prefix_end", "text", "waiting")

    def __init__(self, text: str, builder: Builder) -> None:
        self.text = text
        self.builder = builder
        self.indent = -1
        self.kind = _MAP
        self.outer: list[tuple[int, int]] = []
        self.waiting = 0
        self.prefix = -1
        self.prefix_end = -1

    def read(self) -> bool:
        source, builder, line_at = self.text, self.builder, _LINE.match
        position = column = 0
        size = len(source)
        while position < size:
            line = line_at(source, position)
            if line is None:
                return False
            blanks, key, prefix, text, other, dash = line.groups()
            start = position + len(blanks)
            column += len(blanks)
            position = line.end()
            if key is not None:
                if not self._key(start, key, column):
                    return False
            elif dash is not None:
                if not self._item(start, column):
                    return False
                self.waiting = position
                column += 1
                continue
            elif (text or other or prefix) and not self.waiting >= 0 <= self.indent < column:
                return False
            column = 0
            if prefix is not None and not self._expect_prefix(*line.span(_PREFIX)):
                return False
            if text is not None:
                at = line.start(_TEXT)
                first, tag, anchor = (at, None, None) if self.prefix < 0 else self._with_prefix(at)
                quote = text[0] if text[0] in _QUOTES else ""
                builder.scalar(first, at + len(text), _unquoted(text) if quote else text, quote, tag, anchor)
                self.waiting = -1
            elif other is not None:
                position = self._other(line.start(_OTHER), other, position)
                if position < 0:
                    return False
                self.waiting = -1
        return self._is_complete()

    # -- collections -------------------------------------------------------------------------------------------------

    def _item(self, start: int, column: int) -> bool:
        """Take the dash of an item."""
        if self.waiting >= 0:
            if column > self.indent:
                self._open(start, column, _LIST)
                return True
            if column == self.indent and self.kind == _MAP:
                self._open(start, column, _LIST_OF_KEY)
                return True
            self._add_nothing()
        while self.indent > column:
            self._close()
        return self.indent == column and self.kind != _MAP

    def _key(self, start: int, key: str, column: int) -> bool:
        if self.waiting >= 0:
            if column > self.indent:
                self._open(start, column, _MAP)
            else:
                self._add_nothing()
        while self.indent > column:
            self._close()
        if self.kind == _LIST_OF_KEY and self.indent == column:
            self._close()
        if self.indent != column or self.kind != _MAP:
            return False
        end, quote = start + len(key), key[0] if key[0] in _QUOTES else ""
        self.builder.scalar(start, end, _unquoted(key) if quote else key, quote, None, None)
        self.waiting = end + 1
        return True

    def _open(self, start: int, column: int, kind: int) -> None:
        start, tag, anchor = self._with_prefix(start)
        self.builder.open(start, tag, anchor, is_map=kind == _MAP)
        self.outer.append((self.indent, self.kind))
        self.indent, self.kind = column, kind
        self.waiting = -1

    def _close(self) -> None:
        self.builder.close(0)
        self.indent, self.kind = self.outer.pop()

    def _is_complete(self) -> bool:
        """Whether there was anything at all; what is open then ends with the text."""
        if not self.outer:
            return False
        if self.waiting >= 0:
            self._add_nothing()
        while self.outer:
            self._close()
        return True

    # -- values ------------------------------------------------------------------------------------------------------

    def _expect_prefix(self, start: int, end: int) -> bool:
        if self.prefix >= 0:
            return False
        self.prefix, self.prefix_end = start, end
        return True

    def _with_prefix(self, start: int) -> tuple[int, str | None, str | None]:
        """Where the node begins whose content does so at `start`, its tag and its anchor."""
        if self.prefix < 0:
            return start, None, None
        start, self.prefix = self.prefix, -1
        name = self.text[start : self.prefix_end]
        return (start, name, None) if name[0] == "!" else (start, None, name[1:])

    def _add_nothing(self) -> None:
        """Add the value that was not written."""
        first, tag, anchor = self._with_prefix(self.waiting)
        end = first if first == self.waiting else self.prefix_end
        self.builder.scalar(first, end, "", "", tag, anchor)
        self.waiting = -1

    def _other(self, start: int, value: str, position: int) -> int:
        """Add a value that is not a text in its line; return where to read on, or -1."""
        if value[0] == "*":
            if self.prefix >= 0:
                return -1
            self.builder.alias(start, start + len(value), value[1:])
            return position
        first, tag, anchor = self._with_prefix(start)
        if value[0] in "|>":
            return self._add_block(first, value, position, tag, anchor)
        self.builder.open(first, tag, anchor, is_map=value == "{}", flow=True)
        self.builder.close(start + len(value))
        return position

    def _add_block(self, first: int, header: str, begin: int, tag: str | None, anchor: str | None) -> int:
        """Add the lines behind `|` or `>`; return where they end, or -1."""
        indent = _INDENTED.match(self.text, begin)
        if indent is None or indent.end() - begin <= self.indent:
            return -1
        lines, end = self._indented_lines(indent[0], begin)
        value = lines.rstrip("\n")
        last = "" if header[1:] or value == lines else "\n"
        if header[0] == ">":
            if "\n\n" in value or "\n " in value or "\n\t" in value:
                return -1
            value = value.replace("\n", " ")
        self.builder.scalar(first, end, value + last, header[0], tag, anchor)
        return end

    def _indented_lines(self, indent: str, position: int) -> tuple[str, int]:
        """The lines from here on that are indented or blank, without their indentation, and where they end."""
        text, lines = self.text, []
        while position < len(text):
            end = text.find("\n", position) + 1 or len(text)
            line = text[position:end]
            if line.startswith(indent):
                lines.append(line[len(indent) :])
            elif line.strip(" ") in ("", "\n"):
                lines.append(line.strip(" "))
            else:
                break
            position = end
        return "".join(lines), position


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'") if text[0] == "'" else text[1:-1]
