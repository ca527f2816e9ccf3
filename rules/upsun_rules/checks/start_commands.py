"""Rules about what a worker runs: whether it has a command, whether it keeps running, whether it belongs there."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import delete
from upsun_rules.editing.moves import SCHEDULE, made_cron
from upsun_rules.finding import Finding, Fix, Related, Severity
from upsun_rules.lookups.command_text import ShellText, every, shell_text, shown, without_ampersand
from upsun_rules.lookups.missing_start import find_missing_start
from upsun_rules.lookups.running import as_schedule_work
from upsun_rules.lookups.siblings import is_first, node_of
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command, CommandSpan, Script
from upsun_rules.shell.recognition import Recognition, detaches, foreground_rewrite, recognize, returns_at_once
from upsun_schema.configuration.limits import STOP_SECONDS
from upsun_schema.configuration.model import Worker
from upsun_schema.yaml.nodes import Mapping

TOPIC = "What a worker runs"


# -- no command ------------------------------------------------------------------------------------------------------


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


# -- a command that ends ---------------------------------------------------------------------------------------------


@rule("backgrounded-start-command", Severity.ERROR, docs="configure-apps/image-properties/web#web-commands")
def backgrounded_start_command(worker: Worker) -> Iterator[Finding]:
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
    text = shell_text(worker)
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
            label="remove this",
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
    place = text.at(CommandSpan(dropped.start + 1, dropped.end) if dropped else _span(daemon.command))
    sure = daemon.sure and not daemon.command.conditional
    unless = "" if daemon.sure else " (unless configured otherwise)"
    return Finding(
        place,
        f"`{shown(daemon.command)}` runs in the background{unless}, so the platform keeps starting copies until the"
        " container crashes",
        label="keep it in the foreground",
        fixes=fixes,
        severity=Severity.OF_RULE if sure else Severity.WARNING,
    )


def _span(command: Command) -> CommandSpan:
    return CommandSpan(command.words[0].start, command.end)


def _kept_by(script: Script) -> Recognition | None:
    """The command that keeps a script running at its end; None if that is not a single, known command."""
    if len(script.tail) != 1 or not isinstance(script.tail[0], Command):
        return None
    return recognize(script.tail[0])


_ADVICE = {
    "migration": "run it in the `deploy` hook",
    "deploy-step": "run it in the `deploy` hook",
    "dump": "make it a cron job",
    "maintenance": "make it a cron job",
    "request": "make it a cron job",
    "queue-drain": "make it a cron job, or use a command that waits for jobs",
}


@rule("one-shot-start-command", Severity.WARNING, docs="configure-apps/workers#workers-vs-cron-jobs")
def one_shot_start_command(worker: Worker, options: Options) -> Iterator[Finding]:
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
    text = shell_text(worker)
    if text is None:
        return
    done = returns_at_once(text.script)
    if done is None:
        yield from _ends_when_idle(text)
        return
    if done.kind == "build-step" or not done.sure:
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
        text.at(_span(done.command)),
        f"`{shown(done.command)}` ends at once, so the platform restarts it in a loop; {advice}",
        label="ends at once",
        fixes=(*_stay(worker), *fixes),
        severity=Severity.INFO if done.kind == "queue-drain" else Severity.OF_RULE,
    )


def _ends_when_idle(text: ShellText) -> Iterator[Finding]:
    """Report the option that ends a consumer as soon as it has nothing to do."""
    known = _kept_by(text.script)
    if known is None or known.category != "consumer" or not known.drains:
        return
    for bound in known.bounds:
        if bound.unit in ("once", "drain") or (bound.unit == "count" and bound.value == 1):
            removed = text.edit(bound.start - 1, bound.end, "") if known.command.exact else None
            flag = text.scalar.text[bound.start : bound.end].replace("`", "'")
            why = "as soon as the queue is empty" if bound.unit == "drain" else "after one job"
            yield Finding(
                text.at(bound),
                f"`{flag}` ends the worker {why}, and the platform restarts it; remove it",
                label="remove this",
                fixes=(Fix(f"Remove `{flag}`", (removed,)),) if removed is not None else (),
                severity=Severity.INFO,
            )
            return


def _stay(worker: Worker) -> tuple[Fix, ...]:
    """The fix that keeps Laravel's scheduler running instead of running it once."""
    edit = as_schedule_work(worker)
    return () if edit is None else (Fix("Keep the scheduler running: `schedule:work`", (edit,)),)


# -- a command that does not belong there ----------------------------------------------------------------------------


@rule("worker-serves-web", Severity.WARNING, docs="configure-apps/workers#access-the-worker-container")
def worker_serves_web(worker: Worker) -> Iterator[Finding]:
    """A worker runs a server, which cannot be reached.

    A worker accepts no connections. No route can lead to it, and other applications and services cannot connect to it.
    A web server on a worker never receives a request.

    Serve requests from the `web` block of an application. Use workers for background tasks.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.13'
        workers:
          api:
            commands:
              start: gunicorn -b 0.0.0.0:$PORT project.wsgi:application
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.13'
        web:
          commands:
            start: gunicorn -b 0.0.0.0:$PORT project.wsgi:application
    ```
    """
    text = shell_text(worker)
    if text is None or any(command.background for command in text.script.commands):
        return
    known = _kept_by(text.script)
    if known is not None and not known.is_a("server"):
        return
    closed = "nothing can connect to a worker"
    if known is not None and known.sure:
        message = f"`{shown(known.command)}` never receives a request: {closed}"
        yield Finding(text.at(_span(known.command)), message, label="a server")
        return
    used = _address_used(worker, text.script)
    web = worker.application.web_start
    if used is not None:
        name, span = used
        yield Finding(text.at(span), f"`${name}` is for the web process; {closed}", label="for the web process")
    elif web is not None and web.text.strip() == text.scalar.text.strip() and worker.entry("variables") is None:
        yield Finding(
            text.scalar.region,
            "this is the web process's command; a server here never receives a request",
            related=(Related(web.region, "the web process runs the same command"),),
        )


def _address_used(worker: Worker, script: Script) -> tuple[str, CommandSpan] | None:
    """The variable a web process listens on, if the command uses it and the file does not give it another value."""
    used = [name for name in ("PORT", "SOCKET") if name in script.variables and name not in script.assigned]
    own = {one.name.upper() for one in worker.effective.variables if one.prefix == "env"} if used else set()
    return next(((name, script.variables[name]) for name in used if name not in own), None)


@rule("build-step-in-start-command", Severity.WARNING, docs="configure-apps/hooks/hooks-comparison#build-hook")
def build_step_in_start_command(worker: Worker) -> Iterator[Finding]:
    """A start command installs packages or builds assets.

    After the build, the file system is read-only except for mounts and `/tmp`. An installation in the start command
    fails, or, if it finds a writable folder, runs again at every start of every instance.

    Use the `build` hook. It runs once, and the web container and all workers use the result.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        workers:
          queue:
            commands:
              start: npm ci && node consume.js
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        hooks:
          build: npm ci
        workers:
          queue:
            commands:
              start: node consume.js
    ```
    """
    text = shell_text(worker)
    if text is None:
        return
    for command in text.script.commands:
        known = recognize(command)
        if known is not None and known.kind == "build-step" and known.sure and not command.in_function:
            if known.row.id == "package-manager":
                return  # It needs root, wherever it runs.
            if not _works_elsewhere(worker, text.script, command):
                yield Finding(
                    text.at(_span(command)),
                    f"`{shown(command)}` writes files, but the code is read-only after the build; run it in the"
                    " `build` hook",
                    label="read-only here",
                )
            return


def _works_elsewhere(worker: Worker, script: Script, step: Command) -> bool:
    """Whether a build step writes to a writable place: `/tmp`, a mount, or a path the shell computes."""
    mounts = {mount.path for mount in worker.effective.mounts.values()}
    commands = [step, *(command for command in script.commands if command.program in ("cd", "pushd"))]
    paths = [word.text.rpartition("=")[2] for command in commands for word in command.words]
    inner = [path.removeprefix("/app/").removeprefix("./").strip("/") for path in paths]
    return (
        any(path.startswith(("/tmp", "$", "~")) for path in paths)
        or any(path == mount or path.startswith(f"{mount}/") for path in inner for mount in mounts)
        # The usual targets of an installation.
        or bool(mounts & {"node_modules", "vendor", ".venv", "venv"})
    )


@rule("slow-shutdown", Severity.INFO, docs="configure-apps/workers#stopping-a-worker")
def slow_shutdown(worker: Worker) -> Iterator[Finding]:
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
    text = shell_text(worker)
    if text is None:
        return
    script = text.script
    killed = f"the platform kills a worker {STOP_SECONDS} seconds after SIGTERM"
    known = _kept_by(script)
    for bound in known.grace if known is not None and not known.is_a("server", "daemoniser") else ():
        if bound.value is not None and bound.value > STOP_SECONDS:
            flag = text.scalar.text[bound.start : bound.end].replace("`", "'")
            yield Finding(
                text.at(bound),
                f"`{flag}` gives jobs {bound.value:g} seconds to finish, but {killed}",
                label=f"more than {STOP_SECONDS} seconds",
            )
    for trap in script.traps:
        if trap.ignores_stop:
            yield Finding(text.at(trap.command), f"this ignores SIGTERM, but {killed}", label="ignores SIGTERM")
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
            )
