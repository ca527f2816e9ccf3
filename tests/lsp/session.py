"""A real server in a separate process, and a client with recorded capabilities."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Union

from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

from tests.lsp.nursery import command
from tests.patience import PATIENCE
from upsun_lint.lsp.session.positions import Units
from upsun_schema.yaml.text import LineTable, Span

PROFILES = {
    "vscode": "code_server_v1.139.1",
    "neovim": "neovim_v0.11.4",
    "eglot": "eglot_v1.9",
    "ale": "ale_v3.3.0",
    "kate": "kate_v22.12.3",
}
"""Clients whose capabilities were recorded, by the file in `profiles`."""

CONFIG = ".upsun/config.yaml"

_AT_ONCE: dict[str, object] = {"typingPause": 0}


def recorded(profile: str) -> dict[str, Any]:
    """The recorded parameters of `initialize`."""
    file = Path(__file__).with_name("profiles") / f"{PROFILES[profile]}.json"
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def capabilities(profile: str, **changes: Any) -> types.ClientCapabilities:
    """What a recorded client says it can do; `encoding` makes it offer only that position encoding,
    and `asks=False` makes it show no messages with a choice.
    """
    params = _reading().structure({**recorded(profile), "processId": None, "rootUri": None}, types.InitializeParams)
    found = params.capabilities
    if encoding := changes.get("encoding"):
        found.general = found.general or types.GeneralClientCapabilities()
        found.general.position_encodings = [types.PositionEncodingKind(encoding)]
    if not changes.get("asks", True) and found.window is not None:
        found.window.show_message = None
    return found


class Session:
    """An open editor: a folder, a client and a server."""

    def __init__(self, client: LanguageClient, root: Path) -> None:
        self.client = client
        self.root = root
        self.published: dict[str, types.PublishDiagnosticsParams] = {}
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.refreshes: list[str] = []
        self.registrations: dict[str, types.Registration] = {}
        self.result: types.InitializeResult | None = None
        self.questions: list[types.ShowMessageRequestParams] = []
        self.agrees = True
        self.applied: list[types.WorkspaceEdit] = []

    # -- places --------------------------------------------------------------------------------------------------

    @property
    def units(self) -> Units:
        assert self.result is not None
        return Units(self.result.capabilities.position_encoding)

    def uri(self, path: str = CONFIG) -> str:
        return (self.root / path).as_uri()

    def identifier(self, path: str = CONFIG) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(path))

    def position(self, needle: str, path: str = CONFIG, *, after: int = 0, occurrence: int = 0) -> types.Position:
        """The position of a text in an open file, `after` so many code points of it."""
        text = self.texts[path]
        offset = -1
        for _ in range(occurrence + 1):
            offset = text.index(needle, offset + 1)
        return self.units.position(LineTable(text), offset + after)

    def covered(self, range_: types.Range, path: str = CONFIG) -> str:
        """The text of an open file that a range encloses."""
        text = self.texts[path]
        span = self.units.span(LineTable(text), range_)
        return text[span.start : span.end]

    @property
    def watched(self) -> set[str]:
        """The patterns of the files that the server asked the client to watch."""
        found = [one.register_options for one in self.registrations.values() if one.method.endswith("WatchedFiles")]
        return {watcher["globPattern"] for options in found for watcher in _plain(options)["watchers"]}

    # -- what an editor does -------------------------------------------------------------------------------------

    def open(self, text: str, path: str = CONFIG) -> None:
        self.texts[path] = text
        self.versions[path] = 1
        item = types.TextDocumentItem(self.uri(path), "yaml", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, text: str, path: str = CONFIG) -> None:
        self.texts[path] = text
        self.versions[path] += 1
        identifier = types.VersionedTextDocumentIdentifier(self.versions[path], self.uri(path))
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [whole]))

    def close(self, path: str = CONFIG) -> None:
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(self.identifier(path)))

    async def diagnostics(self, path: str = CONFIG) -> list[types.Diagnostic]:
        """The diagnostics of the text last sent, pulled or pushed as the client wants them."""
        capable = self.client.capabilities.text_document
        if capable is not None and capable.diagnostic is not None:
            params = types.DocumentDiagnosticParams(self.identifier(path))
            report = await self.client.text_document_diagnostic_async(params)
            assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
            return list(report.items)
        return list((await self.pushed(path)).diagnostics)

    async def pushed(self, path: str = CONFIG) -> types.PublishDiagnosticsParams:
        """What is published for the text last sent; a list that did not change is not sent again."""
        await self.settle()

        async def wait() -> types.PublishDiagnosticsParams:
            while self.uri(path) not in self.published:
                await asyncio.sleep(0.005)
            return self.published[self.uri(path)]

        return await asyncio.wait_for(wait(), PATIENCE)

    async def settle(self) -> None:
        """Wait until the server has done everything it was sent.

        What changed is read after the requests that were waiting, and checked after those that arrived while it was
        read: the third answer comes after both.
        """
        for _ in range(3):
            await self.client.text_document_hover_async(types.HoverParams(self.identifier(), types.Position(0, 0)))


def _plain(options: Any) -> Any:
    return options if isinstance(options, dict) else get_converter().unstructure(options)


# Making a converter ready for a type takes a tenth of a second.
_reading = cache(get_converter)


@cache
def _converter() -> Any:
    """The usual converter, which takes every action with a command for a command."""
    converter = default_converter()

    def structured(found: Any, _: type) -> types.Command | types.CodeAction:
        kind = types.Command if isinstance(found.get("command"), str) else types.CodeAction
        return converter.structure(found, kind)

    converter.register_structure_hook(Union[types.Command, types.CodeAction], structured)  # noqa: UP007
    return converter


def _client(session_of: list[Session]) -> LanguageClient:
    client = LanguageClient(converter_factory=_converter)

    def published(ls: LanguageClient, params: types.PublishDiagnosticsParams) -> None:
        session_of[0].published[params.uri] = params

    def refreshed(ls: LanguageClient, params: None) -> None:
        session_of[0].refreshes.append("diagnostics")

    def registered(ls: LanguageClient, params: types.RegistrationParams) -> None:
        session_of[0].registrations |= {one.id: one for one in params.registrations}

    def unregistered(ls: LanguageClient, params: types.UnregistrationParams) -> None:
        for one in params.unregisterations:
            del session_of[0].registrations[one.id]

    def asked(ls: LanguageClient, params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
        session_of[0].questions.append(params)
        return (params.actions or [None])[0 if session_of[0].agrees else -1]

    def applied(ls: LanguageClient, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        session_of[0].applied.append(params.edit)
        return types.ApplyWorkspaceEditResult(applied=True)

    register_lsp_features(
        client,
        {
            **DEFAULT_CLIENT_FEATURES,
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: published,
            types.WORKSPACE_DIAGNOSTIC_REFRESH: refreshed,
            types.CLIENT_REGISTER_CAPABILITY: registered,
            types.WINDOW_SHOW_MESSAGE_REQUEST: asked,
            types.WORKSPACE_APPLY_EDIT: applied,
            types.CLIENT_UNREGISTER_CAPABILITY: unregistered,
        },
    )
    return client


@asynccontextmanager
async def session(
    root: Path,
    profile: str = "vscode",
    *,
    encoding: str | None = None,
    asks: bool = True,
    settings: dict[str, object] | None = None,
    options: dict[str, object] | None = None,
) -> AsyncIterator[Session]:
    """Start a server for a folder, and end it. `settings` answer its questions, `options` are sent at the start.

    Without other settings, diagnostics do not wait for a pause in typing.
    """
    holder: list[Session] = []
    client = _client(holder)
    found = Session(client, root)
    holder.append(found)
    client.set_configuration({"upsunLint": _AT_ONCE | (settings or {})})
    await client.start_io(*command())
    try:
        found.result = await asyncio.wait_for(
            client.initialize_session(
                types.InitializeParams(
                    capabilities=capabilities(profile, encoding=encoding, asks=asks),
                    workspace_folders=[types.WorkspaceFolder(root.as_uri(), root.name)],
                    initialization_options=_AT_ONCE | (options or {}),
                )
            ),
            PATIENCE,
        )
        yield found
        await asyncio.wait_for(client.shutdown_session(), PATIENCE)
    except BaseException:
        # The server was not asked to exit, and `stop` waits for that.
        if client._server is not None and client._server.returncode is None:
            client._server.kill()
        raise
    finally:
        await client.stop()


def span_of(text: str, needle: str) -> Span:
    """Where a text is in another."""
    start = text.index(needle)
    return Span(start, start + len(needle))
