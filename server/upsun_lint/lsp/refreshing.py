"""Requests to the client to ask again: for diagnostics, inlay hints and code lenses."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from upsun_lint.lsp.session.diagnostics import result_id
from upsun_lint.lsp.session.state import Session
from upsun_lint.lsp.session.workspace import OpenProject
from upsun_schema.configuration.project import Project
from upsun_schema.yaml.document import Document

__all__ = ["Extras", "Refresh"]


class Refresh:
    """One kind of request to ask again. A second one waits until the client has answered the first."""

    def __init__(self, send: Callable[[None], Future[Any]]) -> None:
        self._send = send
        self._is_waiting = False
        self._is_due = False

    def ask(self) -> None:
        """Send the request now, or once the one before it is answered."""
        if self._is_waiting:
            self._is_due = True
            return
        self._is_waiting = True
        self._send(None).add_done_callback(self._answered)

    def _answered(self, future: Future[Any]) -> None:
        self._is_waiting = False
        if self._is_due and not future.cancelled():
            self._is_due = False
            self.ask()


class Extras:
    """The inlay hints and code lenses of open files, which can change when another file does."""

    def __init__(self, server: LanguageServer, session: Session) -> None:
        self._session = session
        self._shown: dict[OpenProject, dict[str, str]] = {}
        self._files: dict[OpenProject, set[str]] = {}
        self._answered: dict[OpenProject, dict[str, Project]] = {}
        self._hints = Refresh(server.workspace_inlay_hint_refresh)
        self._lenses = Refresh(server.workspace_code_lens_refresh)

    def refresh(self) -> None:
        """Have the client ask again, as far as it can."""
        if self._session.client.refreshes_hints:
            self._hints.ask()
        if self._session.client.refreshes_lenses:
            self._lenses.ask()

    def answered(self, open_project: OpenProject, uri: str) -> None:
        """Note that the client gets the hints or lenses of a file in the current state of its project."""
        self._answered.setdefault(open_project, {})[uri] = open_project.project

    def changed(self, open_project: OpenProject, asked_about: str) -> None:
        """Have the client ask again if what is shown changed in an open file that it does not ask about by itself."""
        client, project = self._session.client, open_project.project
        shown = [uri for document in project.all_documents if (uri := self._open(open_project, document))]
        # A state that came and went between two looks may have been answered.
        outdated = {uri for uri, state in self._answered.pop(open_project, {}).items() if state is not project}
        if not (client.refreshes_hints or client.refreshes_lenses):
            return
        gone = self._files.get(open_project, set()).difference(shown)
        self._files[open_project] = set(shown)
        before, after = self._shown.pop(open_project, {}), {}
        if shown not in ([], [asked_about]):
            after = self._shown[open_project] = {uri: self._fingerprint(uri) for uri in shown}
        # One of which nothing is known may have been asked about before it was one of several.
        new = {uri for uri, one in after.items() if uri in outdated or before.get(uri) != one}
        if {one for one in new | gone if self._session.projects.buffer(one) is not None} - {asked_about}:
            self.refresh()

    def forget(self, open_project: OpenProject) -> None:
        """Forget what was shown for a project."""
        for memory in (self._shown, self._files, self._answered):
            memory.pop(open_project, None)

    def _open(self, open_project: OpenProject, document: Document) -> str | None:
        uri = open_project.uri(document)
        return uri if self._session.projects.buffer(uri) is not None else None

    def _fingerprint(self, uri: str) -> str:
        from upsun_lint.lsp.features.hints import hints
        from upsun_lint.lsp.features.lenses import lenses

        request = self._session.request(uri)
        if request is None:
            return ""
        file = types.TextDocumentIdentifier(uri)
        whole = types.Range(types.Position(0, 0), types.Position(len(request.document.lines), 0))
        shown = [*hints(request, types.InlayHintParams(file, whole)), *lenses(request, types.CodeLensParams(file))]
        return result_id(map(repr, shown))
