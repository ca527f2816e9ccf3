"""The table of frameworks; see `frameworks.json`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from upsun_schema.data_files import json_beside
from upsun_schema.record import NamedTuple

__all__ = ["Framework", "frameworks", "frameworks_by_command"]


class Framework(NamedTuple):
    """A package, or several of which any will do, and the commands that it provides.

    `start` is what a worker has to run for it; "" if it also works without a separate process.
    """

    label: str
    ecosystem: str
    packages: tuple[str, ...]
    commands: frozenset[str]
    start: str
    why: str


@lru_cache(maxsize=1)
def frameworks() -> tuple[Framework, ...]:
    """Every row of the table."""
    rows = json_beside(__file__, "frameworks.json")["rows"]
    return tuple(
        Framework(
            row["label"],
            row["ecosystem"],
            tuple(row["packages"]),
            frozenset(row["commands"]),
            row.get("start", ""),
            row["why"],
        )
        for row in rows
    )


@lru_cache(maxsize=1)
def frameworks_by_command() -> Mapping[str, tuple[Framework, ...]]:
    """The rows by the ids of their commands."""
    found: dict[str, tuple[Framework, ...]] = {}
    for row in frameworks():
        for command in row.commands:
            found[command] = (*found.get(command, ()), row)
    return found
