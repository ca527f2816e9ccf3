"""Definition, references and highlights of names: services, applications, workers, relationships, anchors, files."""

from __future__ import annotations

import os
from collections.abc import Iterable

from lsprotocol import types

from upsun_lint.lsp.features.shell_references import regions_at, uses_of_relationships
from upsun_lint.lsp.hovers.shell_places import ShellPlace, first_steps, shell_places, variable_at
from upsun_lint.lsp.session.cursor import Cursor, cursor_at
from upsun_lint.lsp.session.requests import Request
from upsun_rules.lookups.environment import environment
from upsun_schema.configuration.inheritance import INHERITED
from upsun_schema.configuration.references import Reference, ReferenceKind, of_same_thing, references, references_at
from upsun_schema.yaml.nodes import Include, Region

__all__ = ["definition", "file_uri", "highlight", "named_at", "references_to"]


def named_at(request: Request, everything: Iterable[Reference], position: types.Position) -> list[Reference]:
    """The references at a position.

    The key of a relationship without a value is two of them: a reference to its target, which comes first, and the
    relationship itself.
    """
    place = request.document.at(request.offset(position))
    if place is None:
        return []
    return sorted(references_at(everything, *place), key=lambda one: one.kind is ReferenceKind.RELATIONSHIP)


def definition(request: Request, params: types.DefinitionParams) -> list[types.Location] | None:
    """Where the thing at a position is defined: the key of a service, an anchor, an included file.

    A block that a worker overrides leads to the application's block that it replaces.
    """
    everything = references(request.project)
    if named := named_at(request, everything, params.position):
        same = of_same_thing(everything, named[:1])
        return _locations(request, [one.region for one in same if one.is_definition]) or None
    in_shell = _shell_definition(request, request.offset(params.position))
    if in_shell:
        return in_shell
    cursor = cursor_at(request.document, request.offset(params.position))
    if (path := _file_at(cursor)) is not None:
        start = types.Position(0, 0)
        return [types.Location(file_uri(request, path), types.Range(start, start))]
    replaced = _replaced(request, cursor)
    return None if replaced is None else [request.location(replaced)]


def _shell_definition(request: Request, offset: int) -> list[types.Location]:
    """Where a variable of a command comes from, or what the command runs in the repository."""
    return _locations(request, [region for place in shell_places(request, offset) for region in _sources(place)])


def _sources(place: ShellPlace) -> list[Region]:
    used = variable_at(place)
    if used is None:
        return [step.region for step in first_steps(place)]
    known = environment(place.process, place.subject.project, build=place.is_build).get(used.name)
    return [known.place] if known is not None and known.place is not None else []


def file_uri(request: Request, path: str) -> str:
    """The URI of a file or folder, given by its path in the project."""
    return request.workspace.uri(os.path.normpath(os.path.join(request.open_project.root, *path.split("/"))))


def _file_at(cursor: Cursor) -> str | None:
    """The path of the file that the value at a place includes."""
    around = cursor.pairs[-2:-1] if cursor.on_key else cursor.pairs[:-3:-1]
    for node in (cursor.node, *(pair.value for pair in around)):
        if isinstance(node, Include) and node.file is not None:
            return node.file
    return None


def _replaced(request: Request, cursor: Cursor) -> Region | None:
    """The key of the application's block that the worker's block at a place replaces."""
    if cursor.pair is None or not cursor.on_key or cursor.pair.name not in INHERITED:
        return None
    for application in request.project.applications.values():
        for instance in application.instances:
            if instance.entry(cursor.pair.name) is cursor.pair:
                above = application.entry(cursor.pair.name)
                return None if above is None else above.key.region
    return None


def references_to(request: Request, params: types.ReferenceParams) -> list[types.Location] | None:
    """Every place in the project where the thing named at a position is named."""
    everything = references(request.project)
    named = named_at(request, everything, params.position)
    with_definition = params.context.include_declaration
    if not named:
        found = regions_at(request, request.offset(params.position), with_definition=with_definition)
        return _locations(request, found) or None
    same = of_same_thing(everything, named)
    wanted = [one.region for one in same if with_definition or not one.is_definition]
    return _locations(request, [*wanted, *uses_of_relationships(request.project, same)])


def highlight(request: Request, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
    """The places in the file where the thing named at a position is named."""
    everything = references(request.project)
    same = of_same_thing(everything, named_at(request, everything, params.position))
    kinds = {True: types.DocumentHighlightKind.Write, False: types.DocumentHighlightKind.Read}
    found = [
        types.DocumentHighlight(place, kinds[one.is_definition])
        for one in same
        if (place := request.region_range(one.region)) is not None
    ]
    return sorted(found, key=lambda one: (one.range.start.line, one.range.start.character)) or None


def _locations(request: Request, regions: Iterable[Region]) -> list[types.Location]:
    found = {_order(location): location for location in map(request.location, regions)}
    return [found[key] for key in sorted(found)]


def _order(location: types.Location) -> tuple[str, int, int]:
    return location.uri, location.range.start.line, location.range.start.character
