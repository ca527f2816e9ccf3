"""Waits for a pause in typing before a line that is not finished yet gets new diagnostics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lsprotocol import types

from upsun_lint.lsp.session.state import Session
from upsun_lint.lsp.session.workspace import OpenProject

__all__ = ["TypingPause"]


class TypingPause:
    """Holds back diagnostics that are new on the line edited last. All others are shown at once."""

    def __init__(self, session: Session, resume: Callable[[OpenProject, str], None]) -> None:
        """`resume` is called after a pause for a file (its URI) with diagnostics that were held back."""
        self._session = session
        self._resume = resume
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._known: dict[str, list[types.Diagnostic]] = {}
        self._holding: set[str] = set()

    def typed(self, open_project: OpenProject, uri: str) -> None:
        """Wait for a pause after a change of an open file."""
        self._cancel(uri)
        pause = self._session.features.typing_pause / 1000
        if pause and self._can_resume:
            loop = asyncio.get_running_loop()
            self._timers[uri] = loop.call_later(pause, self._paused, open_project, uri)

    def forget(self, uri: str) -> None:
        """Forget a file that was opened or closed: all its diagnostics are shown."""
        self._cancel(uri)
        self._known.pop(uri, None)
        self._holding.discard(uri)

    def shown(self, uri: str, diagnostics: list[types.Diagnostic]) -> list[types.Diagnostic]:
        """The diagnostics of a file that are shown now."""
        buffer = self._session.projects.buffer(uri)
        self._holding.discard(uri)
        if uri in self._timers and buffer is not None and buffer.edited_line is not None:
            known, line = set(map(_key, self._known.get(uri, ()))), buffer.edited_line
            kept = [one for one in diagnostics if one.range.start.line != line or _key(one) in known]
            if len(kept) < len(diagnostics):
                self._holding.add(uri)
                diagnostics = kept
        self._known[uri] = diagnostics
        return diagnostics

    @property
    def _can_resume(self) -> bool:
        """Whether a client would learn of diagnostics that are shown later."""
        client = self._session.client
        return client.refreshes_diagnostics or not client.pulls_diagnostics

    def _cancel(self, uri: str) -> None:
        timer = self._timers.pop(uri, None)
        if timer is not None:
            timer.cancel()

    def _paused(self, open_project: OpenProject, uri: str) -> None:
        del self._timers[uri]
        if uri in self._holding:
            self._resume(open_project, uri)


def _key(diagnostic: types.Diagnostic) -> tuple[object, str]:
    return diagnostic.code, diagnostic.message
