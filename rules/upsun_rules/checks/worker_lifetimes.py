"""Rules about how a worker ends: too early, again and again, or too late."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.moves import SCHEDULE, made_cron
from upsun_rules.finding import Finding, Fix, Severity
from upsun_rules.lookups.command_text import ShellText, every, shown, without_ampersand
from upsun_rules.lookups.folded_text import lost_by_folding
from upsun_rules.lookups.resolved_texts import chain_steps, resolved_text
from upsun_rules.lookups.running import as_schedule_work, kept_by
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command, CommandSpan
from upsun_rules.shell.recognition import Bound, Recognition, detaches, foreground_rewrite, recognize, returns_at_once
from upsun_schema.configuration.limits import STOP_SECONDS
from upsun_schema.configuration.model import Worker
from upsun_schema.configuration.project import Project

TOPIC = "What a worker runs"


@rule(
    "backgrounded-start-command",
    Severity.ERROR,
    docs="configure-apps/image-properties/web#web-commands",
    keys=("commands",),
)
def backgrounded_start_command(worker: Worker, project: Project) -> Iterator[Finding]:
    """A start command moves its work to the background and ends.

    The platform watches the process that it started. When this process ends, the platform starts the command again at
    once. A trailing `&` or a program that turns itself into a daemon ends immediately, while its work goes on in the
    background. The platform starts more and more copies until the container crashes. The documentation describes this
    for web processes, and workers are restarted in the same way.

    Keep the work in the foreground. Remove the `&` and options such as `-D` or `--detach`. Use `pm2-runtime` instead of
    `pm2`, `supervisord -n`, or `delayed_job run`. A script may start several programs with `&` if it ends with `wait`
    or with another program in the foreground.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        workers:
          queue:
            commands:
              start: node consume.js &
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        workers:
          queue:
            commands:
              start: node consume.js
    ```
    """
    text = resolved_text(worker, project)
    if text is None:
        return
    left = detaches(text.script)
    if left is None:
        return
    if left.ampersand is not None:
        yield Finding(
            text.at(left.ampersand),
            "`&` moves the command to the background; the platform sees it end and keeps starting copies until the"
            " container crashes",
            label="in the background" if left.chain else "remove this",
            related=chain_steps(left),
            fixes=without_ampersand(text, left.ampersand),
        )
    elif isinstance(left, Command) and (daemon := recognize(left)) is not None and daemon.category == "daemoniser":
        yield _daemonised(text, daemon)


def _daemonised(text: ShellText, daemon: Recognition) -> Finding:
    """The finding about a program that moves itself to the background."""
    rewrite = foreground_rewrite(daemon) or ()
    edits = [text.edit(*edit) for edit in rewrite]
    fixes: tuple[Fix, ...] = ()
    if edits and all(edit is not None for edit in edits):
        fixes = (Fix("Keep it in the foreground", tuple(edit for edit in edits if edit is not None)),)
    dropped = next((edit for edit in rewrite if not edit.text), None)
    place = text.at(CommandSpan(dropped.start + 1, dropped.end) if dropped else daemon.command.bare)
    sure = daemon.sure and not daemon.command.conditional
    unless = "" if daemon.sure else " (unless configured otherwise)"
    return Finding(
        place,
        f"`{shown(daemon.command)}` runs in the background{unless}, so the platform keeps starting copies until the"
        " container crashes",
        label="keep it in the foreground",
        related=chain_steps(daemon.command),
        fixes=fixes,
        severity=Severity.OF_RULE if sure else Severity.WARNING,
    )


_ADVICE = {
    "migration": "run it in the `deploy` hook",
    "deploy-step": "run it in the `deploy` hook",
    "dump": "make it a cron job",
    "maintenance": "make it a cron job",
    "request": "make it a cron job",
    "queue-drain": "make it a cron job, or use a command that waits for jobs",
}


@rule(
    "one-shot-start-command", Severity.WARNING, docs="configure-apps/workers#workers-vs-cron-jobs", keys=("commands",)
)
def one_shot_start_command(worker: Worker, project: Project, options: Options) -> Iterator[Finding]:
    """A start command does its work once and ends, so the platform runs it in an endless loop.

    When the start command of a worker ends, the platform starts it again at once. This is useful for a consumer that
    stops from time to time to free memory. A command that always ends quickly, such as a migration or a dump, runs over
    and over and uses the CPU of the container all day.

    - Run it in the `deploy` hook of the application if it is needed once per deployment.
    - Make it a cron job if it is needed on a schedule.
    - Let a consumer wait for the next job instead of stopping when the queue is empty.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        workers:
          clean:
            commands:
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
    text = resolved_text(worker, project)
    if text is None:
        return
    done = returns_at_once(text.script)
    if done is None:
        yield from _ends_when_idle(text)
        return
    # `folded-script` reports a command that is another one only because YAML joins its lines.
    if done.kind == "build-step" or not done.sure or lost_by_folding(text.scalar) is not None:
        return
    advice = _ADVICE.get(done.kind or "", "use a command that keeps running")
    fixes: tuple[Fix, ...] = ()
    if done.category == "scheduler-tick":
        advice = "make it a cron job"
    if done.category == "scheduler-tick" or done.kind == "queue-drain":
        fixes = made_cron(worker, every(options.cron_minimum_interval))
    elif done.kind in ("dump", "maintenance", "request"):
        fixes = made_cron(worker, SCHEDULE)
    yield Finding(
        text.at(done.command.bare),
        f"`{shown(done.command)}` ends at once, so the platform restarts it in a loop; {advice}",
        label="ends at once",
        related=chain_steps(done.command),
        fixes=(*_stay(worker), *fixes),
        severity=Severity.INFO if done.kind == "queue-drain" else Severity.OF_RULE,
    )


def _ends_when_idle(text: ShellText) -> Iterator[Finding]:
    """Report the option that ends a consumer as soon as it has nothing to do."""
    known = kept_by(text.script)
    if known is None or known.category != "consumer" or not known.drains:
        return
    for bound in known.bounds:
        if bound.unit in ("once", "drain") or (bound.unit == "count" and bound.value == 1):
            removed = text.edit(bound.start - 1, bound.end, "") if known.command.exact else None
            flag = _written(text, known, bound)
            why = "as soon as the queue is empty" if bound.unit == "drain" else "after one job"
            yield Finding(
                text.at(bound),
                f"`{flag}` ends the worker {why}, and the platform restarts it; remove it",
                label="ends the worker" if known.command.chain else "remove this",
                related=chain_steps(known.command),
                fixes=(Fix(f"Remove `{flag}`", (removed,)),) if removed is not None else (),
                severity=Severity.INFO,
            )
            return


def _written(text: ShellText, known: Recognition, bound: Bound) -> str:
    """An option as it is written."""
    if known.command.chain:
        return bound.flag
    return text.scalar.text[bound.start : bound.end].replace("`", "'")


def _stay(worker: Worker) -> tuple[Fix, ...]:
    """The fix that keeps Laravel's scheduler running instead of running it once."""
    edit = as_schedule_work(worker)
    return () if edit is None else (Fix("Keep the scheduler running: `schedule:work`", (edit,)),)


@rule("slow-shutdown", Severity.INFO, docs="configure-apps/workers#stopping-a-worker", keys=("commands",))
def slow_shutdown(worker: Worker, project: Project) -> Iterator[Finding]:
    """A worker may need more time to stop than the platform gives it.

    When a deployment replaces a worker, the platform sends SIGTERM. If the worker is still running 15 seconds later, it
    sends SIGKILL, which cuts off whatever the worker is doing. An option that gives running jobs more time does not
    change this limit.

    Use jobs that take less than 15 seconds or that can be interrupted and repeated.

    In a shell script, a `trap` has to wait until the current command ends, so a long `sleep` delays it. Write
    `sleep 60 & wait $!` instead.

    ```yaml title="wrong"
    applications:
      app:
        type: 'ruby:3.4'
        workers:
          queue:
            commands:
              start: bundle exec sidekiq -t 60
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'ruby:3.4'
        workers:
          queue:
            commands:
              start: bundle exec sidekiq -t 12
    ```
    """
    text = resolved_text(worker, project)
    if text is None:
        return
    script = text.script
    killed = f"the platform kills a worker {STOP_SECONDS} seconds after SIGTERM"
    known = kept_by(script)
    limits = known.grace if known is not None and not known.is_a("server", "daemoniser") else ()
    for bound in limits:
        if known is not None and bound.value is not None and bound.value > STOP_SECONDS:
            flag = _written(text, known, bound)
            yield Finding(
                text.at(bound),
                f"`{flag}` gives jobs {bound.value:g} seconds to finish, but {killed}",
                label=f"more than {STOP_SECONDS} seconds",
                related=chain_steps(known.command),
            )
    for trap in script.traps:
        if trap.ignores_stop:
            message = f"this ignores SIGTERM, but {killed}"
            yield Finding(text.at(trap.command), message, label="ignores SIGTERM", related=chain_steps(trap.command))
    if any("TERM" in trap.signals and trap.handler not in ("", "-") for trap in script.traps):
        yield from _long_sleeps(text)


def _long_sleeps(text: ShellText) -> Iterator[Finding]:
    """Report the sleeps that delay a trap."""
    for loop in text.script.loops:
        for sleep in loop.sleeps:
            if sleep.seconds is None or sleep.seconds <= STOP_SECONDS or sleep.command.background:
                continue
            yield Finding(
                text.at(sleep.command),
                f"the `trap` runs only after this `sleep`, but SIGKILL follows SIGTERM after {STOP_SECONDS} seconds;"
                " write `sleep … & wait $!`",
                label="delays the trap",
                related=chain_steps(sleep.command),
            )
