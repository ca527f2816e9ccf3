"""The effective configuration of containers: a tree for people, YAML and JSON for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from upsun_lint.places.location import Location
from upsun_lint.run.effective import EffectiveWorker, Property
from upsun_lint.run.processes import ResolvedCommand, VariableOrigin
from upsun_lint.writing.terminal import Terminal, printable, width, wrap
from upsun_schema.configuration.model import Worker
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.data import Data
from upsun_schema.yaml.writing import is_plain

__all__ = ["as_annotated_yaml", "as_json", "as_tree", "as_yaml"]

_MOST_LINES = 8
_WIDEST_NAME = 26
_LEAST_ROOM = 20


# -- for people --------------------------------------------------------------------------------------------------------


_UNNAMED = ("", "-", "|")


class _Branch(NamedTuple):
    """A line of the tree: a name, a value, a remark, and the lines below it.

    The name is empty for an item of a list, `-` for an item that is a map or a list, `|` for a line of a text.
    """

    name: str
    value: str = ""
    remark: str = ""
    style: str = ""
    below: tuple[_Branch, ...] = ()


def as_tree(workers: list[EffectiveWorker], terminal: Terminal) -> str:
    """The workers as trees, one after the other."""
    return "\n".join("".join(f"{line}\n" for line in _lines(worker, terminal)) for worker in workers)


def _lines(worker: EffectiveWorker, terminal: Terminal) -> Iterator[str]:
    application = printable(worker.worker.application.name)
    yield terminal.paint(printable(worker.full_name), "bold")
    yield f"{worker.kind} of application {application} ({_place(worker.location)})"
    yield f"reach it with: {printable(worker.reach)}"
    branches = [_property(one, application) for one in worker.properties]
    branches += [*_runs(worker.runs), *_environment(worker.variables, application)]
    column = min(max((width(_label(branch)) for branch in branches), default=0), _WIDEST_NAME) + 2
    yield from _branches(branches, terminal, "", column)


def _runs(runs: tuple[ResolvedCommand, ...]) -> Iterator[_Branch]:
    """Yield what the start command runs, if it runs something of the repository."""
    if any(run.steps for run in runs):
        yield _Branch("really runs", style="bold", below=tuple(map(_run, runs)))


def _run(run: ResolvedCommand) -> _Branch:
    way = " › ".join(printable(step.command) for step in run.steps)
    place = f"{_place(run.steps[-1].location)}, by {way}" if run.steps else ""
    return _Branch("", printable(run.command), "; ".join(part for part in (run.known, place) if part))


def _environment(variables: tuple[VariableOrigin, ...], application: str) -> Iterator[_Branch]:
    """Yield where the environment variables come from; those of one relationship are on one line."""
    lines: dict[str, _Branch] = {}
    for one in variables:
        if one.location is None:
            continue
        name = f"{one.name.rpartition('_')[0]}_*" if one.origin == "relationship" else one.name
        key = f"{one.origin} {one.location.start.line} {one.location.path}"
        source = f"inherited from {application}" if one.inherited else "own"
        remark = f"{source} ({_place(one.location)})" if one.origin != ".environment" else _place(one.location)
        label = f"${printable(name)}"
        if one.origin != "relationship":
            lines[f"{key} {name}"] = _Branch("", label, remark)
        elif key not in lines or len(label) < len(lines[key].value):
            lines[key] = _Branch("", label, remark)
    platform = [one.name for one in variables if one.location is None]
    yield _Branch("environment", below=(*lines.values(), _Branch("", f"{len(platform)} variables of the platform")))


def _place(location: Location) -> str:
    return f"{printable(location.path)}:{location.start.line + 1}"


def _property(one: Property, application: str) -> _Branch:
    lost = [
        _Branch("dropped", f"{printable(name)}, set by {application} ({_place(location)})", style="red")
        for name, location in one.dropped
    ]
    if one.replaced is not None:
        lost.insert(0, _Branch("replaces", f"all of {application}'s ({_place(one.replaced)})", style="red"))
    value = one.words if one.origin == "default" and one.words != "{}" else _inline(one.value)
    style = {"own": "bold", "unknown": "red"}.get(one.origin, "dim")
    return _Branch(printable(one.name), value, _origin(one, application), style, (*_below(one.value), *lost))


def _origin(one: Property, application: str) -> str:
    """Where a property comes from."""
    if one.location is None:
        return "platform default"
    place = _place(one.location)
    if one.origin == "unknown":
        return f"not a worker property ({place})"
    if one.origin == "own":
        return f"own ({place})"
    return f"{'shared with' if one.origin == 'shared' else 'inherited from'} {application} ({place})"


def _inline(value: Data) -> str:
    """A value that fits beside its name; empty for one that is shown below."""
    if isinstance(value, dict | list):
        return "" if value else "{}" if isinstance(value, dict) else "[]"
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return "|" if "\n" in text.strip("\n") else printable(text.strip("\n")) or "''"


def _below(value: Data) -> Iterator[_Branch]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield _Branch(printable(name), _inline(inner), below=tuple(_below(inner)))
    elif isinstance(value, list):
        for inner in value:
            below = tuple(_below(inner))
            yield _Branch("-" if below else "", _inline(inner), below=below)
    elif isinstance(value, str) and "\n" in value.strip("\n"):
        lines = value.strip("\n").split("\n")
        shown = lines if len(lines) <= _MOST_LINES else lines[: _MOST_LINES - 1]
        for line in shown:
            yield _Branch("|", printable(line))
        if len(shown) < len(lines):
            yield _Branch("|", f"… ({len(lines) - len(shown)} more lines)")


def _label(branch: _Branch) -> str:
    if branch.name in _UNNAMED:
        return branch.value or branch.name.strip("|")
    return f"{branch.name}: {branch.value}".rstrip()


def _branches(branches: list[_Branch], terminal: Terminal, lead: str, column: int) -> Iterator[str]:
    """Yield the lines of branches; `lead` is the prefix of each, `column` where remarks begin."""
    for index, branch in enumerate(branches):
        last = index == len(branches) - 1
        if branch.name != "|":
            corner = terminal.symbol("└─ " if last else "├─ ", "`- " if last else "|- ")
        else:
            corner = terminal.symbol("│  ", "|  ")
        bar = terminal.symbol("│  ", "|  ")
        under = lead + ("   " if last else bar)
        yield from _branch(branch, terminal, (lead + corner, under + (bar if branch.below else "   ")), column)
        yield from _branches(list(branch.below), terminal, under, 0)


def _branch(branch: _Branch, terminal: Terminal, leads: tuple[str, str], column: int) -> Iterator[str]:
    """Yield a branch's own lines; the second lead is the prefix of what did not fit on the first line."""
    first, second = leads
    label = _label(branch)
    painted = label
    if branch.name not in _UNNAMED:
        painted = terminal.paint(f"{branch.name}:", branch.style or "bold") + label[len(branch.name) + 1 :]
    room = max(terminal.columns - width(first), _LEAST_ROOM)
    if width(label) > room:
        start, *rest = wrap(label, room)
        yield first + start
        for line in rest:
            yield second + line
        painted, label = "", ""
        first = second
    if not branch.remark:
        if painted:
            yield first + painted
        return
    gap = max(column, width(label) + 2) - width(label)
    space = terminal.columns - width(first) - width(label) - gap
    if space >= width(branch.remark):
        yield f"{first}{painted}{' ' * gap}{terminal.paint(branch.remark, 'dim')}"
        return
    if painted:
        yield first + painted
    for line in wrap(branch.remark, max(terminal.columns - width(second) - 2, _LEAST_ROOM)):
        yield f"{second}  {terminal.paint(line, 'dim')}"


# -- for programs ------------------------------------------------------------------------------------------------------


def _data(workers: list[EffectiveWorker]) -> Data:
    return {
        one.full_name: {
            "application": one.worker.application.name,
            "worker": one.worker.name if isinstance(one.worker, Worker) else None,
            "reach": one.reach,
            "at": _at(one.location),
            "properties": {prop.name: _property_data(prop) for prop in one.properties},
            "runs": [_run_data(run) for run in one.runs],
            "environment": {variable.name: _variable_data(variable) for variable in one.variables},
        }
        for one in workers
    }


def _property_data(one: Property) -> Data:
    found: dict[str, Data] = {"origin": one.origin}
    if one.location is not None:
        found["at"] = _at(one.location)
    if one.replaced is not None:
        found["replaced"] = _at(one.replaced)
        found["dropped"] = {name: _at(location) for name, location in one.dropped}
    if one.origin == "default" and one.words != "{}":
        found["default"] = one.words
    else:
        found["value"] = one.value
    return found


def _run_data(run: ResolvedCommand) -> Data:
    steps: list[Data] = [{"command": step.command, "script": step.name, "at": _at(step.location)} for step in run.steps]
    return {"command": run.command, "known": run.known or None, "steps": steps}


def _variable_data(variable: VariableOrigin) -> Data:
    found: dict[str, Data] = {"origin": variable.origin}
    if variable.location is not None:
        found["at"] = _at(variable.location)
    if variable.origin in ("relationship", "variables"):
        found["inherited"] = variable.inherited
    found["meaning"] = variable.meaning
    return found


def _at(location: Location) -> Data:
    return {"path": location.path, "line": location.start.line + 1, "column": location.start.column + 1}


def as_json(workers: list[EffectiveWorker]) -> str:
    """The workers by their full names, as JSON."""
    return json.dumps(_data(workers), indent=2) + "\n"


def as_yaml(workers: list[EffectiveWorker]) -> str:
    """The workers by their full names, as YAML with the same meaning in 1.1 and 1.2."""
    return "".join(f"{line}\n" for line in _yaml(_data(workers), 0)) or "{}\n"


def as_annotated_yaml(workers: list[EffectiveWorker]) -> str:
    """The workers as YAML that could be in a configuration, with comments on where each property comes from."""
    return "\n".join("".join(f"{line}\n" for line in _annotated(worker)) for worker in workers)


def _annotated(one: EffectiveWorker) -> Iterator[str]:
    application = printable(one.worker.application.name)
    yield f"# Effective configuration of worker {printable(one.worker.name)} of application {application}"
    yield f"# ({_place(one.location)}). A shell on it: {printable(one.reach)}"
    for found in one.properties:
        if found.origin != "default":
            yield ""
            yield f"# {_origin(found, application)}"
            if found.replaced is not None:
                yield f"# replaces all of {application}'s ({_place(found.replaced)})"
            for name, location in found.dropped:
                yield f"# drops {printable(name)} ({_place(location)})"
            yield from _yaml({found.name: found.value}, 0)
    defaults = [found for found in one.properties if found.origin == "default"]
    if defaults:
        yield ""
        yield "# platform defaults"
        yield from (f"# {found.name}: {found.words}" for found in defaults)


def _yaml(value: Data, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _yaml_entry(f"{pad}{_yaml_scalar(name)}:", inner, depth)
    elif isinstance(value, list):
        for inner in value:
            yield from _yaml_entry(f"{pad}-", inner, depth)


def _yaml_entry(head: str, value: Data, depth: int) -> Iterator[str]:
    if isinstance(value, dict | list) and value:
        yield head
        yield from _yaml(value, depth + 1)
    elif isinstance(value, str) and _fits_block(value):
        yield f"{head} |" if value.endswith("\n") else f"{head} |-"
        yield from (f"{'  ' * (depth + 1)}{line}" if line else "" for line in value.removesuffix("\n").split("\n"))
    else:
        yield f"{head} {_yaml_scalar(value)}"


def _fits_block(text: str) -> bool:
    """Whether a text has several lines that any YAML reader gets back unchanged from a literal block."""
    lines = text.removesuffix("\n").split("\n")
    return (
        len(lines) > 1
        and lines[0].strip() != ""
        and not lines[0].startswith(" ")
        and lines[-1] != ""
        and all(line.isprintable() and (not line or not line.isspace()) for line in lines)
    )


def _yaml_scalar(value: Data) -> str:
    # What JSON writes is YAML; only texts that cannot be mistaken for anything else have no quotes.
    if isinstance(value, str) and is_plain(value):
        return value
    return _UNPRINTABLE.sub(_escaped, json.dumps(value, ensure_ascii=False))


# Characters that YAML cannot hold unescaped, line breaks of YAML that JSON does not escape, and those that change the
# direction of text or cannot be seen.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
