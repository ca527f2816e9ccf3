"""Every client gets the findings at the right place, in its units."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.session import PROFILES, session

pytestmark = pytest.mark.asyncio

# Everything that makes counting hard is before the mistake: CRLF, an emoji, a combining accent, U+2028.
ODD = (
    "# 😀 e\u0301 \u2028 before everything\r\n"
    "applications:\r\n"
    "  app:\r\n"
    "    type: 'php:8.4'\r\n"
    "    workers:\r\n"
    "      queue: {commands: {start: 'echo \"😀 e\u0301 \u2028\" && sleep infinity'}, 'crons': {}}\r\n"
)


@pytest.mark.parametrize("profile", PROFILES)
async def test_every_client_sees_the_mistake(tmp_path: Path, profile: str) -> None:
    async with session(tmp_path, profile) as editor:
        editor.open(ODD)
        (found,) = [one for one in await editor.diagnostics() if one.code == "crons-on-worker"]
        assert editor.covered(found.range) == "'crons'"
        assert found.severity == types.DiagnosticSeverity.Error
        assert found.source == "upsun-lint"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_columns_are_counted_in_the_agreed_unit(tmp_path: Path, encoding: str) -> None:
    async with session(tmp_path, "neovim", encoding=encoding) as editor:
        assert editor.result is not None
        assert editor.result.capabilities.position_encoding == encoding
        editor.open(ODD)
        (found,) = [one for one in await editor.diagnostics() if one.code == "crons-on-worker"]
        line = ODD.split("\r\n")[5]
        before = line[: line.index("'crons'")]
        units = {"utf-8": len(before.encode()), "utf-16": len(before.encode("utf-16-le")) // 2, "utf-32": len(before)}
        assert found.range.start == types.Position(5, units[encoding])


INCLUDING = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    workers:
      queue:
        commands:
          start: !include {type: string, path: bin/queue.sh}
"""


async def test_an_included_script_is_watched(tmp_path: Path) -> None:
    script = tmp_path / "bin" / "queue.sh"
    script.parent.mkdir()
    script.write_text("php artisan queue:work &\n", encoding="utf-8")
    async with session(tmp_path) as editor:
        editor.open(INCLUDING)
        (found,) = [one for one in await editor.diagnostics() if one.code == "backgrounded-start-command"]
        assert editor.covered(found.range) == "!include {type: string, path: bin/queue.sh}"
        assert found.related_information is not None
        assert found.related_information[0].location.uri == script.as_uri()
        await editor.settle()
        assert "**/bin/queue.sh" in editor.watched
        script.write_text("exec php artisan queue:work\n", encoding="utf-8")
        event = types.FileEvent(script.as_uri(), types.FileChangeType.Changed)
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        assert not [one for one in await editor.diagnostics() if one.code == "backgrounded-start-command"]
        editor.change(INCLUDING.replace("!include {type: string, path: bin/queue.sh}", "php queue.php"))
        await editor.diagnostics()
        await editor.settle()
        assert "**/bin/queue.sh" not in editor.watched


@pytest.mark.parametrize("profile", ["vscode", "eglot"])
async def test_the_diagnostics_of_a_deleted_file_are_removed(tmp_path: Path, profile: str) -> None:
    other = tmp_path / ".upsun" / "more" / "other.yaml"
    other.parent.mkdir(parents=True)
    other.write_text("services:\n  db: {type: 'mariadb:11.8'}\n", encoding="utf-8")
    uri = other.as_uri()
    async with session(tmp_path, profile) as editor:
        editor.open(ODD)
        await editor.diagnostics()
        if profile == "eglot":
            await editor.settle()
            assert [one.code for one in editor.published[uri].diagnostics] == ["unread-file"]
        other.unlink()
        event = types.FileEvent(uri, types.FileChangeType.Deleted)
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        editor.change(ODD + "\r\n")
        await editor.diagnostics()
        await editor.settle()
        assert uri not in editor.published or not editor.published[uri].diagnostics
