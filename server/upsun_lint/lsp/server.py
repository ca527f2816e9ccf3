"""The wiring: which function answers which message. The functions are in the other modules of this package."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from upsun_lint import __version__
from upsun_lint.lsp.answers import FEATURES
from upsun_lint.lsp.features import actions
from upsun_lint.lsp.features.editor_commands import COMMANDS, Command
from upsun_lint.lsp.features.symbols import workspace_symbols
from upsun_lint.lsp.protocol import UpsunProtocol
from upsun_lint.lsp.reporter import Reporter, known_projects
from upsun_lint.lsp.session import editor_settings as configuration
from upsun_lint.lsp.session.client import Client
from upsun_lint.lsp.session.discovery import Discovery, Search
from upsun_lint.lsp.session.editor_settings import Configuration, Features
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.requests import Request
from upsun_lint.lsp.session.workspace import OpenProject, Workspace
from upsun_lint.run.image_updates import load
from upsun_lint.writing.quoting import visible

__all__ = ["UpsunServer", "make_server"]

_WATCHED = ("**/.upsun/**", "**/.upsun-lint.toml", "**/pyproject.toml")


class UpsunServer(LanguageServer):
    """The language server: an editor's workspace and its client."""

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
        self.reporter = Reporter(self)
        self.discovery = Discovery(self.projects.found, self._searched)
        self._watched: set[str] = set()
        self._left_out: dict[str, str] = {}

    @property
    def upsun_protocol(self) -> UpsunProtocol:
        """The protocol, as the kind it is."""
        assert isinstance(self.protocol, UpsunProtocol)
        return self.protocol

    def request(self, uri: str) -> Request | None:
        """Return what a feature needs to know of a file; None for a file that is none of ours."""
        view = self.projects.view(uri)
        return None if view is None else Request(self.projects, *view, self.units, self.client, self.features)

    def watch_included(self) -> None:
        """Have the client tell when a file changes that a project includes from outside `.upsun`, as scripts are."""
        known = self.projects.projects if self.client.watches_files else []
        projects = [one.project for one in known if one.is_read]
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

    # -- projects ------------------------------------------------------------------------------------------------

    def let_go(self, open_project: OpenProject) -> None:
        """Forget a project until it is asked for again."""
        self.reporter.forget(open_project)
        self.projects.drop(open_project)

    def search(self) -> None:
        """Look for projects in the client's folders."""
        self.discovery.start(self.projects.folders)

    def search_again(self) -> None:
        """Look for projects that are new, where no client tells of them."""
        if self.discovery.is_over and not self.client.watches_files:
            self.search()

    def _searched(self, searches: list[Search]) -> None:
        for search in searches:
            if search.left_out and self._left_out.get(search.folder) != search.left_out:
                self._left_out[search.folder] = search.left_out
                text = f"looking for projects in {visible(search.folder)}, left out {search.left_out}"
                self.window_log_message(types.LogMessageParams(types.MessageType.Info, f"upsun-lint: {text}"))
        self.reporter.searched()

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
            self.reporter.refresh_extras()
        self.projects.override(found.rules)
        for failure in found.failures:
            self.window_show_message(
                types.ShowMessageParams(types.MessageType.Warning, f"upsun-lint: {visible(failure)}")
            )
        self.reporter.changed_all()


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
        server.search()
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
        for open_project in server.projects.left():
            server.let_go(open_project)
        server.search()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(params: types.DidChangeWatchedFilesParams) -> None:
        for path in filter(None, (to_fs_path(change.uri) for change in params.changes)):
            for open_project in server.projects.touch(os.path.abspath(path)):
                server.reporter.changed(open_project)


def _register_documents(server: UpsunServer) -> None:
    def changed(uri: str, projects: list[OpenProject]) -> None:
        for open_project in projects:
            server.reporter.changed(open_project, uri)
        server.reporter.settings_touched(uri)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        changed(document.uri, server.projects.open(document.uri, document.text, document.version))

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        if params.content_changes:
            text = params.content_changes[-1].text
            changed(uri, server.projects.open(uri, text, params.text_document.version))

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        projects = server.projects.close(uri)
        left = [open_project for open_project in projects if server.projects.overlay(open_project.root)]
        changed(uri, left)
        for open_project in projects:
            if open_project not in left:
                server.let_go(open_project)
                # A tree refers to itself all over: only the collector can take it, and it seldom runs on its own.
                gc.collect()

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        uri = params.text_document.uri
        if path := to_fs_path(uri):
            for open_project in server.projects.touch(os.path.abspath(path)):
                # Settings and included files change what is said of files that the client does not ask about now.
                server.reporter.changed(open_project, uri)


def _register_diagnostics(server: UpsunServer) -> None:
    options = types.DiagnosticOptions(identifier="upsun-lint", inter_file_dependencies=True, workspace_diagnostics=True)

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
    async def pull(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        await asyncio.sleep(0)
        return server.reporter.pull(params.text_document.uri, params.previous_result_id)

    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    async def pull_all(params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        server.search_again()
        return await server.reporter.pull_all(params)


def _register_symbols(server: UpsunServer) -> None:
    @server.feature(types.WORKSPACE_SYMBOL)
    async def find(params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        server.search_again()
        known = await known_projects(server, lambda one: one.project, lambda one: one.is_read)
        return await workspace_symbols(known, server.units, params.query)


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
