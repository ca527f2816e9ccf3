"""Commands in start commands, hooks and cron jobs: semantic tokens, and a hover for each command."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.session import Session, session

pytestmark = pytest.mark.asyncio

TEXT = """\
applications:
  😀:
    type: 'php:8.4'
    hooks:
      build: |
        set -e

        # get all
        if [ -f "x$A y" ]; then
          composer install --no-dev && echo '😀' | cat
        fi
    crons:
      nightly: {spec: 'H 3 * * *', commands: {start: "😀 --x '$A' && ls"}}
      escaped: {spec: 'H 4 * * *', commands: {start: "a\\tb"}}
    workers:
      folded:
        commands:
          start: >
            php artisan
            migrate;  php
            artisan queue:work
"""


async def tokens(editor: Session) -> list[tuple[str, str]]:
    assert editor.result is not None
    provider = editor.result.capabilities.semantic_tokens_provider
    assert provider is not None
    kinds = provider.legend.token_types
    params = types.SemanticTokensParams(editor.identifier())
    found = await editor.client.text_document_semantic_tokens_full_async(params)
    assert found is not None
    listed, line, start = [], 0, 0
    for index in range(0, len(found.data), 5):
        below, along, length, kind, _ = found.data[index : index + 5]
        line, start = line + below, along if below else start + along
        range_ = types.Range(types.Position(line, start), types.Position(line, start + length))
        listed.append((kinds[kind], editor.covered(range_)))
    return listed


@pytest.mark.parametrize(("encoding", "ending"), [("utf-8", "\n"), ("utf-16", "\r\n"), ("utf-32", "\n")])
async def test_the_parts_of_every_script_have_tokens(tmp_path: Path, encoding: str, ending: str) -> None:
    async with session(tmp_path, encoding=encoding) as editor:
        editor.open(TEXT.replace("\n", ending))
        found = await tokens(editor)
        assert found[:10] == [
            ("function", "set"),
            ("parameter", "-e"),
            ("comment", "# get all"),
            ("keyword", "if"),
            ("string", '"'),
            ("string", "x"),
            ("variable", "A"),
            ("string", " y"),
            ("string", '"'),
            ("operator", ";"),
        ]
        assert ("string", "'😀'") in found and ("function", "😀") in found and ("string", "'$A'") in found
        assert [text for kind, text in found if kind == "function"].count("php") == 2
        assert not any("\\t" in text for _, text in found), "its place in the file is not known"


async def hover(editor: Session, needle: str) -> tuple[str, str]:
    """The text of a hover on the end of a text, and the text that the hover is about."""
    position = editor.position(needle, after=len(needle) - 1)
    found = await editor.client.text_document_hover_async(types.HoverParams(editor.identifier(), position))
    assert found is not None and isinstance(found.contents, types.MarkupContent) and found.range is not None
    return found.contents.value, editor.covered(found.range)


async def test_each_command_has_a_hover(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(TEXT)
        text, place = await hover(editor, "composer")
        assert place == "composer install --no-dev"
        assert "**Recognized** as Composer." in text and "**Recognized by** `composer` and `install`." in text
        text, place = await hover(editor, "| cat")
        assert place == "cat" and "Composer" not in text
        text, place = await hover(editor, "queue:work")
        assert "Laravel queue worker" in text and place.split() == ["php", "artisan", "queue:work"]
        text, _ = await hover(editor, "build")
        assert "**Build hook**" in text
