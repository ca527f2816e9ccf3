"""Rules about relationships: what a container connects to, and whether that exists."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from upsun_rules.editing.blocks import complete, rewrite
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.definitions import definitions, meant_by, no_such_endpoint, without_endpoints
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_schema.configuration.connections import connections
from upsun_schema.configuration.endpoints import Endpoints, endpoints_of
from upsun_schema.configuration.model import RELATIONSHIP_FORM, Application, Container, Relationship, Service
from upsun_schema.configuration.project import Project
from upsun_schema.keys.shape import kinds_of
from upsun_schema.wording import is_placeholder, listed, nearest, shortened
from upsun_schema.yaml.nodes import Alias, Keys, Mapping, Pair, Region, Scalar
from upsun_schema.yaml.writing import is_plain_name

TOPIC = "Relationships"


@rule("undefined-relationship-target", Severity.ERROR, docs="configure-apps/image-properties/relationships")
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


@rule("relationship-targets-worker", Severity.ERROR, docs="configure-apps/workers")
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


@rule("relationship-form", Severity.ERROR, docs="configure-apps/image-properties/relationships")
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
        if not isinstance(node, Scalar) or kinds_of(node) != {"string"} or RELATIONSHIP_FORM.fullmatch(node.text):
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


@rule("unknown-endpoint", Severity.ERROR, docs="configure-apps/image-properties/relationships")
def unknown_endpoint(container: Container, project: Project, options: Options) -> Iterator[Finding]:
    """A relationship uses an endpoint that its target does not have.

    The platform rejects the push. The endpoints of a service depend on its image and its `configuration`:

    - A MariaDB service has `mysql`, a RabbitMQ service has `rabbitmq`. A RabbitMQ virtual host adds an endpoint.
    - If a MariaDB, PostgreSQL or Solr service defines `endpoints`, only those exist. On MariaDB, `schemas` alone also
      removes the usual endpoint. A Solr core is reached through the endpoint that points to it.
    - An application has `http`.
    - A network storage has no endpoint. It is used through a mount.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'db:mariadb'
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
        name, endpoint = relationship.target or "", relationship.endpoint
        found = project.named(name)
        if endpoint is None or is_placeholder(endpoint) or len(found) != 1:
            continue
        endpoints = endpoints_of(found[0], options.images)
        if endpoints is None or endpoints.has(endpoint):
            continue
        region = relationship.endpoint_region
        repeated = endpoint.removeprefix(f"{name}:")
        meant = (
            [repeated]
            if repeated in endpoints.names
            else nearest(endpoint, endpoints.names) or (list(endpoints.names) if len(endpoints.names) == 1 else [])
        )
        fixes = [
            Fix(f"Change it to `{other}`", (Edit(_unquoted(region), other),), safe=f"{name}:{other}" == endpoint)
            for other in meant
            if _is_written(relationship, "endpoint", endpoint)
        ]
        yield Finding(
            region,
            no_such_endpoint(found[0], endpoint, endpoints),
            related=_custom_endpoints(found[0]),
            fixes=tuple(fixes),
        )


@rule("no-default-endpoint", Severity.ERROR, docs="configure-apps/image-properties/relationships")
def no_default_endpoint(container: Container, project: Project, options: Options) -> Iterator[Finding]:
    """A relationship does not name an endpoint, and its target has no default endpoint.

    Most services have a default endpoint, so a relationship does not need to name one. Applications and Vault have
    none. A MariaDB, PostgreSQL or Solr service can lose it by defining `endpoints`. The platform then rejects the push.
    It says that the relationship "targets a service without a valid default endpoint configuration".

    Name the endpoint, such as `http` for an application. A network storage has no endpoint at all. It is used through a
    mount.

    ```yaml title="wrong"
    applications:
      web:
        type: 'nodejs:24'
        relationships:
          api:
      api:
        type: 'python:3.14'
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'web:http'
    ```

    ```yaml title="right"
    applications:
      web:
        type: 'nodejs:24'
        web:
          commands:
            start: node server.js
        relationships:
          api:
            service: api
            endpoint: http
      api:
        type: 'python:3.14'
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'web:http'
    ```
    """
    for relationship in container.readable_relationships:
        name = relationship.target or ""
        found = project.named(name)
        if len(found) != 1 or relationship.endpoint is not None or relationship.at("endpoint") is not None:
            continue
        endpoints = endpoints_of(found[0], options.images)
        if endpoints is None or endpoints.default is not None:
            continue
        # Only the author knows which of several endpoints is meant. For an application, it is `http`.
        is_application = isinstance(found[0], Application)
        choices = ["http"] if is_application else endpoints.names[:3]
        yield Finding(
            relationship.target_region,
            _no_default(found[0], endpoints),
            related=_custom_endpoints(found[0]),
            fixes=tuple(
                Fix(f"Add `endpoint: {choice}`", (edit,), safe=is_application)
                for choice in choices
                if (edit := _with_endpoint(container, relationship, choice)) is not None
            ),
            lacks=(Keys(relationship.node, ("endpoint",)),) if isinstance(relationship.node, Mapping) else (),
        )


@rule("circular-relationships", Severity.ERROR, docs="configure-apps/multi-app/relationships")
def circular_relationships(project: Project) -> Iterator[Finding]:
    """Relationships form a circle.

    The platform does not allow relationships between applications that lead back to where they started, directly or
    through others. If a service such as Varnish is part of the circle, the platform skips one of the relationships
    without an error, and that connection does not work.

    Let both sides communicate through a queue or database, or over the public URL.

    ```yaml title="wrong"
    applications:
      shop:
        type: 'php:8.4'
        relationships:
          search: 'search:http'
      search:
        type: 'python:3.14'
        relationships:
          shop: 'shop:http'
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'shop:http'
    ```

    ```yaml title="right"
    applications:
      shop:
        type: 'php:8.4'
        relationships:
          search: 'search:http'
          queue: 'rabbit:rabbitmq'
      search:
        type: 'python:3.14'
        relationships:
          queue: 'rabbit:rabbitmq'
    services:
      rabbit:
        type: 'rabbitmq:4.3'
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'shop:http'
    ```
    """
    every = _steps(project)
    knots = _knots(every)
    steps = {
        name: [step for step in ways if knots[step.relationship.target or ""] == knots[name]]
        for name, ways in every.items()
    }
    reported: set[frozenset[str]] = set()
    told: set[int] = set()
    effort = 0
    for start in steps:
        # If containers have more circles than any real project, one of them is enough.
        if not steps[start] or (effort > _MOST_EFFORT and knots[start] in told):
            continue
        circle, visited = _circle(steps, start)
        effort += visited
        names = frozenset(step.origin for step in circle)
        if not circle or names in reported:
            continue
        reported.add(names)
        told.add(knots[start])
        shown = [f"`{step.origin}`" for step in circle[:_MOST_SHOWN]]
        way = " → ".join([*shown, *(["…"] if len(circle) > _MOST_SHOWN else []), f"`{start}`"])
        if names & project.services.keys():
            what = "the platform skips one of them, and that connection does not work"
        else:
            what = "the platform does not allow them"
        message = f"circular relationships: {way}; {what}"
        if len(circle) == 1:
            message = f"application `{start}` has a relationship to itself, which the platform does not allow"
        yield Finding(
            circle[0].relationship.target_region,
            message,
            related=tuple(
                Related(step.relationship.target_region, f"`{step.origin}` points to `{step.relationship.target}`")
                for step in circle[1:_MOST_SHOWN]
            ),
        )


def _custom_endpoints(target: Application | Service) -> tuple[Related, ...]:
    configuration = target.value("configuration") if isinstance(target, Service) else None
    if not isinstance(configuration, Mapping):
        return ()
    if (pair := configuration.get("endpoints")) is not None:
        return (Related(pair.key.region, "its endpoints are defined here"),)
    if (pair := configuration.get("schemas")) is not None:
        return (Related(pair.key.region, "this service defines `schemas`, so it has only the endpoints it defines"),)
    return ()


def _no_default(target: Application | Service, endpoints: Endpoints) -> str:
    if isinstance(target, Application):
        return f"application `{target.name}` has no default endpoint; set `endpoint: http`"
    if not endpoints.names:
        return without_endpoints(target)
    names = listed(endpoints.names, "or", limit=4)
    return f"service `{target.name}` has no default endpoint; set `endpoint` to {names}"


# -- relationships as they are written -------------------------------------------------------------------------------


def _is_written(relationship: Relationship, part: str, text: str) -> bool:
    """Whether a part of a relationship is written here and reads as it is written. Only then can it be edited."""
    pair = relationship.pair
    node = relationship.node
    entry = node.get(part) if isinstance(node, Mapping) else pair
    if entry is None or isinstance(pair.value, Alias) or isinstance(entry.value, Alias):
        return False
    region = relationship.endpoint_region if part == "endpoint" else relationship.target_region
    return _unquoted(region).text == text


def _unquoted(region: Region) -> Region:
    if len(region.text) > 1 and region.text[0] == region.text[-1] and region.text[0] in "'\"":
        return Region(region.piece, region.start + 1, region.end - 1)
    return region


def _retargeted(container: Container, relationship: Relationship, meant: list[str]) -> Iterator[Fix]:
    """The fixes that change the target of a relationship. Its own name never changes."""
    name = relationship.target or ""
    implied = relationship.target_region == relationship.key.region
    for other in meant:
        if implied:
            edit = complete(relationship.pair, {"service": other}, flow=_in_flow(container))
        elif _is_written(relationship, "service", name):
            edit = Edit(_unquoted(relationship.target_region), other)
        else:
            edit = None
        if edit is not None:
            yield Fix(f"Change it to `{other}`", (edit,))


def _with_endpoint(container: Container, relationship: Relationship, endpoint: str) -> Edit | None:
    node = relationship.node
    name = relationship.target or ""
    if not is_plain_name(name):
        return None
    entries = {"endpoint": endpoint}
    if not isinstance(node, Mapping):
        entries = {"service": name, **entries}
    elif node.get("endpoint") is not None:
        return None
    elif node.get("service") is None:
        entries = {"service": name, **entries}
    return complete(relationship.pair, entries, flow=_in_flow(container))


def _in_flow(container: Container) -> bool:
    relationships: Pair | None = container.entry("relationships")
    value = relationships.value.resolved if relationships is not None else None
    return isinstance(value, Mapping) and value.flow


# -- circles ---------------------------------------------------------------------------------------------------------


_MOST_SHOWN = 50
"""The number of containers of a circle that are shown."""

_MOST_EFFORT = 200_000
"""The number of containers that the search for all circles may visit."""


class _Step(NamedTuple):
    """A relationship of a container, as a step to another one."""

    origin: str
    relationship: Relationship


def _steps(project: Project) -> dict[str, list[_Step]]:
    return {name: [_Step(name, one) for one in ways] for name, ways in connections(project).items()}


def _knots(steps: dict[str, list[_Step]]) -> dict[str, int]:
    """A number for each group of containers that lead to each other. The others are not in a circle.

    This is Tarjan's search for strongly connected components, without recursion.
    """
    knots: dict[str, int] = {}
    found: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    for top in steps:
        waiting = [] if top in found else [(top, iter(steps[top]))]
        while waiting:
            name, ways = waiting[-1]
            if name not in found:
                found[name] = lowest[name] = len(found)
                path.append(name)
            target = next((step.relationship.target or "" for step in ways), None)
            if target is None:
                waiting.pop()
                if waiting:
                    lowest[waiting[-1][0]] = min(lowest[waiting[-1][0]], lowest[name])
                if lowest[name] == found[name]:
                    while name not in knots:
                        knots[path.pop()] = found[name]
            elif target not in found:
                waiting.append((target, iter(steps[target])))
            elif target not in knots:
                lowest[name] = min(lowest[name], found[target])
    return knots


def _circle(steps: dict[str, list[_Step]], start: str) -> tuple[list[_Step], int]:
    """The shortest way from a container back to itself (empty if there is none), and how many were visited."""
    came_by: dict[str, _Step] = {}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for step in steps[here]:
            target = step.relationship.target or ""
            if target == start:
                way = [step]
                while way[-1].origin != start:
                    way.append(came_by[way[-1].origin])
                return way[::-1], len(came_by) + len(way)
            if target not in came_by:
                came_by[target] = step
                waiting.append(target)
    return [], len(came_by)
