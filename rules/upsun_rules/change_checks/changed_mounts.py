"""Rules about mounts whose files a change leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from upsun_rules.editing.blocks import complete, written
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.mount_purposes import looks_remade
from upsun_rules.rule import rule
from upsun_schema.configuration.change import Change, Matched
from upsun_schema.configuration.model import Container, Instance, Mount
from upsun_schema.record import NamedTuple
from upsun_schema.wording import listed, shortened
from upsun_schema.yaml.nodes import Mapping, Region, Scalar

TOPIC = "Changes of mounts"

_ALIKE = 0.6
"""How alike two paths are, from 0 to 1, so that the mount was surely renamed."""


@rule("mount-renamed", Severity.WARNING, docs="configure-apps/image-properties/mounts")
def mount_renamed(change: Change) -> Iterator[Finding]:
    """A change gives a mount another path, and its files stay behind.

    A mount without `source_path` keeps its files in a folder that is named after its path. Under another path it is a
    new, empty folder. The old files still exist and use space, but no container shows them.

    Write the old folder as `source_path`, and the mount shows the old files at its new path.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/uploads':
            source: storage
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'public/uploads':
            source: storage
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'public/uploads':
            source: storage
            source_path: var/uploads
    ```
    """
    for one in _changed_mounts(change):
        for old, new in one.mounts.renamed:
            if _keeps(old) and old.source_path != new.source_path:
                message = f"the mount {_name(old.path)} is now {_name(new.path)}: its files stay in the old folder"
                yield Finding(
                    new.key.region,
                    f"{message}, and the new one is empty; add {_name(old.source_path, 'source_path: ')}",
                    related=one.workers,
                    fixes=_with_old_folder(one.after, old, new),
                )


@rule("mount-removed", Severity.WARNING, docs="configure-apps/image-properties/mounts")
def mount_removed(change: Change) -> Iterator[Finding]:
    """A change removes a mount that holds files.

    No container shows the files any more, and where the mount was, the application can no longer write. The files
    themselves stay in the storage of the application and use space there: they can be seen again by a mount with the
    same `source_path`.

    Copy the files before you deploy, or delete them first if they are no longer needed. It is info for a mount of a
    network storage, which others may still show. Mounts for temporary files are not
    reported, nor are those whose path looks like a cache or logs.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/uploads':
            source: storage
          'var/private':
            source: storage
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/uploads':
            source: storage
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/uploads':
            source: storage
          'var/private':
            source: storage
    ```
    """
    for one in _changed_mounts(change):
        for old in one.mounts.removed:
            if not _keeps(old):
                continue
            is_service = old.source == "service"
            where = f"in `{old.service}`" if is_service else "in the storage"
            message = f"the mount {_name(old.path)} is removed: its files stay {where}, but no longer appear here"
            severity = Severity.INFO if is_service else Severity.OF_RULE
            yield Finding(_block(one), message, related=one.workers, severity=severity)


@rule("mount-source-changed", Severity.WARNING, docs="configure-apps/image-properties/mounts")
def mount_source_changed(change: Change) -> Iterator[Finding]:
    """A change gives a mount another source, and its files stay behind.

    Each `source` is a storage of its kind: `storage` belongs to the application, `service` to a network storage, and
    `instance` and `tmp` to one container. The platform copies nothing from one to the other, so the mount is empty
    after the deployment, and the old files no longer appear. With `instance` or `tmp`, new files do not last either.

    Add the new mount beside the old one, copy the files, and remove the old one in a later deployment. A mount whose
    old source did not keep files is not reported.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/uploads':
            source: storage
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/uploads':
            source: service
            service: files
    services:
      files:
        type: 'network-storage:1.0'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/uploads':
            source: storage
          'var/shared':
            source: service
            service: files
    services:
      files:
        type: 'network-storage:1.0'
    ```
    """
    for one in _changed_mounts(change):
        for old, new in one.mounts.same:
            is_one = old.source == new.source and change.leads_to_same(old.service, new.service)
            if not _keeps(old) or is_one or new.source is None:
                continue
            was, now = _shown_source(old), _shown_source(new)
            message = f"the mount {_name(new.path)} changes from {was} to {now}: its files are not copied"
            yield Finding(_entry(new, "source"), f"{message}; copy them first", related=one.workers)


@rule("mount-source-path-changed", Severity.WARNING, docs="configure-apps/image-properties/mounts")
def mount_source_path_changed(change: Change) -> Iterator[Finding]:
    """A change lets a mount show another folder, and its files stay behind.

    `source_path` is the folder of the storage that a mount shows; without it, that is the path of the mount. Another
    folder has other files, or is new and empty. The platform moves nothing.

    Keep the old `source_path`. If the files must move, move them in a shell on the environment, through a mount that
    shows both folders.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/uploads':
            source: storage
            source_path: uploads
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/uploads':
            source: storage
            source_path: files
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'public/uploads':
            source: storage
            source_path: uploads
    ```
    """
    for one in _changed_mounts(change):
        for old, new in one.mounts.same:
            is_one = old.source == new.source and change.leads_to_same(old.service, new.service)
            if _keeps(old) and is_one and old.source_path != new.source_path:
                message = (
                    f"the mount {_name(new.path)} shows {_name(new.source_path)} instead of {_name(old.source_path)}:"
                )
                yield Finding(
                    _entry(new, "source_path"),
                    f"{message} its files no longer appear; keep the old `source_path`",
                    related=one.workers,
                    fixes=_with_old_folder(one.after, old, new),
                )


# -- mounts ------------------------------------------------------------------------------------------------------------


class _Changed(NamedTuple):
    """The mounts of a container before and after; `workers` inherit them."""

    after: Container
    mounts: Matched[Mount]
    workers: tuple[Related, ...]


def _changed_mounts(change: Change) -> Iterator[_Changed]:
    """Yield the mounts of each container that has its own.

    A container with a new name has other files anyway. What a new override drops is reported by the rules on overrides.
    """
    for before, after in change.containers():
        if before.path != after.path:
            continue
        old, new = _source(before), _source(after)
        is_inherited = old is not before and new is not after
        if is_inherited or (old is not before and new is after):
            continue
        yield _Changed(new, change.mounts(old, new), tuple(_heirs(after)))


def _source(container: Container) -> Container:
    """The container whose mounts count for this one."""
    return container.effective.source("mounts") if isinstance(container, Instance) else container


def _heirs(container: Container) -> Iterator[Related]:
    workers = getattr(container, "workers", {}).values()
    for worker in [one for one in workers if one.entry("mounts") is None][:3]:
        yield Related(worker.key.region, "this worker inherits the mounts")


def _name(path: str, key: str = "") -> str:
    return f"`{key}{shortened(path, most=36)}`"


def _keeps(mount: Mount) -> bool:
    return mount.source in ("storage", "service") and not looks_remade(mount)


def _shown_source(mount: Mount) -> str:
    named = [name for name in (mount.source, mount.service) if name is not None]
    return listed(named, "of") if len(named) > 1 else f"`{named[0]}`" if named else "nothing"


def _block(one: _Changed) -> Region:
    block = one.after.entry("mounts")
    return block.key.region if block is not None else one.after.key.region


def _entry(mount: Mount, name: str) -> Region:
    pair = mount.entry(name)
    return pair.key.region if pair is not None else mount.key.region


def _with_old_folder(container: Container, old: Mount, new: Mount) -> tuple[Fix, ...]:
    """The fix that makes a mount show the old folder; it is safe if the mount surely is the old one, renamed."""
    title = f"Show the old folder with `source_path: {old.source_path}`"
    given = new.at("source_path")
    if isinstance(given, Scalar):
        return (Fix(title, (Edit(given.region, written(old.source_path, given.piece)),)),)
    block = container.value("mounts")
    flow = isinstance(block, Mapping) and block.flow
    edit = complete(new.pair, {"source_path": written(old.source_path, new.key.piece)}, flow=flow)
    is_sure = old.path != new.path and SequenceMatcher(None, old.path, new.path).ratio() >= _ALIKE
    return (Fix(title, (edit,), safe=is_sure),) if edit is not None else ()
