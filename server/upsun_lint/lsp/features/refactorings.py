"""Refactorings: a worker becomes a cron job or the reverse, an override is removed or gets what it dropped.

They are not fixes, and are applied only when the user chooses them.
"""

from __future__ import annotations

from collections.abc import Iterator

from upsun_lint.lsp.features.relationship_forms import in_other_form
from upsun_rules.editing.blocks import delete
from upsun_rules.editing.copies import copy_lost
from upsun_rules.editing.moves import SCHEDULE, cron_from, stands_alone, worker_from
from upsun_rules.editing.soundness import Soundness
from upsun_rules.finding import Fix
from upsun_rules.lookups.running import consumes
from upsun_schema.configuration.inheritance import Effective
from upsun_schema.configuration.model import Worker
from upsun_schema.configuration.project import Project
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Alias, Mapping, Pair, Region, is_same
from upsun_schema.yaml.text import Span

__all__ = ["refactorings"]


def refactorings(project: Project, document: Document, span: Span) -> Iterator[Fix]:
    """The refactorings of the worker or the cron job in a part of a file; none in a part with a syntax error."""
    soundness = Soundness(project)
    yield from (fix for fix in _offered(project, document, span) if soundness.holds(fix))


def _offered(project: Project, document: Document, span: Span) -> Iterator[Fix]:
    pieces = {piece for base, piece in document.pieces if base <= span.end and span.start <= base + len(piece.text)}
    for application in project.applications.values():
        for worker in application.workers.values():
            if worker.key.piece in pieces:
                yield from _with_worker(worker, document, span)
        for container in (application, *application.instances):
            for relationship in container.relationships.values() if container.key.piece in pieces else ():
                if _touches(document, span, relationship.key.region, relationship.pair.value.region):
                    other = in_other_form(relationship)
                    if other is not None:
                        yield other
        for cron in application.crons.values():
            parts = (cron.entry("spec"), cron.entry("commands"), cron.entry("cmd"))
            if cron.key.piece in pieces and _touches(document, span, cron.key.region, *parts):
                edits = worker_from(cron)
                if edits is not None:
                    yield Fix(f"Make cron `{cron.name}` a worker", edits)


def _with_worker(worker: Worker, document: Document, span: Span) -> Iterator[Fix]:
    if not consumes(worker) and _touches(document, span, worker.key.region, worker.entry("commands")):
        edits = cron_from(worker, SCHEDULE)
        if edits is not None:
            yield Fix(f"Make worker `{worker.name}` a cron, `{SCHEDULE}`", edits)
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


def _with_override(worker: Worker, found: Effective, pair: Pair) -> Iterator[Fix]:
    """Remove an override that changes nothing, or copy what it dropped."""
    own = pair.value.resolved
    if found.replaced is None or worker.body is None or not _is_own(worker.pair, worker.body):
        return
    if is_same(pair.value, found.replaced.value):
        edits = delete(pair, worker.body) if stands_alone(pair.value) or isinstance(pair.value, Alias) else None
        if edits is not None:
            yield Fix(f"Remove `{found.name}` from the worker", tuple(edits))
    elif found.dropped and isinstance(own, Mapping) and own.entries and own.anchor is None:
        yield from copy_lost(found, found.dropped, f"Copy the lost {found.name} into the worker")


def _is_own(pair: Pair, body: Mapping | None) -> bool:
    """Whether no other key shares a body by an alias or a merge key."""
    return body is not None and pair.value is body and body.anchor is None
