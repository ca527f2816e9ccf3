"""Every registered request is sent through the real protocol and gets a valid answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from lsprotocol.converters import get_converter

from tests.lsp.nursery import command
from tests.lsp.raw import Raw
from upsun_lint.lsp.features.editor_commands import COMMANDS
from upsun_lint.lsp.server import make_server

CONFIG = ".upsun/config.yaml"
TEXT = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: code}
    relationships: {db: 'db:mysql'}
    workers:
      queue:
        relationships: {}
        commands: {start: php artisan queue:work}
        crons: {}
services:
  db: {type: 'mariadb:11.8'}
"""
_SPAN = {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 11, "character": 0}}}


def at(needle: str, **more: object) -> dict[str, object]:
    """The parameters of a question about a place."""
    before = TEXT[: TEXT.index(needle)]
    place = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
    return {"position": place, **more}


PARAMETERS: dict[str, dict[str, Any]] = {
    types.INITIALIZE: {},
    types.SHUTDOWN: {},
    types.TEXT_DOCUMENT_HOVER: at("queue:"),
    types.TEXT_DOCUMENT_COMPLETION: at("crons"),
    types.TEXT_DOCUMENT_DEFINITION: at("db:mysql"),
    types.TEXT_DOCUMENT_REFERENCES: at("db: {type", context={"includeDeclaration": True}),
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: at("db:mysql"),
    types.TEXT_DOCUMENT_PREPARE_RENAME: at("queue:"),
    types.TEXT_DOCUMENT_RENAME: at("queue:", newName="other"),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: {},
    types.TEXT_DOCUMENT_FOLDING_RANGE: {},
    types.TEXT_DOCUMENT_SELECTION_RANGE: {"positions": [at("queue:")["position"]]},
    types.TEXT_DOCUMENT_DOCUMENT_LINK: {},
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: {},
    types.TEXT_DOCUMENT_INLAY_HINT: _SPAN,
    types.TEXT_DOCUMENT_CODE_LENS: {},
    types.TEXT_DOCUMENT_CODE_ACTION: _SPAN | {"context": {"diagnostics": []}},
    types.CODE_ACTION_RESOLVE: {"title": "Fix all", "kind": "source.fixAll.upsun-lint"},
    types.TEXT_DOCUMENT_DIAGNOSTIC: {},
    types.WORKSPACE_DIAGNOSTIC: {"previousResultIds": []},
    types.WORKSPACE_SYMBOL: {"query": "queue"},
    types.WORKSPACE_WILL_RENAME_FILES: {"files": [{"oldUri": "$ROOT/code", "newUri": "$ROOT/app"}]},
    types.WORKSPACE_EXECUTE_COMMAND: {"command": "upsun-lint.explain", "arguments": ["unknown-key"]},
}
"""The parameters of each request, besides the file. `$ROOT` is the URI of the project."""

REGISTERED = sorted(
    method
    for method in {*make_server().protocol.fm.features, *make_server().protocol.fm.builtin_features}
    if types.METHOD_TO_TYPES[method][1] is not None
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Raw]:
    (tmp_path / ".upsun").mkdir()
    (tmp_path / "code").mkdir()
    (tmp_path / CONFIG).write_text(TEXT)
    with Raw(command()) as found:
        yield found


@pytest.mark.parametrize("method", REGISTERED)
def test_every_request_gets_an_answer_of_its_kind(server: Raw, tmp_path: Path, method: str) -> None:
    uri = (tmp_path / CONFIG).as_uri()
    parameters = {"textDocument": {"uri": uri}, **PARAMETERS[method], "data": {"uri": uri, "rule": None}}
    parameters = json.loads(json.dumps(parameters).replace("$ROOT", tmp_path.as_uri()))
    literals = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}}
    answer = server.start(tmp_path, textDocument={"diagnostic": {}, "codeAction": literals})
    if method != types.INITIALIZE:
        server.open(uri, TEXT)
        answer = server.ask(method, None if method == types.SHUTDOWN else parameters)
    assert "error" not in answer, answer
    response = get_converter().structure(answer, types.METHOD_TO_TYPES[method][1])
    assert response.result or method == types.SHUTDOWN, answer


ARGUMENTS: dict[str, Callable[[str], list[str]]] = {
    "upsun-lint.showEffective": lambda uri: [uri, "queue"],
    "upsun-lint.explain": lambda uri: ["unknown-key"],
    "upsun-lint.topology": lambda uri: [uri],
    "upsun-lint.exportTopology": lambda uri: [uri],
    "upsun-lint.copy": lambda uri: ["text"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_result(server: Raw, tmp_path: Path, command: str) -> None:
    uri = (tmp_path / CONFIG).as_uri()
    server.start(tmp_path)
    server.open(uri, TEXT)
    answer = server.ask("workspace/executeCommand", {"command": command, "arguments": ARGUMENTS[command](uri)})
    assert answer["result"]
