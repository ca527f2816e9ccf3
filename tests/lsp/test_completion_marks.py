"""Completion after a mark (anchors, tags, included files, rules in comments), in shared blocks, and what follows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types

from tests.lsp.completing import MARK, accepted, offered, split
from tests.lsp.session import Session, session

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHARED = """\
.worker: &worker
  commands:
    start: php artisan queue:work
.variables: &variables {env: {A: b}}
.zone: &zone Europe/Paris
"""
APP = "applications:\n  app:\n    type: 'php:8.4'\n    source: {root: code}\n"
WORKER = f"{SHARED}{APP}    workers:\n      queue:\n        "


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    async with session(tmp_path_factory.mktemp("marks")) as found:
        yield found


def result(editor: Session, marked: str, item: types.CompletionItem) -> str:
    return accepted(split(marked)[0], item, editor.units)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"<<: *{MARK}", ["worker"]),
        (f"<<: *w{MARK}", ["worker"]),
        (f"<<: [*{MARK}]", ["worker"]),
        (f"timezone: *{MARK}", ["zone"]),
        (f"commands: {{start: *{MARK}}}", ["zone"]),
        (f"commands: {{start: '*{MARK}'}}", []),
        (f"commands:\n          start: |\n            ls *{MARK}", []),
        (f"# *{MARK}", []),
    ],
)
async def test_anchors_that_fit_are_offered(editor: Session, line: str, expected: list[str]) -> None:
    found = await offered(editor, f"{WORKER}{line}\n", typed="*" if line[line.index(MARK) - 1] == "*" else None)
    assert list(found) == expected
    for name in expected:
        assert f"*{name}" in result(editor, f"{WORKER}{line}\n", found[name])


async def test_an_anchor_is_not_offered_before_it_or_inside_it(editor: Session) -> None:
    assert list(await offered(editor, f".later: &later\n  <<: *{MARK}\n.last: &last {{}}\n")) == []


async def test_the_rules_of_the_file_come_first_in_a_comment(editor: Session) -> None:
    text = f"{APP}    # upsun-lint: ignore[missing-key, {MARK}]\n    sourc: /\n"
    found = await offered(editor, text)
    assert "unknown-key" in list(found)[:3]
    assert result(editor, text, found["unknown-key"]).count("ignore[missing-key, unknown-key]") == 1
    assert await offered(editor, f"{APP}    # upsun-lint: {MARK}\n") == {}


async def test_files_are_offered_behind_an_include(tmp_path: Path) -> None:
    for path in ("code/run.sh", "code/vendor/x.sh", ".upsun/parts/worker.yaml", ".upsun/parts/notes.txt"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    (tmp_path / ".upsun" / "outside").symlink_to("/")
    async with session(tmp_path) as editor:
        start = f"{APP}    workers:\n      queue: "
        assert list(await offered(editor, f"{start}!{MARK}\n")) == ["include "]
        found = await offered(editor, f"{start}!include {MARK}\n")
        assert {"parts/", "run.sh"} <= set(found) and "outside/" not in found and "config.yaml" not in found
        below = await offered(editor, f"{start}!include 'parts/{MARK}'\n")
        assert list(below) == ["parts/worker.yaml", "parts/notes.txt"]
        assert "'parts/worker.yaml'" in result(editor, f"{start}!include 'parts/{MARK}'\n", below["parts/worker.yaml"])
        script = f"{start}{{commands: {{start: !include {{type: string, path: {MARK}}}}}}}\n"
        assert next(iter(await offered(editor, script))) == "run.sh"
        assert await offered(editor, f"{start}!include ../../{MARK}\n") == {}
        assert await offered(editor, f"{start}{{commands: {{start: 'echo !include {MARK}'}}}}\n") == {}


@pytest.mark.parametrize(
    ("holder", "expected"),
    [
        (f".worker: &worker\n  {MARK}\n", "commands"),
        (f".worker: &worker\n  commands: {{start: x}}\n  moun{MARK}\n", "mounts"),
        (f".worker: &worker\n  commands:\n    sta{MARK}\n", "start"),
        (f".worker: &worker\n  relationships:\n    db: {MARK}\n", "maria:mysql"),
    ],
)
async def test_a_shared_block_is_completed_as_where_it_is_used(editor: Session, holder: str, expected: str) -> None:
    rest = f"{APP}    workers:\n      queue:\n        <<: *worker\nservices: {{maria: {{type: 'mariadb:11.8'}}}}\n"
    assert expected in await offered(editor, holder + rest)


async def test_the_list_opens_again_where_something_follows(tmp_path: Path) -> None:
    async with session(tmp_path, options={"suggestCommand": "suggest"}) as editor:
        found = await offered(editor, f"{WORKER}{MARK}\n")
        again = {name for name, item in found.items() if item.command is not None and item.command.command == "suggest"}
        assert {"relationships", "mounts", "variables", "timezone"} <= again
        assert not {"commands", "size", "container_profile"} & again


async def test_it_does_not_open_again_in_a_client_without_a_command_for_it(editor: Session) -> None:
    assert all(item.command is None for item in (await offered(editor, f"{WORKER}{MARK}\n")).values())


async def test_a_comment_stays_on_the_line_of_its_key(editor: Session) -> None:
    marked = f"{WORKER}moun{MARK}  # note $1\n"
    found = await offered(editor, marked)
    assert result(editor, marked, found["mounts"]).endswith("        mounts:  # note $1\n          \n")


@pytest.mark.parametrize(
    ("manifest", "first"),
    [
        ('{"require": {"symfony/messenger": "*"}}', "Symfony Messenger consumer"),
        ('{"require": {"laravel/framework": "*"}}', "Laravel queue worker"),
    ],
)
async def test_snippets_for_the_framework_come_first(tmp_path: Path, manifest: str, first: str) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "composer.json").write_text(manifest)
    async with session(tmp_path) as editor:
        assert next(iter(await offered(editor, f"{APP}    workers:\n      {MARK}\n"))) == first
