"""Hover texts for the upstream of a route: who answers its requests."""

from __future__ import annotations

from upsun_lint.lsp.hovers.image import with_status
from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.main_command import main_command
from upsun_lint.lsp.session.markup import bullets, code, paragraphs
from upsun_schema.configuration.model import Application, Service
from upsun_schema.yaml.nodes import Scalar

__all__ = ["about_upstream"]


def about_upstream(subject: Subject, node: Scalar) -> str | None:
    """The application or service that answers the requests of a route; None if it cannot be read."""
    name, _, endpoint = node.text.partition(":")
    if not name:
        return None
    target = next(iter(subject.project.named(name)), None)
    if target is None:
        return f"**Upstream** {code(node.text)}: no application or service is named {code(name)}."
    place = subject.linked(code(name), target.key.region)
    return paragraphs(
        f"**Upstream** of {code(subject.keys[1])} → {_kind(target)} {place}{_type(subject, target)}",
        bullets([f"**Endpoint** {code(endpoint)}." if endpoint else "**Endpoint:** missing.", *_answers(target)]),
        docs_link("routes"),
    )


def _kind(target: Application | Service) -> str:
    return "application" if isinstance(target, Application) else "service"


def _type(subject: Subject, target: Application | Service) -> str:
    return f", {with_status(target.type.text, subject.images)}" if target.type is not None else ""


def _answers(target: Application | Service) -> list[str]:
    """What in an application answers: its web container, never a worker."""
    if not isinstance(target, Application):
        return []
    web = target.web
    start = web.at("commands", "start") if web is not None else None
    runs = f", which runs {code(main_command(start.text))}" if isinstance(start, Scalar) and start.text.strip() else ""
    workers = " Its workers get no requests." if target.workers else ""
    return [f"**Answered by** its web container{runs}.{workers}"]
