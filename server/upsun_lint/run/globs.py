"""Glob patterns: `*` matches anything in one name, `**` any folders, `?` one character."""

from __future__ import annotations

import re

from upsun_schema.expression import expression

__all__ = ["fits", "matches"]


def matches(pattern: str, path: str) -> bool:
    """Whether a glob matches a path; without a slash it matches any name in the path. `**` matches any folders."""
    if "/" not in pattern.strip("/"):
        return any(fits(pattern.strip("/"), name) for name in path.split("/"))
    return fits(pattern.removeprefix("./").removeprefix("/"), path)


_STEP = expression(r"\*\*/|\*\*|\*|.", re.DOTALL)


def fits(pattern: str, path: str) -> bool:
    """Whether a glob matches a whole path.

    A regular expression would take exponential time for some globs. Here bit `i` of a number says whether the pattern
    so far can match the first `i` characters of the path.
    """
    end = 1 << len(path)
    places = {char: sum(1 << index for index, found in enumerate(path) if found == char) for char in set(path)}
    slashes = places.get("/", 0)
    names = end - 1 & ~slashes
    reached = 1
    for match in _STEP.finditer(pattern):
        step, lowest = match[0], reached & -reached
        if step == "*":
            reached |= (names + (reached & names)) ^ names  # The carry runs to the end of a name.
        elif step == "**":
            reached = -lowest & (2 * end - 1)
        elif step == "**/":
            first = reached & names
            reached |= slashes << 1 & -(first & -first) if first else 0
        else:
            reached = (reached & (names if step == "?" else places.get(step, 0))) << 1
        if not reached:
            return False
    return bool(reached & end)
