"""References in commands: the uses of a variable, and the commands that run the same script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from upsun_lint.lsp.hovers.shell_places import ShellPlace, first_steps, shell_places, variable_at
from upsun_lint.lsp.session.cursor import cursor_at
from upsun_lint.lsp.session.requests import Request
from upsun_rules.lookups.environment import environment
from upsun_rules.lookups.resolved_texts import resolved_running
from upsun_rules.lookups.variable_uses import used_variables, uses_of_prefix
from upsun_schema.configuration.model import Application, Instance, Relationship
from upsun_schema.configuration.project import Project
from upsun_schema.configuration.references import Reference, ReferenceKind
from upsun_schema.yaml.nodes import Region

__all__ = ["regions_at", "uses_of_relationships"]


def uses_of_relationships(project: Project, named: Iterable[Reference]) -> Iterator[Region]:
    """Yield the uses of the variables of relationships, in commands and in the scripts that these run."""
    for one in named:
        application = project.applications.get(str(one.scope[-1])) if one.scope else None
        if one.kind is ReferenceKind.RELATIONSHIP and isinstance(one.view, Relationship) and application is not None:
            yield from (use.region for use in uses_of_prefix(one.view.prefix, application, project))


def regions_at(request: Request, offset: int, *, with_definition: bool) -> list[Region]:
    """Where the variable or the script at a place in a command, or the variable whose key is there, is used."""
    places = shell_places(request, offset)
    if not places:
        cursor = cursor_at(request.document, offset)
        key = cursor.pair.key.region if cursor.pair is not None and cursor.on_key else None
        uses = [] if key is None else list(_uses_of_key(request, key))
        return [*([key] if key is not None and with_definition and uses else []), *uses]
    found = (region for place in places for region in _of_place(request, place, with_definition=with_definition))
    return list(dict.fromkeys(found))


def _of_place(request: Request, place: ShellPlace, *, with_definition: bool) -> list[Region]:
    """The uses of the variable or the script at a place in a command of one process."""
    used = variable_at(place)
    if used is None:
        return _of_script(request, place, with_definition=with_definition)
    known = environment(place.process, request.project, build=place.is_build).get(used.name)
    where = None if known is None else known.place
    found = [
        use.region
        for use in used_variables(place.application, request.project)
        if use.name == used.name and _place(use.container, used.name, request.project) == where
    ]
    return [*([where] if where is not None and with_definition else []), *found]


def _uses_of_key(request: Request, key: Region) -> Iterator[Region]:
    """Yield the uses of the variable that is defined at a key."""
    name = key.text.strip("'\"").upper()
    for application in request.project.applications.values():
        for use in used_variables(application, request.project):
            if use.name == name and _place(use.container, name, request.project) == key:
                yield use.region


def _place(process: Application | Instance, name: str, project: Project) -> Region | None:
    known = environment(process, project).get(name)
    return None if known is None else known.place


def _of_script(request: Request, place: ShellPlace, *, with_definition: bool) -> list[Region]:
    """The commands that run the script that the one at a place runs first."""
    wanted = {step.region for step in first_steps(place)}
    found = [
        one.text.at(command.bare)
        for application in request.project.applications.values()
        for one in resolved_running(application, request.project)
        for command in one.text.script.commands
        if command.chain and command.chain[0].region in wanted
    ]
    return [*(wanted if with_definition else ()), *dict.fromkeys(found)] if wanted else []
