"""Workers and cron jobs of one application that share a node through an alias, a merge key or an include."""

from __future__ import annotations

from collections.abc import Callable

from upsun_schema.configuration.model import Cron, Worker
from upsun_schema.yaml.nodes import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    _View = TypeVar("_View", bound="Cron | Worker")


__all__ = ["is_first", "node_of"]


def is_first(view: _View, part: Callable[[_View], Node | None]) -> bool:
    """Whether no earlier worker (or cron job) of the application has the same node as this part."""
    known, key = view.application.memory, ("have a part again", type(view), part)
    if key not in known:
        known[key] = _repeats(view, part)
    return view not in known[key]


def node_of(view: Cron | Worker) -> Node:
    """The whole value of a worker or cron job."""
    return view.node


def _repeats(view: _View, part: Callable[[_View], Node | None]) -> set[object]:
    """The siblings whose part an earlier one has."""
    siblings = view.application.crons if isinstance(view, Cron) else view.application.workers
    seen: set[Node] = set()
    found: set[object] = set()
    for other in siblings.values():
        node = part(other)  # type: ignore[arg-type]
        if node in seen:
            found.add(other)
        elif node is not None:
            seen.add(node)
    return found
