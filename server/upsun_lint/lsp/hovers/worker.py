"""A worker: what it is in the end, where each of its properties comes from, and how to reach it."""

from __future__ import annotations

import os
from collections.abc import Iterator

from upsun_lint.lsp.hovers.shown_values import bare, in_short
from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import bullets, code, link, listed, paragraphs, table
from upsun_lint.places.location import Location
from upsun_lint.run.effective import Property, effective_worker
from upsun_schema.configuration.model import Worker

__all__ = ["about_worker"]

# Previews and things of no consequence are left out while nobody sets them.
_SILENT = frozenset({"authorizations"})


def about_worker(subject: Subject, worker: Worker) -> str:
    """A worker's effective configuration, what its overrides dropped, and how to reach it."""
    found = effective_worker(subject.project, worker)
    application = worker.application
    owner = subject.linked(code(application.name), application.key.region)
    rows = [
        (code(one.name), in_short(one.name, one.value, one.words), _origin(subject, one, application.name))
        for one in found.properties
        if one.origin != "default" or one.name not in _SILENT
    ]
    return paragraphs(
        f"**Worker** {code(worker.name)} of application {owner}",
        "The application's code and image in a container of its own. Nothing can connect to it, and its command is "
        "started again whenever it ends.",
        table(("Property", "Value", "Origin"), rows),
        bullets(_losses(subject, found.properties, application.name)),
        f"A shell on it: {code(found.reach)}. Its size is set for each environment, under the name "
        f"{code(worker.full_name)}: {code(f'upsun resources:set --size {worker.full_name}:0.5')}.",
        docs_link("configure-apps/workers"),
    )


def _origin(subject: Subject, one: Property, application: str) -> str:
    if one.location is None:
        return "platform default"
    place = _place(subject, one.location)
    if one.origin == "unknown":
        return f"{place}: no property of a worker"
    if one.origin == "own":
        return f"own, {place}" + ("" if one.replaced is None else ", in place of the application's")
    verb = "shared with" if one.origin == "shared" else "inherited from"
    return f"{verb} {code(application)}, {place}"


def _losses(subject: Subject, properties: list[Property], application: str) -> Iterator[str]:
    """Say of each override what it threw away."""
    for one in properties:
        if one.replaced is not None and one.dropped:
            dropped = listed((bare(name) for name, _ in one.dropped), most=12)
            place = _place(subject, one.replaced)
            yield f"Its {code(one.name)} take the place of all of {code(application)}'s ({place}). Dropped: {dropped}."


def _place(subject: Subject, location: Location) -> str:
    """A link to a place: its line, with the name of the file if it is another one."""
    uri = subject.request.workspace.uri(os.path.abspath(location.path))
    line = location.start.line + 1
    here = uri == subject.request.uri
    return link(f"line {line}" if here else code(f"{os.path.basename(location.path)}:{line}"), f"{uri}#L{line}")
