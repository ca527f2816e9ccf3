"""Sending diagnostics to the client: only what is new, and each kind in one way.

A client that asks for diagnostics ("pull") is answered and, if needed, requested to ask again. All other clients are
sent them ("push"). Only the problems of a settings file that is not open are pushed to every client, because no client
would ask for them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from upsun_lint.failure import Failure
from upsun_lint.lsp.garbage import Garbage
from upsun_lint.lsp.protocol import Json, UpsunProtocol
from upsun_lint.lsp.refreshing import Extras, Refresh
from upsun_lint.lsp.searching import ProjectSearch
from upsun_lint.lsp.session.diagnostics import Diagnostics, result_id
from upsun_lint.lsp.session.progress import ClientProgress
from upsun_lint.lsp.session.settings_file import broken_settings, is_settings_file, settings_diagnostics
from upsun_lint.lsp.session.state import Session
from upsun_lint.lsp.session.workspace import OpenProject
from upsun_lint.lsp.typing_pause import TypingPause
from upsun_lint.lsp.watching import Watcher
from upsun_lint.lsp.written import Written
from upsun_lint.writing.quoting import visible
from upsun_rules.finding import Finding

if TYPE_CHECKING:
    from upsun_lint.lsp.session.shell_reviews import ShellReviews

__all__ = ["Publisher"]

_PAUSE = 0.01
"""Seconds left for other messages between two projects that are checked in the background."""

_NOTHING = result_id([])


@dataclass(frozen=True, slots=True)
class _State:
    """The diagnostics of a project by URI, computed once for its findings, and an id for each list of them."""

    findings: list[Finding]
    made: Diagnostics
    ids: dict[str, str]

    @property
    def diagnostics(self) -> dict[str, list[types.Diagnostic]]:
        return self.made.by_uri


class Publisher:
    """Keeps the client's diagnostics, hints and lenses up to date."""

    def __init__(
        self,
        server: LanguageServer,
        protocol: UpsunProtocol,
        session: Session,
        search: ProjectSearch,
        watcher: Watcher,
    ) -> None:
        self._server = server
        self._protocol = protocol
        self._session = session
        self._search = search
        self._watcher = watcher
        self._dirty: dict[OpenProject, set[str]] = {}
        self._states: dict[OpenProject, _State] = {}
        self._seen: dict[OpenProject, dict[str, str]] = {}
        self._seen_settings: dict[str, str] = {}
        self._written = Written(protocol.fm.converter)
        self._pushed: dict[str, list[types.Diagnostic]] = {}
        self._pushed_for: dict[OpenProject, set[str]] = {}
        self._broken: dict[str, str] = {}
        self._answered_early = False
        self._rest: asyncio.Task[None] | None = None
        self._reviewing: dict[OpenProject, asyncio.Task[None]] = {}
        self._diagnostics = Refresh(server.workspace_diagnostic_refresh)
        self.extras = Extras(server, session)
        self._garbage = Garbage()
        self._pause = TypingPause(session, self._paused)

    # -- what changed --------------------------------------------------------------------------------------------

    def changed(self, open_project: OpenProject, uri: str = "") -> None:
        """Check a project again once all messages that have arrived are read.

        `uri` is a file whose new text came from the client; a client asks about that file by itself.
        """
        self._garbage.hold()
        if not self._dirty:
            _after_requests(self._read)
        self._dirty.setdefault(open_project, set()).add(uri)

    def typed(self, open_project: OpenProject, uri: str) -> None:
        """Check a project after a change of an open file; what is new on the edited line is shown after a pause."""
        self._pause.typed(open_project, uri)
        self.changed(open_project, uri)

    def opened(self, uri: str) -> None:
        """Note that a file was opened: the client may have forgotten its diagnostics when it was closed."""
        self._pause.forget(uri)
        self._pushed.pop(uri, None)

    def closed(self, uri: str) -> None:
        """Note that a file was closed, so nothing is typed in it."""
        self._pause.forget(uri)
        self._seen_settings.pop(uri, None)
        # From now on it is called what it is called on disk.
        spelled = self._session.projects.spelled(uri)
        if spelled != uri and (pushed := self._pushed.pop(uri, None)) is not None:
            self._pushed[spelled] = pushed
            for uris in self._pushed_for.values():
                if uri in uris:
                    uris.add(spelled)

    def _paused(self, open_project: OpenProject, uri: str) -> None:
        if not self._session.client.pulls_diagnostics:
            self._push_all(open_project)
        else:
            self._diagnostics.ask()

    def changed_all(self) -> None:
        """Check every project again that has been read."""
        for open_project in self._session.projects.projects:
            if open_project.is_read:
                self.changed(open_project)

    def close(self, open_project: OpenProject) -> None:
        """Forget a project that has no open file until it is needed again, and remove its diagnostics."""
        self._session.projects.drop(open_project)
        state = self._states.pop(open_project, None)
        for uri in state.diagnostics if state is not None else ():
            self._written.forget(uri)
            self._pause.forget(uri)
        for memory in (self._dirty, self._seen):
            memory.pop(open_project, None)
        self.extras.forget(open_project)
        for uri in self._pushed_for.pop(open_project, ()):
            self._withdraw(uri)
            if self._pushed.get(uri) == []:
                del self._pushed[uri]
        if not self._session.client.pulls_diagnostics:
            self._push_broken_settings()

    def _read(self) -> None:
        """Read what changed, and check it later: a request that arrives meanwhile goes first, as for completion."""
        _after_requests(self._look)
        for open_project in self._dirty:
            _ = open_project.project

    def _look(self) -> None:
        dirty, self._dirty = self._dirty, {}
        client = self._session.client
        for open_project, uris in dirty.items():
            projects = self._session.projects
            if projects.is_left(open_project) or not (client.pulls_diagnostics or projects.has_open_file(open_project)):
                self.close(open_project)
                continue
            # Of several files that changed, the client may have asked about one before another changed.
            asked_about = next(iter(uris)) if len(uris) == 1 else ""
            if not client.pulls_diagnostics:
                self._push_all(open_project)
            elif self._has_news(open_project, asked_about) and client.refreshes_diagnostics:
                self._diagnostics.ask()
            self.extras.changed(open_project, asked_about)
        self._push_broken_settings()
        self._watcher.watch_included()
        self._garbage.collect_in_pause()

    def _state(self, open_project: OpenProject) -> _State:
        findings = open_project.findings
        self._review(open_project)
        known = self._states.get(open_project)
        if known is None or known.findings is not findings:
            before = None if known is None else known.made
            made = Diagnostics(open_project, self._session.units, self._session.client, before)
            pulls = self._session.client.pulls_diagnostics
            ids = {uri: self._id(uri, diagnostics) for uri, diagnostics in made.by_uri.items()} if pulls else {}
            known = self._states[open_project] = _State(findings, made, ids)
        return known

    def _id(self, uri: str, diagnostics: list[types.Diagnostic]) -> str:
        return result_id(self._written.texts(uri, diagnostics))

    def _has_news(self, open_project: OpenProject, asked_about: str) -> bool:
        """Whether diagnostics changed in a file other than the one that the client asks about by itself."""
        before, after = self._seen.get(open_project, {}), self._state(open_project).ids
        self._seen[open_project] = dict(after)
        return any(before.get(uri, _NOTHING) != after.get(uri, _NOTHING) for uri in {*before, *after} - {asked_about})

    # -- ShellCheck ----------------------------------------------------------------------------------------------

    def _review(self, open_project: OpenProject) -> None:
        """Have ShellCheck read what it has not read, and show what it finds."""
        reviews = open_project.reviews
        if reviews is not None and reviews.is_waiting and open_project not in self._reviewing:
            self._reviewing[open_project] = asyncio.create_task(self._finish_review(open_project, reviews))

    async def _finish_review(self, open_project: OpenProject, reviews: ShellReviews) -> None:
        try:
            await reviews.catch_up()
        except Failure as failure:
            text = f"upsun-lint: {visible(str(failure))}"
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))
        else:
            open_project.forget_findings()
            if open_project in self._session.projects.projects:  # It may have been closed meanwhile.
                self.changed(open_project)
        finally:
            del self._reviewing[open_project]

    # -- push ----------------------------------------------------------------------------------------------------

    def _push_all(self, open_project: OpenProject) -> None:
        found = self._state(open_project).diagnostics
        gone = self._pushed_for.get(open_project, set()) - found.keys()
        self._pushed_for[open_project] = set(found)
        for uri in gone:
            self._withdraw(uri)
        for uri, diagnostics in found.items():
            self._push(uri, self._pause.shown(uri, diagnostics))

    def _withdraw(self, uri: str) -> None:
        """Remove the diagnostics of a file that is no longer part of a project, if it is not part of another."""
        if uri in self._pushed:
            others = (self._states[one].diagnostics.get(uri) for one, uris in self._pushed_for.items() if uri in uris)
            self._push(uri, next(filter(None, others), []))

    def _push(self, uri: str, diagnostics: list[types.Diagnostic]) -> None:
        """Send the diagnostics of a file if they changed. An open file is also sent its first, empty list."""
        version = self._version(uri)
        if self._pushed.get(uri, [] if version is None else None) != diagnostics:
            self._pushed[uri] = diagnostics
            self._publish(uri, diagnostics, version)

    def _publish(self, uri: str, diagnostics: list[types.Diagnostic], version: int | None) -> None:
        of_version = "" if version is None else f', "version": {version}'
        listed = ", ".join(self._written.texts(uri, diagnostics))
        params = f'{{"uri": {json.dumps(uri)}, "diagnostics": [{listed}]{of_version}}}'
        self._protocol.notify_json(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)

    def _version(self, uri: str) -> int | None:
        buffer = self._session.projects.buffer(uri)
        return buffer.version if buffer is not None else None

    # -- settings files ------------------------------------------------------------------------------------------

    def settings_touched(self, uri: str) -> None:
        """Publish the problems of a settings file that was opened, changed or closed; other files are ignored."""
        if not is_settings_file(uri):
            return
        uri = self._session.projects.spelled(uri)
        if self._session.client.pulls_diagnostics:
            self._broken.pop(uri, None)
            self._push(uri, [])
        else:
            self._push(uri, self._of_settings(uri))
        self._push_broken_settings()

    def settings_sources_touched(self) -> None:
        """Say again what is wrong with the open settings files, if a file that they name may have changed."""
        client = self._session.client
        for uri in filter(is_settings_file, self._session.projects.open_uris):
            found = self._of_settings(uri)
            if not client.pulls_diagnostics:
                self._push(uri, found)
            elif client.refreshes_diagnostics and self._seen_settings.get(uri, _NOTHING) != self._id(uri, found):
                self._diagnostics.ask()

    def _of_settings(self, uri: str) -> list[types.Diagnostic]:
        buffer = self._session.projects.buffer(uri) if is_settings_file(uri) else None
        return [] if buffer is None else settings_diagnostics(buffer.text, self._session.units, to_fs_path(uri))

    def _is_open_settings(self, uri: str) -> bool:
        return is_settings_file(uri) and self._session.projects.buffer(uri) is not None

    def _push_broken_settings(self) -> None:
        """Publish what is wrong with settings files on disk that cannot be used, and clear what was fixed."""
        failures = [project.settings_failure for project in self._session.projects.projects]
        broken = {self._session.projects.uri(one.path): one for one in failures if one is not None}
        for uri in [uri for uri in self._broken if uri not in broken]:
            del self._broken[uri]
            if not self._is_open_settings(uri):
                self._push(uri, [])
        for uri, failure in broken.items():
            # For an open file, its text in the editor counts.
            if self._is_open_settings(uri) or self._broken.get(uri) == failure.message:
                continue
            self._broken[uri] = failure.message
            self._push(uri, broken_settings(failure, self._session.units))
            if self._session.client.pulls_diagnostics:
                # Such a client may show only what it asks for, and it asks only about open files.
                text = f"upsun-lint: the settings are not used: {visible(failure.message)}"
                self._server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))

    # -- pull ----------------------------------------------------------------------------------------------------

    def pull(self, uri: str, previous: str | None) -> types.RelatedUnchangedDocumentDiagnosticReport | Json:
        """The diagnostics of one file, or that they are still those with the id `previous`."""
        uri = self._session.projects.spelled(uri)
        view = self._session.projects.view(uri)
        diagnostics = self._of_settings(uri) if view is None else self._state(view.project).diagnostics.get(uri, [])
        diagnostics = self._pause.shown(uri, diagnostics)
        texts = self._written.texts(uri, diagnostics)
        found = result_id(texts)
        if view is not None:
            self._seen.setdefault(view.project, {})[uri] = found
        elif is_settings_file(uri):
            self._seen_settings[uri] = found
        if found == previous:
            return types.RelatedUnchangedDocumentDiagnosticReport(found)
        return Json(f'{{"kind": "full", "resultId": "{found}", "items": [{", ".join(texts)}]}}')

    async def pull_all(self, params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        """The diagnostics of all files in the client's folders; unchanged ones by their id, none for deleted files."""
        previous = {self._session.projects.spelled(one.uri): one.value for one in params.previous_result_ids}
        for open_project in self._session.projects.left():
            self.close(open_project)
        left = dict.fromkeys(previous)
        items: list[types.WorkspaceDocumentDiagnosticReport] = []
        with ClientProgress(self._server, params.work_done_token) as progress:
            for open_project in await self._checked():
                await progress.step(open_project.root)
                state = self._state(open_project)
                # About an open file, a client believes only what it asked about that file.
                closed = {uri: one for uri, one in state.ids.items() if self._version(uri) is None}
                self._seen.setdefault(open_project, {}).update(closed)
                found = [
                    self._item(uri, self._pause.shown(uri, some), previous) for uri, some in state.diagnostics.items()
                ]
                for uri in state.diagnostics:
                    left.pop(uri, None)
                items += self._sent(params.partial_result_token, found)
        if self._answered_early:
            left.clear()  # A file that was not checked yet is not deleted.
        gone = [self._item(uri, self._of_settings(uri), previous) for uri in left]
        items += self._sent(params.partial_result_token, gone)
        self._push_broken_settings()
        return types.WorkspaceDiagnosticReport(items)

    def _item(
        self, uri: str, diagnostics: list[types.Diagnostic], previous: dict[str, str]
    ) -> types.WorkspaceDocumentDiagnosticReport:
        version, found = self._version(uri), self._id(uri, diagnostics)
        if previous.get(uri) == found:
            return types.WorkspaceUnchangedDocumentDiagnosticReport(uri=uri, result_id=found, version=version)
        return types.WorkspaceFullDocumentDiagnosticReport(uri=uri, items=diagnostics, version=version, result_id=found)

    def _sent(
        self, token: types.ProgressToken | None, items: list[types.WorkspaceDocumentDiagnosticReport]
    ) -> list[types.WorkspaceDocumentDiagnosticReport]:
        """Send items to a client that wants partial results; return what is left for the final answer."""
        if token is None or not items:
            return items
        part = types.WorkspaceDiagnosticReportPartialResult(items)
        self._server.protocol.notify(types.PROGRESS, types.ProgressParams(token=token, value=part))
        return []

    async def _checked(self) -> list[OpenProject]:
        """The projects that could be found and checked in a short time.

        The rest is checked in the background; then the client is requested to ask again.
        """
        known = await self._search.known(self._state, lambda one: one in self._states)
        self._answered_early = len(known) < len(self._session.projects.all()) or not self._search.is_over
        if self._answered_early:
            self._check_later()
        return known

    def searched(self) -> None:
        """Check the projects of a finished search, if a client was answered before it was over."""
        if self._answered_early:
            self._check_later()

    def _check_later(self) -> None:
        if self._rest is None:
            self._rest = asyncio.create_task(self._check_rest())

    async def _check_rest(self) -> None:
        while rest := [one for one in self._session.projects.all() if one not in self._states]:
            await asyncio.sleep(_PAUSE)
            self._state(rest[0])
        self._rest = None
        if self._search.is_over:
            self._ask_again()

    def _ask_again(self) -> None:
        if self._answered_early and self._session.client.refreshes_diagnostics:
            self._diagnostics.ask()
        self._answered_early = False


def _after_requests(do: Callable[[], None], turns: int = 5) -> None:
    """Do something once the requests that have arrived are answered: that takes four turns of the event loop."""
    loop = asyncio.get_running_loop()
    if turns == 1:
        loop.call_soon(do)
    else:
        loop.call_soon(_after_requests, do, turns - 1)
