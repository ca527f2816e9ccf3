"""The mounts of a container, of the web container, and of workers that share a block of them."""

from __future__ import annotations

from collections.abc import Iterable

from upsun_rules.lookups.siblings import is_first
from upsun_schema.configuration.model import Application, Container, Mount, Service, Worker
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Node

__all__ = ["MountGroup", "checked_mounts", "mount_groups", "placed_mounts", "web_mounts"]


def checked_mounts(container: Container) -> list[Mount]:
    """The mounts of a container; none if it shares its block with an earlier worker, where they are checked."""
    if "checked mounts" not in container.memory:
        is_checked = not isinstance(container, Worker) or is_first(container, _mounts_node)
        own = container.mounts.values() if is_checked and not isinstance(container, Service) else ()
        container.memory["checked mounts"] = list(own)
    found: list[Mount] = container.memory["checked mounts"]
    return found


def _mounts_node(worker: Worker) -> Node | None:
    return worker.value("mounts")


def placed_mounts(mounts: Iterable[Mount]) -> list[Mount]:
    """The mounts with a valid path, the first for each path."""
    placed: dict[str, Mount] = {}
    for mount in mounts:
        if mount.path.strip(" .") and ".." not in mount.path.split("/"):
            placed.setdefault(mount.path, mount)
    return list(placed.values())


def web_mounts(application: Application) -> dict[str, Mount]:
    """The mounts of the web container, where cron jobs and deploy hooks run too."""
    return application.mounts if application.web is None else application.web.effective.mounts


class MountGroup(NamedTuple):
    """Workers that share one block of mounts: the application's, or another one through an alias."""

    mounts: dict[str, Mount]
    workers: list[Worker]


def mount_groups(workers: Iterable[Worker]) -> list[MountGroup]:
    """Workers by the block of mounts that they have."""
    found: dict[Node | None, MountGroup] = {}
    for worker in workers:
        pair = worker.effective.of("mounts").pair
        block = None if pair is None else pair.value.resolved
        if block not in found:
            found[block] = MountGroup(worker.effective.mounts, [])
        found[block].workers.append(worker)
    return list(found.values())
