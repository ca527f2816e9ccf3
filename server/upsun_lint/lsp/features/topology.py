"""The topology of a project: routes, applications, tasks and services, what runs in them, and their connections.

This is the answer to `upsun-lint.topology`, as plain data for a client that draws it. A relationship or a mount is
listed once, where it is written; the `properties` of an instance say what it inherits. Every part has a `location`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from lsprotocol import types

from upsun_lint.lsp.session.main_command import main_command
from upsun_lint.lsp.session.requests import Request
from upsun_lint.writing.quoting import visible
from upsun_rules.finding import Severity
from upsun_schema.configuration.inheritance import INHERITED, Effective, Origin
from upsun_schema.configuration.model import (
    Application,
    Container,
    Cron,
    Instance,
    Mount,
    Relationship,
    Route,
    Service,
    Task,
    View,
    Worker,
)
from upsun_schema.configuration.project import Project
from upsun_schema.yaml.nodes import Include, Pair, Region, Scalar

__all__ = ["topology"]

_Data = dict[str, Any]
_Locate = Callable[[Region], _Data]

_MOST_CHARACTERS = 120


def topology(request: Request) -> _Data:
    """The project a file belongs to: `routes`, `applications`, `tasks`, `services`, and the `edges` between them.

    An edge leads from the `id` of a route, an application, an instance, a task or a service to that of a service or an
    application. A target that does not exist is listed under the services, marked `missing`. `problems` are how many
    errors and warnings are in a part, without those in the parts inside it.
    """
    project = request.project
    problems = _Problems(request)

    def locate(region: Region) -> _Data:
        return _plain(request.location(region))

    edges = list(_edges(project, locate))
    known = {_service_id(name) for name in project.services} | {_application_id(name) for name in project.applications}
    missing = {edge["target"]: edge for edge in edges if edge["target"] not in known}
    found = {
        "routes": [_route(route, locate, problems) for route in project.routes.values()],
        "applications": [_application(application, locate, problems) for application in project.applications.values()],
        "tasks": [_task(task, locate, problems) for task in project.tasks.values()],
        "services": [
            *(_service(service, locate, problems) for service in project.services.values()),
            *(_missing(target, edge) for target, edge in missing.items()),
        ],
        "edges": edges,
    }
    return {kind: [_seen(part) for part in parts] for kind, parts in found.items()}


def _seen(part: Any) -> Any:
    """A part with all invisible characters in its texts escaped."""
    if isinstance(part, dict):
        return {name: _seen(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_seen(value) for value in part]
    return visible(part) if isinstance(part, str) else part


def _plain(location: types.Location) -> _Data:
    start, end = location.range.start, location.range.end
    return {
        "uri": location.uri,
        "range": {
            "start": {"line": start.line, "character": start.character},
            "end": {"line": end.line, "character": end.character},
        },
    }


def _application_id(name: str) -> str:
    return f"application:{name}"


def _route_id(name: str) -> str:
    return f"route:{name}"


def _task_id(name: str) -> str:
    return f"task:{name}"


def _service_id(name: str) -> str:
    return f"service:{name}"


def _instance_id(application: str, name: str | None) -> str:
    """The id of a worker, or of the web process for the name None."""
    return f"web:{application}" if name is None else f"worker:{application}--{name}"


class _Problems:
    """How many errors and warnings are in each part of a project."""

    def __init__(self, request: Request) -> None:
        self._counts: dict[Pair, Counter[Severity]] = {}
        project = request.project
        parts: list[View] = [*project.applications.values(), *project.services.values()]
        parts += [*project.routes.values(), *project.tasks.values()]
        for application in project.applications.values():
            parts += [*application.instances, *application.crons.values()]
        # Of parts inside each other, the shortest is the innermost.
        pairs = sorted({part.pair for part in parts}, key=lambda pair: pair.region.end - pair.region.start)
        for finding in request.open_project.findings:
            pair = next((pair for pair in pairs if _holds(pair, finding.region)), None)
            if pair is not None and finding.severity >= Severity.WARNING:
                self._counts.setdefault(pair, Counter())[finding.severity] += 1

    def of(self, view: View) -> _Data:
        """The numbers of errors and warnings in a part."""
        counts = self._counts.get(view.pair, Counter())
        return {"errors": counts[Severity.ERROR], "warnings": counts[Severity.WARNING]}


def _holds(pair: Pair, region: Region) -> bool:
    value = pair.value.resolved if isinstance(pair.value, Include) else pair.value
    return any(
        whole.piece is region.piece and whole.start <= region.start <= whole.end
        for whole in (pair.region, value.region)
    )


_NONE = {"errors": 0, "warnings": 0}


# -- what there is ---------------------------------------------------------------------------------------------------


def _route(route: Route, locate: _Locate, problems: _Problems) -> _Data:
    return {
        "id": _route_id(route.name),
        "name": route.name,
        "type": route.text("type"),
        "to": route.text("to"),
        "location": locate(route.key.region),
        "problems": problems.of(route),
    }


def _task(task: Task, locate: _Locate, problems: _Problems) -> _Data:
    command = task.text("run", "command")
    return {
        "id": _task_id(task.name),
        "name": task.name,
        "type": task.text("type"),
        "command": None if command is None else _shortened(main_command(command)),
        "location": locate(task.key.region),
        "problems": problems.of(task),
    }


def _cron(cron: Cron, locate: _Locate, problems: _Problems) -> _Data:
    return {
        "id": f"cron:{cron.application.name}--{cron.name}",
        "name": cron.name,
        "schedule": cron.text("spec"),
        "command": None if cron.command is None else _shortened(main_command(cron.command.text)),
        "location": locate(cron.key.region),
        "problems": problems.of(cron),
    }


def _application(application: Application, locate: _Locate, problems: _Problems) -> _Data:
    web = application.web
    if web is None:
        # An application always has a web process; without `web`, everything in it is inherited.
        instances = [_unconfigured_web(application, locate)]
    else:
        instances = [_instance(web, _instance_id(application.name, None), application.web_start, locate, problems)]
    instances += [
        _instance(worker, _instance_id(application.name, worker.name), worker.start, locate, problems)
        for worker in application.workers.values()
    ]
    return {
        "id": _application_id(application.name),
        "name": application.name,
        "type": application.type.text if application.type is not None else None,
        "location": locate(application.key.region),
        "mounts": _mounts(application, locate),
        "instances": instances,
        "crons": [_cron(cron, locate, problems) for cron in application.crons.values()],
        "problems": problems.of(application),
    }


def _unconfigured_web(application: Application, locate: _Locate) -> _Data:
    return {
        "id": _instance_id(application.name, None),
        "kind": "web",
        "name": "web",
        "command": None,
        "location": locate(application.key.region),
        "properties": [
            {
                "name": name,
                "origin": Origin.APPLICATION.value,
                "replaces": False,
                "dropped": [],
                "location": locate(pair.key.region),
            }
            for name in INHERITED
            if (pair := application.entry(name)) is not None
        ],
        "mounts": [],
        "problems": _NONE,
    }


def _instance(
    instance: Instance, identifier: str, command: Scalar | None, locate: _Locate, problems: _Problems
) -> _Data:
    return {
        "id": identifier,
        "kind": "worker" if isinstance(instance, Worker) else "web",
        "name": instance.name,
        "command": None if command is None else _shortened(main_command(command.text)),
        "location": locate(instance.key.region),
        "properties": [
            _property(effective, effective.pair.key.region, locate)
            for effective in instance.effective.properties.values()
            if effective.pair is not None
        ],
        "mounts": _mounts(instance, locate),
        "problems": problems.of(instance),
    }


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"


def _property(effective: Effective, region: Region, locate: _Locate) -> _Data:
    return {
        "name": effective.name,
        "origin": effective.origin.value,
        "replaces": effective.replaced is not None,
        "dropped": list(effective.dropped),
        "location": locate(region),
    }


def _mounts(container: Container, locate: _Locate) -> list[_Data]:
    return [
        {"path": mount.path, "source": mount.source, "location": locate(mount.key.region)}
        for mount in container.mounts.values()
    ]


def _service(service: Service, locate: _Locate, problems: _Problems) -> _Data:
    return {
        "id": _service_id(service.name),
        "name": service.name,
        "type": service.type.text if service.type is not None else None,
        "location": locate(service.key.region),
        "missing": False,
        "problems": problems.of(service),
    }


def _missing(target: str, edge: _Data) -> _Data:
    name = target.partition(":")[2]
    about = {"id": target, "name": name, "type": None, "location": edge["location"]}
    return {**about, "missing": True, "problems": _NONE}


# -- what leads where ------------------------------------------------------------------------------------------------


def _edges(project: Project, locate: _Locate) -> Iterator[_Data]:
    for route in project.routes.values():
        if route.upstream is not None and route.upstream.text:
            yield _upstream(project, route, route.upstream, locate)
    for application in project.applications.values():
        yield from _edges_from(project, application, _application_id(application.name), locate)
        if application.web is not None:
            yield from _edges_from(project, application.web, _instance_id(application.name, None), locate)
        for worker in application.workers.values():
            yield from _edges_from(project, worker, _instance_id(application.name, worker.name), locate)
    for service in project.services.values():
        yield from _edges_from(project, service, _service_id(service.name), locate)
    for task in project.tasks.values():
        yield from _edges_from(project, task, _task_id(task.name), locate)


def _upstream(project: Project, route: Route, upstream: Scalar, locate: _Locate) -> _Data:
    name, _, endpoint = upstream.text.partition(":")
    # A route prefers an application to a service of the same name.
    target = _application_id(name) if name in project.applications else _service_id(name)
    return {
        "kind": "route",
        "source": _route_id(route.name),
        "target": target,
        "name": route.name,
        "endpoint": endpoint or None,
        "location": locate(upstream.region),
    }


def _edges_from(project: Project, container: Container, source: str, locate: _Locate) -> Iterator[_Data]:
    for relationship in container.relationships.values():
        if relationship.target is not None:
            yield _relationship(project, relationship, source, locate)
    for mount in container.mounts.values():
        if mount.service is not None:
            yield _mount(project, mount, source, locate)


def _relationship(project: Project, relationship: Relationship, source: str, locate: _Locate) -> _Data:
    return {
        "kind": "relationship",
        "source": source,
        "target": _target(project, relationship.target or ""),
        "name": relationship.name,
        "endpoint": relationship.endpoint,
        "location": locate(relationship.key.region),
    }


def _mount(project: Project, mount: Mount, source: str, locate: _Locate) -> _Data:
    return {
        "kind": "mount",
        "source": source,
        "target": _target(project, mount.service or ""),
        "name": mount.path,
        "endpoint": None,
        "location": locate(mount.key.region),
    }


def _target(project: Project, name: str) -> str:
    """The id of the target with a name: a service before an application of the same name."""
    is_application = name in project.applications and name not in project.services
    return _application_id(name) if is_application else _service_id(name)
