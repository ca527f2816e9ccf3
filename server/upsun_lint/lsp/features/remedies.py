"""Fixes that create what is missing, or that need a file operation; rules themselves cannot offer these."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from upsun_lint.lsp.completions.snippets import likely_command
from upsun_lint.lsp.session.cursor import cursor_at
from upsun_lint.lsp.session.requests import Request
from upsun_rules.editing.blocks import add_to_section, fill, in_quotes, insert_property, lines_of, owned_lines, step_of
from upsun_rules.finding import Edit, Finding, Fix
from upsun_rules.lookups.missing_start import find_missing_start
from upsun_schema.configuration.includes import include_bases
from upsun_schema.configuration.model import Container, Worker
from upsun_schema.images.table import Image, Images
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Include, Mapping, Pair, Piece

__all__ = ["NewFile", "Remedy", "RenamedFile", "remedies"]


class NewFile(NamedTuple):
    """An empty file to create, by its path in the project."""

    title: str
    path: str


class RenamedFile(NamedTuple):
    """A file to rename, by its paths in the project."""

    title: str
    path: str
    to: str


Remedy = Fix | NewFile | RenamedFile


def remedies(request: Request, finding: Finding) -> Iterator[Remedy]:
    """What the user can choose besides the fixes of a finding."""
    make = _REMEDIES.get(finding.rule)
    return iter(()) if make is None else make(request, finding)


# -- files -----------------------------------------------------------------------------------------------------------


def _included_file(request: Request, finding: Finding) -> Iterator[Remedy]:
    span = request.document.span(finding.region)
    cursor = cursor_at(request.document, 0 if span is None else span.start)
    for node in (cursor.node, *(pair.value for pair in reversed(cursor.pairs))):
        if isinstance(node, Include) and node.path and node.form in ("yaml", "string"):
            bases = include_bases(request.document, cursor.keys)
            paths = [posixpath.normpath(posixpath.join(base, node.path.lstrip("/"))) for base in bases]
            inside = [path for path in dict.fromkeys(paths) if request.project.contains(path)]
            yield from (NewFile(f"Create `{path}`", path) for path in inside)
            return


def _right_extension(request: Request, finding: Finding) -> Iterator[Remedy]:
    path = request.document.path
    to = f"{path.removesuffix('.yml')}.yaml"
    if not request.project.exists(to):
        yield RenamedFile(f"Rename it to `{posixpath.basename(to)}`", path, to)


# -- entries ---------------------------------------------------------------------------------------------------------


def _one_of_two(request: Request, finding: Finding) -> Iterator[Remedy]:
    """Remove one of the two entries with the same key, or the other one."""
    span = request.document.span(finding.region)
    cursor = cursor_at(request.document, 0 if span is None else span.start)
    parent, second = (cursor.parents[-1] if cursor.parents else None), cursor.pair
    if parent is None or parent.flow or second is None:
        return
    first = next((pair for pair in parent.pairs if pair.name == second.name), second)
    if first is second:
        return
    for pair, which in ((first, "first"), (second, "second")):
        lines = owned_lines(pair)
        if lines is not None:
            line = request.document.lines.position(_start(request, pair)).line + 1
            yield Fix(f"Remove the {which} `{pair.name}`, line {line}", (Edit(lines, ""),))


def _start(request: Request, pair: Pair) -> int:
    span = request.document.span(pair.key.region)
    return 0 if span is None else span.start


def _missing_service(request: Request, finding: Finding) -> Iterator[Remedy]:
    project, images = request.project, request.open_project.options.images
    containers: list[Container] = [*project.applications.values(), *project.services.values()]
    containers += [instance for one in project.applications.values() for instance in one.instances]
    for container in containers:
        for relationship in container.relationships.values():
            if relationship.target is None or relationship.target_region != finding.region:
                continue
            image = _image_for(images, relationship.target, relationship.endpoint)
            if image is not None and (edit := _new_service(request, relationship.target, image)) is not None:
                title = f"Create the service `{relationship.target}` with `{image.name}:{image.newest}`"
                yield Fix(title, (edit,))
            return


def _image_for(images: Images, name: str, endpoint: str | None) -> Image | None:
    """The service that a relationship probably means, by the name of its target or by its endpoint."""
    services = [image for other in images.names("service") if (image := images.get(other)) is not None and image.newest]
    offering = [image for image in services if endpoint is None or endpoint in (image.endpoints() or {})]
    named = [image for image in offering if name in (image.name, image.alias_of)]
    usual = [image for image in offering if image.name == _USUAL.get(endpoint or name)]
    plain = [image for image in offering if not (image.replica_of or image.variant_of or image.alias_of)]
    only = plain if endpoint is not None and len(plain) == 1 else []
    return next(iter((*named, *usual, *only)), None)


_USUAL = {
    "mysql": "mariadb",
    "database": "postgresql",
    "db": "postgresql",
    "cache": "redis",
    "redis": "redis",
    "queue": "rabbitmq",
    "search": "opensearch",
    "postgresql": "postgresql",
    "rabbitmq": "rabbitmq",
}
"""The service that is usually meant by an endpoint or a name."""


def _new_service(request: Request, name: str, image: Image) -> Edit | None:
    project = request.project
    homes = [project.place(pair.key.region).document for pair in project.section("services")]
    document = next(iter(homes), request.document)
    entries = [*project.services.values(), *project.applications.values()]
    piece = document.pieces[0][1] if document.pieces else Piece("")
    step = step_of(entries[0].key) if entries else 2
    text = f"{name}:\n{' ' * step}type: {in_quotes(f'{image.name}:{image.newest}', piece)}\n"
    return add_to_section(document, "services", text)


def _start_command(request: Request, finding: Finding) -> Iterator[Remedy]:
    for application in request.project.applications.values():
        for worker in application.workers.values():
            missing = find_missing_start(worker)
            if missing is None or finding.region not in (worker.key.region, missing.place):
                continue
            images = request.open_project.options.images
            command = likely_command(application, request.project, images)
            edit = _with_start(worker, command)
            if edit is not None:
                yield Fix(f"Add `commands.start` with `{command}`", (edit,))
            return


def _with_start(worker: Worker, command: str) -> Edit | None:
    commands = worker.entry("commands")
    step = step_of(worker.key)
    if commands is not None:
        return fill(commands, f"start: {command}\n")
    text = f"commands:\n{' ' * step}start: {command}\n"
    body = worker.body
    if body is None or not body.pairs:
        return fill(worker.pair, text) if lines_of(worker.pair) is not None else None
    return insert_property(body, text, before=_first(body))


def _first(body: Mapping) -> Pair | None:
    first = body.pairs[0]
    return None if first.is_merge else first


_REMEDIES: dict[str, Callable[[Request, Finding], Iterator[Remedy]]] = {
    "duplicate-key": _one_of_two,
    "include-not-found": _included_file,
    "missing-start-command": _start_command,
    "undefined-relationship-target": _missing_service,
    "yml-extension": _right_extension,
}
