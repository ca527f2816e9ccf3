"""Finding the projects in the client's folders, and answering requests about all projects in the meantime."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from upsun_lint.lsp.session.discovery import Discovery, Search
from upsun_lint.lsp.session.state import Session
from upsun_lint.lsp.session.workspace import OpenProject
from upsun_lint.writing.quoting import visible

__all__ = ["ProjectSearch"]

_PATIENCE = 0.5
"""How many seconds a request about all projects waits for the search, before it is answered with what is known."""


class ProjectSearch:
    """The search for projects. `done` is called each time it is over."""

    def __init__(self, server: LanguageServer, session: Session, done: Callable[[], None]) -> None:
        self._server = server
        self._session = session
        self._done = done
        self._discovery = Discovery(session.projects.found, self._searched)
        self._left_out: dict[str, str] = {}

    @property
    def is_over(self) -> bool:
        """Whether no search is running."""
        return self._discovery.is_over

    def start(self) -> None:
        """Look for projects in the client's folders."""
        self._discovery.start(self._session.projects.folders)

    def repeat(self) -> None:
        """Look for new projects, if the client does not report new files by itself."""
        if self._discovery.is_over and not self._session.client.watches_files:
            self.start()

    async def known(
        self, look: Callable[[OpenProject], object], is_known: Callable[[OpenProject], bool]
    ) -> list[OpenProject]:
        """The projects that are known after a short time, in which `look` makes more of them known."""
        until = time.monotonic() + _PATIENCE
        await self._discovery.wait(_PATIENCE)
        for open_project in self._session.projects.all():
            if not is_known(open_project) and time.monotonic() < until:
                await asyncio.sleep(0)
                look(open_project)
        return [one for one in self._session.projects.all() if is_known(one)]

    def _searched(self, searches: list[Search]) -> None:
        for search in searches:
            if search.left_out and self._left_out.get(search.folder) != search.left_out:
                self._left_out[search.folder] = search.left_out
                text = f"upsun-lint: the search for projects in {visible(search.folder)} skipped {search.left_out}"
                self._server.window_log_message(types.LogMessageParams(types.MessageType.Info, text))
        self._done()
