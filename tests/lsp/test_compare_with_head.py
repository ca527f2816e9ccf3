"""The setting that compares open files with the last commit."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.edits import applied
from tests.lsp.session import CONFIG, Session, session
from tests.patience import PATIENCE
from tests.server.command import write
from tests.server.test_changes import commit, git

pytestmark = pytest.mark.asyncio

TEXT = """\
applications:
  app:
    type: 'php:8.5'
    source: {root: /}
    relationships: {database: 'db:mysql'}
    mounts:
      'var/private':
        source: storage
    web: {locations: {'/': {root: public, passthru: /index.php}}}
services:
  db: {type: 'mariadb:11.8'}
"""
RENAMED = TEXT.replace("  db:", "  orders:").replace("'db:mysql'", "'orders:mysql'")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    git(tmp_path, "init", "-q", ".")
    write(tmp_path / "shop", TEXT)
    commit(tmp_path)
    return tmp_path / "shop"


async def rules(editor: Session) -> list[object]:
    return [one.code for one in await editor.diagnostics()]


async def reported(editor: Session) -> types.Diagnostic:
    """The first diagnostic, once the settings have arrived."""

    async def wait() -> types.Diagnostic:
        while not (found := await editor.diagnostics()):
            await asyncio.sleep(0.01)
        return found[0]

    return await asyncio.wait_for(wait(), PATIENCE)


async def test_what_a_change_destroys_is_shown_while_typing(repository: Path) -> None:
    async with session(repository, settings={"compareWithHead": True}) as editor:
        editor.open(RENAMED)
        assert (await reported(editor)).code == "service-renamed"
        editor.change(RENAMED.replace("services:", "services"))
        assert "service-renamed" not in await rules(editor)
        editor.change(TEXT)
        assert await rules(editor) == []


async def test_a_mount_gets_its_old_folder_back(repository: Path) -> None:
    async with session(repository, settings={"compareWithHead": True}) as editor:
        text = TEXT.replace("'var/private'", "'data/private'")
        editor.open(text)
        found = await reported(editor)
        assert found.code == "mount-renamed"
        params = types.CodeActionParams(editor.identifier(), found.range, types.CodeActionContext([found]))
        actions = await editor.client.text_document_code_action_async(params) or []
        (fix,) = [one for one in actions if isinstance(one, types.CodeAction) and one.title.startswith("Show the old")]
        assert applied(editor, fix.edit) == {
            CONFIG: text.replace("source: storage\n", "source: storage\n        source_path: var/private\n")
        }


async def test_it_is_off_unless_the_user_turns_it_on(repository: Path) -> None:
    async with session(repository) as editor:
        editor.open(RENAMED)
        assert await rules(editor) == []


async def test_without_a_repository_there_is_nothing_to_compare_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    write(tmp_path, TEXT)
    async with session(tmp_path, settings={"compareWithHead": True}) as editor:
        editor.open(RENAMED)
        assert await rules(editor) == []
