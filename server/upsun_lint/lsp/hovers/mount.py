"""Hover texts for mounts: where files are kept, for how long, how much fits, and which containers share them."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_lint.lsp.hovers.image import with_status
from upsun_lint.lsp.hovers.inherited import containers
from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import bullets, code, listed, paragraphs
from upsun_schema.configuration.model import Application, Container, Instance, Mount, Worker
from upsun_schema.configuration.project import Project
from upsun_schema.record import NamedTuple

__all__ = ["about_mount"]

_STORES = {
    "storage": "on a network disk of the application",
    "service": "in a Network Storage service; set `service` to its name",
    "instance": "on the disk of one container",
    "local": "on the disk of one container (`local` is the old name for `instance`)",
    "tmp": "in the `/tmp` of one container",
    "temporary": "in the `/tmp` of one container (`temporary` is the same as `tmp`)",
}
_LASTS = {
    "storage": "**Files** survive deployments and restarts, and are part of backups.",
    "service": "**Files** last as long as the service. A service with another name or version starts empty.",
    "instance": "**Files** may be lost when the container moves to another host. Do not keep anything only here.",
    "tmp": "**Files** can be removed at any time by maintenance, so keep only caches and other temporary files here.",
}
_SPACE = {
    "storage": "**Space:** the disk of the application, sized for each environment with `upsun resources:set`.",
    "service": "**Space:** the disk of the service, sized for each environment with `upsun resources:set`.",
    "instance": "**Space:** 8 GB in each container.",
    "tmp": "**Space:** 8 GB in each container, shared by all of its `tmp` mounts and everything else in `/tmp`.",
}


class _Store(NamedTuple):
    """Where the files of a mount are: two mounts with the same store have the same files."""

    source: str
    owner: str
    path: str


def about_mount(subject: Subject, mount: Mount) -> str | None:
    """Where the files of a mount are and how long they last; None if its source is missing or unknown."""
    source = mount.source
    if source not in _STORES:
        return None
    kind = {"local": "instance", "temporary": "tmp"}.get(source, source)
    return paragraphs(
        f"**Mount** {code(mount.path or mount.name)}: files are kept {_where(subject, mount, source)}.",
        bullets(
            [
                _LASTS[kind],
                f"{_SPACE[kind]}{_neighbors(subject.container, mount, kind)}",
                *_shared(subject, mount, kind),
                *_folder(mount, kind),
                "**Build:** the mount does not exist yet. At runtime it hides what the build wrote to this path.",
            ]
        ),
        docs_link("configure-apps/image-properties/mounts"),
    )


def _where(subject: Subject, mount: Mount, source: str) -> str:
    if mount.service is not None and source in ("service", "storage"):
        target = next(iter(subject.project.named(mount.service)), None)
        if target is None:
            return f"in {code(mount.service)}, which no file in `.upsun` defines"
        place = subject.linked(code(target.name), target.key.region)
        if source == "storage":
            return f"on the network disk of application {place}"
        kind = f", {with_status(target.type.text, subject.images)}" if target.type is not None else ""
        return f"in the service {place}{kind}"
    if isinstance(subject.container, Worker) and source == "storage":
        application = subject.container.application.name
        return (
            f"on a network disk, separately for this worker: the web container of {code(application)} has other files"
        )
    return _STORES[source]


def _folder(mount: Mount, kind: str) -> Iterator[str]:
    """Which folder of the source it shows, and what happens when the mount is renamed."""
    if kind not in ("storage", "service"):
        return
    if mount.at("source_path") is not None:
        where = f"the folder {code(mount.source_path)}" if mount.source_path else "everything"
        yield f"**Shows** {where} of this storage (`source_path`), regardless of the name of the mount."
    else:
        yield (
            f"**Shows** the folder {code(mount.path)} of this storage, because there is no `source_path`. A renamed "
            f"mount is empty; set {code(f'source_path: {mount.path}')} before you rename it."
        )


def _neighbors(container: Container | None, mount: Mount, kind: str) -> str:
    """The other mounts of the container that share the space in `/tmp`."""
    if kind != "tmp" or container is None:
        return ""
    others = [other.path for other in container.mounts.values() if other.is_temporary and other.path != mount.path]
    return f" Here it is shared with {listed(others)}." if others else ""


# -- who sees the same files -------------------------------------------------------------------------------------------


class _Holder(NamedTuple):
    """The web container of an application, or a worker."""

    application: Application
    worker: Worker | None

    @property
    def mounts(self) -> list[Mount]:
        """Its own mounts, or those it inherits."""
        instance = self.worker or self.application.web
        found = self.application.mounts if instance is None else instance.effective.mounts
        return list(found.values())

    def store(self, mount: Mount) -> _Store | None:
        """Where its files of a mount are; None if each replica has other files (docs: add-services/network-storage)."""
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
        yield "**Not shared:** each container, and each replica of a container, has separate files."
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
            f"**Shared** by {_in_words(same, application)}, with all of their replicas. This is not documented for "
            "workers; a `network-storage` service (`source: service`) is the documented way."
        )
    elif len(same) > 1:
        yield f"**Shared** by {_in_words(same, application)}, with all of their replicas."
    elif same:
        yield f"**Shared** only by the replicas of {_in_words(same, application)}."
    if isinstance(container, Application):
        apart = [worker for worker in application.workers.values() if worker.entry("mounts") is None]
        apart = [worker for worker in apart if _Holder(application, worker).store(mount) != store]
        if apart:
            yield (
                f"**Not shared** with {containers([worker.name for worker in apart], web=False)}: each worker has "
                "separate files, at first none. To share files, use a `network-storage` service (`source: service`)."
            )


def _in_words(holders: list[_Holder], seen_from: Application) -> str:
    """Containers of several applications as a phrase."""
    found = []
    for application in dict.fromkeys(holder.application for holder in holders):
        its = [holder for holder in holders if holder.application is application]
        workers = [holder.worker.name for holder in its if holder.worker is not None]
        words = containers(workers, web=len(workers) < len(its))
        found.append(words if application is seen_from else f"{words} of {code(application.name)}")
    return ", ".join(found)
