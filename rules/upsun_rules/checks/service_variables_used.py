"""Rules about variables of relationships: commands that use those that are not there, names that collide."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from upsun_rules.editing.copies import copy_lost
from upsun_rules.finding import Finding, Fix, Related, Severity
from upsun_rules.lookups.placed_texts import RUN_KEYS, Running
from upsun_rules.lookups.resolved_texts import chain_steps, resolved_running
from upsun_rules.lookups.service_variables import split_variable
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import VariableUse, parse
from upsun_schema.configuration.model import Application, Container, Instance, Relationship, variable_prefix
from upsun_schema.configuration.project import Project
from upsun_schema.record import NamedTuple
from upsun_schema.wording import listed

TOPIC = "Variables of relationships"


@rule("unknown-service-variable", Severity.WARNING, docs="development/variables", keys=RUN_KEYS)
def unknown_service_variable(application: Application, project: Project) -> Iterator[Finding]:
    """A command uses variables of a relationship that its container does not have.

    A relationship `database` provides `$DATABASE_HOST`, `$DATABASE_PORT` and others. The name of the relationship
    counts, not that of the service. Without such a relationship the variable is empty, and the program connects to
    nothing.

    Give the container a relationship of that name, or use the variables of the relationship it has. Workers that set
    `relationships` themselves do not inherit those of the application, and `relationships: {}` means none at all.

    Variables of a project can also be set in the Console, so this is reported only with more evidence: another
    container has a relationship of that name, or the command uses several variables of one name, such as `$DB_HOST`
    together with `$DB_PORT`. Variables that the configuration, the command or the file `.environment` sets are not
    reported, nor are those with a default, as in `${DB_HOST:-localhost}`.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          cache: 'memory:redis'
        workers:
          tasks:
            commands:
              start: celery -A app -b "redis://$BROKER_HOST:$BROKER_PORT/0" worker
    services:
      memory:
        type: 'redis-persistent:8.0'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          broker: 'memory:redis'
        workers:
          tasks:
            commands:
              start: celery -A app -b "redis://$BROKER_HOST:$BROKER_PORT/0" worker
    services:
      memory:
        type: 'redis-persistent:8.0'
    ```
    """
    suspects = [
        found for one in resolved_running(application, project) if not one.is_build for found in _missing(one, project)
    ]
    if not suspects:
        return
    text = project.read(posixpath.join(application.folder, ".environment")) or ""
    for found in suspects:
        if not any(name in text and _may_set(text, name) for name in found.uses):
            yield _unknown(found)


def _may_set(text: str, name: str) -> bool:
    """Whether `.environment` gives a variable a value, and does not only use it."""
    script = parse(text)
    others = any(command.program in _READS_FILES for command in script.commands)
    return script.has_error or others or name in script.assigned


class _Missing(NamedTuple):
    """Variables of one prefix that a text uses and no relationship of its container provides."""

    one: Running
    prefix: str
    uses: dict[str, VariableUse]


_OTHERS = frozenset(
    {"APP", "API", "CDN", "CLIENT", "EMAIL", "FTP", "HTTP", "HTTPS", "MAIL", "MAILER", "PLATFORM", "PROXY", "PUBLIC"}
    | {"SERVER", "SITE", "SMTP", "WEB"}
)
"""What is hardly ever a relationship: addresses of the application itself, and of what is outside the project."""

_READS_FILES = frozenset({".", "source", "eval", "envsubst"})


def _missing(one: Running, project: Project) -> Iterator[_Missing]:
    """Yield the variables in a text that are surely meant to be those of a relationship."""
    script, container = one.text.script, one.container
    looks_alike = {name: parts for name in script.variables if (parts := split_variable(name)) is not None}
    if not looks_alike or any(command.program in _READS_FILES for command in script.commands):
        return
    prefixes = _source(container, "relationships").relationship_prefixes
    own = _source(container, "variables").variable_names
    groups: dict[str, dict[str, VariableUse]] = {}
    for name, (prefix, _) in looks_alike.items():
        if name in script.assigned or name in own or prefix in prefixes or script.variables[name].has_default:
            continue
        groups.setdefault(prefix, {})[name] = script.variables[name]
    for prefix, uses in groups.items():
        if _is_sure(prefix, uses, project) and not _is_reported_as_lost(container, prefix):
            yield _Missing(one, prefix, uses)


def _source(container: Application | Instance, name: str) -> Application | Instance:
    return container.effective.source(name) if isinstance(container, Instance) else container


def _is_sure(prefix: str, uses: dict[str, VariableUse], project: Project) -> bool:
    if prefix in project.relationship_prefixes:
        return True
    if prefix in _OTHERS:
        return False
    endings = {parts[1] for name in uses if (parts := split_variable(name)) is not None}
    return len(endings) > 2 or endings >= {"HOST", "PORT"}


def _is_reported_as_lost(container: Application | Instance, prefix: str) -> bool:
    """Whether `override-drops-relationships` reports it: the container has others instead of the application's."""
    if not isinstance(container, Instance) or not container.relationships:
        return False
    return prefix in container.application.relationship_prefixes


def _unknown(found: _Missing) -> Finding:
    container = found.one.container
    names = listed((f"${name}" for name in found.uses), limit=3)
    who = f"worker `{container.name}`" if found.one.place == "worker" else "the web container"
    relationships = list(_source(container, "relationships").relationships.values())
    message = f"{names} {'is' if len(found.uses) == 1 else 'are'} empty: {who} has no relationship"
    message += f" `{found.prefix.lower()}`"
    if relationships:
        message += f", only {listed((one.name for one in relationships), limit=3)} (`${relationships[0].prefix}_HOST`)"
    block = container.entry("relationships")
    related = (Related(block.key.region, "the relationships of this container"),) if block is not None else ()
    use = next(iter(found.uses.values()))
    return Finding(
        found.one.text.at(use),
        message[:200],
        label="not set",
        related=(*chain_steps(use), *related),
        fixes=_copied(found),
    )


def _copied(found: _Missing) -> tuple[Fix, ...]:
    """The fix that copies a relationship of the application into the block of a worker that replaces all of them."""
    container = found.one.container
    if not isinstance(container, Instance) or container.entry("relationships") is None:
        return ()
    effective = container.effective.of("relationships")
    lost = {name: pair for name, pair in effective.dropped.items() if variable_prefix(name) == found.prefix}
    return copy_lost(effective, lost, f"Copy `{next(iter(lost))}` into the worker") if lost else ()


@rule("relationship-names-collide", Severity.WARNING, docs="development/variables", keys=("relationships",))
def relationship_names_collide(container: Container) -> Iterator[Finding]:
    """Two relationships provide variables of the same names.

    The names of the variables begin with the name of the relationship, in capitals and with `_` for every other
    character. `my-db` and `my_db` both provide `$MY_DB_HOST`, and only one of them can have it.

    Choose another name for one of them.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          my-db: 'orders:mysql'
          my_db: 'customers:mysql'
    services:
      orders:
        type: 'mariadb:11.8'
      customers:
        type: 'mariadb:11.8'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          orders: 'orders:mysql'
          customers: 'customers:mysql'
    services:
      orders:
        type: 'mariadb:11.8'
      customers:
        type: 'mariadb:11.8'
    ```
    """
    first: dict[str, Relationship] = {}
    for relationship in container.relationships.values():
        prefix = relationship.prefix
        other = first.setdefault(prefix, relationship)
        if other is not relationship:
            yield Finding(
                relationship.key.region,
                f"`{other.name}` and `{relationship.name}` both provide `${prefix}_HOST`, which can only belong to one;"
                " rename one of them",
                related=(Related(other.key.region, f"provides `${prefix}_HOST`, too"),),
            )
