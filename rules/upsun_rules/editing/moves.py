"""Turns workers into cron jobs and cron jobs into workers, for fixes and refactorings. Comments move with the lines."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import count

from upsun_rules.editing.blocks import (
    append_entry,
    at_margin,
    column,
    edited,
    in_quotes,
    insert_property,
    line_end,
    lines_of,
    nest,
    newline,
    owned_lines,
    remark_of,
    step_of,
    with_comments,
    without,
    written,
)
from upsun_rules.finding import Edit, Fix
from upsun_rules.lookups.running import as_schedule_work, runs_laravel_schedule
from upsun_schema.configuration.model import Cron, Worker
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Alias, Include, Mapping, Node, Pair, Region, Scalar
from upsun_schema.yaml.walking import walk

__all__ = ["SCHEDULE", "cron_from", "made_cron", "made_worker", "stands_alone", "worker_from"]

SCHEDULE = "H 3 * * *"
"""Once a day, at a minute that the platform chooses: for commands without a known schedule."""

_TIMES = ("spec", "timeout", "shutdown_timeout")


def made_cron(worker: Worker, spec: str, command: str | None = None) -> tuple[Fix, ...]:
    """The fix that makes a worker a cron job, with its own command or another; none if that would lose anything."""
    edits = cron_from(worker, spec, command)
    return () if edits is None else (Fix(f"Make it a cron job, `{spec}`", edits),)


def made_worker(cron: Cron) -> tuple[Fix, ...]:
    """The fix that makes a cron job a worker; none if it has more than a schedule and a command."""
    edits = worker_from(cron)
    title = "Make it a worker with `schedule:work`" if runs_laravel_schedule(cron) else "Make it a worker"
    return () if edits is None else (Fix(title, edits),)


def cron_from(worker: Worker, spec: str, command: str | None = None) -> tuple[Edit, ...] | None:
    """The edits that make a worker a cron job; None if that would lose anything except its start command.

    `command` replaces the start command, for example with a part of it.
    """
    entry, commands, start = _entry(worker, "workers"), worker.value("commands"), worker.at("commands", "start")
    if entry is None or worker.start is None or not isinstance(commands, Mapping) or start is None:
        return None
    if len(entry.body.pairs) > 1 or len(commands.pairs) > 1:
        return None
    name = _free_name(entry, worker.application.crons)
    line = f"spec: {in_quotes(spec, entry.key.piece)}\n"
    if entry.body.flow:
        return _moved(entry, _unfolded(entry, name, worker.start.source if command is None else command, line), "crons")
    added = insert_property(entry.body, line, before=entry.body.pairs[0])
    changed = [] if command is None else _rewritten(commands.pairs[0], command)
    if added is None or changed is None:
        return None
    return _moved(entry, _changed(entry, name, [added, *changed]), "crons")


def worker_from(cron: Cron) -> tuple[Edit, ...] | None:
    """The edits that make a cron job a worker, without its schedule and timeouts.

    Laravel's `schedule:run` becomes `schedule:work`: in a worker it would be restarted in a loop.
    """
    entry, commands, old = _entry(cron, "crons"), cron.entry("commands"), cron.entry("cmd")
    if entry is None or cron.command is None or (commands is None) == (old is None):
        return None
    times = [pair for pair in entry.body.pairs if pair.name in _TIMES]
    if len(times) + 1 != len(entry.body.pairs) or (commands is not None and len(cron.children("commands")) != 1):
        return None
    name = _free_name(entry, cron.application.workers)
    scheduler = as_schedule_work(cron)
    if scheduler is None and runs_laravel_schedule(cron):
        return None
    changed = [scheduler] if scheduler is not None else []
    if entry.body.flow:
        command = edited(cron.command.region, changed)
        return _moved(entry, _unfolded(entry, name, command, old=cron.command.source), "workers")
    if old is not None and changed:
        return None  # The line of `cmd` cannot be moved and changed at once.
    nested = [] if old is None else nest([old], entry.body, "commands", called="start")
    removed = [without(pair) for pair in times]
    if nested is None:
        return None
    edits = [*nested, *(edit for edit in removed if edit is not None)]
    text = _changed(entry, name, [*edits, *changed]) if len(edits) == len(nested) + len(times) else None
    return _moved(entry, text, "workers")


class _Entry(NamedTuple):
    """A worker or cron job that can be moved: its pair, its section, and its lines, comments included."""

    pair: Pair
    key: Scalar
    body: Mapping
    section: Pair
    siblings: Mapping
    application: Mapping
    lines: Region


def _entry(view: Worker | Cron, name: str) -> _Entry | None:
    """A worker or cron job in its section; None if moving it could change something else."""
    application, section = view.application.body, view.application.entry(name)
    siblings = section.value if section is not None else None
    if application is None or section is None or section not in application.pairs:
        return None
    if not isinstance(siblings, Mapping) or siblings.flow or siblings.anchor is not None:
        return None
    pair, body, lines = view.pair, view.body, owned_lines(view.pair)
    if body is None or pair not in siblings.pairs or pair.value is not body or lines is None:
        return None
    if not isinstance(pair.key, Scalar) or not (stands_alone(pair.key) and stands_alone(body)):
        return None
    return _Entry(pair, pair.key, body, section, siblings, application, lines)


def stands_alone(node: Node) -> bool:
    """Whether a value means the same anywhere in its file and nothing else refers to it."""
    return not any(isinstance(one, Alias | Include) or one.anchor is not None for one in walk(node))


def _free_name(entry: _Entry, taken: Collection[str]) -> str:
    """The key of an entry as it is written, or another one if its name is taken."""
    name = entry.pair.name or ""
    if name not in taken:
        return entry.key.source
    free = next(other for number in count(2) if (other := f"{name}-{number}") not in taken)
    return written(free, entry.key.piece)


# -- the text of an entry --------------------------------------------------------------------------------------------


def _changed(entry: _Entry, name: str, edits: list[Edit]) -> str:
    """The lines of an entry under a name, after some edits."""
    return edited(entry.lines, [Edit(entry.key.region, name), *edits])


def _rewritten(start: Pair, command: str) -> list[Edit] | None:
    """The edits that replace a start command; None if a comment would be lost."""
    value = start.value
    if not isinstance(value, Scalar):
        return None
    text = written(command, value.piece, step_of(start.key)).replace("\n", f"\n{' ' * column(start.key)}")
    if value.style in ("|", ">"):
        remark = value.source.partition("\n")[0].partition("#")[2].strip()
        head, line_break, rest = text.partition("\n")
        text = f"{head}  # {remark}{line_break}{rest}" if remark else text
        text += "\n" if value.source.endswith(("\n", "\r")) else ""
    elif "\n" in text and remark_of(start):
        return None
    return [Edit(value.region, text.replace("\n", newline(value.piece)))]


def _unfolded(entry: _Entry, name: str, command: str, more: str = "", *, old: str | None = None) -> str | None:
    """The lines of an entry in braces, written as a block; None if a comment would be lost.

    `old` is the source of the command, if it was changed.
    """
    key_line = entry.lines.text[: entry.key.start - entry.lines.start].rpartition("\n")[0]
    line = entry.lines.text[len(key_line) :].strip()
    step = " " * step_of(entry.section.key)
    if "\n" in line or "\n" in command or not line.endswith("}"):
        return None
    value = command if (old or command) in line else written(command, entry.key.piece)
    text = f"{name}:\n{more and step + more}{step}commands:\n{step * 2}start: {value}\n"
    margin = " " * column(entry.key)
    block = "".join(f"{margin}{one}\n" for one in text.splitlines())
    return f"{key_line}\n{block}" if key_line else block


# -- moving it -------------------------------------------------------------------------------------------------------


def _moved(entry: _Entry, text: str | None, section: str) -> tuple[Edit, ...] | None:
    """The edits that move an entry, as `text`, to another section of its application."""
    if text is None:
        return None
    left = list(_left(entry))
    if not left:
        return None
    removed, above = left[0]
    target = next((pair for pair in entry.application.pairs if pair.name == section), None)
    block = above + at_margin(text, column(entry.key))
    added = append_entry(target, entry.application, section, block, before=entry.section)
    return None if added is None else (added, removed)


def _left(entry: _Entry) -> Iterator[tuple[Edit, str]]:
    """The edit that removes an entry, and the comments that have to move with it.

    If its section is empty afterwards, the section is removed too, and the comments above it move with the entry.
    """
    if len(entry.siblings.pairs) > 1:
        yield Edit(entry.lines, ""), ""
        return
    whole = lines_of(entry.section)
    if whole is None:
        return
    piece, end = entry.lines.piece, max(whole.end, entry.lines.end)
    between = piece.text[line_end(piece.text, entry.section.key.end) : entry.lines.start]
    head = piece.text[entry.section.key.end : line_end(piece.text, entry.section.key.end)]
    if between.strip() or piece.text[entry.lines.end : end].strip() or head.strip() != ":":
        yield Edit(entry.lines, f"{' ' * column(entry.key)}{{}}{newline(piece)}"), ""
        return
    above = with_comments(whole, column(entry.section.key))
    comments = piece.text[above.start : whole.start]
    yield Edit(Region(piece, above.start, end), ""), at_margin(comments, column(entry.section.key))
