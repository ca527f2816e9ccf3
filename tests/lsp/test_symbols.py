"""The outline of a file, and workspace symbols."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.session import CONFIG, Session, session

pytestmark = pytest.mark.asyncio

TEXT = """\
# 😀 e\u0301 \u2028 before everything
.shared: &runner
  commands: {start: 'echo "😀 \u2028"'}
applications:
  'shop': # 😀
    type: 'php:8.4'
    source: {root: /}
    relationships:
      database: 'db:mysql'
      cache:
      reports: {service: db, endpoint: reporting}
    mounts: {'/var/😀': {source: storage}}
    hooks:
      build: |
        set -e
        composer install
    web:
      mounts:
        web/tmp: {source: tmp}
    crons:
      nightly:
        spec: '0 3 * * *'
        commands: {start: php nightly.php}
    workers:
      queue: *runner
      mail:
        commands:
          start: |
            set -e
            php mail.php
        <<: *runner
        variables: {env: {A: b}}
services:
  db: {type: 'mariadb:11.8'}
routes:
  'https://{default}/': {type: upstream, upstream: 'shop:http'}
  'https://www.{default}/':
    type: redirect
    to: 'https://{default}/'
""".replace("\n", "\r\n")

OUTLINE = [
    "Object .shared",
    ". Object commands",
    '. . Property start (echo "😀\\u2028")',
    "Namespace applications",
    ". Module shop (php:8.4)",
    ". . Property type (php:8.4)",
    ". . Object source",
    ". . . Property root (/)",
    ". . Namespace relationships",
    ". . . Field database (db:mysql)",
    ". . . Field cache",
    ". . . Field reports (db)",
    ". . . . Property service (db)",
    ". . . . Property endpoint (reporting)",
    ". . Namespace mounts",
    ". . . File /var/😀 (storage)",
    ". . . . Property source (storage)",
    ". . Namespace hooks",
    ". . . Method build (composer install)",
    ". . Object web",
    ". . . Namespace mounts",
    ". . . . File web/tmp (tmp)",
    ". . . . . Property source (tmp)",
    ". . Namespace crons",
    ". . . Event nightly (0 3 * * *)",
    ". . . . Property spec (0 3 * * *)",
    ". . . . Object commands",
    ". . . . . Property start (php nightly.php)",
    ". . Namespace workers",
    '. . . Function queue (echo "😀\\u2028")',
    ". . . Function mail (php mail.php)",
    ". . . . Object commands",
    ". . . . . Property start (php mail.php)",
    ". . . . Namespace variables",
    ". . . . . Namespace env",
    ". . . . . . Variable A (b)",
    "Namespace services",
    ". Class db (mariadb:11.8)",
    ". . Property type (mariadb:11.8)",
    "Namespace routes",
    ". Interface https://{default}/ (shop:http)",
    ". . Property type (upstream)",
    ". . Property upstream (shop:http)",
    ". Interface https://www.{default}/ (https://{default}/)",
    ". . Property type (redirect)",
    ". . Property to (https://{default}/)",
]


async def outline(editor: Session, path: str = CONFIG) -> list[types.DocumentSymbol]:
    params = types.DocumentSymbolParams(editor.identifier(path))
    found = await editor.client.text_document_document_symbol_async(params)
    return [one for one in found or () if isinstance(one, types.DocumentSymbol)]


def listed(editor: Session, symbols: Iterable[types.DocumentSymbol], lead: str = "") -> list[str]:
    """Symbols as lines; each range must hold those of what is below it."""
    found: list[str] = []
    for one in symbols:
        assert editor.covered(one.selection_range).strip("'") == one.name
        assert one.range.start <= one.selection_range.start and one.selection_range.end <= one.range.end
        for child in one.children or ():
            assert one.range.start <= child.range.start and child.range.end <= one.range.end
        found.append(f"{lead}{one.kind.name} {one.name}" + (f" ({one.detail})" if one.detail else ""))
        found += listed(editor, one.children or (), f"{lead}. ")
    return found


async def test_the_outline_of_a_file(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(TEXT)
        found = await outline(editor)
        assert listed(editor, found) == OUTLINE
        assert editor.covered(found[1].range).endswith("variables: {env: {A: b}}")
        (shop,) = found[1].children or ()
        hooks = next(one for one in shop.children or () if one.name == "hooks")
        assert editor.covered(hooks.range).split("\r\n")[-1].strip() == "composer install"


async def test_a_client_without_trees_gets_a_list(tmp_path: Path) -> None:
    async with session(tmp_path, "ale") as editor:
        editor.open(TEXT)
        params = types.DocumentSymbolParams(editor.identifier())
        found = await editor.client.text_document_document_symbol_async(params)
        lines = []
        for one in found or ():
            assert isinstance(one, types.SymbolInformation)
            assert editor.covered(one.location.range).lstrip("'").startswith(one.name)
            depth = one.container_name.count(" › ") + 1 if one.container_name else 0
            lines.append(f"{'. ' * depth}{one.kind.name} {one.name}")
        assert lines == [line.partition(" (")[0] for line in OUTLINE]
        queue = next(one for one in found or () if one.name == "queue")
        assert isinstance(queue, types.SymbolInformation)
        assert queue.container_name == "applications › shop › workers"


async def test_the_outline_of_half_typed_text(tmp_path: Path) -> None:
    async with session(tmp_path, "eglot") as editor:
        editor.open(TEXT.replace("type: 'php:8.4'", "type: 'php:8.4").replace("spec: '0 3 * * *'", "spec: */5 * * * *"))
        names = [line.partition(" (")[0] for line in listed(editor, await outline(editor))]
        assert "Namespace services" in names and ". . . Function mail" in names
        for end in range(0, len(TEXT), 41):
            editor.change(TEXT[:end])
            listed(editor, await outline(editor))


async def test_the_outline_of_an_included_file(tmp_path: Path) -> None:
    path = ".upsun/apps/shop.yaml"
    (tmp_path / ".upsun" / "apps").mkdir(parents=True)
    (tmp_path / path).write_text("type: 'php:8.4'\nworkers:\n  queue:\n    commands: {start: x}\n")
    async with session(tmp_path) as editor:
        editor.open("applications:\n  shop: !include apps/shop.yaml\n")
        editor.open((tmp_path / path).read_text(), path)
        found = await editor.client.text_document_document_symbol_async(
            types.DocumentSymbolParams(editor.identifier(path))
        )
        workers = list(found or ())[-1]
        assert isinstance(workers, types.DocumentSymbol)
        assert [(one.name, one.kind, one.detail) for one in workers.children or ()] == [
            ("queue", types.SymbolKind.Function, "x")
        ]
        assert await names(editor, "que") == ["queue in workers"]


async def names(editor: Session, query: str) -> list[str]:
    found = await editor.client.workspace_symbol_async(types.WorkspaceSymbolParams(query))
    return [f"{one.name} in {one.container_name}" for one in found or ()]


async def test_names_are_found_in_every_project_of_the_workspace(tmp_path: Path) -> None:
    for name in ("one", "two/deep"):
        (tmp_path / name / ".upsun").mkdir(parents=True)
        (tmp_path / name / ".upsun" / "config.yaml").write_bytes(TEXT.encode())
    opened = "one/.upsun/config.yaml"
    async with session(tmp_path) as editor:
        everywhere = ["mail in applications › shop › workers"] * 2
        assert await names(editor, "mail") == everywhere
        # The buffer counts, not the file.
        editor.open(TEXT.replace("mail:", "letters:"), opened)
        assert await names(editor, "mail") == everywhere[1:]
        assert await names(editor, "LTRS") == ["letters in applications › shop › workers"]
        assert await names(editor, "nothing of the kind") == []
        assert len(await names(editor, "")) == 26
        assert await names(editor, "database") == ["database in applications › shop › relationships"] * 2
        found = await editor.client.workspace_symbol_async(types.WorkspaceSymbolParams("https"))
        for one in found or ():
            assert isinstance(one.location, types.Location)
            if one.location.uri == editor.uri(opened):
                assert editor.covered(one.location.range, opened).strip("'") == one.name


async def test_a_long_file_shows_only_public_entries(tmp_path: Path) -> None:
    application = TEXT[TEXT.index("  'shop'") : TEXT.index("services:")].replace("*runner", "{}").replace("<<: {}", "")
    text = "applications:\n" + "".join(
        application.replace("'shop'", f"shop{number}").replace("\r\n", "\n") for number in range(100)
    )
    async with session(tmp_path) as editor:
        editor.open(text)
        found = listed(editor, await outline(editor))
        assert len([line for line in found if "Function" in line]) == 200
        assert not any("Method" in line or " type" in line for line in found)
