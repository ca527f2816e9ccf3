"""A text that differs from an older one in one entry only, as after most keystrokes: the entry is read, nothing else.

The result is what cutting the whole text gives. This holds because the lines at which a text is cut, and the signs of
what must not be cut, are found line by line, so that the entry alone tells whether there are others now. Whatever else
may change what surrounds the entry (its name, an alias, an error in it) is left to cutting.
"""

from __future__ import annotations

from upsun_schema.record import NamedTuple
from upsun_schema.yaml.cutting import is_one_entry, read_piece, root_of, section_of
from upsun_schema.yaml.nodes import Mapping, Pair, Piece
from upsun_schema.yaml.patching import patched
from upsun_schema.yaml.signs import may_have_accidents, may_have_faults

__all__ = ["Splice", "splice"]

_Pieces = list[tuple[int, Piece]]


class Splice(NamedTuple):
    """The pieces of a text and its tree; the piece that is new, the one in its place before, and where it begins."""

    pieces: _Pieces
    root: Mapping
    new: Piece
    old: Piece
    start: int


def splice(pieces: _Pieces, root: Mapping, text: str) -> Splice | None:
    """Read a text with the pieces and the tree of an older one; None where that is not possible.

    In the older one nothing may be wrong but what is wrong within a piece.
    """
    found = _changed(pieces, text)
    if found is None:
        return None
    index, stretch = found
    start, old = pieces[index]
    place = _place(root, old)
    is_last = index == len(pieces) - 1
    if place is None or not is_one_entry(stretch, old.text, is_last=is_last):
        return None
    if may_have_faults(stretch) or may_have_accidents(stretch):
        return None
    new = patched(old, stretch, is_last=is_last)
    if new is None:
        new = read_piece(stretch)
    if new is None or new.is_broken or new.unresolved or not _has_same_key(new, old):
        return None
    grown = len(stretch) - len(old.text)
    moved = pieces[index + 1 :] if not grown else [(base + grown, piece) for base, piece in pieces[index + 1 :]]
    return Splice([*pieces[:index], (start, new), *moved], _replaced(root, *place, new), new, old, start)


def _changed(pieces: _Pieces, text: str) -> tuple[int, str] | None:
    """The index of the only piece that is not what it was, and its text now; None where several are not."""
    for index, (start, piece) in enumerate(pieces):
        if not text.startswith(piece.text, start) or index == len(pieces) - 1:
            break
    else:
        return None
    grown = len(text) - pieces[-1][0] - len(pieces[-1][1].text)
    if len(piece.text) + grown <= 0:
        return None
    if not all(text.startswith(piece.text, base + grown) for base, piece in reversed(pieces[index + 1 :])):
        return None
    return index, text[start : start + len(piece.text) + grown]


def _place(root: Mapping, piece: Piece) -> tuple[int, int] | None:
    """The indices of the section and of the entry in it that make a piece; None where it is something else."""
    for index, section in enumerate(root.pairs):
        entries = section.value
        if section.key.piece is not piece and isinstance(entries, Mapping):
            for number, entry in enumerate(entries.pairs):
                if entry.key.piece is piece:
                    return index, number
    return None


def _has_same_key(new: Piece, old: Piece) -> bool:
    one, other = _only(new), _only(old)
    return one is not None and other is not None and one.key.source == other.key.source and one.name == other.name


def _only(piece: Piece) -> Pair | None:
    """The pair of a piece, if it has no other."""
    return piece.root.pairs[0] if isinstance(piece.root, Mapping) and len(piece.root.pairs) == 1 else None


def _replaced(root: Mapping, index: int, number: int, piece: Piece) -> Mapping:
    """The tree with the pair of a piece in place of an entry."""
    section = root.pairs[index]
    assert isinstance(section.value, Mapping)
    assert isinstance(piece.root, Mapping)
    before = section.value.pairs
    entries = [*before[:number], *piece.root.pairs, *before[number + 1 :]]
    return root_of([*root.pairs[:index], section_of(section.key, entries), *root.pairs[index + 1 :]])
