"""The wiring: which function answers which message. The functions themselves are in the other modules."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from upsun_lint import __version__
from upsun_lint.lsp.answers import FEATURES, Feature
from upsun_lint.lsp.asking import is_confirmed
from upsun_lint.lsp.greeting import APPLY_AFTER_ASKING, COMMANDS, chosen_encoding
from upsun_lint.lsp.protocol import Json, UpsunProtocol
from upsun_lint.lsp.publishing import Publisher
from upsun_lint.lsp.searching import ProjectSearch
from upsun_lint.lsp.session import editor_settings
from upsun_lint.lsp.session.client import Client
from upsun_lint.lsp.session.editor_settings import Configuration
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.state import Session
from upsun_lint.lsp.session.workspace import OpenProject
from upsun_lint.lsp.watching import Watcher
from upsun_lint.run.image_updates import load
from upsun_lint.writing.quoting import visible

if TYPE_CHECKING:
    from upsun_lint.lsp.features.renaming import Renaming

__all__ = ["UpsunServer", "make_server"]


class UpsunServer(LanguageServer):
    """One session, and the parts that send something to its client."""

    def __init__(self) -> None:
        super().__init__(
            "upsun-lint",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=UpsunProtocol,
        )
        images, _ = load()
        self.session = Session(images)
        self.initial = editor_settings.read(None)
        self.watcher = Watcher(self, self.session)
        self.search = ProjectSearch(self, self.session, lambda: self.publisher.searched())
        self.publisher = Publisher(self, self.upsun_protocol, self.session, self.search, self.watcher)
        self.upsun_protocol.begin = self._begin

    def _begin(self, params: dict[str, Any]) -> None:
        """Begin the session, with the parameters of `initialize`."""
        session, options = self.session, params.get("initializationOptions")
        session.client = Client.of(params["capabilities"], options)
        session.units = Units(chosen_encoding(params["capabilities"]))
        folders = [folder["uri"] for folder in params.get("workspaceFolders") or []]
        if not folders and params.get("rootUri"):
            folders = [params["rootUri"]]
        session.projects.folders = list(filter(None, map(_folder, folders)))
        self.initial = editor_settings.read(options)

    @property
    def upsun_protocol(self) -> UpsunProtocol:
        """The protocol with its exact type."""
        assert isinstance(self.protocol, UpsunProtocol)
        return self.protocol

    async def ask_configuration(self) -> None:
        """Ask the client for its settings and apply them."""
        item = types.ConfigurationItem(section=editor_settings.SECTION)
        try:
            (raw,) = await self.workspace_configuration_async(types.ConfigurationParams([item]))
        except Exception:
            logging.getLogger(__name__).warning("the client did not answer the request for its settings")
            return
        self.configure(editor_settings.read(raw))

    def configure(self, found: Configuration) -> None:
        """Apply the user's settings, and report the invalid ones."""
        if found.features != self.session.features:
            self.session.features = found.features
            self.publisher.extras.refresh()
        self.session.projects.compares_with_head = found.features.compare_with_head
        self.session.projects.override(found.rules)
        for failure in found.failures:
            text = f"upsun-lint: {visible(failure)}"
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))
        self.publisher.changed_all()


def _folder(uri: str) -> str | None:
    """The path of a folder of the client; None if it has none. There is a session all the same."""
    try:
        return to_fs_path(uri)
    except ValueError:
        return None


def make_server() -> UpsunServer:
    """A server with every feature registered."""
    # At its default level pygls logs every message, including the text of documents.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    server = UpsunServer()
    _register_lifecycle(server)
    _register_documents(server)
    _register_diagnostics(server)
    _register_workspace_symbols(server)
    _register_action_resolve(server)
    _register_rename(server)
    _register_apply_after_asking(server)
    _register_file_renames(server)
    for feature in FEATURES:
        _register_feature(server, feature)
    for name in COMMANDS:
        _register_command(server, name)
    return server


def _register_lifecycle(server: UpsunServer) -> None:
    session = server.session

    @server.feature(types.INITIALIZED)
    async def initialized(params: types.InitializedParams) -> None:
        registrations = server.watcher.always()
        if session.client.registers_configuration:
            registrations.append(types.Registration("settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION))
        server.search.start()
        if registrations:
            server.client_register_capability(types.RegistrationParams(registrations))
        if session.client.configuration:
            await server.ask_configuration()
        else:
            server.configure(server.initial)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        if session.client.configuration:
            await server.ask_configuration()
            return
        settings = params.settings
        if isinstance(settings, dict):
            server.configure(editor_settings.read(settings.get(editor_settings.SECTION, settings)))

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        gone = {to_fs_path(folder.uri) for folder in params.event.removed}
        added = [path for folder in params.event.added if (path := to_fs_path(folder.uri))]
        session.projects.folders = [path for path in session.projects.folders if path not in gone] + added
        for open_project in session.projects.left():
            server.publisher.close(open_project)
        server.search.start()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(params: types.DidChangeWatchedFilesParams) -> None:
        for path in filter(None, (to_fs_path(change.uri) for change in params.changes)):
            for open_project in session.projects.touch(os.path.abspath(path)):
                server.publisher.changed(open_project)
        server.publisher.settings_sources_touched()


def _register_documents(server: UpsunServer) -> None:
    projects = server.session.projects

    def changed(uri: str, touched: list[OpenProject], *, is_typed: bool = False) -> None:
        note = server.publisher.typed if is_typed else server.publisher.changed
        for open_project in touched:
            note(open_project, uri)
        server.publisher.settings_touched(uri)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        server.publisher.opened(document.uri)
        changed(document.uri, projects.open(document.uri, document.text, document.version))

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        text = projects.text_after(uri, params.content_changes, server.session.units)
        if text is not None and params.content_changes:
            changed(uri, projects.change(uri, text, params.text_document.version), is_typed=True)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        touched = projects.close(uri)
        server.publisher.closed(uri)
        still_open = [open_project for open_project in touched if projects.has_open_file(open_project)]
        changed(uri, still_open)
        for open_project in touched:
            if open_project not in still_open:
                server.publisher.close(open_project)
                # A tree is full of reference cycles; without this call the collector may not run for a long time.
                gc.collect()

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        uri = params.text_document.uri
        if path := to_fs_path(uri):
            for open_project in projects.touch(os.path.abspath(path)):
                server.publisher.changed(open_project)
            server.publisher.settings_sources_touched()


def _register_diagnostics(server: UpsunServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC)
    async def pull(params: types.DocumentDiagnosticParams) -> types.RelatedUnchangedDocumentDiagnosticReport | Json:
        await asyncio.sleep(0)
        return server.publisher.pull(params.text_document.uri, params.previous_result_id)

    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    async def pull_all(params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        server.search.repeat()
        return await server.publisher.pull_all(params)


def _register_workspace_symbols(server: UpsunServer) -> None:
    @server.feature(types.WORKSPACE_SYMBOL)
    async def find(params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        server.search.repeat()
        from upsun_lint.lsp.features.workspace_symbols import workspace_symbols

        known = await server.search.known(lambda one: one.project, lambda one: one.is_read)
        return await workspace_symbols(known, server.session.units, params.query)


def _register_action_resolve(server: UpsunServer) -> None:
    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(action: types.CodeAction) -> types.CodeAction:
        from upsun_lint.lsp.features import actions

        await asyncio.sleep(0)
        data = action.data if isinstance(action.data, dict) else {}
        request = server.session.request(str(data.get("uri", "")))
        return action if request is None else actions.resolve(request, action, data.get("rule"))


def _register_rename(server: UpsunServer) -> None:
    def planned(params: types.RenameParams) -> Renaming | None:
        from upsun_lint.lsp.features.renaming import renaming

        request = server.session.request(params.text_document.uri)
        return None if request is None else renaming(request, params)

    @server.feature(types.TEXT_DOCUMENT_RENAME)
    async def rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        await asyncio.sleep(0)
        found = planned(params)
        if found is not None and found.cost is not None and found.is_asked_in_message:
            question = f"{found.cost.label}? {found.cost.description}"
            if not await is_confirmed(server, question, "Rename"):
                raise JsonRpcException("nothing was renamed", types.LSPErrorCodes.RequestFailed.value)
            found = planned(params)  # The text may have changed in the meantime.
        return None if found is None else found.workspace_edit


def _register_apply_after_asking(server: UpsunServer) -> None:
    @server.command(APPLY_AFTER_ASKING)
    async def apply(question: str, edit: types.WorkspaceEdit) -> None:
        if await is_confirmed(server, question, "Apply"):
            await server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit))


def _register_file_renames(server: UpsunServer) -> None:
    @server.feature(types.WORKSPACE_WILL_RENAME_FILES)
    async def will_rename(params: types.RenameFilesParams) -> types.WorkspaceEdit | None:
        from upsun_lint.lsp.features.file_renames import Rename, after_renames

        await asyncio.sleep(0)
        pairs = [(to_fs_path(one.old_uri), to_fs_path(one.new_uri)) for one in params.files]
        renames = [Rename(os.path.abspath(old), os.path.abspath(new)) for old, new in pairs if old and new]
        for open_project in server.session.projects.all():
            if any(one.old.startswith(open_project.root + os.sep) for one in renames):
                request = server.session.any_request(open_project)
                if request is not None and (edit := after_renames(request, renames)) is not None:
                    # A file belongs to one project.
                    return edit
        return None


def _register_feature(server: UpsunServer, feature: Feature) -> None:
    async def handle(params: Any) -> Any:
        # First read what has arrived by now: a newer text, or the cancellation of this request.
        await asyncio.sleep(0)
        uri = params.text_document.uri
        request = server.session.request(uri)
        if request is None:
            return None
        if feature.method in (types.TEXT_DOCUMENT_INLAY_HINT, types.TEXT_DOCUMENT_CODE_LENS):
            server.publisher.extras.answered(request.open_project, uri)
        return feature.answer(request, params)

    server.feature(feature.method)(handle)


def _register_command(server: UpsunServer, name: str) -> None:
    @server.command(name)
    # `Any`, because pygls passes its server as the first argument if the parameter's type is `object`.
    async def run(*arguments: Any) -> object:
        from upsun_lint.lsp.features import editor_commands

        await asyncio.sleep(0)
        return editor_commands.COMMANDS[name](server.session.request, arguments)
