"""From YAML text to a tree, by way of the events of a parser."""

from __future__ import annotations

from functools import partial

from upsun_schema.yaml.building import Builder
from upsun_schema.yaml.events import are_valid, events, replay
from upsun_schema.yaml.libyaml import CParser, YAMLError
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
    if not pure and CParser is not None:
        builder = Builder(piece, text, shift, depth)
        try:
            return _finished(builder, replay(CParser(text).get_event, builder))
        except YAMLError:
            pass  # It is read again, with all that an old libyaml takes for an error, and for the fault.
    builder = Builder(piece, text, shift, depth)
    return _finished(builder, replay(partial(next, events(text, pure=pure), None), builder))


def _finished(builder: Builder, second: int | None) -> tuple[Node | None, int | None]:
    return builder.finish(), None if second is None else second + builder.shift


def is_valid(text: str, *, pure: bool = False) -> bool:
    """Whether a text is valid YAML and not nested too deep, as far as the parser can tell."""
    return are_valid(events(text, pure=pure))
