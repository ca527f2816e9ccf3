"""Rules about mounts: where files are stored, who shares them, how long they are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, count, pairwise
from typing import NamedTuple

from upsun_rules.editing.blocks import add_to_section, complete, in_quotes, rewrite, step_of
from upsun_rules.finding import Edit, Finding, Fix, Lack, Related, Severity
from upsun_rules.lookups.folders import Folders
from upsun_rules.lookups.mount_paths import holds_remade_files, speaks_of
from upsun_rules.lookups.running import only_sleeps
from upsun_rules.lookups.siblings import is_first
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import parse
from upsun_schema.configuration.model import Application, Container, Mount, Service, Worker
from upsun_schema.configuration.project import Project
from upsun_schema.wording import is_placeholder, listed, nearest
from upsun_schema.yaml.nodes import BROKEN, Mapping, Node, Scalar
from upsun_schema.yaml.writing import is_plain, quoted

TOPIC = "Mounts"


@rule("storage-not-shared-with-worker", Severity.WARNING, docs="add-services/network-storage")
def storage_not_shared_with_worker(application: Application, project: Project, options: Options) -> Iterator[Finding]:
    """A worker does not see the files that the web container saves in a `storage` mount.

    A worker inherits the paths and settings of its application's mounts, but not the files. Its `storage` mounts start
    empty and stay separate from those of the web container. The worker cannot find an uploaded file, and nobody can
    download a report that the worker writes. Nothing fails. The files are just missing.

    To share files, use a network storage: a service that every container can mount with `source: service`. It starts
    empty, so copy existing files over before you remove the old mount. The documentation describes the steps. Setting
    `service` to the application's own name in the worker's mount is not a documented way to share, and it contradicts
    what an engineer of the platform has said about `storage` mounts.

    This is a warning if the path is usually shared, if the command of a worker is about it, if both sides name it, or
    if a hook names a file of settings in it. Otherwise it is info. Paths that look like caches or logs are not
    reported, nor are workers that only sleep. Each mount is reported once, for all workers that inherit it.

    The documentation contradicts itself here. The pages about network storage, Laravel and Symfony say that `storage`
    mounts are not shared with workers, and so did an engineer of the platform. The page about workers says both.

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
    for one in sorted(_unshared(application), key=lambda one: not one.inherited):
        workers = one.workers
        who = f"worker `{workers[0].name}`" if len(workers) == 1 else f"{len(workers)} workers"
        if one.mount.service is None:
            message = f"{who} {'does' if len(workers) == 1 else 'do'} not see the web container's files in"
            message += f" `{one.mount.path}`; to share them, use a network storage (`source: service`)"
        else:
            message = f"{who} probably cannot see the web container's files in `{one.mount.path}`:"
            message += f" `service: {one.mount.service}` is not documented to share them; use a network storage"
        yield Finding(
            one.mount.key.region,
            message,
            label="separate files in each worker" if one.inherited else "separate files here",
            related=_places(one),
            fixes=_shared_fixes(one, project, options),
            severity=Severity.OF_RULE if one.likely else Severity.INFO,
        )


def _places(unshared: _Unshared) -> tuple[Related, ...]:
    """The first few workers that see other files; the mount they do not share, where it is not one text for all."""
    workers = [Related(worker.key.region, "this worker has separate files there") for worker in unshared.workers[:3]]
    web = Related(unshared.web.key.region, f"`{unshared.web.path}` of the web container")
    return tuple(workers) if unshared.inherited else (web,)


@rule("local-mount-for-shared-data", Severity.WARNING, docs="configure-apps/workers#mounts")
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
        if _looks_shared(mount) and not (mount.is_temporary and _looks_lasting(mount)):
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


@rule("tmp-mount-for-lasting-data", Severity.WARNING, docs="configure-apps/image-properties/mounts")
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
    for mount in _placed(_mounts(container)):
        if mount.is_temporary and _looks_lasting(mount):
            yield Finding(
                mount.key.region,
                f"the platform may empty the `{mount.source}` mount `{mount.path}`; use `storage` for data you need to"
                " keep",
            )


@rule("tmp-mount-per-instance", Severity.HINT, docs="configure-apps/workers#mounts")
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
        if mount.is_temporary and not (_looks_shared(mount) or _looks_lasting(mount) or _looks_disposable(mount)):
            yield Finding(
                mount.key.region,
                f"`{mount.path}` is separate in each container; all `tmp` mounts of a container share 8 GB and may be"
                " emptied",
                related=tuple(
                    Related(worker.key.region, f"`{worker.name}` has a separate folder")
                    for worker in workers[:_MOST_WORKERS]
                ),
            )


@rule("mount-service", Severity.ERROR, docs="configure-apps/image-properties/mounts")
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
    """Two mounts have the same path, or one is inside the other.

    Leading and trailing slashes do not matter. `/data`, `data/` and `data` are the same mount, and only one of the
    definitions can apply.

    According to the documentation, a push fails if a mount is inside one that has a different source. For an inner
    `instance` or `tmp` mount this is not certain: at least one public project deployed such mounts for months, so it is
    a warning. A mount inside one with the same source hides part of the outer mount. The documentation does not mention
    that case, so it is a warning, too. So is a mount in the outdated one-line form, which has no `source`.

    Put the mounts next to each other instead. Several mounts in the same folder are fine.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var':
            source: storage
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
          'var/data':
            source: storage
          'var/uploads':
            source: service
            service: files
    services:
      files:
        type: 'network-storage:1.0'
    ```
    """
    by_path: dict[str, Mount] = {}
    for mount in _mounts(container):
        first = by_path.setdefault(mount.path, mount)
        if first is not mount:
            yield Finding(
                mount.key.region,
                f"`{mount.name}` and `{first.name}` are the same mount; leading and trailing slashes do not matter",
                related=(Related(first.key.region, "the same path is mounted here"),),
            )
    around = Folders(by_path)
    for path, inner in by_path.items():
        holder = next(around.above(path), None)
        outer = by_path[holder] if holder is not None else None
        if outer is not None and _has_source(inner) and _has_source(outer):
            yield _inside(inner, outer)


def _inside(inner: Mount, outer: Mount) -> Finding:
    where = f"`{inner.path}` is inside the mount `{outer.path}`"
    severity = Severity.WARNING
    if _one_line(inner) or _one_line(outer):
        what = ", and the documentation says the push fails if their sources differ; put them next to each other"
    elif _place_of(outer) == _place_of(inner):
        what = " and hides part of it; keep one of the two, or put them next to each other"
    else:
        what = ", which has a different source; the documentation says the push fails; put them next to each other"
        # At least one public project deployed such inner mounts for months.
        severity = Severity.WARNING if inner.is_local else Severity.ERROR
    return Finding(
        inner.key.region,
        where + what,
        related=(Related(outer.key.region, "the outer mount"),),
        severity=severity,
    )


def _has_source(mount: Mount) -> bool:
    return mount.source in _SOURCES or _one_line(mount) is not None


def _one_line(mount: Mount) -> re.Match[str] | None:
    """The outdated form of a mount as text, with its folder as the first group. It leaves the source open."""
    node = mount.node
    return _LEGACY.fullmatch(node.text) if isinstance(node, Scalar) and node.tag != BROKEN else None


@rule("mount-path", Severity.ERROR, docs="configure-apps/image-properties/mounts")
def mount_path(container: Container) -> Iterator[Finding]:
    """A mount path is not a folder inside the application.

    Mount paths are relative to the application's folder, with or without a leading slash. A path with `..` leads out of
    that folder. A mount at `/` would cover it completely, so that no code is left to run.

    Use the path of a folder inside the application.

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
            message = f"`{mount.name}` is outside the application; use a folder inside it"
            yield Finding(mount.key.region, message)
        elif not mount.path.strip(" ."):
            message = "a mount here would cover the whole application; use a folder inside it"
            yield Finding(mount.key.region, message)


@rule("dotted-mount", Severity.INFO, docs="configure-apps/image-properties/mounts")
def dotted_mount(container: Container) -> Iterator[Finding]:
    """A mount path starts with a dot, so the platform may ignore the mount.

    The documentation says that keys that start with a dot are ignored, and a mount such as `.next` with them. Official
    templates use such mounts nevertheless and are said to work.

    A slash before the dot avoids the question. `/.next` is the same path as `.next`, and the existing files stay where
    they are.

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
                f"the platform may ignore a key that starts with a dot; write `{slashed}`, which is the same path",
                fixes=(Fix(f"Write `{slashed}`", (rewrite(key, slashed),), safe=True),),
            )


@rule("local-mount-source", Severity.WARNING, docs="configure-apps/image-properties/mounts")
def local_mount_source(container: Container) -> Iterator[Finding]:
    """A mount uses the source `local`, the old name of `instance`.

    On Upsun Flex, `local` means `instance`: the files belong to one container and are not shared with other instances
    or with workers. On Upsun Fixed, where the name comes from, `local` was the disk of the application. A configuration
    that was moved from there may need `storage` instead.

    The safe fix keeps what the platform does today.

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
                    Fix("Write `instance`, its new name", (rewrite(value, "instance"),), safe=True),
                    Fix("Change to `storage` (kept, but empty at first)", (rewrite(value, "storage"),)),
                )
            yield Finding(
                value.region,
                "`local` is the old name of `instance` (files of one container); use `storage` for files that must be"
                " kept",
                fixes=fixes,
            )


@rule("legacy-mount", Severity.WARNING, docs="configure-apps/image-properties/mounts")
def legacy_mount(container: Container) -> Iterator[Finding]:
    """A mount uses the outdated one-line form.

    `'path': 'shared:files/folder'` is the old notation of Platform.sh. Public projects that use it on Upsun Flex appear
    to deploy, and one page of the documentation still shows it. But the reference for mounts no longer mentions it, and
    the published schema and validators reject it.

    Write a map instead: `source` says where the files are stored, and `source_path` names the folder there. The old
    form leaves the source open, so choose with care. A mount with a different source starts empty.

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
        match = _one_line(mount)
        if match is None:
            continue
        folder = match[1] or ""
        shown = folder if is_plain(folder, in_flow=True) else quoted(folder)
        fixes: tuple[Fix, ...] = ()
        if mount.pair.value is node:
            fixes = tuple(
                Fix(title, (Edit(node.region, f"{{source: {source}, source_path: {shown}}}"),))
                for source, title in (
                    ("storage", "Write it as a `storage` mount (files are kept)"),
                    ("instance", "Write it as an `instance` mount (files of one container)"),
                )
            )
        yield Finding(
            mount.pair.value.region,
            "this one-line form of a mount is outdated; write a map with `source` and `source_path`",
            fixes=fixes,
        )


_MOST_WORKERS = 50
"""The number of workers shown that have a mount."""

_MOST_OF_ONE_PLACE = 3
"""The number of the web container's mounts that are compared for the same files."""

_SOURCES = frozenset({"instance", "local", "service", "storage", "temporary", "tmp"})
_LEGACY = re.compile(r"shared:files(?:/(.*))?")


# -- what a path says ------------------------------------------------------------------------------------------------

# Words of a path, and what folders with such names usually hold.
_LASTING = re.compile(
    "attachments?|backups?|data|databases?|db|files|medias?|sessions?|sqlite3?|upload(s|ed)?",
)
_SHARED = re.compile(
    "attachments?|documents|exports?|files|medias?|private|public|share[ds]?|sites|spool|storage|upload(s|ed)?",
)
_SESSIONS = re.compile("sessions?")


def _looks_lasting(mount: Mount) -> bool:
    return speaks_of(mount.path, _LASTING) and not holds_remade_files(mount.path)


def _looks_shared(mount: Mount) -> bool:
    return speaks_of(mount.path, _SHARED) and not _looks_disposable(mount)


def _looks_disposable(mount: Mount) -> bool:
    # Folders with a dot hold caches and settings of tools. No worker needs a visitor's session.
    dotted = any(part.startswith(".") for part in mount.path.split("/"))
    return dotted or holds_remade_files(mount.path) or speaks_of(mount.path, _SESSIONS)


# -- who sees what ---------------------------------------------------------------------------------------------------


def _mounts(container: Container) -> list[Mount]:
    """The mounts of a container; none if it shares its block with an earlier worker, where they are checked."""
    if isinstance(container, Service) or (isinstance(container, Worker) and not is_first(container, _mounts_node)):
        return []
    return list(container.mounts.values())


def _mounts_node(worker: Worker) -> Node | None:
    return worker.value("mounts")


def _web_mounts(application: Application) -> dict[str, Mount]:
    """The mounts of the web container, where cron jobs and deploy hooks run too."""
    return application.mounts if application.web is None else application.web.effective.mounts


class _Group(NamedTuple):
    """Workers that share one block of mounts: the application's, or another one through an alias."""

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
    """The local mounts of the web container that workers have at the same path, with these workers."""
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
    """Where a mount's files are: its source, by one name for each, and the service that it names."""
    source = "tmp" if mount.is_temporary else "instance" if mount.is_local else mount.source or ""
    return source, mount.service


class _Unshared(NamedTuple):
    """A storage mount of workers and the web container's mount, which does not have the same files.

    `inherited`: both are one text. `likely`: the files are probably meant to be shared.
    """

    mount: Mount
    web: Mount
    workers: list[Worker]
    inherited: bool
    likely: bool


def _unshared(application: Application) -> list[_Unshared]:
    """The storage mounts of workers that the web container has too, each once for all its workers."""
    webs: dict[str, list[Mount]] = {}
    for mount in _placed(_web_mounts(application).values()):
        if _is_own_storage(mount, application):
            webs.setdefault(mount.source_path, []).append(mount)
    if not webs:
        return []
    found: dict[tuple[int, int], _Unshared] = {}
    theirs = _web_texts(application)
    for group in _groups(worker for worker in application.workers.values() if not only_sleeps(worker)):
        ours = "\n".join(worker.start.text for worker in group.workers if worker.start is not None)
        operands = "\n".join(_operands(group.workers))
        for mount in _placed(group.mounts.values()):
            if not _is_own_storage(mount, application) or _looks_disposable(mount):
                continue
            for web in webs.get(mount.source_path, ())[:_MOST_OF_ONE_PLACE]:
                key = (id(mount.pair), id(web.pair))
                known = found.get(key)
                is_likely = (known is not None and known.likely) or _likely_shared(mount, operands, ours, theirs)
                workers = group.workers if known is None else [*known.workers, *group.workers]
                found[key] = _Unshared(mount, web, workers, mount.pair is web.pair, is_likely)
    return list(found.values())


def _placed(mounts: Iterable[Mount]) -> list[Mount]:
    """The mounts with a valid path, the first for each path."""
    placed: dict[str, Mount] = {}
    for mount in mounts:
        if mount.path.strip(" .") and ".." not in mount.path.split("/"):
            placed.setdefault(mount.path, mount)
    return list(placed.values())


def _is_own_storage(mount: Mount, application: Application) -> bool:
    """Whether a mount is in the storage of its application. Its name as `service` is not a documented way to share."""
    service = mount.entry("service")
    return mount.source == "storage" and (service is None or mount.service == application.name)


def _web_texts(application: Application) -> str:
    """Everything that runs in the web container after the build."""
    texts = [node.text for name, node in application.hooks.items() if name != "build"]
    texts += [cron.command.text for cron in application.crons.values() if cron.command is not None]
    if application.web_start is not None:
        texts.append(application.web_start.text)
    return "\n".join(texts)


def _operands(workers: Iterable[Worker]) -> Iterator[str]:
    """Yield what the commands of workers are about: their words that are no options, nor behind one, as outputs are."""
    for worker in workers:
        script = parse(worker.start.text) if worker.start is not None else None
        for command in script.commands if script is not None else ():
            for before, word in pairwise(command.words):
                if not before.text.startswith("-") and not word.text.startswith("-"):
                    yield word.text


def _likely_shared(mount: Mount, operands: str, ours: str, theirs: str) -> bool:
    """Whether a worker needs what the web container has in a folder.

    That is so if the folder is one that is usually shared, if the worker's command is about it, if both sides name it,
    or if a command of the web container names a file of settings in it.
    """
    return (
        _looks_shared(mount)
        or _names(operands, mount.path)
        or (_names(ours, mount.path) and _names(theirs, mount.path))
        or _names(theirs, mount.path, _SETTINGS_FILE)
    )


_IN_WORD = re.compile(r"[\w.-]")
_END_OF_PATH = re.compile(r"(?![\w.-])")
_SETTINGS_FILE = re.compile(r"/[\w./-]{0,200}\.(?:cfg|conf|env|ini|json|php|toml|xml|ya?ml)\b")


def _names(text: str, path: str, rest: re.Pattern[str] = _END_OF_PATH) -> bool:
    """Whether a text has a path, not as a part of a longer word, and behind it what `rest` matches."""
    at = text.find(path)
    while at >= 0:
        if not (_IN_WORD.match(text, at - 1) if at else None) and rest.match(text, at + len(path)):
            return True
        at = text.find(path, at + 1)
    return False


# -- sharing files ---------------------------------------------------------------------------------------------------


def _shared_fixes(unshared: _Unshared, project: Project, options: Options) -> tuple[Fix, ...]:
    moved = _network_storage(unshared, project, options)
    if moved is None:
        return ()
    service, edits = moved
    return (Fix(f"Use a network storage, `{service}` (copy existing files yourself)", tuple(edits)),)


def _network_storage(unshared: _Unshared, project: Project, options: Options) -> tuple[str, list[Edit]] | None:
    """The edits that move a mount to a network storage, and its name: the only one there is, or a new one."""
    name, edits = _storage_service(unshared.workers[0], project, options)
    for mount in (unshared.web,) if unshared.inherited else (unshared.mount, unshared.web):
        source = mount.entry("source")
        if source is None or not isinstance(source.value, Scalar):
            return None
        owner = mount.entry("service")
        if owner is None:
            edits.append(complete(mount.pair, {"service": name}))
        else:
            edits.append(rewrite(owner.value, name) if isinstance(owner.value, Scalar) else None)
        edits.append(rewrite(source.value, "service"))
    found = _all(edits)
    return None if found is None else (name, found)


def _storage_service(worker: Worker, project: Project, options: Options) -> tuple[str, list[Edit | None]]:
    known = [service.name for service in project.services.values() if service.image == "network-storage"]
    if len(known) == 1:
        return known[0], []
    taken = {*project.services, *project.applications}
    names = chain(("files", "shared-files"), (f"files-{number}" for number in count(2)))
    name = next(name for name in names if name not in taken)
    image = options.images.get("network-storage")
    version = image.newest if image is not None else None
    home = project.place(worker.application.key.region).document
    documents = [document for document in project.documents.values() if _has_services(document.root)]
    kind = in_quotes(f"network-storage:{version}", worker.key.piece)
    text = f"{name}:\n{' ' * step_of(worker.application.key)}type: {kind}\n"
    edit = add_to_section((documents or [home])[0], "services", text)
    return name, [edit if version is not None and home.path in project.documents else None]


def _has_services(root: object) -> bool:
    return isinstance(root, Mapping) and any(pair.name == "services" for pair in root.pairs)


def _all(edits: list[Edit | None]) -> list[Edit] | None:
    """The edits, if all of them can be made."""
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
        "`source: service` needs `service`, the name of a `network-storage` service",
        fixes=tuple(fixes),
        lacks=Lack(mount.body, ("service",)) if mount.body is not None else None,
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
        message = f"`{name}` is an application; a `service` mount needs the name of a `network-storage` service"
    else:
        message = f"service `{name}` does not exist; a `service` mount needs the name of a `network-storage` service"
    meant = nearest(name, known) or (known if len(known) == 1 else [])
    yield Finding(place.region, message, related=related, fixes=_renamed(mount, meant))


def _not_an_application(mount: Mount, name: str, project: Project) -> Iterator[Finding]:
    """Check the service of a mount with `source: storage`."""
    place = mount.at("service")
    assert isinstance(place, Scalar)
    if name in project.applications or not project.knows_every("applications"):
        return
    service = project.services.get(name)
    rest = "`service` of a `storage` mount is the name of an application; for a network storage, write"
    rest += " `source: service`"
    if service is None:
        if not project.knows_every("services"):
            return
        meant = nearest(name, project.applications)
        yield Finding(place.region, f"application `{name}` does not exist; {rest}", fixes=_renamed(mount, meant))
        return
    source = mount.entry("source")
    fixes: tuple[Fix, ...] = ()
    if service.image == "network-storage" and source is not None and isinstance(source.value, Scalar):
        fixes = (Fix("Change the source to `service`", (rewrite(source.value, "service"),)),)
    related = (Related(service.key.region, "the service is defined here"),)
    yield Finding(place.region, f"`{name}` is a service; {rest}", related=related, fixes=fixes)


def _renamed(mount: Mount, meant: list[str]) -> tuple[Fix, ...]:
    pair = mount.entry("service")
    if pair is None or not isinstance(pair.value, Scalar):
        return ()
    return tuple(Fix(f"Change it to `{name}`", (rewrite(pair.value, name),)) for name in meant)
