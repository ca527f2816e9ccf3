"""Workers and cron jobs of one application that share a node through an alias, a merge key or an include."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from upsun_schema.configuration.model import Cron, Worker
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Node

__all__ = ["is_first", "node_of"]

_View = TypeVar("_View", bound="Cron | Worker")


def is_first(view: _View, part: Callable[[_View], Node | None]) -> bool:
    """Whether no earlier worker (or cron job) of the application has the same node as this part."""
    node = part(view)
    if node is None:
        return True
    application = view.application
    key = "first with a part", application.key.start, type(view), part
    return remembered(application.key.piece, key, application, lambda: _firsts(view, part)).get(node) is view


def node_of(view: Cron | Worker) -> Node:
    """The whole value of a worker or cron job."""
    return view.node


def _firsts(view: _View, part: Callable[[_View], Node | None]) -> dict[Node, object]:
    siblings = view.application.crons if isinstance(view, Cron) else view.application.workers
    found: dict[Node, object] = {}
    for other in siblings.values():
        node = part(other)  # type: ignore[arg-type]
        if node is not None:
            found.setdefault(node, other)
    return found
