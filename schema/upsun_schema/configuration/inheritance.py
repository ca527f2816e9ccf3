"""The effective configuration of a worker: each property, its value, where it comes from, what an override drops.

A worker inherits a property of its application whole or not at all: its own value replaces the whole block
(docs, configure-apps/app-reference/single-runtime-image: an override must provide the entire property).
"""

from __future__ import annotations

from enum import Enum

from upsun_schema.record import NamedTuple
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Mapping, Pair

__all__ = ["INHERITED", "SHARED", "Effective", "Origin", "effective"]

INHERITED = (
    "relationships",
    "mounts",
    "variables",
    "access",
    "firewall",
    "additional_hosts",
    "container_profile",
    "authorizations",
)
"""The properties a worker takes from its application unless it sets them itself (docs: configure-apps/workers)."""

SHARED = ("type", "stack", "source", "build", "dependencies", "runtime", "hooks")
"""What a worker always shares with its application and cannot set."""

_DEFAULTS: dict[str, str] = {
    "relationships": "{}",
    "mounts": "{}",
    "variables": "{}",
    "access": "{ssh: contributor}",
    "firewall": "all outbound traffic allowed",
    "additional_hosts": "{}",
    "container_profile": "set by the image",
    "authorizations": "none",
}


class Origin(Enum):
    """Where a value comes from."""

    OWN = "own"
    APPLICATION = "application"
    DEFAULT = "default"


class Effective(NamedTuple):
    """One property of a worker as it is in the end.

    `pair` is where the value is written (None: the platform's default, in words in `default`); `replaced` is the
    application's entry that an override replaces as a whole; `dropped` are the names in it that the worker
    does not set again (`prefix:name` for variables).
    """

    name: str
    origin: Origin
    pair: Pair | None
    default: str
    replaced: Pair | None
    dropped: dict[str, Pair]


def effective(name: str, own: Pair | None, above: Pair | None) -> Effective:
    """One inheritable property of a worker, given its own entry and its application's."""
    default = _DEFAULTS[name]
    if own is not None:
        return Effective(name, Origin.OWN, own, default, above, _dropped(name, own, above))
    origin = Origin.DEFAULT if above is None else Origin.APPLICATION
    return Effective(name, origin, above, default, None, {})


def _dropped(name: str, own: Pair, above: Pair | None) -> dict[str, Pair]:
    if above is None:
        return {}
    kept = _names(name, own)
    return {key: pair for key, pair in _known_names(name, above).items() if key not in kept}


def _known_names(name: str, pair: Pair) -> dict[str, Pair]:
    """The names in a block of an application, which is asked for by each worker that overrides it."""
    return remembered(pair.key.piece, ("names", pair), None, lambda: _names(name, pair))


def _names(name: str, pair: Pair) -> dict[str, Pair]:
    """The names in a block: those of its entries, for variables `prefix:name`."""
    node = pair.value.resolved
    if not isinstance(node, Mapping):
        return {}
    if name == "mounts":
        return {key.strip("/"): entry for key, entry in node.entries.items()}
    if name != "variables":
        return node.entries
    return {
        f"{prefix}:{key}": entry
        for prefix, group in node.entries.items()
        if isinstance(entries := group.value.resolved, Mapping)
        for key, entry in entries.entries.items()
    }
