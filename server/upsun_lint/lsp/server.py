"""The wiring: which function answers which message. The functions are in the other modules of this package."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import time
from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from upsun_lint import __version__
from upsun_lint.image_updates import load
from upsun_lint.lsp import actions, configuration
from upsun_lint.lsp.client import Client
from upsun_lint.lsp.commands import COMMANDS, Command
from upsun_lint.lsp.configuration import Configuration, Features
from upsun_lint.lsp.diagnostics import diagnostics_of, result_id
from upsun_lint.lsp.features import FEATURES
from upsun_lint.lsp.positions import Units
from upsun_lint.lsp.protocol import UpsunProtocol
from upsun_lint.lsp.requests import Request
from upsun_lint.lsp.settings_file import is_settings_file, settings_diagnostics
from upsun_lint.lsp.symbols import workspace_symbols
from upsun_lint.lsp.workspace import OpenProject, Workspace

__all__ = ["UpsunServer", "make_server"]

_WATCHED = ("**/.upsun/**", "**/.upsun-lint.toml", "**/pyproject.toml")


class UpsunServer(LanguageServer):
    """The language server: an editor's workspace, its client, and what the client was told."""

    def __init__(self) -> None:
        super().__init__(
            "upsun-lint",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Full,
            protocol_cls=UpsunProtocol,
        )
        images, _ = load()
        self.projects = Workspace(images)
        self.client = Client()
        self.units = Units(None)
        self.features = Features()
        self.initial = configuration.read(None)
        self._told: dict[str, str] = {}
        self._pushed: dict[str, tuple[int | None, list[types.Diagnostic]]] = {}
        self._dirty: dict[OpenProject, set[str]] = {}
        self._watched: set[str] = set()

    @property
    def upsun_protocol(self) -> UpsunProtocol:
        """The protocol, as the kind it is."""
        assert isinstance(self.protocol, UpsunProtocol)
        return self.protocol

    def request(self, uri: str) -> Request | None:
        """Return what a feature needs to know of a file; None for a file that is none of ours."""
        view = self.projects.view(uri)
        return None if view is None else Request(self.projects, *view, self.units, self.client, self.features)

    # -- diagnostics ---------------------------------------------------------------------------------------------

    def changed(self, open_project: OpenProject | None, uri: str = "") -> None:
        """Note that a project is to be looked at as soon as everything that has arrived is read."""
        if open_project is None:
            return
        if not self._dirty:
            # Whoever waits for an answer goes first: a request takes two turns of the loop, this the third.
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, loop.call_soon, self._look)
        self._dirty.setdefault(open_project, set()).add(uri)

    def changed_all(self) -> None:
        """Note that every project is to be looked at."""
        for open_project in self.projects.projects:
            self.changed(open_project)

    def _look(self) -> None:
        """Tell the client what is new in the projects that changed."""
        dirty, self._dirty = self._dirty, {}
        refresh = False
        for open_project, uris in dirty.items():
            found = diagnostics_of(open_project, self.units, self.client)
            if self.client.pulls_diagnostics:
                refresh = refresh or any(
                    self._told.get(uri, result_id([])) != result_id(diagnostics)
                    for uri, diagnostics in found.items()
                    if uri not in uris
                )
            else:
                self._push(self._gone(open_project, found) | found)
        if refresh and self.client.refreshes_diagnostics:
            self.workspace_diagnostic_refresh(None)
        # Of the file that changed the client asks by itself; what other files show may depend on it.
        if any(len(open_project.project.documents) > 1 for open_project in dirty):
            self._refresh_extras()
        self._watch_included()

    def _watch_included(self) -> None:
        """Have the client tell when a file changes that a project includes from outside `.upsun`, as scripts are."""
        projects = [one.project for one in self.projects.projects] if self.client.watches_files else []
        paths = {path for project in projects for path in (*project.included, *project.texts)}
        # What means something else in a pattern cannot be watched; such names are not given to files that matter.
        found = {f"**/{path}" for path in paths if not path.startswith(".upsun/") and not set(path) & set("*?{}[]")}
        if found == self._watched:
            return
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        if self._watched:
            gone = types.Unregistration("watch-included", method)
            self.client_unregister_capability(types.UnregistrationParams([gone]))
        if found:
            watchers = [types.FileSystemWatcher(pattern) for pattern in sorted(found)]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            added = types.Registration("watch-included", method, options)
            self.client_register_capability(types.RegistrationParams([added]))
        self._watched = found

    def _gone(
        self, open_project: OpenProject, found: dict[str, list[types.Diagnostic]]
    ) -> dict[str, list[types.Diagnostic]]:
        """Return nothing for each file that something was told of, and that is no longer part of its project."""
        told = [uri for uri, (_, diagnostics) in self._pushed.items() if diagnostics and uri not in found]
        return {uri: [] for uri in told if not is_settings_file(uri) and open_project.encloses(uri)}

    def _push(self, found: dict[str, list[types.Diagnostic]]) -> None:
        for uri, diagnostics in found.items():
            buffer = self.projects.buffer(uri)
            version = buffer.version if buffer is not None else None
            if self._pushed.get(uri, (None, [])) == (version, diagnostics):
                continue
            self._pushed[uri] = version, diagnostics
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    def _refresh_extras(self) -> None:
        """Have the client ask anew for what is shown at a glance."""
        if self.client.refreshes_hints:
            self.workspace_inlay_hint_refresh(None)
        if self.client.refreshes_lenses:
            self.workspace_code_lens_refresh(None)

    def forget(self, open_project: OpenProject) -> None:
        """Take back what was said of a project whose last file was closed, and let go of it."""
        if self.client.pulls_diagnostics:
            return
        for document in open_project.project.all_documents:
            uri = open_project.uri(document)
            if self._pushed.pop(uri, (None, []))[1]:
                self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def settings_diagnostics(self, uri: str) -> list[types.Diagnostic]:
        """Return what is wrong with an open settings file of ours."""
        buffer = self.projects.buffer(uri)
        return [] if buffer is None else settings_diagnostics(buffer.text, self.units)

    def push_settings(self, uri: str) -> None:
        """Tell a client that does not ask what is wrong with a settings file, if the file is one."""
        if is_settings_file(uri) and not self.client.pulls_diagnostics:
            self._push({uri: self.settings_diagnostics(uri)})

    def pull(self, uri: str, previous: str | None) -> types.DocumentDiagnosticReport:
        """Answer a client that asks for the diagnostics of a file."""
        view = self.projects.view(uri)
        diagnostics: list[types.Diagnostic] = []
        if view is not None:
            diagnostics = diagnostics_of(view.project, self.units, self.client).get(uri, [])
        elif is_settings_file(uri):
            diagnostics = self.settings_diagnostics(uri)
        found = self._told[uri] = result_id(diagnostics)
        if found == previous:
            return types.RelatedUnchangedDocumentDiagnosticReport(found)
        return types.RelatedFullDocumentDiagnosticReport(diagnostics, result_id=found)

    async def pull_all(self, params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        """Answer a client that asks for the diagnostics of everything in its folders."""
        previous = {one.uri: one.value for one in params.previous_result_ids}
        items: list[types.WorkspaceDocumentDiagnosticReport] = []
        progress = _Progress(self, params.work_done_token)
        for open_project in {*self.projects.discover(), *self.projects.projects}:
            await progress.step(open_project.root)
            for uri, diagnostics in diagnostics_of(open_project, self.units, self.client).items():
                buffer = self.projects.buffer(uri)
                version = buffer.version if buffer is not None else None
                found = self._told[uri] = result_id(diagnostics)
                if previous.get(uri) == found:
                    items.append(types.WorkspaceUnchangedDocumentDiagnosticReport(uri, found, version))
                else:
                    items.append(types.WorkspaceFullDocumentDiagnosticReport(uri, diagnostics, version, found))
        progress.end()
        return types.WorkspaceDiagnosticReport(items)

    # -- configuration -------------------------------------------------------------------------------------------

    async def ask_configuration(self) -> None:
        """Ask the client, which can be asked, for its settings."""
        item = types.ConfigurationItem(section=configuration.SECTION)
        try:
            (raw,) = await self.workspace_configuration_async(types.ConfigurationParams([item]))
        except Exception:
            logging.getLogger(__name__).warning("the client did not answer a question about its settings")
            return
        self.configure(configuration.read(raw))

    def configure(self, found: Configuration) -> None:
        """Take over the user's settings, and say what is wrong with them."""
        if found.features != self.features:
            self.features = found.features
            self._refresh_extras()
        self.projects.override(found.rules)
        for failure in found.failures:
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"upsun-lint: {failure}"))
        self.changed_all()


class _Progress:
    """A progress bar for work that takes longer than a second."""

    def __init__(self, server: UpsunServer, token: types.ProgressToken | None) -> None:
        self._server = server
        self._token = token
        self._started = time.monotonic()
        self._shown = False

    async def step(self, what: str) -> None:
        """Let other messages through, and say what is being looked at."""
        await asyncio.sleep(0)
        if self._token is None or time.monotonic() - self._started < 1:
            return
        if not self._shown:
            self._shown = True
            begin = types.WorkDoneProgressBegin(title="Checking Upsun projects", cancellable=True)
            self._server.work_done_progress.begin(self._token, begin)
        report = types.WorkDoneProgressReport(message=os.path.basename(what))
        self._server.work_done_progress.report(self._token, report)

    def end(self) -> None:
        """Take the bar away."""
        if self._shown and self._token is not None:
            self._server.work_done_progress.end(self._token, types.WorkDoneProgressEnd())


def make_server() -> UpsunServer:
    """Return a server with every feature registered."""
    # At its default level pygls logs every message, document text included.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    server = UpsunServer()
    _register_lifecycle(server)
    _register_documents(server)
    _register_diagnostics(server)
    _register_symbols(server)
    _register_actions(server)
    for method, answer, options in FEATURES:
        _register_feature(server, method, answer, options)
    _register_commands(server)
    return server


def _register_lifecycle(server: UpsunServer) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.client = Client.of(params.capabilities)
        server.units = Units(server.workspace.position_encoding)
        folders = [folder.uri for folder in params.workspace_folders or []]
        if not folders and params.root_uri:
            folders = [params.root_uri]
        server.projects.folders = [path for uri in folders if (path := to_fs_path(uri))]
        server.initial = configuration.read(params.initialization_options)

    @server.feature(types.INITIALIZED)
    async def initialized(params: types.InitializedParams) -> None:
        registrations = []
        if server.client.watches_files:
            watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in _WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            registrations.append(types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
        if server.client.registers_configuration:
            registrations.append(types.Registration("settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION))
        if registrations:
            server.client_register_capability(types.RegistrationParams(registrations))
        if server.client.configuration:
            await server.ask_configuration()
        else:
            server.configure(server.initial)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        if server.client.configuration:
            await server.ask_configuration()
            return
        settings = params.settings
        if isinstance(settings, dict):
            server.configure(configuration.read(settings.get(configuration.SECTION, settings)))

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        gone = {to_fs_path(folder.uri) for folder in params.event.removed}
        added = [path for folder in params.event.added if (path := to_fs_path(folder.uri))]
        server.projects.folders = [path for path in server.projects.folders if path not in gone] + added

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            if path := to_fs_path(change.uri):
                server.projects.touch(os.path.abspath(path))
        server.changed_all()


def _register_documents(server: UpsunServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        server.changed(server.projects.open(document.uri, document.text, document.version), document.uri)
        server.push_settings(document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        if params.content_changes:
            text = params.content_changes[-1].text
            server.changed(server.projects.open(uri, text, params.text_document.version), uri)
            server.push_settings(uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        open_project = server.projects.close(uri)
        server.push_settings(uri)
        if open_project is None:
            return
        if server.projects.overlay(open_project.root):
            server.changed(open_project, uri)
        else:
            server.forget(open_project)
            server.projects.drop(open_project)
            # A tree refers to itself all over: only the collector can take it, and it seldom runs on its own.
            gc.collect()

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        uri = params.text_document.uri
        if path := to_fs_path(uri):
            server.changed(server.projects.touch(os.path.abspath(path)), uri)
            if is_settings_file(uri):
                server.changed_all()


def _register_diagnostics(server: UpsunServer) -> None:
    options = types.DiagnosticOptions(identifier="upsun-lint", inter_file_dependencies=True, workspace_diagnostics=True)

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
    async def pull(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        await asyncio.sleep(0)
        return server.pull(params.text_document.uri, params.previous_result_id)

    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    async def pull_all(params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        return await server.pull_all(params)


def _register_symbols(server: UpsunServer) -> None:
    @server.feature(types.WORKSPACE_SYMBOL)
    async def find(params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        await asyncio.sleep(0)
        projects = dict.fromkeys((*server.projects.discover(), *server.projects.projects))
        return workspace_symbols(projects, server.units, params.query)


def _register_actions(server: UpsunServer) -> None:
    @server.feature(types.CODE_ACTION_RESOLVE)
    async def complete(action: types.CodeAction) -> types.CodeAction:
        await asyncio.sleep(0)
        data = action.data if isinstance(action.data, dict) else {}
        request = server.request(str(data.get("uri", "")))
        return action if request is None else actions.resolve(request, action, data.get("rule"))


def _register_feature(
    server: UpsunServer, method: str, answer: Callable[[Request, Any], Any], options: object | None
) -> None:
    async def handle(params: Any) -> Any:
        # Whatever has arrived by now is read first: a newer text, or the word that this is no longer wanted.
        await asyncio.sleep(0)
        uri = params.text_document.uri
        request = server.request(uri)
        return None if request is None else answer(request, params)

    server.feature(method, options)(handle)


def _register_commands(server: UpsunServer) -> None:
    def register(name: str, command: Command) -> None:
        @server.command(name)
        # Not `object`: pygls hands its server to a function whose first parameter could take one.
        async def run(*arguments: Any) -> object:
            # As for features: whatever has arrived by now is read first.
            await asyncio.sleep(0)
            return command(server.request, arguments)

    for name, command in COMMANDS.items():
        register(name, command)
