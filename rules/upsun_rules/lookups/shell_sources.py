"""Every shell text of an application or a task, and where it runs."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.lookups.command_text import written_text
from upsun_schema.configuration.model import Application, Container, Instance, Task, View, Worker
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Mapping, Pair, Scalar

__all__ = ["SHELL_KEYS", "ShellSource", "WrittenCommand", "shell_sources", "written_commands"]


SHELL_KEYS = ("hooks", "web", "workers", "crons", "operations", "source", "run")
"""The keys of an application or a task that can have shell texts below them."""


class ShellSource(NamedTuple):
    """A shell text and where it runs.

    `stage` is `build`, `deploy`, `post_deploy`, `web`, `worker`, `cron`, `operation` or `source` (a source operation).
    `worker` is the one whose container it runs in; None is the application's own container.
    """

    stage: str
    scalar: Scalar
    worker: Worker | None = None

    @property
    def is_dash(self) -> bool:
        """Whether the platform is known to run it with dash (docs: configure-apps/hooks)."""
        return self.stage in ("build", "deploy", "post_deploy", "cron")

    @property
    def is_after_build(self) -> bool:
        """Whether code is read-only where it runs."""
        return self.stage not in ("build", "source")


def shell_sources(container: Container) -> tuple[ShellSource, ...]:
    """Every shell text of an application or a task, each once; none for other containers, which are parts of one.

    Those of an application are in the order hooks, web, workers, crons, operations.
    """
    if not isinstance(container, Application | Task):
        return ()
    if "shell sources" not in container.memory:
        container.memory["shell sources"] = tuple(_each_once(container))
    found: tuple[ShellSource, ...] = container.memory["shell sources"]
    return found


def _each_once(holder: Application | Task) -> Iterator[ShellSource]:
    seen: set[Scalar] = set()
    written = written_commands(holder) if isinstance(holder, Application) else _written_in_task(holder)
    for stage, _, scalar, container in written:
        if scalar not in seen:
            seen.add(scalar)
            yield ShellSource(stage, scalar, container if isinstance(container, Worker) else None)


class WrittenCommand(NamedTuple):
    """A hook or a command that has a text: its stage, its key, the text, and the container that runs it."""

    stage: str
    key: str
    text: Scalar
    container: Application | Instance


def written_commands(application: Application) -> tuple[WrittenCommand, ...]:
    """Every hook and command of an application, in the order hooks, web, workers, crons, operations.

    Cron jobs and the hooks after the build run in the web container.
    """
    if "written commands" not in application.memory:
        application.memory["written commands"] = tuple(
            WrittenCommand(stage, pair.name or "", text, container)
            for stage, pair, container in _written_in(application)
            if (text := written_text(pair)) is not None
        )
    found: tuple[WrittenCommand, ...] = application.memory["written commands"]
    return found


def _written_in(application: Application) -> Iterator[tuple[str, Pair, Application | Instance]]:
    web = application.web or application
    hooks = application.children("hooks")
    for stage in ("build", "deploy", "post_deploy"):
        if stage in hooks:
            yield stage, hooks[stage], application if stage == "build" else web
    for instance in application.instances:
        stage = "worker" if isinstance(instance, Worker) else "web"
        for pair in instance.children("commands").values():
            yield stage, pair, instance
    for cron in application.crons.values():
        commands, old = cron.children("commands"), cron.entry("cmd")
        for pair in commands.values():
            yield "cron", pair, web
        if old is not None and "start" not in commands:
            yield "cron", old, web
    for operation in application.children("operations").values():
        for pair in View("", operation).children("commands").values():
            yield "operation", pair, application
    source = application.value("source")
    operations = source.value("operations") if isinstance(source, Mapping) else None
    for operation in operations.entries.values() if isinstance(operations, Mapping) else ():
        if (command := View("", operation).entry("command")) is not None:
            yield "source", command, application


def _written_in_task(task: Task) -> Iterator[tuple[str, str, Scalar, Task]]:
    hooks = task.children("hooks")
    stages = ("build", "deploy", "post_deploy")
    found: list[tuple[str, Pair]] = [(stage, hooks[stage]) for stage in stages if stage in hooks]
    if (command := task.children("run").get("command")) is not None:
        found.append(("task", command))
    for stage, pair in found:
        if (text := written_text(pair)) is not None:
            yield stage, pair.name or "", text, task
