"""Commands with what they really run in their place, through the files of the repository."""

from __future__ import annotations

from collections.abc import Collection

from upsun_rules.finding import Related
from upsun_rules.lookups.command_text import ShellText, shell_text
from upsun_rules.lookups.placed_texts import Running, running
from upsun_rules.resolution.application_files import ApplicationFiles
from upsun_rules.resolution.candidates import may_resolve
from upsun_rules.shell.parsing import Command, Loop, VariableUse, parse_resolved
from upsun_rules.shell.recognition import Recognition, recognize
from upsun_schema.cached import Caching, cached_property
from upsun_schema.configuration.model import Application, Cron, Worker
from upsun_schema.configuration.project import Project
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Scalar

__all__ = [
    "KnownCommand",
    "chain_steps",
    "files_of",
    "known_commands",
    "resolved",
    "resolved_once",
    "resolved_running",
    "resolved_text",
]


def files_of(application: Application, project: Project) -> ApplicationFiles:
    """The files of the repository as an application sees them."""
    return ApplicationFiles(project.repository, application.folder)


def resolved(text: ShellText, application: Application, project: Project) -> ShellText:
    """A command of an application with what it runs; the same one if it runs nothing of the repository."""
    key, valid_for = ("resolved", text.scalar.start), (project.repository.generation, application.folder)
    return remembered(text.scalar.piece, key, valid_for, lambda: _read(text, files_of(application, project)))


def _read(text: ShellText, files: ApplicationFiles) -> ShellText:
    if not any(may_resolve(command, files) for command in text.script.commands):
        return text
    from upsun_rules.resolution.resolver import FileResolver

    return text._replace(script=parse_resolved(text.scalar.text, FileResolver(files)))


def resolved_text(view: Worker | Cron, project: Project) -> ShellText | None:
    """The command of a worker or cron job with what it runs; None as for `shell_text`."""
    generation = project.repository.generation
    if view.memory.get("generation") is not generation:
        text = shell_text(view)
        view.memory["resolved text"] = None if text is None else resolved(text, view.application, project)
        view.memory["generation"] = generation
    found: ShellText | None = view.memory["resolved text"]
    return found


class KnownCommand(NamedTuple):
    """A command that the table knows, and the text that it is in."""

    one: Running
    command: Command
    known: Recognition


class _Commands(Caching):
    """What an application runs: two dozen rules look through it."""

    def __init__(self, application: Application, project: Project) -> None:
        self.generation = project.repository.generation
        self.running = [
            one if (text := resolved(one.text, application, project)) is one.text else one._replace(text=text)
            for one in running(application)
        ]

    @cached_property
    def once(self) -> list[Running]:
        found: dict[Scalar, Running] = {}
        for one in self.running:
            found.setdefault(one.text.scalar, one)
        return list(found.values())

    @cached_property
    def known(self) -> list[KnownCommand]:
        return [
            KnownCommand(one, command, known)
            for one in self.running
            for command in one.text.script.commands
            if (known := recognize(command)) is not None
        ]


def _commands(application: Application, project: Project) -> _Commands:
    found: _Commands | None = application.memory.get("commands")
    if found is None or found.generation is not project.repository.generation:
        found = application.memory["commands"] = _Commands(application, project)
    return found


def resolved_running(application: Application, project: Project) -> list[Running]:
    """The shell texts of an application with what they run."""
    return _commands(application, project).running


def resolved_once(application: Application, project: Project) -> list[Running]:
    """The same, but a text that several containers share by an alias or an include is there only once."""
    return _commands(application, project).once


def known_commands(
    application: Application, project: Project, rows: Collection[str] | None = None
) -> list[KnownCommand]:
    """The commands of an application that the table knows, text by text; with `rows`, only those of these rows."""
    found = _commands(application, project).known
    return found if rows is None else [one for one in found if one.known.row.id in rows]


def chain_steps(part: Command | Loop | VariableUse) -> tuple[Related, ...]:
    """How a command leads to what it runs, step by step."""
    return tuple(Related(step.region, f"`{_shown(step.command)}` runs this") for step in part.chain)


def _shown(command: str) -> str:
    text = command.replace("`", "'").replace("\n", " ")
    return text if len(text) <= 40 else f"{text[:39]}…"
