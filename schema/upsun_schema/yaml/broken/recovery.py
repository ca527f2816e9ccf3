"""What can still be read of a text that is not YAML: cut along its indentation, parsed part by part.

The parts that parse keep their exact trees; each part that does not is one problem at its own place. So one broken
line costs that line, not the file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter

from upsun_schema.yaml.broken.diagnosis import Diagnosis, diagnose, explain, repeat
from upsun_schema.yaml.broken.indentation import (
    DEEPER,
    LINE,
    Line,
    even_out,
    has_no_value,
    kind_of,
    opens_text,
    outdented,
    scan,
    step_of,
)
from upsun_schema.yaml.building import MAX_DEPTH, SyntaxFault, duplicate_keys
from upsun_schema.yaml.nodes import (
    BROKEN,
    MOST_PROBLEMS,
    Mapping,
    Node,
    Pair,
    Piece,
    Problem,
    Region,
    Scalar,
    Sequence,
)
from upsun_schema.yaml.parser import build
from upsun_schema.yaml.signs import KEY

__all__ = ["recover"]

_CONFLICT = re.compile(r"(<<<<<<<|=======|>>>>>>>)(?:[ \t][^\r\n]*)?$")

_WORD = re.compile(r"[\w./-]+")
# What looks like a key whose colon, or whose space behind it, is missing; and a key whose name is one.
_NAME_AND_MORE = re.compile(r"(?P<name>[A-Za-z_][\w-]*)(?P<colon>:(?!//))?[ \t]*(?P<more>[^\s:].*)", re.DOTALL)

_BRACKET = re.compile(r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^']|'')*'|(?<=[ \t])#[^\r\n]*|[\[\]{}]")
# Longer braces are not written by hand, and looking for their end would be slow.
_LONGEST_BRACKETS = 5_000

# How much may be parsed again while looking for what still parses: text, in multiples of its length, and how often.
# A file of 10,000 lines with a broken one needs a hundredth of both.
_EFFORT = 40
_ATTEMPTS = 20_000


def recover(piece: Piece, fault: SyntaxFault) -> Node | None:
    """The tree of what can be read of a piece, and add to its problems what cannot.

    `fault` is why the piece as a whole does not parse; it becomes the problem if no part explains it better.
    """
    recovery = _Recovery(piece)
    lines = recovery.lines
    structured = any(line.kind != "other" for line in lines)
    if not structured and lines and _WORD.match(recovery.text, lines[0].start):
        recovery.stray(0, len(lines))
    root = recovery.block(0, len(lines)) if structured else None
    if not any(problem.rule == "syntax-error" for problem in piece.problems):
        text = piece.text
        start = max(text.rfind("\n", 0, fault.offset), text.rfind("\r", 0, fault.offset)) + 1
        recovery.report(recovery.source_line(start), start, fault.reason, fault.offset - start)
    return root


class _Recovery:
    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.text = piece.text
        self.effort = _EFFORT * len(self.text) + 10_000
        self.attempts = _ATTEMPTS
        self.reported = 0
        self.depth = 0
        # The index of the line behind the last one that was neither key nor item.
        self.stray_until = -1
        self._blank_conflicts()
        self.lines, self.left_out = scan(self.text)
        self.step = step_of(self.lines)
        self._blank_left_out()
        # Where the keys begin whose text below is not indented.
        self.unindented: set[int] = set()
        self._leave_out_unindented()
        self._report_depths()
        self._outdent_head()

    # -- lines ---------------------------------------------------------------------------------------------------

    def _blank_conflicts(self) -> None:
        """Report merge conflict markers and go on with the first side of each conflict."""
        if "<<<<<<<" not in self.text:
            return
        parts: list[str] = []
        other_side = False
        for match in LINE.finditer(self.text):
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

    def _blank_left_out(self) -> None:
        """Report the lines that mark others as left out, and go on as if they were blank."""
        parts = []
        end = 0
        for start in self.left_out:
            line = self.source_line(start)
            content = line.strip()
            message = f"this `{content}` is a placeholder; remove it"
            if line.startswith("..."):
                message = f"`{content}` ends the document, and the platform ignores what follows; remove it"
            begin = start + line.index(content)
            self.problem(message, begin, begin + len(content))
            parts += [self.text[end:start], "\n" * len(line)]
            end = start + len(line)
        self.text = "".join([*parts, self.text[end:]])

    def _leave_out_unindented(self) -> None:
        """Report a text below `key: |` that is not deeper, once, and go on as if it were that key's."""
        kept: list[Line] = []
        first: Line | None = None
        for line in self.lines:
            if first is not None and (
                line.indent > first.indent or (line.indent == first.indent and line.kind == "other")
            ):
                continue
            above = kept[-1] if kept and first is None else None
            first = None
            if above is not None and line.kind == "other" and self._opens_empty_text(above, line):
                first = line
                self.unindented.add(above.start)
                opening = self.text[above.start : above.end].rstrip()
                self.problem(
                    f"this line is not part of the text above it: indent it below `{opening}`", line.start, line.end
                )
            else:
                kept.append(line)
        self.lines = kept

    def _opens_empty_text(self, line: Line, below: Line) -> bool:
        """Whether a key opens a text, and the next line is not deep enough to be it."""
        between = self.text[line.end : below.begin]
        return line.kind == "key" and opens_text(self.text, line) and not between.strip()

    def source_line(self, start: int) -> str:
        match = LINE.match(self.text, start)
        return match.group().rstrip("\r\n") if match else ""

    def _report_depths(self) -> None:
        """Report the lines at a depth where nothing else is."""
        uneven = even_out(self.text, self.lines)
        for line in uneven:
            spaces = f"{line.indent} space" if line.indent == 1 else f"{line.indent} spaces"
            message = f"this line is indented by {spaces}, which matches no line above it"
            self.problem(message, line.start, line.end)
        for line in outdented(self.text, self.lines):
            self.problem("this line is indented less than its sibling keys", line.start, line.end)

    def _outdent_head(self) -> None:
        """Report a first line that alone is too deep: what is below it is as deep, and other keys are at the top."""
        if len(self.lines) < 2 or not self.lines[0].level or self.lines[1].level != self.lines[0].level:
            return
        head = self.lines[0]
        if has_no_value(self.text, head) and any(line.kind == "key" and not line.level for line in self.lines):
            self.problem(DEEPER, head.start, head.end)
            head.level = 0

    # -- blocks --------------------------------------------------------------------------------------------------

    def block(self, first: int, last: int) -> Node | None:
        """The node of the lines from `first` up to `last`; None where nothing can be made of them."""
        lines = self.lines[first:last]
        kinds = Counter(line.kind for line in lines if line.kind != "other" and line.level == lines[0].level)
        kind = "item" if kinds["item"] > kinds["key"] else "key" if any(line.kind == "key" for line in lines) else None
        if kind is None and kinds["item"]:
            kind = "item"
        if self.depth >= MAX_DEPTH:
            self.problem(f"this is nested deeper than {MAX_DEPTH} levels", lines[0].start, lines[0].end)
            return None
        if kind is None:
            self.stray(first, last)
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
        # Those that certainly stand beside the first one.
        beside: list[Pair] = []
        while index < last:
            line = self.lines[index]
            many = len(mapping.pairs)
            if line.kind == "key" and line.level < level:
                self._uneven(first, index)
                level = line.level
            end = self._extent(index, last)
            whole = self._parse(index, end) if line.kind == "key" else None
            if isinstance(whole, Mapping) and not whole.flow:
                mapping.pairs.extend(whole.pairs)
                self._open_value(whole.pairs[-1], index)
            elif line.kind == "key":
                self._broken_pair(mapping, index, end, alone=(index, end) == (first, last))
            elif (pair := self.stray(index, end)) is not None and all(one.name != pair.name for one in mapping.pairs):
                mapping.pairs.append(pair)
            if line.kind == "key" and line.indent == self.lines[first].indent:
                beside += mapping.pairs[many : many + 1]
            index = end
        self.piece.problems += duplicate_keys(beside)

    def _uneven(self, first: int, index: int) -> None:
        """Report that a key is less deep than the first one of its block: which of the two is wrong."""
        begin, line = self.lines[first], self.lines[index]
        above = self.lines[first - 1].level if first else 0
        if line.level - above == self.step or not line.level:
            self.problem(DEEPER, begin.start, begin.end)
        else:
            self.problem("this line is indented less than its sibling keys", line.start, line.end)

    def _open_value(self, pair: Pair, index: int) -> None:
        """Leave open what the value of a key is if what is below it could not be read."""
        below = self.lines[index + 1] if index + 1 < len(self.lines) else None
        end = len(self.text) if below is None else below.start
        is_stray = below is not None and below.kind == "other"
        left_out = bisect_right(self.left_out, end) > bisect_right(self.left_out, self.lines[index].start)
        if pair.value.is_null and (is_stray or left_out):
            pair.value = self._raw(pair.value.start, pair.value.start)

    def _broken_pair(self, mapping: Mapping, index: int, end: int, *, alone: bool) -> None:
        """Read a key whose lines do not parse together: its own line first, then what is below it.

        `alone`: it is the only key in its block.
        """
        line = self.lines[index]
        match = KEY.match(self.text, line.start, line.end)
        assert match is not None
        if has_no_value(self.text, line):
            below = self.block(index + 1, end) if index + 1 < end else None
            mapping.pairs.append(Pair(self._key(match), below or self._raw(match.end(), match.end())))
            return
        if opens_text(self.text, line):
            mapping.pairs.append(Pair(self._key(match), self._raw(match.end(), line.end)))
            self._report_text(index)
            return
        try:
            whole = self._build(line.start, line.end)
        except SyntaxFault as fault:
            self._report_line(line, fault)
            whole = None
        if isinstance(whole, Mapping):
            mapping.pairs.extend(whole.pairs)
        else:
            mapping.pairs.append(Pair(self._key(match), self._raw(match.end(), line.end)))
        if index + 1 < end and whole is not None:
            self._too_deep(index, end, alone=alone)
        # What is below two keys on one line belongs to the second.
        if index + 1 < end and (whole is not None or self.text[line.end - 1] != ":"):
            self._siblings_too_deep(mapping, index + 1, end)

    def _too_deep(self, index: int, end: int, *, alone: bool) -> None:
        """Report that lines are deeper than a key which already has its value: which of the two is wrong."""
        line, below = self.lines[index], self.lines[index + 1]
        beside = sum(one.kind == "key" and one.level == below.level for one in self.lines[index + 1 : end])
        above = self.lines[index - 1].level if index else 0
        if alone and (beside > 1 or below.level - above == self.step):
            self.problem("this line is indented less than its sibling keys", line.start, line.end)
        else:
            self.problem(DEEPER, below.start, below.end)

    def _report_text(self, index: int) -> None:
        """Report which line of the text below a key breaks off its indentation."""
        line = self.lines[index]
        if line.start in self.unindented:
            return
        after = self.lines[index + 1] if index + 1 < len(self.lines) else None
        stop = len(self.text) if after is None else after.begin
        below: list[tuple[int, int, int]] = []
        for match in LINE.finditer(self.text, line.end, stop):
            source = match.group().rstrip()
            indent = len(source) - len(source.lstrip(" "))
            if source:
                below.append((indent, match.start() + indent, match.start() + len(source)))
        shallow = [one for one in below if one[0] < below[0][0]]
        if shallow and below[0][0] - line.indent != self.step == shallow[0][0] - line.indent:
            _, start, end = below[0]
            self.problem("this line is indented deeper than the rest of the text it begins", start, end)
        elif shallow:
            _, start, end = shallow[0]
            self.problem(
                "this line is indented less than the text it belongs to",
                start,
                end,
                related=((Region(self.piece, *below[0][1:]), "the text begins here"),),
            )
        else:
            self._report_line(line, SyntaxFault("the text below is not indented as one block", 0))

    def _siblings_too_deep(self, mapping: Mapping, first: int, last: int) -> None:
        """Take keys that are deeper than a key which already has its value for that key's siblings."""
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
                self.stray(index, end)
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
        inner = Line(line.begin, content, line.end, indent, kind_of(self.text[content : line.end]))
        if inner.kind == "other":
            self._report_item(line, content)
            return None
        self.lines[index] = inner
        return self.block(index, end)

    def _report_item(self, line: Line, content: int) -> None:
        """Report why the text after a dash is not a value."""
        try:
            self._build(content, line.end)
        except SyntaxFault as fault:
            self._report_line(line, fault)
        else:
            self._report_line(line, SyntaxFault("the lines below do not belong to it", 0))

    def _extent(self, index: int, last: int) -> int:
        """The index of the first line after `index` that does not belong to it."""
        line = self.lines[index]
        end = index + 1
        holds_items = line.kind == "key" and has_no_value(self.text, line)
        while end < last:
            below = self.lines[end]
            if below.level <= line.level and not (holds_items and below.kind == "item" and below.level == line.level):
                break
            end += 1
        return end

    # -- parts ---------------------------------------------------------------------------------------------------

    def _parse(self, index: int, end: int) -> Node | None:
        """The tree of some lines, block scalars included; None where they do not parse together."""
        start = self.lines[index].start
        stop = self.lines[end].begin if end < len(self.lines) else len(self.text)
        if self.attempts <= 0 or (end - index > 1 and self.effort < stop - start):
            return None
        if index == 0 and end == len(self.lines) and self.depth == 1 and not self.text[:start].strip():
            return None  # The whole piece: that it does not parse is why it is being recovered.
        try:
            return self._build(start, stop, 0 if index == 0 and not self.lines[0].level else None)
        except SyntaxFault:
            return None

    def _build(self, start: int, stop: int, column: int | None = None) -> Node | None:
        """Parse a part of the text that begins in the middle of a line, as if spaces were before it.

        Their number is `column`; by default it is that of the characters that do.
        """
        if column is None:
            column = start - max(self.text.rfind("\n", 0, start), self.text.rfind("\r", 0, start)) - 1
        self.effort -= stop - start
        self.attempts -= 1
        if self.attempts < 0:
            raise SyntaxFault("too much of this file is not YAML", start)
        try:
            root, second = build(self.piece, " " * column + self.text[start:stop], start - column)
        except SyntaxFault as fault:
            raise SyntaxFault(fault.reason, fault.offset + start - column, unfinished=fault.unfinished) from None
        if second is not None:
            self.problem("a second document begins here; a file may contain one document only", second, second + 3)
        return root

    def _key(self, match: re.Match[str]) -> Scalar:
        source = match["key"]
        start, end = match.span("key")
        style = source[0] if source[0] in "'\"" else ""
        text = source[1:-1].replace("''", "'") if style == "'" else source[1:-1] if style else source
        return Scalar(self.piece, start, start, end, None, None, text, style)

    def _raw(self, start: int, end: int) -> Scalar:
        """A value that could not be read as the text it is."""
        source = self.text[start:end]
        lead = len(source) - len(source.lstrip())
        start = min(start + lead, end)
        # Tagged as broken, so that nothing judges what the author has not finished writing.
        return Scalar(self.piece, start, start, end, BROKEN, None, self.text[start:end], "")

    # -- problems ------------------------------------------------------------------------------------------------

    def problem(
        self,
        message: str,
        start: int,
        end: int,
        replacement: str | None = None,
        related: tuple[tuple[Region, str], ...] = (),
        *,
        is_safe: bool = True,
    ) -> None:
        self.reported += 1
        if self.reported > MOST_PROBLEMS:
            return
        if self.reported == MOST_PROBLEMS:
            message, replacement, related = "there are more lines from here on that are not valid YAML", None, ()
        self.piece.problems.append(
            Problem(
                "syntax-error",
                message,
                Region(self.piece, start, end),
                related=related,
                replacement=replacement,
                title="Quote the value" if replacement else "",
                safe=is_safe and replacement is not None and not replacement.startswith(("'@", "'%")),
            )
        )

    def report(self, line: str, start: int, reason: str, at: int) -> None:
        if self.reported < MOST_PROBLEMS:
            self._report_found(diagnose(line, reason, at), start)

    def _report_found(self, found: Diagnosis, start: int) -> None:
        fault = self._fault_inside(start + found.start)
        if fault is not None:
            start = max(self.text.rfind("\n", 0, fault.offset), self.text.rfind("\r", 0, fault.offset)) + 1
            found = repeat(self.source_line(start), fault.reason, fault.offset - start)
        self.problem(found.message, start + found.start, start + found.end, found.replacement, is_safe=found.is_safe)

    def _fault_inside(self, start: int) -> SyntaxFault | None:
        """What is wrong inside braces or brackets that are closed on a line further below."""
        if self.text[start : start + 1] not in ("{", "[") or self.reported >= MOST_PROBLEMS:
            return None
        depth = 0
        for match in _BRACKET.finditer(self.text, start, start + _LONGEST_BRACKETS):
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(match[0], 0)
            if not depth:
                try:
                    self._build(start, match.end())
                except SyntaxFault as fault:
                    return fault
                return None
        return None

    def _report_line(self, line: Line, fault: SyntaxFault) -> None:
        self.report(
            self.text[line.begin : line.end], line.begin, fault.reason, max(fault.offset, line.start) - line.begin
        )

    def stray(self, index: int, end: int) -> Pair | None:
        """Report a line that has no place in its block, of several in a row the first; what is below goes up to `end`.

        Return the key and value that it seems to be, if only a colon or a space is missing. Nothing judges either.
        """
        line = self.lines[index]
        if line.kind == "other":
            goes_on, self.stray_until = self.stray_until == index, end
            if not goes_on:
                self._report_stray(index)
            return self._likely_pair(index, end) if self.reported < MOST_PROBLEMS else None
        if line.kind == "item":
            self.problem("a list item is not allowed among keys", line.start, line.end)
        else:
            self.problem("a key is not allowed among list items", line.start, line.end)
        return None

    def _report_stray(self, index: int) -> None:
        """Report a line that is neither a key nor a list item."""
        line = self.lines[index]
        text = self.text[line.start : line.end]
        source = self.text[line.begin : line.end]
        named = _NAME_AND_MORE.fullmatch(text)
        if _CONFLICT.match(text):
            message = "a merge conflict marker was left here; remove it"
        elif index and opens_text(self.text, self.lines[index - 1]):
            message = "this line is not indented enough to be part of the text above, and it is not a `key: value`"
        elif _WORD.fullmatch(text):
            message = f"`{text}` is neither a key nor a value: a colon is missing after it"
        elif named is not None and named["colon"]:
            message = f"a space is missing after the colon of `{named['name']}:`"
        elif (found := explain(source)) is not None:
            self._report_found(found, line.begin)
            return
        else:
            message = "this line is neither a `key: value` nor a list item"
            if named is not None:
                message += f"; is a colon missing after `{named['name']}`?"
        self.problem(message, line.start, line.end)

    def _likely_pair(self, index: int, end: int) -> Pair | None:
        """The key and value that a line without a colon, or with no space behind it, seems to be."""
        line = self.lines[index]
        text = self.text[line.start : line.end]
        named = _NAME_AND_MORE.fullmatch(text)
        value: Node | None = None
        if _WORD.fullmatch(text) and any(below.kind != "other" for below in self.lines[index + 1 : end]):
            name_end, value = line.end, self.block(index + 1, end)
        elif named is not None:
            name_end, value = line.start + named.end("name"), self._raw(line.start + named.start("more"), line.end)
        if value is None:
            return None
        name = self.text[line.start : name_end]
        return Pair(Scalar(self.piece, line.start, line.start, name_end, BROKEN, None, name, ""), value)
