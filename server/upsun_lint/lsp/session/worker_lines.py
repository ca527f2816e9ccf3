"""The workers of a file, for hints and lenses."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_lint.lsp.session.requests import Request
from upsun_schema.configuration.model import Worker

__all__ = ["workers_of"]


def workers_of(request: Request) -> Iterator[Worker]:
    """The workers with a body whose keys are in the file, in the order of the project."""
    for application in request.project.applications.values():
        for worker in application.workers.values():
            if worker.body is not None and request.document.holds(worker.key.piece):
                yield worker
