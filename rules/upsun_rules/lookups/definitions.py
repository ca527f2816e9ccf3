"""The targets of relationships and routes: names that were probably meant, and messages about missing endpoints."""

from __future__ import annotations

from upsun_rules.finding import Related
from upsun_schema.configuration.endpoints import Endpoints
from upsun_schema.configuration.model import Application, Instance, Service, View
from upsun_schema.configuration.project import Project
from upsun_schema.wording import listed, nearest
from upsun_schema.yaml.nodes import Mapping
from upsun_schema.yaml.writing import is_plain_name

__all__ = ["definitions", "meant_by", "no_such_endpoint", "without_endpoints"]


def meant_by(project: Project, name: str, asking: View) -> list[str]:
    """The names that were probably meant, without the application that asks."""
    own = asking.application.name if isinstance(asking, Instance) else asking.name
    names = [other for other in [*project.services, *project.applications] if other != own]
    if close := [other for other in nearest(name, names) if is_plain_name(other)]:
        return close
    # The image of a service in place of its name.
    kind = [service.name for service in project.services.values() if service.image == name and service.name in names]
    return kind if len(kind) == 1 and is_plain_name(kind[0]) else []


def definitions(project: Project) -> tuple[Related, ...]:
    """The place where services are defined, for a finding about one that is missing."""
    for document in project.documents.values():
        if isinstance(document.root, Mapping):
            for pair in document.root.pairs:
                if pair.name == "services":
                    return (Related(pair.key.region, "services are defined here"),)
    return ()


def no_such_endpoint(target: Application | Service, endpoint: str, endpoints: Endpoints) -> str:
    """The message that a target has no such endpoint, with those that it has."""
    if not endpoints.names:
        return without_endpoints(target)
    what = "application" if isinstance(target, Application) else "service"
    names = ["http"] if isinstance(target, Application) else endpoints.names
    return f"{what} `{target.name}` has no endpoint `{endpoint}`; it has {listed(names, limit=4)}"


def without_endpoints(target: Application | Service) -> str:
    """The message that a target has no endpoints at all."""
    if isinstance(target, Service) and target.image == "network-storage":
        return f"network storage `{target.name}` has no endpoints; use it in a mount with `source: service`"
    return f"service `{target.name}` has no endpoints; define them in its `configuration.endpoints`"
