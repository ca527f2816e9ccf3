"""The rule about host names of relationships."""

from __future__ import annotations

import re
from collections.abc import Iterator

from upsun_rules.finding import Finding, Severity
from upsun_rules.lookups.inside import inside
from upsun_rules.lookups.placed_texts import RUN_KEYS, running
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application, Container, Instance
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.wording import listed
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Mapping, Node, Region, Scalar

TOPIC = "Hosts of relationships"

_HOST = expression(r"(?<![\w.-])([a-z0-9](?:[\w-]*[a-z0-9])?)\.internal(?![\w-]|\.[\w])", re.IGNORECASE)
_MOST_NAMED = 4


@rule(
    "unknown-internal-host",
    Severity.INFO,
    docs="configure-apps/multi-app/relationships",
    keys=(*RUN_KEYS, "variables"),
)
def unknown_internal_host(application: Application, project: Project) -> Iterator[Finding]:
    """A command or a variable names the internal host of a relationship that the container does not have.

    A host such as `database.internal` belongs to the relationship `database` of a container. Containers without this
    relationship cannot resolve the name, whatever the name of the service or application is.

    Add the relationship, or use the name of the one that is there. Better, use the variable that the platform provides,
    such as `$DATABASE_HOST`. Names of `additional_hosts` are not reported.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        web:
          commands:
            start: node server.js
        relationships:
          cache: 'memory:redis'
        workers:
          queue:
            commands:
              start: node consume.js --redis=redis://memory.internal:6379
    services:
      memory:
        type: 'redis-persistent:8.0'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        web:
          commands:
            start: node server.js
        relationships:
          cache: 'memory:redis'
        workers:
          queue:
            commands:
              start: node consume.js --redis=redis://$CACHE_HOST:$CACHE_PORT
    services:
      memory:
        type: 'redis-persistent:8.0'
    ```
    """
    seen: set[Region] = set()
    for container, scalar in _texts(application):
        for found in _HOST.finditer(scalar.text) if ".internal" in scalar.text else ():
            region = inside(scalar, *found.span())
            names = _names(container)
            if region in seen or names is None or found[1] in names:
                continue
            seen.add(region)
            yield Finding(region, _message(found[1], sorted(names), project), label="not known here")


def _texts(application: Application) -> Iterator[tuple[Application | Instance, Scalar]]:
    """Yield the commands and the environment variables of an application, with the container they are in."""
    for one in running(application):
        if not one.is_build:
            yield one.container, one.text.scalar
    containers: list[Application | Instance] = [application, *application.instances]
    for container in containers:
        for scalar in _addresses(container):
            yield container, scalar


def _addresses(container: Application | Instance) -> list[Scalar]:
    """The environment variables written in a container that may have an address in them."""
    block = container.value("variables")
    if block is None:
        return []

    def find() -> tuple[Node, list[Scalar]]:
        nodes = (variable.pair.value.resolved for variable in container.variables if variable.prefix == "env")
        return block, [node for node in nodes if isinstance(node, Scalar) and ".internal" in node.source]

    # Many containers may share one block.
    key = "internal addresses", block.start
    return remembered(block.piece, key, None, find, holds=lambda found: found[0] is block)[1]


def _names(container: Application | Instance) -> set[str] | None:
    """The hosts a container knows; None if they cannot be known. Workers may use what the application sets."""
    if isinstance(container, Instance):
        holders: list[Container] = [container.effective.source("relationships")]
        hosts: list[Container] = [container, container.application]
    else:
        hosts = holders = [container, *container.instances]
    if any(_is_unknown(one) for one in (*holders, *hosts)):
        return None
    names = {name for one in holders for name in one.relationships}
    return names | {name.removesuffix(".internal") for one in hosts for name in one.children("additional_hosts")}


def _is_unknown(container: Container) -> bool:
    block = container.value("relationships")
    return (
        container.body is None or container.body.merges_unknown or (isinstance(block, Mapping) and block.merges_unknown)
    )


def _message(name: str, names: list[str], project: Project) -> str:
    message = f"`{name}.internal` can only be resolved by a container with a relationship called `{name}`"
    if name in project.services or name in project.applications:
        return f"{message}, whatever the name of the service or application"
    return f"{message}; here there is {listed(names[:_MOST_NAMED], 'and')}" if names else message
