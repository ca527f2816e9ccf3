"""Hover texts for relationships: the target, its endpoint, and the environment variables they set."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_lint.lsp.hovers.image import with_status
from upsun_lint.lsp.hovers.inherited import heirs, in_words
from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import bullets, code, listed, paragraphs
from upsun_lint.run.effective import effective_worker
from upsun_rules.lookups.definitions import without_endpoints
from upsun_schema.configuration.endpoints import Endpoints, endpoints_of
from upsun_schema.configuration.model import (
    Application,
    Container,
    Instance,
    Relationship,
    Service,
    Worker,
    variable_prefix,
)

__all__ = ["about_relationship"]

_DATABASES = frozenset(
    {
        "clickhouse",
        "mariadb",
        "mariadb-replica",
        "mongodb",
        "mongodb-enterprise",
        "mysql",
        "oracle-mysql",
        "postgres-replica",
        "postgresql",
        "postgresql-replica",
    }
)
_WITH_LOGIN = frozenset({"rabbitmq"})


def about_relationship(subject: Subject, relationship: Relationship) -> str | None:
    """The target of a relationship and the variables it sets; None if the target cannot be read."""
    name = relationship.target
    if name is None:
        return None
    target = next(iter(subject.project.named(name)), None)
    return paragraphs(
        f"**Relationship** {code(relationship.name)} → {_target(subject, name, target)}",
        *(_what_it_gives(subject, relationship, target) if target is not None else ()),
        _who(subject.container),
        docs_link("configure-apps/image-properties/relationships"),
    )


def _target(subject: Subject, name: str, target: Application | Service | None) -> str:
    if target is None:
        worker = subject.project.worker_called(name)
        if worker is not None:
            place = subject.linked(code(worker.name), worker.key.region)
            return f"worker {place}, but nothing can connect to a worker"
        return f"{code(name)}, which no file in `.upsun` defines"
    kind = "service" if isinstance(target, Service) else "application"
    place = subject.linked(code(target.name), target.key.region)
    return f"{kind} {place}" + (f", {with_status(target.type.text, subject.images)}" if target.type is not None else "")


def _what_it_gives(subject: Subject, relationship: Relationship, target: Application | Service) -> tuple[str, ...]:
    known = endpoints_of(target, subject.images)
    if known is not None and not known.names:
        why = without_endpoints(target)
        return (f"**Endpoint:** none. {why[:1].upper()}{why[1:]}.",)
    endpoint = _endpoint(relationship.endpoint, known, target.name)
    return f"**Endpoint:** {endpoint}", bullets(_variables(subject, relationship, target))


def _endpoint(given: str | None, known: Endpoints | None, target: str) -> str:
    if known is None:
        return f"{code(given)}." if given is not None else "the default."
    if given is None and known.default is None:
        return f"missing. {code(target)} has no default endpoint; set {listed(known.names, 'or')}."
    found = given or known.default or ""
    if not known.has(found):
        return f"{code(found)}, which {code(target)} does not have. It has {listed(known.names)}."
    others = [name for name in known.names if name != found] if given is not None else []
    words = f"{code(found)}, the default." if found == known.default else f"{code(found)}."
    return words + (f" There is also {listed(others)}." if others else "")


def _variables(subject: Subject, relationship: Relationship, target: Application | Service) -> Iterator[str]:
    """The most used variables that the platform sets for a relationship."""
    prefix = variable_prefix(relationship.name)

    def variables(*names: str) -> str:
        return listed(f"${prefix}_{name}" for name in names)

    image = target.image if isinstance(target, Service) else None
    yield f"{variables('HOST', 'PORT', 'SCHEME')}: the address."
    if image in _DATABASES:
        yield f"{variables('USERNAME', 'PASSWORD')}: the credentials. {variables('PATH')}: the name of the database."
    elif image in _WITH_LOGIN:
        yield f"{variables('USERNAME', 'PASSWORD')}: the credentials."
    container = subject.container
    shell = effective_worker(subject.project, container).reach if isinstance(container, Worker) else "upsun ssh"
    yield (
        f"{code(f'{shell} env')} prints all variables that begin with {code(f'{prefix}_')}. They are set only at "
        "runtime, not during the build."
    )


def _who(container: Container | None) -> str:
    if isinstance(container, Instance):
        return f"Only {in_words(container)} has this relationship: its block replaces the application's."
    if isinstance(container, Application) and container.workers:
        found = heirs(container, "relationships")
        return f"Inherited by {found}." if found else "No container inherits it: each replaces the whole block."
    return ""
