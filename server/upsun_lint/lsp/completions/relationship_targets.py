"""The services and applications that a relationship, a mount or a route can lead to, with their endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_lint.lsp.completions.context import Context
from upsun_schema.configuration.connections import dependents
from upsun_schema.configuration.endpoints import endpoints_of
from upsun_schema.configuration.model import Application, Service
from upsun_schema.record import NamedTuple

__all__ = ["RelationshipTarget", "http_targets", "network_storages", "with_endpoints"]


class RelationshipTarget(NamedTuple):
    """A service or an application: `words` describe it, and `default` is its default endpoint."""

    name: str
    words: str
    endpoints: tuple[str, ...]
    default: str | None


def with_endpoints(context: Context) -> list[RelationshipTarget]:
    """The targets for a relationship of the container, without those that lead back to it."""
    own = str(context.path[1])
    project = context.project
    # What a worker's relationships point to starts after it: these are never circular.
    circular = {own} if context.section == "worker" else dependents(project, own)
    found: list[RelationshipTarget] = []
    views: list[Application | Service] = [*project.services.values(), *project.applications.values()]
    for view in views:
        endpoints = endpoints_of(view, context.images)
        if endpoints is None or not endpoints.names or view.name in circular:
            continue
        names = endpoints.names[:1] if isinstance(view, Application) else endpoints.names
        names = tuple(sorted(names, key=lambda name: name != endpoints.default))
        found.append(RelationshipTarget(view.name, words_for(view), names, endpoints.default))
    return found


def http_targets(context: Context) -> Iterator[RelationshipTarget]:
    """The targets for a route: applications, then services with an HTTP endpoint."""
    for application in context.project.applications.values():
        yield RelationshipTarget(application.name, words_for(application), ("http",), None)
    for service in context.project.services.values():
        image = context.images.get(service.image or "")
        endpoints = image.endpoints(service.version) if image is not None and image.kind == "service" else None
        names = tuple(name for name, scheme in (endpoints or {}).items() if scheme == "http")
        if names:
            yield RelationshipTarget(service.name, words_for(service), names, None)


def network_storages(context: Context) -> list[Service]:
    """The services that a mount can use."""
    return [service for service in context.project.services.values() if service.image == "network-storage"]


def words_for(view: Application | Service) -> str:
    """A description of a service or an application: its image and version if it has one."""
    if isinstance(view, Service):
        return view.type.text if view.type is not None else "service"
    return f"application, {view.type.text}" if view.type is not None else "application"
