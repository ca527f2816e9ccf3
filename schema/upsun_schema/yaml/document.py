"""One YAML file: its text cut into pieces, the tree they make together, and what is wrong with its syntax.

A file is cut where an application, a service or a route begins, so that a piece whose text did not change keeps its
tree and everything found out about it. Cutting is invisible: the tree is the one that parsing the file whole gives.
A file that cannot be cut safely (flow style at the top, an anchor used across entries) is one piece.
"""

from __future__ import annotations

from collections.abc import Iterator

from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.building import SyntaxFault
from upsun_schema.yaml.cutting import cut, has_include, report_unresolved, unsound
from upsun_schema.yaml.events import events, starts
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Alias, Mapping, Node, Piece, Problem, Region, Scalar
from upsun_schema.yaml.parser import build, is_valid
from upsun_schema.yaml.scalars import STRING_TAG
from upsun_schema.yaml.signs import may_have_accidents, may_have_faults
from upsun_schema.yaml.source_file import SourceFile
from upsun_schema.yaml.text import LineTable
from upsun_schema.yaml.walking import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upsun_schema.yaml.broken.slips import Slip

__all__ = ["MAX_SIZE", "Comment", "Document", "TextDocument"]

MAX_SIZE = 1_000_000
"""The longest text that is analyzed, in code points. Real configurations stay below a hundredth of it."""

BOM = "\ufeff"

# What libyaml refuses to read. A lone surrogate represents a byte that is not UTF-8.
_UNREADABLE = expression(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]+")
_MARKED_LINE = expression("(\r?\n)\ufeff")
# The same in UTF-8, where looking is fast: control characters, and how the others begin.
_CONTROL_BYTES = bytes([*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
_RARE_BYTES = (b"\xc2", b"\xef\xbf")
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


class Document(SourceFile):
    """The tree and the syntax problems of one YAML text. It never changes; a new text makes a new document."""

    __slots__ = ("_is_plain", "_kept", "pieces", "problems", "root", "whole")

    def __init__(
        self, path: str, text: str, previous: Document | None = None, *, whole: bool = False, pure: bool = False
    ) -> None:
        """Read a text; `previous` is an older document of the same file, whose unchanged pieces are taken over.

        `path` is relative to the project, with forward slashes. The result is the same in every way of reading:
        `whole` asks for one piece (several only if it is not valid), `pure` for the parser written in Python.
        """
        self.path = path
        self.text = text
        self.is_text = False
        self.problems: list[Problem] = []
        self.pieces: list[tuple[int, Piece]] = []
        self.root: Node | None = None
        # Whether it is cut, and nothing is wrong but what is wrong within a piece.
        self._is_plain = False
        # What a newer text may take over: pieces by their text.
        self._kept: dict[str, Piece] = {}
        # For places that belong to no part of the text; it has no tree.
        self.whole = Piece(text)
        if previous is None or whole or pure or not self._is_spliced(previous):
            self._read_all({} if previous is None else previous._kept, whole=whole, pure=pure)
        self._bases = {self.whole: 0} | {piece: base for base, piece in self.pieces}
        for _, piece in self.pieces:
            self.problems.extend(piece.problems)

    def _is_spliced(self, older: Document) -> bool:
        """Take over all but one entry of an older document, where no more has changed; False where that cannot be."""
        if not older._is_plain or not isinstance(older.root, Mapping) or len(self.text) > MAX_SIZE:
            return False
        from upsun_schema.yaml.splicing import splice  # A check reads everything once.

        found = splice(older.pieces, older.root, self.text)
        if found is None or _may_be_unreadable(found.new.text) or BOM in found.new.text:
            return False
        self.pieces, self.root, new, old, start = found
        self.lines = older.lines.edited(self.text, start, start + len(old.text), start + len(new.text))
        self._kept = {source: piece for source, piece in older._kept.items() if piece is not old} | {new.text: new}
        self._is_plain = True
        return True

    def _read_all(self, known: dict[str, Piece], *, whole: bool, pure: bool) -> None:
        self.lines = LineTable(self.text)
        refusal = _refusal(self.text)
        if refusal is not None:
            self._refuse(refusal)
            return
        readable = self._readable(self.text)
        offset = 1 if readable.startswith(BOM) else 0
        self._read(readable[offset:], offset, known, whole=whole, pure=pure)

    def _refuse(self, message: str) -> None:
        piece = Piece(self.text)
        self.pieces = [(0, piece)]
        self.problems.append(Problem("syntax-error", message, Region(piece, 0, min(self.lines.span(0).end, 1))))

    def _readable(self, text: str) -> str:
        """The text with blanks for what YAML cannot hold, and report the first of each run."""
        begin = 1 if text.startswith(BOM) else 0
        found = list(_UNREADABLE.finditer(text, begin)) if _may_be_unreadable(text) else []
        # libyaml takes a byte order mark for a letter like any other: mostly no line can begin with it.
        marked = "\n" + BOM in text and not is_valid(text[begin:])
        if not found and not marked:
            return text
        for match in found[:_MOST_UNREADABLE]:
            message = _unreadable_message(match[0][0])
            self.problems.append(Problem("syntax-error", message, Region(self.whole, match.start(), match.end())))
        for match in list(_MARKED_LINE.finditer(text))[:_MOST_UNREADABLE] if marked else ():
            message = "a byte order mark is allowed only at the beginning of a file"
            self.problems.append(Problem("syntax-error", message, Region(self.whole, match.end() - 1, match.end())))
        # Whatever else there is keeps its place.
        text = text[:begin] + _UNREADABLE.sub(lambda match: " " * len(match[0]), text[begin:])
        return _MARKED_LINE.sub(r" \1", text) if marked else text

    def _read(self, text: str, offset: int, known: dict[str, Piece], *, whole: bool, pure: bool) -> None:
        older, known = known, dict(known)
        slips = _slips(text, known)
        if not slips:
            reading = _reading(text, known, whole=whole, pure=pure)
        else:
            from upsun_schema.yaml.broken.slips import problem_of

            reading = _reading_without(text, slips, known, older, whole=whole, pure=pure)
            self.problems += [problem_of(slip, self.whole, offset) for slip in slips]
        if reading.is_cut:
            self._kept = {piece.text: piece for _, piece in reading.pieces if not piece.is_repaired}
        self.pieces = [(offset + start, piece) for start, piece in reading.pieces]
        self.root = reading.root
        self.problems += reading.problems
        is_simple = reading.is_cut and not (offset or slips or self.problems)
        self._is_plain = is_simple and not any(piece.is_broken or piece.unresolved for _, piece in reading.pieces)

    @property
    def is_broken(self) -> bool:
        """Whether the text is not valid YAML."""
        return any(problem.rule == "syntax-error" for problem in self.problems)

    @property
    def may_include(self) -> bool:
        """Whether it seems to include files. A text that is cut does not."""
        return not self._is_plain and has_include(self.text)

    @property
    def outline(self) -> tuple[object, ...]:
        """What the entries of other files can see of it: its top-level keys, and whether it is valid YAML."""
        pairs = self.root.pairs if isinstance(self.root, Mapping) else []
        return tuple(pair.name for pair in pairs), self.is_broken, len(self.pieces)

    @property
    def comments(self) -> Iterator[Comment]:
        """The comments of the file, in order."""
        for _, piece in self.pieces:
            yield from comments(piece)

    def at(self, offset: int) -> tuple[Piece, int] | None:
        """The piece that holds an offset of this file, and the offset within it."""
        for base, piece in reversed(self.pieces):
            if base <= offset <= base + len(piece.text):
                return piece, offset - base
        return None


class TextDocument(Document):
    """A file included as text, as a script is: one scalar, whatever is in it."""

    __slots__ = ()

    def __init__(self, path: str, text: str) -> None:
        """Take a text; `path` is relative to the project, with forward slashes."""
        piece = Piece(text)
        self.path = path
        self.text = text
        self.is_text = True
        self.lines = LineTable(text)
        self.problems = []
        self.pieces = [(0, piece)]
        self.root = Scalar(piece, 0, 0, len(text), STRING_TAG, None, text, "")
        self._kept = {}
        self._is_plain = False
        self.whole = piece
        self._bases = {piece: 0}


def _refusal(text: str) -> str | None:
    """Why a text is not read at all; None where it is."""
    if len(text) > MAX_SIZE:
        return f"this file is longer than {MAX_SIZE:,} characters and was not analyzed"
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


def _may_be_unreadable(text: str) -> bool:
    """Whether YAML may not be able to hold a text: a fast look, for each keystroke."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return True
    return len(data.translate(None, _CONTROL_BYTES)) < len(data) or any(sign in data for sign in _RARE_BYTES)


def _unreadable_message(char: str) -> str:
    if 0xDC80 <= ord(char) <= 0xDCFF:
        return f"byte 0x{ord(char) - 0xDC00:02X} is not valid UTF-8"
    if char == "\x00":
        return "a YAML file cannot contain a NUL character"
    return f"a YAML file cannot contain the character U+{ord(char):04X}"


def _slips(text: str, known: dict[str, Piece]) -> list[Slip]:
    """What slipped into a text by accident, as far as it can be told. Pieces that were read for it are added."""
    may_be_faulty, may_be_odd = may_have_faults(text), may_have_accidents(text)
    if not may_be_faulty and not may_be_odd:
        return []
    from upsun_schema.yaml.broken.slips import accidents, faults, without  # Most files need none of it.

    slips = accidents(text) if may_be_odd else []
    if may_be_faulty:
        repaired = without(text, slips)
        if stretches := unsound(repaired.text, known):
            further, tabs = faults(text, slips, [repaired.stretch(*one) for one in stretches])
            slips += further
            is_proved = bool(tabs) and not unsound(without(text, slips + tabs).text, known)
            slips += [slip._replace(is_safe=slip.is_safe and is_proved) for slip in tabs]
    return slips


class _Reading(NamedTuple):
    """What a text was read as: its pieces with their offsets, their tree, and what is wrong between them."""

    pieces: list[tuple[int, Piece]]
    root: Node | None
    problems: list[Problem]
    is_cut: bool


def _reading(text: str, known: dict[str, Piece], *, whole: bool, pure: bool) -> _Reading:
    if not whole and (found := cut(text, known, pure=pure)) is not None:
        return _Reading(found.pieces, found.root, found.problems, is_cut=True)
    piece = Piece(text)
    try:
        root, second = build(piece, text, pure=pure)
    except SyntaxFault as fault:
        if whole and (found := cut(text, known, pure=pure)) is not None:
            return _Reading(found.pieces, found.root, found.problems, is_cut=True)
        from upsun_schema.yaml.broken.recovery import recover  # Most files need none of it.

        root = recover(piece, fault)
        # Parts were read in another order.
        for alias in piece.unresolved:
            alias.target = piece.anchors.get(alias.name)
    else:
        if second is not None:
            piece, root = _read_on(piece, root, pure=pure)
    report_unresolved(piece)
    piece.root = root
    return _Reading([(0, piece)], root, [], is_cut=False)


def _reading_without(
    text: str, slips: list[Slip], known: dict[str, Piece], older: dict[str, Piece], *, whole: bool, pure: bool
) -> _Reading:
    """What a text without slips was read as, with the places of the text. `older` are the pieces of an older one."""
    from upsun_schema.yaml.broken.slips import altered, restore, without

    repaired = without(text, slips)
    reading = _reading(repaired.text, known, whole=whole, pure=pure)
    changed = altered(reading.pieces, text, repaired)
    if any(older.get(piece.text) is piece for piece in changed):
        # The older document keeps these pieces, without the slips.
        known = {source: piece for source, piece in known.items() if piece not in changed}
        reading = _reading(repaired.text, known, whole=whole, pure=pure)
    pieces, problems = restore(reading.pieces, reading.problems, text, repaired)
    return reading._replace(pieces=pieces, problems=problems)


def _read_on(piece: Piece, root: Node | None, *, pure: bool) -> tuple[Piece, Node | None]:
    """Report where further documents begin, and read on as if they did not, where that gives one document."""
    begins = list(starts(events(piece.text, pure=pure)))[1:]
    parts = [piece.text[begin + 3 : end] for begin, end in zip([-3, *begins], [*begins, None], strict=True)]
    together = Piece(piece.text)
    try:
        whole, another = build(together, "   ".join(parts), pure=pure)
    except SyntaxFault:
        another = -1
    if another is None:
        piece, root = together, whole
    for begin in begins[:_MOST_DOCUMENTS]:
        message = "a second document begins here; a file may contain one document only"
        piece.problems.append(Problem("syntax-error", message, Region(piece, begin, begin + 3)))
    return piece, root


# -- comments --------------------------------------------------------------------------------------------------------

# libyaml breaks lines at the last three, too.
_COMMENT = expression(r"(?:(?<=[ \t\r\n\x85\u2028\u2029])|\A)#[^\r\n\x85\u2028\u2029]*")


def comments(piece: Piece) -> list[Comment]:
    """The comments of a piece, in order. A `#` inside a value is not one."""
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
