"""A request that arrives with a change, or while its text is read, is answered before the change is checked."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from upsun_lint.lsp.server import make_server
from upsun_lint.lsp.transport import handle

WRONG = "applications:\n  app:\n    typ: 'php:8.4'\n"


class Sent:
    """The messages a server sends, in their order."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    def write(self, data: bytes) -> None:
        message = json.loads(data)
        self.kinds.append(message.get("method", "answer"))

    def close(self) -> None:
        """Nothing is kept open."""


@pytest.mark.asyncio
@pytest.mark.parametrize("turns", range(6))
async def test_a_request_is_answered_before_the_check(tmp_path: Path, turns: int) -> None:
    protocol = make_server().upsun_protocol
    sent = Sent()
    protocol.set_writer(sent, include_headers=False)
    uri = (tmp_path / ".upsun" / "config.yaml").as_uri()

    def send(method: str, params: object, **more: object) -> None:
        handle(protocol, json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode())

    async def turn(count: int) -> None:
        for _ in range(count):
            await asyncio.sleep(0)

    send("initialize", {"capabilities": {}, "initializationOptions": {"typingPause": 0}}, id=1)
    send("initialized", {})
    await turn(30)
    item = {"uri": uri, "languageId": "yaml", "version": 1, "text": WRONG}
    send("textDocument/didOpen", {"textDocument": item})
    await turn(30)
    sent.kinds.clear()
    change = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": f"{WRONG}    y: 1\n"}]}
    send("textDocument/didChange", change)
    await turn(turns)
    position = {"line": 3, "character": 5}
    send("textDocument/completion", {"textDocument": {"uri": uri}, "position": position}, id=2)
    await turn(30)
    assert sent.kinds == ["answer", "textDocument/publishDiagnostics"]
