"""What the editor shows of the scripts that commands run, and of the variables that they have."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types

from tests.lsp.session import CONFIG, Session, session

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXT = """\
applications:
  shop:
    type: 'nodejs:24'
    relationships:
      db: 'db:mysql'
    variables:
      env:
        APP_ENV: prod
    hooks:
      build: |
        npm run build
        echo $DB_HOST
      deploy: |
        echo 😀 "$DB_HOST" $PLATFORM_BRANCH
    web:
      commands:
        start: node server.js
    workers:
      queue:
        commands:
          start: exec npm run worker
        relationships: {}
      mail:
        commands:
          start: php mail.php $APP_ENV ${DB_PORT} $STRIPE_KEY $APP_SECRET
services:
  db:
    type: 'mariadb:11.8'
"""
PACKAGE = '{\n  "scripts": {\n    "worker": "./bin/worker.sh",\n    "build": "tsc"\n  }\n}\n'
SCRIPT = "set -e\ncd jobs\nexec php artisan queue:work\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    root = tmp_path_factory.mktemp("scripts")
    write(root, "package.json", PACKAGE)
    write(root, "bin/worker.sh", SCRIPT)
    write(root, ".environment", "export APP_SECRET=x\n")
    write(root, CONFIG, TEXT)
    async with session(root) as opened:
        opened.open(TEXT)
        yield opened


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


async def hover(editor: Session, needle: str, *, after: int = 2, occurrence: int = 0) -> str:
    position = editor.position(needle, after=after, occurrence=occurrence)
    found = await editor.client.text_document_hover_async(types.HoverParams(editor.identifier(), position))
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    return found.contents.value


async def test_a_command_shows_what_it_runs_with_links(editor: Session) -> None:
    text = await hover(editor, "npm run worker")
    assert "`php artisan queue:work`, by `exec npm run worker`" in text
    assert f"[`package.json:3`]({editor.uri('package.json')}#L3)" in text
    assert f"[`bin/worker.sh:3`]({editor.uri('bin/worker.sh')}#L3)" in text
    assert "Laravel queue worker" in text


@pytest.mark.parametrize(
    ("needle", "occurrence", "expected"),
    [
        ("$APP_ENV", 0, ["of worker `mail`", "the application's `variables`", "line 8"]),
        ("${DB_PORT}", 0, ["the port of `db`", "relationship `db`", "**Not** in worker `queue`"]),
        ("$DB_HOST", 0, ["of the build", "only at run time"]),
        ("$DB_HOST", 1, ["of the web container", "the host of `db`"]),
        ("$PLATFORM_BRANCH", 0, ["the name of the Git branch", "the platform"]),
        ("$STRIPE_KEY", 0, ["Console"]),
        ("$APP_SECRET", 0, [".environment"]),
    ],
)
async def test_a_variable_shows_where_it_comes_from(
    editor: Session, needle: str, occurrence: int, expected: list[str]
) -> None:
    text = await hover(editor, needle, occurrence=occurrence)
    assert all(part in text for part in expected), text


async def definition(editor: Session, needle: str, occurrence: int = 0) -> list[tuple[str, int]]:
    params = types.DefinitionParams(editor.identifier(), editor.position(needle, after=2, occurrence=occurrence))
    found = await editor.client.text_document_definition_async(params)
    assert isinstance(found, list)
    locations = [one for one in found if isinstance(one, types.Location)]
    return [(one.uri.rpartition("/")[2], one.range.start.line) for one in locations]


async def test_definitions_lead_to_scripts_and_variables(editor: Session) -> None:
    assert await definition(editor, "npm run worker") == [("package.json", 2)]
    assert await definition(editor, "${DB_PORT}") == [("config.yaml", 4)]
    assert await definition(editor, "$APP_ENV") == [("config.yaml", 7)]
    assert await definition(editor, "$APP_SECRET") == [(".environment", 0)]


async def test_commands_are_links_to_their_scripts(editor: Session) -> None:
    links = await editor.client.text_document_document_link_async(types.DocumentLinkParams(editor.identifier()))
    found = [(editor.covered(link.range), link.target) for link in links or []]
    assert ("exec npm run worker", f"{editor.uri('package.json')}#L3") in found


async def labels(editor: Session, text: str, needle: str) -> list[str]:
    editor.change(text)
    position = editor.position(needle, after=len(needle))
    found = await editor.client.text_document_completion_async(types.CompletionParams(editor.identifier(), position))
    editor.change(TEXT)
    items = found.items if isinstance(found, types.CompletionList) else found or []
    return [item.label for item in items]


async def test_scripts_are_completed_behind_their_runner(editor: Session) -> None:
    for command in ("exec npm run ", "npm run w", "set -e && yarn "):
        text = TEXT.replace("exec npm run worker", command)
        assert await labels(editor, text, f"start: {command}") == ["worker", "build"]
    text = TEXT.replace("exec npm run worker", "npm install ")
    assert "worker" not in await labels(editor, text, "npm install ")


FILES = {
    "justfile": "alias w := worker\nworker:\n  echo a\n_hidden:\n  echo b\n",
    "Rakefile": "namespace :jobs do\n  task :work do\n    sh 'echo'\n  end\nend\n",
    "Makefile": ".PHONY: worker\nworker: ; echo\n",
    "composer.json": '{"scripts": {"queue": "echo"}}',
    "Taskfile.yml": "tasks:\n  worker: echo\n",
    "Procfile": "web: echo\nworker: echo\n",
    "package.json": '{"name": "shop", "bin": "cli.js", "scripts": {"worker": "echo"}}',
    "config/packages/messenger.yaml": "framework: {messenger: {transports: {async: 'x', failed: 'y'}}}\n",
    "config/queue.php": "<?php return ['connections' => ['redis' => [], 'sqs' => []]];",
}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("just ", ["worker", "w"]),
        ("bundle exec rake ", ["jobs:work"]),
        ("make ", ["worker"]),
        ("composer run ", ["queue"]),
        ("task ", ["worker"]),
        ("foreman start ", ["web", "worker"]),
        ("npx ", ["shop"]),
        ("npm run ", ["worker"]),
        ("php bin/console messenger:consume ", ["async", "failed"]),
        ("php bin/console messenger:consume -vv async f", ["failed"]),
        ("php artisan queue:work ", ["redis", "sqs"]),
    ],
)
async def test_names_are_completed_behind_the_command_that_takes_them(
    tmp_path: Path, command: str, expected: list[str]
) -> None:
    for path, content in FILES.items():
        write(tmp_path, path, content)
    async with session(tmp_path) as opened:
        text = TEXT.replace("exec npm run worker", command)
        opened.open(text)
        assert await labels(opened, text, f"start: {command}") == expected


async def references(editor: Session, needle: str, occurrence: int = 0, *, declared: bool = True) -> list[str]:
    position = editor.position(needle, after=2, occurrence=occurrence)
    context = types.ReferenceContext(include_declaration=declared)
    params = types.ReferenceParams(context, editor.identifier(), position)
    found = await editor.client.text_document_references_async(params) or []
    return sorted(f"{one.uri.rpartition('/')[2]}:{one.range.start.line + 1}" for one in found)


async def test_variables_and_scripts_have_references(tmp_path: Path) -> None:
    text = TEXT.replace("node server.js", "npm run worker").replace("$STRIPE_KEY", "$STRIPE_KEY $STRIPE_KEY")
    write(tmp_path, "package.json", PACKAGE)
    write(tmp_path, "bin/worker.sh", SCRIPT + "echo $APP_ENV\n")
    write(tmp_path, "mail.sh", "echo $DB_PORT ${DB_HOST}\n")
    text = text.replace("php mail.php", "./mail.sh")
    async with session(tmp_path) as opened:
        opened.open(text)
        uses = ["config.yaml:14", "config.yaml:25", "mail.sh:1", "mail.sh:1"]
        assert await references(opened, "db: 'db:mysql'", declared=False) == uses
        assert await references(opened, "${DB_PORT}") == ["config.yaml:25", "config.yaml:5", "mail.sh:1"]
        assert await references(opened, "$DB_HOST", 1) == ["config.yaml:14", "config.yaml:5", "mail.sh:1"]
        uses = ["config.yaml:25", "worker.sh:4"]
        assert await references(opened, "APP_ENV: prod") == ["config.yaml:25", "config.yaml:8", "worker.sh:4"]
        assert await references(opened, "$APP_ENV", declared=False) == uses
        assert await references(opened, "$STRIPE_KEY") == ["config.yaml:25", "config.yaml:25"]
        assert await references(opened, "npm run worker") == ["config.yaml:17", "config.yaml:21", "package.json:3"]
        assert await references(opened, "mariadb", declared=False) == []


async def test_variables_are_completed_behind_a_dollar(editor: Session) -> None:
    in_worker = await labels(editor, TEXT.replace("exec npm run worker", "php a.php $"), "php a.php $")
    assert "APP_ENV" in in_worker
    assert "DB_HOST" not in in_worker
    in_hook = await labels(editor, TEXT.replace('"$DB_HOST"', "${D"), "echo 😀 ${D")
    assert "DB_HOST" in in_hook
    assert "PLATFORM_CACHE_DIR" not in in_hook
    in_build = await labels(editor, TEXT.replace("echo $DB_HOST", "echo $P"), "echo $P")
    assert "PLATFORM_CACHE_DIR" in in_build
    assert "PLATFORM_BRANCH" not in in_build


async def test_a_changed_script_changes_the_diagnostics(tmp_path: Path) -> None:
    write(tmp_path, "package.json", PACKAGE.replace("./bin/worker.sh", "node w.js"))
    write(tmp_path, CONFIG, TEXT)
    async with session(tmp_path) as opened:
        opened.open(TEXT)
        before = [one.code for one in await opened.diagnostics()]
        assert "backgrounded-start-command" not in before
        await opened.settle()
        assert "**/package.json" in opened.watched
        write(tmp_path, "package.json", PACKAGE.replace("./bin/worker.sh", "node worker.js &"))
        event = types.FileEvent(opened.uri("package.json"), types.FileChangeType.Changed)
        opened.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        assert "backgrounded-start-command" in [one.code for one in await opened.diagnostics()]


async def test_a_new_file_in_a_folder_that_was_looked_into_changes_the_diagnostics(tmp_path: Path) -> None:
    text = TEXT.replace("exec npm run worker", "php bin/console messenger:consume asnyc --time-limit=60")
    write(tmp_path, "config/packages/other.yaml", "framework: {}\n")
    write(tmp_path, CONFIG, text)
    async with session(tmp_path) as opened:
        opened.open(text)
        assert "unknown-receiver" not in [one.code for one in await opened.diagnostics()]
        await opened.settle()
        assert "**/config/packages/*" in opened.watched
        assert not {"**/", "**/*"} & opened.watched
        path = "config/packages/messenger.yaml"
        write(tmp_path, path, FILES[path])
        event = types.FileEvent(opened.uri(path), types.FileChangeType.Created)
        opened.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        assert "unknown-receiver" in [one.code for one in await opened.diagnostics()]
