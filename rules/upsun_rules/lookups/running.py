"""What keeps a worker busy, as far as its command shows it."""

from __future__ import annotations

from upsun_rules.finding import Edit
from upsun_rules.lookups.command_text import script_of, shell_text
from upsun_rules.shell.parsing import Command, Script
from upsun_rules.shell.recognition import Recognition, recognize
from upsun_schema.configuration.model import Cron, Worker

__all__ = ["NEVER_END", "as_schedule_work", "consumes", "kept_by", "only_sleeps", "runs_laravel_schedule"]

_LASTING = ("consumer", "scheduler", "server", "supervisor", "cron-daemon", "follower")

NEVER_END = (*_LASTING, "idle")
"""The categories of commands that do not end unless they are given a limit."""


def kept_by(script: Script) -> Recognition | None:
    """The command that keeps a script running at its end; None if that is not a single, known command."""
    if len(script.tail) != 1 or not isinstance(script.tail[0], Command):
        return None
    return recognize(script.tail[0])


def only_sleeps(worker: Worker) -> bool:
    """Whether a worker does nothing, such as `sleep infinity`: it is there for people who log in."""
    script = script_of(worker.start) if worker.start is not None else None
    commands = script.commands if script is not None and not script.has_error else ()
    known = [recognize(command) for command in commands]
    return bool(known) and all(
        one is not None and (one.category in ("idle", "sleep") or one.kind == "trivial") for one in known
    )


def consumes(worker: Worker) -> bool:
    """Whether a worker waits for work, with or without a limit, so that it would be wrong as a cron job."""
    text = shell_text(worker)
    known = [recognize(command) for command in text.script.commands] if text is not None else []
    return any(one is not None and one.sure and one.is_a(*_LASTING) and not one.drains for one in known)


def runs_laravel_schedule(view: Worker | Cron) -> bool:
    """Whether a command is Laravel's `schedule:run`, which ends at once. In a worker, it has to be `schedule:work`."""
    text = shell_text(view)
    known = [recognize(command) for command in text.script.commands] if text is not None else []
    return any(one is not None and one.row.id == "laravel-schedule-run" for one in known)


def as_schedule_work(view: Worker | Cron) -> Edit | None:
    """The edit that turns `schedule:run` into `schedule:work`; None if the command is written in another way."""
    text = shell_text(view)
    for command in text.script.commands if text is not None else ():
        word = next((word for word in command.arguments if word.text == "schedule:run"), None)
        known = recognize(command)
        if text is not None and word is not None and known is not None and known.row.id == "laravel-schedule-run":
            return text.edit(word.start, word.end, "schedule:work") if command.exact else None
    return None
