"""The environment variables that relationships provide: `$DATABASE_HOST` for a relationship `database`."""

from __future__ import annotations

from functools import lru_cache

from upsun_schema.expression import expression

__all__ = ["PROPERTIES", "split_variable"]

PROPERTIES = (
    *("HOST", "HOSTNAME", "HOST_MAPPED", "IP", "INSTANCE_IPS", "PORT", "PATH", "QUERY", "FRAGMENT", "SCHEME"),
    *("USERNAME", "PASSWORD", "REL", "SERVICE", "CLUSTER", "EPOCH", "TYPE", "PUBLIC"),
)
"""How the names of these variables end (docs: development/variables)."""

_ENDING = expression(rf"(.+)_({'|'.join(sorted(PROPERTIES, key=len, reverse=True))})")
_LONGEST = 200


@lru_cache(maxsize=1_000)
def split_variable(name: str) -> tuple[str, str] | None:
    """The prefix and the property of a variable that looks like one of a relationship; None for another."""
    match = _ENDING.fullmatch(name) if len(name) <= _LONGEST and name.isupper() else None
    return None if match is None else (match[1], match[2])
