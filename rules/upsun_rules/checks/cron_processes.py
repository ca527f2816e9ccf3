"""Rules about cron jobs that do not end, or end before their work."""

from __future__ import annotations

import math
from collections.abc import Iterator

from upsun_rules.editing.moves import made_worker
from upsun_rules.finding import Finding, Severity
from upsun_rules.lookups.command_text import ShellText, loop_head, shown, without_ampersand
from upsun_rules.lookups.cron_jobs import minutes_between_runs
from upsun_rules.lookups.resolved_texts import chain_steps, resolved_text
from upsun_rules.lookups.running import NEVER_END
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command, CommandSpan
from upsun_rules.shell.recognition import Recognition, detaches, recognize
from upsun_schema.configuration.model import Cron
from upsun_schema.configuration.project import Project
from upsun_schema.yaml.nodes import Scalar

TOPIC = "Cron or worker"


@rule(
    "cron-should-be-worker",
    Severity.WARNING,
    docs="configure-apps/workers#workers-vs-cron-jobs",
    keys=("commands", "cmd"),
)
def cron_should_be_worker(cron: Cron, project: Project, options: Options) -> Iterator[Finding]:
    """A cron job runs a command that does not end.

    A queue consumer, a scheduler or an endless loop runs until the job times out, by default after 24 hours. Meanwhile
    the other cron jobs of the application wait, because only one can run at a time. A deployment is also affected: it
    waits for the running job or cancels it. The documentation says both.

    Make it a worker. If it has to be a cron job, limit its duration to well below the interval between two runs: with
    an option such as `--stop-when-empty`, `--max-time`, `--time-limit` or `--limit`, or with `timeout 240` before the
    command.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        crons:
          queue:
            spec: '*/10 * * * *'
            commands:
              start: php artisan queue:work
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php artisan queue:work
    ```
    """
    text = resolved_text(cron, project)
    if text is None:
        return
    minutes = minutes_between_runs(cron, options)
    seconds = None if minutes is None else 60 * minutes
    timeout = cron.value("timeout")
    limit = timeout.value if isinstance(timeout, Scalar) else None
    if isinstance(limit, int | float) and (seconds is None or limit < seconds):
        return
    yield from _does_not_end(cron, text, seconds)


_BLOCKS = (
    "as a cron job it blocks the other cron jobs and holds up deployments or is canceled by them; make it a worker"
)


def _does_not_end(cron: Cron, text: ShellText, seconds: int | None) -> Iterator[Finding]:
    """Report the first part of the command that does not end, or not before the next run is due."""
    for loop in text.script.loops:
        if not loop.background and all(math.isinf(command.timeout) for command in loop.commands):
            message = f"this loop does not end; {_BLOCKS}"
            yield Finding(
                text.at(loop_head(text, loop)),
                message,
                label="endless",
                related=chain_steps(loop),
                fixes=made_worker(cron),
            )
            return
    for command in text.script.foreground:
        known = recognize(command)
        if known is None or not known.sure or not known.is_a(*NEVER_END):
            continue
        if not known.bounded:
            message = f"`{shown(command)}` does not end; {_BLOCKS}"
            place = text.at(command.bare)
            yield Finding(place, message, label="does not end", related=chain_steps(command), fixes=made_worker(cron))
            return
        if seconds is not None and (bound := _lasts_until_next(known, seconds)) is not None:
            message = (
                "it can run as long as the interval between two runs, so it blocks the other cron jobs and affects"
                " deployments all day; lower the limit or make it a worker"
            )
            yield Finding(
                text.at(bound),
                message,
                label="as long as the interval",
                related=chain_steps(command),
                fixes=made_worker(cron),
            )
            return


def _lasts_until_next(known: Recognition, seconds: int) -> CommandSpan | None:
    """The limit of a consumer, if it only has a time limit and that is at least the interval between two runs."""
    limits = [bound for bound in known.bounds if bound.unit != "weak"]
    lasts = known.bound_seconds
    if lasts is None or lasts < seconds or any(bound.unit != "seconds" for bound in limits):
        return None
    return (
        CommandSpan(limits[0].start, limits[0].end) if limits else CommandSpan(known.command.start, known.command.end)
    )


@rule(
    "backgrounded-cron-command",
    Severity.WARNING,
    docs="configure-apps/image-properties/crons",
    keys=("commands", "cmd"),
)
def backgrounded_cron_command(cron: Cron, project: Project) -> Iterator[Finding]:
    """A cron job starts its work in the background and ends.

    The platform can only watch the command that it started. When this command ends, the job most likely counts as
    finished, although the work continues. It is then no longer subject to `timeout`, cannot be canceled, and can
    overlap with the next run. A deployment does not wait for it and may cut it off. The documentation does not cover
    this case, so all of this is inferred from how jobs and deployments work.

    Keep the work in the foreground: remove the `&`.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        crons:
          reindex:
            spec: '0 3 * * *'
            commands:
              start: php bin/magento indexer:reindex &
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        crons:
          reindex:
            spec: '0 3 * * *'
            commands:
              start: php bin/magento indexer:reindex
    ```
    """
    text = resolved_text(cron, project)
    left = detaches(text.script) if text is not None else None
    if text is None or left is None:
        return
    escapes = (
        "ends the cron job while its work continues, probably without `timeout` and without deployments waiting for it"
    )
    if left.ampersand is not None:
        fixes = without_ampersand(text, left.ampersand)
        yield Finding(
            text.at(left.ampersand), f"`&` {escapes}", label="remove this", related=chain_steps(left), fixes=fixes
        )
    elif isinstance(left, Command) and (daemon := recognize(left)) is not None and not daemon.is_a("control"):
        place = text.at(left.bare)
        if daemon.sure:
            message = f"`{shown(left)}` runs in the background; this {escapes}"
            yield Finding(place, message, related=chain_steps(left))
