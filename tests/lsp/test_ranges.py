"""Folding and selection ranges."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.session import CONFIG, Session, session

pytestmark = pytest.mark.asyncio

TEXT = """\
# 😀 e\u0301 \u2028 one
# two
# three

applications: # not folded with the next
  # alone
  shop:
    type: 'php:8.4'
    relationships: {
      database: 'db:mysql', # 😀
      cache
    }
    stack: [php,
      nodejs]
    hooks:
      build: |
        # no comment
        # 😀 \u2028

        composer install
      deploy: 'one
        two'
    workers:
      queue:
        commands: {start: x}

    # first
    # second
  api:
    type: 'nodejs:24'
    web:
      commands:
        start: node
    additional:
      - a: 1
        b: 2
      - c
services:
  db: {type: 'mariadb:11.8'}
""".replace("\n", "\r\n")

FOLDS = [
    ("# 😀", "# three", "comment"),
    ("applications", "- c", None),
    ("shop:", "commands: {start: x}", None),
    ("relationships", "cache", None),
    ("stack", "nodejs]", None),
    ("hooks", "two'", None),
    ("build", "composer install", None),
    ("deploy", "two'", None),
    ("workers", "commands: {start: x}", None),
    ("queue", "commands: {start: x}", None),
    ("# first", "# second", "comment"),
    ("api", "- c", None),
    ("web", "start: node", None),
    ("commands:", "start: node", None),
    ("additional", "- c", None),
    ("- a", "b: 2", None),
    ("services", "db: {type: 'mariadb:11.8'}", None),
]


async def folds(editor: Session) -> list[types.FoldingRange]:
    params = types.FoldingRangeParams(editor.identifier())
    return list(await editor.client.text_document_folding_range_async(params) or ())


async def test_everything_of_several_lines_folds(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(TEXT)
        lines = TEXT.split("\r\n")
        found = await folds(editor)
        assert len(found) == len(FOLDS)
        for fold, (first, last, kind) in zip(found, FOLDS, strict=True):
            assert lines[fold.start_line].strip().startswith(first)
            assert lines[fold.end_line].strip().startswith(last)
            assert (fold.kind.value if isinstance(fold.kind, types.FoldingRangeKind) else fold.kind) == kind
            assert fold.start_character is None and fold.end_character is None


async def test_a_client_that_folds_parts_of_lines_keeps_the_braces(tmp_path: Path) -> None:
    # ALE does not say that it folds whole lines only.
    async with session(tmp_path, "ale", encoding="utf-16") as editor:
        editor.open(TEXT)
        found = [one for one in await folds(editor) if one.start_character is not None]
        assert [
            editor.covered(
                types.Range(
                    types.Position(one.start_line, one.start_character or 0),
                    types.Position(one.end_line, one.end_character or 0),
                )
            )
            for one in found
        ] == [
            "\r\n      database: 'db:mysql', # 😀\r\n      cache\r\n    ",
            "php,\r\n      nodejs",
        ]


async def chain(editor: Session, needle: str, after: int = 0, occurrence: int = 0) -> list[str]:
    """What a selection that begins at a place grows over, the smallest first; each must hold the one before."""
    place = editor.position(needle, after=after, occurrence=occurrence)
    params = types.SelectionRangeParams(editor.identifier(), [place])
    (found,) = await editor.client.text_document_selection_range_async(params) or ()
    texts: list[str] = []
    one: types.SelectionRange | None = found
    while one is not None:
        assert one.range.start <= place <= one.range.end
        assert one.parent is None or (
            one.parent.range.start <= one.range.start and one.range.end <= one.parent.range.end
        )
        texts.append(editor.covered(one.range))
        one = one.parent
    assert texts[-1] == editor.texts[CONFIG] and len(set(texts)) == len(texts)
    return texts


def starts(texts: list[str], *expected: str) -> bool:
    return all(text.startswith(start) for text, start in zip(texts, expected, strict=False)) and len(texts) > len(
        expected
    )


async def test_a_selection_grows_from_the_word_to_the_file(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(TEXT)
        found = await chain(editor, "mysql'", 2)
        assert starts(
            found, "mysql", "db:mysql", "'db:mysql'", "database: 'db:mysql'", "{", "relationships: {", "type:"
        )
        assert found[-2].startswith("applications") and found[-2].endswith("{type: 'mariadb:11.8'}")
        assert found[6].endswith("{start: x}") and found[7].startswith("shop:")
        # A key is its word, then what it names.
        assert starts(await chain(editor, "queue:", 1), "queue", "queue:", "workers:")
        assert starts(await chain(editor, "nodejs]"), "nodejs", "[php,", "stack: [php,", "type:")


async def test_a_selection_in_a_script_and_in_a_comment(tmp_path: Path) -> None:
    async with session(tmp_path, "kate") as editor:
        editor.open(TEXT)
        found = await chain(editor, "composer install", 3)
        assert found[0] == "composer" and found[1] == "composer install"
        assert found[2].strip().startswith("# no comment") and found[2].endswith("composer install")
        assert found[3].startswith("|") and found[4].startswith("build: |") and found[5].startswith("build: |")
        found = await chain(editor, "first", 1)
        assert found[:2] == ["first", "# first"]
        found = await chain(editor, "- a: 1", 3)
        assert found[:2] == ["a", "a: 1"] and starts(found[2:], "a: 1\r\n        b: 2", "a: 1", "additional:")


async def test_places_outside_the_text_are_accepted(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(TEXT)
        places = [types.Position(9999, 0), types.Position(0, 9999), types.Position(3, 0)]
        params = types.SelectionRangeParams(editor.identifier(), places)
        assert len(await editor.client.text_document_selection_range_async(params) or ()) == 3
        for end in [*range(0, len(TEXT), 43), 1]:
            editor.change(TEXT[:end])
            for fold in await folds(editor):
                assert fold.start_line < fold.end_line <= TEXT[:end].count("\n")
            assert len(await editor.client.text_document_selection_range_async(params) or ()) == 3
            for position in (0, end // 2, end):
                await chain(editor, TEXT[:position])
