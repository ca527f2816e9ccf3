"""A mount: where its files are kept, how long they last, how much fits, and who sees the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from upsun_lint.lsp.hovers.image import with_status
from upsun_lint.lsp.hovers.inherited import containers
from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import bullets, code, listed, paragraphs
from upsun_schema.configuration.model import Application, Container, Instance, Mount, Worker
from upsun_schema.configuration.project import Project

__all__ = ["about_mount"]

_STORES = {
    "storage": "on a network disk of the application",
    "service": "in a Network Storage service, which `service` has to name",
    "instance": "on the disk of one container",
    "local": "on the disk of one container (`local` is the old name of `instance`)",
    "tmp": "in the `/tmp` of one container",
    "temporary": "in the `/tmp` of one container (`temporary` is the same as `tmp`)",
}
_LASTS = {
    "storage": "**Lasts** through deployments and restarts, and is in the backups.",
    "service": "**Lasts** as long as the service does: under another name or version that one begins empty.",
    "instance": "**Lasts** no longer than its host: nothing that is needed again should be only here.",
    "tmp": "**Lasts** until maintenance, which may empty it at any time: for what can be made again, such as caches.",
}
_ROOM = {
    "storage": "**Room:** the application's disk, whose size is set for each environment with `upsun resources:set`.",
    "service": "**Room:** the service's disk, whose size is set for each environment with `upsun resources:set`.",
    "instance": "**Room:** 8 GB in each container.",
    "tmp": "**Room:** 8 GB in each container, for all its `tmp` mounts and everything else in `/tmp` together.",
}


class _Store(NamedTuple):
    """Whose files a container finds in a mount: two mounts with the same store show the same files."""

    source: str
    owner: str
    path: str


def about_mount(subject: Subject, mount: Mount) -> str | None:
    """What becomes of the files in a mount; None where its source is missing or unknown."""
    source = mount.source
    if source not in _STORES:
        return None
    kind = {"local": "instance", "temporary": "tmp"}.get(source, source)
    return paragraphs(
        f"**Mount** {code(mount.path or mount.name)}: files {_where(subject, mount, source)}.",
        bullets(
            [
                _LASTS[kind],
                f"{_ROOM[kind]}{_neighbours(subject.container, mount, kind)}",
                *_shared(subject, mount, kind),
                *_folder(mount, kind),
                "**Build:** it is not there yet. What the build leaves at this path is hidden afterwards.",
            ]
        ),
        docs_link("configure-apps/image-properties/mounts"),
    )


def _where(subject: Subject, mount: Mount, source: str) -> str:
    """Say where the files are kept."""
    if mount.service is not None and source in ("service", "storage"):
        target = next(iter(subject.project.named(mount.service)), None)
        if target is None:
            return f"of {code(mount.service)}, which no file of `.upsun` defines"
        place = subject.linked(code(target.name), target.key.region)
        if source == "storage":
            return f"on the network disk of application {place}"
        kind = f", {with_status(target.type.text, subject.images)}" if target.type is not None else ""
        return f"in the service {place}{kind}"
    if isinstance(subject.container, Worker) and source == "storage":
        application = subject.container.application.name
        return f"on a network disk of this worker, another one than the web container of {code(application)} has"
    return _STORES[source]


def _folder(mount: Mount, kind: str) -> Iterator[str]:
    """Say which folder of the source it shows, where renaming the mount would lose sight of it."""
    if kind not in ("storage", "service"):
        return
    if mount.at("source_path") is not None:
        where = f"the folder {code(mount.source_path)} of it" if mount.source_path else "all of it"
        yield f"**Shows** {where} (`source_path`), whatever the mount itself is called."
    else:
        yield (
            f"**Shows** its folder {code(mount.path)}, for want of a `source_path`: renamed, the mount begins empty. "
            f"To rename it, set {code(f'source_path: {mount.path}')} first."
        )


def _neighbours(container: Container | None, mount: Mount, kind: str) -> str:
    """Name the other mounts of the container that share the room in `/tmp`."""
    if kind != "tmp" or container is None:
        return ""
    others = [other.path for other in container.mounts.values() if other.is_temporary and other.path != mount.path]
    return f" That is this one and {listed(others)}." if others else ""


# -- who sees the same files -------------------------------------------------------------------------------------------


class _Holder(NamedTuple):
    """A container of an application: the web container, or a worker."""

    application: Application
    worker: Worker | None

    @property
    def mounts(self) -> list[Mount]:
        """The mounts it has in the end."""
        instance = self.worker or self.application.web
        found = self.application.mounts if instance is None else instance.effective.mounts
        return list(found.values())

    def store(self, mount: Mount) -> _Store | None:
        """Whose files it finds in a mount; None if each replica has its own (docs: add-services/network-storage)."""
        if mount.source == "service" and mount.service is not None:
            return _Store("service", mount.service, mount.source_path)
        if mount.source == "storage":
            own = self.worker.full_name if self.worker is not None else self.application.name
            return _Store("storage", mount.service or own, mount.source_path)
        return None


def _holders(project: Project) -> Iterator[_Holder]:
    for application in project.applications.values():
        yield _Holder(application, None)
        for worker in application.workers.values():
            yield _Holder(application, worker)


def _shared(subject: Subject, mount: Mount, kind: str) -> Iterator[str]:
    if kind in ("instance", "tmp"):
        yield "**Shared** with nobody: each container, and each replica of one, has files of its own."
        return
    container = subject.container
    application = container.application if isinstance(container, Instance) else container
    if not isinstance(application, Application):
        return
    store = _Holder(application, container if isinstance(container, Worker) else None).store(mount)
    same = [
        holder
        for holder in _holders(subject.project)
        if store is not None and any(holder.store(other) == store for other in holder.mounts)
    ]
    if len(same) > 1 and isinstance(container, Worker) and mount.service == application.name:
        yield (
            f"**Shared** by {_in_words(same, application)}, and all their replicas. For workers that is not "
            "documented; a `network-storage` service (`source: service`) is."
        )
    elif len(same) > 1:
        yield f"**Shared** by {_in_words(same, application)}, and all their replicas."
    elif same:
        yield f"**Shared** between the replicas of {_in_words(same, application)}, and with nobody else."
    if isinstance(container, Application):
        apart = [worker for worker in application.workers.values() if worker.entry("mounts") is None]
        apart = [worker for worker in apart if _Holder(application, worker).store(mount) != store]
        if apart:
            yield (
                f"**Not shared** with {containers([worker.name for worker in apart], web=False)}: there the mount is a "
                "disk of its own, which begins empty. Files for both go into a `network-storage` service "
                "(`source: service`)."
            )


def _in_words(holders: list[_Holder], seen_from: Application) -> str:
    """Containers of several applications as people list them."""
    found = []
    for application in dict.fromkeys(holder.application for holder in holders):
        its = [holder for holder in holders if holder.application is application]
        workers = [holder.worker.name for holder in its if holder.worker is not None]
        words = containers(workers, web=len(workers) < len(its))
        found.append(words if application is seen_from else f"{words} of {code(application.name)}")
    return ", ".join(found)
