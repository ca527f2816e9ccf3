"""Rules about the endpoints of relationships."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import complete
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.definitions import no_such_endpoint, without_endpoints
from upsun_rules.lookups.written_relationships import is_in_flow, is_written_here, without_quotes
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_schema.configuration.endpoints import Endpoints, endpoints_of
from upsun_schema.configuration.model import Application, Container, Relationship, Service
from upsun_schema.configuration.project import Project
from upsun_schema.wording import is_placeholder, listed, nearest
from upsun_schema.yaml.nodes import Keys, Mapping
from upsun_schema.yaml.writing import is_plain_name

TOPIC = "Relationships"


@rule("unknown-endpoint", Severity.ERROR, docs="configure-apps/image-properties/relationships", keys=("relationships",))
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
            Fix(f"Change it to `{other}`", (Edit(without_quotes(region), other),), safe=f"{name}:{other}" == endpoint)
            for other in meant
            if is_written_here(relationship, "endpoint", endpoint)
        ]
        yield Finding(
            region,
            no_such_endpoint(found[0], endpoint, endpoints),
            related=_custom_endpoints(found[0]),
            fixes=tuple(fixes),
        )


@rule(
    "no-default-endpoint", Severity.ERROR, docs="configure-apps/image-properties/relationships", keys=("relationships",)
)
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
    return complete(relationship.pair, entries, flow=is_in_flow(container))
