"""Rules about the time limits and the time zone of cron jobs."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import delete
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application, Container, Cron
from upsun_schema.configuration.timezones import all_zones
from upsun_schema.keys.shape import kinds_of
from upsun_schema.wording import is_placeholder, listed, nearest, shortened
from upsun_schema.yaml.nodes import BROKEN, Node, Scalar

TOPIC = "Limits of cron jobs"


@rule(
    "cron-timeout", Severity.WARNING, docs="configure-apps/image-properties/crons", keys=("timeout", "shutdown_timeout")
)
def cron_timeout(cron: Cron) -> Iterator[Finding]:
    """A time limit of a cron job makes no sense.

    `timeout` is the number of seconds after which the platform ends the job. `shutdown_timeout` is the number of
    seconds that a canceled job has to end by itself. Zero or less leaves the job no time. A `shutdown_timeout` that is
    longer than the `timeout` is probably a mistake.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        crons:
          cleanup:
            spec: 'H 3 * * *'
            commands:
              start: php bin/console app:cleanup
            timeout: 0
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        crons:
          cleanup:
            spec: 'H 3 * * *'
            commands:
              start: php bin/console app:cleanup
            timeout: 600
    ```
    """
    timeout, shutdown = cron.value("timeout"), cron.value("shutdown_timeout")
    limit, grace = _seconds(timeout), _seconds(shutdown)
    if timeout is not None and limit is not None and limit <= 0:
        yield Finding(timeout.region, f"a `timeout` of {limit} seconds leaves the job no time; write at least 1")
    if shutdown is None or grace is None:
        return
    if grace < 0:
        message = f"a `shutdown_timeout` of {grace} seconds is not possible; write at least 0"
        yield Finding(shutdown.region, message)
    elif timeout is not None and limit is not None and grace > limit > 0:
        message = f"the job has {grace} seconds to end, but only {limit} to run; write a smaller `shutdown_timeout`"
        yield Finding(shutdown.region, message, related=(Related(timeout.region, "the time it has to run"),))


def _seconds(node: Node | None) -> int | None:
    value = node.value if isinstance(node, Scalar) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


@rule("unknown-time-zone", Severity.ERROR, docs="configure-apps/timezone", keys=("timezone",))
def unknown_time_zone(container: Container) -> Iterator[Finding]:
    """`timezone` names a time zone that does not exist.

    The platform knows time zones by their names in the TZ database, such as `Europe/Paris`. Abbreviations such as
    `CEST` and offsets such as `+02:00` are not such names.

    A name that resembles none is a warning only, because a new zone may not be in this linter's list yet.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        timezone: Europe/Pariss
        crons:
          cleanup:
            spec: 'H 3 * * *'
            commands:
              start: php bin/console app:cleanup
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        timezone: Europe/Paris
        crons:
          cleanup:
            spec: 'H 3 * * *'
            commands:
              start: php bin/console app:cleanup
    ```
    """
    pair = container.entry("timezone")
    node = None if pair is None else pair.value.resolved
    # On anything but an application, `timezone` has no effect, whatever it says.
    if pair is None or not isinstance(container, Application) or not isinstance(node, Scalar):
        return
    name = node.text
    if kinds_of(node) != {"string"} or node.tag == BROKEN or is_placeholder(name) or name in all_zones():
        return
    meant = nearest(name, sorted(all_zones()))
    message = f"there is no time zone `{shortened(name)}`"
    message += f"; did you mean {listed(meant, 'or')}?" if meant else "; write a name such as `Europe/Paris`"
    fixes = [
        Fix(f"Change it to `{zone}`", (Edit(node.region, f"{node.style}{zone}{node.style}"),))
        for zone in meant
        if pair.value is node
    ]
    yield Finding(
        pair.value.region, message, fixes=tuple(fixes), severity=Severity.ERROR if meant else Severity.WARNING
    )


@rule("time-zone-without-crons", Severity.INFO, docs="configure-apps/timezone", keys=("timezone",))
def time_zone_without_crons(application: Application) -> Iterator[Finding]:
    """`timezone` is set on an application without cron jobs.

    `timezone` is the time zone in which the schedules of cron jobs are read. It changes nothing else: programs and
    workers of the application do not see it.

    Remove it. For programs, set the variable `TZ` or the setting of the language, such as `date.timezone` for PHP.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        timezone: Europe/Paris
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        variables:
          php:
            date.timezone: Europe/Paris
    ```
    """
    pair = application.entry("timezone")
    if pair is None or application.body is None or application.entry("crons") is not None:
        return
    if application.body.merges_unknown or (isinstance(pair.value.resolved, Scalar) and not pair.value.resolved.text):
        return
    edits = delete(pair, application.body)
    yield Finding(
        pair.key.region,
        "`timezone` applies to cron jobs only, and this application has none; for programs, set the variable `TZ`",
        fixes=(Fix("Remove `timezone`", tuple(edits)),) if edits else (),
    )
