"""Rules about mounts whose files belong to one container or are not kept."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Related, Severity
from upsun_rules.lookups.container_mounts import MountGroup, checked_mounts, mount_groups, placed_mounts, web_mounts
from upsun_rules.lookups.mount_purposes import looks_disposable, looks_lasting, looks_shared
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application, Container, Mount, Worker
from upsun_schema.wording import listed

TOPIC = "Mounts"


_MOST_WORKERS = 50
"""The number of workers shown that have a mount."""


@rule("local-mount-for-shared-data", Severity.WARNING, docs="configure-apps/workers#mounts", keys=("workers",))
def local_mount_for_shared_data(application: Application) -> Iterator[Finding]:
    """Files that a worker needs are in a mount that is local to each container.

    An `instance` or `tmp` mount belongs to one container. The web container, each worker and each further instance of
    them see only the files that they wrote themselves. The path of this mount, such as `uploads` or `shared`, suggests
    that it should be shared.

    Use a network storage, mounted with `source: service`, to give all containers the same files.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        mounts:
          'uploads':
            source: instance
        workers:
          thumbnails:
            commands:
              start: node thumbnails.js
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        mounts:
          'uploads':
            source: service
            service: files
        workers:
          thumbnails:
            commands:
              start: node thumbnails.js
    services:
      files:
        type: 'network-storage:1.0'
    ```
    """
    for mount, workers in _seen_by_workers(application):
        if looks_shared(mount) and not (mount.is_temporary and looks_lasting(mount)):
            names = listed((worker.name for worker in workers), limit=4)
            yield Finding(
                mount.key.region,
                f"{names} cannot see the web container's files in `{mount.path}`: "
                f"{'an' if mount.source == 'instance' else 'a'} `{mount.source}` mount is separate in each container;"
                " use a network storage",
                related=tuple(
                    Related(worker.key.region, "this worker sees only its own files there")
                    for worker in workers[:_MOST_WORKERS]
                ),
            )


@rule("tmp-mount-for-lasting-data", Severity.WARNING, docs="configure-apps/image-properties/mounts", keys=("mounts",))
def tmp_mount_for_lasting_data(container: Container) -> Iterator[Finding]:
    """Data that must be kept is in a `tmp` mount.

    A `tmp` mount is a folder in the `/tmp` of one container. The platform may empty it during maintenance, and no other
    container sees it. It is meant for files that can be created again, such as caches. The path of this mount suggests
    uploads, a database or similar data.

    Use a `storage` mount instead, or a network storage if workers need the files, too.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        mounts:
          'media/uploads':
            source: tmp
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        mounts:
          'media/uploads':
            source: storage
    ```
    """
    for mount in placed_mounts(checked_mounts(container)):
        if mount.is_temporary and looks_lasting(mount):
            yield Finding(
                mount.key.region,
                f"the platform may empty the `{mount.source}` mount `{mount.path}`; use `storage` for data you need to"
                " keep",
            )


@rule("tmp-mount-per-instance", Severity.HINT, docs="configure-apps/workers#mounts", keys=("workers",))
def tmp_mount_per_instance(application: Application) -> Iterator[Finding]:
    """A `tmp` mount is a different folder in the web container and in each worker.

    Each container has its own `tmp` mount. It can lose the files during maintenance or when it is replaced. All `tmp`
    mounts of a container and everything else in its `/tmp` share 8 GB.

    This is fine for temporary files, so it is only a hint. Use another mount for everything else.

    ```yaml title="wrong"
    applications:
      app:
        type: 'ruby:3.4'
        mounts:
          'work':
            source: tmp
        workers:
          convert:
            commands:
              start: bundle exec sidekiq
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'ruby:3.4'
        mounts:
          'work/cache':
            source: tmp
        workers:
          convert:
            commands:
              start: bundle exec sidekiq
    ```
    """
    for mount, workers in _seen_by_workers(application):
        if mount.is_temporary and not (looks_shared(mount) or looks_lasting(mount) or looks_disposable(mount)):
            yield Finding(
                mount.key.region,
                f"`{mount.path}` is separate in each container; all `tmp` mounts of a container share 8 GB and may be"
                " emptied",
                related=tuple(
                    Related(worker.key.region, f"`{worker.name}` has a separate folder")
                    for worker in workers[:_MOST_WORKERS]
                ),
            )


def _seen_by_workers(application: Application) -> Iterator[tuple[Mount, list[Worker]]]:
    """The local mounts of the web container that workers have at the same path, with these workers."""
    mounts = [mount for mount in placed_mounts(web_mounts(application).values()) if mount.is_local]
    if not mounts:
        return
    order = {worker: index for index, worker in enumerate(application.workers.values())}
    having: dict[str, list[MountGroup]] = {}
    for group in mount_groups(application.workers.values()):
        for path in {mount.path for mount in group.mounts.values() if mount.is_local}:
            having.setdefault(path, []).append(group)
    for mount in mounts:
        groups = having.get(mount.path, [])
        if len(groups) == 1:
            yield mount, groups[0].workers
        elif groups:
            yield mount, sorted((worker for group in groups for worker in group.workers), key=order.__getitem__)
