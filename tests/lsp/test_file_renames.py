"""Includes and `source.root` follow files and folders that are renamed in the editor."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.edits import applied
from tests.lsp.session import CONFIG, Session, session

pytestmark = pytest.mark.asyncio

TEXT = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /code}
    hooks: {build: !include {type: string, path: build.sh}}
    workers: !include 'parts/workers.yaml'  # all
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in ((CONFIG, TEXT), (".upsun/parts/workers.yaml", "{}\n"), ("code/build.sh", "make\n")):
        (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / path).write_text(text)
    return tmp_path


async def renamed(editor: Session, old: str, new: str) -> dict[str, str]:
    params = types.RenameFilesParams([types.FileRename(editor.uri(old), editor.uri(new))])
    edit = await editor.client.workspace_will_rename_files_async(params)
    return {} if edit is None else applied(editor, edit)


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        (".upsun/parts/workers.yaml", ".upsun/parts/my workers.yaml", "parts/workers.yaml", "parts/my workers.yaml"),
        (".upsun/parts", ".upsun/pieces", "parts/workers.yaml", "pieces/workers.yaml"),
        ("code/build.sh", "code/bin/make.sh", "path: build.sh", "path: bin/make.sh"),
        ("code", "app", "root: /code", "root: /app"),
    ],
)
@pytest.mark.parametrize("profile", ["vscode", "kate"])
async def test_what_names_a_renamed_file_follows(
    root: Path, profile: str, old: str, new: str, before: str, after: str
) -> None:
    async with session(root, profile) as editor:
        editor.open(TEXT)
        assert await renamed(editor, old, new) == {CONFIG: TEXT.replace(before, after)}


async def test_what_a_moved_file_includes_is_still_found(root: Path) -> None:
    async with session(root) as editor:
        editor.open(TEXT)
        text = TEXT.replace("'parts/workers.yaml'", "'../.upsun/parts/workers.yaml'")
        assert await renamed(editor, CONFIG, ".config/config.yaml") == {CONFIG: text}


async def test_a_file_that_nothing_names_changes_nothing(root: Path) -> None:
    async with session(root) as editor:
        editor.open(TEXT)
        assert await renamed(editor, "code/other.sh", "code/more.sh") == {}
