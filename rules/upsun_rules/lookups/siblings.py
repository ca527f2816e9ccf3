"""Workers and cron jobs of one application that share a node through an alias, a merge key or an include."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from upsun_schema.configuration.model import Application, Cron, Worker
from upsun_schema.yaml.nodes import Node

__all__ = ["is_first", "node_of"]

_View = TypeVar("_View", bound="Cron | Worker")


def is_first(view: _View, part: Callable[[_View], Node | None]) -> bool:
    """Whether no earlier worker (or cron job) of the application has the same node as this part."""
    node = part(view)
    if node is None:
        return True
    facts = view.application.key.piece.facts
    key = ("first with a part", view.application.key.start, type(view), part)
    known = facts.get(key)
    if not isinstance(known, _Firsts) or known.application is not view.application:
        known = facts[key] = _Firsts(view.application, _firsts(view, part))
    return known.views.get(node) is view


def node_of(view: Cron | Worker) -> Node:
    """The whole value of a worker or cron job."""
    return view.node


class _Firsts(NamedTuple):
    application: Application
    views: dict[Node, object]


def _firsts(view: _View, part: Callable[[_View], Node | None]) -> dict[Node, object]:
    siblings = view.application.crons if isinstance(view, Cron) else view.application.workers
    found: dict[Node, object] = {}
    for other in siblings.values():
        node = part(other)  # type: ignore[arg-type]
        if node is not None:
            found.setdefault(node, other)
    return found
