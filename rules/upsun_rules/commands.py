"""Rules about what a worker runs: whether there is a command at all, whether it stays, whether it belongs there."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from upsun_rules.edits import append_entry, column, delete, indented, lines_of, nest, newline, written
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.options import Options
from upsun_rules.places import inside
from upsun_rules.recognition import Bound, Recognition, detaches, foreground_rewrite, recognise, returns_at_once
from upsun_rules.rule import rule
from upsun_rules.shell import Command, Loop, Script, Span, parse
from upsun_rules.siblings import is_first, node_of
from upsun_schema.model import Cron, View, Worker
from upsun_schema.nodes import BROKEN, Alias, Include, Mapping, Node, Pair, Region, Scalar
from upsun_schema.wording import listed, nearest

__all__ = [
    "MissingStart",
    "ShellText",
    "as_cron",
    "backgrounded_start_command",
    "build_step_in_start_command",
    "every",
    "find_missing_start",
    "missing_start_command",
    "one_shot_start_command",
    "shell_text",
    "shown",
    "slow_shutdown",
    "stop_command_on_worker",
    "without_ampersand",
    "worker_serves_web",
]

STOP_SECONDS = 15
"""Seconds between SIGTERM and SIGKILL when a worker is stopped (facts 1.7)."""


# -- the text of a command -------------------------------------------------------------------------------------------


class ShellText(NamedTuple):
    """A command as it is written in the configuration, and what a shell makes of it."""

    scalar: Scalar
    script: Script

    def at(self, span: Span | Bound | Command | Loop) -> Region:
        """Return where a part of the command is written."""
        return inside(self.scalar, span.start, span.end)

    def edit(self, start: int, end: int, text: str) -> Edit | None:
        """Return the edit of a part of the command; None where the file holds it in another form (escapes, folds)."""
        region = inside(self.scalar, start, end)
        return Edit(region, text) if region.text == self.scalar.text[start:end] else None


def shell_text(view: Worker | Cron) -> ShellText | None:
    """Return the command of a worker or cron.

    None where there is none or it is not valid shell, where it comes out of a YAML file of its own, and where an
    earlier worker or cron of the application has the very same one, by an alias, a merge key or an include.
    """
    # Every rule about commands asks for this.
    facts = view.application.key.piece.facts
    key = ("shell text", view.application.key.start, type(view), view.name)
    known = facts.get(key)
    if not isinstance(known, _Known) or known.view is not view:
        known = facts[key] = _Known(view, _read(view))
    return known.text


class _Known(NamedTuple):
    view: Worker | Cron
    text: ShellText | None


def _read(view: Worker | Cron) -> ShellText | None:
    pair = _start(view)
    scalar = pair.value.resolved if pair is not None else None
    if pair is None or not isinstance(scalar, Scalar) or not _has_text(scalar):
        return None
    if isinstance(pair.value, Include) and pair.value.form != "string":
        return None
    if not is_first(view, _start_node):
        return None
    script = parse(scalar.text)
    return None if script.has_error else ShellText(scalar, script)


def _start(view: View) -> Pair | None:
    commands = view.value("commands")
    pair = commands.get("start") if isinstance(commands, Mapping) else None
    return view.entry("cmd") if pair is None and isinstance(view, Cron) else pair


def _start_node(view: View) -> Node | None:
    pair = _start(view)
    return None if pair is None else pair.value.resolved


def _has_text(node: Node) -> bool:
    """Whether a node is text that says something. What is broken or not text is for others to report."""
    return isinstance(node, Scalar) and node.tag != BROKEN and isinstance(node.value, str) and bool(node.text.strip())


def shown(command: Command) -> str:
    """Return the beginning of a command, for a message."""
    words = " ".join(word.text for word in command.words).replace("`", "'").replace("\n", " ")
    return words if len(words) <= 40 else f"{words[:39]}…"


def _kept_by(script: Script) -> Recognition | None:
    """Tell what keeps a script in the foreground at its end; None where that is not a single, known command."""
    if len(script.tail) != 1 or not isinstance(script.tail[0], Command):
        return None
    return recognise(script.tail[0])


# -- no command ------------------------------------------------------------------------------------------------------


class MissingStart(NamedTuple):
    """Why a worker or cron has no start command, in words, and where.

    `pair` is the command that is written in the wrong place, `fixes` put it right; `regions` are where other rules
    would report the same in general words, the name of the worker or cron first; `place` is where a command is that
    is empty.
    """

    why: str
    pair: Pair | None
    regions: tuple[Region, ...]
    fixes: tuple[Fix, ...] = ()
    place: Region | None = None


_OTHER_NAMES = ("start", "command", "cmd", "run")
_COMMANDS = ("start", "pre_start", "post_start", "stop")


def find_missing_start(view: View) -> MissingStart | None:
    """Tell why a worker or cron has no start command; None where it has one, or where nothing sure can be said."""
    node = view.node
    regions: tuple[Region, ...] = (view.key.region,)
    if node.is_null:
        return MissingStart("has no start command", None, regions)
    if not isinstance(node, Mapping):
        return None
    pair = node.get("commands")
    if pair is None:
        return _missing_beside(node, None, regions) if not _is_misspelt(node, "commands", _OTHER_NAMES) else None
    commands = pair.value.resolved
    regions += (pair.key.region,)
    if commands.is_null:
        return _missing_beside(node, pair, regions)
    if isinstance(commands, Scalar) and _has_text(commands):
        regions += (pair.value.region,)
        return MissingStart("has no start command: it goes below `commands`, as `start`", pair, regions, _wrap(pair))
    if not isinstance(commands, Mapping):
        return None
    start = commands.get("start")
    if start is None:
        return _missing_inside(node, commands, regions)
    value = start.value.resolved
    if value.is_null or (isinstance(value, Scalar) and value.tag != BROKEN and not value.text.strip()):
        written = start.value.region if start.value.source.strip() else start.key.region
        regions += (start.key.region, start.value.region)
        return MissingStart("has an empty start command", None, regions, place=written)
    return None


def _is_misspelt(mapping: Mapping, name: str, known: tuple[str, ...]) -> bool:
    """Whether one of the keys is the name with a typing error, which is reported as that."""
    for key, pair in mapping.entries.items():
        if (key not in known or isinstance(pair.value.resolved, Mapping)) and nearest(key, [name]):
            return True
    return False


def _missing_beside(node: Mapping, commands: Pair | None, regions: tuple[Region, ...]) -> MissingStart:
    pair = next((pair for name in _OTHER_NAMES if (pair := node.get(name)) is not None and _is_command(pair)), None)
    if pair is None:
        return MissingStart("has no start command", None, regions)
    edits = nest([pair], node, "commands", called="start")
    if commands is not None and commands not in node.pairs:
        edits = None
    named = "" if pair.name == "start" else ", as `start`"
    return MissingStart(
        f"has no start command: `{pair.name}` goes below `commands`{named}",
        pair,
        regions,
        (Fix("Move it below `commands`", tuple(edits), safe=True),) if edits else (),
    )


def _missing_inside(node: Mapping, commands: Mapping, regions: tuple[Region, ...]) -> MissingStart | None:
    for name in _OTHER_NAMES[1:]:
        pair = commands.get(name)
        if pair is not None and _is_command(pair):
            why = f"has no start command: below `commands` it is called `start`, not `{name}`"
            fix = Fix("Rename it to `start`", (Edit(pair.key.region, "start"),))
            return MissingStart(why, pair, regions, (fix,) if pair in commands.pairs else ())
    if _is_misspelt(commands, "start", _COMMANDS):
        return None
    return _missing_beside(node, None, regions)


def _is_command(pair: Pair) -> bool:
    return (isinstance(pair.value, Include) and pair.value.form == "string") or _has_text(pair.value.resolved)


def _wrap(pair: Pair) -> tuple[Fix, ...]:
    """Return the fix that gives `commands: text` its `start`, where the text is on the line of the key."""
    value, piece = pair.value, pair.key.piece
    between = Region(piece, pair.key.end, value.outer)
    if isinstance(value, Alias) or value.piece is not piece or between.text.strip() != ":":
        return ()
    before = piece.text[: pair.key.outer].rpartition("\n")[2]
    if "\n" in between.text or "\n" in value.source or before.strip():
        return ()
    text = f":{newline(piece)}{' ' * (column(pair.key) + 2)}start: "
    return (Fix("Write it as `start`", (Edit(between, text),)),)


@rule("missing-start-command", Severity.ERROR, docs="configure-apps/workers#commands")
def missing_start_command(worker: Worker) -> Iterator[Finding]:
    """A worker has no command to run.

    A worker is nothing but its `commands.start`, whatever the language. Without one, or with an empty one, the push
    is rejected. The command goes below `commands`; a `start` (or `command`, `cmd`, `run`) directly on the worker, or
    indented to the same depth as `commands`, is not found there.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.13'
        workers:
          queue:
            start: python consume.py
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.13'
        workers:
          queue:
            commands:
              start: python consume.py
    ```
    """
    if _owner(worker) is not None:
        return
    if beside := _beside(worker):
        names, one = listed((str(pair.name) for pair in beside), limit=4), len(beside) == 1
        yield Finding(
            worker.key.region,
            f"{names} {'stands' if one else 'stand'} beside worker `{worker.name}`;"
            f" indent {'it' if one else 'them'} under `{worker.name}`",
            label="nothing below it",
            related=tuple(Related(pair.key.region, f"indent this under `{worker.name}`") for pair in beside),
            fixes=_put_under(worker, beside),
            explains=(worker.key.region, *(pair.region for pair in beside)),
        )
        return
    missing = find_missing_start(worker)
    if missing is None:
        return
    place = missing.place if missing.pair is None else missing.pair.key.region
    if place is not None and not is_first(worker, node_of):
        return
    tail = "" if missing.pair is not None else "; the platform rejects a worker that has nothing to run"
    yield Finding(
        place or worker.key.region,
        f"worker `{worker.name}` {missing.why}{tail}",
        label="no start command" if missing.pair is None else "not found here",
        fixes=missing.fixes,
        explains=missing.regions,
    )


def _beside(worker: Worker) -> list[Pair]:
    """Return the properties that stand beside a worker without any, right after it, rather than below it."""
    if not worker.node.is_null or isinstance(worker.pair.value, Alias | Include):
        return []
    section = worker.application.value("workers")
    if not isinstance(section, Mapping):
        return []
    index = bisect_left(section.pairs, worker.key.outer, key=lambda pair: pair.key.outer)
    if section.pairs[index : index + 1] != [worker.pair]:
        return []  # A merge key brings it in.
    properties = worker.shape.properties
    after = (section.pairs[below] for below in range(index + 1, len(section.pairs)))
    return list(takewhile(lambda pair: pair.name in properties and not _is_worker(pair.value.resolved), after))


def _is_worker(node: Node) -> bool:
    """Whether a value is that of a worker, whatever its key: it has a block of commands."""
    return isinstance(node, Mapping) and node.get("commands") is not None


def _owner(worker: Worker) -> Worker | None:
    """Return the worker that this one, which is none, is a property of."""
    if worker.name not in worker.shape.properties:
        return None
    others = takewhile(lambda other: other is not worker, worker.application.workers.values())
    return next((other for other in others if worker.pair in _beside(other)), None)


def _put_under(worker: Worker, beside: list[Pair]) -> tuple[Fix, ...]:
    """Return the fix that indents properties under the worker they stand beside."""
    lines = [lines_of(pair) for pair in (worker.pair, *beside)]
    whole = [region for region in lines if region is not None]
    if len(whole) < len(lines) or worker.node.start < worker.node.end:
        return ()
    if any(column(pair.key) != column(worker.key) for pair in beside):
        return ()
    # What is between the properties (comments, blank lines) moves with them.
    region = Region(worker.key.piece, whole[0].end, whole[-1].end)
    if any(one.piece is not region.piece for one in whole):
        return ()
    return (Fix(f"Indent under `{worker.name}`", (Edit(region, indented(region.text, 2)),)),)


@rule("stop-command-on-worker", Severity.ERROR, docs="configure-apps/workers#stopping-a-worker")
def stop_command_on_worker(worker: Worker) -> Iterator[Finding]:
    """A worker has a `stop` command, which only cron jobs have.

    The command of a cron that is cancelled can be stopped by another one. For a worker there is nothing of the kind:
    the key is rejected or ignored, and the command never runs. What has to be done when a worker ends is done by the
    worker itself, when it receives SIGTERM: in a shell script with `trap`, in a program with a signal handler. There
    are 15 seconds for it.

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
        "a worker has no `stop` command: trap SIGTERM, which the platform sends 15 seconds before it kills the worker",
        label="never runs",
        fixes=(Fix("Remove `stop`", tuple(removed)),) if removed else (),
        explains=(stop.region,),
    )


# -- a command that does not stay ------------------------------------------------------------------------------------


@rule("backgrounded-start-command", Severity.ERROR, docs="configure-apps/image-properties/web#web-commands")
def backgrounded_start_command(worker: Worker) -> Iterator[Finding]:
    """A start command puts its work into the background and ends.

    The platform watches the process it has started. When that ends, a new one is started at once. A final `&`, or a
    program that turns itself into a daemon, leaves the work behind in the background and ends: the platform starts
    another copy, and another, until the container has no memory left.

    Keep the work in the foreground: leave out the `&` and options such as `-D` or `--detach`; write `pm2-runtime`
    for `pm2`, `supervisord -n`, `delayed_job run`. A script that starts several programs with `&` is fine if it ends
    with `wait` or with one more program in the foreground.

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
            "`&` sends the command to the background: the platform sees it end and starts copy after copy until the"
            " container crashes",
            label="leave it out",
            fixes=without_ampersand(text, left.ampersand),
        )
    elif isinstance(left, Command) and (daemon := recognise(left)) is not None and daemon.category == "daemoniser":
        yield _daemonised(text, daemon)


def without_ampersand(text: ShellText, ampersand: Span) -> tuple[Fix, ...]:
    """Return the fixes for a `&` at the end of a command: wait for several commands, or keep the last in front.

    Safe is only to leave out the `&` of a single command.
    """
    script, written_text = text.script, text.scalar.text
    end = len(written_text.rstrip())
    if ampersand.end != end:
        return ()
    fixes: list[Fix] = []
    # What a string given to another shell holds has been unquoted: its places are not those of the text.
    if not (all(command.exact for command in script.commands) and all(loop.exact for loop in script.loops)):
        return ()
    apart = [item for item in script.commands if item.loop is None and not item.in_substitution]
    steps: tuple[Command | Loop, ...] = (*apart, *script.loops)
    away = [step for step in steps if step.background]
    if len(away) > 1 and (added := text.edit(ampersand.end - 1, ampersand.end, "& wait")) is not None:
        fixes.append(Fix("Wait for what runs in the background", (added,)))
    start = len(written_text[: ampersand.start].rstrip())
    if (removed := text.edit(start, end, "")) is not None:
        alone = len(script.commands) == 1 and not script.loops and "setsid" not in script.commands[0].prefixes
        stays = alone and ((known := recognise(script.commands[0])) is None or known.category != "daemoniser")
        fixes.append(Fix("Leave out the `&`", (removed,), safe=stays))
    return tuple(fixes)


def _daemonised(text: ShellText, daemon: Recognition) -> Finding:
    """Return the finding on a program that goes to the background by itself."""
    rewrite = foreground_rewrite(daemon) or ()
    edits = [text.edit(*edit) for edit in rewrite]
    fixes: tuple[Fix, ...] = ()
    if edits and all(edit is not None for edit in edits):
        fixes = (Fix("Keep it in the foreground", tuple(edit for edit in edits if edit is not None)),)
    dropped = next((edit for edit in rewrite if not edit.text), None)
    place = text.at(Span(dropped.start + 1, dropped.end) if dropped else _span(daemon.command))
    sure = daemon.sure and not daemon.command.conditional
    unless = "" if daemon.sure else " (unless configured not to)"
    return Finding(
        place,
        f"`{shown(daemon.command)}` goes to the background{unless}: the platform starts copy after copy until the"
        " container crashes",
        label="keep it in the foreground",
        fixes=fixes,
        severity=Severity.OF_RULE if sure else Severity.WARNING,
    )


def _span(command: Command) -> Span:
    return Span(command.words[0].start, command.end)


_ADVICE = {
    "migration": "run it once a deployment, in the `deploy` hook",
    "deploy-step": "run it once a deployment, in the `deploy` hook",
    "dump": "make it a cron",
    "maintenance": "make it a cron",
    "request": "make it a cron",
    "queue-drain": "make it a cron, or use a command that waits for jobs",
}


@rule("one-shot-start-command", Severity.WARNING, docs="configure-apps/workers#workers-vs-cron-jobs")
def one_shot_start_command(worker: Worker, options: Options) -> Iterator[Finding]:
    """A start command does one thing and ends, so it is run over and over without a pause.

    When the start command of a worker ends, the platform starts it again at once. For a consumer that ends now and
    then to free memory this is a good thing. A command that always ends within moments (a migration, a dump, one run
    of a scheduler) is run in a loop, all day, at the full speed of the container.

    - What is to be done once a deployment belongs in the `deploy` hook of the application.
    - What is to be done on a schedule belongs in its `crons`.
    - A consumer that is told to stop when the queue is empty is better off waiting for the next job.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        workers:
          backup:
            commands:
              start: mysqldump --host=database.internal main --result-file=/tmp/main.sql
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        crons:
          backup:
            spec: '0 3 * * *'
            commands:
              start: mysqldump --host=database.internal main --result-file=/tmp/main.sql
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
    advice = _ADVICE.get(done.kind or "", "a worker needs a command that stays")
    fixes: tuple[Fix, ...] = ()
    if done.category == "scheduler-tick":
        advice = "make it a cron"
    if done.category == "scheduler-tick" or done.kind == "queue-drain":
        fixes = as_cron(worker, every(options.cron_minimum_interval), text.scalar.text)
    elif done.kind in ("dump", "maintenance", "request"):
        fixes = as_cron(worker, "0 3 * * *", text.scalar.text)
    yield Finding(
        text.at(_span(done.command)),
        f"`{shown(done.command)}` ends and is started again at once, over and over: {advice}",
        label="ends at once",
        fixes=(*_stay(text, done), *fixes),
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
                f"`{flag}` ends the worker {why}, and it is started again at once; this option is for crons",
                label="leave it out",
                fixes=(Fix(f"Remove `{flag}`", (removed,)),) if removed is not None else (),
                severity=Severity.INFO,
            )
            return


def _stay(text: ShellText, done: Recognition) -> tuple[Fix, ...]:
    """Return the fix that runs Laravel's scheduler for good instead of once."""
    word = next((word for word in done.command.arguments if word.text == "schedule:run"), None)
    if done.row.id != "laravel-schedule-run" or word is None or not done.command.exact:
        return ()
    edit = text.edit(word.start, word.end, "schedule:work")
    return () if edit is None else (Fix("Keep the scheduler running: `schedule:work`", (edit,)),)


def every(minutes: int) -> str:
    """Return the schedule that runs at least so many minutes apart, as often as it can in even steps."""
    step = next((step for step in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30) if step >= minutes), 60)
    return f"*/{step} * * * *" if step < 60 else "0 * * * *"


def as_cron(worker: Worker, spec: str, command: str) -> tuple[Fix, ...]:
    """Return the fix that makes a worker a cron; none where the worker has more than a start command to lose."""
    application, body = worker.application, worker.body
    section, top = application.entry("workers"), application.body
    workers = section.value if section is not None else None
    if body is None or top is None or section not in top.pairs or not isinstance(workers, Mapping):
        return ()
    commands = body.value("commands")
    if worker.pair.value is not body or worker.pair not in workers.pairs or not isinstance(commands, Mapping):
        return ()
    if len(body.pairs) > 1 or len(commands.pairs) > 1 or "&" in worker.pair.region.text.split("start", 1)[0]:
        return ()
    if worker.name in application.crons or workers.anchor is not None or not isinstance(worker.key, Scalar):
        return ()
    removed = delete(section, top) if len(workers.pairs) == 1 else delete(worker.pair, workers)
    job = f"{worker.key.source}:\n  spec: '{spec}'\n  commands:\n    start: "
    job += written(command).replace("\n", "\n    ").rstrip() + "\n"
    added = append_entry(application.entry("crons"), top, "crons", job, before=section)
    if removed is None or added is None:
        return ()
    return (Fix(f"Make it a cron, `{spec}`", (*removed, added)),)


# -- a command that does not belong there ----------------------------------------------------------------------------


@rule("worker-serves-web", Severity.WARNING, docs="configure-apps/workers#access-the-worker-container")
def worker_serves_web(worker: Worker) -> Iterator[Finding]:
    """A worker runs a server, which nothing can reach.

    A worker accepts no connections: no route leads to it, and neither other applications nor services can connect to
    it. A web server there answers nobody. Serve requests from the `web` block of an application; let the worker do
    the work that requests leave behind.

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
    closed = "no connection ever reaches a worker"
    if known is not None and known.sure:
        message = f"`{shown(known.command)}` waits in vain: {closed}"
        yield Finding(text.at(_span(known.command)), message, label="a server")
        return
    used = _address_used(worker, text.script)
    web = worker.application.web_start
    if used is not None:
        name, span = used
        yield Finding(text.at(span), f"listening on `${name}` is in vain: {closed}", label="for the web process")
    elif web is not None and web.text.strip() == text.scalar.text.strip() and worker.entry("variables") is None:
        yield Finding(
            text.scalar.region,
            f"this is the command of the web process; if it is a server, it waits in vain: {closed}",
            related=(Related(web.region, "the web process runs the same"),),
        )


def _address_used(worker: Worker, script: Script) -> tuple[str, Span] | None:
    """Return the variable a web process listens on, if the command uses it and nobody gave it another meaning."""
    used = [name for name in ("PORT", "SOCKET") if name in script.variables and name not in script.assigned]
    own = {one.name.upper() for one in worker.effective.variables if one.prefix == "env"} if used else set()
    return next(((name, script.variables[name]) for name in used if name not in own), None)


@rule("build-step-in-start-command", Severity.WARNING, docs="configure-apps/hooks/hooks-comparison#build-hook")
def build_step_in_start_command(worker: Worker) -> Iterator[Finding]:
    """A start command installs packages or builds assets.

    Code is read-only once it is built: an installation fails when the worker starts, or, where it finds something
    writable, is done again at every start of every instance. The `build` hook runs once, and its result is what the
    web process and all workers run.

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
        known = recognise(command)
        if known is not None and known.kind == "build-step" and known.sure and not command.in_function:
            if not _works_elsewhere(worker, text.script, command):
                yield Finding(
                    text.at(_span(command)),
                    f"`{shown(command)}` writes files, but code is read-only once it is built; run it in the `build`"
                    " hook",
                    label="read-only here",
                )
            return


def _works_elsewhere(worker: Worker, script: Script, step: Command) -> bool:
    """Whether a build step may write where it does: in `/tmp`, in a mount, or in a place the shell computes."""
    mounts = {mount.path for mount in worker.effective.mounts.values()}
    commands = [step, *(command for command in script.commands if command.program in ("cd", "pushd"))]
    paths = [word.text.rpartition("=")[2] for command in commands for word in command.words]
    inner = [path.removeprefix("/app/").removeprefix("./").strip("/") for path in paths]
    return (
        any(path.startswith(("/tmp", "$", "~")) for path in paths)
        or any(path == mount or path.startswith(f"{mount}/") for path in inner for mount in mounts)
        # What an installation writes to unasked.
        or bool(mounts & {"node_modules", "vendor", ".venv", "venv"})
    )


@rule("slow-shutdown", Severity.INFO, docs="configure-apps/workers#stopping-a-worker")
def slow_shutdown(worker: Worker) -> Iterator[Finding]:
    """A worker may take longer to stop than the platform waits.

    Whenever the application is deployed, the platform sends each worker SIGTERM, and SIGKILL if it is still there 15
    seconds later. Whatever it is doing then is cut off in the middle. A longer time that is granted to running jobs
    does not change that: have jobs that can be cut off and done again, or that take less than 15 seconds.

    A shell runs the handler of a `trap` only when the command it waits for has ended, so a long `sleep` holds it up.
    Written `sleep 60 & wait $!` it does not.

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
                f"`{flag}` lets a job run on for {bound.value:g} seconds, but {killed}",
                label=f"more than {STOP_SECONDS} seconds",
            )
    for trap in script.traps:
        if trap.ignores_stop:
            yield Finding(text.at(trap.command), f"this ignores SIGTERM, but {killed}", label="ignores SIGTERM")
    if any("TERM" in trap.signals and trap.handler not in ("", "-") for trap in script.traps):
        yield from _long_sleeps(text)


def _long_sleeps(text: ShellText) -> Iterator[Finding]:
    """Report the sleeps that a trap has to wait for."""
    for loop in text.script.loops:
        for sleep in loop.sleeps:
            if sleep.seconds is None or sleep.seconds <= STOP_SECONDS or sleep.command.background:
                continue
            yield Finding(
                text.at(sleep.command),
                f"the `trap` has to wait for this, but SIGKILL follows SIGTERM after {STOP_SECONDS} seconds; write"
                " `sleep … & wait $!`",
                label="holds up the trap",
            )
