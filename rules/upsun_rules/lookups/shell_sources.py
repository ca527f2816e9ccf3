"""Every shell text of an application or a task, and where it runs."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.lookups.command_text import written_text
from upsun_schema.configuration.model import Application, Container, Task, View, Worker
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Mapping, Pair, Scalar

__all__ = ["ShellSource", "shell_sources"]


class ShellSource(NamedTuple):
    """A shell text and where it runs.

    `stage` is `build`, `deploy`, `post_deploy`, `web`, `worker`, `cron`, `operation`, `source` (a source operation) or
    `task`. `worker` is the one whose container it runs in; None is the application's own container.
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
    key = "shell sources", container.key.start
    return remembered(container.key.piece, key, container, lambda: tuple(_each_once(container)))


def _each_once(container: Application | Task) -> Iterator[ShellSource]:
    seen: set[Scalar] = set()
    written = _written(container) if isinstance(container, Application) else _written_in_task(container)
    for stage, pair, worker in written:
        scalar = written_text(pair)
        if scalar is not None and scalar not in seen:
            seen.add(scalar)
            yield ShellSource(stage, scalar, worker)


def _written(application: Application) -> Iterator[tuple[str, Pair, Worker | None]]:
    yield from _hooks(application)
    if application.web is not None:
        for pair in application.web.children("commands").values():
            yield "web", pair, None
    for worker in application.workers.values():
        for pair in worker.children("commands").values():
            yield "worker", pair, worker
    for cron in application.crons.values():
        for pair in cron.children("commands").values():
            yield "cron", pair, None
        if (old := cron.entry("cmd")) is not None:
            yield "cron", old, None
    for operation in application.children("operations").values():
        for pair in View("", operation).children("commands").values():
            yield "operation", pair, None
    source = application.value("source")
    operations = source.value("operations") if isinstance(source, Mapping) else None
    for operation in operations.entries.values() if isinstance(operations, Mapping) else ():
        if (command := View("", operation).entry("command")) is not None:
            yield "source", command, None


def _hooks(container: Application | Task) -> Iterator[tuple[str, Pair, None]]:
    hooks = container.children("hooks")
    for stage in ("build", "deploy", "post_deploy"):
        if stage in hooks:
            yield stage, hooks[stage], None


def _written_in_task(task: Task) -> Iterator[tuple[str, Pair, None]]:
    yield from _hooks(task)
    if (command := task.children("run").get("command")) is not None:
        yield "task", command, None
