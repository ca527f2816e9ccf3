"""Rules about the schedules of cron jobs."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import in_quotes, rewrite
from upsun_rules.editing.moves import made_worker
from upsun_rules.finding import Edit, Finding, Fix, Severity
from upsun_rules.lookups.command_text import every
from upsun_rules.lookups.cron_jobs import every_minutes, parsed_spec
from upsun_rules.lookups.inside import inside
from upsun_rules.lookups.running import runs_laravel_schedule
from upsun_rules.lookups.siblings import is_first
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_schema.configuration.cron import CronError, minutes_between
from upsun_schema.configuration.cron import parse as parse_spec
from upsun_schema.configuration.model import Cron
from upsun_schema.yaml.nodes import BROKEN, Scalar

TOPIC = "Cron jobs"


@rule("invalid-cron-spec", Severity.ERROR, docs="configure-apps/image-properties/crons#cron-job-timing", keys=("spec",))
def invalid_cron_spec(cron: Cron) -> Iterator[Finding]:
    """A cron schedule is invalid, or it never runs.

    A schedule has five fields: minute, hour, day of the month, month and day of the week. Each field is `*`, a number,
    or a list, range or step of numbers. `H` lets the platform choose a fixed time. Other notations belong to other
    schedulers: `@daily`, a sixth field for seconds, and `?`, `L`, `W` and `#`.

    Two mistakes are warnings, because the schedule is valid but not what you meant. A date that does not exist, such as
    31 February, never comes. A step longer than its field does not work across fields: `*/90` in the minute field means
    every full hour.

    The documentation shows only a plain `H`, but `H/15` is in use and works. It does not mention names of months and
    days or a range such as `H(0-29)`, so these are reported as info only.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        crons:
          clean:
            spec: '@daily'
            commands:
              start: php artisan model:prune
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        crons:
          clean:
            spec: '0 0 * * *'
            commands:
              start: php artisan model:prune
    ```
    """
    spec = _written_spec(cron)
    if spec is None:
        return
    try:
        parsed = parse_spec(spec.text)
    except CronError as error:
        change = error.suggestion
        yield Finding(
            inside(spec, error.start, error.end) if error.end > error.start else spec.region,
            error.message.replace("'", "`"),
            fixes=_respell(spec, change, f"Change it to `{change}`") if change else (),
            explains=(spec.region,),
        )
        return
    if parsed.never_runs:
        message = "no date matches this schedule, so the cron job never runs"
        yield Finding(spec.region, message, label="never", severity=Severity.WARNING)
    elif parsed.overlong is not None:
        message, start, end = parsed.overlong
        yield Finding(inside(spec, start, end), message.replace("'", "`"), severity=Severity.WARNING)
    elif parsed.names:
        message = "names of months and days are not documented; numbers always work"
        yield Finding(spec.region, message, severity=Severity.INFO)
    elif parsed.extended:
        message = "a range after `H`, or a step after a single number, is not documented"
        yield Finding(spec.region, message, severity=Severity.INFO)


@rule(
    "cron-below-minimum-interval",
    Severity.WARNING,
    docs="configure-apps/image-properties/crons#cron-job-timing",
    keys=("spec",),
)
def cron_below_minimum_interval(cron: Cron, options: Options) -> Iterator[Finding]:
    """A cron schedule asks for more runs than the platform allows.

    By default, the platform starts a cron job every 5 minutes at most. It accepts a schedule with shorter intervals,
    warns during the push, and skips the runs in between. The limit is a project setting. If your project has another
    limit, set it in the configuration of this linter.

    Use a worker for work that has to happen more often. For the Laravel scheduler, for example, run
    `php artisan schedule:work` in a worker instead of `schedule:run` in a cron job.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        crons:
          import:
            spec: '* * * * *'
            commands:
              start: php bin/console app:import
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        crons:
          import:
            spec: '*/5 * * * *'
            commands:
              start: php bin/console app:import
    ```
    """
    spec = _written_spec(cron)
    parsed = parsed_spec(spec)
    minimum = options.cron_minimum_interval
    gap = minutes_between(parsed, spec.text) if parsed is not None and spec is not None else None
    if spec is None or gap is None or gap >= minimum:
        return
    minute, *rest = spec.text.split()
    fixes: tuple[Fix, ...] = ()
    if minute.startswith("*") and every(minimum).startswith("*"):
        change = " ".join([every(minimum).split()[0], *rest])
        fixes = _respell(spec, change, f"Run it every {every_minutes(int(change.split()[0][2:]))}: `{change}`")
    if runs_laravel_schedule(cron):
        fixes = (*made_worker(cron), *fixes)
    start = len(spec.text) - len(spec.text.lstrip())
    region = inside(spec, start, start + len(minute)) if gap < 60 else spec.region
    yield Finding(
        region,
        f"this runs every {every_minutes(gap)}, but the platform starts a cron job every {every_minutes(minimum)} at"
        " most; use a worker to run more often",
        label="too often",
        fixes=fixes,
    )


def _written_spec(cron: Cron) -> Scalar | None:
    """The schedule of a cron job, if it is text and no earlier cron job has the same one through an alias."""
    spec = cron.spec
    if spec is None or spec.tag == BROKEN or not isinstance(spec.value, str):
        return None
    return spec if is_first(cron, _spec) else None


def _spec(cron: Cron) -> Scalar | None:
    return cron.spec


def _respell(spec: Scalar, text: str, title: str) -> tuple[Fix, ...]:
    """The fix that writes another schedule in the same quotes, or in new ones if it needs them."""
    if spec.style in ("|", ">"):
        return ()
    if not spec.style and text.startswith("*"):
        return (Fix(title, (Edit(spec.region, in_quotes(text, spec.piece)),)),)
    return (Fix(title, (rewrite(spec, text),)),)
