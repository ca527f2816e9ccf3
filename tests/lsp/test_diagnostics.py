"""Findings reach the editor at the right place, in its units, for every client."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.session import PROFILES, session

pytestmark = pytest.mark.asyncio

# Everything that makes counting hard stands before the mistake: CRLF, an emoji, a combining accent, U+2028.
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
