"""Code lenses: show the effective configuration of a worker, and copy the command that opens a shell on it."""

from __future__ import annotations

from collections import Counter

from lsprotocol import types

from upsun_lint.lsp.greeting import COPY, SHOW_EFFECTIVE
from upsun_lint.lsp.session.requests import Request
from upsun_lint.lsp.session.worker_lines import workers_of
from upsun_lint.run.effective import reach
from upsun_lint.writing.quoting import visible

__all__ = ["lenses"]


def lenses(request: Request, params: types.CodeLensParams) -> list[types.CodeLens]:
    """The lenses of the workers of a file; none where the user has turned them off."""
    if not request.features.code_lenses:
        return []
    names = Counter(name for application in request.project.applications.values() for name in application.workers)
    found = []
    for worker in workers_of(request):
        where = request.region_range(worker.key.region)
        if where is None:
            continue
        ssh = reach(worker, unique=names[worker.name] == 1)
        show = types.Command("show effective configuration", SHOW_EFFECTIVE, arguments=[request.uri, worker.full_name])
        found.append(types.CodeLens(where, show))
        # A command with invisible characters must not be pasted into a shell.
        if visible(ssh) == ssh:
            found.append(types.CodeLens(where, types.Command(f"copy {ssh}", COPY, arguments=[ssh])))
    return found
