"""A progress bar for work that takes longer than a second."""

from __future__ import annotations

import asyncio
import os
import time

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from upsun_lint.writing.quoting import visible

__all__ = ["ClientProgress"]


class ClientProgress:
    """A progress bar, if the client sent a token for it."""

    def __init__(self, server: LanguageServer, token: types.ProgressToken | None) -> None:
        self._server = server
        self._token = token
        self._started = time.monotonic()
        self._shown = False

    async def step(self, path: str) -> None:
        """Handle other messages, then show which project is being checked."""
        await asyncio.sleep(0)
        if self._token is None or time.monotonic() - self._started < 1:
            return
        if not self._shown:
            self._shown = True
            begin = types.WorkDoneProgressBegin(title="Checking Upsun projects", cancellable=True)
            self._server.work_done_progress.begin(self._token, begin)
        report = types.WorkDoneProgressReport(message=visible(os.path.basename(path)))
        self._server.work_done_progress.report(self._token, report)

    def __enter__(self) -> ClientProgress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown and self._token is not None:
            self._server.work_done_progress.end(self._token, types.WorkDoneProgressEnd())
            # pygls would keep the token.
            self._server.work_done_progress.tokens.pop(self._token, None)
