"""Hover texts for the name of an application or a service: what it is, and what uses it."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_lint.lsp.hovers.image import with_status
from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import bullets, code, listed, paragraphs
from upsun_schema.configuration.endpoints import endpoints_of
from upsun_schema.configuration.model import Application, Instance, Service, View

__all__ = ["about_application", "about_service"]


def about_application(subject: Subject, application: Application) -> str:
    """What an application runs in and which containers it has."""
    kind = f", {with_status(application.type.text, subject.images)}" if application.type is not None else ""
    workers = [subject.linked(code(worker.name), worker.key.region) for worker in application.workers.values()]
    lines = ["**Web:** one container, which also runs the cron jobs and the deploy hooks."]
    if workers:
        some = ", ".join(workers[:20]) + (f" and {len(workers) - 20} more" if len(workers) > 20 else "")
        lines.append(f"**Workers:** {some}. Each runs the same code in a separate container.")
    if users := list(_users(subject, application.name)):
        lines.append(f"**Used by** {', '.join(users)}.")
    return paragraphs(
        f"**Application** {code(application.name)}{kind}",
        bullets(lines),
        "Do not rename it lightly: the platform treats a new name as a new application, without the files in the "
        "mounts of the old one.",
        docs_link("configure-apps"),
    )


def about_service(subject: Subject, service: Service) -> str:
    """What a service is and who uses it."""
    kind = f", {with_status(service.type.text, subject.images)}" if service.type is not None else ""
    users = list(_users(subject, service.name))
    known = endpoints_of(service, subject.images)
    lines = [f"**Used by** {', '.join(users)}." if users else "**Used by** nothing here, but its container is billed."]
    if known is not None and known.names:
        default = f"; {code(known.default)} is the default" if known.default and len(known.names) > 1 else ""
        lines.append(f"**Endpoints:** {listed(known.names)}{default}.")
    return paragraphs(
        f"**Service** {code(service.name)}{kind}",
        bullets(lines),
        "Do not rename it lightly: the platform treats a new name as a new, empty service and deletes the old one with "
        "its data.",
        docs_link("add-services"),
    )


def _users(subject: Subject, name: str) -> Iterator[str]:
    """The relationships, mounts and routes that lead to a service or an application."""
    project = subject.project
    instances = [one for application in project.applications.values() for one in application.instances]
    for container in (*project.applications.values(), *instances, *project.services.values()):
        who = f"{container.application.name}/{container.name}" if isinstance(container, Instance) else container.name
        used: list[tuple[str, View]] = [
            *(("relationship", one) for one in container.relationships.values() if one.target == name),
            *(("mount", one) for one in container.mounts.values() if one.service == name),
        ]
        for kind, view in used:
            yield f"{kind} {subject.linked(code(view.name), view.key.region)} of {code(who)}"
    for route in project.routes.values():
        if route.upstream is not None and route.upstream.text.partition(":")[0] == name:
            yield f"route {subject.linked(code(route.name), route.key.region)}"
