"""The names of time zones, as the TZ database has them.

They are in `timezones.json`, since not every system has the whole database: `zones` are the usual names, `aliases` the
older and the general ones, such as `US/Eastern` and `Etc/GMT`.
"""

from __future__ import annotations

from functools import cache

from upsun_schema.data_files import json_beside

__all__ = ["all_zones", "usual_zones"]


@cache
def _table() -> dict[str, list[str]]:
    return dict(json_beside(__file__, "timezones.json"))


@cache
def usual_zones() -> tuple[str, ...]:
    """The names to choose from, `UTC` first."""
    return ("UTC", *(name for name in _table()["zones"] if name != "UTC"))


@cache
def all_zones() -> frozenset[str]:
    """Every valid name."""
    return frozenset(_table()["zones"]) | frozenset(_table()["aliases"])
