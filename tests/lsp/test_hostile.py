"""Invalid messages get the right error or end the server, and leave nothing behind."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest

from tests.benchmarks.inputs import configuration
from tests.lsp.raw import Raw

PARSE_ERROR, INVALID_REQUEST, INVALID_PARAMS, NOT_FOUND, NOT_INITIALIZED, CANCELLED = (
    -32700,
    -32600,
    -32602,
    -32601,
    -32002,
    -32800,
)
TEXT = "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      q:\n        crons: {}\n"


def uri(root: Path, path: str = ".upsun/config.yaml") -> str:
    return (root / path).as_uri()


def hover(root: Path, line: int = 1, character: int = 3, path: str = ".upsun/config.yaml") -> dict[str, object]:
    return {"textDocument": {"uri": uri(root, path)}, "position": {"line": line, "character": character}}


def test_before_initialize_and_after_shutdown(tmp_path: Path) -> None:
    with Raw() as server:
        assert server.ask("textDocument/hover", hover(tmp_path))["error"]["code"] == NOT_INITIALIZED
        server.notify("textDocument/didOpen", {"nonsense": True})
        assert "capabilities" in server.start(tmp_path)["result"]
        assert server.ask("initialize", {"capabilities": {}})["error"]["code"] == INVALID_REQUEST
        server.open(uri(tmp_path), TEXT)
        assert server.ask("shutdown")["result"] is None
        assert server.ask("textDocument/hover", hover(tmp_path))["error"]["code"] == INVALID_REQUEST
        server.notify("exit")
        assert server.wait() == 0


def test_exit_without_shutdown_is_a_failure(tmp_path: Path) -> None:
    with Raw() as server:
        server.start(tmp_path)
        server.notify("exit")
        assert server.wait() == 1


def test_the_server_exits_when_the_client_is_gone(tmp_path: Path) -> None:
    with Raw() as server:
        server.start(tmp_path)
        server.open(uri(tmp_path), TEXT)
        assert server.process.stdin is not None
        server.process.stdin.close()
        assert server.wait() == 1


_FILE = b'{"textDocument": {"uri": "file:///x/.upsun/config.yaml"}}'
NOTIFICATIONS = (
    (b"textDocument/didClose", _FILE),
    (b"textDocument/didSave", _FILE),
    (b"textDocument/didOpen", b"{}"),
    (b"initialized", b"{}"),
    (b"exit", b"null"),
    (b"$/cancelRequest", b'{"id": 7}'),
    (b"$/setTrace", b'{"value": "off"}'),
    (b"workspace/didChangeConfiguration", b'{"settings": {}}'),
)


def test_the_client_can_leave_during_a_request(tmp_path: Path) -> None:
    with Raw() as server:
        server.start(tmp_path)
        server.open(uri(tmp_path), TEXT)
        arguments = {"command": "upsun-lint.topology", "arguments": [uri(tmp_path)]}
        waiting = [
            server.request("workspace/executeCommand", arguments),
            server.request("textDocument/hover", hover(tmp_path)),
        ]
        assert server.ask("shutdown")["result"] is None
        assert all("id" in server.answer(identifier) for identifier in waiting)
        server.notify("exit")
        assert server.wait() == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", PARSE_ERROR),
        (b"\xff\xfe", PARSE_ERROR),
        (b"", None),
        (b"[" * 100_000, PARSE_ERROR),
        (b"[]", INVALID_REQUEST),
        (b"42", INVALID_REQUEST),
        (b'{"id": 1, "method": "shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 7, "method": 5}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "textDocument/hover", "params": [1]}', INVALID_PARAMS),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "textDocument/hover"}', INVALID_PARAMS),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "no/such"}', NOT_FOUND),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "textDocument/formatting"}', NOT_FOUND),
        (
            b'{"jsonrpc": "2.0", "id": 7, "method": "workspace/executeCommand", "params": {"command": "x"}}',
            INVALID_PARAMS,
        ),
        (b'{"jsonrpc": "2.0", "id": null, "method": "textDocument/hover", "params": {}}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": [7], "method": "textDocument/hover", "params": {}}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": true, "method": "shutdown"}', INVALID_REQUEST),
        # A notification sent as a request is answered; a request sent as a notification is not, and does nothing.
        *(
            (b'{"jsonrpc": "2.0", "id": 7, "method": "%s", "params": %s}' % one, INVALID_REQUEST)
            for one in NOTIFICATIONS
        ),
        (b'{"jsonrpc": "2.0", "method": "textDocument/hover", "params": {}}', None),
        (b'{"jsonrpc": "2.0", "method": "shutdown"}', None),
        (b'{"jsonrpc": "2.0", "id": [], "result": {}}', None),
        (b'{"jsonrpc": "2.0", "id": 99}', None),
        (b'{"jsonrpc": "2.0", "method": "no/such", "params": {}}', None),
        (b'{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {}}', None),
        (b'{"jsonrpc": "2.0", "id": 99, "result": {}}', None),
        (b'{"jsonrpc": "2.0", "id": 99, "error": {"code": 1, "message": ""}}', None),
        (b'{"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 12345}}', None),
    ],
)
def test_malformed_messages(tmp_path: Path, body: bytes, code: int | None) -> None:
    with Raw() as server:
        server.start(tmp_path)
        server.body(body)
        if code is not None:
            while True:
                message = server.receive()
                if "error" in message:
                    break
            assert message["error"]["code"] == code
            assert message["id"] == (7 if b'"id": 7' in body else None)
        # It lives on.
        server.open(uri(tmp_path), TEXT)
        assert "error" not in server.ask("textDocument/hover", hover(tmp_path))


def test_headers_may_be_written_in_any_way(tmp_path: Path) -> None:
    with Raw() as server:
        body = json.dumps({"jsonrpc": "2.0", "id": 5, "method": "initialize", "params": {"capabilities": {}}}).encode()
        kind = b"content-type: application/vscode-jsonrpc; charset=utf-8"
        server.bytes(b"%s\r\ncontent-LENGTH:   %d\r\n\r\n" % (kind, len(body)) + body)
        assert "result" in server.answer(5)


def test_an_invalid_stream_ends_the_server() -> None:
    with Raw() as server:
        server.bytes(b"Content-Length: never\r\n\r\n")
        assert server.wait() == 1


def test_unknown_documents_and_places_outside_the_text(tmp_path: Path) -> None:
    methods = ("hover", "completion", "definition", "references", "documentHighlight", "prepareRename")
    context = {"context": {"includeDeclaration": True, "triggerKind": 1}}
    with Raw() as server:
        server.start(tmp_path)
        for method in methods:
            answer = server.ask(f"textDocument/{method}", hover(tmp_path) | context)
            assert "error" not in answer, method
        server.open(uri(tmp_path), TEXT)
        for line, character in ((0, 9999), (9999, 0), (6, 0), (7, 5), (2**31 - 1, 2**31 - 1)):
            for method in methods:
                params = hover(tmp_path, line, character) | context
                assert "error" not in server.ask(f"textDocument/{method}", params), (method, line)
        span = {"start": {"line": 99, "character": 9}, "end": {"line": 0, "character": 0}}
        params = {"textDocument": {"uri": uri(tmp_path)}, "range": span, "context": {"diagnostics": []}}
        assert "error" not in server.ask("textDocument/codeAction", params)
        for odd in ("untitled:Untitled-1", "file:///", "http://example.com/.upsun/x.yaml", "", "::::", "file://%00"):
            server.open(odd, TEXT)
            place = {"textDocument": {"uri": odd}, "position": {"line": 0, "character": 0}}
            assert "error" not in server.ask("textDocument/hover", place), odd


def test_files_outside_a_project_get_no_answers(tmp_path: Path) -> None:
    with Raw() as server:
        server.start(tmp_path)
        server.open(uri(tmp_path, "docker-compose.yaml"), TEXT)
        server.open(uri(tmp_path), TEXT)
        server.settle()
        published = {
            message["params"]["uri"]
            for message in server.pending()
            if message.get("method") == "textDocument/publishDiagnostics"
        }
        assert published == {uri(tmp_path)}
        assert server.ask("textDocument/hover", hover(tmp_path, path="docker-compose.yaml"))["result"] is None


def test_a_burst_of_changes_is_checked_once(tmp_path: Path) -> None:
    text = configuration(20)
    with Raw() as server:
        server.start(tmp_path)
        server.open(uri(tmp_path), text)
        server.ask("textDocument/hover", hover(tmp_path))
        texts = [*(f"{text}# {version}\n" for version in range(2, 1002)), TEXT]
        # In one go: the pipe is always full, and the server never waits for this process.
        server.bytes(
            b"".join(server.changed(uri(tmp_path), {"text": new}, version) for version, new in enumerate(texts, 2))
        )
        server.settle()
        published = [m["params"] for m in server.pending() if m.get("method") == "textDocument/publishDiagnostics"]
        assert len(published) < 500
        last = published[-1]
        assert last["version"] == 1002
        # What is new on the edited line waits for a pause in typing.
        while "crons-on-worker" not in {one["code"] for one in last["diagnostics"]}:
            last = server.sent("textDocument/publishDiagnostics")["params"]
        assert "crons-on-worker" in {one["code"] for one in last["diagnostics"]}


def test_a_cancelled_request_costs_nothing(tmp_path: Path) -> None:
    with Raw() as server:
        server.start(tmp_path)
        server.open(uri(tmp_path), TEXT)
        server.ask("textDocument/hover", hover(tmp_path))
        wanted = b""
        for identifier in range(1000, 1050):
            for message in (
                {"jsonrpc": "2.0", "id": identifier, "method": "textDocument/hover", "params": hover(tmp_path)},
                {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": identifier}},
            ):
                body = json.dumps(message).encode()
                wanted += b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        server.bytes(wanted)
        codes = [server.answer(identifier).get("error", {}).get("code") for identifier in range(1000, 1050)]
        assert codes.count(CANCELLED) == 50


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_huge_document_and_its_memory(tmp_path: Path) -> None:
    with Raw() as server:
        server.start(tmp_path)
        server.open(uri(tmp_path), TEXT)
        server.ask("textDocument/hover", hover(tmp_path))
        server.notify("textDocument/didClose", {"textDocument": {"uri": uri(tmp_path)}})
        before = server.memory()
        for text in ("a: [" + "x, " * 3_300_000, configuration(100) * 10, "\u2028" * 3_000_000):
            server.open(uri(tmp_path), text)
            assert "error" not in server.ask("textDocument/hover", hover(tmp_path))
            server.notify("textDocument/didClose", {"textDocument": {"uri": uri(tmp_path)}})
        server.open(uri(tmp_path), TEXT)
        server.ask("textDocument/hover", hover(tmp_path))
        assert server.memory() - before < 60


_LINES = [
    *configuration(2).splitlines(),
    "    workers:",
    "        crons: {}",
    "      mysql:",
    "    key: 'open",
    "\tx: 1",
    "    <<: *nowhere",
    "# upsun-lint: ignore[crons-on-worker]",
    "services:",
    "  db: {type: 'mariadb:11.8'}",
]


def _normal(found: list[dict[str, object]]) -> list[str]:
    return sorted(json.dumps(one, sort_keys=True) for one in found)


@pytest.mark.parametrize("seed", range(3))
def test_after_any_edits_the_diagnostics_are_those_of_a_fresh_server(tmp_path: Path, seed: int) -> None:
    choose = random.Random(seed)
    lines = configuration(2).splitlines()
    other = "services:\n  queue2: {type: 'rabbitmq:4.3'}\n"
    with Raw() as server, Raw() as fresh:
        pull = {"textDocument": {"diagnostic": {}}}
        server.start(tmp_path, **pull)
        server.open(uri(tmp_path), "\n".join(lines))
        server.open(uri(tmp_path, ".upsun/more.yaml"), other)
        for version in range(2, 60):
            at = choose.randrange(len(lines) + 1)
            match choose.randrange(4):
                case 0:
                    del lines[at : at + choose.randrange(1, 4)]
                case 1:
                    lines[at:at] = choose.sample(_LINES, choose.randrange(1, 4))
                case 2 if lines:
                    line = lines[at % len(lines)]
                    cut = choose.randrange(len(line) + 1)
                    lines[at % len(lines)] = (
                        line[:cut] + choose.choice([" ", ":", "'", "x", "*", "-", "{"]) + line[cut:]
                    )
                case _:
                    other = choose.choice(["", "services:\n", "services:\n  db: {type: 'redis:8.0'}\n", "a: ["])
                    server.change(uri(tmp_path, ".upsun/more.yaml"), other, version)
            server.change(uri(tmp_path), "\n".join(lines), version)
            if version % 10 == 0:
                server.ask("textDocument/diagnostic", {"textDocument": {"uri": uri(tmp_path)}})
        fresh.start(tmp_path, **pull)
        fresh.open(uri(tmp_path), "\n".join(lines))
        fresh.open(uri(tmp_path, ".upsun/more.yaml"), other)
        for path in (".upsun/config.yaml", ".upsun/more.yaml"):
            params = {"textDocument": {"uri": uri(tmp_path, path)}}
            seen = server.ask("textDocument/diagnostic", params)["result"]["items"]
            wanted = fresh.ask("textDocument/diagnostic", params)["result"]["items"]
            assert _normal(seen) == _normal(wanted)
