"""Rules about the start and stop commands of workers: whether they exist and may exist."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import takewhile

from upsun_rules.editing.blocks import column, delete, indented, lines_of, owned_lines, step_of
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.missing_start import find_missing_start
from upsun_rules.lookups.siblings import is_first, node_of
from upsun_rules.rule import rule
from upsun_schema.configuration.limits import STOP_SECONDS
from upsun_schema.configuration.model import Worker
from upsun_schema.wording import listed
from upsun_schema.yaml.nodes import Alias, Include, Mapping, Node, Pair, Region

TOPIC = "What a worker runs"


@rule("missing-start-command", Severity.ERROR, docs="configure-apps/workers#commands")
def missing_start_command(worker: Worker) -> Iterator[Finding]:
    """A worker has no start command.

    Every worker needs `commands.start`, in every language. Without it, or if it is empty, the platform has nothing to
    run and rejects the push.

    The command must be below `commands`. A `start`, `command`, `cmd` or `run` directly below the worker, or at the same
    depth as `commands`, does not count.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.13'
        workers:
          queue:
            start: celery -A project worker
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.13'
        workers:
          queue:
            commands:
              start: celery -A project worker
    ```
    """
    if _owner(worker) is not None:
        return
    if beside := _beside(worker):
        names, one = listed((str(pair.name) for pair in beside), limit=4), len(beside) == 1
        yield Finding(
            worker.key.region,
            f"{names} {'is' if one else 'are'} next to worker `{worker.name}`, not below it;"
            f" indent {'it' if one else 'them'}",
            label="nothing below it",
            related=tuple(Related(pair.key.region, f"indent this below `{worker.name}`") for pair in beside),
            fixes=_put_under(worker, beside),
            explains=(worker.key.region, *(pair.region for pair in beside)),
        )
        return
    missing = find_missing_start(worker)
    if missing is None:
        return
    place = missing.place if missing.pair is None else missing.pair.key.region
    if place is not None and not is_first(worker, node_of):
        return
    tail = "" if missing.pair is not None else "; the platform rejects a worker without one"
    if not missing.is_rejected:
        tail = ": it ends at once, so the platform restarts it in a loop"
    yield Finding(
        place or worker.key.region,
        f"worker `{worker.name}` {missing.why}{tail}",
        label="no start command" if missing.pair is None else "wrong place",
        fixes=missing.fixes,
        explains=missing.regions,
        lacks=missing.lacks,
    )


def _beside(worker: Worker) -> list[Pair]:
    """The properties right after an empty worker that should be indented below it."""
    if not worker.node.is_null or isinstance(worker.pair.value, Alias | Include):
        return []
    section = worker.application.value("workers")
    if not isinstance(section, Mapping):
        return []
    index = bisect_left(section.pairs, worker.key.outer, key=lambda pair: pair.key.outer)
    if section.pairs[index : index + 1] != [worker.pair]:
        return []  # A merge key brings it in.
    properties = worker.shape.properties
    after = (section.pairs[below] for below in range(index + 1, len(section.pairs)))
    return list(takewhile(lambda pair: pair.name in properties and not _is_worker(pair.value.resolved), after))


def _is_worker(node: Node) -> bool:
    """Whether a value is a worker, whatever its key: it has a `commands` block."""
    return isinstance(node, Mapping) and node.get("commands") is not None


def _owner(worker: Worker) -> Worker | None:
    """The worker that this one really belongs to as a property."""
    if worker.name not in worker.shape.properties:
        return None
    others = takewhile(lambda other: other is not worker, worker.application.workers.values())
    return next((other for other in others if worker.pair in _beside(other)), None)


def _put_under(worker: Worker, beside: list[Pair]) -> tuple[Fix, ...]:
    """The fix that indents properties below the worker before them."""
    lines = [lines_of(worker.pair), *map(owned_lines, beside)]
    whole = [region for region in lines if region is not None]
    if len(whole) < len(lines) or worker.node.start < worker.node.end:
        return ()
    if any(column(pair.key) != column(worker.key) for pair in beside):
        return ()
    # What is between the properties (comments, blank lines) moves with them.
    region = Region(worker.key.piece, whole[0].end, whole[-1].end)
    if any(one.piece is not region.piece for one in whole):
        return ()
    return (Fix(f"Indent below `{worker.name}`", (Edit(region, indented(region.text, step_of(worker.key))),)),)


@rule("stop-command-on-worker", Severity.ERROR, docs="configure-apps/workers#stopping-a-worker")
def stop_command_on_worker(worker: Worker) -> Iterator[Finding]:
    """A worker has a `stop` command, which exists for cron jobs only.

    The platform rejects or ignores the key, and the command never runs. Before it stops a worker, the platform sends
    SIGTERM and then waits 15 seconds.

    Do the cleanup in the worker when it receives SIGTERM: with `trap` in a shell script, or with a signal handler in a
    program.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php bin/console messenger:consume async --time-limit=3600
              stop: php bin/console messenger:stop-workers
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php bin/console messenger:consume async --time-limit=3600
    ```
    """
    commands = worker.entry("commands")
    node = commands.value.resolved if commands is not None else None
    stop = node.get("stop") if isinstance(node, Mapping) else None
    if commands is None or stop is None or not isinstance(node, Mapping):
        return
    removed = delete(stop, node) if commands.value is node and len(node.pairs) > 1 else None
    yield Finding(
        stop.key.region,
        f"a worker has no `stop` command; handle SIGTERM, sent up to {STOP_SECONDS} seconds before it is killed",
        label="never runs",
        fixes=(Fix("Remove `stop`", tuple(removed)),) if removed else (),
        explains=(stop.region,),
    )
