"""Commands with what they really run in their place, through the files of the repository."""

from __future__ import annotations

from upsun_rules.finding import Related
from upsun_rules.lookups.command_text import ShellText, shell_text
from upsun_rules.lookups.placed_texts import Running, running
from upsun_rules.resolution.application_files import ApplicationFiles
from upsun_rules.resolution.candidates import may_resolve
from upsun_rules.shell.parsing import Command, Loop, VariableUse, parse_resolved
from upsun_schema.configuration.model import Application, Cron, Worker
from upsun_schema.configuration.project import Project
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Region

__all__ = ["chain_steps", "files_of", "resolved", "resolved_once", "resolved_running", "resolved_text"]


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
    text = shell_text(view)
    return None if text is None else resolved(text, view.application, project)


def resolved_running(application: Application, project: Project) -> list[Running]:
    """The shell texts of an application with what they run."""
    key = "resolved running", application.key.start
    valid_for = project.repository.generation, application.folder, application

    def find() -> list[Running]:
        return [one._replace(text=resolved(one.text, application, project)) for one in running(application)]

    return remembered(application.key.piece, key, valid_for, find)


def resolved_once(application: Application, project: Project) -> list[Running]:
    """The same, but a text that several containers share by an alias or an include is there only once."""
    found: dict[Region, Running] = {}
    for one in resolved_running(application, project):
        found.setdefault(one.text.scalar.region, one)
    return list(found.values())


def chain_steps(part: Command | Loop | VariableUse) -> tuple[Related, ...]:
    """How a command leads to what it runs, step by step."""
    return tuple(Related(step.region, f"`{_shown(step.command)}` runs this") for step in part.chain)


def _shown(command: str) -> str:
    text = command.replace("`", "'").replace("\n", " ")
    return text if len(text) <= 40 else f"{text[:39]}…"
