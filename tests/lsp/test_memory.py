"""A long session needs no more memory than a short one. For the memory of a real process see `tests/benchmarks/memory.py`."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from upsun_lint.lsp.server import UpsunServer, make_server

TEXT = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      q: {commands: {start: php x.php}, crons: {}}
    relationships: {db: 'db:mysql'}
"""
OTHERS = ("services:\n  db: {type: 'mariadb:11.8'}\n", "services:\n  db: {type: 'redis:8.0'}\n")


class Inside:
    """A server in this process. A client that answers all it is asked is at the other end."""

    def __init__(self, root: Path, **capabilities: object) -> None:
        self.server: UpsunServer = make_server()
        self.protocol = self.server.upsun_protocol
        self.protocol._send_data = self._answer  # type: ignore[method-assign]
        self.uri = (root / ".upsun" / "config.yaml").as_uri()
        self.other = (root / ".upsun" / "other.yaml").as_uri()
        self.answers: Counter[str] = Counter()
        self._number = 0
        self.request("initialize", {"capabilities": capabilities, "rootUri": root.as_uri()})
        self.notify("initialized", {})
        for uri, text in ((self.uri, TEXT), (self.other, OTHERS[0])):
            self.notify("textDocument/didOpen", {"textDocument": self._item(uri, text)})

    def _item(self, uri: str, text: str) -> dict[str, object]:
        return {"uri": uri, "languageId": "yaml", "version": 1, "text": text}

    def _answer(self, data: Any) -> None:
        if isinstance(data, dict) or hasattr(data, "error"):
            self.answers["error"] += 1
        elif getattr(data, "method", None) is None:
            self.answers["result"] += 1
        elif hasattr(data, "id"):
            self.answers[data.method] += 1
            answer = {"jsonrpc": "2.0", "id": data.id, "result": None}
            if self.answers[data.method] % 2:
                answer = {"jsonrpc": "2.0", "id": data.id, "error": {"code": 1, "message": "no"}}
            asyncio.get_running_loop().call_soon(self.protocol.receive, answer)

    def notify(self, method: str, params: object) -> None:
        self.protocol.receive({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: object) -> int:
        self._number += 1
        self.protocol.receive({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        return self._number

    async def edit(self, number: int) -> None:
        """Change a file; sometimes one on which the diagnostics of the other depend, and ask for something."""
        is_other = number % 5 == 0
        text = OTHERS[number // 5 % 2] if is_other else f"{TEXT}# {number}\n"
        document = {"uri": self.other if is_other else self.uri, "version": number}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        if is_other:
            self._ask()
        for _ in range(12):
            await asyncio.sleep(0)

    def _ask(self) -> None:
        place = {"line": 4, "character": 7}
        for method in ("textDocument/completion", "textDocument/diagnostic", "workspace/executeCommand", "no/such"):
            self.request(
                method,
                {
                    # What the server tells by itself of the other file is not asked for.
                    "textDocument": {"uri": self.other},
                    "position": place,
                    "command": "upsun-lint.topology",
                    "arguments": [self.uri],
                },
            )
        identifier = self.request("textDocument/hover", {"textDocument": {"uri": self.uri}, "position": place})
        self.notify("$/cancelRequest", {"id": identifier})


@pytest.mark.asyncio
@pytest.mark.parametrize("pulls", [True, False])
async def test_five_thousand_edits_need_no_more_memory(tmp_path: Path, pulls: bool) -> None:
    refresh = {"refreshSupport": True}
    inside = Inside(
        tmp_path,
        textDocument={"diagnostic": {}} if pulls else {"publishDiagnostics": {}},
        workspace={"diagnostics": refresh, "inlayHint": refresh, "codeLens": refresh},
    )
    for number in range(2, 1_000):
        await inside.edit(number)
    before = await _objects()
    for number in range(1_000, 5_000):
        await inside.edit(number)
    more = await _objects() - before
    assert sum(more.values()) < 500, more.most_common(10)
    assert len(inside.protocol._request_futures) + len(inside.protocol._result_types) < 10
    assert inside.answers["result"] > 2_000
    assert inside.answers["workspace/diagnostic/refresh"] > (500 if pulls else -1)


async def _objects() -> Counter[str]:
    for _ in range(20):
        await asyncio.sleep(0)
    gc.collect()
    return Counter(type(one).__name__ for one in gc.get_objects())
