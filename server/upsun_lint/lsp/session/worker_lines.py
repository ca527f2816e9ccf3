"""The workers of a file, for what is shown beside each of them."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_lint.lsp.session.requests import Request
from upsun_schema.configuration.model import Worker

__all__ = ["workers_of"]


def workers_of(request: Request) -> Iterator[Worker]:
    """Yield the workers whose names stand in a file, in the order of the project; those without a body are left out."""
    for application in request.project.applications.values():
        for worker in application.workers.values():
            if worker.body is not None and request.document.holds(worker.key.piece):
                yield worker
