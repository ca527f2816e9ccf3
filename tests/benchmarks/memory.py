"""What the language server holds of the machine's memory in a long session.

    python tests/benchmarks/memory.py [--edits N] [WAY]...

One session for each way to work: a client that gets the diagnostics, one that asks for them, one that asks for
completion and hovers, one that goes through everything, with the requests that change what pygls keeps (commands,
refusals, cancelled requests). The resident memory is printed as the session goes on; it must stay within 10 MB of what
it was after 1,000 edits.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.inputs import configuration
from tests.lsp.raw import Raw

__all__ = ["WAYS", "memory"]

WAYS: dict[str, tuple[str, ...]] = {
    "push": (),
    "pull": ("textDocument/diagnostic",),
    "completion": ("textDocument/completion", "textDocument/hover"),
    "everything": (
        "textDocument/diagnostic",
        "workspace/diagnostic",
        "textDocument/completion",
        "textDocument/hover",
        "textDocument/codeAction",
        "textDocument/documentSymbol",
        "textDocument/inlayHint",
        "textDocument/codeLens",
        "workspace/symbol",
        "workspace/executeCommand",
        "no/such",
    ),
}
"""What a client asks after every edit, by the name of the way to work."""

_STEPS = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
_OTHER = "services:\n  cache2: {type: 'redis:8.0'}\n"


def memory(root: Path, way: str, edits: int, *, every: int = 1_000) -> Iterator[tuple[int, float]]:
    """Yield how many edits were made so far, and the resident memory in MiB, `every` so many edits."""
    methods = WAYS[way]
    file = root / ".upsun" / "config.yaml"
    uri, other = file.as_uri(), file.with_name("other.yaml").as_uri()
    text = configuration(2)
    lines = text.splitlines()
    capabilities: dict[str, object] = {
        "textDocument": {"publishDiagnostics": {}, "hover": {"contentFormat": ["markdown"]}},
        "workspace": {"inlayHint": {"refreshSupport": True}, "codeLens": {"refreshSupport": True}},
    }
    if "textDocument/diagnostic" in methods:
        capabilities["textDocument"] = {"diagnostic": {}}
        capabilities["workspace"] = {"diagnostics": {"refreshSupport": True}}
    with Raw() as server:
        server.start(root, **capabilities)
        server.open(uri, text)
        server.open(other, _OTHER)
        for edit in range(1, edits + 1):
            line = edit % len(lines)
            changed = [*lines[:line], lines[line] + "x" * (edit % 7), f"# {edit}", *lines[line + 1 :]]
            server.change(uri, "\n".join(changed), edit + 1)
            place = {"line": line, "character": len(lines[line])}
            params = {
                "textDocument": {"uri": uri},
                "position": place,
                "range": {"start": place, "end": place},
                "context": {"diagnostics": [], "triggerKind": 1},
                "previousResultIds": [],
                "query": "w",
                "command": "upsun-lint.topology",
                "arguments": [uri],
            }
            waiting = [server.request(method, params) for method in methods]
            if edit % 5 == 0:
                identifier = server.request("textDocument/hover", params)
                server.notify("$/cancelRequest", {"id": identifier})
                waiting.append(identifier)
            if edit % 50 == 0:
                # The client must not run ahead of a server that only has to tell it something.
                waiting.append(server.request("textDocument/hover", params))
            for identifier in waiting:
                server.answer(identifier, 120)
            server.answer_requests()
            if edit % every == 0:
                yield edit, server.memory()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=100_000, help="how many edits in each session (100,000)")
    parser.add_argument("ways", nargs="*", metavar="WAY", help=f"only these of {', '.join(WAYS)}")
    given = parser.parse_args()
    edits = given.edits
    print(f"{'edits':12}" + "".join(f"{step:>9,}" for step in _STEPS if step <= edits) + "   most above 1,000 (MiB)")
    for way in given.ways or WAYS:
        with tempfile.TemporaryDirectory() as folder:
            print(f"{way:12}", end="", flush=True)
            found: dict[int, float] = {}
            for edit, held in memory(Path(folder), way, edits):
                found[edit] = held
                if edit in _STEPS:
                    print(f"{held:9.1f}", end="", flush=True)
            print(f"{max(found.values()) - found[1_000]:10.1f}")


if __name__ == "__main__":
    main()
