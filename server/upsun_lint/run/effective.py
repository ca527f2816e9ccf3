"""The effective configuration of containers: each property, its value and origin, and what an override drops."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from functools import partial

from upsun_lint.places.location import Location, locate
from upsun_lint.run.processes import ResolvedCommand, VariableOrigin, resolved_commands, variables_of
from upsun_schema.configuration.inheritance import SHARED, Effective, Origin
from upsun_schema.configuration.model import Application, Web, Worker
from upsun_schema.configuration.project import Project
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.data import Data, data_of
from upsun_schema.yaml.nodes import Mapping, Pair, Region, Scalar

__all__ = ["EffectiveWorker", "Property", "effective_web", "effective_worker", "effective_workers", "reach"]


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
    """A worker or a web process with its effective properties; `reach` is the command that opens a shell on it.

    `runs` are the commands that its start command really runs, and `variables` its environment variables.
    """

    worker: Worker | Web
    location: Location
    reach: str
    properties: list[Property]
    runs: tuple[ResolvedCommand, ...] = ()
    variables: tuple[VariableOrigin, ...] = ()

    @property
    def full_name(self) -> str:
        """What the platform calls the container: the application, or `application--worker`."""
        return self.worker.full_name if isinstance(self.worker, Worker) else self.worker.application.name

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return "a worker" if isinstance(self.worker, Worker) else "the web container"


def effective_workers(project: Project) -> list[EffectiveWorker]:
    """The effective configuration of each worker of a project, in the order of the files."""
    return [effective_worker(project, worker) for worker in _workers(project)]


def effective_worker(project: Project, worker: Worker, base: str = os.curdir) -> EffectiveWorker:
    """The effective configuration of one worker; paths are relative to the folder `base`."""
    unique = sum(other.name == worker.name for other in _workers(project)) == 1
    where = partial(locate, project, base=base)
    return EffectiveWorker(
        worker,
        where(worker.key.region),
        reach(worker, unique=unique),
        list(_properties(worker, where)),
        resolved_commands(project, worker, where),
        variables_of(project, worker, where),
    )


def effective_web(project: Project, application: Application, base: str = os.curdir) -> EffectiveWorker:
    """The effective configuration of the web container of an application, whether `web` is written or not."""
    web = application.web
    if web is None:
        key = application.key
        web = Web(application, "web", Pair(key, Mapping(key.piece, key.end, key.end, key.end, None, None)))
    where = partial(locate, project, base=base)
    properties = list(_properties(web, where))
    if (crons := application.entry("crons")) is not None:
        properties.append(_written("crons", "own", crons, where))
    reach = f"upsun ssh --app={shlex.quote(application.name)}"
    runs = resolved_commands(project, web, where)
    return EffectiveWorker(web, where(web.key.region), reach, properties, runs, variables_of(project, web, where))


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


def _properties(worker: Worker | Web, where: _Where) -> Iterator[Property]:
    for name in SHARED:
        pair = _shared(worker.application, name) if isinstance(worker, Worker) else worker.application.entry(name)
        if pair is not None:
            yield _written(name, "shared" if isinstance(worker, Worker) else "own", pair, where)
    if (pair := worker.entry("commands")) is not None:
        yield _written("commands", "own", pair, where)
    possible = worker.shape.properties
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
