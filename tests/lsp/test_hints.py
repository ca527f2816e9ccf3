"""Inlay hints show what a worker inherits; code lenses show its configuration and open a shell on it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.session import CONFIG, Session, session
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio

ODD = (
    "# 😀 e\u0301 \u2028 before everything\r\n"
    "applications:\r\n"
    "  app:\r\n"
    "    type: 'php:8.4'\r\n"
    "    relationships: {db: 'db:mysql'}\r\n"
    "    mounts: {'a': {source: tmp}, 'b': {source: tmp}}\r\n"
    "    variables: {env: {'😀': x}}\r\n"
    "    workers:\r\n"
    "      '😀': &other\r\n"
    "        commands: {start: php other.php}\r\n"
    "        variables: {env: {Y: x}}\r\n"
    "      queue: {commands: {start: php queue.php}}\r\n"
    "      all:\r\n"
    "        <<: *other\r\n"
    "        relationships: {}\r\n"
    "        mounts: {'a/': {source: tmp}, 'b': {source: tmp}}\r\n"
    "      unfinished:\r\n"
    "  lone:\r\n"
    "    type: 'php:8.4'\r\n"
    "    workers:\r\n"
    "      queue: {commands: {start: php queue.php}}\r\n"
)


async def hints_of(editor: Session, path: str = CONFIG, lines: tuple[int, int] = (0, 1000)) -> list[types.InlayHint]:
    range_ = types.Range(types.Position(lines[0], 0), types.Position(lines[1], 0))
    found = await editor.client.text_document_inlay_hint_async(types.InlayHintParams(editor.identifier(path), range_))
    return list(found or [])


async def lenses_of(editor: Session, path: str = CONFIG) -> list[types.CodeLens]:
    found = await editor.client.text_document_code_lens_async(types.CodeLensParams(editor.identifier(path)))
    return list(found or [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_what_each_worker_inherits_and_overrides(tmp_path: Path, encoding: str) -> None:
    async with session(tmp_path, "neovim", encoding=encoding) as editor:
        editor.open(ODD)
        hints = await hints_of(editor)
        assert [hint.label for hint in hints] == [
            "overrides variables · inherits 2 blocks",
            "inherits relationships, mounts, variables",
            "overrides relationships, mounts, variables",
        ]
        assert [hint.position for hint in hints] == [
            editor.position("'😀': &", after=4),
            editor.position("queue:", after=6),
            editor.position("all:", after=4),
        ]
        tooltip = hints[2].tooltip
        assert isinstance(tooltip, types.MarkupContent)
        assert "Its `relationships` block replaces the application's and drops `db`." in tooltip.value
        assert "Its `mounts` block replaces the application's.\n" in tooltip.value, "both mounts are set again"
        assert isinstance(hints[1].tooltip, types.MarkupContent)
        assert hints[1].tooltip.value == "- It inherits `relationships`, `mounts` and `variables`."
        assert all(len(str(hint.label)) <= 43 for hint in hints), "VS Code would cut it"


async def test_only_hints_in_the_requested_range(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(ODD)
        line = editor.position("queue:").line
        assert len(await hints_of(editor, lines=(line, line + 1))) == 1
        assert await hints_of(editor, lines=(0, 3)) == []


async def test_a_file_without_workers_has_none(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(ODD)
        editor.open("services:\n  db:\n    type: 'mariadb:11.8'\n", ".upsun/services.yaml")
        assert await hints_of(editor, ".upsun/services.yaml") == []
        assert await lenses_of(editor, ".upsun/services.yaml") == []


async def test_the_lenses_of_each_worker(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(ODD)
        lenses = await lenses_of(editor)
        commands = [lens.command for lens in lenses if lens.command is not None]
        assert len(commands) == len(lenses) == 8
        assert editor.covered(lenses[0].range) == "'😀'"
        assert editor.covered(lenses[2].range) == "queue"
        assert commands[2].title == "show effective configuration"
        assert commands[2].command == "upsun-lint.showEffective"
        assert list(commands[2].arguments or ()) == [editor.uri(), "app--queue"]
        # The short name would be ambiguous: another application has a worker with the same name.
        assert commands[3].title == "copy upsun ssh --worker=app--queue"
        assert commands[3].command == "upsun-lint.copy"
        assert list(commands[3].arguments or ()) == ["upsun ssh --worker=app--queue"]
        assert list(commands[5].arguments or ()) == ["upsun ssh --worker=all"]


@pytest.mark.parametrize(("setting", "hints", "lenses"), [("inlayHints", 0, 8), ("codeLenses", 3, 0)])
async def test_each_can_be_turned_off(tmp_path: Path, setting: str, hints: int, lenses: int) -> None:
    async with session(tmp_path, settings={setting: False}) as editor:
        editor.open(ODD)

        async def counts() -> tuple[int, int]:
            return len(await hints_of(editor)), len(await lenses_of(editor))

        # The server asks for the settings after it is initialized; the answer may come after the first requests.
        async with asyncio.timeout(PATIENCE):
            while 0 not in await counts():
                await asyncio.sleep(0.01)
        assert await counts() == (hints, lenses)


async def test_hints_and_lenses_while_typing(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(ODD)
        editor.change(ODD.replace("        relationships: {}\r\n", "        relationsh\r\n"))
        labels = [hint.label for hint in await hints_of(editor)]
        assert labels[0] == "overrides variables · inherits 2 blocks"
        assert labels[2] == "overrides 2 blocks · inherits relationships"
        editor.change(ODD[: ODD.index("all:")] + "al")
        assert len(await hints_of(editor)) == 2
        assert len(await lenses_of(editor)) == 4
