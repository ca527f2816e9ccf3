"""What a client shows at the end of any session is what it shows after a fresh start in the same state.

Here files on disk, settings, folders and the spelling of URIs change too. `test_interleaved_messages.py` has the turns
of the event loop at which messages arrive.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pygls.uris import to_fs_path

from tests.lsp.test_interleaved_messages import CAPABILITIES, HOVER, SYMBOLS, Editor, turns
from tests.server.test_changes import commit, git
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.transport import handle
from upsun_schema.yaml.text import LineTable, Span, common

SETTLED = 60
SEARCH = 0.02
ODD = "a (b)@c"
"""A folder whose name has characters that some clients encode in a URI, and others do not."""


class Whole(Editor):
    """An editor that also saves, watches files, has settings and folders, and answers all that the server asks."""

    def __init__(self, root: Path, *, pulls: bool = True, raw: bool = False, **how: Any) -> None:
        self._patterns: dict[str, list[re.Pattern[str]]] = {}
        self._raw = raw
        self.texts: dict[str, str] = {}
        self.settings: dict[str, Any] = {"typingPause": 0}
        self.folders = how.pop("folders", [""])
        super().__init__(root, pulls=pulls, **how)

    def _send(self, method: str, params: Any, *, is_request: bool = False) -> int:
        if method == "initialize":
            workspace = {
                **CAPABILITIES["workspace"],
                "didChangeWatchedFiles": {"dynamicRegistration": True},
                "configuration": True,
                "workspaceFolders": True,
            }
            params = {**params, "capabilities": {**params["capabilities"], "workspace": workspace}}
            params["rootUri"] = None
            params["workspaceFolders"] = [{"uri": self.uri(path), "name": "x"} for path in self.folders]
        return super()._send(method, params, is_request=is_request)

    def uri(self, path: str) -> str:
        return f"file://{quote(str(self._root / path), safe='/()@')}" if self._raw else super().uri(path)

    def _path(self, uri: str) -> str:
        return os.path.relpath(to_fs_path(uri) or "", self._root)

    def _receive(self, message: dict[str, Any]) -> None:
        method, params = message.get("method"), message.get("params")
        if method == "client/registerCapability":
            for one in params["registrations"]:
                watchers = one.get("registerOptions", {}).get("watchers", [])
                self._patterns[one["id"]] = [_expression(each["globPattern"]) for each in watchers]
        elif method == "client/unregisterCapability":
            for one in params["unregisterations"]:
                del self._patterns[one["id"]]
        if method == "workspace/configuration":
            answer = {"jsonrpc": "2.0", "id": message["id"], "result": [self.settings]}
            handle(self._server.upsun_protocol, json.dumps(answer).encode())
            return
        super()._receive(message)

    def _show_report(self, uri: str, report: Any) -> None:
        # As VS Code, it has one spelling of each URI, which need not be that of the server.
        super()._show_report(self.uri(self._path(uri)), report)

    # -- what happens --------------------------------------------------------------------------------------------

    def event(self, path: str, kind: int) -> None:
        if any(one.fullmatch(path) for some in self._patterns.values() for one in some):
            self._send("workspace/didChangeWatchedFiles", {"changes": [{"uri": self.uri(path), "type": kind}]})

    def write(self, path: Any, text: str = "") -> None:
        if isinstance(path, bytes):  # What the server sends.
            super().write(path)
            return
        file = self._root / path
        new = [one for one in [file, *file.parents] if not one.exists()]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, newline="")
        for one in reversed(new):
            self.event(os.path.relpath(one, self._root), 1)
        if not new:
            self.event(path, 2)

    def remove(self, path: str) -> None:
        """Remove a file or a folder; of a folder, a client hears only that it is gone."""
        file = self._root / path
        if file.is_dir():
            shutil.rmtree(file)
        elif file.exists():
            file.unlink()
        else:
            return
        self.event(path, 3)

    def move(self, old: str, new: str) -> None:
        if not (self._root / old).exists() or (self._root / new).exists():
            return
        (self._root / new).parent.mkdir(parents=True, exist_ok=True)
        (self._root / old).rename(self._root / new)
        self.event(old, 3)
        self.event(new, 1)

    def type(self, path: str, text: str) -> None:
        """Open or change a file: every other time the whole text, as one range of it in between."""
        uri, before = self.uri(path), self.texts.get(path, "")
        self.texts[path] = text
        if uri not in self._open:
            self._open[uri] = 1
            item = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
            self._send("textDocument/didOpen", {"textDocument": item})
        else:
            self._open[uri] += 1
            document = {"uri": uri, "version": self._open[uri]}
            changes = [_range_change(before, text) if self._open[uri] % 2 == 0 else {"text": text}]
            self._send("textDocument/didChange", {"textDocument": document, "contentChanges": changes})
        for method in self._methods:
            self._ask(method, uri)

    def close_file(self, path: str) -> None:
        self.texts.pop(path, None)
        super().close_file(path)
        for method in (HOVER, SYMBOLS):
            self.shown.pop((method, path), None)

    def save(self, path: str) -> None:
        if path in self.texts:
            self.write(path, self.texts[path])
            super().save(path)

    def commit(self, path: str, text: str) -> None:
        """Commit a file. Nothing is checked out, so only the repository changes."""
        kept = (self._root / path).read_text()
        (self._root / path).write_text(text)
        commit(self._root)
        (self._root / path).write_text(kept)
        self.event(".git/logs/HEAD", 2)

    def configure(self, settings: dict[str, Any]) -> None:
        self.settings = {"typingPause": 0, **settings}
        self._send("workspace/didChangeConfiguration", {"settings": None})

    def set_folders(self, *folders: str) -> None:
        def named(paths: Sequence[str]) -> list[dict[str, str]]:
            return [{"uri": self.uri(path), "name": "x"} for path in paths]

        event = {
            "added": named([one for one in folders if one not in self.folders]),
            "removed": named([one for one in self.folders if one not in folders]),
        }
        self.folders = list(folders)
        self._send("workspace/didChangeWorkspaceFolders", {"event": event})


def _range_change(before: str, after: str) -> dict[str, Any]:
    start = common(before, after)
    end = min(common(before, after, at_end=True), len(before) - start, len(after) - start)
    range_ = Units(None).range(LineTable(before), Span(start, len(before) - end))
    first, last = ({"line": one.line, "character": one.character} for one in (range_.start, range_.end))
    return {"range": {"start": first, "end": last}, "text": after[start : len(after) - end]}


def _expression(pattern: str) -> re.Pattern[str]:
    tail = re.escape(pattern.removeprefix("**/")).replace(r"/\*\*", "(?:/.*)?").replace(r"\*", "[^/]*")
    return re.compile(rf"(?:.*/)?{tail}")


async def settled(editor: Whole, rounds: int = 2) -> dict[Any, Any]:
    for _ in range(rounds):
        await turns(SETTLED)
        editor.poll()
        await asyncio.sleep(SEARCH)
        await turns(SETTLED)
    for path in editor.texts:  # Nothing is refreshed for them.
        for method in (HOVER, SYMBOLS):
            editor._ask(method, editor.uri(path))
    await turns(SETTLED)
    return {(method, path): some for (method, path), some in editor.shown.items() if some}


Step = tuple[Any, ...]
"""The name of a method of the editor, and its arguments."""


async def ends(files: dict[str, str], steps: Sequence[Step], top: str = "", **how: Any) -> tuple[Any, Any]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / top
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, newline="")
        editor = Whole(root, **how)
        await turns(SETTLED)
        for name, *arguments in steps:
            if name == "wait":
                await turns(arguments[0])
            elif name == "settle":
                await settled(editor, 1)
            else:
                getattr(editor, name)(*arguments)
        found = await settled(editor)
        fresh = Whole(root, **{**how, "folders": editor.folders})
        fresh.settings = editor.settings
        await turns(SETTLED)
        for path, text in editor.texts.items():
            fresh.type(path, text)
            await turns(SETTLED)
        return found, await settled(fresh)


CONFIG, OTHER, INNER = ".upsun/config.yaml", ".upsun/other.yaml", "sub/.upsun/config.yaml"
INCLUDED, SCRIPT, SETTINGS, PYPROJECT = "ops/w.yaml", "scripts/work.sh", ".upsun-lint.toml", "pyproject.toml"
NOTES, BASE_FILE, PACKAGE = "notes.yaml", "base.toml", "vendor/p/.upsun/config.yaml"
APP = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    wokers: {}
    workers:
      queue: {commands: {start: bash scripts/work.sh}}
"""
INCLUDING = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    workers: !include ../ops/w.yaml
"""
TEXTS = {
    CONFIG: [APP, INCLUDING, "services:\n  db: {typ: 'redis:8.0'}\n"],
    OTHER: ["services: {db: {typ: x}}\n", "applications:\n  two:\n    type: 'php:8.4'\n    source: {root: two}\n    workers:\n      queue: {commands: {start: a}}\n"],
    INNER: ["applications:\n  in:\n    type: 'php:8.4'\n    wokers: {}\n", "a: [\n"],
    INCLUDED: ["queue:\n  comands: {start: x}\n", "queue:\n  commands: {start: bash scripts/work.sh}\n"],
    SCRIPT: ["#!/bin/bash\nphp x.php\n", "#!/bin/bash\nwhile true; do php artisan queue:work --once; done\n", "exec php artisan queue:work\n"],
    SETTINGS: ["ignore = ['unknown-key']\n", "ignroe = []\n", "extends = ['base.toml']\n", "select = ['unknown-key']\n"],
    BASE_FILE: ["ignore = ['unknown-key']\n", "ignore = ["],
    PYPROJECT: ["[tool.upsun-lint]\nignore = ['unknown-key']\n", "[tool.upsun-lint]\nignore = 1\n", "[x]\n"],
    NOTES: ["a: 1\n"],
    PACKAGE: ["a: [\n"],
}  # fmt: skip
FILES = {CONFIG: APP, OTHER: "services: {db: {typ: x}}\n", INCLUDED: TEXTS[INCLUDED][0], SCRIPT: TEXTS[SCRIPT][0]}

OPENED = [CONFIG, OTHER, INNER, INCLUDED, SETTINGS, NOTES]
ALL = [(path, text) for path, some in TEXTS.items() for text in some]
MOVED = [(".upsun", ".gone"), ("ops", "oops"), ("sub/.upsun", "x/.upsun"), (SCRIPT, "x.sh")]
SETTLE: Step = ("settle",)
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.sampled_from(ALL).map(lambda one: ("write", *one)),
    st.sampled_from([one for one in ALL if one[0] in OPENED]).map(lambda one: ("type", *one)),
    st.sampled_from([one for one in ALL if one[0] in OPENED]).map(lambda one: ("type", *one)),
    st.sampled_from(OPENED).map(lambda path: ("close_file", path)),
    st.sampled_from(OPENED).map(lambda path: ("save", path)),
    st.sampled_from([*TEXTS, ".upsun", "ops", "sub", "sub/.upsun", "scripts"]).map(lambda path: ("remove", path)),
    st.sampled_from([*MOVED, *((new, old) for old, new in MOVED)]).map(lambda one: ("move", *one)),
    st.sampled_from([{}, {"ignore": ["unknown-key"]}, {"codeLenses": False}]).map(lambda one: ("configure", one)),
    st.sampled_from([[""], ["sub"], [], ["sub", "ops"]]).map(lambda one: ("set_folders", *one)),
    st.integers(0, 14).map(lambda count: ("wait", count)),
    st.sampled_from([("poll",), SETTLE]),
)


@given(st.lists(STEPS, min_size=2, max_size=10), st.booleans(), st.sampled_from(["", ODD]), st.booleans())
@hypothesis_settings(max_examples=20)
def test_the_end_of_a_session_is_a_fresh_start(steps: list[Step], pulls: bool, top: str, raw: bool) -> None:
    found, wanted = asyncio.run(ends(FILES, steps, top, pulls=pulls, raw=raw))
    assert found == wanted


VALID, BASE = "ignore = []\n", ("type", SETTINGS, TEXTS[SETTINGS][2])
FOUND: dict[str, list[Step]] = {
    "a project inside another": [("type", CONFIG, APP), ("type", INNER, TEXTS[INNER][0]), SETTLE, ("type", CONFIG, f"{APP}#")],
    "a file that nothing includes stays open": [("type", CONFIG, APP), ("type", NOTES, "a: 1\n"), SETTLE, ("close_file", CONFIG)],
    "the last file of a project is closed": [("type", CONFIG, APP), SETTLE, ("close_file", CONFIG)],
    "a folder with included files is gone": [("type", CONFIG, INCLUDING), SETTLE, ("remove", "ops")],
    "and is there again": [("type", CONFIG, INCLUDING), SETTLE, ("move", "ops", "x"), SETTLE, ("move", "x", "ops")],
    "the folder of the configuration is gone": [("type", INNER, "a: [\n"), SETTLE, ("move", ".upsun", ".gone")],
    "a missing file is made": [("remove", "ops"), ("type", CONFIG, INCLUDING), SETTLE, ("write", INCLUDED, "a: [\n")],
    "a package brings a project": [("type", CONFIG, APP), SETTLE, ("write", PACKAGE, "a: [\n")],
    "a new project is opened and closed": [
        SETTLE, ("write", INNER, "a: [\n"), SETTLE, ("type", INNER, "a: [\n"), SETTLE, ("close_file", INNER),
    ],
    "a project is gone, and there again": [
        ("write", INNER, "a: [\n"), SETTLE, ("remove", "sub"), SETTLE, ("write", INNER, TEXTS[INNER][0]),
    ],
    "settings are of a file that is mended": [
        ("write", BASE_FILE, "ignore = ["), ("write", *BASE[1:]), ("type", CONFIG, APP), BASE, SETTLE, ("write", BASE_FILE, VALID),
    ],
    "settings are broken, and their project is closed": [
        ("write", SETTINGS, "ignroe = []\n"), ("type", CONFIG, APP), SETTLE, ("close_file", CONFIG),
    ],
    "a broken settings file is closed": [("type", SETTINGS, "ignroe = []\n"), ("close_file", SETTINGS)],
    "one that is used is opened and closed": [
        ("write", SETTINGS, "ignroe = []\n"), ("type", CONFIG, APP), SETTLE, ("type", SETTINGS, ""), ("close_file", SETTINGS),
    ],
    "a text is changed in ranges": [("type", CONFIG, APP), ("type", CONFIG, INCLUDING), ("type", CONFIG, APP[:-9])],
    "a second file is opened with another text than on disk": [("type", CONFIG, APP), SETTLE, ("type", OTHER, TEXTS[OTHER][1])],
    "a file is no longer included": [("type", INCLUDED, "a: {}\n"), ("type", CONFIG, INCLUDING), SETTLE, ("type", CONFIG, APP)],
}  # fmt: skip


@pytest.mark.parametrize("case", FOUND)
@pytest.mark.parametrize("pulls", [True, False])
def test_what_once_stayed_outdated(case: str, pulls: bool) -> None:
    found, wanted = asyncio.run(ends(FILES, FOUND[case], ODD, pulls=pulls, raw=True))
    assert found == wanted


def test_a_client_may_spell_a_uri_in_its_own_way() -> None:
    found, _ = asyncio.run(ends(FILES, [("type", CONFIG, APP), SETTLE], ODD, raw=True))
    assert found["textDocument/diagnostic", OTHER] == [(0, "unknown-key")]


@pytest.mark.parametrize("pulls", [True, False])
def test_a_commit_in_the_session_is_what_files_are_compared_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pulls: bool
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    git(tmp_path, "init", "-q", ".")
    files = {CONFIG: "services:\n  db: {type: 'mariadb:11.8'}\n"}
    steps: list[Step] = [
        ("configure", {"compareWithHead": True}),
        ("type", CONFIG, files[CONFIG]),
        ("commit", CONFIG, files[CONFIG]),
        SETTLE,
        ("commit", CONFIG, files[CONFIG].replace("11.8", "12.3")),
    ]
    found, wanted = asyncio.run(ends(files, steps, str(tmp_path), pulls=pulls))
    assert found == wanted
    assert "service-version-lowered" in [code for _, code in found["textDocument/diagnostic", CONFIG]]
