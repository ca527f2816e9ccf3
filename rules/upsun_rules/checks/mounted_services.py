"""The rule about the `service` of a mount."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import complete, rewrite
from upsun_rules.finding import Finding, Fix, Related, Severity
from upsun_rules.lookups.container_mounts import checked_mounts
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Container, Mount
from upsun_schema.configuration.project import Project
from upsun_schema.wording import is_placeholder, nearest
from upsun_schema.yaml.nodes import BROKEN, Keys, Scalar

TOPIC = "Mounts"


@rule("mount-service", Severity.ERROR, docs="configure-apps/image-properties/mounts", keys=("mounts",))
def mount_service(container: Container, project: Project) -> Iterator[Finding]:
    """The `service` of a mount is missing, undefined or of the wrong kind.

    What `service` means depends on `source`:

    - `source: service` requires it. It must be the name of a `network-storage` service. No relationship to that service
      is needed.
    - `source: storage` allows it. It is then the name of another application whose storage this mount uses.

    Nothing else can be mounted.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        mounts:
          'shared':
            source: service
            service: redis
        relationships:
          redis:
    services:
      redis:
        type: 'redis:8.0'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        mounts:
          'shared':
            source: service
            service: files
        relationships:
          redis:
    services:
      redis:
        type: 'redis:8.0'
      files:
        type: 'network-storage:1.0'
    ```
    """
    for mount in checked_mounts(container):
        named = mount.at("service")
        if isinstance(named, Scalar) and (named.tag == BROKEN or is_placeholder(named.text)):
            continue
        if mount.source == "service" and (named is None or named.is_null):
            yield _service_missing(mount, project)
        elif mount.source == "service" and mount.service is not None:
            yield from _not_a_network_storage(mount, mount.service, project)
        elif mount.source == "storage" and mount.service is not None:
            yield from _not_an_application(mount, mount.service, project)


def _service_missing(mount: Mount, project: Project) -> Finding:
    known = _network_storages(project)
    source = mount.entry("source")
    fixes: list[Fix] = []
    if mount.entry("service") is None:
        for name in known:
            edit = complete(mount.pair, {"service": name})
            if edit is not None:
                fixes.append(Fix(f"Use the network storage `{name}`", (edit,)))
    return Finding(
        mount.key.region if source is None else source.value.region,
        "`source: service` needs `service`, the name of a `network-storage` service",
        fixes=tuple(fixes),
        lacks=(Keys(mount.body, ("service",)),) if mount.body is not None else (),
    )


def _not_a_network_storage(mount: Mount, name: str, project: Project) -> Iterator[Finding]:
    """Check the service of a mount with `source: service`."""
    place = mount.at("service")
    assert isinstance(place, Scalar)
    known = _network_storages(project)
    service = project.services.get(name)
    related: tuple[Related, ...] = ()
    if service is not None:
        kind = service.type
        if kind is None or kind.tag == BROKEN or service.image == "network-storage":
            return
        message = f"`{name}` is a service of type `{service.image}`; only a `network-storage` service can be mounted"
        related = (Related(service.key.region, "the service is defined here"),)
    elif name in project.applications:
        message = f"`{name}` is an application; a `service` mount needs the name of a `network-storage` service"
    else:
        message = f"service `{name}` does not exist; a `service` mount needs the name of a `network-storage` service"
    meant = nearest(name, known) or (known if len(known) == 1 else [])
    lacks = (Keys("services", (name,)),)
    yield Finding(place.region, message, related=related, fixes=_renamed(mount, meant), lacks=lacks)


def _not_an_application(mount: Mount, name: str, project: Project) -> Iterator[Finding]:
    """Check the service of a mount with `source: storage`."""
    place = mount.at("service")
    assert isinstance(place, Scalar)
    if name in project.applications:
        return
    lacks = (Keys("applications", (name,)),)
    service = project.services.get(name)
    rest = "`service` of a `storage` mount is the name of an application; for a network storage, write"
    rest += " `source: service`"
    if service is None:
        message = f"application `{name}` does not exist; {rest}"
        fixes = _renamed(mount, nearest(name, project.applications))
        yield Finding(place.region, message, fixes=fixes, lacks=(*lacks, Keys("services", (name,))))
        return
    source = mount.entry("source")
    fixes = ()
    if service.image == "network-storage" and source is not None and isinstance(source.value, Scalar):
        fixes = (Fix("Change the source to `service`", (rewrite(source.value, "service"),)),)
    related = (Related(service.key.region, "the service is defined here"),)
    yield Finding(place.region, f"`{name}` is a service; {rest}", related=related, fixes=fixes, lacks=lacks)


def _network_storages(project: Project) -> list[str]:
    return [service.name for service in project.services.values() if service.image == "network-storage"]


def _renamed(mount: Mount, meant: list[str]) -> tuple[Fix, ...]:
    pair = mount.entry("service")
    if pair is None or not isinstance(pair.value, Scalar):
        return ()
    return tuple(Fix(f"Change it to `{name}`", (rewrite(pair.value, name),)) for name in meant)
