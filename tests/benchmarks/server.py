"""The language server beside yaml-language-server, spoken to by one client, in one run.

    python tests/benchmarks/server.py [--edits N]

For files of about 60, 500 and 10,000 lines: from the start of the process to the answer to `initialize` and to the
first diagnostics of the file, from one typed character to the diagnostics, hover, completion right after an edit (each
as median and 95th percentile), and memory. The client sends each change as the server wants it: as a range, or the whole
text. The character makes a number wrong or right again, so that each edit changes the diagnostics. Before the next edit
with a completion, those of the one before have come: nobody types faster.

yaml-language-server is installed with npm and given our schema; it waits 200 ms by itself before it looks at a change.
Ours does not wait for a pause in typing here. The clock runs from the first byte sent to the last one received: what
the client takes to write and to read messages is not counted, for neither.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lsprotocol import types

from tests.benchmarks.check import PEERS
from tests.benchmarks.inputs import write
from tests.lsp.raw import OURS, Raw
from upsun_schema.keys.shape import schema_text

PEER = "yaml-language-server"
_NUMBER = "shutdown_timeout: 20"


def peer() -> list[str] | None:
    """The command of the peer; None where it cannot be installed."""
    home = PEERS / PEER
    script = home / "node_modules" / ".bin" / PEER
    if not script.exists() and (npm := shutil.which("npm")):
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run([npm, "install", "--prefix", str(home), PEER], capture_output=True, check=False)
    return [str(script), "--stdio"] if script.exists() else None


class Measurement:
    """One server, one file: how long everything takes, in milliseconds."""

    def __init__(self, command: list[str], root: Path, edits: int) -> None:
        self.text = (root / ".upsun" / "config.yaml").read_text("utf-8")
        self.uri = (root / ".upsun" / "config.yaml").as_uri()
        self.version = 1
        started = time.perf_counter()
        with Raw(command) as self.server:
            schemas = {(root / "schema.json").as_uri(): "**/config.yaml"}
            settings = {"yaml": {"schemas": schemas}, "upsunLint": {"typingPause": 0}}
            capabilities = {"publishDiagnostics": {"versionSupport": True}, "hover": {}}
            sync = self.server.start(root, textDocument=capabilities)["result"]["capabilities"]["textDocumentSync"]
            kind = sync if isinstance(sync, int) else sync["change"]
            self.takes_ranges = kind == types.TextDocumentSyncKind.Incremental
            self.initialize = (time.perf_counter() - started) * 1000
            self.server.notify("workspace/didChangeConfiguration", {"settings": settings})
            self.place = self.text.index(_NUMBER, len(self.text) // 4) + len(_NUMBER)
            self.server.open(self.uri, self.text)
            self._diagnostics()
            self.opened = (self.server.arrived - started) * 1000
            for _ in range(3):
                self._timed(self._typed(), self._diagnostics)
            self.changed = [self._timed(self._typed(), self._diagnostics) for _ in range(edits)]
            self.hovered = [self._hover() for _ in range(edits)]
            self.completed = [self._complete() for _ in range(edits)]
            self.memory = self.server.memory()

    def _timed(self, data: bytes, wait: Callable[[], None]) -> float:
        """How long the answer to these bytes takes."""
        started = time.perf_counter()
        self.server.bytes(data)
        wait()
        return (self.server.arrived - started) * 1000

    def _typed(self) -> bytes:
        """The message that one character was typed behind a number, or deleted again, as the server wants it."""
        is_wrong = self.text[self.place] == "x"
        new = "" if is_wrong else "x"
        self.text = f"{self.text[: self.place]}{new}{self.text[self.place + is_wrong :]}"
        self.version += 1
        line, column = self.text.count("\n", 0, self.place), self.place - self.text.rfind("\n", 0, self.place) - 1
        start, end = ({"line": line, "character": at} for at in (column, column + is_wrong))
        change = {"range": {"start": start, "end": end}, "text": new} if self.takes_ranges else {"text": self.text}
        return self.server.changed(self.uri, change, self.version)

    def _diagnostics(self) -> None:
        while True:
            message = self.server.next(60)
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == self.uri:
                if message["params"].get("version", self.version) == self.version:
                    return
            elif "id" in message and "method" in message:
                result = [None] * len(message["params"].get("items", [])) if message.get("params") else None
                self.server.message({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def _at(self, needle: str) -> dict[str, object]:
        offset = self.text.index(needle, len(self.text) // 3)
        line = self.text.count("\n", 0, offset)
        column = offset - self.text.rfind("\n", 0, offset) - 1
        return {"textDocument": {"uri": self.uri}, "position": {"line": line, "character": column + 1}}

    def _hover(self) -> float:
        return self._asked("textDocument/hover", self._at("start: |"))

    def _complete(self) -> float:
        place = self._at("commands:")
        self.server.bytes(self._typed())
        taken = self._asked("textDocument/completion", place)
        self._diagnostics()
        return taken

    def _asked(self, method: str, params: object) -> float:
        """How long the answer to a request takes."""
        started = time.perf_counter()
        self.server.answer(self.server.request(method, params), 60)
        return (self.server.arrived - started) * 1000


def spread(samples: list[float]) -> str:
    """The median and the 95th percentile."""
    ordered = sorted(samples)
    return f"{statistics.median(ordered):7.1f} /{ordered[int(len(ordered) * 0.95) - 1]:7.1f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=50, help="how many edits, hovers and completions (50)")
    edits = parser.parse_args().edits
    commands: dict[str, list[str]] = {"upsun-lint": list(OURS)}
    if (other := peer()) is not None:
        commands[PEER] = other
    else:
        print(f"{PEER} cannot be installed here and is left out")
    head = f"{'start':>8}{'first':>9}{'character: median/p95':>23}{'hover':>19}{'completion':>19}{'MiB':>7}"
    print(f"{'':13}{'':22}{head}   (ms)")
    with tempfile.TemporaryDirectory() as folder:
        for size, root in write(Path(folder)).items():
            if not size.endswith("lines"):
                continue
            (root / "schema.json").write_text(schema_text(), "utf-8")
            for name, command in commands.items():
                one = Measurement(command, root, edits)
                times = f"{one.initialize:8.0f}{one.opened:9.1f}{spread(one.changed):>23}{spread(one.hovered):>19}"
                print(f"{size:13}{name:22}{times}{spread(one.completed):>19}{one.memory:7.0f}", flush=True)


if __name__ == "__main__":
    main()
