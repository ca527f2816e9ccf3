"""One YAML file: its text cut into pieces, the tree they make together, and what is wrong with its syntax.

A file is cut where an application, a service or a route begins, so that a piece whose text did not change keeps its
tree and everything found out about it. Cutting is invisible: the tree is the one that parsing the file whole gives.
A file that cannot be cut safely (flow style at the top, an anchor used across entries) is one piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from upsun_schema.yaml.broken.slips import repair, restore
from upsun_schema.yaml.cutting import Cut, cut
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Alias, Mapping, Node, Piece, Problem, Region, Scalar
from upsun_schema.yaml.parser import SyntaxFault, build, events, is_valid
from upsun_schema.yaml.scalars import STRING_TAG
from upsun_schema.yaml.text import LineTable, Span
from upsun_schema.yaml.walking import walk

__all__ = ["MAX_SIZE", "Comment", "Document", "TextDocument"]

MAX_SIZE = 1_000_000
"""The longest text that is analysed, in code points. Real configurations stay below a hundredth of it."""

BOM = "\ufeff"

# What libyaml refuses to read. A lone surrogate stands for a byte that is not UTF-8.
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]+")
_MARKED_LINE = re.compile("(\r?\n)\ufeff")
# How many of them, and of further documents, are reported.
_MOST_UNREADABLE = 20
_MOST_DOCUMENTS = 50
# Fewer characters that YAML cannot hold may have got into a text by accident.
_FEW = 8


class Comment(NamedTuple):
    """A comment: where it is in its piece, from the `#` to the end of the line."""

    region: Region

    @property
    def text(self) -> str:
        """The comment without its `#`."""
        return self.region.text[1:].strip()


class Document:
    """The tree and the syntax problems of one YAML text. It never changes; a new text makes a new document."""

    __slots__ = ("_bases", "_is_cut", "lines", "path", "pieces", "problems", "root", "text")

    def __init__(
        self, path: str, text: str, previous: Document | None = None, *, whole: bool = False, pure: bool = False
    ) -> None:
        """Read a text; `previous` is an older document of the same file, whose unchanged pieces are taken over.

        `path` is relative to the project, with forward slashes. The result is the same in every way of reading:
        `whole` asks for one piece (several only if it is not valid), `pure` for the parser written in Python.
        """
        self.path = path
        self.text = text
        self.lines = LineTable(text)
        self.problems: list[Problem] = []
        self.pieces: list[tuple[int, Piece]] = []
        self.root: Node | None = None
        self._is_cut = False
        refusal = _refusal(text)
        if refusal is not None:
            self._refuse(refusal)
        else:
            readable = self._readable(text)
            offset = 1 if readable.startswith(BOM) else 0
            self._read(readable[offset:], offset, _taken_over(previous), whole=whole, pure=pure)
        self._bases = {piece: base for base, piece in self.pieces}
        for _, piece in self.pieces:
            self.problems.extend(piece.problems)

    def _refuse(self, message: str) -> None:
        piece = Piece(self.text)
        self.pieces = [(0, piece)]
        self.problems.append(Problem("syntax-error", message, Region(piece, 0, min(self.lines.span(0).end, 1))))

    def _readable(self, text: str) -> str:
        """Return the text with blanks for what YAML cannot hold, and report the first of each run."""
        begin = 1 if text.startswith(BOM) else 0
        found = list(_UNREADABLE.finditer(text, begin))
        # libyaml takes a byte order mark for a letter like any other: mostly no line can begin with it.
        marked = "\n" + BOM in text and not is_valid(text[begin:])
        if not found and not marked:
            return text
        # These problems belong to no piece that may be taken over, since that piece's text no longer shows them.
        whole = Piece(text)
        self.pieces.append((0, whole))
        for match in found[:_MOST_UNREADABLE]:
            message = _unreadable_message(match[0][0])
            self.problems.append(Problem("syntax-error", message, Region(whole, match.start(), match.end())))
        for match in list(_MARKED_LINE.finditer(text))[:_MOST_UNREADABLE] if marked else ():
            message = "a byte order mark may stand only at the beginning of a file"
            self.problems.append(Problem("syntax-error", message, Region(whole, match.end() - 1, match.end())))
        # Whatever else there is keeps its place.
        text = text[:begin] + _UNREADABLE.sub(lambda match: " " * len(match[0]), text[begin:])
        return _MARKED_LINE.sub(r" \1", text) if marked else text

    def _read(self, text: str, offset: int, known: dict[str, Piece], *, whole: bool, pure: bool) -> None:
        slipped = repair(text, is_valid)
        if slipped is None and not whole and self._read_cut(cut(text, known, pure=pure), offset):
            return
        piece = Piece(text if slipped is None else slipped[0].text)
        try:
            root, second = build(piece, piece.text, pure=pure)
        except SyntaxFault as fault:
            if slipped is None and whole and self._read_cut(cut(text, known, pure=pure), offset):
                return
            from upsun_schema.yaml.broken.recovery import recover  # Most files need none of it.

            root = recover(piece, fault)
            # Parts were read in another order.
            for alias in piece.unresolved:
                alias.target = piece.anchors.get(alias.name)
        else:
            if second is not None:
                piece, root = _read_on(piece, root, pure=pure)
        _report_unresolved(piece)
        piece.root = root
        if slipped is not None:
            restore(piece, text, *slipped)
        self.root = root
        self.pieces.append((offset, piece))

    def _read_cut(self, found: Cut | None, offset: int) -> bool:
        """Take what a cut gave; return whether it gave anything."""
        if found is None:
            return False
        self._is_cut = True
        self.pieces += [(offset + start, piece) for start, piece in found.pieces]
        self.root = found.root
        self.problems += found.problems
        return True

    @property
    def is_broken(self) -> bool:
        """Whether the text is not valid YAML."""
        return any(problem.rule == "syntax-error" for problem in self.problems)

    @property
    def outline(self) -> tuple[object, ...]:
        """What the entries of other files can see of it: its top-level keys, and whether it is valid YAML."""
        pairs = self.root.pairs if isinstance(self.root, Mapping) else []
        return tuple(pair.name for pair in pairs), self.is_broken, len(self.pieces)

    def span(self, region: Region) -> Span | None:
        """Return where a region is in this file, in code points; None where it belongs to another file."""
        base = self._bases.get(region.piece)
        return None if base is None else Span(base + region.start, base + region.end)

    def holds(self, piece: Piece) -> bool:
        """Return whether a piece belongs to this file."""
        return piece in self._bases

    @property
    def comments(self) -> Iterator[Comment]:
        """The comments of the file, in order."""
        for _, piece in self.pieces:
            yield from comments(piece)

    def at(self, offset: int) -> tuple[Piece, int] | None:
        """Return the piece that holds an offset of this file, and the offset within it."""
        for base, piece in reversed(self.pieces):
            if base <= offset <= base + len(piece.text):
                return piece, offset - base
        return None


class TextDocument(Document):
    """A file included as text, as a script is: one scalar, whatever stands in it."""

    __slots__ = ()

    def __init__(self, path: str, text: str) -> None:
        """Take a text; `path` is relative to the project, with forward slashes."""
        piece = Piece(text)
        self.path = path
        self.text = text
        self.lines = LineTable(text)
        self.problems = []
        self.pieces = [(0, piece)]
        self.root = Scalar(piece, 0, 0, len(text), STRING_TAG, None, text, "")
        self._is_cut = False
        self._bases = {piece: 0}


def _refusal(text: str) -> str | None:
    """Return why a text is not read at all; None where it is."""
    if len(text) > MAX_SIZE:
        return f"this file is longer than {MAX_SIZE:,} characters and was not analysed"
    zeros = text.count("\x00")
    if not zeros:
        return None
    # Latin text in UTF-16 is zeros at every other place.
    alternating = max(text[0::2].count("\x00"), text[1::2].count("\x00")) > zeros * 0.9
    if zeros >= _FEW and zeros * 4 > len(text) and alternating:
        what = "this file seems to be in UTF-16 without a byte order mark"
        return f"{what}, which the platform cannot read; save it as UTF-8"
    unreadable = sum(len(match[0]) for match in _UNREADABLE.finditer(text))
    if unreadable >= _FEW and unreadable * 10 > len(text):
        return "this is not a text file, or one in an encoding that the platform cannot read; save it as UTF-8"
    return None


def _unreadable_message(char: str) -> str:
    if "\udc80" <= char <= "\udcff":
        return f"byte 0x{ord(char) - 0xDC00:02X} is not valid UTF-8"
    if char == "\x00":
        return "a NUL character cannot stand in a YAML file"
    return f"the character U+{ord(char):04X} cannot stand in a YAML file"


def _taken_over(previous: Document | None) -> dict[str, Piece]:
    """Return the pieces that may be taken over, by their text. One that was a whole file is read in another way."""
    if previous is None or not previous._is_cut:
        return {}
    return {piece.text: piece for _, piece in previous.pieces}


def _read_on(piece: Piece, root: Node | None, *, pure: bool) -> tuple[Piece, Node | None]:
    """Report where further documents begin, and read on as if nothing did, where that gives one document."""
    begins = list(_document_starts(piece.text, pure=pure))[1:]
    parts = [piece.text[begin + 3 : end] for begin, end in zip([-3, *begins], [*begins, None], strict=True)]
    together = Piece(piece.text)
    try:
        whole, another = build(together, "   ".join(parts), pure=pure)
    except SyntaxFault:
        another = -1
    if another is None:
        piece, root = together, whole
    for begin in begins[:_MOST_DOCUMENTS]:
        message = "a second document begins here; the platform reads one document a file"
        piece.problems.append(Problem("syntax-error", message, Region(piece, begin, begin + 3)))
    return piece, root


def _document_starts(text: str, *, pure: bool) -> Iterator[int]:
    from ruamel.yaml.events import DocumentStartEvent

    try:
        for event in events(text, pure=pure):
            if type(event) is DocumentStartEvent:
                yield event.start_mark.index
    except SyntaxFault:
        return


def _report_unresolved(piece: Piece) -> None:
    for alias in piece.unresolved:
        if alias.target is None:
            message = f"there is no anchor `&{alias.name}` before this alias; anchors do not reach across files"
            piece.problems.append(Problem("syntax-error", message, alias.region))


# -- comments --------------------------------------------------------------------------------------------------------

# libyaml breaks lines at the last three, too.
_COMMENT = re.compile(r"(?:(?<=[ \t\r\n\x85\u2028\u2029])|\A)#[^\r\n\x85\u2028\u2029]*")


def comments(piece: Piece) -> list[Comment]:
    """Return the comments of a piece, in order. A `#` inside a value is not one."""
    if "#" not in piece.text:
        return []
    return remembered(piece, "comments", None, lambda: _find_comments(piece))


def _find_comments(piece: Piece) -> list[Comment]:
    # In these a `#` begins no comment.
    spans = sorted((node.start, node.end) for node in walk(piece.root) if isinstance(node, Scalar | Alias))
    found: list[Comment] = []
    index = 0
    end = 0
    for match in _COMMENT.finditer(piece.text):
        while index < len(spans) and spans[index][0] <= match.start():
            end = max(end, spans[index][1])
            index += 1
        if match.start() >= end:
            found.append(Comment(Region(piece, match.start(), match.end())))
    return found
