"""The rule about the schedule file of Celery beat."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from upsun_rules.finding import Finding, Fix, Severity
from upsun_rules.lookups.command_options import option_of
from upsun_rules.lookups.folders import Folders
from upsun_rules.lookups.placed_texts import RUN_KEYS, Running
from upsun_rules.lookups.resolved_texts import chain_steps, known_commands
from upsun_rules.rule import rule
from upsun_rules.shell.app_paths import app_path
from upsun_rules.shell.parsing import Command, CommandSpan
from upsun_rules.shell.recognition import Recognition
from upsun_schema.configuration.model import Application, Container, Instance
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.yaml.nodes import Node

TOPIC = "What a worker runs"


@rule("beat-schedule-file", Severity.WARNING, docs="configure-apps/image-properties/mounts", keys=RUN_KEYS)
def beat_schedule_file(application: Application, project: Project) -> Iterator[Finding]:
    """Celery beat keeps its schedule in a folder that is read-only.

    Beat notes when it last started each task. By default it writes the file `celerybeat-schedule` in the folder it
    runs in. On the platform only mounts and `/tmp` are writable, so beat fails. A worker with `-B` goes on without it,
    and no periodic task ever runs.

    Choose another file with `-s`: in `/tmp`, or in a mount if the last runs have to be known after a restart. Write
    `-s FILE` or `--schedule=FILE`. With `-s=FILE`, the equals sign becomes part of the name.

    A scheduler that uses a database, given with `-S`, needs no file. This rule is silent if there is one, or if the
    requirements of the project name `django-celery-beat` or RedBeat. Other settings in the code can also name the file,
    so this is a warning.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        workers:
          tasks:
            commands:
              start: celery -A shop worker -B
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        workers:
          tasks:
            commands:
              start: celery -A shop worker -B -s /tmp/celerybeat-schedule
    ```
    """
    first: dict[Node, Running] = {}
    writable: dict[Container, Folders] = {}
    for one, command, known in known_commands(application, project, _BEAT):
        if one.place not in ("web", "worker") or first.setdefault(one.text.scalar, one) is not one:
            continue
        if not _runs_beat(known):
            continue
        source = one.container.effective.source("mounts") if isinstance(one.container, Instance) else one.container
        if source not in writable:
            writable[source] = Folders(mount.path for mount in source.mounts.values())
        if (found := _unwritable_schedule(one, command, writable[source])) is not None:
            if _keeps_schedule_elsewhere(application, project):
                return
            yield found


_BEAT = ("celery-worker-beat", "celery-beat", "celery-detached")


def _runs_beat(known: Recognition) -> bool:
    words = [word.text for word in known.command.arguments]
    return known.row.id != "celery-detached" or "beat" in words or "-B" in words


_DEFAULT_SCHEDULE = "/tmp/celerybeat-schedule"


def _unwritable_schedule(one: Running, command: Command, writable: Folders) -> Finding | None:
    """What is wrong with the schedule file of a command that runs beat."""
    if option_of(command, "-S", "--scheduler") is not None:
        return None
    workdir = option_of(command, "--workdir")
    folder = command.folder if workdir is None else app_path(workdir, command.folder)
    given = option_of(command, "-s", "--schedule")
    place = one.text.at(command.bare)
    if given is None:
        if folder is None or _is_inside(writable, posixpath.join(folder, "celerybeat-schedule")):
            return None
        added = one.text.edit(command.end, command.end, f" -s {_DEFAULT_SCHEDULE}") if command.exact else None
        return Finding(
            place,
            "beat keeps its schedule in the folder it runs in, which is read-only, so no periodic task runs; add"
            f" `-s {_DEFAULT_SCHEDULE}`",
            label="add `-s` and a writable file",
            related=chain_steps(command),
            fixes=(Fix(f"Add `-s {_DEFAULT_SCHEDULE}`", (added,)),) if added is not None else (),
        )
    path = app_path(given, folder)
    if path is None or not path or _is_inside(writable, path):
        return None
    equals = given.text.startswith("=")
    better = given.text.removeprefix("=") if equals else _DEFAULT_SCHEDULE
    why = "is in a read-only folder"
    if equals:
        why = "has the equals sign in its name and is in a read-only folder"
    changed = one.text.edit(given.start, given.end, f" {better}" if equals else better) if command.exact else None
    return Finding(
        one.text.at(CommandSpan(given.start, given.end)),
        f"the schedule file `{given.text}` {why}, so beat fails and no periodic task runs; write `-s {better}`",
        label="beat cannot write here",
        related=chain_steps(command),
        fixes=(Fix(f"Write `-s {better}`", (changed,)),) if changed is not None else (),
    )


def _is_inside(folders: Folders, path: str) -> bool:
    return next(folders.holding(path), None) is not None


_REQUIREMENTS = ("requirements.txt", "pyproject.toml", "Pipfile", "setup.py")
_OTHER_SCHEDULERS = expression("django[-_]celery[-_]beat|redbeat", re.IGNORECASE)


def _keeps_schedule_elsewhere(application: Application, project: Project) -> bool:
    """Whether the requirements name a scheduler that keeps its schedule in a database."""
    texts = (project.read(posixpath.join(application.folder, name)) for name in _REQUIREMENTS)
    return any(text is not None and _OTHER_SCHEDULERS.search(text) for text in texts)
