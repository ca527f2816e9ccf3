"""Commands answer with texts; a missing thing has no answer, and invalid arguments are refused."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.session import Session, session
from upsun_lint.lsp.features.editor_commands import COMMANDS
from upsun_rules.catalog import all_rules
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Mapping, Scalar

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXT = """\
# 😀 \u2028
applications:
  app:
    type: 'php:8.4'
    mounts:
      'var/uploads': {source: storage}
      'var/cache': {source: tmp}
    variables:
      env: {GREETING: 'Grüße 😀', NUMBER: '010'}
    workers:
      queue:
        commands:
          start: |
            cd web

            php queue.php
        mounts:
          'var/cache': {source: tmp}
      mail:
        commands: {start: php mail.php}
  other:
    type: 'php:8.4'
    workers:
      mail:
        commands: {start: php other.php}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    async with session(tmp_path_factory.mktemp("commands")) as found:
        found.open(TEXT.replace("\n", "\r\n"))
        yield found


async def run(editor: Session, command: str, *arguments: object) -> object:
    params = types.ExecuteCommandParams(command, list(arguments))
    return await editor.client.workspace_execute_command_async(params)


async def text_of(editor: Session, command: str, *arguments: object) -> str:
    answer = await run(editor, command, *arguments)
    assert isinstance(answer, str)
    return answer


async def test_the_commands_are_announced(editor: Session) -> None:
    assert editor.result is not None
    provider = editor.result.capabilities.execute_command_provider
    assert provider is not None
    assert set(COMMANDS) <= set(provider.commands)


async def test_the_effective_configuration_of_a_worker(editor: Session) -> None:
    text = await text_of(editor, "upsun-lint.showEffective", editor.uri(), "app--queue")
    assert "worker queue of application app" in text
    assert "# drops var/uploads" in text
    assert "upsun ssh --worker=queue" in text
    assert "(.upsun/config.yaml:17)" in text, "the line of its mounts"
    document = Document("effective.yaml", text)
    assert not document.problems
    assert isinstance(document.root, Mapping)
    assert list(document.root.entries) == ["type", "commands", "mounts", "variables"]
    commands = document.root.value("commands")
    assert isinstance(commands, Mapping)
    start = commands.value("start")
    assert isinstance(start, Scalar)
    assert start.text == "cd web\n\nphp queue.php\n"
    variables = document.root.value("variables")
    assert isinstance(variables, Mapping)
    environment = variables.value("env")
    assert isinstance(environment, Mapping)
    values = {name: pair.value.value for name, pair in environment.entries.items() if isinstance(pair.value, Scalar)}
    assert values == {"GREETING": "Grüße 😀", "NUMBER": "010"}


async def test_a_worker_by_its_short_name(editor: Session) -> None:
    one = await text_of(editor, "upsun-lint.showEffective", editor.uri(), "queue")
    assert one == await text_of(editor, "upsun-lint.showEffective", editor.uri(), "app--queue")
    both = await text_of(editor, "upsun-lint.showEffective", editor.uri(), "mail")
    assert "php mail.php" in both and "php other.php" in both


async def test_a_missing_thing_has_no_answer(editor: Session) -> None:
    assert await run(editor, "upsun-lint.showEffective", editor.uri(), "nobody") is None
    assert await run(editor, "upsun-lint.showEffective", editor.uri("elsewhere.yaml"), "queue") is None
    assert await run(editor, "upsun-lint.showEffective", "untitled:Untitled-1", "queue") is None
    assert await run(editor, "upsun-lint.topology", "") is None
    assert await run(editor, "upsun-lint.explain", "no-such-rule") is None


async def test_a_rule_is_explained(editor: Session) -> None:
    for name, rule in all_rules().items():
        text = await text_of(editor, "upsun-lint.explain", name)
        assert text.startswith(f"# {name}\n\n{rule.title}\n")
        assert "```yaml" in text
        assert f"https://developer.upsun.com/docs/{rule.docs}" in text


async def test_the_text_to_copy_and_the_topology(editor: Session) -> None:
    assert await run(editor, "upsun-lint.copy", "upsun ssh --worker=queue") == "upsun ssh --worker=queue"
    picture = await run(editor, "upsun-lint.topology", editor.uri())
    assert "var/uploads" in str(picture)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("arguments", [[], [1], [None, {}], ["a", "b", "c"], [["a"]]])
async def test_invalid_arguments_are_refused(editor: Session, command: str, arguments: list[object]) -> None:
    with pytest.raises(JsonRpcException) as refused:
        await run(editor, command, *arguments)
    assert f"`{command}` takes" in refused.value.message
    assert refused.value.code == types.ErrorCodes.InvalidParams
    assert await run(editor, "upsun-lint.copy", "still there") == "still there"
