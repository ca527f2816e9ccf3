"""Blocks that are shared by an anchor: hover, completion and navigation as where they are used, told apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.completing import MARK, offered, split
from tests.lsp.session import Session, session
from upsun_schema.yaml.text import LineTable

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


UNLIKE = """\
.worker: &worker
  commands:
    start: ./run.sh $DB_HOST {start}
  variables: {{env: {{A: b}}}}
  {key}
applications:
  app:
    type: 'php:8.4'
    source: {{root: app}}
    relationships: {{db: , cache: }}
    workers:
      one: {{<<: *worker}}
      two:
        <<: *worker
        relationships: {{cache: }}
        variables: {{}}
  shop:
    type: 'php:8.4'
    source: {{root: shop}}
    workers:
      own: &own
        commands: {{start: ./own.sh}}
        {inner}
      three: *own
services: {{db: {{type: 'mariadb:11.8'}}, cache: {{type: 'redis:8.0'}}}}
"""


def unlike(**parts: str) -> str:
    return UNLIKE.format(**{"start": "", "key": "", "inner": ""} | parts)


async def test_a_variable_is_explained_for_each_use(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(unlike())
        found = await explained(editor, "$DB_HOST")
        assert found is not None
        one, _, two = found.partition("---\n\n")
        assert "[worker `one`]" in one and "the application's relationship `db`" in one
        assert "[worker `two`]" in two and "It is not set here" in two
        replaced = await explained(editor, "A: b")
        assert replaced is not None and "[worker `one`]" in replaced
        assert "worker `two`](" not in replaced, "it has other variables"


async def test_an_anchor_in_a_section_is_used_there_too(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(unlike())
        found = await explained(editor, "./own.sh")
        assert found is not None and "[worker `own`]" in found and "[worker `three`]" in found
        key = await explained(editor, "own: &own")
        assert key is not None and "Shared block" not in key, "only its value is shared"


async def variables_at(editor: Session, marked: str) -> dict[str, types.CompletionItem]:
    """The variables that are offered at the mark; the editor sorts them."""
    text, offset = split(marked)
    editor.open(text)
    position = editor.units.position(LineTable(text), offset)
    found = await editor.client.text_document_completion_async(types.CompletionParams(editor.identifier(), position))
    assert isinstance(found, types.CompletionList)
    return {item.label: item for item in found.items}


async def test_completion_offers_what_fits_any_use(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        variables = await variables_at(editor, unlike(start=f"${MARK}"))
        assert variables["DB_HOST"].detail == "relationship, only in one"
        assert variables["CACHE_HOST"].detail == "relationship"
        keys = await offered(editor, unlike(key=MARK))
        assert keys["relationships"].detail == "inherited from app"
        shared = await offered(editor, unlike(inner=f"relationships: {{{MARK}}}"))
        assert {"db", "cache", "app"} <= set(shared)


async def test_keys_that_fit_some_uses_say_which(tmp_path: Path) -> None:
    text = """\
.block: &block
  type: 'php:8.4'
  {key}
applications:
  app:
    <<: *block
services:
  db:
    <<: *block
"""
    async with session(tmp_path) as editor:
        keys = await offered(editor, text.replace("{key}", MARK))
        assert keys["hooks"].detail == "only in application app"
        assert keys["configuration"].detail == "only in service db"
        assert "only in" not in (keys["relationships"].detail or "")


async def test_definitions_of_all_uses_are_found(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        text = unlike().replace("relationships: {cache: }", "relationships: {db: }")
        editor.open(text)
        params = types.DefinitionParams(editor.identifier(), editor.position("$DB_HOST", after=2))
        found = await editor.client.text_document_definition_async(params)
        assert isinstance(found, list)
        lines = text.split("\n")
        assert ["relationships" in lines[one.range.start.line] for one in found] == [True, True]
