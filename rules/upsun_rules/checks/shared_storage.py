"""The rule about `storage` mounts that the web container and workers do not share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, count, pairwise

from upsun_rules.editing.blocks import add_to_section, complete, in_quotes, rewrite, step_of
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.command_text import script_of
from upsun_rules.lookups.container_mounts import mount_groups, placed_mounts, web_mounts
from upsun_rules.lookups.mount_purposes import looks_disposable, looks_shared
from upsun_rules.lookups.running import only_sleeps
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_schema.cached import Caching, cached_property
from upsun_schema.configuration.model import Application, Mount, Worker
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Mapping, Scalar

TOPIC = "Mounts"


_MOST_OF_ONE_PLACE = 3
"""The number of the web container's mounts that are compared for the same files."""


@rule("storage-not-shared-with-worker", Severity.WARNING, docs="add-services/network-storage", keys=("workers",))
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
    for mount in placed_mounts(web_mounts(application).values()):
        if _is_own_storage(mount, application):
            webs.setdefault(mount.source_path, []).append(mount)
    if not webs:
        return []
    found: dict[tuple[int, int], _Unshared] = {}
    theirs = _Words(_web_texts(application))
    for group in mount_groups(application.workers.values()):
        mounts = [
            mount
            for mount in placed_mounts(group.mounts.values())
            if mount.source_path in webs and _is_own_storage(mount, application) and not looks_disposable(mount)
        ]
        awake = [worker for worker in group.workers if not only_sleeps(worker)] if mounts else []
        if not awake:
            continue
        ours = _Words("\n".join(worker.start.text for worker in awake if worker.start is not None))
        operands = _Words("\n".join(_operands(awake)))
        for mount in mounts:
            for web in webs[mount.source_path][:_MOST_OF_ONE_PLACE]:
                key = (id(mount.pair), id(web.pair))
                known = found.get(key)
                is_likely = (known is not None and known.likely) or _likely_shared(mount, operands, ours, theirs)
                workers = awake if known is None else [*known.workers, *awake]
                found[key] = _Unshared(mount, web, workers, mount.pair is web.pair, is_likely)
    return list(found.values())


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
        script = script_of(worker.start) if worker.start is not None else None
        for command in script.commands if script is not None else ():
            for before, word in pairwise(command.words):
                if not before.text.startswith("-") and not word.text.startswith("-"):
                    yield word.text


_IN_WORD = expression(r"[\w.-]")
_PARTS = expression(r"[\w.-]+")
_END_OF_PATH = expression(r"(?![\w.-])")
_SETTINGS_FILE = expression(r"/[\w./-]{0,200}\.(?:cfg|conf|env|ini|json|php|toml|xml|ya?ml)\b")


class _Words(Caching):
    """A text in which paths are looked for. The words in it say at once that most are not there."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(_PARTS.findall(self._text))

    def name(self, path: str, rest: re.Pattern[str] = _END_OF_PATH) -> bool:
        """Whether the text has a path, not as a part of a longer word, and behind it what `rest` matches."""
        if not self._words.issuperset(_PARTS.findall(path)):
            return False
        at = self._text.find(path)
        while at >= 0:
            if not (_IN_WORD.match(self._text, at - 1) if at else None) and rest.match(self._text, at + len(path)):
                return True
            at = self._text.find(path, at + 1)
        return False


def _likely_shared(mount: Mount, operands: _Words, ours: _Words, theirs: _Words) -> bool:
    """Whether a worker needs what the web container has in a folder.

    That is so if the folder is one that is usually shared, if the worker's command is about it, if both sides name it,
    or if a command of the web container names a file of settings in it.
    """
    return (
        looks_shared(mount)
        or operands.name(mount.path)
        or (ours.name(mount.path) and theirs.name(mount.path))
        or theirs.name(mount.path, _SETTINGS_FILE)
    )


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
