"""What a parser reads, one event after the other: tuples that begin with their kind and where they begin and end.

The parser in C calls these functions in place of the classes of ruamel.yaml, whose objects take four times as long to
make; a large file has tens of thousands. What comes behind the places:

- `SCALAR`: its text, its style (empty for plain text), its tag, its anchor
- `MAP` and `LIST`: their tag, their anchor, whether they are in flow style
- `ALIAS`: its name
- `END` (of the innermost map or list), `DOCUMENT` (the beginning of one) and `OTHER`: nothing
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Event = tuple[Any, ...]


__all__ = ["ALIAS", "COLLECTIONS", "DOCUMENT", "END", "LIST", "MAKERS", "MAP", "OTHER", "SCALAR", "converted"]

SCALAR, MAP, LIST, END, ALIAS, DOCUMENT, OTHER = range(7)
COLLECTIONS = frozenset({MAP, LIST})


def _scalar(
    anchor: str | None, tag: str | None, implicit: object, text: str, start: Any, end: Any, style: str | None
) -> Event:
    return SCALAR, start.index, end.index, text, style or "", tag, anchor


def _map(anchor: str | None, tag: str | None, implicit: object, start: Any, end: Any, flow: bool | None) -> Event:
    return MAP, start.index, end.index, tag, anchor, bool(flow)


def _list(anchor: str | None, tag: str | None, implicit: object, start: Any, end: Any, flow: bool | None) -> Event:
    return LIST, start.index, end.index, tag, anchor, bool(flow)


def _alias(name: str, start: Any, end: Any) -> Event:
    return ALIAS, start.index, end.index, name


def _end(start: Any, end: Any) -> Event:
    return END, start.index, end.index


def _document(start: Any, end: Any, *about: object) -> Event:
    return DOCUMENT, start.index, end.index


def _other(start: Any, end: Any, *about: object) -> Event:
    return OTHER, start.index, end.index


MAKERS: dict[str, Callable[..., Event]] = {
    "ScalarEvent": _scalar,
    "MappingStartEvent": _map,
    "SequenceStartEvent": _list,
    "MappingEndEvent": _end,
    "SequenceEndEvent": _end,
    "AliasEvent": _alias,
    "DocumentStartEvent": _document,
    "DocumentEndEvent": _other,
    "StreamStartEvent": _other,
    "StreamEndEvent": _other,
}
"""What makes an event, by the name of the class of ruamel.yaml in whose place it is called."""


def converted(event: Any) -> Event:
    """An event of the parser in Python, whose classes are those of ruamel.yaml."""
    name = type(event).__name__
    places = event.start_mark, event.end_mark
    if name == "ScalarEvent":
        return _scalar(event.anchor, event.tag, None, event.value, *places, event.style)
    if name in ("MappingStartEvent", "SequenceStartEvent"):
        make = _map if name == "MappingStartEvent" else _list
        return make(event.anchor, event.tag, None, *places, event.flow_style)
    return _alias(event.anchor, *places) if name == "AliasEvent" else MAKERS[name](*places)
