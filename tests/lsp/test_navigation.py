"""Definition, references, highlights and rename of names in all files of a project."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.edits import annotations, applied
from tests.lsp.session import CONFIG, Session, session
from upsun_schema.yaml.text import LineTable

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERVICES = ".upsun/services.yaml"
INCLUDED = ".upsun/apps/api.yaml"
OUTSIDE = "config/worker.yaml"

# Everything that makes counting hard comes first: CRLF, an emoji, a combining accent, U+2028.
FILES = {
    CONFIG: """\
# 😀 e\u0301 \u2028 before everything
applications:
  shop:
    type: 'php:8.4'
    relationships: # 😀 \u2028
      database: 'db:mysql'
      cache:
      reports: {service: db, endpoint: reporting}
      api: "api:http"
    mounts:
      'var/files': {source: service, service: files}
      '/var/export/': {source: storage}
      media: {source: storage, service: api, source_path: media}
    crons:
      nightly: {spec: '0 3 * * *', commands: {start: 'echo "😀 e\u0301 \u2028"; php nightly.php'}}
    workers:
      queue: &runner
        commands: {start: 'sleep infinity'}
        relationships: {database: 'db:mysql', cache}
        mounts: {var/export: {source: storage}}
      mail: *runner
      bulk:
        <<: *runner
  api: !include apps/api.yaml
""".replace("\n", "\r\n"),
    SERVICES: """\
services:
  db:
    type: 'mariadb:11.8'
    configuration:
      endpoints:
        mysql: {default_schema: main}
        reporting: {default_schema: main}
  cache:
    type: 'redis:8.0'
  files:
    type: 'network-storage:1.0'
  varnish:
    type: 'varnish:6.0'
    relationships:
      backend: 'shop:http'
routes:
  'https://{default}/': {type: upstream, upstream: 'shop:http'}
  'https://api.{default}/':
    type: upstream
    upstream: varnish:http
""",
    INCLUDED: """\
type: 'nodejs:24'
relationships:
  database: 'db:mysql'
workers:
  queue: !include ../../config/worker.yaml
""",
    OUTSIDE: "commands:\n  start: node worker.js\nrelationships:\n  files:\n    service: cache\n",
}


def write(root: Path, files: dict[str, str] = FILES) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    root = tmp_path_factory.mktemp("navigation")
    write(root)
    async with session(root) as found:
        found.open(FILES[CONFIG])
        found.open(FILES[INCLUDED], INCLUDED)
        yield found


def shown(editor: Session, locations: object) -> list[str]:
    """Places as `file:line: text`, the line counted from 1."""
    assert isinstance(locations, list | tuple)
    found = []
    for place in locations:
        assert isinstance(place, types.Location)
        path = next(path for path in FILES if editor.uri(path) == place.uri)
        lines = LineTable(FILES[path])
        start, end = editor.units.span(lines, place.range)
        found.append(f"{path.rpartition('/')[2]}:{place.range.start.line + 1}: {FILES[path][start:end]}")
    return found


async def defined(editor: Session, needle: str, after: int = 1, occurrence: int = 0, path: str = CONFIG) -> list[str]:
    position = editor.position(needle, path, after=after, occurrence=occurrence)
    params = types.DefinitionParams(editor.identifier(path), position)
    return shown(editor, await editor.client.text_document_definition_async(params) or [])


async def used(editor: Session, needle: str, after: int = 1, *, declared: bool = True, path: str = CONFIG) -> list[str]:
    position = editor.position(needle, path, after=after)
    params = types.ReferenceParams(types.ReferenceContext(declared), editor.identifier(path), position)
    return shown(editor, await editor.client.text_document_references_async(params) or [])


# -- definition ------------------------------------------------------------------------------------------------------


async def test_a_relationship_leads_to_its_service(editor: Session) -> None:
    assert await defined(editor, "'db:mysql'") == ["services.yaml:2: db"]
    assert await defined(editor, "'db:mysql'", 3) == ["services.yaml:2: db"]
    assert await defined(editor, "service: db", 10) == ["services.yaml:2: db"]
    # Without a value it leads to the service with its name; in braces, too.
    assert await defined(editor, "cache:") == ["services.yaml:8: cache"]
    assert await defined(editor, "cache}") == ["services.yaml:8: cache"]


async def test_an_endpoint_leads_to_where_it_is_defined(editor: Session) -> None:
    assert await defined(editor, "endpoint: reporting", 12) == ["services.yaml:7: reporting"]
    assert await defined(editor, "db:mysql", 4) == ["services.yaml:6: mysql"]
    # Those of the image are defined nowhere here.
    assert await defined(editor, "api:http", 5) == []


async def test_applications_are_found_from_everywhere(editor: Session) -> None:
    assert await defined(editor, '"api:http"') == ["config.yaml:24: api"]
    assert await defined(editor, "service: api", 10) == ["config.yaml:24: api"]
    editor.open(FILES[SERVICES], SERVICES)
    assert await defined(editor, "backend: 'shop", 11, path=SERVICES) == ["config.yaml:3: shop"]
    assert await defined(editor, "upstream: 'shop", 13, path=SERVICES) == ["config.yaml:3: shop"]
    assert await defined(editor, "varnish:http", path=SERVICES) == ["services.yaml:12: varnish"]
    editor.close(SERVICES)
    editor.texts.pop(SERVICES)
    editor.versions.pop(SERVICES)


async def test_a_mount_leads_to_its_network_storage(editor: Session) -> None:
    assert await defined(editor, "service: files", 9) == ["services.yaml:10: files"]


async def test_an_alias_leads_to_its_anchor(editor: Session) -> None:
    assert await defined(editor, "*runner", 0) == ["config.yaml:17: runner"]
    assert await defined(editor, "*runner", 3, 1) == ["config.yaml:17: runner"]


async def test_an_override_leads_to_the_block_it_replaces(editor: Session) -> None:
    assert await defined(editor, "relationships: {") == ["config.yaml:5: relationships"]
    assert await defined(editor, "mounts: {var") == ["config.yaml:10: mounts"]
    assert await defined(editor, "{database", 2) == ["config.yaml:6: database"]
    assert await defined(editor, "{var/export", 2) == ["config.yaml:12: var/export"]


async def test_names_lead_to_themselves(editor: Session) -> None:
    assert await defined(editor, "bulk") == ["config.yaml:22: bulk"]
    assert await defined(editor, "shop:") == ["config.yaml:3: shop"]


async def test_an_include_leads_to_its_file(editor: Session) -> None:
    assert await defined(editor, "apps/api") == ["api.yaml:1: "]
    assert await defined(editor, "!include", 1) == ["api.yaml:1: "]
    assert await defined(editor, "../../config", 4, path=INCLUDED) == ["worker.yaml:1: "]


async def test_definitions_work_in_an_included_file(editor: Session) -> None:
    assert await defined(editor, "'db:mysql'", path=INCLUDED) == ["services.yaml:2: db"]


async def test_other_places_have_no_definition(editor: Session) -> None:
    for needle in ("# 😀", "php:8.4", "source: storage", "relationships: #", "sleep"):
        assert await defined(editor, needle) == []


# -- references ------------------------------------------------------------------------------------------------------


async def test_every_use_of_a_service_is_found_in_every_file(editor: Session) -> None:
    uses = ["config.yaml:6: db", "config.yaml:8: db", "config.yaml:19: db", "api.yaml:3: db"]
    assert sorted(await used(editor, "'db:", 1)) == sorted([*uses, "services.yaml:2: db"])
    assert sorted(await used(editor, "'db:", 1, declared=False)) == sorted(uses)


async def test_an_application_is_used_by_routes_services_and_mounts(editor: Session) -> None:
    found = ["config.yaml:3: shop", "services.yaml:15: shop", "services.yaml:17: shop"]
    assert sorted(await used(editor, "shop:")) == found
    assert sorted(await used(editor, '"api:http"')) == [f"config.yaml:{line}: api" for line in (13, 24, 9)]


async def test_a_relationship_is_one_thing_in_an_application_and_its_workers(editor: Session) -> None:
    assert await used(editor, "database:") == ["config.yaml:6: database", "config.yaml:19: database"]
    assert await used(editor, "database:", path=INCLUDED) == ["api.yaml:3: database"]


async def test_an_anchor_is_used_by_its_aliases(editor: Session) -> None:
    runner = [f"config.yaml:{line}: runner" for line in (17, 21, 23)]
    assert await used(editor, "&runner", 0) == runner
    assert await used(editor, "*runner", 7, declared=False) == runner[1:]


async def test_the_file_outside_the_folder_is_searched_too(editor: Session) -> None:
    found = await used(editor, "cache:")
    assert "worker.yaml:5: cache" in found and "services.yaml:8: cache" in found


async def test_highlights_stay_in_the_file(editor: Session) -> None:
    params = types.DocumentHighlightParams(editor.identifier(), editor.position("db:mysql"))
    found = await editor.client.text_document_document_highlight_async(params)
    assert found is not None
    assert [(one.range.start.line, editor.covered(one.range), one.kind) for one in found] == [
        (line, "db", types.DocumentHighlightKind.Read) for line in (5, 7, 18)
    ]
    params.position = editor.position("&runner", after=2)
    found = await editor.client.text_document_document_highlight_async(params)
    assert found is not None and found[0].kind is types.DocumentHighlightKind.Write


# -- rename ----------------------------------------------------------------------------------------------------------


async def renamed(
    editor: Session, needle: str, new: str, after: int = 1, occurrence: int = 0, path: str = CONFIG
) -> dict[str, str]:
    position = editor.position(needle, path, after=after, occurrence=occurrence)
    params = types.RenameParams(editor.identifier(path), position, new)
    return applied(editor, await editor.client.text_document_rename_async(params))


def changed(*changes: tuple[str, str, str]) -> dict[str, str]:
    """The files after texts in them were replaced, each everywhere in its file."""
    found: dict[str, str] = {}
    for path, old, new in changes:
        text = found.get(path, FILES[path])
        assert old in text
        found[path] = text.replace(old, new)
    return found


async def test_a_service_is_renamed_in_every_file(editor: Session) -> None:
    assert await renamed(editor, "'db:mysql'", "main-db") == changed(
        (CONFIG, "'db:mysql'", "'main-db:mysql'"),
        (CONFIG, "service: db", "service: main-db"),
        (SERVICES, "  db:", "  main-db:"),
        (INCLUDED, "'db:mysql'", "'main-db:mysql'"),
    )


async def test_a_relationship_keeps_its_name_when_its_target_is_renamed(editor: Session) -> None:
    editor.open(FILES[SERVICES], SERVICES)
    assert await renamed(editor, "cache:", "redis", path=SERVICES) == changed(
        (CONFIG, "      cache:\r\n", "      cache:\r\n        service: redis\r\n"),
        (CONFIG, "cache}", "cache: {service: redis}}"),
        (SERVICES, "  cache:", "  redis:"),
        (OUTSIDE, "service: cache", "service: redis"),
    )
    editor.close(SERVICES)
    editor.texts.pop(SERVICES)
    editor.versions.pop(SERVICES)


async def test_a_relationship_is_renamed_and_keeps_its_target(editor: Session) -> None:
    assert await renamed(editor, "cache:", "store") == changed(
        (CONFIG, "      cache:\r\n", "      store:\r\n        service: cache\r\n"),
        (CONFIG, "cache}", "store: {service: cache}}"),
    )
    assert await renamed(editor, "database:", "main") == changed((CONFIG, "database:", "main:"))


async def test_an_application_is_renamed_in_routes_mounts_and_relationships(editor: Session) -> None:
    assert await renamed(editor, "shop:", "store") == changed(
        (CONFIG, "  shop:", "  store:"), (SERVICES, "'shop:http'", "'store:http'")
    )
    # The relationship `api` goes on being called that.
    assert await renamed(editor, '"api:http"', "backend") == changed(
        (CONFIG, '"api:http"', '"backend:http"'),
        (CONFIG, "service: api", "service: backend"),
        (CONFIG, "  api: !include", "  backend: !include"),
    )


async def test_workers_crons_anchors_and_mounts_are_renamed(editor: Session) -> None:
    assert await renamed(editor, "bulk:", "big") == changed((CONFIG, "bulk:", "big:"))
    assert await renamed(editor, "nightly:", "every night") == changed((CONFIG, "nightly:", "every night:"))
    assert await renamed(editor, "nightly:", "12") == changed((CONFIG, "nightly:", "'12':"))
    assert await renamed(editor, "*runner", "base") == changed(
        (CONFIG, "&runner", "&base"), (CONFIG, "*runner", "*base")
    )
    assert await renamed(editor, "'/var/export/'", "/var/out/", 3) == changed(
        (CONFIG, "/var/export/", "/var/out/"), (CONFIG, "{var/export", "{var/out")
    )


async def prepared(editor: Session, needle: str, after: int = 1) -> str | None:
    params = types.PrepareRenameParams(editor.identifier(), editor.position(needle, after=after))
    found = await editor.client.text_document_prepare_rename_async(params)
    if found is None:
        return None
    assert isinstance(found, types.PrepareRenamePlaceholder)
    assert editor.covered(found.range) == found.placeholder
    return found.placeholder


async def test_only_names_can_be_renamed(editor: Session) -> None:
    assert await prepared(editor, "'db:mysql'") == "db"
    assert await prepared(editor, "'/var/export/'", 0) == "var/export"
    assert await prepared(editor, "*runner", 0) == "runner"
    assert await prepared(editor, "cache:") == "cache"
    for needle in ("mysql'", "php:8.4", "relationships:", "source: storage", "# 😀"):
        assert await prepared(editor, needle) is None


@pytest.mark.parametrize(
    ("needle", "new", "says"),
    [
        ("'db:mysql'", "Main DB", "lowercase letters"),
        ("'db:mysql'", "", "an empty text"),
        ("'db:mysql'", "cache", "there is already a service `cache` in .upsun/services.yaml, line 8"),
        ("'db:mysql'", "shop", "there is already an application `shop`"),
        ("service: files", "my_files", "network storage"),
        ("shop:", "a--b", "`--`"),
        ("bulk:", "queue", "there is already a worker `queue`"),
        ("database:", "cache", "there is already a relationship `cache`"),
        ("*runner", "a b", "anchor"),
        ("nightly:", "a\nb", "is not a valid cron name"),
        ("'/var/export/'", "var/files", "there is already a mount `var/files`"),
        ("'/var/export/'", "../x", "is not a valid mount name"),
    ],
)
async def test_an_invalid_name_is_refused_with_a_reason(editor: Session, needle: str, new: str, says: str) -> None:
    with pytest.raises(JsonRpcException) as refusal:
        await renamed(editor, needle, new, after=len(needle) - 2 if needle.startswith("service") else 2)
    assert says in refusal.value.message
    assert refusal.value.code == types.LSPErrorCodes.RequestFailed


async def test_what_a_rename_loses_decides_whether_it_asks(editor: Session) -> None:
    async def asks(needle: str, new: str) -> bool:
        editor.questions.clear()
        params = types.RenameParams(editor.identifier(), editor.position(needle, after=1), new)
        assert annotations(await editor.client.text_document_rename_async(params)) == []
        return bool(editor.questions)

    assert await asks("'db:mysql'", "other")
    assert await asks("shop:", "other")
    # Its files are found by the mount's own name; those of `media` by its `source_path`.
    assert await asks("'/var/export/'", "other")
    assert not await asks("media:", "other")
    # The worker has its own storage.
    assert await asks("bulk:", "other")
    for harmless in ("database:", "nightly:", "*runner"):
        assert not await asks(harmless, "other")


async def test_a_client_that_shows_no_questions_confirms_the_edits(tmp_path: Path) -> None:
    write(tmp_path)
    async with session(tmp_path, asks=False) as found:
        found.open(FILES[CONFIG])
        params = types.RenameParams(found.identifier(), found.position("'db:mysql'", after=1), "other")
        (service,) = annotations(await found.client.text_document_rename_async(params))
        assert service.needs_confirmation and service.description is not None and "data" in service.description
        assert found.questions == []


async def test_a_plain_client_gets_plain_edits(tmp_path: Path) -> None:
    write(tmp_path)
    async with session(tmp_path, "ale") as plain:
        plain.open(FILES[CONFIG])
        assert await renamed(plain, "'db:mysql'", "main") == changed(
            (CONFIG, "'db:mysql'", "'main:mysql'"),
            (CONFIG, "service: db", "service: main"),
            (SERVICES, "  db:", "  main:"),
            (INCLUDED, "'db:mysql'", "'main:mysql'"),
        )
        assert plain.result is not None and plain.result.capabilities.rename_provider is True


async def test_files_outside_the_folder_that_are_included_have_names(editor: Session) -> None:
    editor.open(FILES[OUTSIDE], OUTSIDE)
    position = editor.position("cache", OUTSIDE)
    where = editor.identifier(OUTSIDE)
    (found,) = await editor.client.text_document_definition_async(types.DefinitionParams(where, position)) or ()
    assert isinstance(found, types.Location) and found.uri == editor.uri(SERVICES)
    editor.close(OUTSIDE)
    editor.texts.pop(OUTSIDE)
    editor.versions.pop(OUTSIDE)


async def test_positions_outside_the_text_are_accepted(editor: Session) -> None:
    for position in (types.Position(10_000, 0), types.Position(3, 10_000), types.Position(0, 4)):
        where = editor.identifier()
        assert await editor.client.text_document_definition_async(types.DefinitionParams(where, position)) is None
        context = types.ReferenceContext(True)
        assert (
            await editor.client.text_document_references_async(types.ReferenceParams(context, where, position)) is None
        )
        assert await editor.client.text_document_rename_async(types.RenameParams(where, position, "x")) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_names_are_found_in_broken_text(tmp_path: Path, encoding: str) -> None:
    async with session(tmp_path, "neovim", encoding=encoding) as typing:
        typing.open(
            "applications:\n  app:\n    type: 'php:8.4'\n    crons:\n      😀: {spec: */5 * * * *}\n"
            "    relationships: {'😀\u2028': 'db:mysql', database: 'db:my\n"
            "    workers:\n      queue:\n        relationships:\n          '😀': 'db:mysql'\n"
            "services:\n  db:\n    type: "
        )
        position = typing.position("'db:mysql'", after=1, occurrence=1)
        found = await typing.client.text_document_definition_async(
            types.DefinitionParams(typing.identifier(), position)
        )
        assert isinstance(found, list | tuple)
        (place,) = found
        assert isinstance(place, types.Location)
        assert typing.covered(place.range) == "db" and place.range.start.line == 11


async def test_names_written_in_unusual_ways(tmp_path: Path) -> None:
    text = (
        "applications:\n"
        "  app: &app\n"
        "    type: 'php:8.4'\n"
        "    relationships: &shared\n"
        '      "d\\x62": !!str db:mysql\n'
        "      plain: db\n"
        "      twice: {service: !!str db}\n"
        '      escaped: "\\x64b:mysql"\n'
        "  other:\n"
        "    type: 'php:8.4'\n"
        "    relationships: *shared\n"
        "services:\n"
        "  'db': {type: 'mariadb:11.8'}\n"
    )
    async with session(tmp_path, "eglot") as typing:
        typing.open(text)
        assert await renamed(typing, "'db'", "on") == {
            CONFIG: text.replace("!!str db:mysql", "!!str on:mysql")
            .replace("plain: db", "plain: 'on'")
            .replace("!!str db}", "!!str 'on'}")
            .replace('"\\x64b:mysql"', "'on:mysql'")
            .replace("'db'", "'on'")
        }
        # The block is shared by an alias: what it names is one thing in both applications.
        assert await renamed(typing, '"d\\x62"', "store", 2) == {CONFIG: text.replace('"d\\x62"', "'store'")}
        with pytest.raises(JsonRpcException, match="already a relationship `plain`"):
            await renamed(typing, "twice", "plain")


async def test_a_rename_that_loses_data_asks_and_is_applied_if_the_user_agrees(editor: Session) -> None:
    params = types.RenameParams(editor.identifier(), editor.position("'db:mysql'", after=1), "other")
    edit = await editor.client.text_document_rename_async(params)
    (question,) = editor.questions
    assert question.message.startswith("Rename service `db`? The platform deletes the old service with its data")
    assert [one.title for one in question.actions or ()] == ["Rename", "Cancel"]
    assert annotations(edit) == []
    editor.agrees = False
    with pytest.raises(JsonRpcException, match="nothing was renamed"):
        await editor.client.text_document_rename_async(params)


RENAMED = """\
applications:
  app:
    type: php:8.4
    relationships:
      my-db: 'db:mysql'
    hooks:
      deploy: |
        ./migrate --host "$MY_DB_HOST" --port ${MY_DB_PORT:-3306}
        sh -c 'echo $MY_DB_HOST $MY_DB_NAME'
        MY_DB_PATH=a; echo $MY_DB_PATH
    workers:
      queue:
        commands: {start: 'php a.php $MY_DB_HOST'}
      other:
        relationships: {my-db: 'cache:redis'}
        commands: {start: "php b.php \\x24MY_DB_HOST"}
      none:
        relationships: {}
        commands: {start: 'php c.php $MY_DB_HOST'}
services:
  db: {type: 'mariadb:11.8'}
  cache: {type: 'redis:8.0'}
"""


async def test_a_rename_of_a_relationship_renames_its_variables(tmp_path: Path) -> None:
    text = RENAMED.replace("\\x24", "$")
    async with session(tmp_path) as found:
        found.open(text)
        params = types.RenameParams(found.identifier(), found.position("my-db: 'db", after=1), "main")
        edit = await found.client.text_document_rename_async(params)
        expected = (
            text.replace("my-db:", "main:").replace("MY_DB_HOST", "MAIN_HOST").replace("{MY_DB_PORT", "{MAIN_PORT")
        )
        expected = expected.replace("c.php $MAIN_HOST", "c.php $MY_DB_HOST")
        assert edit is not None and applied(found, edit)[CONFIG] == expected
        assert found.questions == []


async def test_a_rename_of_a_relationship_whose_variables_remain_asks(tmp_path: Path) -> None:
    (tmp_path / "w.sh").write_text("set -e\nphp b.php $MY_DB_HOST\n")
    for text in (RENAMED, RENAMED.replace("\\x24", "$").replace("php a.php", "./w.sh")):
        async with session(tmp_path) as found:
            found.open(text)
            params = types.RenameParams(found.identifier(), found.position("my-db: 'db", after=1), "main")
            edit = await found.client.text_document_rename_async(params)
            assert edit is not None and '--host "$MAIN_HOST"' in applied(found, edit)[CONFIG]
            (question,) = found.questions
            where = "`w.sh`" if "./w.sh" in text else "a command"
            assert f"`$MY_DB_HOST` is empty, but still used in {where}" in question.message


async def test_a_code_action_that_loses_data_asks_first(tmp_path: Path) -> None:
    text = (
        "applications:\n  app:\n    type: php:8.4\n    mounts:\n      var/uploads: {source: storage}\n    workers:\n"
        "      queue: {commands: {start: php bin/console messenger:consume --time-limit=3600}}\n"
    )
    async with session(tmp_path) as found:
        found.open(text)
        place = found.position("var/uploads")
        context = types.CodeActionContext([], trigger_kind=types.CodeActionTriggerKind.Invoked)
        params = types.CodeActionParams(found.identifier(), types.Range(place, place), context)
        actions = await found.client.text_document_code_action_async(params) or []
        asking = [one for one in actions if isinstance(one, types.CodeAction) and one.title.endswith(" …")]
        assert asking
        command = asking[0].command
        assert command is not None and asking[0].edit is None
        await found.client.workspace_execute_command_async(
            types.ExecuteCommandParams(command.command, command.arguments)
        )
        (question,) = found.questions
        assert "its files are not copied" in question.message
        (edit,) = found.applied
        assert edit.document_changes
        found.agrees = False
        await found.client.workspace_execute_command_async(
            types.ExecuteCommandParams(command.command, command.arguments)
        )
        assert len(found.applied) == 1
