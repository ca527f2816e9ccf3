"""Which applications and services depend on which others, by their relationships."""

from __future__ import annotations

from upsun_schema.configuration.model import Container, Relationship
from upsun_schema.configuration.project import Project

__all__ = ["connections", "dependents"]


def connections(project: Project) -> dict[str, list[Relationship]]:
    """The relationships of each application and service that point to another one, by its name.

    Workers are left out: what their relationships point to starts after them. So are names that both an application
    and a service have, since which of them is meant is unknown.
    """
    containers: dict[str, Container] = {name: one.connecting for name, one in project.applications.items()}
    for name, service in project.services.items():
        if containers.pop(name, None) is None:
            containers[name] = service
    return {
        name: [one for one in container.readable_relationships if one.target in containers]
        for name, container in containers.items()
    }


def dependents(project: Project, name: str) -> set[str]:
    """An application or service, and those whose relationships point to it, directly or through others."""
    sources: dict[str, list[str]] = {}
    for source, relationships in connections(project).items():
        for relationship in relationships:
            sources.setdefault(relationship.target or "", []).append(source)
    found: set[str] = set()
    waiting = [name]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += sources.get(here, [])
    return found
