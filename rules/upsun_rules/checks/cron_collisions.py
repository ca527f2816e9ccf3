"""Rules about cron jobs that get in each other's way."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Related, Severity
from upsun_rules.lookups.cron_jobs import minutes_between_runs, parsed_spec
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application, Cron
from upsun_schema.wording import listed

TOPIC = "Cron jobs together"

_OFTEN = 60
"""Jobs that are at most so many minutes apart have little time to wait for one another."""


@rule(
    "crons-in-one-minute", Severity.INFO, docs="configure-apps/image-properties/crons#cron-job-timing", keys=("crons",)
)
def crons_in_one_minute(application: Application, options: Options) -> Iterator[Finding]:
    """Cron jobs of an application have the same schedule.

    Only one cron job of an application runs at a time. If two are due together, one waits for the other. A job without
    a `timeout` that hangs keeps the others waiting for up to 24 hours, and a deployment with them.

    Choose other minutes, let the platform choose with `H`, or limit each job with a `timeout` in seconds.

    This is info if the jobs run at least every hour and one of them has no `timeout`, and a hint otherwise.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        crons:
          newsletter:
            spec: '*/10 * * * *'
            commands:
              start: php bin/newsletter.php
          invoices:
            spec: '*/10 * * * *'
            commands:
              start: php bin/invoices.php
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        crons:
          newsletter:
            spec: '2-59/10 * * * *'
            timeout: 240
            commands:
              start: php bin/newsletter.php
          invoices:
            spec: '7-59/10 * * * *'
            timeout: 240
            commands:
              start: php bin/invoices.php
    ```
    """
    for crons in _together(application):
        first, second, *_ = crons
        assert second.spec is not None and first.spec is not None
        open_ended = [cron for cron in crons if cron.value("timeout") is None]
        often = (minutes_between_runs(second, options) or _OFTEN + 1) <= _OFTEN
        names = listed((cron.name for cron in crons), limit=4)
        message = f"{names} are due in the same minute, but only one cron runs at a time"
        if open_ended:
            message += "; one that hangs holds the others up for a day: set a `timeout`, other minutes or `H`"
        else:
            message += ": choose other minutes or `H`"
        yield Finding(
            second.spec.region,
            message,
            label="the same minute",
            related=(Related(first.spec.region, f"`{first.name}` is due then, too"),),
            severity=Severity.INFO if open_ended and often else Severity.HINT,
        )


def _together(application: Application) -> list[list[Cron]]:
    """The crons that have one schedule, without those for which the platform chooses the time."""
    groups: dict[str, list[Cron]] = {}
    for cron in application.crons.values():
        spec = cron.spec
        if spec is not None and isinstance(spec.value, str) and "H" not in spec.text and parsed_spec(spec) is not None:
            groups.setdefault(" ".join(spec.text.split()), []).append(cron)
    return [group for group in groups.values() if len(group) > 1]


@rule("crons-without-timeout", Severity.HINT, docs="configure-apps/image-properties/crons", keys=("crons",))
def crons_without_timeout(application: Application, options: Options) -> Iterator[Finding]:
    """Cron jobs that run often have no `timeout`.

    Without a `timeout`, a job may run for 24 hours. While it hangs, the other jobs of the application do not start, and
    a deployment waits or cancels it.

    Set a `timeout` in seconds that is shorter than the time between two runs. This hint is shown once for an
    application in which several jobs run at least every hour.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        crons:
          import:
            spec: '*/15 * * * *'
            commands:
              start: php bin/console app:import
          clean:
            spec: '0 * * * *'
            commands:
              start: php bin/console app:clean
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        crons:
          import:
            spec: '*/15 * * * *'
            timeout: 600
            commands:
              start: php bin/console app:import
          clean:
            spec: '0 * * * *'
            timeout: 600
            commands:
              start: php bin/console app:clean
    ```
    """
    if len(application.crons) < 2 or _together(application):
        return
    often = [
        cron for cron in application.crons.values() if (minutes_between_runs(cron, options) or _OFTEN + 1) <= _OFTEN
    ]
    found = [cron for cron in often if cron.body is not None and cron.value("timeout") is None]
    if found and len(often) > 1:
        names = listed((cron.name for cron in found), limit=4)
        yield Finding(
            found[0].key.region,
            f"{names} {'has' if len(found) == 1 else 'have'} no `timeout`: a job that hangs holds up the other crons"
            " and deployments for up to 24 hours",
            related=tuple(Related(cron.key.region, "no `timeout` either") for cron in found[1:4]),
        )
