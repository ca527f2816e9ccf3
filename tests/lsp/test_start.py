"""The start of a server: the first answer comes before the rest is imported, and is the one that pygls would give."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.capabilities import ServerCapabilitiesBuilder

from tests.lsp.raw import OURS, Raw, framed
from tests.lsp.session import PROFILES, recorded
from tests.patience import PATIENCE
from upsun_lint.lsp import greeting
from upsun_lint.lsp.features.editor_commands import COMMANDS
from upsun_lint.lsp.server import make_server
from upsun_rules.shell.highlighting import HIGHLIGHTS

INVALID_PARAMS, NOT_INITIALIZED = -32602, -32002
CONVERTER = get_converter()


def paths(capabilities: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of each capability."""
    for name, value in capabilities.items():
        yield (*path, name)
        if isinstance(value, dict):
            yield from paths(value, (*path, name))


def toggled(capabilities: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """The same without a capability, or with a switch turned."""
    changed = copy.deepcopy(capabilities)
    around = changed
    for name in path[:-1]:
        around = around[name]
    if isinstance(around[path[-1]], bool):
        around[path[-1]] = not around[path[-1]]
    else:
        del around[path[-1]]
    return changed


def of_pygls(client: dict[str, Any]) -> dict[str, Any] | None:
    """What pygls announces for what is registered, with the options of our answer; None if it takes no such client."""
    try:
        structured = CONVERTER.structure(client, types.ClientCapabilities)
    except Exception:
        return None
    ours = CONVERTER.structure(greeting.result({"capabilities": client})["capabilities"], types.ServerCapabilities)
    features = make_server().protocol.fm
    assert isinstance(ours.semantic_tokens_provider, types.SemanticTokensOptions)
    everything = types.FileOperationFilter(types.FileOperationPattern("**/*"), "file")
    options = {
        types.TEXT_DOCUMENT_INLAY_HINT: types.InlayHintOptions(resolve_provider=False),
        types.TEXT_DOCUMENT_COMPLETION: ours.completion_provider,
        types.TEXT_DOCUMENT_CODE_ACTION: ours.code_action_provider,
        types.TEXT_DOCUMENT_DIAGNOSTIC: ours.diagnostic_provider,
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: ours.semantic_tokens_provider.legend,
        types.WORKSPACE_WILL_RENAME_FILES: types.FileOperationRegistrationOptions([everything]),
    }
    announced = ServerCapabilitiesBuilder(
        structured,
        {*features.features, *features.builtin_features},
        options,
        list(features.commands),
        types.TextDocumentSyncKind.Incremental,
        None,
        ServerCapabilitiesBuilder.choose_position_encoding(structured),
    ).build()
    found: dict[str, Any] = CONVERTER.unstructure(announced)
    # False is what a missing one means.
    found["textDocumentSync"] = {name: value for name, value in found["textDocumentSync"].items() if value}
    return found


@pytest.mark.parametrize("profile", PROFILES)
def test_the_answer_is_the_one_of_pygls(profile: str) -> None:
    known = recorded(profile)["capabilities"]
    compared = 0
    for client in [known, {}, *(toggled(known, path) for path in paths(known))]:
        announced = of_pygls(client)
        if announced is not None:
            assert greeting.result({"capabilities": client})["capabilities"] == announced
            compared += 1
    assert compared > 10


@pytest.mark.parametrize("encodings", [[], ["utf-7"], ["utf-8", "utf-16"], ["x", "utf-32", "utf-8"], ["utf-16"]])
def test_the_encoding_is_the_one_of_pygls(encodings: list[str]) -> None:
    client = {"general": {"positionEncodings": encodings}}
    assert greeting.result({"capabilities": client})["capabilities"] == of_pygls(client)


def test_what_is_announced_exists() -> None:
    answer = greeting.result({"capabilities": {}})["capabilities"]
    commands = make_server().protocol.fm.commands
    assert answer["executeCommandProvider"]["commands"] == list(commands)
    assert {greeting.APPLY_AFTER_ASKING, *COMMANDS} == set(commands)
    assert answer["semanticTokensProvider"]["legend"]["tokenTypes"] == list(HIGHLIGHTS)


def test_little_is_imported_before_the_answer() -> None:
    code = "import sys, upsun_lint.__main__, upsun_lint.lsp.start; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True)
    heavy = {"asyncio", "attr", "click", "dataclasses", "inspect", "logging", "lsprotocol", "pygls", "upsun_rules"}
    # What the installation itself loads is not ours.
    bare = subprocess.run([sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True)
    assert not (set(found.stdout.split()) & heavy) - set(bare.stdout.split())
    ours = {name for name in found.stdout.split() if name.startswith("upsun_")}
    assert len(ours) <= 6


def test_a_server_that_cannot_be_imported_ends_after_the_answer(tmp_path: Path) -> None:
    (tmp_path / "pygls.py").write_text("raise ImportError('no pygls')\n")
    before = os.environ.get("PYTHONPATH")
    command = ["env", f"PYTHONPATH={tmp_path}{os.pathsep}{before or ''}", *OURS]
    with Raw(command) as server:
        assert "capabilities" in server.ask("initialize", {"capabilities": {}})["result"]
        assert server.wait() == 2
        assert server.process.stderr is not None
        assert server.process.stderr.read().decode().endswith("please report it with the lines above\n")


def test_a_message_may_arrive_in_parts_and_with_others(tmp_path: Path) -> None:
    first = {"jsonrpc": "2.0", "id": "one", "method": "initialize", "params": {"capabilities": {}}}
    last = {"jsonrpc": "2.0", "id": 2, "method": "shutdown", "params": None}
    stream = framed(json.dumps(first).encode()) + framed(json.dumps(last).encode())
    for cut in (5, 40, len(stream) - 60):
        with Raw() as server:
            server.bytes(stream[:cut])
            server.bytes(stream[cut:])
            assert "capabilities" in server.receive()["result"]
            assert server.answer(2)["result"] is None
            server.notify("exit")
            assert server.wait() == 0


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"Content-Length: 20\r\n\r\n{}",
        b"Content-Length: 999999999999\r\n\r\n",
        b"x" * 70_000,
        b"A: b\r\n" * 20_000,
        b"Content-Length: -1\r\n\r\n",
        framed(b'{"jsonrpc": "2.0", "method": "exit"}'),
    ],
)
def test_a_stream_without_a_session_is_a_failure(stream: bytes) -> None:
    found = subprocess.run(OURS, input=stream, capture_output=True, timeout=PATIENCE, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (1, b"", b"")


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        {},
        {"capabilities": None},
        {"capabilities": {}, "rootUri": 5},
        {"capabilities": {}, "workspaceFolders": [{}]},
        {"capabilities": {}, "trace": "loud"},
        {"capabilities": {}, "processId": "x"},
    ],
)
def test_an_invalid_first_request_is_refused_and_can_be_repeated(tmp_path: Path, params: object) -> None:
    with Raw() as server:
        assert server.ask("initialize", params)["error"]["code"] == INVALID_PARAMS
        assert server.ask("textDocument/hover", {})["error"]["code"] == NOT_INITIALIZED
        assert "capabilities" in server.start(tmp_path)["result"]
        assert server.ask("shutdown")["result"] is None


@pytest.mark.parametrize("uri", ["http://[", "::::", "", "file://%00", "untitled:x", "file:///\ud800"])
def test_an_odd_folder_does_no_harm(tmp_path: Path, uri: str) -> None:
    with Raw() as server:
        folders = [{"uri": uri, "name": "odd"}, {"uri": tmp_path.as_uri(), "name": "good"}]
        params = {"capabilities": {}, "rootUri": uri, "workspaceFolders": folders}
        assert "capabilities" in server.ask("initialize", params)["result"]
        server.notify("initialized", {})
        server.settle()
        assert server.ask("shutdown")["result"] is None


def test_a_notification_does_not_begin_a_session(tmp_path: Path) -> None:
    with Raw() as server:
        server.notify("initialize", {"capabilities": {}})
        assert server.ask("textDocument/hover", {})["error"]["code"] == NOT_INITIALIZED
        assert "capabilities" in server.start(tmp_path)["result"]
        server.settle()
        assert all(one.get("id") is not None for one in server.pending() if "method" not in one)


@pytest.mark.parametrize("value", [5, [], "", {}, None, True])
def test_a_capability_of_another_type_counts_as_missing(value: object) -> None:
    for path in ("general", "general.positionEncodings", "textDocument", "workspace.fileOperations"):
        client: object = value
        for name in reversed(path.split(".")):
            client = {name: client}
        assert greeting.result({"capabilities": client})["capabilities"]["positionEncoding"] == "utf-16"
