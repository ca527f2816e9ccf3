"""What the process of a container is: the commands that really run, and the environment variables they have."""

from __future__ import annotations

from collections.abc import Callable

from upsun_lint.places.location import Location
from upsun_rules.lookups.command_text import ShellText, has_text
from upsun_rules.lookups.environment import environment
from upsun_rules.lookups.resolved_texts import resolved
from upsun_rules.shell.parsing import Command, parse
from upsun_rules.shell.recognition import recognize
from upsun_schema.configuration.model import Instance
from upsun_schema.configuration.project import Project
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Region, Scalar

__all__ = ["ResolvedCommand", "ResolvedStep", "VariableOrigin", "resolved_commands", "variables_of"]

_MOST_COMMANDS = 50


class ResolvedStep(NamedTuple):
    """A step to what runs: the command, and the place of what it runs; `name` is "" for a file that is a script."""

    command: str
    name: str
    location: Location


class ResolvedCommand(NamedTuple):
    """A command that really runs: its words, the steps that lead to it, and what it is known as ("" if unknown)."""

    command: str
    steps: tuple[ResolvedStep, ...]
    known: str


class VariableOrigin(NamedTuple):
    """A variable of a process: `origin` is relationship, variables, platform or `.environment`."""

    name: str
    origin: str
    meaning: str
    location: Location | None
    inherited: bool


_Where = Callable[[Region], Location]


def resolved_commands(project: Project, instance: Instance, where: _Where) -> tuple[ResolvedCommand, ...]:
    """What the start command of a container really runs, in order; nothing if it is not valid shell."""
    start = instance.at("commands", "start")
    if not isinstance(start, Scalar) or not has_text(start):
        return ()
    script = resolved(ShellText(start, parse(start.text)), instance.application, project).script
    return tuple(_resolved(command, where) for command in script.commands[:_MOST_COMMANDS])


def _resolved(command: Command, where: _Where) -> ResolvedCommand:
    known = recognize(command)
    steps = tuple(ResolvedStep(step.command, step.name, where(step.region)) for step in command.chain)
    words = " ".join(word.text for word in command.words)
    return ResolvedCommand(words, steps, known.label if known is not None else "")


def variables_of(project: Project, instance: Instance, where: _Where) -> tuple[VariableOrigin, ...]:
    """The environment variables of a container, by name."""
    found = environment(instance, project)
    return tuple(
        VariableOrigin(
            one.name,
            one.origin,
            one.meaning,
            where(one.place) if one.place is not None else None,
            one.container is instance.application,
        )
        for _, one in sorted(found.items())
    )
