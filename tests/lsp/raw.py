"""A client that sends bytes, for messages that no correct client sends."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE

OURS = (sys.executable, "-m", "upsun_lint", "server")


def framed(body: bytes) -> bytes:
    """A body with the header that says how long it is."""
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


class Raw:
    """A server process and its pipes. Every answer is kept in the order it came."""

    def __init__(self, command: Sequence[str] = OURS) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._messages: queue.Queue[tuple[float, bytes] | None] = queue.Queue()
        self.arrived = 0.0
        """When the last message that was taken had arrived (`time.perf_counter`)."""
        self._next = 0
        self._kept: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline()).strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not line:
                self._messages.put(None)
                return
            body = stream.read(length)
            self._messages.put((time.perf_counter(), body))

    # -- sending -------------------------------------------------------------------------------------------------

    def bytes(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def body(self, body: bytes) -> None:
        self.bytes(framed(body))

    def message(self, message: object) -> None:
        self.body(json.dumps(message).encode())

    def notify(self, method: str, params: object = None) -> None:
        self.message({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: object = None) -> int:
        self._next += 1
        self.message({"jsonrpc": "2.0", "id": self._next, "method": method, "params": params})
        return self._next

    # -- answers -------------------------------------------------------------------------------------------------

    def receive(self, seconds: float = PATIENCE) -> dict[str, Any]:
        found = self._messages.get(timeout=seconds)
        assert found is not None, self.process.stderr.read().decode()  # type: ignore[union-attr]
        return self._decoded(found)

    def _decoded(self, message: tuple[float, bytes]) -> dict[str, Any]:
        self.arrived, body = message
        decoded: dict[str, Any] = json.loads(body)
        return decoded

    def answer(self, identifier: int | None, seconds: float = PATIENCE) -> dict[str, Any]:
        """The answer to a request; what comes before is kept."""
        until = time.monotonic() + seconds
        for kept in self._kept:
            if "method" not in kept and kept.get("id") == identifier:
                self._kept.remove(kept)
                return kept
        while True:
            message = self.receive(max(0.1, until - time.monotonic()))
            if "method" not in message and message.get("id") == identifier:
                return message
            self._kept.append(message)

    def next(self, seconds: float = PATIENCE) -> dict[str, Any]:
        """The next message: one that is kept, or else one that comes."""
        return self._kept.pop(0) if self._kept else self.receive(seconds)

    def sent(self, method: str) -> dict[str, Any]:
        """What the server sent with a method, or will send; what comes before is kept."""
        for kept in self._kept:
            if kept.get("method") == method:
                self._kept.remove(kept)
                return kept
        while (message := self.receive(300)).get("method") != method:
            self._kept.append(message)
        return message

    def ask(self, method: str, params: object = None) -> dict[str, Any]:
        return self.answer(self.request(method, params))

    def settle(self) -> None:
        """Wait until the server has done everything it was sent: what changed is checked after requests, in two steps."""
        for _ in range(3):
            self.ask(
                "textDocument/hover", {"textDocument": {"uri": "file:///x"}, "position": {"line": 0, "character": 0}}
            )

    def pending(self) -> list[dict[str, Any]]:
        """Everything that came and was not asked for."""
        while not self._messages.empty():
            if (message := self._messages.get()) is not None:
                self._kept.append(self._decoded(message))
        return self._kept

    def answer_requests(self) -> list[str]:
        """Answer what the server asked, as a client does that has nothing to say, and return the methods of all it sent.

        What came is forgotten.
        """
        methods = []
        for message in self.pending():
            if "method" in message:
                methods.append(message["method"])
                if "id" in message:
                    items = (message.get("params") or {}).get("items")
                    result = None if items is None else [None] * len(items)
                    self.message({"jsonrpc": "2.0", "id": message["id"], "result": result})
        self._kept.clear()
        return methods

    # -- a session -----------------------------------------------------------------------------------------------

    def start(self, root: Path, **capabilities: Any) -> dict[str, Any]:
        params = {"processId": os.getpid(), "rootUri": root.as_uri(), "capabilities": capabilities}
        answer = self.ask("initialize", params)
        self.notify("initialized", {})
        return answer

    def open(self, uri: str, text: str, version: int = 1) -> None:
        item = {"uri": uri, "languageId": "yaml", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, text: str, version: int) -> None:
        self.bytes(self.changed(uri, {"text": text}, version))

    @staticmethod
    def changed(uri: str, change: object, version: int) -> bytes:
        """The bytes that say that a document has changed."""
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
        return framed(json.dumps({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params}).encode())

    def memory(self) -> float:
        """What the server holds of the machine's memory, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    def wait(self, seconds: float = PATIENCE) -> int:
        return self.process.wait(seconds)

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)  # A stream that is being read must not be closed.
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    pass
