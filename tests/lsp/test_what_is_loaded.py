"""What a server imports: not what nobody has asked for, and never what only takes memory. Counts, never times."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lsp.raw import framed
from tests.patience import PATIENCE

REPORT = """
import json, sys
from upsun_lint.lsp.start import serve
status = serve()
sys.stderr.write(json.dumps([status, list(sys.modules)]))
"""
TEXT = "applications:\n  app:\n    typ: 'php:8.4'\n"
NEVER = {"ssl", "_ssl", "hashlib", "_hashlib", "click", "tempfile", "importlib.resources", "tree_sitter", "jsonschema"}
FEATURES = "upsun_lint.lsp.features."


def loaded(root: Path, *asked: str) -> set[str]:
    """The modules of a server after a file was opened and some requests about it were answered."""
    uri = (root / ".upsun" / "config.yaml").as_uri()
    place = {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 5}}
    item = {"uri": uri, "languageId": "yaml", "version": 1, "text": TEXT}
    pull = {"textDocument": {"diagnostic": {}}}
    messages: list[dict[str, object]] = [
        {"id": 1, "method": "initialize", "params": {"capabilities": pull, "rootUri": root.as_uri()}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": item}},
        *({"id": method, "method": f"textDocument/{method}", "params": place} for method in ("diagnostic", *asked)),
    ]
    # Not `exit`: it comes once all is answered, since the stream ends only then.
    command = [sys.executable, "-c", REPORT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        assert server.stdin is not None and server.stdout is not None and server.stderr is not None
        for message in messages:
            server.stdin.write(framed(json.dumps({"jsonrpc": "2.0", **message}).encode()))
        server.stdin.flush()
        answers = 0
        while answers < 2 + len(asked):
            length = int(server.stdout.readline().split()[1])
            while server.stdout.readline().strip():
                pass
            answers += "id" in (answer := json.loads(server.stdout.read(length))) and "method" not in answer
        server.stdin.close()
        _, modules = json.loads(server.stderr.read())
        assert server.wait(PATIENCE) == 0
    return set(modules)


def test_a_feature_is_imported_when_it_is_asked_for(tmp_path: Path) -> None:
    without = loaded(tmp_path)
    assert not [name for name in without if name.startswith(FEATURES)]
    assert not without & NEVER
    found = {name for name in loaded(tmp_path, "hover") if name.startswith(FEATURES)}
    assert found == {f"{FEATURES}hover"}


@pytest.mark.parametrize("method", ["completion", "hover", "documentSymbol", "foldingRange", "definition"])
def test_some_modules_are_never_imported(tmp_path: Path, method: str) -> None:
    assert not loaded(tmp_path, method) & NEVER
