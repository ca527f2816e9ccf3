"""Whenever messages arrive, the client shows at the end what a fresh start would: nothing stays outdated.

The server runs in this process, and messages reach it at chosen turns of its event loop. The client asks as VS Code does:
about a file that changed or was saved, about all open files when the server has something new, and from time to time
about all files of the folder.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsun_lint.lsp.server import make_server
from upsun_lint.lsp.transport import handle

CONFIG, SERVICES, ON_DISK = ".upsun/config.yaml", ".upsun/services.yaml", ".upsun/more.yaml"

APPLICATION = """\
applications:
  app:
    type: 'php:8.4'
    source: {{root: /}}
    relationships: {{cache: '{service}:redis'}}
    variables: {{env: {{A: 1}}}}
    workers:
      queue: {{commands: {{start: php work.php}}}}
"""
SECOND_APPLICATION = """\
applications:
  two:
    type: 'php:8.4'
    source: {root: two}
    workers:
      queue: {commands: {start: php two.php}}
"""
"""It has a worker of the same name, which changes the lens of the first one: its full name is needed then."""

TEXTS = {
    CONFIG: [APPLICATION.format(service="queue"), APPLICATION.format(service="broker")],
    SERVICES: ["services:\n  queue: {type: 'redis:8.0'}\n", "services:\n  broker: {type: 'redis:8.0'}\n"],
    ON_DISK: ["services: {}\n", SECOND_APPLICATION],
}
CAPABILITIES: dict[str, Any] = {
    "workspace": {
        "diagnostics": {"refreshSupport": True},
        "inlayHint": {"refreshSupport": True},
        "codeLens": {"refreshSupport": True},
    },
}
DIAGNOSTICS, HINTS, LENSES = "textDocument/diagnostic", "textDocument/inlayHint", "textDocument/codeLens"
HOVER, SYMBOLS = "textDocument/hover", "textDocument/documentSymbol"
REFRESHED_BY = {
    "workspace/diagnostic/refresh": DIAGNOSTICS,
    "workspace/inlayHint/refresh": HINTS,
    "workspace/codeLens/refresh": LENSES,
}
EVERYWHERE = "workspace/diagnostic", ""
_TURNS = 40
"""Turns of the event loop after which everything is answered."""


_SEARCH = 0.02
"""Seconds in which a folder with one project is searched."""


class Editor:
    """A client in the server's event loop. It reads what the server sends `delay` turns later."""

    def __init__(self, root: Path, *, pulls: bool = True, pause: int = 0, delay: int = 0) -> None:
        self._root, self._delay = root, delay
        self._methods = (DIAGNOSTICS, HINTS, LENSES) if pulls else (HINTS, LENSES)
        self._server = make_server()
        self._server.upsun_protocol.set_writer(self)  # type: ignore[arg-type]
        self._next = 0
        self._open: dict[str, int] = {}
        self._asked: dict[int, tuple[str, str]] = {}
        self._active: dict[tuple[str, str], int] = {}
        self._again: set[tuple[str, str]] = set()
        self._ids: dict[str, str] = {}
        self._closed: set[str] = set()
        self.shown: dict[tuple[str, str], object] = {}
        capable = {**CAPABILITIES, "textDocument": {"diagnostic": {}} if pulls else {}}
        params = {"capabilities": capable, "rootUri": root.as_uri(), "initializationOptions": {"typingPause": pause}}
        self._send("initialize", params, is_request=True)
        self._send("initialized", {})

    def uri(self, path: str) -> str:
        return (self._root / path).as_uri()

    def close(self) -> None:
        pass

    def _send(self, method: str, params: object, *, is_request: bool = False) -> int:
        message: dict[str, object] = {"jsonrpc": "2.0", "method": method, "params": params}
        if is_request:
            self._next += 1
            message["id"] = self._next
        handle(self._server.upsun_protocol, json.dumps(message).encode())
        return self._next

    # -- what the user does --------------------------------------------------------------------------------------

    def change(self, path: str, text: str) -> None:
        uri = self.uri(path)
        if path not in TEXTS or path == ON_DISK:
            (self._root / path).write_text(text)
            self._send("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2}]})
            return
        version = self._open[uri] = self._open.get(uri, 0) + 1
        if version == 1:
            item = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
            self._send("textDocument/didOpen", {"textDocument": item})
        else:
            document = {"uri": uri, "version": version}
            self._send("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        for method in self._methods:
            self._ask(method, uri)

    def close_file(self, path: str) -> None:
        uri = self.uri(path)
        if self._open.pop(uri, None) is None:
            return
        self._send("textDocument/didClose", {"textDocument": {"uri": uri}})
        self._ids.pop(uri, None)
        self._closed.add(uri)
        for method in self._methods:
            self.shown.pop((method, path), None)

    def save(self, path: str) -> None:
        if self.uri(path) not in self._open:
            return
        self._send("textDocument/didSave", {"textDocument": {"uri": self.uri(path)}})
        if DIAGNOSTICS in self._methods:
            self._ask(DIAGNOSTICS, self.uri(path))

    # -- what the editor does ------------------------------------------------------------------------------------

    def poll(self) -> None:
        """Ask about all files, if it does so and has the last answer."""
        if DIAGNOSTICS in self._methods and EVERYWHERE not in self._active:
            ids = [{"uri": uri, "value": value} for uri, value in self._ids.items()]
            self._active[EVERYWHERE] = self._next + 1
            self._asked[self._next + 1] = EVERYWHERE
            self._closed.clear()
            self._send("workspace/diagnostic", {"previousResultIds": ids}, is_request=True)

    def _ask(self, method: str, uri: str) -> None:
        key = method, uri
        if key in self._active:
            self._again.add(key)
            self._send("$/cancelRequest", {"id": self._active[key]})
            return
        params: dict[str, object] = {"textDocument": {"uri": uri}}
        if method == DIAGNOSTICS:
            params["previousResultId"] = self._ids.get(uri)
        elif method == HINTS:
            params["range"] = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
        elif method == HOVER:
            params["position"] = {"line": 1, "character": 3}
        self._active[key] = self._next + 1
        self._asked[self._next + 1] = key
        self._send(method, params, is_request=True)

    def write(self, data: bytes) -> None:
        message = json.loads(data.partition(b"\r\n\r\n")[2])
        self._later(self._delay, message)

    def _later(self, turns: int, message: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        if turns:
            loop.call_soon(self._later, turns - 1, message)
        else:
            loop.call_soon(self._receive, message)

    def _receive(self, message: dict[str, Any]) -> None:
        if message.get("method") == "textDocument/publishDiagnostics":
            self._show_diagnostics(message["params"]["uri"], message["params"]["diagnostics"])
        elif "method" in message:
            if "id" in message:
                answer = {"jsonrpc": "2.0", "id": message["id"], "result": None}
                handle(self._server.upsun_protocol, json.dumps(answer).encode())
            if (method := REFRESHED_BY.get(message["method"])) is not None:
                for uri in self._open:
                    self._ask(method, uri)
        elif (key := self._asked.pop(message["id"], None)) is not None:
            del self._active[key]
            if "result" in message:
                self._show(key, message["result"])
            if key in self._again:
                self._again.discard(key)
                self._ask(*key)

    def _show(self, key: tuple[str, str], result: Any) -> None:
        method, uri = key
        if key == EVERYWHERE:
            for item in result["items"]:
                # What was asked before a file was closed may be that it is what it was.
                if item["uri"] not in self._open and item["uri"] not in self._closed:
                    self._show_report(item["uri"], item)
        elif uri not in self._open:
            pass
        elif method == DIAGNOSTICS:
            self._show_report(uri, result)
        else:
            self.shown[method, self._path(uri)] = json.loads(json.dumps(result).replace(uri, self._path(uri)))

    def _show_report(self, uri: str, report: Any) -> None:
        self._ids[uri] = report["resultId"]
        if report["kind"] == "full":
            self._show_diagnostics(uri, report["items"])

    def _show_diagnostics(self, uri: str, items: list[Any]) -> None:
        found = sorted((one["range"]["start"]["line"], one.get("code", one["message"])) for one in items)
        self.shown[DIAGNOSTICS, self._path(uri)] = found

    def _path(self, uri: str) -> str:
        return uri.removeprefix(f"{self._root.as_uri()}/")


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


Step = tuple[str, str, int]
"""What is done (`save`, `close`, `poll`, or the number of the text), with which file, and how many turns of the loop come after it."""


async def shown(steps: Sequence[Step], **how: Any) -> tuple[Mapping[Any, object], Mapping[Any, object]]:
    """What the client shows after some steps, and what it would show after a fresh start."""
    last = {path: what for what, path, _ in steps if what.isdigit() or what == "close"}
    fresh: list[Step] = [(what, path, 0) for path, what in last.items()]
    found = []
    for some, options in ((steps, how), (fresh, {"pulls": how.get("pulls", True)})):
        with tempfile.TemporaryDirectory() as folder:
            found.append(await _shown(Path(folder).resolve(), some, **options))
    return found[0], found[1]


async def _shown(root: Path, steps: Sequence[Step], **how: Any) -> dict[tuple[str, str], object]:
    (root / ".upsun").mkdir()
    for path, texts in TEXTS.items():
        (root / path).write_text(texts[0])
    editor = Editor(root, **how)
    delay = how.get("delay", 0)
    editor.change(CONFIG, TEXTS[CONFIG][0])
    await turns(_TURNS + 4 * delay)
    for what, path, count in steps:
        if what == "save":
            editor.save(path)
        elif what == "close":
            editor.close_file(path)
        elif what == "poll":
            editor.poll()
        else:
            editor.change(path, TEXTS[path][int(what)])
        await turns(count)
    await asyncio.sleep(2 * how.get("pause", 0) / 1000)
    await turns(_TURNS + 8 * delay)
    for _ in range(3):  # The first answers may come before the search for projects is over.
        editor.poll()
        await asyncio.sleep(_SEARCH)
        await turns(_TURNS + 8 * delay)
    return {key: some for key, some in editor.shown.items() if some}


STEPS = st.one_of(
    st.tuples(st.sampled_from("01"), st.sampled_from([CONFIG, SERVICES, ON_DISK]), st.integers(0, 14)),
    st.tuples(st.sampled_from(["save", "close", "poll"]), st.sampled_from([CONFIG, SERVICES]), st.integers(0, 14)),
)


@given(st.lists(STEPS, min_size=2, max_size=12), st.booleans(), st.sampled_from([0, 5]), st.integers(0, 3))
def test_nothing_stays_outdated(steps: list[Step], pulls: bool, pause: int, delay: int) -> None:
    found, wanted = asyncio.run(shown(steps, pulls=pulls, pause=pause, delay=delay))
    assert found == wanted


@pytest.mark.parametrize("count", range(1, 16))
@pytest.mark.parametrize("saved", [False, True])
def test_another_file_changes_after_the_first_was_answered(count: int, saved: bool) -> None:
    """As when a rename is taken back: both files change, with a few turns of the loop between them."""
    steps: list[Step] = [("1", CONFIG, 0), ("1", SERVICES, 30), ("0", CONFIG, 30 if saved else count)]
    if saved:
        steps.append(("save", CONFIG, count))
    found, wanted = asyncio.run(shown([*steps, ("0", SERVICES, 0)]))
    assert found == wanted
