"""Changes of a configuration that nobody but its author can want: a worker made a cron, an inherited block copied.

None of them is a fix, and none is ever applied unasked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import count
from typing import NamedTuple

from upsun_lint.fixes import TextEdit, edited
from upsun_rules.edits import (
    append_entry,
    column,
    delete,
    indented,
    insert_property,
    lines_of,
    nest,
    newline,
    with_comments,
    written,
)
from upsun_rules.finding import Edit, Fix
from upsun_rules.inheritance import copy_lost
from upsun_schema.document import Document
from upsun_schema.inheritance import Effective, Origin
from upsun_schema.model import Cron, Worker
from upsun_schema.nodes import Alias, Include, Mapping, Node, Pair, Region, Scalar, Sequence, is_same
from upsun_schema.project import Project
from upsun_schema.text import Span

__all__ = ["refactorings"]

_SCHEDULE = "H 3 * * *"
"""A placeholder: once a day, at a minute that the platform chooses."""


def refactorings(project: Project, document: Document, span: Span) -> Iterator[Fix]:
    """Yield what can be done with the worker or the cron that a stretch of a file touches."""
    pieces = {piece for base, piece in document.pieces if base <= span.end and span.start <= base + len(piece.text)}
    for application in project.applications.values():
        for worker in application.workers.values():
            if worker.key.piece in pieces:
                yield from _with_worker(worker, document, span)
        for cron in application.crons.values():
            parts = (cron.entry("spec"), cron.entry("commands"), cron.entry("cmd"))
            if cron.key.piece in pieces and _touches(document, span, cron.key.region, *parts):
                yield from _to_worker(cron)


def _with_worker(worker: Worker, document: Document, span: Span) -> Iterator[Fix]:
    if _touches(document, span, worker.key.region, worker.entry("commands")):
        yield from _to_cron(worker)
    if _touches(document, span, worker.key.region):
        for found in worker.effective.properties.values():
            yield from _copied(worker, found)
    for pair in worker.body.pairs if worker.body is not None else ():
        if pair.name is not None and _touches(document, span, pair.key.region):
            overridden = worker.effective.properties.get(pair.name)
            if overridden is not None and overridden.pair is pair:
                yield from _with_override(worker, overridden, pair)


def _touches(document: Document, span: Span, *parts: Region | Pair | None) -> bool:
    for part in parts:
        place = document.span(part.region if isinstance(part, Pair) else part) if part is not None else None
        if place is not None and place.start <= span.end and span.start <= place.end:
            return True
    return False


# -- what a worker inherits ------------------------------------------------------------------------------------------


def _copied(worker: Worker, found: Effective) -> Iterator[Fix]:
    """Yield the copying of a block that a worker inherits into the worker."""
    body, pair = worker.body, found.pair
    if found.origin is not Origin.APPLICATION or pair is None or not _is_own(worker.pair, body):
        return
    lines = lines_of(pair)
    if body is None or lines is None or not _stands_alone(pair.value):
        return
    text = indented(lines.text, -column(pair.key)).replace(newline(lines.piece), "\n")
    edit = insert_property(body, text)
    if edit is not None:
        title = f"Copy `{found.name}` of application `{worker.application.name}` into worker `{worker.name}`"
        yield Fix(title, (edit,))


def _with_override(worker: Worker, found: Effective, pair: Pair) -> Iterator[Fix]:
    """Yield what can be done about a block of a worker that replaces the application's."""
    own = pair.value.resolved
    if found.replaced is None or worker.body is None or not _is_own(worker.pair, worker.body):
        return
    if is_same(pair.value, found.replaced.value):
        edits = delete(pair, worker.body) if _stands_alone(pair.value) or isinstance(pair.value, Alias) else None
        if edits is not None:
            yield Fix(f"Remove `{found.name}` from the worker", tuple(edits))
    elif found.dropped and isinstance(own, Mapping) and own.entries and own.anchor is None:
        yield from copy_lost(found, found.dropped, f"Copy the lost {found.name} into the worker")


def _is_own(pair: Pair, body: Mapping | None) -> bool:
    """Return whether a body belongs to one name alone: no other shares it by an alias or a merge key."""
    return body is not None and pair.value is body and body.anchor is None


def _stands_alone(node: Node) -> bool:
    """Return whether a value means the same wherever it stands, and nothing else refers to it."""
    stack: list[Node] = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, Alias | Include) or one.anchor is not None:
            return False
        if isinstance(one, Mapping):
            stack.extend(part for pair in one.pairs for part in (pair.key, pair.value))
        elif isinstance(one, Sequence):
            stack.extend(one.items)
    return True


# -- between worker and cron -----------------------------------------------------------------------------------------


class _Entry(NamedTuple):
    """A worker or cron that can be moved: its pair, the section it is in, and the lines it takes, comments included."""

    pair: Pair
    key: Scalar
    body: Mapping
    section: Pair
    siblings: Mapping
    application: Mapping
    lines: Region


def _entry(view: Worker | Cron, name: str) -> _Entry | None:
    """Return a worker or cron in its section; None where moving it could change something else."""
    application, section = view.application.body, view.application.entry(name)
    siblings = section.value if section is not None else None
    if application is None or section is None or section not in application.pairs:
        return None
    if not isinstance(siblings, Mapping) or siblings.flow or siblings.anchor is not None:
        return None
    pair, body, lines = view.pair, view.body, lines_of(view.pair)
    if body is None or pair not in siblings.pairs or pair.value is not body or lines is None:
        return None
    if not isinstance(pair.key, Scalar) or not (_stands_alone(pair.key) and _stands_alone(body)):
        return None
    whole = _with_last_comments(with_comments(lines, column(pair.key)), column(pair.key))
    return _Entry(pair, pair.key, body, section, siblings, application, whole)


def _with_last_comments(lines: Region, indent: int) -> Region:
    """Return whole lines with the comments directly below them that are indented deeper than the key above."""
    below = re.compile(rf" {{{indent + 1},}}#[^\r\n]*(?:\r\n|\n|\r|\Z)")
    while (match := below.match(lines.piece.text, lines.end)) is not None:
        lines = lines._replace(end=match.end())
    return lines


def _to_cron(worker: Worker) -> Iterator[Fix]:
    """Yield the change that makes a worker a cron; none where that would lose anything but its start command."""
    entry, commands = _entry(worker, "workers"), worker.value("commands")
    if entry is None or worker.start is None or not isinstance(commands, Mapping):
        return
    if len(entry.body.pairs) > 1 or len(commands.pairs) > 1:
        return
    name = _free_name(entry, worker.application.crons)
    if entry.body.flow:
        text = _rewritten(entry, name, worker.start, f"  spec: '{_SCHEDULE}'\n")
    else:
        spec = insert_property(entry.body, f"spec: '{_SCHEDULE}'\n", before=entry.body.pairs[0])
        text = None if spec is None else _changed(entry, name, [spec])
    yield from _moved(entry, text, "crons", f"Make worker `{worker.name}` a cron, `{_SCHEDULE}`")


def _to_worker(cron: Cron) -> Iterator[Fix]:
    """Yield the change that makes a cron a worker. Its schedule and its timeouts go: a worker has none."""
    entry, commands, old = _entry(cron, "crons"), cron.entry("commands"), cron.entry("cmd")
    if entry is None or cron.command is None or (commands is None) == (old is None):
        return
    schedule = [pair for pair in entry.body.pairs if pair.name in ("spec", "timeout", "shutdown_timeout")]
    known = len(schedule) + 1 == len(entry.body.pairs)
    if not known or (commands is not None and len(cron.children("commands")) != 1):
        return
    name = _free_name(entry, cron.application.workers)
    if entry.body.flow:
        text = _rewritten(entry, name, cron.command)
    else:
        lines = [lines_of(pair) for pair in schedule]
        edits = [Edit(region, "") for region in lines if region is not None]
        moved = [] if old is None else nest([old], entry.body, "commands", called="start")
        text = None if moved is None or len(edits) < len(lines) else _changed(entry, name, [*edits, *moved])
    yield from _moved(entry, text, "workers", f"Make cron `{cron.name}` a worker")


def _free_name(entry: _Entry, taken: Collection[str]) -> str:
    """Return the key of an entry as it is written, or another one where its name is taken."""
    name = entry.pair.name or ""
    if name not in taken:
        return entry.key.source
    return written(next(other for number in count(2) if (other := f"{name}-{number}") not in taken))


def _changed(entry: _Entry, name: str, edits: list[Edit]) -> str:
    """Return the lines of an entry under a name, after some edits of them."""
    start = entry.lines.start
    some = [Edit(entry.key.region, name), *edits]
    return edited(
        entry.lines.text, [TextEdit(edit.region.start - start, edit.region.end - start, edit.text) for edit in some]
    )


def _rewritten(entry: _Entry, name: str, command: Scalar, more: str = "") -> str | None:
    """Return the lines of an entry in braces, written without them; None where something would be lost."""
    above, _, line = entry.lines.text.rstrip().rpartition("\n")
    if "\n" in command.source or "#" in line.replace(command.source, "") or not line.endswith("}"):
        return None
    text = f"{name}:\n{more}  commands:\n    start: {command.source}\n"
    return (f"{above}\n" if above else "") + indented(text, column(entry.key))


def _moved(entry: _Entry, text: str | None, section: str, title: str) -> Iterator[Fix]:
    """Yield the change that puts an entry, with a text of its own, into another section of its application."""
    if text is None:
        return
    text = indented(text, -column(entry.key)).replace("\r\n", "\n")
    target = next((pair for pair in entry.application.pairs if pair.name == section), None)
    added = append_entry(target, entry.application, section, text, before=entry.section)
    removed = _removal(entry)
    if added is not None and removed is not None:
        yield Fix(title, (added, removed))


def _removal(entry: _Entry) -> Edit | None:
    """Return the edit that takes an entry out of its section, and the section away if nothing else is in it."""
    if len(entry.siblings.pairs) > 1:
        return Edit(entry.lines, "")
    whole = lines_of(entry.section)
    if whole is None:
        return None
    rest = whole.text[: entry.lines.start - whole.start] + whole.text[entry.lines.end - whole.start :]
    if rest.strip() == f"{entry.section.key.region.text}:":
        return Edit(whole, "")
    return Edit(entry.lines, " " * column(entry.key) + "{}" + newline(entry.lines.piece))
