"""In the editor, ShellCheck runs beside the server: answers never wait for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.lsp.raw import OURS, Raw

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script of POSIX")

TEXT = "applications:\n  app:\n    type: 'php:8.4'\n    hooks:\n      deploy: cat $A\n"

REMARKS = """
found = []
for name in sys.argv:
    lines = pathlib.Path(name).read_text().split("\\n") if name.isdigit() else []
    for number, line in enumerate(lines, 1):
        if column := line.find("$") + 1:
            place = {"line": number, "column": column, "endLine": number, "endColumn": column + 2}
            found.append({"file": name, "level": "warning", "code": 1, "message": line, "fix": None, **place})
print(json.dumps({"comments": found}))
"""


def started(root: Path, body: str, *, pulls: bool = False) -> Raw:
    """A server that finds a substitute for the program, outside of the project."""
    programs = root.parent / "programs"
    programs.mkdir()
    file = programs / "shellcheck"
    file.write_text(f"#!{sys.executable}\nimport json, pathlib, sys\n{body}")
    file.chmod(0o755)
    (root / ".upsun").mkdir(parents=True)
    (root / ".upsun-lint.toml").write_text("shellcheck = true\n")
    begin = f"import sys, sysconfig; sysconfig.get_path = lambda name: {str(programs)!r}"
    run = "from upsun_lint.__main__ import main; sys.argv = ['upsun-lint', 'server']; main()"
    server = Raw((OURS[0], "-c", f"{begin}; {run}"))
    server.start(root, textDocument={"diagnostic": {}} if pulls else {"publishDiagnostics": {}})
    return server


def shown(server: Raw, uri: str) -> list[str]:
    """What ShellCheck found, by the next diagnostics of a file."""
    while True:
        params = server.sent("textDocument/publishDiagnostics")["params"]
        if params["uri"] == uri:
            return [one["message"] for one in params["diagnostics"] if one["code"] == "shellcheck"]


def until(server: Raw, uri: str, wanted: list[str]) -> None:
    """Wait until a file has these findings of ShellCheck; the server fails if it never sends them."""
    while shown(server, uri) != wanted:
        pass


def test_its_findings_follow_the_text(tmp_path: Path) -> None:
    root = tmp_path / "root"
    uri = (root / ".upsun/config.yaml").as_uri()
    with started(root, REMARKS) as server:
        server.open(uri, TEXT)
        until(server, uri, ["`SC1`: cat $A"])
        server.change(uri, TEXT.replace("$A", "$B"), 2)
        until(server, uri, ["`SC1`: cat $B"])
        server.change(uri, TEXT.replace("$A", "$A  # undone"), 3)
        server.change(uri, TEXT, 4)
        until(server, uri, ["`SC1`: cat $A"])
        server.change(uri, TEXT.replace("cat $A", "cat x"), 5)
        until(server, uri, [])


def test_a_client_that_pulls_gets_them_with_a_later_answer(tmp_path: Path) -> None:
    root = tmp_path / "root"
    uri = (root / ".upsun/config.yaml").as_uri()
    with started(root, REMARKS, pulls=True) as server:
        server.open(uri, TEXT)
        while True:
            answer = server.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
            if found := [one for one in answer["result"]["items"] if one["code"] == "shellcheck"]:
                break
        assert found[0]["range"]["start"] == {"line": 4, "character": 18}


def test_a_program_that_fails_is_reported_once_and_the_server_goes_on(tmp_path: Path) -> None:
    root = tmp_path / "root"
    uri = (root / ".upsun/config.yaml").as_uri()
    with started(root, "sys.exit(3)") as server:
        server.open(uri, TEXT)
        assert "exit status 3" in server.sent("window/showMessage")["params"]["message"]
        for version in range(2, 5):
            server.change(uri, TEXT.replace("$A", f"$A{version}"), version)
            server.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 3}})
        server.change(uri, TEXT.replace("hooks", "hoks"), 5)
        server.settle()
        assert [one for one in server.pending() if one.get("method") == "window/showMessage"] == []
