"""The rule about workers that mostly wait, which can be cron jobs."""

from __future__ import annotations

import math
from collections.abc import Iterator

from upsun_rules.editing.moves import SCHEDULE, made_cron
from upsun_rules.finding import Finding, Severity
from upsun_rules.lookups.command_text import ShellText, every, loop_head
from upsun_rules.lookups.cron_jobs import every_minutes
from upsun_rules.lookups.resolved_texts import chain_steps, resolved_text
from upsun_rules.lookups.running import NEVER_END
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command, CommandSpan, Loop, parse, seconds_of, sleep_seconds
from upsun_rules.shell.recognition import recognize
from upsun_schema.configuration.model import Worker
from upsun_schema.configuration.project import Project

TOPIC = "Cron or worker"


@rule("worker-should-be-cron", Severity.WARNING, docs="configure-apps/workers#workers-vs-cron-jobs", keys=("commands",))
def worker_should_be_cron(worker: Worker, project: Project, options: Options) -> Iterator[Finding]:
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
    text = resolved_text(worker, project)
    if text is None or len(text.script.tail) != 1 or any(command.background for command in text.script.commands):
        return
    held_by = text.script.tail[0]
    if isinstance(held_by, Loop):
        work = [command for command in held_by.commands if _is_work(command)]
        if not work:
            yield from _only_sleeps(worker, text, loop_head(text, held_by))
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
            yield from _only_sleeps(worker, text, held_by.bare)
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
    return known is not None and known.is_a(*NEVER_END, "daemoniser") and not known.bounded


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
        related=chain_steps(longest.command),
        fixes=made_cron(worker, spec, body) if body else (),
        severity=Severity.INFO if consumes else Severity.OF_RULE,
    )


def _asleep(seconds: int) -> str:
    minutes = seconds // 60
    every_so_often = f"{minutes // 60} hours" if minutes % 60 == 0 and minutes > 60 else every_minutes(minutes)
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
    command = None if sleep.chain else _standalone(body)
    yield Finding(
        text.at(sleep),
        _asleep(int(seconds)),
        label="asleep most of the time",
        related=chain_steps(sleep),
        fixes=made_cron(worker, _schedule(int(seconds) // 60), command) if command else (),
    )


def _watches(text: ShellText, watch: Command, options: Options) -> Iterator[Finding]:
    """Report `watch`, which runs a command again and again, if it waits as long as a cron may."""
    words = [word.text for word in watch.arguments]
    at = next((index for index, word in enumerate(words[:-1]) if word in ("-n", "--interval")), None)
    seconds = seconds_of(watch.arguments[at + 1]) if at is not None else None
    if seconds is None or math.isinf(seconds) or seconds < 60 * options.cron_minimum_interval:
        return
    yield Finding(text.at(watch.bare), _asleep(int(seconds)), label="asleep most of the time")


def _only_sleeps(worker: Worker, text: ShellText, place: CommandSpan) -> Iterator[Finding]:
    if worker.entry("relationships") is not None or worker.entry("access") is not None:
        return
    message = "this worker only sleeps, but its container is paid for all day"
    yield Finding(text.at(place), message, label="does nothing", severity=Severity.HINT)


def _runs_crontab(text: ShellText, daemon: Command) -> Finding:
    place = text.at(daemon.bare)
    if daemon.program in ("cron", "crond"):
        message = f"`{daemon.program}` probably cannot run here: it needs root and a writable spool folder"
        return Finding(place, f"{message}; use `crons`")
    message = "the application's `crons` run jobs on a schedule without an extra container"
    return Finding(place, message, severity=Severity.HINT)
