"""What can still be read of a text that is not YAML: cut along its indentation, parsed part by part.

The parts that parse keep their exact trees; each part that does not is one problem at its own place. So one broken
line costs that line, not the file.
"""

from __future__ import annotations

import re
from collections import Counter

from upsun_schema.diagnosis import diagnose
from upsun_schema.nodes import BROKEN, Mapping, Node, Pair, Piece, Problem, Region, Scalar, Sequence
from upsun_schema.parser import MAX_DEPTH, SyntaxFault, build

__all__ = ["KEY", "recover"]

KEY = re.compile(
    r"(?P<key>'(?:[^'\r\n]|'')*'|\"(?:[^\"\\\r\n]|\\.)*\"|[^\s#'\"\[\]{},&*!|>%@`?-][^#\r\n]*?"
    r"|[?-](?![ \t\r\n])[^#\r\n]*?|[^\s'\"\[\]{},&*!|>%@`-][^\r\n]*?)"
    r"[ \t]*:(?=[ \t\r\n]|\Z)"
)
"""A mapping key with its colon, at the beginning of a line's content."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_CONFLICT = re.compile(r"(<<<<<<<|=======|>>>>>>>)(?:[ \t][^\r\n]*)?$")
_DASHES = re.compile(r"(?:- +)+")
_NO_VALUE = re.compile(r"[ \t]*(?:[&!][^\s]*[ \t]*)*(?:#[^\r\n]*)?$")
_BLOCK_SCALAR = re.compile(r"[ \t]*(?:[&!][^\s]*[ \t]+)*[|>][-+0-9]*[ \t]*(?:#[^\r\n]*)?$")

_WORD = re.compile(r"[\w./-]+")

# How much may be parsed again while looking for what still parses: text, in multiples of its length, and how often.
# A file of 10,000 lines with a broken one needs a hundredth of both.
_EFFORT = 40
_ATTEMPTS = 20_000
# How many problems are told of one piece. Who has more has another problem than these.
_MOST_PROBLEMS = 20


class _Line:
    """A line that says something: where it is, how deep, and whether it is a key, a list item or neither."""

    __slots__ = ("end", "indent", "kind", "level", "start")

    def __init__(self, start: int, end: int, indent: int, kind: str) -> None:
        self.start = start
        self.end = end
        self.indent = indent
        self.level = indent
        self.kind = kind


def recover(piece: Piece, fault: SyntaxFault) -> Node | None:
    """Return the tree of what can be read of a piece, and add to its problems what cannot.

    `fault` is why the piece as a whole does not parse; it becomes the problem if no part explains it better.
    """
    recovery = _Recovery(piece)
    structured = any(line.kind != "other" for line in recovery.lines)
    if not structured and len(recovery.lines) == 1 and _WORD.fullmatch(piece.text.strip()):
        recovery.stray(recovery.lines[0])
    root = recovery.block(0, len(recovery.lines)) if structured else None
    if not piece.problems:
        text = piece.text
        start = max(text.rfind("\n", 0, fault.offset), text.rfind("\r", 0, fault.offset)) + 1
        match = _LINE.match(text, start)
        line = match.group().rstrip("\r\n") if match else ""
        recovery.report(line, start, fault.reason, fault.offset - start)
    return root


class _Recovery:
    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.text = piece.text
        self.effort = _EFFORT * len(self.text) + 10_000
        self.attempts = _ATTEMPTS
        self.tabbed: list[int] = []
        self.told = 0
        self.depth = 0
        self._blank_conflicts()
        self.lines = self._lines()
        self._blank_tabbed()
        self._round_odd_indents()

    # -- lines ---------------------------------------------------------------------------------------------------

    def _lines(self) -> list[_Line]:
        """Return the lines that are neither blank, nor comments, nor the content of a block scalar."""
        lines: list[_Line] = []
        literal: int | None = None
        for match in _LINE.finditer(self.text):
            line = match.group().rstrip("\r\n")
            content = line.lstrip(" ")
            indent = len(line) - len(content)
            if not content.strip() or (literal is not None and indent > literal):
                continue
            literal = None
            if content.startswith("#"):
                continue
            if content.startswith("\t"):
                self.report(line, match.start(), "tab", 0)
                self.tabbed.append(match.start())
                continue
            entry = _Line(match.start() + indent, match.start() + len(line.rstrip()), indent, _kind(content))
            lines.append(entry)
            column = indent
            if dashes := _DASHES.match(content):
                column += dashes.end()
                content = content[dashes.end() :]
            key = KEY.match(content)
            value = content[key.end() :] if key else content
            if _BLOCK_SCALAR.match(value):
                literal = column if key or entry.kind == "item" else indent
                if entry.kind == "item" and not key:
                    literal = indent
        return lines

    def _blank_conflicts(self) -> None:
        """Report merge conflict markers and go on with the first side of each conflict."""
        if "<<<<<<<" not in self.text:
            return
        parts: list[str] = []
        other_side = False
        for match in _LINE.finditer(self.text):
            line = match.group()
            marker = _CONFLICT.match(line.rstrip("\r\n"))
            if marker and marker[1] == "<<<<<<<":
                self.problem("an unresolved merge conflict begins here", match.start(), match.start() + marker.end())
            drop = other_side or marker is not None
            # Line breaks, not spaces: blank lines are harmless wherever they fall, in block scalars too.
            parts.append("\n" * len(line) if drop else line)
            if marker:
                other_side = marker[1] == "======="
        self.text = "".join(parts)

    def _blank_tabbed(self) -> None:
        """Go on as if lines that a tab indents were blank."""
        parts = []
        end = 0
        for start in self.tabbed:
            match = _LINE.match(self.text, start)
            length = len(match[0].rstrip("\r\n")) if match else 0
            parts += [self.text[end:start], "\n" * length]
            end = start + length
        self.text = "".join([*parts, self.text[end:]])

    def _round_odd_indents(self) -> None:
        """Give a line whose indentation no other line has the level its file's step suggests."""
        steps = Counter(
            after.indent - before.indent
            for before, after in zip(self.lines, self.lines[1:], strict=False)
            if after.indent > before.indent
        )
        if not steps:
            return
        step = steps.most_common(1)[0][0]
        seen = Counter(line.indent for line in self.lines)
        for line in self.lines:
            if line.indent % step and seen[line.indent] == 1:
                line.level = line.indent - line.indent % step
                message = f"this line is indented by {line.indent} spaces, which matches no line above it"
                self.problem(message, line.start, line.end)

    # -- blocks --------------------------------------------------------------------------------------------------

    def block(self, first: int, last: int) -> Node | None:
        """Return the node of the lines from `first` up to `last`; None where nothing can be made of them."""
        lines = self.lines[first:last]
        kinds = Counter(line.kind for line in lines if line.kind != "other" and line.level == lines[0].level)
        kind = "item" if kinds["item"] > kinds["key"] else "key" if any(line.kind == "key" for line in lines) else None
        if kind is None and kinds["item"]:
            kind = "item"
        if self.depth >= MAX_DEPTH:
            self.problem(f"this is nested deeper than {MAX_DEPTH} levels", lines[0].start, lines[0].end)
            return None
        if kind is None:
            for line in lines[:1]:
                self.stray(line)
            return None
        start, end = lines[0].start, lines[-1].end
        self.depth += 1
        try:
            if kind == "item":
                sequence = Sequence(self.piece, start, start, end, None, None)
                self._items(sequence, first, last)
                return sequence
            mapping = Mapping(self.piece, start, start, end, None, None)
            self._pairs(mapping, first, last)
            return mapping
        finally:
            self.depth -= 1

    def _pairs(self, mapping: Mapping, first: int, last: int) -> None:
        index = first
        level = self.lines[first].level
        while index < last:
            line = self.lines[index]
            if line.level != level and line.kind == "key" and index > first and line.level < level:
                self.problem("this line is indented less than the keys it stands beside", line.start, line.end)
                level = line.level
            end = self._extent(index, last)
            whole = self._parse(index, end) if line.kind == "key" else None
            if isinstance(whole, Mapping) and not whole.flow:
                mapping.pairs.extend(whole.pairs)
                self._open_value(whole.pairs[-1], index)
            elif line.kind == "key":
                self._broken_pair(mapping, index, end)
            else:
                self.stray(line)
            index = end

    def _open_value(self, pair: Pair, index: int) -> None:
        """Leave open what the value of a key is if the line below it could not be read."""
        after = self.lines[index + 1].start if index + 1 < len(self.lines) else len(self.text)
        if pair.value.is_null and any(self.lines[index].start < start < after for start in self.tabbed):
            pair.value = self._raw(pair.value.start, pair.value.start)

    def _broken_pair(self, mapping: Mapping, index: int, end: int) -> None:
        """Read a key whose lines do not parse together: its own line first, then what stands below it."""
        line = self.lines[index]
        match = KEY.match(self.text, line.start)
        assert match is not None
        value = self.text[match.end() : line.end]
        if _NO_VALUE.match(value):
            below = self.block(index + 1, end) if index + 1 < end else None
            mapping.pairs.append(Pair(self._key(match), below or self._raw(match.end(), match.end())))
            return
        if _BLOCK_SCALAR.match(value):
            mapping.pairs.append(Pair(self._key(match), self._raw(match.end(), line.end)))
            self._report_line(line, SyntaxFault("the text below is not indented as one block", 0))
            return
        try:
            alone = self._build(line.start, line.end)
        except SyntaxFault as fault:
            self._report_line(line, fault)
            alone = None
        if isinstance(alone, Mapping):
            mapping.pairs.extend(alone.pairs)
        else:
            mapping.pairs.append(Pair(self._key(match), self._raw(match.end(), line.end)))
        if index + 1 < end:
            self._siblings_too_deep(mapping, index + 1, end, blame=alone is not None)

    def _siblings_too_deep(self, mapping: Mapping, first: int, last: int, *, blame: bool) -> None:
        """Take keys that stand deeper than a key which already has its value for that key's siblings."""
        line = self.lines[first]
        if blame:
            self.problem("this line is indented deeper than the keys it belongs with", line.start, line.end)
        if any(below.kind == "key" for below in self.lines[first:last]):
            below = self.block(first, last)
            if isinstance(below, Mapping):
                mapping.pairs.extend(below.pairs)

    def _items(self, sequence: Sequence, first: int, last: int) -> None:
        index = first
        while index < last:
            line = self.lines[index]
            end = self._extent(index, last)
            whole = self._parse(index, end) if line.kind == "item" else None
            if isinstance(whole, Sequence) and not whole.flow:
                sequence.items.extend(whole.items)
            elif line.kind == "item":
                item = self._item(index, end)
                if item is not None:
                    sequence.items.append(item)
            else:
                self.stray(line)
            index = end

    def _item(self, index: int, end: int) -> Node | None:
        """Read a list item whose lines do not parse together, as the block that begins behind its dash."""
        line = self.lines[index]
        content = line.start + 1
        while content < line.end and self.text[content] == " ":
            content += 1
        if content >= line.end:
            return self.block(index + 1, end) if index + 1 < end else None
        indent = line.indent + content - line.start
        inner = _Line(content, line.end, indent, _kind(self.text[content : line.end]))
        if inner.kind == "other":
            self._report_line(line, SyntaxFault("not a value", 0))
            return None
        self.lines[index] = inner
        return self.block(index, end)

    def _extent(self, index: int, last: int) -> int:
        """Return the index of the first line after `index` that does not belong to it."""
        line = self.lines[index]
        end = index + 1
        holds_items = line.kind == "key" and self._has_no_value(line)
        while end < last:
            below = self.lines[end]
            if below.level <= line.level and not (holds_items and below.kind == "item" and below.level == line.level):
                break
            end += 1
        return end

    def _has_no_value(self, line: _Line) -> bool:
        match = KEY.match(self.text, line.start)
        return match is not None and bool(_NO_VALUE.match(self.text[match.end() : line.end]))

    # -- parts ---------------------------------------------------------------------------------------------------

    def _parse(self, index: int, end: int) -> Node | None:
        """Return the tree of some lines, block scalars included; None where they do not parse together."""
        start = self.lines[index].start
        stop = self.lines[end].start - self.lines[end].indent if end < len(self.lines) else len(self.text)
        if self.attempts <= 0 or (end - index > 1 and self.effort < stop - start):
            return None
        if index == 0 and end == len(self.lines) and self.depth == 1 and not self.text[:start].strip():
            return None  # The whole piece: that it does not parse is why it is being recovered.
        try:
            return self._build(start, stop)
        except SyntaxFault:
            return None

    def _build(self, start: int, stop: int) -> Node | None:
        """Parse a part of the text that begins in the middle of a line, as if spaces stood before it."""
        line_start = max(self.text.rfind("\n", 0, start), self.text.rfind("\r", 0, start)) + 1
        column = start - line_start
        self.effort -= stop - start
        self.attempts -= 1
        if self.attempts < 0:
            raise SyntaxFault("too much of this file is not YAML", start)
        try:
            root, second = build(self.piece, " " * column + self.text[start:stop], start - column)
        except SyntaxFault as fault:
            raise SyntaxFault(fault.reason, fault.offset + start - column, unfinished=fault.unfinished) from None
        if second is not None:
            self.problem("a second document begins here; the platform reads one document a file", second, second + 3)
        return root

    def _key(self, match: re.Match[str]) -> Scalar:
        source = match["key"]
        start, end = match.span("key")
        style = source[0] if source[0] in "'\"" else ""
        text = source[1:-1].replace("''", "'") if style == "'" else source[1:-1] if style else source
        return Scalar(self.piece, start, start, end, None, None, text, style)

    def _raw(self, start: int, end: int) -> Scalar:
        """Return a value that could not be read as the text it is."""
        source = self.text[start:end]
        lead = len(source) - len(source.lstrip())
        start = min(start + lead, end)
        # Tagged as broken, so that nothing judges what the author has not finished writing.
        return Scalar(self.piece, start, start, end, BROKEN, None, self.text[start:end], "")

    # -- problems ------------------------------------------------------------------------------------------------

    def problem(self, message: str, start: int, end: int, replacement: str | None = None) -> None:
        self.told += 1
        if self.told > _MOST_PROBLEMS:
            return
        if self.told == _MOST_PROBLEMS:
            message, replacement = "there are more lines from here on that are not valid YAML", None
        self.piece.problems.append(
            Problem(
                "syntax-error",
                message,
                Region(self.piece, start, end),
                replacement=replacement,
                title="Quote the value" if replacement else "",
                safe=replacement is not None and not replacement.startswith(("'@", "'%")),
            )
        )

    def report(self, line: str, start: int, reason: str, at: int) -> None:
        found = diagnose(line, reason, at)
        self.problem(found.message, start + found.start, start + found.end, found.replacement)

    def _report_line(self, line: _Line, fault: SyntaxFault) -> None:
        start = max(self.text.rfind("\n", 0, line.start), self.text.rfind("\r", 0, line.start)) + 1
        self.report(self.text[start : line.end], start, fault.reason, max(fault.offset, line.start) - start)

    def stray(self, line: _Line) -> None:
        text = self.text[line.start : line.end]
        if line.kind == "item":
            self.problem("a list item cannot stand among keys", line.start, line.end)
        elif line.kind == "key":
            self.problem("a key cannot stand among list items", line.start, line.end)
        elif _WORD.fullmatch(text):
            self.problem(f"`{text}` is neither a key nor a value: a colon is missing after it", line.start, line.end)
        else:
            self._report_line(line, SyntaxFault("it is neither a `key: value` nor a list item", line.start))


def _kind(content: str) -> str:
    if content == "-" or content.startswith("- "):
        return "item"
    return "key" if KEY.match(content) else "other"
