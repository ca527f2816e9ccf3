"""Why a worker or a cron job has no start command, and what was probably meant as one."""

from __future__ import annotations

from upsun_rules.editing.blocks import column, nest, newline, step_of
from upsun_rules.finding import Edit, Fix
from upsun_rules.lookups.command_text import has_text, is_comment
from upsun_rules.lookups.folded_text import lost_by_folding
from upsun_schema.configuration.model import View
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import BROKEN, Alias, Include, Keys, Mapping, Pair, Region, Scalar

__all__ = ["MissingStart", "find_missing_start"]


class MissingStart(NamedTuple):
    """Why a worker or cron job has no start command, in words, and where.

    `pair` is the command in the wrong place, and `fixes` move it. `regions` are the places where other rules would
    report the same in general words, the name of the worker or cron job first. `place` is an empty command, or the
    `commands` without one. `is_rejected` is false for a command that the platform accepts. `lacks` is the missing key.
    """

    why: str
    pair: Pair | None
    regions: tuple[Region, ...]
    fixes: tuple[Fix, ...] = ()
    place: Region | None = None
    lacks: tuple[Keys, ...] = ()
    is_rejected: bool = True


# A key and its value that YAML reads as one text because a space or a colon is missing.
_RUN_ON = expression(r"(?P<name>start|pre_start|post_start|stop)(?:(?P<colon>:)(?=\S)|[ \t]+(?=\S))")
_OTHER_NAMES = ("start", "command", "cmd", "run")


def find_missing_start(view: View) -> MissingStart | None:
    """Why a worker or cron job has no start command; None if it has one or if that is not certain."""
    command = view.at("commands", "start")
    if isinstance(command, Scalar) and has_text(command) and not command.text.lstrip().startswith("#"):
        return None  # As nearly always.
    node = view.node
    regions: tuple[Region, ...] = (view.key.region,)
    if node.is_null:
        return MissingStart("has no start command", None, regions)
    if not isinstance(node, Mapping) or node.merges_unknown:
        return None
    pair = node.get("commands")
    if pair is None:
        return _missing_beside(node, None, regions, (Keys(node, ("commands", "cmd")),))
    commands = pair.value.resolved
    regions += (pair.key.region,)
    if commands.is_null:
        return _missing_beside(node, pair, regions, ())
    if isinstance(commands, Scalar) and has_text(commands):
        regions += (pair.value.region,)
        if run_on := _RUN_ON.match(commands.source):
            name, colon = run_on["name"], run_on["colon"]
            what = f"a space is missing after `{name}:`" if colon else f"a colon is missing after `{name}`"
            rewritten = f"{name}: {commands.source[run_on.end() :]}"
            fix = Fix(f"Write `{name}: …`", (Edit(commands.region, rewritten),), safe=bool(colon))
            return MissingStart(f"has no start command: {what}", None, regions, (fix,), pair.value.region)
        why = "has no start command: it must be below `commands`, as `start`"
        return MissingStart(why, pair, regions, _wrap(pair))
    if not isinstance(commands, Mapping):
        return None
    start = commands.get("start")
    if start is None and commands.merges_unknown:
        return None
    if start is None:
        return _missing_inside(node, pair, commands, regions)
    value = start.value.resolved
    if value.is_null or (isinstance(value, Scalar) and value.tag != BROKEN and not value.text.strip()):
        written = start.value.region if start.value.source.strip() else start.key.region
        regions += (start.key.region, start.value.region)
        return MissingStart("has an empty start command", None, regions, place=written)
    if isinstance(value, Scalar) and is_comment(value) and lost_by_folding(value) is None:
        why = "has only a comment as its start command"
        return MissingStart(why, None, regions, place=value.region, is_rejected=False)
    return None


def _missing_beside(
    node: Mapping, commands: Pair | None, regions: tuple[Region, ...], lacks: tuple[Keys, ...]
) -> MissingStart:
    pair = next((pair for name in _OTHER_NAMES if (pair := node.get(name)) is not None and _is_command(pair)), None)
    if pair is None:
        place = None if commands is None else commands.key.region
        return MissingStart("has no start command", None, regions, place=place, lacks=lacks)
    edits = nest([pair], node, "commands", called="start")
    if commands is not None and commands not in node.pairs:
        edits = None
    named = "" if pair.name == "start" else ", as `start`"
    return MissingStart(
        f"has no start command: `{pair.name}` must be below `commands`{named}",
        pair,
        regions,
        (Fix("Move it below `commands`", tuple(edits), safe=True),) if edits else (),
    )


def _missing_inside(node: Mapping, above: Pair, commands: Mapping, regions: tuple[Region, ...]) -> MissingStart:
    for name in _OTHER_NAMES[1:]:
        pair = commands.get(name)
        if pair is not None and _is_command(pair):
            why = f"has no start command: below `commands`, the key is `start`, not `{name}`"
            fix = Fix("Rename it to `start`", (Edit(pair.key.region, "start"),))
            return MissingStart(why, pair, regions, (fix,) if pair in commands.pairs else ())
    return _missing_beside(node, above, regions, (Keys(commands, ("start",)),))


def _is_command(pair: Pair) -> bool:
    return (isinstance(pair.value, Include) and pair.value.form == "string") or has_text(pair.value.resolved)


def _wrap(pair: Pair) -> tuple[Fix, ...]:
    """The fix that adds `start` to `commands: text`, if the text is on the line of the key."""
    value, piece = pair.value, pair.key.piece
    between = Region(piece, pair.key.end, value.outer)
    if isinstance(value, Alias) or value.piece is not piece or between.text.strip() != ":":
        return ()
    before = piece.text[: pair.key.outer].rpartition("\n")[2]
    if "\n" in between.text or "\n" in value.source or before.strip():
        return ()
    text = f":{newline(piece)}{' ' * (column(pair.key) + step_of(pair.key))}start: "
    return (Fix("Write it as `start`", (Edit(between, text),)),)
