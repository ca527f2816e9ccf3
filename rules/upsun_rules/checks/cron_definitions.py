"""Rules about the command of a cron job."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import nest
from upsun_rules.finding import Finding, Fix, Severity
from upsun_rules.lookups.missing_start import find_missing_start
from upsun_rules.lookups.siblings import is_first, node_of
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Cron
from upsun_schema.yaml.nodes import BROKEN, Include, Pair, Scalar

TOPIC = "Cron jobs"


@rule("cron-without-command", Severity.ERROR, docs="configure-apps/image-properties/crons")
def cron_without_command(cron: Cron) -> Iterator[Finding]:
    """A cron job has no command.

    The command of a cron job is `commands.start`. If it is missing, empty or in another place, the job has nothing to
    run. The documentation requires it, although the platform's schema only asks for `spec`.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        crons:
          clean:
            spec: '0 3 * * *'
            start: php artisan model:prune
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        crons:
          clean:
            spec: '0 3 * * *'
            commands:
              start: php artisan model:prune
    ```
    """
    old = cron.entry("cmd")
    if cron.body is None or _may_run(old):
        return
    missing = find_missing_start(cron)
    if missing is None:
        return
    if (missing.pair is not None or missing.place is not None) and not is_first(cron, node_of):
        return
    also = " and no `spec`" if cron.entry("spec") is None else ""
    regions = (*missing.regions[1:], old.region) if old is not None else missing.regions[1:]
    if missing.pair is None:
        message = f"cron job `{cron.name}` {missing.why}{also}; there is nothing to run"
        yield Finding(
            missing.place or cron.key.region, message, label="no start command", explains=regions, lacks=missing.lacks
        )
    else:
        message = f"cron job `{cron.name}` {missing.why}"
        yield Finding(missing.pair.key.region, message, label="wrong place", fixes=missing.fixes, explains=regions)


def _may_run(old: Pair | None) -> bool:
    """Whether a `cmd` is there that is not known to be empty."""
    if old is None:
        return False
    value = old.value.resolved
    return not value.is_null and not (isinstance(value, Scalar) and value.tag != BROKEN and not value.text.strip())


@rule("deprecated-cron-command", Severity.WARNING, docs="configure-apps/image-properties/crons", keys=("cmd",))
def deprecated_cron_command(cron: Cron) -> Iterator[Finding]:
    """A cron job uses the deprecated key `cmd`.

    `cmd` still works. `commands.start` does the same, and only `commands` can also have a `stop` command, which ends a
    canceled job cleanly.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        crons:
          clean:
            spec: '0 3 * * *'
            cmd: php artisan model:prune
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        crons:
          clean:
            spec: '0 3 * * *'
            commands:
              start: php artisan model:prune
    ```
    """
    old = cron.entry("cmd")
    if old is None or cron.body is None or old not in cron.body.pairs:
        return
    if not is_first(cron, node_of):
        return
    if not isinstance(old.value, Include) and not _may_run(old):
        return
    if cron.at("commands", "start") is not None:
        message = "`cmd` is deprecated, and `commands.start` is set as well; remove one of the two"
        yield Finding(old.key.region, message)
        return
    commands = cron.entry("commands")
    edits = nest([old], cron.body, "commands", called="start")
    yield Finding(
        old.key.region,
        "`cmd` is deprecated; use `commands.start`",
        label="write `commands: {start: …}`",
        fixes=(Fix("Write it as `commands.start`", tuple(edits), safe=True),) if edits else (),
        explains=(commands.key.region,) if commands is not None else (),
    )
