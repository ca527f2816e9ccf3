"""Hover texts for commands: what they run, when they are restarted, and how they are stopped."""

from __future__ import annotations

import math
from collections.abc import Iterator

from upsun_lint.lsp.hovers.key import meaning_of
from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.main_command import notable_commands, words_of
from upsun_lint.lsp.session.markup import bullets, code, listed, paragraphs, shortened
from upsun_lint.run.effective import effective_worker
from upsun_rules.lookups.command_text import ShellText
from upsun_rules.lookups.inside import offsets_of
from upsun_rules.lookups.resolved_texts import resolved
from upsun_rules.shell.parsing import Command, Loop, Script, parse
from upsun_rules.shell.recognition import Recognition, detaches, recognize
from upsun_schema.configuration.limits import STOP_SECONDS
from upsun_schema.configuration.model import Application, Cron, Web, Worker
from upsun_schema.yaml.nodes import BROKEN, Scalar

__all__ = ["about_cron_command", "about_one_command", "about_web_command", "about_worker_command", "command_at"]

_MOST_COMMANDS = 5
_CRON_TIMEOUT = 86_400


def about_worker_command(subject: Subject, worker: Worker) -> str:
    """What a worker's `commands.start` runs, and how the platform restarts and stops it."""
    script = _script(subject, worker.application, worker.start)
    return paragraphs(
        f"**Start command** of worker {code(worker.name)}",
        _recognized(subject, script),
        bullets(
            [
                f"**When it exits**, with any status, it is restarted at once. {_endings(script)}".rstrip(),
                f"**On a deployment** it gets SIGTERM, then SIGKILL after {STOP_SECONDS} seconds. In between it can "
                f"finish its current job or put it back in the queue. {_stopping(script)}".rstrip(),
                _by_hand(effective_worker(subject.project, worker).reach),
                "**Files** can be written only in its mounts and in `/tmp`; the code is read-only.",
            ]
        ),
        docs_link("configure-apps/workers#commands"),
    )


def about_cron_command(subject: Subject, cron: Cron) -> str:
    """What a cron job runs, what it holds up, and when it is stopped."""
    script = _script(subject, cron.application, cron.command)
    timeout, grace = _seconds(cron, "timeout", _CRON_TIMEOUT), _seconds(cron, "shutdown_timeout", 10)
    stop = cron.text("commands", "stop")
    canceled = f"{code(shortened(stop))} runs" if stop else "it gets SIGTERM"
    return paragraphs(
        f"**Command** of cron job {code(cron.name)}",
        _recognized(subject, script),
        bullets(
            [
                "**Where:** in the web container, with dash as the shell. Cron jobs never run in a worker.",
                "**Meanwhile**, other cron jobs of the application wait. A deployment waits, too, or cancels this job.",
                f"**After {_duration(timeout)}** it is stopped (`timeout`).",
                f"**When canceled**, {canceled}; after {_duration(grace)} it is killed (`shutdown_timeout`).",
            ]
        ),
        docs_link("configure-apps/image-properties/crons"),
    )


def about_web_command(subject: Subject) -> str | None:
    """What the web container's start command is for, and what it runs; None without a description in the schema."""
    meaning = meaning_of(subject)
    node = subject.container.at("commands", "start") if subject.container is not None else None
    web = subject.container
    command = node if isinstance(node, Scalar) else None
    script = _script(subject, web.application, command) if isinstance(web, Web) else None
    return None if meaning is None else paragraphs(meaning, _recognized(subject, script), docs_link(subject.docs))


def command_at(scalar: Scalar, offset: int) -> Command | None:
    """The command at an offset (code points, in the piece of the scalar) of a script with several commands."""
    script = None if scalar.tag == BROKEN or not scalar.text.strip() else parse(scalar.text)
    offsets = offsets_of(scalar) if script is not None and len(script.commands) > 1 else None
    if script is None or offsets is None:
        return None
    around = [one for one in script.commands if one.exact and offsets[one.start] <= offset <= offsets[one.end]]
    return min(around, key=lambda one: one.end - one.start, default=None)


def about_one_command(command: Command) -> str:
    """What one command of a script is, where the script runs on from it, and what it was recognized by."""
    known = recognize(command)
    return paragraphs(
        f"**Command** {code(shortened(words_of(command), 80))}",
        _recognition(command, known),
        bullets([*_recognized_by(command, known), *_surroundings(command)]),
    )


def _recognized_by(command: Command, known: Recognition | None) -> Iterator[str]:
    if known is None:
        return
    signs = [command.program, *(word.text for word in command.arguments if word.text in _signs(known))]
    yield f"**Recognized by** {listed(dict.fromkeys(filter(None, signs)))}."


def _signs(known: Recognition) -> set[str]:
    """The words and options that its row in the table of commands asks for."""
    words = {word for alternative in known.row.words or () for word in alternative}
    return words | {flag for spellings in known.row.flags for flag in spellings}


def _surroundings(command: Command) -> Iterator[str]:
    if command.background:
        yield "**In the background:** the script goes on at once."
    if command.prefixes:
        yield f"**Run by** {listed(command.prefixes)}."
    if command.timeout != math.inf:
        yield f"**Stopped** after {_duration(int(command.timeout))} by `timeout`."
    if command.repeated:
        yield "**Repeated** in a loop."
    elif command.conditional:
        yield "**Only sometimes:** a condition decides whether it runs."


def _script(subject: Subject, application: Application, command: Scalar | None) -> Script | None:
    """A command with what it really runs."""
    if command is None or command.tag == BROKEN or not command.text.strip():
        return None
    return resolved(ShellText(command, parse(command.text)), application, subject.project).script


def _by_hand(reach: str) -> str:
    return (
        f"**To restart it by hand**, open a shell on the worker ({code(reach)}) and run "
        f"{code('systemctl restart --user app')}, or {code('sv stop app; sv start app')} on older images."
    )


# -- what it is --------------------------------------------------------------------------------------------------------


def _recognized(subject: Subject, script: Script | None) -> str:
    if script is None:
        return ""
    if script.has_error:
        return "This is not valid shell, so nothing is assumed about what it runs."
    found = notable_commands(script)
    if len(script.commands) == 1 and found and not found[0][0].chain:
        return _recognition(*found[0])
    lines = [
        f"{code(_shown(command))}{_way(subject, command)}: {_recognition(command, known)}"
        for command, known in found[:_MOST_COMMANDS]
    ]
    if len(found) > _MOST_COMMANDS:
        lines.append(f"and {len(found) - _MOST_COMMANDS} more commands")
    return bullets(lines)


def _way(subject: Subject, command: Command) -> str:
    """How the files of the repository lead to a command, each step with a link."""
    steps = [f"{code(shortened(step.command, 40))} ({subject.place(step.region)})" for step in command.chain]
    return f", by {', '.join(steps)}" if steps else ""


def _recognition(command: Command, known: Recognition | None) -> str:
    if known is None:
        return f"**Not recognized:** nothing is assumed about what {code(_shown(command))} does."
    probably = "" if known.sure else "probably "
    bound = _bound(known) if known.is_a("consumer", "scheduler", "follower") else ""
    # The general reason is about consumers that never end, so only its first part applies to one with a limit.
    why = f"{known.row.why.partition(':')[0].rstrip('.')}; {bound}" if bound else known.row.why
    return f"**Recognized** as {probably}{known.label}. {why}"


def _bound(known: Recognition) -> str:
    """When a command that would otherwise run forever exits by itself; empty if it does not."""
    seconds = known.bound_seconds
    if seconds is not None:
        own = (bound.flag for bound in known.bounds if bound.unit == "seconds" and bound.value == seconds)
        flag = next(own, "timeout")
        return f"it exits after {_duration(seconds)} because of {code(flag)}."
    strong = [bound for bound in known.bounds if bound.unit != "weak"]
    return f"it exits by itself because of {code(strong[0].flag)}." if strong else ""


def _shown(command: Command) -> str:
    return shortened(words_of(command), 48)


# -- how it ends -------------------------------------------------------------------------------------------------------


def _endings(script: Script | None) -> str:
    if script is None or script.has_error:
        return "A process that exits within a second or two is restarted again and again."
    if detaches(script) is not None:
        return (
            "This one goes to the background, which counts as an exit: copies are started until the container crashes."
        )
    if any(isinstance(step, Loop) for step in script.tail):
        return "This one is an endless loop: it exits only when it fails or is stopped."
    known = [found for step in script.tail if isinstance(step, Command) and (found := recognize(step)) is not None]
    if any(found.bounded and found.is_a("consumer", "scheduler") for found in known):
        return "Exiting from time to time, as this one does, is a good way to free memory."
    if any(found.is_a("consumer", "scheduler") for found in known):
        return "This one runs until it is stopped."
    return "A process that exits within a second or two is restarted again and again."


def _stopping(script: Script | None) -> str:
    for trap in script.traps if script is not None else ():
        if trap.ignores_stop:
            return "This script ignores SIGTERM, so it is always killed."
        if "TERM" in trap.signals:
            return f"This script then runs {code(shortened(trap.handler, 40))}."
    return " ".join(_grace(script)) if script is not None else ""


def _grace(script: Script) -> Iterator[str]:
    """The options that ask for more time to stop than the platform gives."""
    for command in script.foreground:
        known = recognize(command)
        for bound in known.grace if known is not None else ():
            if bound.unit == "seconds" and bound.value is not None and bound.value > STOP_SECONDS:
                yield f"{code(bound.flag)} asks for {_duration(int(bound.value))}, more than it gets."


def _seconds(cron: Cron, name: str, default: int) -> int:
    node = cron.at(name)
    value = node.value if isinstance(node, Scalar) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else default


def _duration(seconds: int) -> str:
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}{'s' if seconds > size else ''}"
    return f"{seconds} seconds"
