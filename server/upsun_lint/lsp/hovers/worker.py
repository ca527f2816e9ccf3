"""Hover texts for workers: the effective configuration, where each property comes from, and how to connect."""

from __future__ import annotations

import os
from collections.abc import Iterator

from upsun_lint.lsp.hovers.shown_values import bare, in_short
from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.main_command import main_command
from upsun_lint.lsp.session.markup import bullets, code, link, listed, paragraphs, shortened, table
from upsun_lint.places.location import Location
from upsun_lint.run.effective import Property, effective_worker
from upsun_schema.configuration.model import Worker

__all__ = ["about_worker"]

# Left out unless it is set: this property is a preview.
_SILENT = frozenset({"authorizations"})
# What every worker has comes last, and defaults are not in the table: what matters has to be seen without scrolling.
_ORDER = ("unknown", "own", "application", "shared")


def about_worker(subject: Subject, worker: Worker) -> str:
    """A worker's effective configuration, what its overrides dropped, and how to open a shell on it."""
    found = effective_worker(subject.project, worker)
    application = worker.application
    owner = subject.linked(code(application.name), application.key.region)
    written = [one for one in found.properties if one.origin != "default" and one.name != "commands"]
    rows = [
        (
            code(one.name),
            in_short(one.name, one.value, one.words),
            _origin(subject, one, one.location, application.name),
        )
        for one in sorted(written, key=lambda one: _ORDER.index(one.origin))
        if one.location is not None
    ]
    return paragraphs(
        f"**Worker** {code(worker.name)} of application {owner}",
        bullets([_runs(worker), *_losses(subject, found.properties, application.name)]),
        table(("Property", "Value", "Origin"), rows),
        _defaults([one for one in found.properties if one.origin == "default" and one.name not in _SILENT]),
        "A separate container with the code and the image of the application. Nothing can connect to it. Its command "
        "is restarted whenever it exits.",
        f"Open a shell with {code(found.reach)}. Set its size for each environment with "
        f"{code(f'upsun resources:set --size {worker.full_name}:0.5')}.",
        docs_link("configure-apps/workers"),
    )


def _defaults(properties: list[Property]) -> str:
    """What nobody wrote, in one line."""
    values = (f"{code(one.name)}: {in_short(one.name, one.value, one.words)}" for one in properties)
    return f"**Platform defaults:** {'; '.join(values)}." if properties else ""


def _runs(worker: Worker) -> str:
    if worker.start is None:
        return f"**Missing:** {code('commands.start')}. The platform rejects a push with such a worker."
    return f"**Runs** {code(shortened(main_command(worker.start.text), 80))}"


def _origin(subject: Subject, one: Property, location: Location, application: str) -> str:
    place = _place(subject, location)
    if one.origin == "unknown":
        return f"{place}: not a property of a worker"
    if one.origin == "own":
        return f"own, {place}" + ("" if one.replaced is None else ", replaces the application's")
    verb = "shared with" if one.origin == "shared" else "inherited from"
    return f"{verb} {code(application)}, {place}"


def _losses(subject: Subject, properties: list[Property], application: str) -> Iterator[str]:
    """What each override dropped."""
    for one in properties:
        if one.replaced is not None and one.dropped:
            dropped = listed((bare(name) for name, _ in one.dropped), most=12)
            place = _place(subject, one.replaced)
            yield f"**Loses** {dropped}: its {code(one.name)} block replaces that of {code(application)} ({place})."


def _place(subject: Subject, location: Location) -> str:
    """A link to a line, with the name of the file if it is another one."""
    uri = subject.request.workspace.uri(os.path.abspath(location.path))
    line = location.start.line + 1
    here = uri == subject.request.uri
    return link(f"line {line}" if here else code(f"{os.path.basename(location.path)}:{line}"), f"{uri}#L{line}")
