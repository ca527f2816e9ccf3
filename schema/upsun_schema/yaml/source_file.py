"""The text of a file and the pieces that it is cut into, without their trees: enough to say where something is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from upsun_schema.yaml.nodes import Piece, Region
from upsun_schema.yaml.text import LineTable, Span

__all__ = ["SourceFile"]


class SourceFile:
    """A file of a project; `path` is relative to the project, with forward slashes.

    `is_text`: it was included as text, as a script is.
    """

    __slots__ = ("_bases", "is_text", "lines", "path", "text")

    def __init__(self, path: str, text: str, bases: Mapping[Piece, int], *, is_text: bool) -> None:
        """`bases` are the offsets (code points) of its pieces, or of some of them, and of the whole text as one."""
        self.path = path
        self.text = text
        self.lines = LineTable(text)
        self.is_text = is_text
        self._bases = bases

    @property
    def all_pieces(self) -> Iterable[Piece]:
        """The pieces, and the whole text as one."""
        return self._bases.keys()

    def span(self, region: Region) -> Span | None:
        """Where a region is in this file, in code points; None where it belongs to another file."""
        base = self._bases.get(region.piece)
        return None if base is None else Span(base + region.start, base + region.end)

    def base(self, piece: Piece) -> int:
        """Where a piece of this file begins in it."""
        return self._bases[piece]

    def holds(self, piece: Piece) -> bool:
        """Whether a piece belongs to this file."""
        return piece in self._bases

    def with_pieces(self, wanted: Set[Piece]) -> SourceFile:
        """The same file without its tree, and with those of its pieces that are wanted, the same objects."""
        bases = {piece: base for piece, base in self._bases.items() if piece in wanted}
        return SourceFile(self.path, self.text, bases, is_text=self.is_text)
