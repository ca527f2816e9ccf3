"""Regular expressions that are compiled at their first use: a check of a small project uses a third of ours."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = ["expression"]


class _Expression:
    """A pattern that is compiled once something is asked of it. Its methods are kept: only the first costs more."""

    def __init__(self, text: str, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, found)
        return found


def expression(text: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern that `re.compile` makes, for its methods and attributes only: do not pass it to functions of `re`."""
    return _Expression(text, flags)  # type: ignore[return-value]
