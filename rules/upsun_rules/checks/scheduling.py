"""Rules about cron jobs: their schedules and commands, and whether a job should be a cron job or a worker."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from upsun_rules.editing.blocks import in_quotes, nest, rewrite
from upsun_rules.editing.moves import SCHEDULE, made_cron, made_worker
from upsun_rules.finding import Edit, Finding, Fix, Severity
from upsun_rules.lookups.command_text import ShellText, every, shell_text, shown, without_ampersand
from upsun_rules.lookups.inside import inside
from upsun_rules.lookups.missing_start import find_missing_start
from upsun_rules.lookups.running import runs_laravel_schedule
from upsun_rules.lookups.siblings import is_first, node_of
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command, CommandSpan, Loop, parse, seconds_of, sleep_seconds
from upsun_rules.shell.recognition import Recognition, detaches, recognize
from upsun_schema.configuration.cron import CronError, CronSpec, minutes_between
from upsun_schema.configuration.cron import parse as parse_spec
from upsun_schema.configuration.model import Cron, Worker
from upsun_schema.yaml.nodes import BROKEN, Include, Pair, Scalar

TOPIC = "Cron or worker"


# -- the shape of a cron job -----------------------------------------------------------------------------------------


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


@rule("deprecated-cron-command", Severity.WARNING, docs="configure-apps/image-properties/crons")
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


def _crons(cron: Cron) -> Sequence[Cron]:
    return list(cron.application.crons.values())


# -- the schedule ----------------------------------------------------------------------------------------------------


def _written_spec(cron: Cron) -> Scalar | None:
    """The schedule of a cron job, if it is text and no earlier cron job has the same one through an alias."""
    spec = cron.spec
    if spec is None or spec.tag == BROKEN or not isinstance(spec.value, str):
        return None
    return spec if is_first(cron, _spec) else None


def _spec(cron: Cron) -> Scalar | None:
    return cron.spec


def _parsed(spec: Scalar | None) -> CronSpec | None:
    try:
        return parse_spec(spec.text) if spec is not None else None
    except CronError:
        return None


def _respell(spec: Scalar, text: str, title: str) -> tuple[Fix, ...]:
    """The fix that writes another schedule in the same quotes, or in new ones if it needs them."""
    if spec.style in ("|", ">"):
        return ()
    if not spec.style and text.startswith("*"):
        return (Fix(title, (Edit(spec.region, in_quotes(text, spec.piece)),)),)
    return (Fix(title, (rewrite(spec, text),)),)


@rule("invalid-cron-spec", Severity.ERROR, docs="configure-apps/image-properties/crons#cron-job-timing")
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


@rule("cron-below-minimum-interval", Severity.WARNING, docs="configure-apps/image-properties/crons#cron-job-timing")
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
    parsed = _parsed(spec)
    minimum = options.cron_minimum_interval
    gap = minutes_between(parsed, spec.text) if parsed is not None and spec is not None else None
    if spec is None or gap is None or gap >= minimum:
        return
    minute, *rest = spec.text.split()
    fixes: tuple[Fix, ...] = ()
    if minute.startswith("*") and every(minimum).startswith("*"):
        change = " ".join([every(minimum).split()[0], *rest])
        fixes = _respell(spec, change, f"Run it every {_minutes(int(change.split()[0][2:]))}: `{change}`")
    if runs_laravel_schedule(cron):
        fixes = (*made_worker(cron), *fixes)
    start = len(spec.text) - len(spec.text.lstrip())
    region = inside(spec, start, start + len(minute)) if gap < 60 else spec.region
    yield Finding(
        region,
        f"this runs every {_minutes(gap)}, but the platform starts a cron job every {_minutes(minimum)} at most; use"
        " a worker to run more often",
        label="too often",
        fixes=fixes,
    )


def _minutes(number: int) -> str:
    return "minute" if number == 1 else f"{number} minutes"


# -- a cron job that should be a worker ------------------------------------------------------------------------------

_NEVER_END = ("consumer", "scheduler", "server", "supervisor", "cron-daemon", "idle", "follower")


@rule("cron-should-be-worker", Severity.WARNING, docs="configure-apps/workers#workers-vs-cron-jobs")
def cron_should_be_worker(cron: Cron, options: Options) -> Iterator[Finding]:
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
    text = shell_text(cron)
    if text is None:
        return
    seconds = _seconds_between(cron, options)
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
            yield Finding(text.at(_head(text, loop)), message, label="endless", fixes=made_worker(cron))
            return
    for command in text.script.foreground:
        known = recognize(command)
        if known is None or not known.sure or not known.is_a(*_NEVER_END):
            continue
        if not known.bounded:
            message = f"`{shown(command)}` does not end; {_BLOCKS}"
            place = text.at(CommandSpan(command.words[0].start, command.end))
            yield Finding(place, message, label="does not end", fixes=made_worker(cron))
            return
        if seconds is not None and (bound := _lasts_until_next(known, seconds)) is not None:
            message = (
                "it can run as long as the interval between two runs, so it blocks the other cron jobs and affects"
                " deployments all day; lower the limit or make it a worker"
            )
            yield Finding(text.at(bound), message, label="as long as the interval", fixes=made_worker(cron))
            return


def _seconds_between(cron: Cron, options: Options) -> int | None:
    """The shortest time between two runs; None if the schedule cannot be read."""
    spec = cron.spec
    parsed = _parsed(spec)
    gap = minutes_between(parsed, spec.text) if parsed is not None and spec is not None else None
    return None if gap is None else 60 * max(gap, options.cron_minimum_interval)


def _head(text: ShellText, loop: Loop) -> CommandSpan:
    """The beginning of a loop, up to its `do`."""
    first_line = text.scalar.text[loop.start : loop.end].partition("\n")[0]
    return CommandSpan(loop.start, loop.start + len(first_line.partition(" do")[0].rstrip("; ")))


def _lasts_until_next(known: Recognition, seconds: int) -> CommandSpan | None:
    """The limit of a consumer, if it only has a time limit and that is at least the interval between two runs."""
    limits = [bound for bound in known.bounds if bound.unit != "weak"]
    lasts = known.bound_seconds
    if lasts is None or lasts < seconds or any(bound.unit != "seconds" for bound in limits):
        return None
    return (
        CommandSpan(limits[0].start, limits[0].end) if limits else CommandSpan(known.command.start, known.command.end)
    )


@rule("backgrounded-cron-command", Severity.WARNING, docs="configure-apps/image-properties/crons")
def backgrounded_cron_command(cron: Cron) -> Iterator[Finding]:
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
    text = shell_text(cron)
    left = detaches(text.script) if text is not None else None
    if text is None or left is None:
        return
    escapes = (
        "ends the cron job while its work continues, probably without `timeout` and without deployments waiting for it"
    )
    if left.ampersand is not None:
        fixes = without_ampersand(text, left.ampersand)
        yield Finding(text.at(left.ampersand), f"`&` {escapes}", label="remove this", fixes=fixes)
    elif isinstance(left, Command) and (daemon := recognize(left)) is not None and not daemon.is_a("control"):
        place = text.at(CommandSpan(left.words[0].start, left.end))
        if daemon.sure:
            yield Finding(place, f"`{shown(left)}` runs in the background; this {escapes}")


# -- a worker that should be a cron job ------------------------------------------------------------------------------


@rule("worker-should-be-cron", Severity.WARNING, docs="configure-apps/workers#workers-vs-cron-jobs")
def worker_should_be_cron(worker: Worker, options: Options) -> Iterator[Finding]:
    """A worker spends most of its time waiting for its next run.

    A loop with a long `sleep` is a schedule. Its container runs, and is paid for, all day. A cron job does the same
    work in the web container, and each run is listed in the activity log. Cron jobs do not start at an exact time: the
    platform delays each start at random, by up to 20 minutes but never by more than the interval between two runs.

    Keep the worker if the job takes so long that it gets in the way of deployments, if it needs its own CPU and memory,
    or if it has to start on time. A loop with a pause below the minimum interval of cron jobs is not reported.

    A worker that only sleeps is a hint, unless it sets `relationships` or `access`. Those are a documented way to give
    people a shell.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.13'
        workers:
          mail:
            commands:
              start: while true; do python manage.py send_queued_mail; sleep 600; done
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.13'
        crons:
          mail:
            spec: '*/10 * * * *'
            commands:
              start: python manage.py send_queued_mail
    ```
    """
    text = shell_text(worker)
    if text is None or len(text.script.tail) != 1 or any(command.background for command in text.script.commands):
        return
    held_by = text.script.tail[0]
    if isinstance(held_by, Loop):
        work = [command for command in held_by.commands if _is_work(command)]
        if not work:
            yield from _only_sleeps(worker, text, _head(text, held_by))
        else:
            yield from _polls(worker, text, held_by, work, options)
        return
    known = recognize(held_by)
    if known is not None and known.category == "cron-daemon":
        yield _runs_crontab(text, held_by)
    if held_by.program == "watch" and held_by.exact:
        yield from _watches(text, held_by, options)
    steps = [command for command in text.script.foreground if _is_work(command) or sleep_seconds(command) is not None]
    if all(not _is_work(command) for command in steps):
        if known is not None and known.category in ("idle", "sleep"):
            yield from _only_sleeps(worker, text, CommandSpan(held_by.words[0].start, held_by.end))
    elif not text.script.loops:
        yield from _sleeps_between_restarts(worker, text, steps, options)


def _is_work(command: Command) -> bool:
    """Whether a command does something: it is not a pause, preparation or a message."""
    known = recognize(command)
    if known is None:
        return command.program != "wait"
    return known.category not in ("idle", "sleep") and known.kind not in ("trivial", "prelude")


def _stays(command: Command) -> bool:
    known = recognize(command)
    return known is not None and known.is_a(*_NEVER_END, "daemoniser") and not known.bounded


def _polls(worker: Worker, text: ShellText, loop: Loop, work: list[Command], options: Options) -> Iterator[Finding]:
    """Report a loop with a pause that is long enough for a cron job."""
    pause = loop.pause
    consumes = [known for command in work if (known := recognize(command)) is not None and known.is_a("consumer")]
    if pause is None or math.isinf(pause) or pause < 60 * options.cron_minimum_interval:
        return
    if any(_stays(command) for command in work):
        return
    longest = max((sleep for sleep in loop.sleeps if sleep.always), key=lambda sleep: sleep.seconds or 0)
    body = _loop_body(text, loop)
    spec = _schedule(int(pause) // 60)
    yield Finding(
        text.at(longest.command),
        _asleep(int(pause)),
        label="asleep most of the time",
        fixes=made_cron(worker, spec, body) if body else (),
        severity=Severity.INFO if consumes else Severity.OF_RULE,
    )


def _asleep(seconds: int) -> str:
    minutes = seconds // 60
    every_so_often = f"{minutes // 60} hours" if minutes % 60 == 0 and minutes > 60 else _minutes(minutes)
    every_so_often = "hour" if minutes == 60 else every_so_often
    return f"this runs every {every_so_often} and sleeps in between; a cron job needs no container for that"


def _schedule(minutes: int) -> str:
    """The schedule that comes closest to a pause of so many minutes."""
    if minutes >= 24 * 60:
        return SCHEDULE
    if minutes < 60:
        return every(minutes)
    step = next(step for step in (1, 2, 3, 4, 6, 8, 12, 24) if step * 60 >= minutes)
    return SCHEDULE if step == 24 else "0 * * * *" if step == 1 else f"0 */{step} * * *"


def _loop_body(text: ShellText, loop: Loop) -> str | None:
    """What a loop does before its final sleep; None if that cannot be cut out of the script."""
    source = text.scalar.text
    if source[: loop.start].strip() or source[loop.end :].strip() or len(loop.sleeps) != 1 or not loop.exact:
        return None
    sleep = loop.sleeps[0].command
    before = [command for command in loop.commands if command.start < sleep.start]
    first = (one.start for one in before if source[: one.start].rstrip().endswith((" do", ";do", "\ndo")))
    start = next(first, None)
    if start is None or source[sleep.end : loop.end].strip("; \n") != "done":
        return None
    return _standalone(source[start : sleep.start])


def _standalone(body: str) -> str | None:
    """A part of a script as a complete script; None if it does not work alone."""
    body = body.strip().removesuffix("&&").removesuffix(";").strip()
    script = parse(body)
    leaves = any(command.program in ("break", "continue") for command in script.commands)
    if not body or script.has_error or not script.commands or leaves or "<<" in body:
        return None
    first, *rest = body.split("\n")
    depth = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    return "\n".join([first, *(line[depth:] for line in rest)])


def _sleeps_between_restarts(
    worker: Worker, text: ShellText, steps: list[Command], options: Options
) -> Iterator[Finding]:
    """Report a long sleep before or after the work. The restart of the worker makes it a loop."""
    if any(command.conditional or command.repeated or _stays(command) for command in steps):
        return
    source = text.scalar.text
    minimum = 60 * options.cron_minimum_interval
    first, last = sleep_seconds(steps[0]), sleep_seconds(steps[-1])
    # An unknown command may never end. But nobody adds an hour of sleep to a command that never ends.
    unsure = any(_is_work(step) and recognize(step) is None and math.isinf(step.timeout) for step in steps)
    least = max(minimum, 3600 if unsure else 0)
    if last is not None and least <= last < math.inf:
        sleep, seconds, body = steps[-1], last, source[: steps[-1].start]
    elif first is not None and least <= first < math.inf and not source[: steps[0].start].strip():
        sleep, seconds, body = steps[0], first, source[steps[0].end :].lstrip("&; \n")
    else:
        return
    command = _standalone(body)
    yield Finding(
        text.at(sleep),
        _asleep(int(seconds)),
        label="asleep most of the time",
        fixes=made_cron(worker, _schedule(int(seconds) // 60), command) if command else (),
    )


def _watches(text: ShellText, watch: Command, options: Options) -> Iterator[Finding]:
    """Report `watch`, which runs a command again and again, if it waits as long as a cron may."""
    words = [word.text for word in watch.arguments]
    at = next((index for index, word in enumerate(words[:-1]) if word in ("-n", "--interval")), None)
    seconds = seconds_of(watch.arguments[at + 1]) if at is not None else None
    if seconds is None or math.isinf(seconds) or seconds < 60 * options.cron_minimum_interval:
        return
    yield Finding(
        text.at(CommandSpan(watch.words[0].start, watch.end)), _asleep(int(seconds)), label="asleep most of the time"
    )


def _only_sleeps(worker: Worker, text: ShellText, place: CommandSpan) -> Iterator[Finding]:
    if worker.entry("relationships") is not None or worker.entry("access") is not None:
        return
    message = "this worker only sleeps, but its container is paid for all day"
    yield Finding(text.at(place), message, label="does nothing", severity=Severity.HINT)


def _runs_crontab(text: ShellText, daemon: Command) -> Finding:
    place = text.at(CommandSpan(daemon.words[0].start, daemon.end))
    if daemon.program in ("cron", "crond"):
        message = f"`{daemon.program}` probably cannot run here: it needs root and a writable spool folder"
        return Finding(place, f"{message}; use `crons`")
    message = "the application's `crons` run jobs on a schedule without an extra container"
    return Finding(place, message, severity=Severity.HINT)
