"""Rules about `storage` mounts that show the files of an application, and about mounts called `/tmp`."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import delete
from upsun_rules.finding import Finding, Fix, Related, Severity
from upsun_rules.lookups.folders import Folders
from upsun_rules.lookups.placed_texts import running
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application, Mount
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.wording import listed

TOPIC = "Mounts"

_MOST_NAMED = 4
_IN_TMP = expression(r"(?<![\w./$}-])/tmp/[\w.-]")


@rule("storage-of-another-application", Severity.INFO, docs="configure-apps/image-properties/mounts", keys=("mounts",))
def storage_of_another_application(application: Application, project: Project) -> Iterator[Finding]:
    """A mount shows a folder of another application's storage that none of its mounts shows.

    A `storage` mount with `service: other` shows a folder of the storage of the application `other`. Which folder is in
    `source_path`; without it, the path of the mount. If no mount of `other` has the same `source_path`, the two
    applications do not share any files: the folder here is a separate one, and empty at first.

    Write the `source_path` of the mount whose files you want. For a mount without one it is its path.

    `service` with the name of the application itself changes nothing on the application, and is a hint.

    ```yaml title="wrong"
    applications:
      site:
        type: 'php:8.4'
        source:
          root: site
        mounts:
          'web/uploads':
            source: storage
            source_path: uploads
      reports:
        type: 'python:3.14'
        source:
          root: reports
        web:
          commands:
            start: python serve.py
        mounts:
          'incoming':
            source: storage
            service: site
            source_path: web/uploads
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'site:http'
    ```

    ```yaml title="right"
    applications:
      site:
        type: 'php:8.4'
        source:
          root: site
        mounts:
          'web/uploads':
            source: storage
            source_path: uploads
      reports:
        type: 'python:3.14'
        source:
          root: reports
        web:
          commands:
            start: python serve.py
        mounts:
          'incoming':
            source: storage
            service: site
            source_path: uploads
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'site:http'
    ```
    """
    for mount in application.mounts.values():
        if mount.source != "storage" or mount.service is None:
            continue
        other = project.applications.get(mount.service)
        if other is application:
            yield _of_itself(mount)
        elif other is not None:
            yield from _of_another(mount, other)


def _of_itself(mount: Mount) -> Finding:
    pair = mount.entry("service")
    edits = delete(pair, mount.body) if pair is not None and mount.body is not None else None
    return Finding(
        pair.key.region if pair is not None else mount.key.region,
        "a `storage` mount belongs to the application that has it; `service` is not needed",
        severity=Severity.HINT,
        fixes=(Fix("Remove `service`", tuple(edits)),) if edits else (),
    )


def _of_another(mount: Mount, other: Application) -> Iterator[Finding]:
    shown, wanted = other.stored, mount.source_path
    folders = Folders([*shown, wanted])
    inside = next(folders.above(wanted), None) is not None or any(wanted in folders.above(one) for one in shown)
    if not shown or wanted in shown or inside:
        return
    place = mount.at("source_path")
    yield Finding(
        place.region if place is not None else mount.key.region,
        f"`{wanted}` is a folder that no mount of `{other.name}` shows, so no files are shared; its folders are"
        f" {listed(sorted(shown)[:_MOST_NAMED], 'and')}",
        related=(Related(other.key.region, "the application whose storage it is"),),
    )


@rule("tmp-mount-misread", Severity.INFO, docs="configure-apps/image-properties/mounts", keys=("mounts",))
def tmp_mount_misread(application: Application) -> Iterator[Finding]:
    """A mount called `/tmp` is not the folder `/tmp` that commands use.

    The paths of mounts are relative to the application's folder, with or without a slash at the beginning. A mount
    `/tmp` is the folder `/app/tmp`. The `/tmp` of the container is another folder, which is always there and can be
    written to, and whose files do not last.

    If the files in `/tmp` have to last, write them to the mount: `/app/tmp/…`, or a relative path. If not, remove the
    mount. A mount of the source `tmp`, and one that no command seems to mean, is not reported.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        web:
          commands:
            start: node server.js
            pre_start: node export.js --out=/tmp/exports
        mounts:
          '/tmp':
            source: storage
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        web:
          commands:
            start: node server.js
            pre_start: node export.js --out=/app/exports
        mounts:
          '/exports':
            source: storage
    ```
    """
    for mount in application.mounts.values():
        if mount.name.rstrip("/") != "/tmp" or mount.source in (None, "tmp", "temporary"):
            continue
        for one in running(application):
            found = None if one.is_build else _IN_TMP.search(one.text.scalar.text)
            if found is not None:
                yield Finding(
                    mount.key.region,
                    "this mount is `/app/tmp`, and not the `/tmp` that a command uses, whose files do not last",
                    label="at `/app/tmp`",
                    related=(Related(one.text.scalar.region, "uses `/tmp` of the container"),),
                )
                break
