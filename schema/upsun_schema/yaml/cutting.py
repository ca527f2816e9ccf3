"""One text cut into pieces that mean alone what they mean in the whole, so that unchanged ones need no second look.

A text is cut only at the beginning of a line where a key certainly begins: at the top, and where the entries of a
section begin. Why that is safe: a piece that is valid alone leaves the parser at its end where a line of a block
mapping begins, at the very depth at which the next piece begins. So if every piece is valid, the whole is, with the
same tree. The first piece that is not valid alone decides with all that follows it: either this is valid together,
as with quoted text over several lines, and the text is not cut; or the whole is not valid, and what is said about it is
what is said about its pieces. So it is with sections at the top that are indented while others are not: the pieces are
valid, and only the whole is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType

from upsun_schema.cached import Caching, cached_property
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.building import SyntaxFault, duplicate_keys
from upsun_schema.yaml.nodes import Mapping, Node, Pair, Piece, Problem, Region
from upsun_schema.yaml.parser import build, is_valid
from upsun_schema.yaml.signs import KEY

__all__ = [
    "Cut",
    "cut",
    "has_include",
    "is_one_entry",
    "read_piece",
    "report_unresolved",
    "root_of",
    "section_of",
    "unsound",
]

# A line that begins with one of these may end the document, or is for the parser itself.
_DOCUMENT_LINES = ("\n%", "\n...", "\n---")
# libyaml breaks lines at these, too. They are rare, and nothing else here knows of them.
_RARE_BREAKS = ("\x85", "\u2028", "\u2029")

_BLANK_LINES = r"(?: *+(?:#[^\n]*+)?\r?\n)*+"
# How a key begins that is nothing else in any context but inside quotes or braces. (libyaml skips U+FEFF at the
# beginning of a text only.)
# In one class with the others, it would take three times as long to compile.
_KEY_BEGINS = r"(?!\ufeff)[^\s#?:&*!|>%@`{}\[\],-]"

_TOP = expression(rf"{_BLANK_LINES}(?:---(?: +#[^\n]*+| *)\r?\n{_BLANK_LINES})?")
_HEAD = expression(
    rf"(?P<lead> *)(?:[\w.-]+|'[\w .-]+'|\"[\w .-]+\") *:(?: +#[^\n]*+| *)\r?\n"
    rf"{_BLANK_LINES}(?=(?P<indent> +){_KEY_BEGINS})"
)
_KEY_START = expression(_KEY_BEGINS)
_ANCHOR = expression(r"&([\w-]+)")
_WORD = expression(r"\w+[ \t]*(?:[\r\n]|\Z)")

# What no configuration comes near; cutting up garbage would only take its time.
_MOST_SECTIONS = 1_000
_MOST_BROKEN = 50


class Cut(NamedTuple):
    """The pieces of a text with their offsets (code points), the tree they make, and what is wrong between them."""

    pieces: list[tuple[int, Piece]]
    root: Mapping
    problems: list[Problem]


def cut(text: str, known: MappingType[str, Piece], *, pure: bool = False) -> Cut | None:
    """The pieces of a text (without a byte order mark); None where it must be read as one.

    `known` are pieces of an older text by their own text; they are taken over. The result is the same without them.
    """
    tops = _tops(text)
    try:
        return None if tops is None else _Cutter(text, dict(known), pure=pure).cut(tops)
    except _Together:
        return None


def unsound(text: str, known: dict[str, Piece]) -> list[tuple[int, int]]:
    """The stretches of a text that are not valid YAML; none where the text as a whole is valid.

    The pieces that are valid are taken from `known` by their text, and added to it.
    """
    tops = _tops(text)
    try:
        found = None if tops is None else _Cutter(text, dict(known), recovers=False).cut(tops)
    except _Together:
        found = None
    if found is None:
        return [] if is_valid(text) else [(0, len(text))]
    known.update((piece.text, piece) for _, piece in found.pieces if not piece.is_broken)
    return [(start, start + len(piece.text)) for start, piece in found.pieces if piece.is_broken]


def is_one_entry(stretch: str, older: str, *, is_last: bool) -> bool:
    """Whether a stretch in place of an older one, an entry of a section, is an entry as well, and nothing more.

    What it means is not looked at. `is_last` says whether the text ends with it.
    """
    indent = older[: len(older) - len(older.lstrip(" "))]
    return (
        stretch.startswith(indent)
        and _starts(stretch, indent, 0, len(stretch)) == [0]
        and not _starts(stretch, "", 0, len(stretch))
        and (is_last or stretch.endswith("\n"))
        and not any(char in stretch for char in _RARE_BREAKS)
        and stretch.count("\r") == stretch.count("\r\n")
        and not any(line in stretch for line in _DOCUMENT_LINES)
    )


class _Tops(NamedTuple):
    """Where the sections at the top begin; and how many of them, at the beginning of the text, are indented."""

    starts: list[int]
    indented: int


def _tops(text: str) -> _Tops | None:
    """The sections of a text; None where it has none, or must be read as one."""
    if any(char in text for char in _RARE_BREAKS) or text.count("\r") != text.count("\r\n"):
        return None
    top = _TOP.match(text)
    begin = top.end() if top else 0
    if any(text.find(line, max(begin - 1, 0)) >= 0 for line in _DOCUMENT_LINES):
        return None
    starts = _starts(text, "", begin, len(text))
    if not starts or len(starts) > _MOST_SECTIONS or not _are_keys(text, starts):
        return None
    indented = _indented_tops(text, begin, starts[0]) if starts[0] != begin else []
    return None if indented is None or len(indented) > _MOST_SECTIONS else _Tops(indented + starts, len(indented))


def _starts(text: str, indent: str, begin: int, end: int) -> list[int]:
    """The lines of a stretch, itself of whole lines, that begin with a key after exactly this indentation."""
    is_first = text.startswith(indent, begin, end) and _KEY_START.match(text, begin + len(indent), end)
    # A pattern that begins with a certain text is found six times as fast as one with `^`.
    later = re.compile(f"\n{indent}{_KEY_BEGINS}").finditer(text, begin, end)
    return ([begin] if is_first else []) + [match.start() + 1 for match in later]


def _indented_tops(text: str, begin: int, end: int) -> list[int] | None:
    """Where the sections at the beginning of a text start, if they are indented; None if they are not sections."""
    head = _HEAD.match(text, begin, end)
    if head is None or not head["lead"]:
        return None
    if head["indent"] == head["lead"]:
        return [begin]  # Only this line is indented. What follows belongs to it.
    starts = _starts(text, head["lead"], begin, end)
    return starts if all(KEY.match(text, start + len(head["lead"])) for start in starts) else None


def _are_keys(text: str, tops: list[int]) -> bool:
    """Whether there are keys at the top, except for one word below them that is being typed."""
    others = [top for top in tops if not _is_word_with_colon(text, top) and KEY.match(text, top) is None]
    return not others or (len(others) == 1 and others[0] != tops[0] and _WORD.match(text, others[0]) is not None)


def _is_word_with_colon(text: str, start: int) -> bool:
    """Whether a line is a key like nearly all at the top: that is seen without an expression to compile."""
    end = text.find(":", start)
    return end > 0 and text[start:end].isidentifier() and text[end + 1 : end + 2] in ("\n", "")


class _Together(Exception):
    """A piece means something only together with what surrounds it."""


class _Cutter(Caching):
    """Cuts a text. Where it `recovers`, something is made of the pieces that are not valid."""

    def __init__(self, text: str, known: dict[str, Piece], *, pure: bool = False, recovers: bool = True) -> None:
        self.text = text
        self.known = known
        self.pure = pure
        self.recovers = recovers
        self.pieces: list[tuple[int, Piece]] = []
        self.problems: list[Problem] = []
        self.broken = 0

    @cached_property
    def anchors(self) -> frozenset[str]:
        """The names behind every `&` of the text, anchors or not."""
        return frozenset(_ANCHOR.findall(self.text))

    def cut(self, tops: _Tops) -> Cut:
        starts, indented = tops
        if indented and not self.recovers:
            raise _Together
        if starts[0]:
            self.pieces.append((0, Piece(self.text[: starts[0]])))
        pairs: list[Pair] = []
        for index, (top, end) in enumerate(zip(starts, [*starts[1:], len(self.text)], strict=True)):
            pairs += self._section(top, end, before="y: 0\n" if pairs else "")
            if index < indented and self.broken:
                raise _Together
        if indented:
            self.problems.append(self._deeper(pairs[0]))
        self.problems += duplicate_keys(pairs)
        root = root_of(pairs) if pairs else Mapping(self.pieces[-1][1], 0, 0, 0, None, None)
        return Cut(self.pieces, root, self.problems)

    def _deeper(self, first: Pair) -> Problem:
        """The problem that the sections at the beginning of the text are indented, at the first of them."""
        from upsun_schema.yaml.broken.indentation import DEEPER

        piece, start = first.key.piece, first.key.start
        end = start + len(piece.text[start:].partition("\n")[0].rstrip())
        return Problem("syntax-error", DEEPER, Region(piece, start, end))

    def _section(self, top: int, end: int, before: str) -> list[Pair]:
        """The section that begins at the top; `before` is a short text in place of what is above it."""
        head = _HEAD.match(self.text, top, end)
        if head is None or len(head["indent"]) < len(head["lead"]):
            return self._pairs(top, end, before)
        pairs = self._pairs(top, head.end(), before)
        if len(pairs) != 1:
            raise _Together  # A name too long to be a key.
        (section,) = pairs
        indent = head["indent"]
        starts = _starts(self.text, indent, head.end(), end)
        entries: list[Pair] = []
        certain: list[Pair] = []
        for start, stop in zip(starts, [*starts[1:], end], strict=True):
            found = self._pairs(start, stop, f"x:\n{indent}y: 0\n" if entries else "x:\n")
            entries += found
            # What else a broken piece seems to hold beside its entry is recovery's guess.
            certain += found[:1] if self.pieces[-1][1].is_broken else found
        self.problems += duplicate_keys(certain)
        return [section_of(section.key, entries)]

    def _pairs(self, start: int, end: int, before: str) -> list[Pair]:
        """The pairs of the piece that a stretch makes. Raises `_Together` where it means something else alone."""
        stretch = self.text[start:end]
        piece = self.known.pop(stretch, None) or read_piece(stretch, pure=self.pure, recovers=self.recovers)
        if piece is None:
            raise _Together
        if piece.unresolved and not self.anchors.isdisjoint(alias.name for alias in piece.unresolved):
            raise _Together
        if piece.is_broken:
            if not self.broken and is_valid(before + self.text[start:], pure=self.pure):
                raise _Together
            self.broken += 1
            if self.broken > _MOST_BROKEN:
                raise _Together
        self.pieces.append((start, piece))
        pairs = piece.root.pairs if isinstance(piece.root, Mapping) else []
        if len(pairs) > 1 and not piece.is_broken and next(duplicate_keys(pairs), None) is not None:
            raise _Together  # Explicit keys, of which several are in a piece: the first one may be in another piece.
        return pairs


def read_piece(stretch: str, *, pure: bool = False, recovers: bool = True) -> Piece | None:
    """A piece of a text; None where it must be read with the whole text. If it `recovers`, a broken one has a tree."""
    if has_include(stretch):
        # Whatever reaches outside its piece is read with the whole file, every time.
        return None
    piece = Piece(stretch)
    try:
        root, _ = build(piece, stretch, pure=pure, depth=1 if stretch[0] == " " else 0)
        if not isinstance(root, Mapping):
            raise SyntaxFault("could not find expected ':'", 0)
        piece.root = root
    except SyntaxFault as fault:
        piece.is_broken = True
        if recovers:
            from upsun_schema.yaml.broken.recovery import recover  # Most files need none of it.

            piece.root = recover(piece, fault)
    report_unresolved(piece)
    return piece


def root_of(pairs: list[Pair]) -> Mapping:
    """The map of all pairs at the top. It spans several pieces, so its place is that of its first key."""
    first = pairs[0].key
    return Mapping(first.piece, first.start, first.start, first.end, None, None, pairs=pairs)


def section_of(key: Node, entries: list[Pair]) -> Pair:
    """A section with its entries, each of which is a piece: the place of their map is behind the key."""
    colon = key.end + 1
    return Pair(key, Mapping(key.piece, colon, colon, colon, None, None, pairs=entries))


def report_unresolved(piece: Piece) -> None:
    """Report the aliases of a piece that refer to nothing."""
    for alias in piece.unresolved:
        if alias.target is None:
            message = f"anchor `&{alias.name}` is not defined above this alias; anchors work only within one file"
            piece.problems.append(Problem("syntax-error", message, alias.region))


def has_include(text: str) -> bool:
    """Whether a text seems to include files."""
    return "!include" in text or "!archive" in text
