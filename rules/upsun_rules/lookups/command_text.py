"""The command of a worker or a cron job: as it is written in the file, and as a shell reads it."""

from __future__ import annotations

from upsun_rules.finding import Edit, Fix
from upsun_rules.lookups.inside import inside
from upsun_rules.lookups.siblings import is_first
from upsun_rules.shell.parsing import Command, CommandSpan, Loop, Script, VariableUse, parse
from upsun_rules.shell.recognition import Bound, recognize
from upsun_schema.configuration.model import Cron, View, Worker
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import BROKEN, Include, Mapping, Node, Pair, Region, Scalar

__all__ = [
    "ShellText",
    "edit_inside",
    "every",
    "has_text",
    "is_comment",
    "loop_head",
    "script_of",
    "shell_text",
    "shown",
    "without_ampersand",
    "written_text",
]


class ShellText(NamedTuple):
    """A command as it is written in the configuration, and what a shell makes of it."""

    scalar: Scalar
    script: Script

    def at(self, span: CommandSpan | VariableUse | Bound | Command | Loop) -> Region:
        """The place of a part of the command."""
        return inside(self.scalar, span.start, span.end)

    def edit(self, start: int, end: int, text: str) -> Edit | None:
        """The edit of a part of the command; None if the file contains it in another form (escapes, folds)."""
        return edit_inside(self.scalar, start, end, text)


def edit_inside(scalar: Scalar, start: int, end: int, text: str) -> Edit | None:
    """The edit of a part of a text; None if the file contains it in another form (escapes, folds)."""
    region = inside(scalar, start, end)
    return Edit(region, text) if region.text == scalar.text[start:end] else None


def shell_text(view: Worker | Cron) -> ShellText | None:
    """The command of a worker or cron job.

    None if it is missing or not valid shell, if it comes from another YAML file, or if an earlier worker or cron job of
    the application has the same node through an alias, a merge key or an include.
    """
    if "shell text" not in view.memory:
        view.memory["shell text"] = _read(view)
    found: ShellText | None = view.memory["shell text"]
    return found


def _read(view: Worker | Cron) -> ShellText | None:
    scalar = written_text(_start(view))
    if scalar is None or not is_first(view, _start_node):
        return None
    script = script_of(scalar)
    return None if script.has_error else ShellText(scalar, script)


def script_of(scalar: Scalar) -> Script:
    """What a text runs; it is read once, however many rules ask."""
    return remembered(scalar.piece, ("script", scalar.start), scalar, lambda: parse(scalar.text))


def _start(view: View) -> Pair | None:
    commands = view.value("commands")
    pair = commands.get("start") if isinstance(commands, Mapping) else None
    return view.entry("cmd") if pair is None and isinstance(view, Cron) else pair


def _start_node(view: View) -> Node | None:
    pair = _start(view)
    return None if pair is None else pair.value.resolved


def written_text(pair: Pair | None) -> Scalar | None:
    """The text of a property, which is not blank; None if there is none, or if it comes from another YAML file."""
    if pair is None or (isinstance(pair.value, Include) and pair.value.form != "string"):
        return None
    scalar = pair.value.resolved
    return scalar if isinstance(scalar, Scalar) and has_text(scalar) else None


def has_text(node: Node) -> bool:
    """Whether a node is text and not blank. Other rules report broken values and other types."""
    return isinstance(node, Scalar) and node.tag != BROKEN and isinstance(node.value, str) and bool(node.text.strip())


def is_comment(scalar: Scalar) -> bool:
    """Whether a text holds nothing but comments, so that a shell runs nothing."""
    return has_text(scalar) and all(line.lstrip()[:1] in ("", "#") for line in scalar.text.split("\n"))


def shown(command: Command) -> str:
    """The beginning of a command, for a message: at most 40 code points."""
    words = " ".join(word.text for word in command.words).replace("`", "'").replace("\n", " ")
    return words if len(words) <= 40 else f"{words[:39]}…"


def loop_head(text: ShellText, loop: Loop) -> CommandSpan:
    """The beginning of a loop, up to its `do`."""
    first_line = text.scalar.text[loop.start : loop.end].partition("\n")[0]
    return CommandSpan(loop.start, loop.start + len(first_line.partition(" do")[0].rstrip("; ")))


def without_ampersand(text: ShellText, ampersand: CommandSpan) -> tuple[Fix, ...]:
    """The fixes for a `&` at the end of a command: wait for several commands, or keep the last in the foreground.

    Only removing the `&` of a single command is safe.
    """
    script, written_text = text.script, text.scalar.text
    end = len(written_text.rstrip())
    if ampersand.end != end:
        return ()
    fixes: list[Fix] = []
    # A script in a string for another shell has been unquoted, so its offsets are not those of the text.
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
        stays = alone and ((known := recognize(script.commands[0])) is None or known.category != "daemoniser")
        fixes.append(Fix("Remove the `&`", (removed,), safe=stays))
    return tuple(fixes)


def every(minutes: int) -> str:
    """The schedule with the shortest even interval of at least so many minutes."""
    step = next((step for step in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30) if step >= minutes), 60)
    return f"*/{step} * * * *" if step < 60 else "0 * * * *"
