"""One entry that differs from an older one in one block only, however deep: the block is read, the rest is copied.

The result is what reading the entry gives, for the reason why a text can be cut: a block that is valid alone, and
begins with a key where a block began, leaves the parser at its end where the next block begins.
"""

from __future__ import annotations

from bisect import bisect_right

from upsun_schema.yaml.building import SyntaxFault
from upsun_schema.yaml.cutting import has_include, is_one_entry
from upsun_schema.yaml.nodes import Mapping, Pair, Piece, moved
from upsun_schema.yaml.parser import build
from upsun_schema.yaml.text import common

__all__ = ["patched"]


def patched(old: Piece, text: str, *, is_last: bool) -> Piece | None:
    """A piece of one entry with a text in place of that of an older one; None where it must be read whole.

    `is_last` says whether the file ends with it.
    """
    if old.anchors or old.problems or not isinstance(old.root, Mapping) or len(old.root.pairs) != 1:
        return None
    patch = _Patch(old.text, text, is_last=is_last)
    try:
        pair = patch.pair(old.root.pairs[0], len(old.text), depth=1)
    except (SyntaxFault, _Whole):
        return None
    if pair is None:
        return None
    piece, root = patch.piece, old.root
    piece.root = Mapping(piece, root.outer, root.start, max(pair.key.end, pair.value.end), None, None, pairs=[pair])
    if not piece.anchors:
        piece.kept = {} if old.kept is None else old.kept
    return piece


class _Whole(Exception):
    """What was read means something only together with what surrounds it."""


class _Patch:
    """Where an older text and a new one differ, and the piece of the new one."""

    def __init__(self, old: str, new: str, *, is_last: bool) -> None:
        self.old = old
        self.new = new
        self.is_last = is_last
        self.piece = Piece(new)
        self.grown = len(new) - len(old)
        self.start = common(old, new)
        self.end = len(old) - common(old[self.start :], new[self.start :], at_end=True)

    def pair(self, older: Pair, stop: int, depth: int) -> Pair | None:
        """The pair that an older one is now, whose block ended at an offset of the old text."""
        return self._with_new_block(older, stop, depth) or self._read(older, stop, depth)

    def _with_new_block(self, older: Pair, stop: int, depth: int) -> Pair | None:
        """The pair with one block of its value read; None where more than that has changed."""
        value = older.value
        if not isinstance(value, Mapping) or value.flow or value.tag is not None:
            return None
        begins = [self._line(pair) for pair in value.pairs]
        index = bisect_right(begins, self.start) - 1
        end = begins[index + 1] if index + 1 < len(begins) else stop
        if index < 0 or self.end > end or -1 in begins:
            return None
        new = self.pair(value.pairs[index], end, depth + 1)
        if new is None:
            return None
        above = [self._moved(pair, 0) for pair in value.pairs[:index]]
        below = [self._moved(pair, self.grown) for pair in value.pairs[index + 1 :]]
        pairs = [*above, new, *below]
        if new.name is None or new.is_merge or len({pair.name for pair in pairs}) < len(pairs):
            raise _Whole
        last = pairs[-1]
        ends = max(last.key.end, last.value.end)
        key = moved(older.key, self.piece, 0)
        return Pair(key, Mapping(self.piece, value.outer, value.start, ends, None, None, pairs=pairs))

    def _read(self, older: Pair, stop: int, depth: int) -> Pair | None:
        """The pair, read alone. Raises `SyntaxFault` where it is not valid."""
        begin = self._line(older)
        stretch = self.new[begin : stop + self.grown]
        is_last = self.is_last and stop == len(self.old)
        if begin < 0 or has_include(stretch) or not is_one_entry(stretch, self.old[begin:stop], is_last=is_last):
            return None
        root, _ = build(self.piece, stretch, begin, depth=depth)
        if not isinstance(root, Mapping) or len(root.pairs) != 1:
            raise _Whole
        return root.pairs[0]

    def _line(self, pair: Pair) -> int:
        """Where the line of a pair begins in the old text; -1 where something else is on it before the pair."""
        begin = self.old.rfind("\n", 0, pair.key.outer) + 1
        return -1 if self.old[begin : pair.key.outer].strip(" ") else begin

    def _moved(self, pair: Pair, shift: int) -> Pair:
        return Pair(moved(pair.key, self.piece, shift), moved(pair.value, self.piece, shift))
