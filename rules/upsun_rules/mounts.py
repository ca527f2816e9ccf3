"""Rules about mounts: where files are kept, who shares them, how long they last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from upsun_rules.edits import add_to_section, append_entry, complete, rewrite
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.folders import Folders
from upsun_rules.options import Options
from upsun_rules.recognition import recognise
from upsun_rules.rule import rule
from upsun_rules.shell import parse
from upsun_rules.siblings import is_first
from upsun_schema.model import Application, Container, Mount, Service, Worker
from upsun_schema.nodes import BROKEN, Alias, Mapping, Node, Scalar
from upsun_schema.project import Project
from upsun_schema.wording import is_placeholder, listed, nearest

__all__ = [
    "dotted_mount",
    "legacy_mount",
    "local_mount_for_shared_data",
    "local_mount_source",
    "mount_path",
    "mount_service",
    "overlapping_mounts",
    "storage_not_shared_with_worker",
    "tmp_mount_for_lasting_data",
    "tmp_mount_per_instance",
]


@rule("storage-not-shared-with-worker", Severity.WARNING, docs="configure-apps/workers#mounts")
def storage_not_shared_with_worker(application: Application, project: Project, options: Options) -> Iterator[Finding]:
    """A worker and the web container have a `storage` mount at the same path, but not the same files.

    A worker inherits the mounts of its application, their paths and settings, not the files in them: each `storage`
    mount is an empty disk of the worker's own. An upload that the web container saves is not there for the worker to
    resize, and a report that the worker writes is not there to be downloaded. Nothing fails, files are just missing.

    What both sides work on goes into a network storage, a service that every container can mount; files that are
    there already have to be copied over. Caches and logs of one container need not be shared, so paths that look like
    such are left alone, and so are workers that only sleep. This is a warning where the path is one that is usually
    shared or where the commands of both sides name it, and an information otherwise. A mount is reported once, for
    all workers that inherit it.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/uploads':
            source: storage
        workers:
          resize:
            commands:
              start: php bin/console messenger:consume async --time-limit=3600
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/uploads':
            source: service
            service: files
        workers:
          resize:
            commands:
              start: php bin/console messenger:consume async --time-limit=3600
    services:
      files:
        type: 'network-storage:1.0'
    ```
    """
    unshared = _unshared(application)
    # Where some mounts of the application are likely to be shared, the others are for each container on purpose.
    inherited = [one for one in unshared if one.inherited]
    likely = [one for one in inherited if one.likely]
    for one in (*(likely or inherited), *(one for one in unshared if not one.inherited)):
        workers = one.workers
        who = f"worker `{workers[0].name}` does" if len(workers) == 1 else f"{len(workers)} workers do"
        yield Finding(
            one.mount.key.region,
            f"{who} not see the web container's files in `{one.mount.path}`: `storage` mounts are not shared with"
            " workers, `service` mounts are",
            label="another disk in each worker" if one.inherited else "has files of its own here",
            related=_places(one),
            fixes=tuple(_shared_fixes(one, project, options)),
            severity=Severity.OF_RULE if one.likely else Severity.INFO,
        )


def _places(unshared: _Unshared) -> tuple[Related, ...]:
    """Return the first few of the workers that have a disk of their own, and the mount they do not share."""
    workers = [Related(worker.key.region, "has files of its own there") for worker in unshared.workers[:3]]
    web = Related(unshared.web.key.region, f"`{unshared.web.path}` of the web container")
    return tuple(workers) if unshared.inherited else (web,)


@rule("local-mount-for-shared-data", Severity.WARNING, docs="configure-apps/workers#mounts")
def local_mount_for_shared_data(application: Application) -> Iterator[Finding]:
    """Files that a worker should see are kept in a mount that each container has for itself.

    The source `instance` (or `tmp`) is a disk of one container. The web container and each of its workers, and each
    replica of either, see only what they wrote themselves. A path like `uploads` or `shared` suggests that this is
    not what was meant. A network storage, mounted with `source: service`, is one place for all of them.

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
        if _looks_shared(mount) and not (mount.is_temporary and _looks_lasting(mount)):
            names = listed((worker.name for worker in workers), limit=4)
            yield Finding(
                mount.key.region,
                f"{names} cannot see what the web container saves in `{mount.path}`: `{mount.source}` mounts are "
                "another folder in each container",
                related=tuple(
                    Related(worker.key.region, "sees only its own files there") for worker in workers[:_MOST_WORKERS]
                ),
            )


@rule("tmp-mount-for-lasting-data", Severity.WARNING, docs="configure-apps/image-properties/mounts")
def tmp_mount_for_lasting_data(container: Container) -> Iterator[Finding]:
    """Data that should last is kept in a `tmp` mount.

    A `tmp` mount is a folder below `/tmp` of one container. Maintenance of the platform may empty it at any time, and
    no other container sees it. It is for what can be made again, such as caches. The path of this one speaks of
    uploads, a database or the like. Those go into a `storage` mount, or into a network storage if workers need them,
    too.

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
          'cache':
            source: tmp
    ```
    """
    for mount in _placed(_mounts(container)):
        if mount.is_temporary and _looks_lasting(mount):
            yield Finding(
                mount.key.region,
                f"`{mount.path}` is in a `{mount.source}` mount, which maintenance may empty at any time; what must "
                "last goes into `storage`",
            )


@rule("tmp-mount-per-instance", Severity.HINT, docs="configure-apps/workers#mounts")
def tmp_mount_per_instance(application: Application) -> Iterator[Finding]:
    """A `tmp` mount is another folder in the web container and in each worker.

    Every container has a `tmp` mount for itself, and loses it when the platform maintains or replaces that container.
    All `tmp` mounts of a container together, and whatever else is in `/tmp`, have 8 GB. That is right for scratch
    files, and worth knowing for everything else.

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
        if mount.is_temporary and not (_looks_shared(mount) or _looks_lasting(mount) or _looks_disposable(mount)):
            yield Finding(
                mount.key.region,
                f"`{mount.path}` is another folder in each container; its `tmp` mounts share 8 GB, and maintenance "
                "may empty them",
                related=tuple(
                    Related(worker.key.region, f"`{worker.name}` has its own") for worker in workers[:_MOST_WORKERS]
                ),
            )


@rule("mount-service", Severity.ERROR, docs="configure-apps/image-properties/mounts")
def mount_service(container: Container, project: Project) -> Iterator[Finding]:
    """The `service` of a mount is missing, does not exist, or is of the wrong kind.

    What `service` names depends on `source`. A `service` mount needs it: the name of a service of type
    `network-storage`. A `storage` mount may have it: the name of another application whose storage is to be seen
    here. Anything else has no files to mount.

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
    for mount in _mounts(container):
        named = mount.at("service")
        if isinstance(named, Scalar) and (named.tag == BROKEN or is_placeholder(named.text)):
            continue
        if mount.source == "service" and (named is None or named.is_null):
            yield _service_missing(mount, project)
        elif mount.source == "service" and mount.service is not None:
            yield from _not_a_network_storage(mount, mount.service, project)
        elif mount.source == "storage" and mount.service is not None:
            yield from _not_an_application(mount, mount.service, project)


@rule("overlapping-mounts", Severity.ERROR, docs="configure-apps/image-properties/mounts#overlapping-mounts")
def overlapping_mounts(container: Container) -> Iterator[Finding]:
    """Two mounts are at the same place, or one lies inside another.

    Slashes around a path make no difference, so `/data`, `data/` and `data` are one mount, of which only one
    definition can count. A mount inside a mount of another source is rejected. Inside one of the same source it hides
    a part of the outer one; that is not documented to work, so it is a warning. Mounts side by side in one folder are
    fine.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var':
            source: storage
          'var/cache':
            source: tmp
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/share':
            source: storage
          'var/cache':
            source: tmp
    ```
    """
    by_path: dict[str, Mount] = {}
    for mount in _mounts(container):
        first = by_path.setdefault(mount.path, mount)
        if first is not mount:
            yield Finding(
                mount.key.region,
                f"`{mount.name}` and `{first.name}` are the same mount: slashes at the ends make no difference",
                related=(Related(first.key.region, "the same path is mounted here"),),
            )
    around = Folders(by_path)
    for path, inner in by_path.items():
        holder = next(around.above(path), None)
        outer = by_path[holder] if holder is not None else None
        if outer is not None and inner.source in _SOURCES and outer.source in _SOURCES:
            yield _inside(inner, outer)


def _inside(inner: Mount, outer: Mount) -> Finding:
    same = _place_of(outer) == _place_of(inner)
    if same:
        what = "hides a part of it: keep one of the two, or mount them side by side"
    else:
        what = "has another source, for which the push is rejected: mount them side by side"
    return Finding(
        inner.key.region,
        f"`{inner.path}` lies inside the mount `{outer.path}` and {what}",
        related=(Related(outer.key.region, "the outer mount"),),
        severity=Severity.WARNING if same else Severity.ERROR,
    )


@rule("mount-path", Severity.ERROR, docs="configure-apps/image-properties/mounts")
def mount_path(container: Container) -> Iterator[Finding]:
    """A mount is not at a folder of the application.

    The path of a mount counts from the folder of the application. It cannot lead out of it with `..`, and it cannot
    be that folder itself: the mount would hide the whole application, and nothing would start.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          '../uploads':
            source: storage
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'uploads':
            source: storage
    ```
    """
    for mount in _mounts(container):
        if ".." in mount.path.split("/"):
            message = f"`{mount.name}` leads out of the application; a mount is a folder inside it"
            yield Finding(mount.key.region, message)
        elif not mount.path.strip(" ."):
            message = "a mount here would hide the whole application: name a folder inside it"
            yield Finding(mount.key.region, message)


@rule("dotted-mount", Severity.INFO, docs="configure-apps/image-properties/mounts")
def dotted_mount(container: Container) -> Iterator[Finding]:
    """The key of a mount begins with a dot.

    The documentation says that keys beginning with a dot are skipped, so that such a mount is not there. Templates
    that work have them all the same. A slash before the dot makes no difference to the mount and rules the question
    out.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        mounts:
          '.next':
            source: instance
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        mounts:
          '/.next':
            source: instance
    ```
    """
    for mount in _placed(_mounts(container)):
        key = mount.key
        if mount.name.startswith(".") and not mount.name.startswith(("./", "..")) and isinstance(key, Scalar):
            slashed = f"/{mount.name}"
            yield Finding(
                key.region,
                f"a key that begins with a dot may be skipped, and this mount with it; `{slashed}` is the same path",
                fixes=(Fix(f"Write `{slashed}`", (rewrite(key, slashed),), safe=True),),
            )


@rule("local-mount-source", Severity.WARNING, docs="configure-apps/image-properties/mounts")
def local_mount_source(container: Container) -> Iterator[Finding]:
    """A mount has the source `local`, the former name of `instance`.

    Here `local` means `instance`: a disk of one container, which its replicas and workers do not share. On Upsun
    Fixed, where the word comes from, it was the disk of the application, so a configuration that moved from there may
    mean `storage`. The fix keeps what the platform does today.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/cache':
            source: local
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/cache':
            source: instance
    ```
    """
    for mount in _mounts(container):
        source = mount.entry("source")
        if source is not None and isinstance(source.value.resolved, Scalar) and mount.source == "local":
            value = source.value
            fixes: tuple[Fix, ...] = ()
            if isinstance(value, Scalar):
                fixes = (
                    Fix("Write `instance`, which is what it means", (rewrite(value, "instance"),), safe=True),
                    Fix("Change it to `storage`: lasting, empty at first", (rewrite(value, "storage"),)),
                )
            yield Finding(
                value.region,
                "`local` is the old name of `instance`, a disk of one container; for files that last write `storage`",
                fixes=fixes,
            )


@rule("legacy-mount", Severity.ERROR, docs="configure-apps/image-properties/mounts")
def legacy_mount(container: Container) -> Iterator[Finding]:
    """A mount is written in one line, the way it was done years ago.

    The form `'path': 'shared:files/folder'` is no longer accepted. A mount is a map now: `source` says where its
    files are kept, `source_path` in which folder there.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'web/uploads': 'shared:files/uploads'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'web/uploads':
            source: storage
            source_path: uploads
    ```
    """
    for mount in _mounts(container):
        node = mount.node
        match = _LEGACY.fullmatch(node.text) if isinstance(node, Scalar) and node.tag != BROKEN else None
        if match is None:
            continue
        folder = match[1] or ""
        shown = folder if re.fullmatch(r"[\w./-]*\w[\w./-]*", folder) else f"'{folder}'"
        fixes: tuple[Fix, ...] = ()
        if mount.pair.value is node:
            fixes = tuple(
                Fix(title, (Edit(node.region, f"{{source: {source}, source_path: {shown}}}"),))
                for source, title in (
                    ("storage", "Write it as a `storage` mount, which lasts"),
                    ("instance", "Write it as an `instance` mount, local to one container"),
                )
            )
        yield Finding(
            mount.pair.value.region,
            "the one-line form of a mount is no longer accepted; write a map with `source` and `source_path`",
            fixes=fixes,
        )


_MOST_WORKERS = 50
"""How many of the workers that have a mount are shown."""

_MOST_OF_ONE_PLACE = 3
"""How many mounts of the web container for the same files are compared."""

_SOURCES = frozenset({"instance", "local", "service", "storage", "temporary", "tmp"})
_LEGACY = re.compile(r"shared:files(?:/(.*))?")


# -- what a path tells -----------------------------------------------------------------------------------------------

# Words of a path, and what folders with such names usually hold.
_LASTING = re.compile(
    "attachments?|backups?|data|databases?|db|files|medias?|sessions?|sqlite3?|upload(s|ed)?",
)
_SHARED = re.compile(
    "attachments?|documents|exports?|files|medias?|private|public|share[ds]?|sites|spool|storage|upload(s|ed)?",
)
_REMADE = re.compile("cache[ds]?|composer|framework|logs?|npm|pip|run|scratch|te?mp|yarn")
_SESSIONS = re.compile("sessions?")
_WORD = re.compile(r"[A-Z]?[a-z]+\d?|[A-Z]+|\d+")


def _speaks_of(path: str, words: re.Pattern[str]) -> bool:
    """Return whether one of the words of a path is among some."""
    return any(words.fullmatch(word.lower()) for word in _WORD.findall(path))


def _looks_lasting(mount: Mount) -> bool:
    return _speaks_of(mount.path, _LASTING) and not _speaks_of(mount.path, _REMADE)


def _looks_shared(mount: Mount) -> bool:
    return _speaks_of(mount.path, _SHARED) and not _looks_disposable(mount)


def _looks_disposable(mount: Mount) -> bool:
    # Folders with a dot hold caches and settings of tools; the session of a visitor concerns no worker.
    dotted = any(part.startswith(".") for part in mount.path.split("/"))
    return dotted or _speaks_of(mount.path, _REMADE) or _speaks_of(mount.path, _SESSIONS)


# -- who sees what ---------------------------------------------------------------------------------------------------


def _mounts(container: Container) -> list[Mount]:
    """Return the mounts of a container, none where it shares them with an earlier worker: they are judged there."""
    if isinstance(container, Service) or (isinstance(container, Worker) and not is_first(container, _mounts_node)):
        return []
    return list(container.mounts.values())


def _mounts_node(worker: Worker) -> Node | None:
    return worker.value("mounts")


def _web_mounts(application: Application) -> dict[str, Mount]:
    """Return the mounts of the web container, where crons and deploy hooks run, too."""
    return application.mounts if application.web is None else application.web.effective.mounts


class _Group(NamedTuple):
    """Workers that have one block of mounts, that of the application or another by an alias."""

    mounts: dict[str, Mount]
    workers: list[Worker]


def _groups(workers: Iterable[Worker]) -> list[_Group]:
    found: dict[Node | None, _Group] = {}
    for worker in workers:
        pair = worker.effective.of("mounts").pair
        block = None if pair is None else pair.value.resolved
        if block not in found:
            found[block] = _Group(worker.effective.mounts, [])
        found[block].workers.append(worker)
    return list(found.values())


def _seen_by_workers(application: Application) -> Iterator[tuple[Mount, list[Worker]]]:
    """Yield the local mounts of the web container that workers have at the same path, with these workers."""
    order = {worker: index for index, worker in enumerate(application.workers.values())}
    having: dict[str, list[_Group]] = {}
    for group in _groups(application.workers.values()):
        for path in {mount.path for mount in group.mounts.values() if mount.is_local}:
            having.setdefault(path, []).append(group)
    for mount in _placed(_web_mounts(application).values()):
        groups = having.get(mount.path, []) if mount.is_local else []
        if len(groups) == 1:
            yield mount, groups[0].workers
        elif groups:
            yield mount, sorted((worker for group in groups for worker in group.workers), key=order.__getitem__)


def _place_of(mount: Mount) -> tuple[str, str | None]:
    """Return what a mount's files are part of: its source by its one name, and the service that it names."""
    source = "tmp" if mount.is_temporary else "instance" if mount.is_local else mount.source or ""
    return source, mount.service


class _Unshared(NamedTuple):
    """A storage mount of workers, and that of the web container which does not show the same files.

    `inherited` tells that they are one text, `likely` that these files are ones that are usually shared.
    """

    mount: Mount
    web: Mount
    workers: list[Worker]
    inherited: bool
    likely: bool


def _unshared(application: Application) -> list[_Unshared]:
    """Return the storage mounts of workers that the web container has, too, each once for all workers that have it."""
    webs: dict[str, list[Mount]] = {}
    for mount in _placed(_web_mounts(application).values()):
        if _is_own_storage(mount):
            webs.setdefault(mount.source_path, []).append(mount)
    if not webs:
        return []
    found: dict[tuple[int, int], _Unshared] = {}
    theirs = _web_texts(application)
    for group in _groups(worker for worker in application.workers.values() if not _only_sleeps(worker)):
        ours = "\n".join(worker.start.text for worker in group.workers if worker.start is not None)
        for mount in _placed(group.mounts.values()):
            if not _is_own_storage(mount) or _looks_disposable(mount):
                continue
            for web in webs.get(mount.source_path, ())[:_MOST_OF_ONE_PLACE]:
                key = (id(mount.pair), id(web.pair))
                known = found.get(key)
                is_likely = (known is not None and known.likely) or _likely_shared(mount, ours, theirs)
                workers = group.workers if known is None else [*known.workers, *group.workers]
                found[key] = _Unshared(mount, web, workers, mount.pair is web.pair, is_likely)
    return list(found.values())


def _placed(mounts: Iterable[Mount]) -> list[Mount]:
    """Return the mounts whose paths are neither rejected nor given twice."""
    placed: dict[str, Mount] = {}
    for mount in mounts:
        if mount.path.strip(" .") and ".." not in mount.path.split("/"):
            placed.setdefault(mount.path, mount)
    return list(placed.values())


def _only_sleeps(worker: Worker) -> bool:
    """Return whether a worker does nothing, so that it needs no files: `sleep infinity`, for people who log in."""
    script = parse(worker.start.text) if worker.start is not None else None
    commands = script.commands if script is not None and not script.has_error else ()
    known = [recognise(command) for command in commands]
    return bool(known) and all(
        one is not None and (one.category in ("idle", "sleep") or one.kind == "trivial") for one in known
    )


def _is_own_storage(mount: Mount) -> bool:
    return mount.source == "storage" and mount.at("service") is None


def _web_texts(application: Application) -> str:
    """Return all that runs in the web container after the build."""
    texts = [node.text for name, node in application.hooks.items() if name != "build"]
    texts += [cron.command.text for cron in application.crons.values() if cron.command is not None]
    if application.web_start is not None:
        texts.append(application.web_start.text)
    return "\n".join(texts)


def _likely_shared(mount: Mount, ours: str, theirs: str) -> bool:
    """Return whether a folder is one that workers and the web container usually, or by their commands, share."""
    return _looks_shared(mount) or (_names(ours, mount.path) and _names(theirs, mount.path))


def _names(text: str, path: str) -> bool:
    """Return whether a text has a path, not as a part of a longer word."""
    at = text.find(path)
    while at >= 0:
        end = at + len(path)
        if not (_IN_WORD.match(text, at - 1) if at else None) and not _IN_WORD.match(text, end):
            return True
        at = text.find(path, at + 1)
    return False


_IN_WORD = re.compile(r"[\w.-]")


# -- sharing files ---------------------------------------------------------------------------------------------------


def _shared_fixes(unshared: _Unshared, project: Project, options: Options) -> Iterator[Fix]:
    worker = unshared.workers[0]
    name = worker.application.name
    if len(unshared.workers) == 1 and (edits := _application_storage(worker, unshared)) is not None:
        yield Fix(f"Give `{worker.name}` the storage of `{name}` (`service: {name}`)", tuple(edits))
    if (moved := _network_storage(unshared, project, options)) is not None:
        service, edits = moved
        yield Fix(f"Keep them in a network storage, `{service}` (existing files are not copied)", tuple(edits))


def _application_storage(worker: Worker, unshared: _Unshared) -> list[Edit] | None:
    """Return the edits that make a worker's mount show the storage of its application."""
    name = worker.application.name
    body = worker.body
    if worker.entry("mounts") is not None:
        # What is one text for both cannot name the application in the worker alone.
        return None if unshared.inherited else _all([complete(unshared.mount.pair, {"service": name})])
    if body is None or isinstance(worker.pair.value, Alias):
        return None
    # A block of its own replaces the inherited one, so every mount has to be in it.
    lines: list[str] = []
    for mount in worker.application.mounts.values():
        text = _as_lines(mount)
        if text is None:
            return None
        lines += [*text, *([f"  service: {name}"] if mount.pair is unshared.mount.pair else [])]
    return _all([append_entry(None, body, "mounts", "".join(f"{line}\n" for line in lines))])


def _as_lines(mount: Mount) -> list[str] | None:
    """Return a mount as lines of YAML, block style; None where it is written in a way that cannot be copied."""
    if not isinstance(mount.key, Scalar) or mount.body is None:
        return None
    lines = [f"{mount.key.source}:"]
    for name, pair in mount.body.entries.items():
        value = pair.value.resolved
        if not isinstance(value, Scalar) or value.style in ("|", ">"):
            return None
        lines.append(f"  {name}: {value.source}")
    return lines


def _network_storage(unshared: _Unshared, project: Project, options: Options) -> tuple[str, list[Edit]] | None:
    """Return the edits that move a mount to a network storage, a new one unless there is exactly one, and its name."""
    name, edits = _storage_service(unshared.workers[0], project, options)
    for mount in (unshared.web,) if unshared.inherited else (unshared.mount, unshared.web):
        source = mount.entry("source")
        if source is None or not isinstance(source.value, Scalar):
            return None
        edits.append(complete(mount.pair, {"service": name}))
        edits.append(rewrite(source.value, "service"))
    found = _all(edits)
    return None if found is None else (name, found)


def _storage_service(worker: Worker, project: Project, options: Options) -> tuple[str, list[Edit | None]]:
    known = [service.name for service in project.services.values() if service.image == "network-storage"]
    if len(known) == 1:
        return known[0], []
    taken = {*project.services, *project.applications}
    name = next(name for name in ("files", "shared-files", *(f"files-{n}" for n in range(2, 999))) if name not in taken)
    image = options.images.get("network-storage")
    version = image.newest if image is not None else None
    home = project.place(worker.application.key.region).document
    documents = [document for document in project.documents.values() if _has_services(document.root)]
    edit = add_to_section((documents or [home])[0], "services", f"{name}:\n  type: 'network-storage:{version}'\n")
    return name, [edit if version is not None and home.path in project.documents else None]


def _has_services(root: object) -> bool:
    return isinstance(root, Mapping) and any(pair.name == "services" for pair in root.pairs)


def _all(edits: list[Edit | None]) -> list[Edit] | None:
    """Return the edits if all of them can be made."""
    found = [edit for edit in edits if edit is not None]
    return found if len(found) == len(edits) else None


# -- the service of a mount ------------------------------------------------------------------------------------------


def _network_storages(project: Project) -> list[str]:
    return [service.name for service in project.services.values() if service.image == "network-storage"]


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
        "`source: service` says nothing without `service`, the name of a service of type `network-storage`",
        fixes=tuple(fixes),
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
    elif not project.knows_every("services"):
        return
    elif name in project.applications:
        message = f"`{name}` is an application; a `service` mount names a service of type `network-storage`"
    else:
        message = f"there is no service `{name}`; a `service` mount names a service of type `network-storage`"
    meant = nearest(name, known) or (known if len(known) == 1 else [])
    yield Finding(place.region, message, related=related, fixes=_renamed(mount, meant))


def _not_an_application(mount: Mount, name: str, project: Project) -> Iterator[Finding]:
    """Check the service of a mount with `source: storage`."""
    place = mount.at("service")
    assert isinstance(place, Scalar)
    if name in project.applications or not project.knows_every("applications"):
        return
    service = project.services.get(name)
    rest = "a `storage` mount's `service` names an application; for a network storage write `source: service`"
    if service is None:
        if not project.knows_every("services"):
            return
        meant = nearest(name, project.applications)
        yield Finding(place.region, f"there is no application `{name}`: {rest}", fixes=_renamed(mount, meant))
        return
    source = mount.entry("source")
    fixes: tuple[Fix, ...] = ()
    if service.image == "network-storage" and source is not None and isinstance(source.value, Scalar):
        fixes = (Fix("Change the source to `service`", (rewrite(source.value, "service"),)),)
    related = (Related(service.key.region, "the service is defined here"),)
    yield Finding(place.region, f"`{name}` is a service: {rest}", related=related, fixes=fixes)


def _renamed(mount: Mount, meant: list[str]) -> tuple[Fix, ...]:
    pair = mount.entry("service")
    if pair is None or not isinstance(pair.value, Scalar):
        return ()
    return tuple(Fix(f"Change it to `{name}`", (rewrite(pair.value, name),)) for name in meant)
