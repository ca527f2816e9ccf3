"""Files outside `.upsun` that a project includes are live: what is typed in them counts, and they are explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.session import CONFIG, Session, session

pytestmark = pytest.mark.asyncio

CONFIGURATION = "applications:\n  app:\n    type: 'php:8.4'\n    workers: !include ops/workers.yaml\n"
WORKERS = "queue:\n  commands:\n    start: ./work.sh\n"
INCLUDED = "ops/workers.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in ((CONFIG, CONFIGURATION), (INCLUDED, WORKERS), ("ops/other.yaml", "a: [\n")):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


async def hover(editor: Session, needle: str, path: str) -> types.Hover | None:
    position = editor.position(needle, path, after=1)
    return await editor.client.text_document_hover_async(types.HoverParams(editor.identifier(path), position))


@pytest.mark.parametrize("profile", ["vscode", "kate"])
async def test_opened_alone_it_has_hovers_and_diagnostics(root: Path, profile: str) -> None:
    async with session(root, profile) as editor:
        editor.open(WORKERS.replace("commands", "comands"), INCLUDED)
        assert [one.code for one in await editor.diagnostics(INCLUDED)] == ["unknown-key"]
        assert await hover(editor, "queue", INCLUDED) is not None
        editor.change(WORKERS, INCLUDED)
        assert await editor.diagnostics(INCLUDED) == []


async def test_its_unsaved_text_counts(root: Path) -> None:
    async with session(root) as editor:
        editor.open(CONFIGURATION)
        editor.open(WORKERS, INCLUDED)
        assert await workers(editor) == ["queue"]
        editor.change(WORKERS.replace("queue:\n", "mail:\n"), INCLUDED)
        assert await workers(editor) == ["mail"]
        editor.close(INCLUDED)
        assert await workers(editor) == ["queue"]


async def workers(editor: Session) -> list[str]:
    params = types.ExecuteCommandParams("upsun-lint.topology", [editor.uri()])
    (application,) = (await editor.client.workspace_execute_command_async(params))["applications"]
    return [one["name"] for one in application["instances"] if one["kind"] == "worker"]


async def test_a_file_that_no_project_includes_is_left_alone(root: Path) -> None:
    async with session(root) as editor:
        editor.open("a: [\n", "ops/other.yaml")
        assert await editor.diagnostics("ops/other.yaml") == []
        assert await hover(editor, "a", "ops/other.yaml") is None
