"""The lines of a text that is not YAML: what each of them is, how deep it is, and how deep it is meant to be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import pairwise, takewhile

from upsun_schema.record import NamedTuple
from upsun_schema.yaml.signs import KEY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias


__all__ = [
    "DASHES",
    "DEEPER",
    "LEFT_OUT",
    "LINE",
    "TEXT_BELOW",
    "Head",
    "Kind",
    "Line",
    "even_out",
    "has_no_value",
    "head_of",
    "kind_of",
    "opens_text",
    "outdented",
    "scan",
    "step_of",
]

Kind: TypeAlias = "Literal['key', 'item', 'other']"
"""A key with its colon, a list item with its dash, or neither."""

LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
"""A line with its line break."""

DASHES = re.compile(r"(?:- +)+")
"""The dashes of a list item, or of lists in a list."""

TEXT_BELOW = re.compile(r"[ \t]*+(?:[&!][^\s]*+[ \t]++)*+[|>][-+0-9]*+[ \t]*+(?:#[^\r\n]*+)?$")
"""What follows a key or a dash where a text is below it."""

DEEPER = "this line is indented deeper than its sibling keys"
"""The message about the first line of what is too deep."""

LEFT_OUT = ("...", "…", "[...]", "[…]")
"""What people write in the place of lines that they leave out."""

_NO_VALUE = re.compile(r"[ \t]*+(?:[&!][^\s]*+[ \t]*+)*+(?:#[^\r\n]*+)?$")


class Line:
    """A line that says something: where it begins and where its content is (code points), how deep that is, its kind.

    `level` is how deep it is meant to be. Tabs are left only inside quotes and brackets, where they mean nothing.
    """

    __slots__ = ("begin", "end", "indent", "kind", "level", "start")

    def __init__(self, begin: int, start: int, end: int, indent: int, kind: Kind) -> None:
        self.begin = begin
        self.start = start
        self.end = end
        self.indent = indent
        self.level = indent
        self.kind = kind


class Head(NamedTuple):
    """How a line begins: `start` is where its content does, `key` where its key does, behind the dashes of a list.

    `value` is where the value behind the key begins, or behind the dashes if there is no key. All are code points.
    """

    start: int
    key: int
    value: int

    @property
    def indent_of_text(self) -> int:
        """How much deeper than the line its key is. A text below it is deeper than that."""
        return self.key - self.start if self.value > self.key else 0


def head_of(text: str, start: int, end: int) -> Head:
    """How a line begins whose content is between two offsets. This is what a line is to all readers of broken text."""
    dashes = DASHES.match(text, start, end)
    at = dashes.end() if dashes is not None else start
    key = KEY.match(text, at, end)
    return Head(start, at, key.end() if key is not None else at)


def kind_of(content: str) -> Kind:
    """What a line is, given its content."""
    if content == "-" or content.startswith("- "):
        return "item"
    return "key" if KEY.match(content) else "other"


def has_no_value(text: str, line: Line) -> bool:
    """Whether a line is a key with nothing behind its colon."""
    match = KEY.match(text, line.start, line.end)
    return match is not None and bool(_NO_VALUE.match(text[match.end() : line.end]))


def opens_text(text: str, line: Line) -> bool:
    """Whether a line ends in the `|` or `>` of a text below it."""
    return _opens_text(text, head_of(text, line.start, line.end), line.end)


def _opens_text(text: str, head: Head, end: int) -> bool:
    return TEXT_BELOW.match(text, head.value, end) is not None


def scan(text: str) -> tuple[list[Line], list[int]]:
    """The lines that are neither blank, nor comments, nor part of a text below its key.

    Apart from these, the offsets of lines that mark others as left out.
    """
    lines: list[Line] = []
    left_out: list[int] = []
    literal: int | None = None  # Lines deeper than this are part of a text.
    for match in LINE.finditer(text):
        line = match.group().rstrip("\r\n")
        content = line.lstrip(" \t")
        if not content.strip():
            continue
        blank = line[: len(line) - len(content)]
        indent = len(blank.expandtabs())
        if literal is not None and indent > literal:
            continue
        literal = None
        if content.startswith("#"):
            continue
        if content.rstrip() in LEFT_OUT:
            left_out.append(match.start())
            continue
        begin = match.start()
        entry = Line(begin, begin + len(blank), begin + len(line.rstrip()), indent, kind_of(content))
        lines.append(entry)
        head = head_of(text, entry.start, entry.end)
        if _opens_text(text, head, entry.end):
            literal = indent + head.indent_of_text
    return lines, left_out


def step_of(lines: list[Line]) -> int:
    """The number of spaces that a text mostly uses for one level."""
    steps = Counter(after.indent - before.indent for before, after in pairwise(lines))
    # One more space than the line above is a typo, hardly ever a step.
    return max((step for step in steps if step > 1), key=steps.__getitem__, default=2)


def outdented(text: str, lines: list[Line]) -> Iterator[Line]:
    """Yield the keys that are a level less deep than meant, after giving them that level.

    What is below such a key, more than one line, is two levels deeper, and what follows it is one level deeper.
    """
    step = step_of(lines)
    for index, (above, line, below) in enumerate(zip(lines, lines[1:], lines[2:], strict=False)):
        level = line.level + step
        if line.kind != "key" or below.level != level + step or above.level < level or not has_no_value(text, line):
            continue
        inner = list(takewhile(partial(_is_as_deep, below.level), lines[index + 2 :]))
        after = lines[index + 2 + len(inner) :][:1]
        if after and after[0].level == level and sum(one.level == below.level for one in inner) > 1:
            line.level = level
            yield line


def _is_as_deep(level: int, line: Line) -> bool:
    return line.level >= level


class _Depth:
    """A depth of lines, while there may be more of them.

    The first of them, how many there are, and how deep those are that are meant to be there and are not.
    """

    __slots__ = ("first", "lines", "odd", "value")

    def __init__(self, value: int, first: Line) -> None:
        self.value = value
        self.first = first
        self.lines = 0
        self.odd = -1


def even_out(text: str, lines: list[Line]) -> list[Line]:
    """Give each line that is at no depth of its block the level it is meant to have.

    Return the first of those that are equally deep.
    """
    step = step_of(lines)
    odd: list[Line] = []
    depths: list[_Depth] = []
    for index, line in enumerate(lines):
        if line.kind == "other":
            continue  # It may go on from the line above, at any depth.
        inner: _Depth | None = None
        while depths and depths[-1].value > line.indent:
            inner = depths.pop()
        outer = depths[-1] if depths else None
        if inner is not None and inner.odd == line.indent:
            line.level = inner.value
        elif inner is not None and outer is not None and (line.indent - outer.value) % step:
            if outer.lines == 1 and len(depths) > 1 and line.indent - depths[-2].value == step:
                # The first line of the block is the odd one: this one is where the file's others would be.
                odd.append(outer.first)
                outer.value = outer.first.level = line.indent
            else:
                odd.append(line)
                line.level = _meant(text, lines, index, outer.value, inner.value)
        if outer is None or line.level > outer.value:
            outer = _Depth(line.level, line)
            depths.append(outer)
        outer.lines += 1
        outer.odd = line.indent if line.indent != line.level else outer.odd
        if line.kind == "item" and (dashes := DASHES.match(text, line.start, line.end)) is not None:
            depths.append(_Depth(line.level + dashes.end() - line.start, line))
    return odd


def _meant(text: str, lines: list[Line], index: int, outer: int, inner: int) -> int:
    """Which of two levels a line between them is meant to have."""
    line = lines[index]
    if line.indent - outer != inner - line.indent:
        return outer if line.indent - outer < inner - line.indent else inner
    # Halfway: what is below it at the inner level belongs to it, if it has nothing else.
    below = lines[index + 1] if index + 1 < len(lines) else None
    holds_it = below is not None and line.indent < below.indent <= inner and has_no_value(text, line)
    return outer if holds_it else inner
