"""Fixes that create what is missing: a service, a command, a file; and refactorings that would add a problem."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.edits import applied
from tests.lsp.session import CONFIG, Session, session

pytestmark = pytest.mark.asyncio

APP = "applications:\n    app:\n        type: 'php:8.4'\n"
DUPLICATE = f"""{APP}\
        workers:
            # the first
            mail:
                commands: {{start: a}}
            mail:  # the second
                commands: {{start: b}}
"""


async def actions(editor: Session, needle: str, path: str = CONFIG) -> dict[str, types.CodeAction]:
    position = editor.position(needle, path, after=1)
    context = types.CodeActionContext([])
    params = types.CodeActionParams(editor.identifier(path), types.Range(position, position), context)
    found = await editor.client.text_document_code_action_async(params)
    return {one.title: one for one in found or () if isinstance(one, types.CodeAction)}


def only(found: dict[str, types.CodeAction], words: str) -> types.CodeAction:
    (action,) = [action for title, action in found.items() if title.startswith(words)]
    return action


async def test_a_missing_service_is_created(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(f"{APP}        relationships:\n            database: 'maria:mysql'\n")
        action = only(await actions(editor, "maria"), "Create the service `maria`")
        text = applied(editor, action.edit)[CONFIG]
        assert "services:\n    maria:\n        type: 'mariadb:" in text
        editor.change(text)
        assert "undefined-relationship-target" not in {one.code for one in await editor.diagnostics()}
        editor.change(text.replace("maria:mysql", "other:unheard"))
        assert not [title for title in await actions(editor, "other") if title.startswith("Create")]


@pytest.mark.parametrize("body", ["", " {}", "\n                mounts: {}", "\n                commands:"])
async def test_a_start_command_is_added(tmp_path: Path, body: str) -> None:
    async with session(tmp_path) as editor:
        editor.open(f"{APP}        workers:\n            queue:{body}\n")
        needle = "commands" if "commands" in body else "queue"
        action = only(await actions(editor, needle), "Add `commands.start`")
        text = applied(editor, action.edit)[CONFIG]
        assert "                commands:\n                    start: php artisan queue:work" in text, needle
        editor.change(text)
        assert "missing-start-command" not in {one.code for one in await editor.diagnostics()}


async def test_one_of_two_equal_keys_is_removed(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(DUPLICATE)
        found = await actions(editor, "mail:  #")
        first = applied(editor, only(found, "Remove the first").edit)[CONFIG]
        assert "the first" not in first and "start: b" in first and "start: a" not in first
        second = applied(editor, only(found, "Remove the second").edit)[CONFIG]
        assert "the first" in second and "start: a" in second and "start: b" not in second


async def test_an_included_file_is_created(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(f"{APP}        hooks: {{build: !include {{type: string, path: build.sh}}}}\n")
        found = await actions(editor, "build.sh")
        created = [action.edit.document_changes for title, action in found.items() if title.startswith("Create")]
        assert [
            [change.uri for change in changes or () if isinstance(change, types.CreateFile)] for changes in created
        ] == [
            [editor.uri("build.sh")],
            [editor.uri(".upsun/build.sh")],
        ]
    async with session(tmp_path, "kate") as editor:
        editor.open(f"{APP}        hooks: {{build: !include {{type: string, path: build.sh}}}}\n")
        assert not [title for title in await actions(editor, "build.sh") if title.startswith("Create")]


async def test_a_file_gets_the_right_extension(tmp_path: Path) -> None:
    path = ".upsun/config.yml"
    async with session(tmp_path) as editor:
        editor.open(APP, path)
        action = only(await actions(editor, "applications", path), "Rename it to `config.yaml`")
        assert action.edit is not None
        (change,) = action.edit.document_changes or ()
        assert isinstance(change, types.RenameFile)
        assert (change.old_uri, change.new_uri) == (editor.uri(path), editor.uri())


@pytest.mark.parametrize(
    ("command", "is_offered"), [("composer audit", False), ("./work.sh", True), ("php artisan migrate", False)]
)
async def test_no_refactoring_ends_in_a_warning(tmp_path: Path, command: str, is_offered: bool) -> None:
    async with session(tmp_path) as editor:
        cron = f"{{spec: 'H 3 * * *', commands: {{start: {command}}}}}"
        editor.open(f"{APP}        crons:\n            task: {cron}\n")
        assert ("Make cron `task` a worker" in await actions(editor, "task")) == is_offered
