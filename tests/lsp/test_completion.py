"""Completion offers everything that is valid at a place and not there yet, in the form that the place needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types

from tests.lsp.completing import MARK, accepted, offered, split
from tests.lsp.session import CONFIG, Session, session
from upsun_schema.keys.shape import shape_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERVICES = ".upsun/services.yaml"

# Everything that makes counting hard is before the place.
ODD = "# 😀 e\u0301 \u2028 before everything\n"
APP = (
    ODD
    + """\
applications:
  shop:
    type: 'php:8.4'
    relationships:
      database: 'db:mysql'
    mounts:
      'var/cache': {source: tmp}
      uploads:
        source: service
        service: files
    variables:
      env:
        APP_ENV: prod
        GREETING: 'hello 😀'
      php:
        memory_limit: 256M
    workers:
      queue:
        commands:
          start: php artisan queue:work
"""
)
WORKER = APP + "        "
SERVICE_FILE = """\
services:
  db:
    type: 'mariadb:11.8'
    configuration:
      endpoints:
        reports: {}
        mysql: {}
  cache:
    type: 'redis:8.0'
  files:
    type: 'network-storage:1.0'
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def vscode(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    async with session(tmp_path_factory.mktemp("vscode"), "vscode") as editor:
        editor.open(SERVICE_FILE, SERVICES)
        yield editor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ale(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    async with session(tmp_path_factory.mktemp("ale"), "ale") as editor:
        editor.open(SERVICE_FILE, SERVICES)
        yield editor


def text_of(item: types.CompletionItem) -> str:
    assert isinstance(item.text_edit, types.TextEdit)
    return item.text_edit.new_text


def covered(editor: Session, item: types.CompletionItem, path: str = CONFIG) -> str:
    assert isinstance(item.text_edit, types.TextEdit)
    return editor.covered(item.text_edit.range, path)


# -- keys --------------------------------------------------------------------------------------------------------------


async def test_a_worker_offers_its_own_keys_and_no_others(vscode: Session) -> None:
    found = await offered(vscode, f"{WORKER}{MARK}\n")
    shape = shape_at("applications", "shop", "workers", "queue")
    assert shape is not None
    # The platform accepts these two, but does not document them for workers.
    assert set(found) == shape.properties.keys() - {"commands", "authorizations", "egress"}
    assert not {"crons", "hooks", "type", "web", "build", "source"} & set(found)
    assert list(found)[-1] in ("timezone", "size", "resources")
    assert list(found["size"].tags or ()) == [types.CompletionItemTag.Deprecated]
    assert found["relationships"].tags is None


async def test_required_keys_come_first(vscode: Session) -> None:
    found = await offered(vscode, f"{APP}      mail:\n        {MARK}\n")
    assert next(iter(found)) == "commands"
    assert found["commands"].detail == "required"
    text, _ = split(f"{APP}      mail:\n        {MARK}\n")
    after = accepted(text, found["commands"], vscode.units)
    assert after.endswith("      mail:\n        commands:\n          start: \n")


async def test_a_key_is_described_with_what_it_replaces(vscode: Session) -> None:
    found = await offered(vscode, f"{WORKER}{MARK}\n")
    documentation = found["variables"].documentation
    assert isinstance(documentation, types.MarkupContent)
    assert documentation.kind == types.MarkupKind.Markdown
    assert "`shop`" in documentation.value and "replaces the whole block" in documentation.value
    assert "https://developer.upsun.com/docs/" in documentation.value
    assert found["variables"].label_details is not None
    assert found["variables"].label_details.description == "inherited from shop"
    assert "replaces" not in str(found["firewall"].documentation)


async def test_merged_keys_are_not_offered_again(vscode: Session) -> None:
    found = await offered(
        vscode, f"{APP}      mail: &mail\n        access: {{}}\n      b:\n        <<: *mail\n        {MARK}"
    )
    assert "access" not in found and "commands" in found


@pytest.mark.parametrize(
    ("before", "inserted"),
    [
        ("mo", "mounts:\n  $0"),
        ("acc", "access:\n  $0"),
        ("containe", "container_profile: ${1|HIGH_CPU,BALANCED,HIGH_MEMORY,HIGHER_MEMORY|}"),
        ("fire", "firewall:\n  outbound:\n    - $0"),
        ("'mo", "mounts':\n  $0"),
    ],
)
async def test_a_key_is_inserted_with_what_follows_it(vscode: Session, before: str, inserted: str) -> None:
    found = await offered(vscode, f"{WORKER}{before}{MARK}\n")
    item = found[inserted.partition(":")[0].rstrip("'")]
    assert text_of(item) == inserted
    assert covered(vscode, item) == before.lstrip("'")
    assert item.insert_text_format == types.InsertTextFormat.Snippet
    if "\n" in inserted:
        assert item.insert_text_mode == types.InsertTextMode.AdjustIndentation


async def test_a_key_with_a_colon_gets_no_second_one(vscode: Session) -> None:
    found = await offered(vscode, f"{WORKER}m{MARK}unts:\n          x: {{source: tmp}}\n")
    assert text_of(found["mounts"]) == "mounts"
    assert covered(vscode, found["mounts"]) == "munts"
    assert "access" not in found, "what is below it is no access"


async def test_a_key_above_its_block_gets_only_a_colon(vscode: Session) -> None:
    found = await offered(vscode, f"{APP}      mail:\n        comm{MARK}\n          start: php mail.php\n")
    assert next(iter(found)) == "commands" and "access" not in found
    assert text_of(found["commands"]) == "commands:"


async def test_the_indentation_of_the_file_is_used(vscode: Session) -> None:
    app = "applications:\n    app:\n        type: 'php:8.4'\n        workers:\n            queue:\n"
    text = f"{app}                {MARK}\n"
    item = (await offered(vscode, text))["commands"]
    plain, _ = split(text)
    assert accepted(plain, item, vscode.units).endswith("                commands:\n                    start: \n")


# -- broken text, braces, lists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("        mounts: {var: {so‸", {"source", "source_path", "service"}),
        ("        mounts: {var: {source: tmp, ‸}}", {"source_path", "service"}),
        ("        mounts: {var: {‸, source: tmp}}", {"source_path", "service"}),
        (
            "        mounts: {\n          var: {\n            ‸\n          }\n        }",
            {"source", "source_path", "service"},
        ),
        ("        access: {‸", {"ssh"}),
        ("        firewall:\n          outbound:\n            - ‸", {"protocol", "ips", "domains", "ports"}),
        (
            "        firewall:\n          outbound:\n            - ips: []\n              ‸",
            {"protocol", "domains", "ports"},
        ),
        ("        firewall:\n          outbound:\n            ‸", {"protocol", "ips", "domains", "ports"}),
        ("        firewall: {outbound: [{ips: [], ‸", {"protocol", "domains", "ports"}),
        ("        commands:\n          ‸", {"start", "pre_start", "post_start"}),
        ("        access:\n          ssh: ‸", {"admin", "contributor", "viewer"}),
        ("        access: {ssh: 'v‸'}", {"admin", "contributor", "viewer"}),
        ("        mounts: ‸", {"{}"}),
        ("        relationships:\n          cache: {service: cache, endpoint: ‸", {"redis"}),
    ],
)
async def test_unfinished_text(vscode: Session, text: str, labels: set[str]) -> None:
    worker = APP.replace("        commands:\n          start: php artisan queue:work\n", "")
    assert set(await offered(vscode, f"{worker}{text}\n")) == labels
    assert set(await offered(vscode, f"{worker}{text}\n  other:\n    type: 'php:8.4'\n    wor\n")) == labels
    windows = f"{worker}{text}\n".replace("\n", "\r\n")
    assert set(await offered(vscode, windows)) == labels


@pytest.mark.parametrize(
    "text",
    [
        "        # ‸",
        "        commands: # ‸",
        "        commands:\n          pre_start: |\n            ma‸",
        "        commands:\n          pre_start: |\n            mkdir x\n\n            ‸\n            touch y",
        "        commands:\n          pre_start: >-\n            if x:\n              ‸",
        "        commands:\n          pre_start: echo ‸",
        "        commands:\n          pre_start: 'echo ‸'",
        "        access: {ssh: 'viewer'‸}",
        "        access: {} ‸",
        "        access:‸",
        "         ‸",
        "       ‸",
        "        timezone: &zone ‸'UTC'",
    ],
)
async def test_where_nothing_can_be_completed(vscode: Session, text: str) -> None:
    assert await offered(vscode, f"{APP}{text}\n") == {}


async def test_a_space_for_indentation_opens_no_list(vscode: Session) -> None:
    assert await offered(vscode, f"{WORKER}{MARK}\n", typed=" ") == {}
    assert await offered(vscode, f"{WORKER}access: {{{MARK}}}\n", typed="{") != {}
    assert await offered(vscode, f"{WORKER}access: {{ssh: {MARK}}}\n", typed=" ") != {}
    assert await offered(vscode, f"{WORKER}access:{MARK}\n", typed=":") == {}
    assert await offered(vscode, APP.replace("'php:8.4'", f"php:{MARK}"), typed=":") != {}
    assert await offered(vscode, APP.replace("queue:work", f"queue:work {MARK}"), typed=" ") == {}
    assert vscode.result is not None
    provider = vscode.result.capabilities.completion_provider
    assert provider is not None
    assert set(provider.trigger_characters or ()) == set(": '\"{[@$*!/")


# -- values ------------------------------------------------------------------------------------------------------------


async def test_images_by_status(vscode: Session) -> None:
    found = await offered(vscode, APP.replace("'php:8.4'", MARK))
    labels = list(found)
    assert "php:8.4" in labels and "composable:26.05" in labels
    assert "php:7.4" not in labels and "mariadb:11.8" not in labels and "php:5.6" not in labels
    old = {label for label, item in found.items() if item.tags}
    assert "php:8.2" in old and "php:8.4" not in old
    assert labels == [label for label in labels if label not in old] + [label for label in labels if label in old]


async def test_a_retired_image_in_the_file_is_still_offered(vscode: Session) -> None:
    found = await offered(vscode, APP.replace("'php:8.4'", f"'php:7.{MARK}4'"))
    assert list(found["php:7.4"].tags or ()) == [types.CompletionItemTag.Deprecated]
    assert covered(vscode, found["php:7.4"]) == "php:7.4'"
    assert text_of(found["php:8.4"]) == "php:8.4'"


async def test_services_of_another_file_by_their_endpoints(vscode: Session) -> None:
    found = await offered(vscode, f"{WORKER}relationships:\n          cache: {MARK}\n")
    assert next(iter(found)) == "cache:redis", "the one with the relationship's own name"
    assert {"db:mysql", "db:reports"} <= set(found)
    assert not any(label.startswith(("files:", "shop:")) for label in found)
    assert found["db:mysql"].detail == "mariadb:11.8, default"
    inside = await offered(vscode, f"{WORKER}relationships:\n          x: {{service: {MARK}}}\n")
    assert set(inside) == {"db", "cache"}
    endpoints = await offered(
        vscode, f"{WORKER}relationships:\n          x:\n            service: db\n            endpoint: {MARK}\n"
    )
    assert set(endpoints) == {"mysql", "reports"}


async def test_an_application_that_leads_back_is_not_offered(vscode: Session) -> None:
    image = "    type: 'php:8.4'\n"
    text = f"applications:\n  a:\n{image}    relationships:\n      x: ‸\n  c:\n{image}"
    text += f"  b:\n{image}    relationships:\n      a: 'a:http'\n"
    found = await offered(vscode, text)
    assert "c:http" in found and "b:http" not in found and "a:http" not in found


async def test_mounts(vscode: Session) -> None:
    found = await offered(vscode, f"{WORKER}mounts:\n          x:\n            source: {MARK}\n")
    assert list(found)[:2] == ["storage", "service"]
    shape = shape_at("applications", "a", "mounts", "x", "source")
    assert shape is not None and set(found) == set(shape.values)
    assert all(item.documentation for item in found.values())
    of_service = await offered(vscode, f"{WORKER}mounts:\n          x: {{source: service, service: {MARK}}}\n")
    assert set(of_service) == {"files"}
    of_storage = await offered(vscode, f"{WORKER}mounts:\n          x: {{source: storage, service: {MARK}}}\n")
    assert set(of_storage) == {"shop"}


async def test_routes(vscode: Session) -> None:
    keys = await offered(vscode, f"{APP}routes:\n  'https://{{default}}/':\n    type: redirect\n    {MARK}\n")
    assert next(iter(keys)) == "to" and "upstream" not in keys
    every = await offered(vscode, f"{APP}routes:\n  'https://{{default}}/':\n    {MARK}\n")
    assert {"type", "upstream", "to"} <= set(every)
    kinds = await offered(vscode, f"{APP}routes:\n  'https://{{default}}/':\n    type: {MARK}\n")
    assert set(kinds) == {"upstream", "redirect", "proxy"}
    upstreams = await offered(vscode, f"{APP}routes:\n  'https://{{default}}/':\n    upstream: '{MARK}'\n")
    assert text_of(upstreams["shop:http"]) == "shop:http'"
    urls = await offered(vscode, f"{APP}routes:\n  {MARK}\n")
    assert text_of(urls["https://{default}/"]).startswith("'https://{default\\}/':\n  type: upstream")


async def test_schedules_are_quoted_if_needed(vscode: Session) -> None:
    start = f"{APP}    crons:\n      nightly:\n        spec: "
    found = await offered(vscode, f"{start}{MARK}\n")
    assert text_of(found["*/5 * * * *"]) == "'*/5 * * * *'"
    assert text_of(found["H * * * *"]) == "H * * * *"
    assert text_of((await offered(vscode, f"{start}'{MARK}'\n"))["*/5 * * * *"]) == "*/5 * * * *'"
    star = await offered(vscode, f"{start}*{MARK}\n")
    assert text_of(star["*/5 * * * *"]) == "'*/5 * * * *'" and covered(vscode, star["*/5 * * * *"]) == "*"


async def test_runtimes_of_the_channel_that_are_not_used_yet(vscode: Session) -> None:
    start = "applications:\n  app:\n    type: 'composable:26.05'\n    stack:\n      runtimes: "
    found = await offered(vscode, f"{start}['nodejs@24', {MARK}]\n")
    assert "php@8.4" in found and not any(label.startswith("nodejs@") for label in found)
    lines = await offered(vscode, f"{start}\n        - 'nodejs@24'\n        {MARK}\n")
    assert text_of(lines["php@8.4"]) == "- php@8.4"
    dash = await offered(vscode, f"{start}\n        - 'nodejs@24'\n        - p{MARK}\n")
    assert text_of(dash["php@8.4"]) == "php@8.4" and covered(vscode, dash["php@8.4"]) == "p"


async def test_time_zones(vscode: Session) -> None:
    found = await offered(vscode, f"{APP}    timezone: {MARK}\n")
    assert next(iter(found)) == "UTC"
    assert len(found) == 1 or "Europe/Paris" in found


# -- names and whole entries -------------------------------------------------------------------------------------------


async def test_what_a_worker_would_lose_is_offered(vscode: Session) -> None:
    related = await offered(vscode, f"{WORKER}relationships:\n          {MARK}\n")
    assert list(related) == ["database", "cache"], "the application's own first; `db` is one of them"
    assert text_of(related["database"]) == "database: db:mysql"
    assert text_of(related["cache"]) == "cache:"
    mounts = await offered(vscode, f"{WORKER}mounts:\n          var/cache: {{source: tmp}}\n          {MARK}\n")
    assert set(mounts) == {"uploads"}
    assert text_of(mounts["uploads"]) == "uploads:\n  source: service\n  service: files"
    variables = await offered(
        vscode, f"{WORKER}variables:\n          env:\n            APP_ENV: dev\n            {MARK}\n"
    )
    assert set(variables) == {"GREETING"}
    assert text_of(variables["GREETING"]) == "GREETING: 'hello 😀'"
    flow = await offered(vscode, f"{WORKER}mounts: {{{MARK}}}\n")
    assert text_of(flow["var/cache"]) == "var/cache: {source: tmp\\}"


async def test_an_application_offers_the_services_it_does_not_use(vscode: Session) -> None:
    found = await offered(
        vscode, APP.replace("      database: 'db:mysql'\n", f"      database: 'db:mysql'\n      {MARK}\n")
    )
    assert set(found) == {"cache"}


async def test_workers_by_the_applications_image(vscode: Session) -> None:
    found = await offered(vscode, f"{APP}      {MARK}\n")
    assert {"Laravel queue worker", "Laravel scheduler", "Symfony Messenger consumer", "worker"} <= set(found)
    assert "Celery worker" not in found and "Sidekiq" not in found
    assert list(found).index("worker") > list(found).index("Laravel queue worker")
    item = found["Laravel queue worker"]
    assert item.kind == types.CompletionItemKind.Snippet
    assert text_of(item).startswith("${1:queue-2}:\n  commands:\n    start: php artisan queue:work")
    assert "```yaml" in str(item.documentation)
    python = await offered(vscode, f"{APP}      {MARK}\n".replace("php:8.4", "python:3.14"))
    assert "Celery worker" in python and "Laravel queue worker" not in python
    unknown = await offered(vscode, f"{APP}      {MARK}\n".replace("php:8.4", "phq:8.4"))
    assert {"Celery worker", "Laravel queue worker"} <= set(unknown)


async def test_the_top_of_an_empty_file(vscode: Session) -> None:
    found = await offered(vscode, MARK, ".upsun/new.yaml")
    assert {"applications", "services", "routes", "services: with a database"} <= set(found)


async def test_an_included_file_is_completed_by_its_place_in_the_project(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        (tmp_path / ".upsun" / "apps").mkdir(parents=True)
        (tmp_path / CONFIG).write_text("applications:\n  shop: !include apps/shop.yaml\n")
        (tmp_path / ".upsun/apps/shop.yaml").write_text("type: 'php:8.4'\n")
        path = ".upsun/apps/shop.yaml"
        assert "workers" in await offered(editor, f"type: 'php:8.4'\n{MARK}\n", path)
        assert "relationships" in await offered(editor, f"type: 'php:8.4'\nworkers:\n  queue:\n    {MARK}\n", path)
        assert await offered(editor, f"applications:\n  shop:\n    {MARK}\n", "docker-compose.yaml") == {}


# -- other editors -----------------------------------------------------------------------------------------------------


async def test_an_editor_without_snippets_gets_plain_text(ale: Session) -> None:
    found = await offered(ale, f"{WORKER}{MARK}\n")
    for item in found.values():
        assert item.insert_text_format == types.InsertTextFormat.PlainText
        assert item.tags is None and item.deprecated is None and item.label_details is None
        assert item.insert_text_mode is None
        assert "$" not in text_of(item) and "\n" not in text_of(item)
        assert isinstance(item.documentation, types.MarkupContent)
        assert item.documentation.kind == types.MarkupKind.PlainText
        assert "**" not in item.documentation.value and "](" not in item.documentation.value
    assert text_of(found["mounts"]) == "mounts:"
    assert text_of(found["container_profile"]) == "container_profile: "
    text, _ = split(f"{APP}      {MARK}\n")
    worker = (await offered(ale, f"{APP}      {MARK}\n"))["Laravel scheduler"]
    assert accepted(text, worker, ale.units) == (
        f"{APP}      scheduler:\n        commands:\n          start: php artisan schedule:work\n"
    )


async def test_the_extensions_of_the_version_of_php(tmp_path: Path) -> None:
    text = "applications:\n  app:\n    type: 'php:{}'\n    runtime:\n      {}:\n        - redis\n        - {}\n"
    async with session(tmp_path) as editor:
        found = await offered(editor, text.format("8.4", "extensions", MARK))
        assert {"pdo_pgsql", "xdebug"} <= set(found) and "redis" not in found
        assert next(iter(found)) not in ("name", "configuration"), "names are likelier than the long form"
        assert not {"mysqli", "curl"} & set(found), "these are enabled already"
        assert "mysqli" in await offered(editor, text.format("8.4", "disabled_extensions", MARK))
        assert set(await offered(editor, text.format("none", "extensions", MARK))) == {"name", "configuration"}


async def test_a_key_that_would_be_deeper_than_those_below_is_not_offered(tmp_path: Path) -> None:
    text = "applications:\n  app:\n    workers:\n      queue:\n{}{}\n        commands: {{start: x}}\n"
    async with session(tmp_path) as editor:
        assert "mounts" in await offered(editor, text.format(8 * " ", MARK))
        assert await offered(editor, text.format(10 * " ", MARK)) == {}


async def test_start_commands_of_the_framework_and_scripts_of_the_repository(tmp_path: Path) -> None:
    text = """\
applications:
  app:
    type: '{}'
    workers:
      queue:
        commands:
          start: {}
    crons:
      clean:
        spec: 'H 3 * * *'
        commands:
          start: {}
"""
    (tmp_path / "package.json").write_text('{"scripts": {"worker": "node worker.js"}}')
    (tmp_path / "composer.json").write_text('{"require": {"symfony/messenger": "^7.0"}}')
    async with session(tmp_path) as editor:
        php = await offered(editor, text.format("php:8.4", MARK, "x"))
        first = next(iter(php))
        assert first.startswith("php bin/console messenger:consume"), "that of the framework comes first"
        assert "php artisan queue:work --tries=3 --max-time=3600" in php and "node worker.js" not in php
        assert php["npm run worker"].detail == "script of the repository"
        begun = await offered(editor, text.format("nodejs:24", f"n{MARK}", "x"))
        assert "node worker.js" in begun and "npm run worker" in begun
        assert "php bin/console app:cleanup" in await offered(editor, text.format("php:8.4", "x", MARK))
