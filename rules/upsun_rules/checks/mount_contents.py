"""Rules about what is in a mount: files it hides, files that are missing in a worker, one folder for two mounts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from itertools import islice

from upsun_rules.editing.blocks import rewrite
from upsun_rules.finding import Finding, Fix, Related, Severity
from upsun_rules.lookups.container_mounts import checked_mounts, web_mounts
from upsun_rules.lookups.file_writes import FileWrite, moved_away, writes_of
from upsun_rules.lookups.folders import Folders
from upsun_rules.lookups.placed_texts import Running, running
from upsun_rules.rule import rule
from upsun_rules.shell.recognition import recognize
from upsun_schema.configuration.git_index import git_index
from upsun_schema.configuration.model import Application, Container, Mount, Worker
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.wording import is_placeholder, shortened
from upsun_schema.yaml.nodes import Node, Scalar

TOPIC = "What is in a mount"


# -- what a mount hides ----------------------------------------------------------------------------------------------

_MOST_FILES = 1_000

_PLACEHOLDER = expression(r"(?i)/(?:\.[^/]*|[^/]*\.(?:md|txt)|README|index\.html|index\.php)$")
"""Files that are only there so that Git keeps the folder, or so that a server lists nothing."""

_PACKAGE_FOLDERS = {"vendor": ("php", "composer"), "node_modules": ("nodejs", "node-package-install")}
"""The folders that the build fills with packages: the image that does it by itself, and the command that does it."""


@rule(
    "mount-hides-build-output",
    Severity.WARNING,
    docs="configure-apps/troubleshoot-mounts",
    keys=("mounts", "web", "workers"),
)
def mount_hides_build_output(application: Application, project: Project) -> Iterator[Finding]:
    """A mount covers what the build made.

    Mounts are not there during the build. At run time each one lies over the folder of its path, with separate files
    and empty at first. What the repository or the build put there cannot be seen any more.

    Mount another folder. If the files have to be in the mount, let the build write them elsewhere, and copy them in the
    `deploy` hook and in the `pre_start` command of each worker.

    This is an error for the folder of an image's own packages: `vendor` with PHP, `node_modules` with Node.js. Without
    its packages, nothing starts. It is a warning for folders and files that commands of the build hook make inside the
    mount, unless a later command moves them away or makes them again. It is a warning for files that Git tracks in the
    folder of the mount, other than placeholders such as `.gitkeep`, unless a command names the folder.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'vendor':
            source: storage
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
    texts = running(application)
    build = [one for one in texts if one.is_build]
    later = [one for one in texts if not one.is_build]
    mounts = _all_mounts(application)
    for mount in mounts.values():
        found = _hides_packages(application, mount, build, later) or _hides_tracked(application, mount, texts, project)
        if found is not None:
            yield found
    if not build or not mounts:
        return
    made = [(one, list(writes_of(one.text.script))) for one in build]
    if not any(writes for _, writes in made):
        return
    around = Folders(mounts)
    again = {write.path for one in later for write in writes_of(one.text.script)}
    refilled = {path for written in again for path in around.holding(written)}
    reported: set[str] = set()
    for one, writes in made:
        moved = Folders(moved_away(one.text.script))
        for write in writes:
            path = next(around.holding(write.path), None)
            if path is None or path in reported or (write.makes_folder and path == write.path):
                continue
            if path in refilled or next(moved.holding(write.path), None) is not None:
                continue
            reported.add(path)
            yield _hidden(one, write, mounts[path])


def _hidden(one: Running, write: FileWrite, mount: Mount) -> Finding:
    return Finding(
        mount.key.region,
        f"this mount hides `{write.path}`, which the build hook makes: at run time the mount lies over it",
        label="empty at first",
        related=(Related(one.text.at(write.command), "made here, where there are no mounts"),),
    )


def _hides_tracked(application: Application, mount: Mount, texts: list[Running], project: Project) -> Finding | None:
    index = git_index(project.root)
    if index is None or any(mount.path in one.text.scalar.text for one in texts):
        return None
    folder = posixpath.normpath(posixpath.join(application.text("source", "root") or "", mount.path).strip("/"))
    tracked = (path for path in islice(index.below(folder), _MOST_FILES) if not _PLACEHOLDER.search(path))
    path = next(tracked, None)
    if path is None:
        return None
    return Finding(
        mount.key.region,
        f"this mount hides `{shortened(path)}`, which Git tracks: at run time the mount lies over it",
        label="empty at first",
    )


def _all_mounts(application: Application) -> dict[str, Mount]:
    """The mounts of an application and of its instances by their paths, the first of each."""
    found: dict[str, Mount] = {}
    for container in (application, *application.instances):
        for mount in checked_mounts(container):
            if mount.path:
                found.setdefault(mount.path, mount)
    return found


def _hides_packages(
    application: Application, mount: Mount, build: list[Running], later: list[Running]
) -> Finding | None:
    folder = posixpath.basename(mount.path)
    if folder not in _PACKAGE_FOLDERS:
        return None
    image, installer = _PACKAGE_FOLDERS[folder]
    if _installs(later, installer):
        return None
    own = application.type is not None and application.type.text.partition(":")[0] == image
    by_itself = own and application.text("build", "flavor") != "none" and mount.path == folder
    by_hook = _installs(build, installer)
    if not by_itself and not by_hook:
        return None
    return Finding(
        mount.key.region,
        f"this mount hides the packages that the build installs in `{mount.path}`: at run time the folder is empty, and"
        " nothing starts; remove the mount",
        label="hides the packages",
        severity=Severity.ERROR if mount.path == folder and own else Severity.WARNING,
    )


def _installs(texts: list[Running], installer: str) -> bool:
    rows = ("node-package-install", "yarn-install") if installer.startswith("node") else (installer,)
    commands = (command for one in texts for command in one.text.script.commands)
    return any((known := recognize(command)) is not None and known.row.id in rows for command in commands)


# -- what a worker lacks ---------------------------------------------------------------------------------------------


@rule("mount-filled-by-hook", Severity.INFO, docs="configure-apps/hooks/hooks-comparison", keys=("workers",))
def mount_filled_by_hook(application: Application) -> Iterator[Finding]:
    """A hook fills a mount of the web container, and the worker's mount stays empty.

    The hooks after the build run in the web container only. A worker has its own `instance` and `tmp` mounts at the
    same paths, and no hook runs there. The files that the hook copies are missing in it.

    If the worker needs them, copy them in its `pre_start` command, too. For `storage` mounts see
    `storage-not-shared-with-worker`.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        hooks:
          build: php bin/warm.php --to=warm-cache
          deploy: cp -R warm-cache/. live-cache/
        mounts:
          'live-cache':
            source: instance
        workers:
          queue:
            commands:
              start: php bin/console messenger:consume async --time-limit=300
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        hooks:
          build: php bin/warm.php --to=warm-cache
          deploy: cp -R warm-cache/. live-cache/
        mounts:
          'live-cache':
            source: instance
        workers:
          queue:
            commands:
              pre_start: cp -R warm-cache/. live-cache/
              start: php bin/console messenger:consume async --time-limit=300
    ```
    """
    if not application.workers:
        return
    texts = running(application)
    hooks = [one for one in texts if one.is_hook]
    if not hooks:
        return
    filled = _filled_in(texts)
    lacking = _workers_by_local_mount(application)
    around = Folders(lacking)
    own = {mount.path for mount in web_mounts(application).values() if mount.is_local}
    judged: set[str] = set()
    for one in hooks:
        for write in writes_of(one.text.script):
            path = next(around.holding(write.path), None)
            if path is None or path in judged or write.makes_folder or path not in own:
                continue
            judged.add(path)
            empty = (worker for group in lacking[path] for worker in group if path not in filled.get(worker, ()))
            workers = list(islice(empty, 3))
            if workers:
                yield Finding(
                    one.text.at(write.command),
                    f"this hook fills `{path}` in the web container only; the mount of worker `{workers[0].name}` stays"
                    " empty: copy the files in its `pre_start`, too",
                    label="in the web container only",
                    related=tuple(Related(worker.key.region, "has an empty mount there") for worker in workers),
                )


def _filled_in(texts: list[Running]) -> dict[Container, set[str]]:
    """The folders that each worker's own commands write to, and those these lie inside."""
    found: dict[Container, set[str]] = {}
    for one in texts:
        if one.place == "worker":
            for write in writes_of(one.text.script):
                parts = write.path.split("/")
                found.setdefault(one.container, set()).update("/".join(parts[:n]) for n in range(1, len(parts) + 1))
    return found


def _workers_by_local_mount(application: Application) -> dict[str, list[list[Worker]]]:
    """The workers that have a local mount by its path, those that share a block of mounts together."""
    groups: dict[Container, list[Worker]] = {}
    for worker in application.workers.values():
        if worker.start is not None and worker.start.text.strip() not in ("sleep infinity", "sleep inf"):
            groups.setdefault(worker.effective.source("mounts"), []).append(worker)
    found: dict[str, list[list[Worker]]] = {}
    for source, workers in groups.items():
        for path in {mount.path for mount in source.mounts.values() if mount.is_local and mount.path}:
            found.setdefault(path, []).append(workers)
    return found


# -- one folder for two mounts ---------------------------------------------------------------------------------------


@rule("one-folder-for-two-mounts", Severity.WARNING, docs="configure-apps/image-properties/mounts", keys=("mounts",))
def one_folder_for_two_mounts(container: Container) -> Iterator[Finding]:
    """Two mounts are the same folder.

    `source` and `source_path` say where the files of a mount are. Two mounts with the same values show the same files
    at two paths, and what is written at one appears at the other. Two caches overwrite each other this way. If
    `source_path` is missing, the path of the mount is used.

    Give each mount its own `source_path`, or remove it. A changed `source_path` is another folder, so existing
    files have to be moved.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'storage/framework/cache':
            source: instance
            source_path: cache
          'bootstrap/cache':
            source: instance
            source_path: cache
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'storage/framework/cache':
            source: instance
            source_path: cache
          'bootstrap/cache':
            source: instance
            source_path: bootstrap-cache
    ```
    """
    first: dict[tuple[str, str | None, str], Mount] = {}
    for mount in checked_mounts(container):
        if mount.source is None or is_placeholder(mount.source_path):
            continue
        source = "tmp" if mount.is_temporary else "instance" if mount.is_local else mount.source
        other = first.setdefault((source, mount.service, mount.source_path), mount)
        if other is not mount and other.path != mount.path:
            given = mount.at("source_path")
            yield Finding(
                mount.key.region if given is None else given.region,
                f"`{mount.path}` and `{other.path}` are one folder, `{mount.source_path}` of `{mount.source}`: what is"
                " written to one appears in the other",
                label="the same folder",
                related=(Related(other.key.region, f"`{other.path}` is that folder, too"),),
            )


# -- paths that are read otherwise than meant ------------------------------------------------------------------------


@rule(
    "mount-below-app",
    Severity.WARNING,
    docs="configure-apps/image-properties/mounts",
    keys=("mounts", "web", "workers"),
)
def mount_below_app(application: Application) -> Iterator[Finding]:
    """The path of a mount repeats the application's folder.

    The application is in `/app`, and the paths of mounts start there. The mount `/app/files` is therefore the folder
    `/app/app/files`, while a program that writes to `/app/files` finds a read-only folder.

    Write `files`. A mount at another path is empty at first unless its `source_path` keeps the old one.

    A folder called `app` in the application can be meant. So this is reported only if a variable or a command names the
    same path, beginning with `/app/`.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        variables:
          env:
            DATA_DIR: /app/files
        mounts:
          '/app/files':
            source: storage
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        variables:
          env:
            DATA_DIR: /app/files
        mounts:
          'files':
            source: storage
    ```
    """
    mounts = {path: mount for path, mount in _all_mounts(application).items() if path.startswith("app/")}
    if not mounts:
        return
    around = Folders(mounts)
    meant: dict[str, Node] = {}
    for node in _texts(application):
        for match in _BELOW_APP.finditer(node.text):
            path = posixpath.normpath(match[1])
            if path.startswith("app/"):
                return  # Somebody knows that the folder is there.
            for held in around.holding(f"app/{path}"):
                meant.setdefault(held, node)
    for path, use in meant.items():
        mount = mounts[path]
        right = path.removeprefix("app/")
        key = mount.key
        fixes: tuple[Fix, ...] = ()
        if isinstance(key, Scalar):
            fixes = (Fix(f"Mount `{right}`, which is empty at first", (rewrite(key, right),)),)
        yield Finding(
            key.region,
            f"paths of mounts start in `/app`, so this is `/app/{path}` and not `/{path}`; write `{right}`",
            label=f"this is /app/{path}",
            related=(Related(use.region, f"`/{path}` is used here"),),
            fixes=fixes,
        )


_BELOW_APP = expression(r"(?:(?<![\w./-])|(?<=///))/app/([\w./-]+)")


def _texts(application: Application) -> Iterator[Scalar]:
    """Yield the values of variables, and the commands."""
    for container in (application, *application.instances):
        for variable in container.variables:
            if isinstance(variable.node, Scalar):
                yield variable.node
    for one in running(application):
        yield one.text.scalar


@rule("unusual-mount-path", Severity.WARNING, docs="configure-apps/image-properties/mounts", keys=("mounts",))
def unusual_mount_path(container: Container) -> Iterator[Finding]:
    r"""The path of a mount has characters that are not read as they are meant.

    The path of a mount is taken as it is written. `*` is not a wildcard, `~` is not a home folder, `$NAME` is not
    replaced, and `\` does not separate folders. A mount with such a path is a folder with these characters in its name,
    which no program looks for.

    A space in a path is info. Slashes at the ends of `source_path` are a hint, because the documentation says to leave
    them out.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'sites/*/files':
            source: storage
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'sites/main/files':
            source: storage
    ```
    """
    for mount in checked_mounts(container):
        where = mount.key.region
        if (wrong := _misread(mount.name)) is not None:
            yield Finding(where, wrong)
        elif mount.name != mount.name.strip() or " " in mount.path:
            message = f"the path `{mount.path}` has a space in it, which is part of the folder's name"
            yield Finding(where, message, severity=Severity.INFO)
        given = mount.at("source_path")
        if isinstance(given, Scalar) and given.text != given.text.strip("/") and given.text.strip("/"):
            plain = given.text.strip("/")
            fixes = (Fix(f"Write `{plain}`", (rewrite(given, plain),)),) if given.style in ("", "'", '"') else ()
            message = f"a `source_path` is written without slashes at its ends: `{plain}`"
            yield Finding(given.region, message, severity=Severity.HINT, fixes=fixes)


def _misread(path: str) -> str | None:
    """What is wrong with the characters of a path."""
    if "<" in path or "{{" in path:
        return None  # Still to be filled in.
    if "\\" in path:
        return f"`\\` does not separate folders: write `{path.replace(chr(92), '/')}`"
    if path.startswith("~"):
        return f"`~` is not replaced in a mount path; write the folder inside the application instead of `{path}`"
    if "*" in path or "?" in path:
        return f"a mount path has no wildcards: `{path}` is a folder with this name; name each folder"
    if "$" in path:
        return f"variables are not replaced in a mount path: `{path}` is a folder with this name"
    return None
