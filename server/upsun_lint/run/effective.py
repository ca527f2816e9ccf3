"""The effective configuration of workers: each property, its value and origin, and what an override drops."""

from __future__ import annotations

import datetime
import math
import os
import shlex
from collections.abc import Callable, Iterator
from functools import partial

from upsun_lint.places.location import Location, locate
from upsun_schema.configuration.inheritance import SHARED, Effective, Origin
from upsun_schema.configuration.model import Application, Worker
from upsun_schema.configuration.project import Project
from upsun_schema.keys.shape import shape_at
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import BROKEN, Alias, Mapping, Node, Pair, Region, Scalar, Sequence

__all__ = ["Data", "EffectiveWorker", "Property", "data_of", "effective_worker", "effective_workers", "reach"]

Data = dict[str, "Data"] | list["Data"] | str | int | float | bool | None
"""A JSON value."""

_MOST_VALUES = 5_000


class Property(NamedTuple):
    """One property of a worker.

    `origin` is own, application, default, shared (with the application: a worker cannot set it) or unknown (set on the
    worker, but not a property of workers).

    `words` describes a default of the platform. `replaced` is the block of the application that the worker's block
    replaces, `dropped` the names in it that the worker does not set again.
    """

    name: str
    origin: str
    value: Data
    words: str = ""
    location: Location | None = None
    replaced: Location | None = None
    dropped: tuple[tuple[str, Location], ...] = ()


class EffectiveWorker(NamedTuple):
    """A worker with its effective properties; `reach` is the command that opens a shell on it."""

    worker: Worker
    location: Location
    reach: str
    properties: list[Property]


def effective_workers(project: Project) -> list[EffectiveWorker]:
    """The effective configuration of each worker of a project, in the order of the files."""
    return [effective_worker(project, worker) for worker in _workers(project)]


def effective_worker(project: Project, worker: Worker, base: str = os.curdir) -> EffectiveWorker:
    """The effective configuration of one worker; paths are relative to the folder `base`."""
    unique = sum(other.name == worker.name for other in _workers(project)) == 1
    where = partial(locate, project, base=base)
    return EffectiveWorker(
        worker, where(worker.key.region), reach(worker, unique=unique), list(_properties(worker, where))
    )


def _workers(project: Project) -> Iterator[Worker]:
    for application in project.applications.values():
        yield from application.workers.values()


def reach(worker: Worker, *, unique: bool) -> str:
    """The command that opens a shell on a worker; the bare name is enough if it is `unique` in the project.

    The platform's command line splits `application--worker` at the first `--`.
    """
    application, name = worker.application.name, worker.name
    if "--" in application + name:
        return f"upsun ssh --app={shlex.quote(application)} --worker={shlex.quote(name)}"
    return f"upsun ssh --worker={shlex.quote(name if unique else worker.full_name)}"


_Where = Callable[[Region], Location]


def _properties(worker: Worker, where: _Where) -> Iterator[Property]:
    for name in SHARED:
        if (pair := _shared(worker.application, name)) is not None:
            yield _written(name, "shared", pair, where)
    if (pair := worker.entry("commands")) is not None:
        yield _written("commands", "own", pair, where)
    possible = shape_at("applications", "*", "workers", "*").properties
    known = {"commands"}
    for name, effective in worker.effective.properties.items():
        known.add(name)
        yield _inheritable(effective, where)
    for name, pair in (worker.body.entries if worker.body is not None else {}).items():
        if name not in known:
            yield _written(name, "own" if name in possible else "unknown", pair, where)


def _shared(application: Application, name: str) -> Pair | None:
    pair = application.entry(name)
    # Only the build hook matters to workers.
    if name == "hooks" and pair is not None and not isinstance(application.at("hooks", "build"), Scalar):
        return None
    return pair


def _written(name: str, origin: str, pair: Pair, where: _Where) -> Property:
    value = data_of(pair.value)
    if name == "hooks" and origin == "shared" and isinstance(value, dict):
        value = {"build": value["build"]}
    return Property(name, origin, value, location=where(pair.key.region))


def _inheritable(effective: Effective, where: _Where) -> Property:
    if effective.pair is None:
        empty: Data = {} if effective.default == "{}" else None
        return Property(effective.name, "default", empty, effective.default)
    return Property(
        effective.name,
        "own" if effective.origin is Origin.OWN else "application",
        data_of(effective.pair.value),
        location=where(effective.pair.key.region),
        replaced=None if effective.replaced is None else where(effective.replaced.key.region),
        dropped=tuple((name, where(pair.key.region)) for name, pair in effective.dropped.items()),
    )


# -- values ----------------------------------------------------------------------------------------------------------


def data_of(node: Node) -> Data:
    """The value of a node as the platform reads it: aliases and includes followed, merge keys applied.

    Endless values (an anchor inside itself, aliases of aliases) are cut with `…`.
    """
    return _Reader().data(node)


class _Reader:
    def __init__(self) -> None:
        self.left = _MOST_VALUES
        self.above: list[Node] = []

    def data(self, node: Node) -> Data:
        node = node.resolved
        self.left -= 1
        if node in self.above or self.left < 0:
            return "…"
        if isinstance(node, Scalar):
            return _scalar(node)
        if not isinstance(node, Mapping | Sequence):
            return f"*{node.name}" if isinstance(node, Alias) else node.region.text
        self.above.append(node)
        found = self._children(node)
        self.above.pop()
        return found

    def _children(self, node: Mapping | Sequence) -> Data:
        if isinstance(node, Mapping):
            return {name: self.data(pair.value) for name, pair in node.entries.items()}
        return [self.data(item) for item in node.items]


def _scalar(node: Scalar) -> Data:
    value = node.text if node.tag == BROKEN else node.value
    if isinstance(value, datetime.date):
        return node.text
    if isinstance(value, float) and not math.isfinite(value):
        return node.text
    return value
