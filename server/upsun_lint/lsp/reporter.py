"""What the client was told about its files, so that it is told what is new, and nothing else.

Diagnostics are pulled by clients that ask for them and pushed to the others, never both. Only what is wrong with a
settings file that is not open is pushed to everybody: nobody would ask for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import from_fs_path

from upsun_lint.lsp.features.hints import hints
from upsun_lint.lsp.features.lenses import lenses
from upsun_lint.lsp.session.diagnostics import diagnostics_of, result_id
from upsun_lint.lsp.session.progress import ClientProgress
from upsun_lint.lsp.session.settings_file import broken_settings, is_settings_file, settings_diagnostics
from upsun_lint.lsp.session.workspace import OpenProject
from upsun_lint.writing.quoting import visible
from upsun_rules.finding import Finding
from upsun_schema.yaml.document import Document

if TYPE_CHECKING:
    from upsun_lint.lsp.server import UpsunServer

__all__ = ["Reporter", "known_projects"]

_PATIENCE = 0.5
"""How many seconds a question about all projects waits for the search for them, before it gets what is known."""

_PAUSE = 0.01
"""How many seconds belong to other messages between two projects that nobody waits for."""

_NOTHING = result_id([])


@dataclass(frozen=True, slots=True)
class _State:
    """The diagnostics of a project by URI, made once for its findings, and a name for each list of them."""

    findings: list[Finding]
    diagnostics: dict[str, list[types.Diagnostic]]
    ids: dict[str, str]


class _Refresh:
    """A request to the client to ask again. Another one waits until the client has answered the first."""

    def __init__(self, send: Callable[[None], Future[Any]]) -> None:
        self._send = send
        self._is_waiting = False
        self._is_due = False

    def ask(self) -> None:
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


async def known_projects(
    server: UpsunServer, look: Callable[[OpenProject], object], is_known: Callable[[OpenProject], bool]
) -> list[OpenProject]:
    """Return the projects in the client's folders that are known, after a moment in which more are looked at."""
    until = time.monotonic() + _PATIENCE
    await server.discovery.wait(_PATIENCE)
    for open_project in server.projects.all():
        if not is_known(open_project) and time.monotonic() < until:
            await asyncio.sleep(0)
            look(open_project)
    return [one for one in server.projects.all() if is_known(one)]


class Reporter:
    """Tells a server's client what is new."""

    def __init__(self, server: UpsunServer) -> None:
        self._server = server
        self._dirty: dict[OpenProject, set[str]] = {}
        self._states: dict[OpenProject, _State] = {}
        self._seen: dict[OpenProject, dict[str, str]] = {}
        self._pushed: dict[str, tuple[int | None, list[types.Diagnostic]]] = {}
        self._extras: dict[OpenProject, dict[str, str]] = {}
        self._broken: dict[str, str] = {}
        self._answered_early = False
        self._rest: asyncio.Task[None] | None = None
        self._diagnostics = _Refresh(server.workspace_diagnostic_refresh)
        self._hints = _Refresh(server.workspace_inlay_hint_refresh)
        self._lenses = _Refresh(server.workspace_code_lens_refresh)

    # -- what changed --------------------------------------------------------------------------------------------

    def changed(self, open_project: OpenProject, uri: str = "") -> None:
        """Note that a project is to be looked at as soon as everything that has arrived is read.

        `uri` is a file whose new text came from the client, which then asks about that file by itself.
        """
        if not self._dirty:
            # Whoever waits for an answer goes first: a request takes two turns of the loop, this the third.
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, loop.call_soon, self._look)
        self._dirty.setdefault(open_project, set()).add(uri)

    def changed_all(self) -> None:
        """Note that every project is to be looked at that ever was."""
        for open_project in self._server.projects.projects:
            if open_project.is_read:
                self.changed(open_project)

    def forget(self, open_project: OpenProject) -> None:
        """Take back what was said of a project whose last file was closed."""
        for memory in (self._dirty, self._states, self._seen, self._extras):
            memory.pop(open_project, None)
        if not self._server.client.pulls_diagnostics:
            for document in open_project.project.all_documents:
                uri = open_project.uri(document)
                if self._pushed.pop(uri, (None, []))[1]:
                    self._publish(uri, [], None)

    def _look(self) -> None:
        """Tell the client what is new in the projects that changed."""
        dirty, self._dirty = self._dirty, {}
        client = self._server.client
        for open_project, uris in dirty.items():
            if not client.pulls_diagnostics:
                self._push_all(open_project)
            elif self._has_news(open_project, uris) and client.refreshes_diagnostics:
                self._diagnostics.ask()
            if self._shows_other_extras(open_project, uris):
                self.refresh_extras()
        self._tell_broken_settings()
        self._server.watch_included()

    def _state(self, open_project: OpenProject) -> _State:
        findings = open_project.findings
        known = self._states.get(open_project)
        if known is None or known.findings is not findings:
            found = diagnostics_of(open_project, self._server.units, self._server.client)
            pulls = self._server.client.pulls_diagnostics
            ids = {uri: result_id(diagnostics) for uri, diagnostics in found.items()} if pulls else {}
            known = self._states[open_project] = _State(findings, found, ids)
        return known

    def _has_news(self, open_project: OpenProject, uris: set[str]) -> bool:
        """Return whether anything is new in the files of a project other than those that the client asks about."""
        before, after = self._seen.get(open_project, {}), self._state(open_project).ids
        self._seen[open_project] = dict(after)
        return any(before.get(uri, _NOTHING) != after.get(uri, _NOTHING) for uri in {*before, *after} - uris)

    # -- pushed --------------------------------------------------------------------------------------------------

    def _push_all(self, open_project: OpenProject) -> None:
        found = self._state(open_project).diagnostics
        gone = [uri for uri, (_, diagnostics) in self._pushed.items() if diagnostics and uri not in found]
        for uri in gone:
            if open_project.encloses(uri) and uri not in self._broken and not is_settings_file(uri):
                self._push(uri, [])
        for uri, diagnostics in found.items():
            self._push(uri, diagnostics)

    def _push(self, uri: str, diagnostics: list[types.Diagnostic]) -> None:
        buffer = self._server.projects.buffer(uri)
        version = buffer.version if buffer is not None else None
        if self._pushed.get(uri, (None, [])) != (version, diagnostics):
            self._pushed[uri] = version, diagnostics
            self._publish(uri, diagnostics, version)

    def _publish(self, uri: str, diagnostics: list[types.Diagnostic], version: int | None) -> None:
        self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    # -- settings files ------------------------------------------------------------------------------------------

    def settings_touched(self, uri: str) -> None:
        """Tell what is wrong with a settings file that was opened, changed or closed; nothing for other files."""
        if not is_settings_file(uri):
            return
        if self._server.client.pulls_diagnostics:
            self._broken.pop(uri, None)
            self._push(uri, [])
        else:
            self._push(uri, self._of_settings(uri))
        self._tell_broken_settings()

    def _of_settings(self, uri: str) -> list[types.Diagnostic]:
        buffer = self._server.projects.buffer(uri)
        return [] if buffer is None else settings_diagnostics(buffer.text, self._server.units)

    def _tell_broken_settings(self) -> None:
        """Tell what is wrong with settings files on disk that cannot be used, and when they can be again."""
        failures = [project.settings_failure for project in self._server.projects.projects]
        broken = {from_fs_path(one.path) or "": one for one in failures if one is not None}
        for uri in [uri for uri in self._broken if uri not in broken]:
            del self._broken[uri]
            if not (is_settings_file(uri) and self._server.projects.buffer(uri)):
                self._push(uri, [])
        for uri, failure in broken.items():
            if is_settings_file(uri) and self._server.projects.buffer(uri):
                continue  # Its editor is told about the text that is open.
            if self._broken.get(uri) == failure.message:
                continue
            self._broken[uri] = failure.message
            self._push(uri, broken_settings(failure, self._server.units))
            if self._server.client.pulls_diagnostics:
                # Such a client may show only what it asks for, and it asks for files that are open.
                text = f"upsun-lint: the settings are not used: {visible(failure.message)}"
                self._server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))

    # -- pulled --------------------------------------------------------------------------------------------------

    def pull(self, uri: str, previous: str | None) -> types.DocumentDiagnosticReport:
        """Answer a client that asks for the diagnostics of a file."""
        view = self._server.projects.view(uri)
        if view is None:
            diagnostics = self._of_settings(uri) if is_settings_file(uri) else []
        else:
            diagnostics = self._state(view.project).diagnostics.get(uri, [])
        found = result_id(diagnostics)
        if view is not None:
            self._seen.setdefault(view.project, {})[uri] = found
        if found == previous:
            return types.RelatedUnchangedDocumentDiagnosticReport(found)
        return types.RelatedFullDocumentDiagnosticReport(diagnostics, result_id=found)

    async def pull_all(self, params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        """Answer a client that asks for the diagnostics of everything in its folders.

        What it has already is only named; of a file that is gone it hears that nothing is wrong.
        """
        previous = {one.uri: one.value for one in params.previous_result_ids}
        left = dict.fromkeys(previous)
        items: list[types.WorkspaceDocumentDiagnosticReport] = []
        with ClientProgress(self._server, params.work_done_token) as progress:
            for open_project in await self._checked():
                await progress.step(open_project.root)
                state = self._state(open_project)
                self._seen[open_project] = dict(state.ids)
                found = [self._item(uri, state.diagnostics[uri], previous) for uri in state.diagnostics]
                for uri in state.diagnostics:
                    left.pop(uri, None)
                items += self._sent(params.partial_result_token, found)
        if self._answered_early:
            left.clear()  # What was not looked at yet is not gone.
        gone = [self._item(uri, self._of_settings(uri) if is_settings_file(uri) else [], previous) for uri in left]
        items += self._sent(params.partial_result_token, gone)
        return types.WorkspaceDiagnosticReport(items)

    def _item(
        self, uri: str, diagnostics: list[types.Diagnostic], previous: dict[str, str]
    ) -> types.WorkspaceDocumentDiagnosticReport:
        buffer = self._server.projects.buffer(uri)
        version = buffer.version if buffer is not None else None
        found = result_id(diagnostics)
        if previous.get(uri) == found:
            return types.WorkspaceUnchangedDocumentDiagnosticReport(uri=uri, result_id=found, version=version)
        return types.WorkspaceFullDocumentDiagnosticReport(uri=uri, items=diagnostics, version=version, result_id=found)

    def _sent(
        self, token: types.ProgressToken | None, items: list[types.WorkspaceDocumentDiagnosticReport]
    ) -> list[types.WorkspaceDocumentDiagnosticReport]:
        """Send a part of an answer to a client that wants parts; return what is left for the end."""
        if token is None or not items:
            return items
        part = types.WorkspaceDiagnosticReportPartialResult(items)
        self._server.protocol.notify(types.PROGRESS, types.ProgressParams(token=token, value=part))
        return []

    async def _checked(self) -> list[OpenProject]:
        """Return the projects in the client's folders that were found and checked within a moment.

        The others are checked between other messages, and then the client is to ask again.
        """
        known = await known_projects(self._server, self._state, lambda one: one in self._states)
        self._answered_early = len(known) < len(self._server.projects.all()) or not self._server.discovery.is_over
        if self._answered_early:
            self._check_later()
        return known

    def searched(self) -> None:
        """Note that the search for projects is over."""
        if self._answered_early:
            self._check_later()

    def _check_later(self) -> None:
        if self._rest is None:
            self._rest = asyncio.create_task(self._check_rest())

    async def _check_rest(self) -> None:
        while rest := [one for one in self._server.projects.all() if one not in self._states]:
            await asyncio.sleep(_PAUSE)
            self._state(rest[0])
        self._rest = None
        if self._server.discovery.is_over:
            self._ask_again()

    def _ask_again(self) -> None:
        if self._answered_early and self._server.client.refreshes_diagnostics:
            self._diagnostics.ask()
        self._answered_early = False

    # -- what is shown at a glance -------------------------------------------------------------------------------

    def refresh_extras(self) -> None:
        """Have the client ask again for hints and lenses."""
        if self._server.client.refreshes_hints:
            self._hints.ask()
        if self._server.client.refreshes_lenses:
            self._lenses.ask()

    def _shows_other_extras(self, open_project: OpenProject, uris: set[str]) -> bool:
        """Return whether the hints or lenses changed in an open file that did not change itself."""
        client = self._server.client
        shown = [uri for document in open_project.project.all_documents if (uri := self._open(open_project, document))]
        if len(shown) < 2 or not (client.refreshes_hints or client.refreshes_lenses):
            self._extras.pop(open_project, None)
            return False
        before = self._extras.get(open_project, {})
        after = self._extras[open_project] = {uri: self._extras_of(uri) for uri in shown}
        return any(before.get(uri, one) != one for uri, one in after.items() if uri not in uris)

    def _open(self, open_project: OpenProject, document: Document) -> str | None:
        uri = open_project.uri(document)
        return uri if self._server.projects.buffer(uri) is not None else None

    def _extras_of(self, uri: str) -> str:
        request = self._server.request(uri)
        if request is None:
            return ""
        file = types.TextDocumentIdentifier(uri)
        whole = types.Range(types.Position(0, 0), types.Position(len(request.document.lines), 0))
        return result_id(
            [*hints(request, types.InlayHintParams(file, whole)), *lenses(request, types.CodeLensParams(file))]
        )
