"""What was found out about a piece of text, kept with it: a piece whose text does not change keeps its findings."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from upsun_schema.yaml.nodes import Piece

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    _Found = TypeVar("_Found")


__all__ = ["recalled", "remembered"]


def remembered(
    piece: Piece,
    key: Hashable,
    valid_for: object,
    make: Callable[[], _Found],
    *,
    holds: Callable[[_Found], bool] | None = None,
) -> _Found:
    """The result of `make`, which is called again only once `valid_for` changes or `holds` says no.

    `valid_for` is everything outside the piece that the result depends on. A key belongs to one caller.
    """
    known = piece.memory.get(key)
    if known is not None and known[0] == valid_for and (holds is None or holds(known[1])):
        result: _Found = known[1]
        return result
    result = make()
    piece.memory[key] = valid_for, result
    return result


def recalled(piece: Piece, key: Hashable) -> Any:
    """What `remembered` found last for a key; None if it was not asked for."""
    known = piece.memory.get(key)
    return None if known is None else known[1]
