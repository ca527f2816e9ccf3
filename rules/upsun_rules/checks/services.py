"""Rules about services: whether they are used, and what their `configuration` says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Container, Service, View, items
from upsun_schema.configuration.project import SECTIONS, Project
from upsun_schema.record import NamedTuple
from upsun_schema.wording import is_placeholder, listed, nearest, shortened
from upsun_schema.yaml.nodes import BROKEN, Keys, Mapping, Node, Pair, Scalar

TOPIC = "Services"


@rule("unused-service", Severity.INFO, docs="add-services")
def unused_service(project: Project, options: Options) -> Iterator[Finding]:
    """Nothing uses a service.

    No relationship, mount or route leads to the service. It still runs in a container, which is billed. Often a
    relationship was forgotten.

    Relationships of applications, web processes, workers, services and tasks count, and so do mounts and routes. Before
    you remove a service that is deployed, back up its data.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          cache: 'cache:redis'
    services:
      cache:
        type: 'redis:8.0'
      db:
        type: 'mariadb:11.8'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          cache: 'cache:redis'
          database: 'db:mysql'
    services:
      cache:
        type: 'redis:8.0'
      db:
        type: 'mariadb:11.8'
    ```
    """
    if not project.applications or any(document.is_broken for document in project.all_documents):
        return
    used = _used(project)
    if used is None:
        return
    for service in project.services.values():
        # What is not a service at all is reported as that.
        image = options.images.get(service.image or "")
        if service.name not in used and image is not None and image.kind == "service":
            yield Finding(
                service.key.region,
                f"no relationship, mount or route leads to `{service.name}`, and its container is billed",
                lacks=tuple(Keys(section) for section in SECTIONS),
            )


def _used(project: Project) -> set[str] | None:
    """The names that something leads to; None where that cannot be known."""
    every = list(_all_leads(project))
    known = [leads for leads in every if leads is not None]
    if len(known) < len(every):
        return None
    targets, storages, owners, names = (frozenset().union(*some) for some in zip(*known, strict=True))
    # What leads nowhere may be meant to lead to the service that nothing uses.
    if not (storages <= project.services.keys() and owners <= project.applications.keys()):
        return None
    if not all(map(project.named, targets)):
        return None
    return {route.target[0] for route in project.routes.values() if route.target is not None}.union(names)


class _Leads(NamedTuple):
    """What containers lead to: the targets of relationships, the services and applications of mounts, all names."""

    targets: frozenset[str]
    storages: frozenset[str | None]
    owners: frozenset[str]
    names: frozenset[str]


def _all_leads(project: Project) -> Iterator[_Leads | None]:
    for application in project.applications.values():
        if "leads" not in application.memory:
            application.memory["leads"] = _leads_of((application, *application.instances))
        yield application.memory["leads"]
    yield _leads_of((*project.services.values(), *project.tasks.values()))


def _leads_of(containers: Iterable[Container]) -> _Leads | None:
    """What containers lead to; None where that cannot be known."""
    names: set[str] = set()
    targets: set[str] = set()
    storages: set[str | None] = set()
    owners: set[str] = set()
    for container in containers:
        if container.body is None or container.body.merges_unknown:
            return None
        # A relationship or a mount that is not where it belongs is reported as that.
        names.update(container.entries)
        for block in ("relationships", "mounts"):
            node = container.value(block)
            if node is not None and not node.is_null and not isinstance(node, Mapping):
                return None
            if isinstance(node, Mapping) and node.merges_unknown:
                return None
        for relationship in container.relationships.values():
            if relationship.target is None:
                return None
            targets.add(relationship.target)
        for mount in container.mounts.values():
            if mount.body is None:
                return None
            if mount.source == "service":
                storages.add(mount.service)
            elif mount.service is not None:
                owners.add(mount.service)
            names.add(mount.service or "")
    return _Leads(frozenset(targets), frozenset(storages), frozenset(owners), frozenset(names | targets))


@rule("replica-without-primary", Severity.ERROR, docs="add-services/mysql/mysql-readonly-replication")
def replica_without_primary(service: Service, options: Options) -> Iterator[Finding]:
    """A replica of a database has no relationship `primary`.

    A service of type `mariadb-replica` or `postgresql-replica` copies another service. Its relationship `primary` says
    which: it leads to the endpoint of the other service that has the privilege to replicate. Without it, there is
    nothing to copy.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          reader: 'reader:mysql'
    services:
      reader:
        type: 'mariadb-replica:11.8'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          database: 'db:main'
          reader: 'reader:mysql'
    services:
      db:
        type: 'mariadb:11.8'
        configuration:
          schemas: [main]
          endpoints:
            main:
              default_schema: main
              privileges: {main: admin}
            replicator:
              replication: true
      reader:
        type: 'mariadb-replica:11.8'
        relationships:
          primary: 'db:replicator'
    ```
    """
    image = options.images.get(service.image or "")
    if image is None or image.replica_of is None or service.body is None or service.body.merges_unknown:
        return
    pair = service.entry("relationships")
    node = None if pair is None else pair.value.resolved
    if isinstance(node, Mapping):
        if node.get("primary") is None and not node.merges_unknown:
            yield Finding(
                node.pairs[0].key.region if node.pairs else service.key.region,
                f"`{service.name}` is a replica and has no relationship `primary`, so it does not know what to copy",
                lacks=(Keys(node, ("primary",)),),
            )
    elif node is None:
        message = f"`{service.name}` is a replica and has no relationship `primary`, as in `primary: 'db:replicator'`"
        yield Finding(service.key.region, message, lacks=(Keys(service.body, ("relationships",)),))


_DATABASES = frozenset({"mariadb", "mysql", "oracle-mysql", "postgresql"})
_PRIVILEGES = ("admin", "rw", "ro", "replication", "replication-admin")
_LISTS = {
    "mariadb": ("schemas",),
    "mysql": ("schemas",),
    "oracle-mysql": ("schemas",),
    "postgresql": ("databases", "extensions"),
    "rabbitmq": ("vhosts",),
}
_KEYS = {
    "clickhouse": ("databases", "endpoints"),
    "mariadb": ("schemas", "endpoints", "properties", "rotate_passwords"),
    "mysql": ("schemas", "endpoints", "properties", "rotate_passwords"),
    "oracle-mysql": ("schemas", "endpoints", "properties", "rotate_passwords"),
    "postgresql": ("databases", "endpoints", "extensions", "rotate_passwords"),
    "rabbitmq": ("vhosts",),
    "redis": ("maxmemory_policy",),
    "redis-persistent": ("maxmemory_policy",),
    "solr": ("cores", "configsets", "endpoints"),
    "valkey": ("maxmemory_policy",),
    "valkey-persistent": ("maxmemory_policy",),
    "varnish": ("vcl",),
    "vault-kms": ("endpoints",),
}
_POLICIES = (
    "noeviction",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
)


@rule("service-configuration", Severity.WARNING, docs="add-services")
def service_configuration(service: Service) -> Iterator[Finding]:
    """The `configuration` of a service has a mistake.

    What `configuration` may hold depends on the service. This rule checks what is certain:

    - A key that is probably a misspelled one, such as `schema` for `schemas`.
    - Lists that are not lists: `schemas`, `databases`, `extensions`, `vhosts`.
    - Endpoints of a database: the privileges, and schemas or databases that are not defined.
    - Endpoints of Solr that lead to a core that is not defined.
    - The `maxmemory_policy` of Redis and Valkey.

    The platform does not document what it does with such mistakes, so this is a warning.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          database: 'db:reporter'
    services:
      db:
        type: 'mariadb:11.8'
        configuration:
          schemas: [main]
          endpoints:
            reporter:
              default_schema: main
              privileges:
                main: read
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          database: 'db:reporter'
    services:
      db:
        type: 'mariadb:11.8'
        configuration:
          schemas: [main]
          endpoints:
            reporter:
              default_schema: main
              privileges:
                main: ro
    ```
    """
    image = service.image or ""
    configuration = service.value("configuration")
    if not isinstance(configuration, Mapping):
        return
    known = _KEYS.get(image, ())
    for pair in configuration.effective_pairs:
        name = pair.name or ""
        meant = [] if name in known else [one for one in nearest(name, known) if one not in configuration.entries]
        if meant and pair in configuration.pairs:
            fix = Fix(f"Rename it to `{meant[0]}`", (Edit(pair.key.region, meant[0]),))
            message = f"`{name}` is not a known setting of `{image}`; did you mean {listed(meant, 'or')}?"
            yield Finding(pair.key.region, message, fixes=(fix,))
    for name in _LISTS.get(image, ()):
        node = configuration.value(name)
        if isinstance(node, Mapping) or (isinstance(node, Scalar) and node.tag != BROKEN and not node.is_null):
            yield Finding(configuration.entries[name].key.region, f"`{name}` is a list; write its items with `-`")
    if image in _DATABASES:
        yield from _about_privileges(service, configuration)
    elif image == "solr":
        yield from _about_cores(service, configuration)
    policy = configuration.get("maxmemory_policy") if "maxmemory_policy" in known else None
    node = None if policy is None else policy.value.resolved
    if policy is not None and isinstance(node, Scalar) and _is_wrong(node, _POLICIES):
        meant = nearest(node.text, _POLICIES) or ["noeviction", "allkeys-lru"]
        message = f"`{shortened(node.text)}` is not a valid eviction policy; did you mean {listed(meant, 'or')}?"
        yield Finding(policy.value.region, message)


def _about_privileges(service: Service, configuration: Mapping) -> Iterator[Finding]:
    """Yield what is wrong with the endpoints of a database: privileges, and schemas that are not defined."""
    block = "databases" if service.image == "postgresql" else "schemas"
    single = "default_database" if service.image == "postgresql" else "default_schema"
    schemas = configuration.get(block)
    names = _names(schemas.value.resolved) if schemas is not None else None
    for name, pair in service.custom_endpoints.items():
        endpoint = View(name, pair)
        privileges = endpoint.children("privileges")
        for entry in privileges.values():
            node = entry.value.resolved
            if isinstance(node, Scalar) and _is_wrong(node, _PRIVILEGES):
                message = f"`{shortened(node.text)}` is not a valid privilege (expected `admin`, `rw` or `ro`)"
                yield Finding(entry.value.region, message)
        if schemas is None or names is None:
            continue
        default = endpoint.entry(single)
        used: list[tuple[str, Pair]] = list(privileges.items())
        if default is not None and (text := endpoint.text(single)) is not None:
            used.append((text, default))
        for schema, entry in used:
            if schema not in names and not is_placeholder(schema) and schema != "*":
                place = entry.value.region if entry is default else entry.key.region
                message = f"endpoint `{name}` uses `{shortened(schema)}`, which is not one of the `{block}`"
                yield Finding(place, message, related=(Related(schemas.key.region, "they are defined here"),))


def _about_cores(service: Service, configuration: Mapping) -> Iterator[Finding]:
    """Yield the endpoints of Solr that lead to a core that is not defined."""
    cores = configuration.get("cores")
    node = None if cores is None else cores.value.resolved
    if cores is None or not isinstance(node, Mapping) or node.merges_unknown:
        return
    for name, pair in service.custom_endpoints.items():
        endpoint = View(name, pair)
        core, entry = endpoint.text("core"), endpoint.entry("core")
        if core is not None and entry is not None and core not in node.entries and not is_placeholder(core):
            message = f"endpoint `{name}` leads to the core `{shortened(core)}`, which is not one of the `cores`"
            yield Finding(entry.value.region, message, related=(Related(cores.key.region, "they are defined here"),))


def _is_wrong(node: Scalar, allowed: tuple[str, ...]) -> bool:
    return node.tag != BROKEN and node.text not in allowed and not is_placeholder(node.text)


def _names(node: Node) -> frozenset[str] | None:
    """The texts of a list; None where it is not one, or not all are known."""
    found = items(node)
    if not found or any(not isinstance(item, Scalar) or item.tag == BROKEN for item in found):
        return None
    return frozenset(item.text for item in found if isinstance(item, Scalar))
