"""Rules about the start and stop commands of workers: whether they exist and may exist."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import delete
from upsun_rules.finding import Finding, Fix, Severity
from upsun_rules.lookups.missing_start import find_missing_start
from upsun_rules.lookups.siblings import is_first, node_of
from upsun_rules.rule import rule
from upsun_schema.configuration.limits import STOP_SECONDS
from upsun_schema.configuration.model import Worker
from upsun_schema.yaml.nodes import Mapping

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


@rule("stop-command-on-worker", Severity.ERROR, docs="configure-apps/workers#stopping-a-worker", keys=("commands",))
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
