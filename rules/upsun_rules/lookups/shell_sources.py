"""Every shell text of an application, and where it runs."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.lookups.command_text import written_text
from upsun_schema.configuration.model import Application, View, Worker
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Mapping, Pair, Scalar

__all__ = ["ShellSource", "shell_sources"]


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


def shell_sources(application: Application) -> tuple[ShellSource, ...]:
    """Every shell text of an application, each once, in the order hooks, web, workers, crons, operations."""
    key = "shell sources", application.key.start
    return remembered(application.key.piece, key, application, lambda: tuple(_each_once(application)))


def _each_once(application: Application) -> Iterator[ShellSource]:
    seen: set[Scalar] = set()
    for stage, pair, worker in _written(application):
        scalar = written_text(pair)
        if scalar is not None and scalar not in seen:
            seen.add(scalar)
            yield ShellSource(stage, scalar, worker)


def _written(application: Application) -> Iterator[tuple[str, Pair, Worker | None]]:
    hooks = application.children("hooks")
    for stage in ("build", "deploy", "post_deploy"):
        if stage in hooks:
            yield stage, hooks[stage], None
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
