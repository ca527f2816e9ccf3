"""Rules about services that a change removes, renames or turns into something else."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Severity
from upsun_rules.lookups.lasting_data import holds_data
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_schema.configuration.change import Change
from upsun_schema.configuration.model import Service
from upsun_schema.images.table import Image, Status
from upsun_schema.yaml.nodes import Region

TOPIC = "Changes of services"

_SEQUENTIAL = frozenset({"mariadb", "mysql"})
"""Services that are upgraded from one supported version to the next (docs: add-services/mysql)."""


@rule("service-removed", Severity.WARNING, docs="add-services")
def service_removed(change: Change) -> Iterator[Finding]:
    """A change removes a service that holds data.

    When the change is deployed, the platform deletes the service together with its data. If you add a service of that
    name again later, it starts empty.

    Export what you still need before you deploy. Then acknowledge the removal with a comment, or leave the service in
    the configuration until its data is no longer needed. Services that only hold a cache or a copy are not reported.

    ```yaml title="before"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          database: 'db:postgresql'
    services:
      db:
        type: 'postgresql:18'
      search:
        type: 'opensearch:3'
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          database: 'db:postgresql'
    services:
      db:
        type: 'postgresql:18'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          database: 'db:postgresql'
          search: 'search:opensearch'
    services:
      db:
        type: 'postgresql:18'
      search:
        type: 'opensearch:3'
    ```
    """
    for service in change.services.removed:
        if holds_data(service):
            message = f"the service `{service.name}` ({_type(service)}) is removed: the deployment deletes its data"
            yield Finding(change.block("services", change.path_before(service)), f"{message}; export it first")


@rule("service-renamed", Severity.ERROR, docs="add-services")
def service_renamed(change: Change) -> Iterator[Finding]:
    """A change gives a service another name.

    To the platform, a service with another name is another service. When the change is deployed, it creates a new and
    empty one, and deletes the old one with its data. A rename is recognized by the image of the two services.

    Keep the old name. What your code sees is the name of the relationship, and that can be changed without any loss. If
    you really want a service of the new name, add it beside the old one, copy the data, and remove the old one in a
    later deployment.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'db:mysql'
    services:
      db:
        type: 'mariadb:11.8'
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'orders:mysql'
    services:
      orders:
        type: 'mariadb:11.8'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          orders: 'db:mysql'
    services:
      db:
        type: 'mariadb:11.8'
    ```
    """
    for old, new in change.services.renamed:
        if holds_data(old):
            what = "network storage" if old.image == "network-storage" else "service"
            message = (
                f"the {what} `{old.name}` is now called `{new.name}`: the deployment deletes `{old.name}` with its"
            )
            yield Finding(new.key.region, f"{message} data, and `{new.name}` is empty; keep the old name")


@rule("service-type-changed", Severity.ERROR, docs="add-services")
def service_type_changed(change: Change) -> Iterator[Finding]:
    """A change turns a service into one of another type, under the same name.

    The platform does not convert data. A change of the type deletes the existing service and its data, or the
    deployment fails. For Redis and Valkey the documentation says that the type of an existing service cannot be
    changed, for example from `redis` to `redis-persistent`.

    Add the new service under another name, copy the data, change the relationships, and remove the old service in a
    later deployment. This is a warning if the old service only held a cache.

    ```yaml title="before"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          database: 'db'
    services:
      db:
        type: 'mariadb:11.8'
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          database: 'db:postgresql'
    services:
      db:
        type: 'postgresql:18'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          database: 'db:mysql'
          pg: 'pg:postgresql'
    services:
      db:
        type: 'mariadb:11.8'
      pg:
        type: 'postgresql:18'
    ```
    """
    for old, new in change.services.same:
        if old.image is None or new.image is None or _family(old.image) == _family(new.image):
            continue
        kept = f"the type of `{new.name}` changes from `{old.image}` to `{new.image}`"
        is_variant = old.image.partition("-")[0] == new.image.partition("-")[0]
        if holds_data(old):
            message = f"{kept}: its data is not converted but deleted; add the new service under another name"
            yield Finding(_type_region(new), message)
        elif is_variant:
            message = f"{kept}: the type of a service cannot be changed; add the new service under another name"
            yield Finding(_type_region(new), message)
        else:
            message = f"{kept}: what it holds now is lost; add the new service under another name"
            yield Finding(_type_region(new), message, severity=Severity.WARNING)


@rule("service-version-lowered", Severity.ERROR, docs="add-services")
def service_version_lowered(change: Change, options: Options) -> Iterator[Finding]:
    """A change gives a service an older version.

    An older version cannot read the data of a newer one. For MariaDB and Oracle MySQL, the documentation says that a
    downgrade deletes the service with its data. For other services it says nothing, so there it is a warning.

    Keep the version. If you need the older one, export the data, add a service of that version under another name, and
    import the data there.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'db:mysql'
    services:
      db:
        type: 'mariadb:11.8'
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'db:mysql'
    services:
      db:
        type: 'mariadb:11.4'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'db:mysql'
    services:
      db:
        type: 'mariadb:12.3'
    ```
    """
    for old, new, image in _versioned(change, options):
        if image.name == "network-storage" or not _is_older(image, new, old):
            continue
        is_sure = _family(image.name) in ("mariadb", "oracle-mysql")
        message = f"the version of `{new.name}` goes back from {old.version} to {new.version}: "
        message += "the downgrade deletes its data" if is_sure else "an older version cannot read newer data"
        severity = Severity.OF_RULE if is_sure else Severity.WARNING
        yield Finding(_type_region(new), f"{message}; keep {old.version}", severity=severity)


@rule("service-version-skipped", Severity.WARNING, docs="add-services/mysql")
def service_version_skipped(change: Change, options: Options) -> Iterator[Finding]:
    """A change upgrades MariaDB over several supported versions at once.

    MariaDB is upgraded from one supported version to the next. If versions are left out, the upgrade can fail, and then
    the data cannot be read.

    Upgrade to the next version, deploy, and go on from there. Back up the environment first.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'db:mysql'
    services:
      db:
        type: 'mariadb:11.4'
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'db:mysql'
    services:
      db:
        type: 'mariadb:12.3'
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
    for old, new, image in _versioned(change, options):
        between = _between(image, old.version or "", new.version or "") if image.name in _SEQUENTIAL else []
        if between:
            message = f"`{new.name}` goes from {old.version} to {new.version} at once, but it is upgraded one supported"
            yield Finding(_type_region(new), f"{message} version at a time; deploy {between[-1]} first")


@rule("network-storage-version-changed", Severity.ERROR, docs="add-services/network-storage")
def network_storage_version_changed(change: Change) -> Iterator[Finding]:
    """A change gives a network storage another version.

    The versions of the network storage are different systems. If the version of an existing one changes, up or down,
    the platform deletes all of its files for good.

    Add a network storage of the new version under another name, copy the files, change the mounts, and remove the old
    one in a later deployment.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/files': {source: service, service: files, source_path: uploads}
    services:
      files:
        type: 'network-storage:2.0'
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/files': {source: service, service: files, source_path: uploads}
    services:
      files:
        type: 'network-storage:1.0'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/files': {source: service, service: files, source_path: uploads}
          'var/next': {source: service, service: media, source_path: uploads}
    services:
      files:
        type: 'network-storage:2.0' # upsun-lint: ignore[image-version] until the files are copied
      media:
        type: 'network-storage:1.0'
    ```
    """
    for old, new in change.services.same:
        if old.image == new.image == "network-storage" and old.version != new.version:
            message = f"the version of the network storage `{new.name}` changes from {old.version} to {new.version}:"
            yield Finding(
                _type_region(new),
                f"{message} the deployment deletes all of its files; add a new one under another name",
            )


# -- services ----------------------------------------------------------------------------------------------------------


def _type(service: Service) -> str:
    return service.type.text if service.type is not None else "no type"


def _type_region(service: Service) -> Region:
    return service.type.region if service.type is not None else service.key.region


def _family(image: str) -> str:
    """The image that this one is another name of."""
    return {"mysql": "mariadb", "postgres-replica": "postgresql-replica"}.get(image, image)


def _versioned(change: Change, options: Options) -> Iterator[tuple[Service, Service, Image]]:
    """Yield the services with data whose version changed to another known one, with their image."""
    for old, new in (*change.services.same, *change.services.renamed):
        image = options.images.get(new.image or "")
        if image is None or old.image is None or _family(old.image) != _family(image.name) or not holds_data(new):
            continue
        if None not in (old.version, new.version) and old.version != new.version:
            yield old, new, image


def _is_older(image: Image, one: Service, other: Service) -> bool:
    """Whether the version of a service comes before that of another one in the list of its image."""
    versions = [*image.listed, *(version for version in image.lent if version not in image.listed)]
    if one.version not in versions or other.version not in versions:
        return False
    return _number(one.version or "") < _number(other.version or "")


def _between(image: Image, low: str, high: str) -> list[str]:
    """The supported versions between two, newest first."""
    supported = image.versions(Status.SUPPORTED, Status.DEPRECATED)
    return [version for version in supported if _number(low) < _number(version) < _number(high)]


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() and len(part) < 10 else 0 for part in version.split("."))
