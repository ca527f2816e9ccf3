"""Document links."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.session import CONFIG, Session, session

pytestmark = pytest.mark.asyncio

TEXT = """\
# 😀 e\u0301 \u2028 upsun-lint: ignore[slow-shutdown]
applications:
  shop:
    type: 'php:8.4'
    source: {root: '/shop 😀/'}
    hooks:
      build: !include {type: string, path: build.sh}
      deploy: !include {type: string, path: missing.sh}
    workers:
      queue: !include 'queue.yaml' # 😀
  api:
    source: {root: nowhere}
services:
  # upsun-lint: ignore[unknown-key, no-such-rule] 😀 because
  search: {type: 'solr:9.9', configuration: {conf: !archive solr}}
""".replace("\n", "\r\n")


async def links(editor: Session, path: str = CONFIG) -> list[tuple[str, str]]:
    found = await editor.client.text_document_document_link_async(types.DocumentLinkParams(editor.identifier(path)))
    return [(editor.covered(one.range, path), one.target or "") for one in found or ()]


@pytest.mark.parametrize("profile", ["vscode", "eglot"])
async def test_files_folders_and_rules_can_be_opened(tmp_path: Path, profile: str) -> None:
    for folder in ("shop 😀", ".upsun/solr"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "shop 😀" / "build.sh").write_text("make\n")
    (tmp_path / ".upsun" / "queue.yaml").write_text("commands: {start: x}\n")
    async with session(tmp_path, profile) as editor:
        editor.open(TEXT)
        found = await links(editor)
        assert [covered for covered, _ in found] == ["/shop 😀/", "build.sh", "queue.yaml", "unknown-key", "solr"]
        targets = dict(found)
        assert targets["/shop 😀/"] == (tmp_path / "shop 😀").as_uri()
        assert targets["build.sh"] == (tmp_path / "shop 😀" / "build.sh").as_uri()
        assert targets["queue.yaml"] == (tmp_path / ".upsun" / "queue.yaml").as_uri()
        assert targets["solr"] == (tmp_path / ".upsun" / "solr").as_uri()
        assert targets["unknown-key"].startswith("https://")


async def test_a_file_without_any_has_none(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        for text in ("", "applications: [", "!include x.yaml", "applications:\n  a: !include\n"):
            editor.open(text)
            assert await links(editor) == []
        editor.open("applications:\n", "other/config.yaml")
        assert await links(editor, "other/config.yaml") == []
