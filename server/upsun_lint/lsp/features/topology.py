"""The topology of a project: applications, services, what runs in them, and the connections between them.

This is the answer to `upsun-lint.topology`, as plain data for a client that draws it. A relationship or a mount is
listed once, where it is written; the `properties` of an instance say what it inherits. Every part has a `location`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lsprotocol import types

from upsun_lint.lsp.session.main_command import main_command
from upsun_lint.lsp.session.requests import Request
from upsun_lint.writing.quoting import visible
from upsun_schema.configuration.inheritance import INHERITED, Effective, Origin
from upsun_schema.configuration.model import Application, Container, Instance, Mount, Relationship, Service, Worker
from upsun_schema.configuration.project import Project
from upsun_schema.yaml.nodes import Region, Scalar

__all__ = ["topology"]

_Data = dict[str, Any]
_Locate = Callable[[Region], _Data]

_MOST_CHARACTERS = 120


def topology(request: Request) -> _Data:
    """The project a file belongs to: `applications`, `services`, and the `edges` between them.

    An edge leads from the `id` of an application, an instance or a service to that of a service or an application. A
    target that does not exist is listed under the services, marked `missing`.
    """
    project = request.project

    def locate(region: Region) -> _Data:
        return _plain(request.location(region))

    edges = list(_edges(project, locate))
    known = {_service_id(name) for name in project.services} | {_application_id(name) for name in project.applications}
    missing = {edge["target"]: edge for edge in edges if edge["target"] not in known}
    found = {
        "applications": [_application(application, locate) for application in project.applications.values()],
        "services": [
            *(_service(service, locate) for service in project.services.values()),
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


def _service_id(name: str) -> str:
    return f"service:{name}"


def _instance_id(application: str, name: str | None) -> str:
    """The id of a worker, or of the web process for the name None."""
    return f"web:{application}" if name is None else f"worker:{application}--{name}"


# -- what there is ---------------------------------------------------------------------------------------------------


def _application(application: Application, locate: _Locate) -> _Data:
    web = application.web
    if web is None:
        # An application always has a web process; without `web`, everything in it is inherited.
        instances = [_unconfigured_web(application, locate)]
    else:
        instances = [_instance(web, _instance_id(application.name, None), application.web_start, locate)]
    instances += [
        _instance(worker, _instance_id(application.name, worker.name), worker.start, locate)
        for worker in application.workers.values()
    ]
    return {
        "id": _application_id(application.name),
        "name": application.name,
        "type": application.type.text if application.type is not None else None,
        "location": locate(application.key.region),
        "mounts": _mounts(application, locate),
        "instances": instances,
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
    }


def _instance(instance: Instance, identifier: str, command: Scalar | None, locate: _Locate) -> _Data:
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


def _service(service: Service, locate: _Locate) -> _Data:
    return {
        "id": _service_id(service.name),
        "name": service.name,
        "type": service.type.text if service.type is not None else None,
        "location": locate(service.key.region),
        "missing": False,
    }


def _missing(target: str, edge: _Data) -> _Data:
    name = target.partition(":")[2]
    return {"id": target, "name": name, "type": None, "location": edge["location"], "missing": True}


# -- what leads where ------------------------------------------------------------------------------------------------


def _edges(project: Project, locate: _Locate) -> Iterator[_Data]:
    for application in project.applications.values():
        yield from _edges_from(project, application, _application_id(application.name), locate)
        if application.web is not None:
            yield from _edges_from(project, application.web, _instance_id(application.name, None), locate)
        for worker in application.workers.values():
            yield from _edges_from(project, worker, _instance_id(application.name, worker.name), locate)
    for service in project.services.values():
        yield from _edges_from(project, service, _service_id(service.name), locate)


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
