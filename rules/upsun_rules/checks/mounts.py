"""Rules about the paths and sources of mounts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from upsun_rules.editing.blocks import rewrite
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.container_mounts import checked_mounts, placed_mounts
from upsun_rules.lookups.folders import Folders
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Container, Mount
from upsun_schema.expression import expression
from upsun_schema.yaml.nodes import BROKEN, Scalar
from upsun_schema.yaml.writing import is_plain, quoted

TOPIC = "Mounts"


@rule(
    "overlapping-mounts",
    Severity.ERROR,
    docs="configure-apps/image-properties/mounts#overlapping-mounts",
    keys=("mounts",),
)
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
    for mount in checked_mounts(container):
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


def _place_of(mount: Mount) -> tuple[str, str | None]:
    """Where a mount's files are: its source, by one name for each, and the service that it names."""
    source = "tmp" if mount.is_temporary else "instance" if mount.is_local else mount.source or ""
    return source, mount.service


_SOURCES = frozenset({"instance", "local", "service", "storage", "temporary", "tmp"})


def _has_source(mount: Mount) -> bool:
    return mount.source in _SOURCES or _one_line(mount) is not None


_LEGACY = expression(r"shared:files(?:/(.*))?")


def _one_line(mount: Mount) -> re.Match[str] | None:
    """The outdated form of a mount as text, with its folder as the first group. It leaves the source open."""
    node = mount.node
    return _LEGACY.fullmatch(node.text) if isinstance(node, Scalar) and node.tag != BROKEN else None


@rule("mount-path", Severity.ERROR, docs="configure-apps/image-properties/mounts", keys=("mounts",))
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
    for mount in checked_mounts(container):
        if ".." in mount.path.split("/"):
            message = f"`{mount.name}` is outside the application; use a folder inside it"
            yield Finding(mount.key.region, message)
        elif not mount.path.strip(" ."):
            message = "a mount here would cover the whole application; use a folder inside it"
            yield Finding(mount.key.region, message)


@rule("dotted-mount", Severity.INFO, docs="configure-apps/image-properties/mounts", keys=("mounts",))
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
    for mount in placed_mounts(checked_mounts(container)):
        key = mount.key
        if mount.name.startswith(".") and not mount.name.startswith(("./", "..")) and isinstance(key, Scalar):
            slashed = f"/{mount.name}"
            yield Finding(
                key.region,
                f"the platform may ignore a key that starts with a dot; write `{slashed}`, which is the same path",
                fixes=(Fix(f"Write `{slashed}`", (rewrite(key, slashed),), safe=True),),
            )


@rule("local-mount-source", Severity.WARNING, docs="configure-apps/image-properties/mounts", keys=("mounts",))
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
    for mount in checked_mounts(container):
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


@rule("legacy-mount", Severity.WARNING, docs="configure-apps/image-properties/mounts", keys=("mounts",))
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
    for mount in checked_mounts(container):
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
