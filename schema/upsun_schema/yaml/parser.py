"""From YAML text to a tree: by its lines where they are as usual, by the events of libyaml where they are not."""

from __future__ import annotations

from upsun_schema.yaml.block_style import read
from upsun_schema.yaml.building import Builder
from upsun_schema.yaml.nodes import Node, Piece

__all__ = ["build", "is_valid"]


def build(
    piece: Piece, text: str, shift: int = 0, *, pure: bool = False, depth: int = 0
) -> tuple[Node | None, int | None]:
    """The root node of a YAML text, and the offset of a second document in it if there is one.

    The nodes belong to `piece`; `shift` is added to every offset, for a text that begins inside the piece. `depth` is
    how many collections it is inside of. Anchors are looked up in and added to those of the piece, unless this raises
    `SyntaxFault`, with an offset in `text`. `pure` asks for the parser written in Python.
    """
    builder = Builder(piece, text, shift, depth)
    if not pure and read(text, builder):
        return builder.finish(), None
    from upsun_schema.yaml.events import events, replay  # Most files do not need libyaml.

    builder = Builder(piece, text, shift, depth)
    second = replay(events(text, pure=pure), builder)
    return builder.finish(), None if second is None else second + shift


def is_valid(text: str, *, pure: bool = False) -> bool:
    """Whether a text is valid YAML and not nested too deep, as far as the parser can tell."""
    from upsun_schema.yaml.events import are_valid, events

    return are_valid(events(text, pure=pure))
