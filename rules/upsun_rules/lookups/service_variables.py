"""The environment variables that relationships provide: `$DATABASE_HOST` for a relationship `database`."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["PROPERTIES", "split_variable"]

PROPERTIES = (
    *("HOST", "HOSTNAME", "HOST_MAPPED", "IP", "INSTANCE_IPS", "PORT", "PATH", "QUERY", "FRAGMENT", "SCHEME"),
    *("USERNAME", "PASSWORD", "REL", "SERVICE", "CLUSTER", "EPOCH", "TYPE", "PUBLIC"),
)
"""How the names of these variables end (docs: development/variables)."""

_LONGEST = 200


@lru_cache(maxsize=1_000)
def split_variable(name: str) -> tuple[str, str] | None:
    """The prefix and the property of a variable that looks like one of a relationship; None for another."""
    at = name.rfind("_") if len(name) <= _LONGEST and name.isupper() else -1
    while at > 0 and name[at + 1 :] not in PROPERTIES:
        at = name.rfind("_", 0, at)
    return (name[:at], name[at + 1 :]) if at > 0 else None
