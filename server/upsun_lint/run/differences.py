"""What a change does to a project, in a few rows: each thing before and after, and the workers that get it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from upsun_schema.configuration.change import Change, Matched, is_unchanged, text_of
from upsun_schema.configuration.inheritance import INHERITED, SHARED, entries_in
from upsun_schema.configuration.model import Application, Route, Service, View, Worker
from upsun_schema.record import NamedTuple
from upsun_schema.wording import shortened
from upsun_schema.yaml.nodes import Node, Pair

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    _ViewOf = TypeVar("_ViewOf", bound=View)


__all__ = ["Difference", "differences"]


_BLOCKS = {"variables": "variable", "mounts": "mount", "relationships": "relationship"}
"""The properties whose entries are compared one by one."""


class Difference(NamedTuple):
    """A thing that changed: what it is, and its value before and after; empty where it does not exist.

    `reached` are the workers that get the change of an application, `others` those that set the property themselves.
    """

    thing: str
    before: str
    after: str
    reached: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def differences(change: Change) -> list[Difference]:
    """What changed, in the order services, applications, routes; nothing if a project could not be read whole."""
    if not change.is_readable:
        return []
    found = [*_named("service", change.services, _type_of), *_named("application", change.applications, _type_of)]
    for before, after in (*change.applications.same, *change.applications.renamed):
        found += _of_application(change, before, after)
    return [*found, *_named("route", change.routes, _target_of)]


# -- things with a name ------------------------------------------------------------------------------------------------


def _type_of(view: Service | Application) -> str:
    return view.type.text if view.type is not None else ""


def _target_of(route: Route) -> str:
    return route.upstream.text if route.upstream is not None else route.text("to") or ""


def _command_of(worker: Worker) -> str:
    return shortened(worker.start.text) if worker.start is not None else ""


def _named(kind: str, matched: Matched[_ViewOf], describe: Callable[[_ViewOf], str]) -> Iterator[Difference]:
    """Yield the things of a kind that were removed, renamed, added or described in other words before."""
    for old in matched.removed:
        yield Difference(f"{kind} `{old.name}`", describe(old) or old.name, "")
    for old, new in matched.renamed:
        yield Difference(f"{kind} `{old.name}`", old.name, new.name)
    for new in matched.added:
        yield Difference(f"{kind} `{new.name}`", "", describe(new) or new.name)
    for old, new in () if kind == "application" else (*matched.same, *matched.renamed):
        if describe(old) != describe(new):
            yield Difference(f"{kind} `{new.name}`", describe(old), describe(new))


# -- applications ------------------------------------------------------------------------------------------------------


def _of_application(change: Change, before: Application, after: Application) -> Iterator[Difference]:
    for name in (*SHARED, *INHERITED):
        old, new = before.entry(name), after.entry(name)
        others = tuple(one.name for one in after.workers.values() if name in INHERITED and one.entry(name) is not None)
        reached = tuple(one for one in after.workers if one not in others)
        for thing, was, now in _changed(name, old, new):
            yield Difference(f"`{after.name}`: {thing}", was, now, reached, others)
    yield from _named(f"`{after.name}`: worker", change.workers(before, after), _command_of)
    for old_worker, new_worker in change.workers(before, after).same:
        for name in INHERITED:
            if (own := new_worker.entry(name)) is not None or old_worker.entry(name) is not None:
                for thing, was, now in _changed(name, old_worker.entry(name), own):
                    yield Difference(f"worker `{new_worker.name}`: {thing}", was, now)


def _changed(name: str, old: Pair | None, new: Pair | None) -> Iterator[tuple[str, str, str]]:
    """Yield what changed in a property: its entries, or the property itself, each before and after."""
    if name in _BLOCKS:
        was, now = entries_in(name, old), entries_in(name, new)
        for key in {**was, **now}:
            before, after = _value(was.get(key)), _value(now.get(key))
            if not is_unchanged(before, after):
                yield f"{_BLOCKS[name]} `{key}`", _shown(before), _shown(after)
    elif not is_unchanged(_value(old), _value(new)):
        yield f"`{name}`", _shown(_value(old)), _shown(_value(new))


def _value(pair: Pair | None) -> Node | None:
    return None if pair is None else pair.value


def _shown(node: Node | None) -> str:
    if node is None:
        return ""
    return shortened(text_of(node)) or "set"
