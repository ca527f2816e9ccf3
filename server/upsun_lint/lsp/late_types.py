"""The classes of lsprotocol, each made complete when it is first used.

Its one module defines 554 classes, and attrs writes and compiles the methods of each: 0.55 s of CPU time and 21 MiB,
more than everything else that the server imports. A session uses some dozens of them.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import attrs

__all__ = ["import_types"]

_ATTRIBUTES = "__attrs_attrs__"
"""Where attrs keeps the fields of a class, and where everybody looks for them."""


class _Late:
    """Takes the place of the fields of a class until somebody asks for them."""

    def __init__(self, cls: type) -> None:
        self._cls = cls

    def __get__(self, instance: object, owner: type) -> object:
        _complete(self._cls)
        return getattr(owner, _ATTRIBUTES)


def import_types() -> None:
    """Import the types of the protocol, unless they are imported already."""
    if "lsprotocol.types" in sys.modules:
        return
    define = attrs.define
    attrs.define = _late  # type: ignore[assignment]
    try:
        import_module("lsprotocol.types")
    finally:
        attrs.define = define
    from lsprotocol import _hooks

    # A new converter would ask for the fields of every class, to resolve the names in their types; `_complete` does.
    _hooks._resolved_forward_references = True


def _late(cls: type) -> type:
    """What the decorator `attrs.define` does, later."""

    def init(self: object, *arguments: Any, **named: Any) -> None:
        _complete(cls)
        cls.__init__(self, *arguments, **named)  # type: ignore[misc]

    cls.__init__ = init  # type: ignore[misc]
    setattr(cls, _ATTRIBUTES, _Late(cls))
    return cls


def _complete(cls: type) -> None:
    """Give a class its methods. A class with slots would be a new class, so it gets none."""
    from lsprotocol import types

    del cls.__init__  # type: ignore[misc]
    delattr(cls, _ATTRIBUTES)
    attrs.define(cls, slots=False)
    attrs.resolve_types(cls, types.ALL_TYPES_MAP, {})
