"""Hovers in blocks that are shared by an anchor: as where they are used, with the places told apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.session import Session, session

pytestmark = pytest.mark.asyncio

TEXT = """\
.worker: &worker
  commands:
    start: php artisan queue:work
  variables: &variables
    env: {A: b}
.unused: &unused
  commands: {start: x}
applications:
  app:
    type: 'php:8.4'
    relationships: {db: }
    mounts: {uploads: {source: storage}}
    workers:
      one: {<<: *worker}
      two:
        <<: *worker
        mounts: {}
      three:
        commands: {start: ./three.sh}
        variables: *variables
services: {db: {type: 'mariadb:11.8'}}
"""


async def explained(editor: Session, needle: str) -> str | None:
    position = editor.position(needle, after=1)
    found = await editor.client.text_document_hover_async(types.HoverParams(editor.identifier(), position))
    return found.contents.value if found is not None and isinstance(found.contents, types.MarkupContent) else None


async def test_a_shared_block_is_explained_as_where_it_is_used(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(TEXT)
        command = await explained(editor, "queue:work")
        assert command is not None
        assert "used by [worker `one`]" in command and "[worker `two`]" in command
        assert command.count("**Start command**") == 1, "both have the same text but for the names"
        whole = await explained(editor, ".worker")
        assert whole is not None and whole.count("**Worker** `") == 2
        assert "**Loses** `uploads`" in whole.partition("---\n\n**Shared")[2], "only the second worker loses it"
        variable = await explained(editor, "A: b")
        assert variable is not None and "[worker `three`]" in variable and "`$A`" in variable
        unused = await explained(editor, "start: x")
        assert unused is None or "Shared block" not in unused
        own = await explained(editor, "./three.sh")
        assert own is not None and "Shared block" not in own
