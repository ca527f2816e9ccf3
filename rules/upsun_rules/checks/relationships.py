"""Rules about what a container connects to, and whether that exists."""

from __future__ import annotations

import re
from collections.abc import Iterator

from upsun_rules.editing.blocks import complete, rewrite
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.definitions import definitions, meant_by
from upsun_rules.lookups.written_relationships import is_in_flow, is_written_here, without_quotes
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_schema.configuration.endpoints import endpoints_of
from upsun_schema.configuration.model import RELATIONSHIP_FORM, Container, Relationship
from upsun_schema.configuration.project import Project
from upsun_schema.keys.shape import kinds_of
from upsun_schema.wording import is_placeholder, listed, shortened
from upsun_schema.yaml.nodes import Alias, Keys, Scalar

TOPIC = "Relationships"


@rule(
    "undefined-relationship-target",
    Severity.ERROR,
    docs="configure-apps/image-properties/relationships",
    keys=("relationships",),
)
def undefined_relationship_target(container: Container, project: Project) -> Iterator[Finding]:
    """A relationship points to a service or application that does not exist.

    The platform cannot resolve the relationship and rejects the push. A relationship without a value points to the
    service with the same name. Otherwise the name is the part before the colon, or the value of `service`.

    Use the name from `services` or `applications`, in any file in `.upsun`. It is not the kind of service: a MariaDB
    service called `db` is `db`, not `mariadb`.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'mariadb:mysql'
    services:
      db:
        type: 'mariadb:11.8'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'db:mysql'
    services:
      db:
        type: 'mariadb:11.8'
    ```
    """
    for relationship in container.readable_relationships:
        name = relationship.target or ""
        if name in project.services or name in project.applications:
            continue
        if project.worker_called(name) or is_placeholder(name):
            continue
        lacks = (Keys("services", (name,)), Keys("applications", (name,)))
        if (task := project.tasks.get(name)) is not None:
            yield Finding(
                relationship.target_region,
                f"`{name}` is a task, and nothing can connect to a task; the push is rejected",
                related=(Related(task.key.region, "the task is defined here"),),
                lacks=lacks,
            )
            continue
        meant = meant_by(project, name, container)
        implied = relationship.target_region == relationship.key.region
        without = "a value" if relationship.node.is_null else "`service`"
        message = f"service or application `{name}` does not exist"
        if implied:
            message = f"a relationship without {without} points to the service `{name}`, which does not exist"
        if meant:
            message += f"; did you mean {listed(meant, 'or', limit=4)}?"
        yield Finding(
            relationship.target_region,
            message,
            label="not defined in any file in `.upsun`",
            related=definitions(project),
            fixes=tuple(_retargeted(container, relationship, meant)),
            lacks=lacks,
        )


def _retargeted(container: Container, relationship: Relationship, meant: list[str]) -> Iterator[Fix]:
    """The fixes that change the target of a relationship. Its own name never changes."""
    name = relationship.target or ""
    implied = relationship.target_region == relationship.key.region
    for other in meant:
        if implied:
            edit = complete(relationship.pair, {"service": other}, flow=is_in_flow(container))
        elif is_written_here(relationship, "service", name):
            edit = Edit(without_quotes(relationship.target_region), other)
        else:
            edit = None
        if edit is not None:
            yield Fix(f"Change it to `{other}`", (edit,))


@rule("relationship-targets-worker", Severity.ERROR, docs="configure-apps/workers", keys=("relationships",))
def relationship_targets_worker(container: Container, project: Project) -> Iterator[Finding]:
    """A relationship points to a worker, which accepts no connections.

    A worker has no endpoint. Neither other containers nor the outside world can connect to it, so this relationship
    never gets an answer. The documentation does not say whether the push is rejected.

    Send work to a worker through a queue or database that both sides have a relationship to. If something has to answer
    requests, make it an application.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          mailer: 'mail:http'
        workers:
          mail:
            commands:
              start: python mail.py
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          queue: 'rabbit:rabbitmq'
        workers:
          mail:
            commands:
              start: python mail.py
    services:
      rabbit:
        type: 'rabbitmq:4.3'
    ```
    """
    for relationship in container.readable_relationships:
        name = relationship.target or ""
        worker = None if project.named(name) else project.worker_called(name)
        if worker is not None:
            yield Finding(
                relationship.target_region,
                f"`{name}` is a worker, and nothing can connect to a worker; use a queue or database instead",
                related=(Related(worker.key.region, "the worker is defined here"),),
            )


@rule(
    "relationship-form", Severity.ERROR, docs="configure-apps/image-properties/relationships", keys=("relationships",)
)
def relationship_form(container: Container, project: Project, options: Options) -> Iterator[Finding]:
    """A relationship written as text is not in the form `service:endpoint`.

    The text needs a service and an endpoint, separated by one colon and without spaces. Any other text does not name a
    target, and the push is rejected.

    To use the default endpoint of a service, leave out the text, or write a map with `service` only.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: db
    services:
      db:
        type: 'mariadb:11.8'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'db:mysql'
    services:
      db:
        type: 'mariadb:11.8'
    ```
    """
    for relationship in container.relationships.values():
        node = relationship.node
        if not isinstance(node, Scalar) or RELATIONSHIP_FORM.fullmatch(node.text) or kinds_of(node) != {"string"}:
            continue
        if is_placeholder(node.text):
            continue
        written = relationship.pair.value
        parts = [part for part in re.split(r"[:\s]+", node.text) if part]
        target = project.named(parts[0]) if parts else []
        example, fixes = "service:endpoint", []
        if len(parts) <= 2 and len(target) == 1:
            endpoints = endpoints_of(target[0], options.images)
            usual = None if endpoints is None else endpoints.default or next(iter(endpoints.names), None)
            endpoint = parts[1] if len(parts) == 2 else usual
            if endpoint is not None:
                example = f"{parts[0]}:{endpoint}"
                if not isinstance(written, Alias):
                    fixes.append(Fix(f"Write `{example}`", (rewrite(node, example),)))
        yield Finding(
            node.region,
            f"`{shortened(node.text)}` is not `service:endpoint`"
            + (f"; write `{example}`" if example != "service:endpoint" else ""),
            fixes=tuple(fixes),
        )
