"""Regular expressions (PCRE) that cannot be valid."""

from __future__ import annotations

import re

from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple

__all__ = ["PatternFault", "fault_of"]

_EXTENDED = expression(r"\(\?[a-zA-Z^-]*x|\(\*")
_TOKEN = expression(r"\\Q.*?(?:\\E|\Z)|\\.|\(\?#[^)]*\)|\[\^?\]?|[()*+?|\\]|[^\\\[()*+?|]+", re.DOTALL)
_OPENING = expression(r"\?(?:[:=!>|]|<[=!]|P?<\w+>|'\w+'|[a-zA-Z^-]*:)?")
_IN_CLASS = expression(r"\\Q.*?(?:\\E|\Z)|\\.|\[:\^?\w+:\]|[^\]]", re.DOTALL)


class PatternFault(NamedTuple):
    """What is wrong with a pattern, in words, and where (code points)."""

    why: str
    start: int
    end: int


def fault_of(pattern: str) -> PatternFault | None:
    """What makes a pattern invalid in every dialect; None where it may be valid.

    Only brackets, a lone backslash at the end and quantifiers without anything to repeat are looked at. A pattern with
    free spacing or verbs is not judged.
    """
    if _EXTENDED.search(pattern):
        return None
    opened: list[int] = []
    repeatable, at = False, 0
    while at < len(pattern):
        match = _TOKEN.match(pattern, at)
        if match is None:
            return None
        token = match[0]
        end = match.end()
        if token.startswith("["):
            closed = _end_of_class(pattern, end)
            if closed is None:
                return PatternFault("`[` is never closed", at, at + 1)
            end, repeatable = closed, True
        elif token == "(":
            opened.append(at)
            # The `?` that a group begins with is not a quantifier.
            group = _OPENING.match(pattern, end)
            end, repeatable = (end if group is None else group.end()), False
        elif token == ")":
            if not opened:
                return PatternFault("`)` closes nothing", at, end)
            opened.pop()
            repeatable = True
        elif token == "|":
            repeatable = False
        elif token in "*+?":
            if not repeatable:
                return PatternFault(f"there is nothing that `{token}` could repeat", at, end)
        elif token == "\\":
            return PatternFault("the last backslash escapes nothing", at, end)
        elif not token.startswith("(?#"):
            repeatable = True
        at = end
    if opened:
        return PatternFault("`(` is never closed", opened[-1], opened[-1] + 1)
    return None


def _end_of_class(pattern: str, at: int) -> int | None:
    """Where a character class ends; None where it is not closed."""
    while at < len(pattern):
        if pattern[at] == "]":
            return at + 1
        match = _IN_CLASS.match(pattern, at)
        if match is None:
            return None
        at = match.end()
    return None
