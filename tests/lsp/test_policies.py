"""Policies in an editor: live, and what is wrong with them at its place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types

from tests.lsp.session import Session, session

asynchronous = pytest.mark.asyncio(loop_scope="function")

FILE = ".upsun-lint.toml"
SETTINGS = """\
[[policies]]
name = "viewers"
subject = "worker"
schema = "policies/viewer.json"
docs = "https://org.example/shell"
"""
SCHEMA = '{"properties": {"access": {"properties": {"ssh": {"const": "%s"}}}}}'
TEXT = """\
applications:
  app:
    type: 'php:8.4'
    access: {ssh: contributor}
    workers:
      queue:
        commands: {start: ./run}
"""


@pytest_asyncio.fixture
async def editor(tmp_path: Path) -> AsyncIterator[Session]:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "viewer.json").write_text(SCHEMA % "viewer")
    (tmp_path / FILE).write_text(SETTINGS)
    async with session(tmp_path, "vscode") as opened:
        yield opened


async def found(editor: Session) -> list[tuple[str, str]]:
    return [
        (editor.covered(one.range), str(one.code))
        for one in await editor.diagnostics()
        if str(one.code).startswith("policy:")
    ]


def changed(editor: Session, path: str) -> None:
    event = types.FileEvent(editor.uri(path), types.FileChangeType.Changed)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))


@asynchronous
async def test_a_policy_is_live(editor: Session) -> None:
    editor.open(TEXT)
    assert await found(editor) == [("contributor", "policy:viewers")]
    editor.change(TEXT.replace("contributor", "viewer"))
    assert await found(editor) == []
    editor.change(TEXT.replace("    access: {ssh: contributor}\n", ""))
    assert await found(editor) == [("queue", "policy:viewers")]
    editor.change("# above\n" + TEXT)
    assert await found(editor) == [("contributor", "policy:viewers")]


@asynchronous
async def test_a_changed_schema_counts_at_once(editor: Session) -> None:
    editor.open(TEXT)
    assert len(await found(editor)) == 1
    file = editor.root / "policies" / "viewer.json"
    file.write_text(SCHEMA % "contributor")
    changed(editor, "policies/viewer.json")
    assert await found(editor) == []
    file.write_text("{")
    changed(editor, "policies/viewer.json")
    assert await found(editor) == []
    file.write_text(SCHEMA % "admin")
    changed(editor, "policies/viewer.json")
    assert len(await found(editor)) == 1


@asynchronous
async def test_a_wrong_policy_is_reported_at_its_place(editor: Session) -> None:
    editor.open(TEXT)
    for wrong, place, words in (
        (SETTINGS.replace("viewer.json", "viewr.json"), "schema", "`viewr.json`: no such file"),
        (SETTINGS.replace('"worker"', '"wroker"'), "subject", "`wroker` is not a valid subject"),
        (
            SETTINGS.replace('schema = "policies/viewer.json"', 'schema = {type = "x"}'),
            "schema",
            "not a valid JSON Schema",
        ),
        ('extends = ["gone.toml"]\n' + SETTINGS, "extends", "gone.toml"),
    ):
        editor.open(wrong, FILE)
        (one,) = await editor.diagnostics(FILE)
        assert (editor.covered(one.range, FILE), words in one.message) == (place, True), one.message
        editor.close(FILE)


@asynchronous
async def test_a_policy_is_explained_and_linked(editor: Session) -> None:
    comment = "  # upsun-lint: ignore[policy:viewers] few"
    editor.open(TEXT.replace("{ssh: contributor}", "{ssh: contributor}" + comment))
    assert await found(editor) == []
    links = await editor.client.text_document_document_link_async(types.DocumentLinkParams(editor.identifier()))
    assert [link.target for link in links or []] == ["https://org.example/shell"]
    arguments = ["policy:viewers", editor.uri()]
    text = await editor.client.workspace_execute_command_async(
        types.ExecuteCommandParams("upsun-lint.explain", arguments)
    )
    assert "It is about a worker" in str(text)
