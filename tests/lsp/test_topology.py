"""The topology of a project: its parts, their places, what is inherited, and the connections."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types

from tests.lsp.session import Session, session

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONFIG = """\
# 😀 before everything
applications:
  shop:
    type: 'php:8.4'
    relationships:
      database: 'db:mysql'
      cache:
    mounts:
      'var/cache': {source: tmp}
      uploads: {source: service, service: files}
    variables:
      env: {APP_ENV: prod, MAIL_FROM: me}
    web:
      commands: {start: php -S}
    workers:
      queue:
        commands:
          start: |

            cd web
            php queue.php
      mail:
        commands: {start: php mail.php}
        relationships:
          database:
            service: db
          nowhere: 'mistake:http'
        variables:
          env: {APP_ENV: prod}
        mounts: {}
  reader:
    type: 'php:8.4'
    mounts:
      shared: {source: storage, service: shop}
    relationships:
      api: 'shop:http'
"""

SERVICES = """\
services:
  db: {type: 'mariadb:11.4'}
  cache: {type: 'redis:8.0'}
  files: {type: 'network-storage:1.0'}
  front:
    type: 'varnish:7.6'
    relationships: {app: 'shop:http'}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    async with session(tmp_path_factory.mktemp("topology")) as found:
        found.open(CONFIG.replace("\n", "\r\n"))
        found.open(SERVICES, ".upsun/services.yaml")
        yield found


async def ask(editor: Session, path: str = ".upsun/config.yaml") -> Any:
    params = types.ExecuteCommandParams("upsun-lint.topology", [editor.uri(path)])
    answer = await editor.client.workspace_execute_command_async(params)
    return json.loads(json.dumps(answer, default=vars))


def at(editor: Session, location: Any) -> str:
    """The text at a place."""
    path = next(path for path in editor.texts if editor.uri(path) == location["uri"])
    start, end = (types.Position(**location["range"][side]) for side in ("start", "end"))
    return editor.covered(types.Range(start, end), path)


async def test_every_part_has_its_location(editor: Session) -> None:
    picture = await ask(editor)
    shop, reader = picture["applications"]
    assert (shop["name"], shop["type"], at(editor, shop["location"])) == ("shop", "php:8.4", "shop")
    assert [at(editor, mount["location"]) for mount in shop["mounts"]] == ["'var/cache'", "uploads"]
    assert [(mount["path"], mount["source"]) for mount in shop["mounts"]] == [
        ("var/cache", "tmp"),
        ("uploads", "service"),
    ]
    assert [one["name"] for one in shop["instances"]] == ["web", "queue", "mail"]
    assert [at(editor, one["location"]) for one in shop["instances"]] == ["web", "queue", "mail"]
    assert [one["command"] for one in shop["instances"]] == ["php -S", "php queue.php", "php mail.php"]
    assert [service["name"] for service in picture["services"]] == ["db", "cache", "files", "front", "mistake"]
    assert at(editor, picture["services"][0]["location"]) == "db"
    assert picture["services"][0]["type"] == "mariadb:11.4"
    # Without a `web` there is a web process all the same.
    assert [(one["kind"], at(editor, one["location"])) for one in reader["instances"]] == [("web", "reader")]


async def test_an_instance_inherits_or_overrides_as_a_whole(editor: Session) -> None:
    shop, reader = (await ask(editor))["applications"]
    queue, mail = shop["instances"][1:]
    assert {one["name"]: one["origin"] for one in queue["properties"]} == {
        "relationships": "application",
        "mounts": "application",
        "variables": "application",
    }
    own = {one["name"]: one for one in mail["properties"]}
    assert {one["origin"] for one in own.values()} == {"own"}
    assert own["relationships"]["dropped"] == ["cache"]
    assert own["variables"]["dropped"] == ["env:MAIL_FROM"]
    assert own["mounts"]["dropped"] == ["var/cache", "uploads"]
    assert at(editor, own["mounts"]["location"]) == "mounts"
    assert {one["name"]: one["origin"] for one in reader["instances"][0]["properties"]} == {
        "relationships": "application",
        "mounts": "application",
    }


async def test_an_edge_is_listed_once_where_it_is_written(editor: Session) -> None:
    edges = (await ask(editor))["edges"]
    assert [(edge["source"], edge["kind"], edge["name"], edge["target"], edge["endpoint"]) for edge in edges] == [
        ("application:shop", "relationship", "database", "service:db", "mysql"),
        ("application:shop", "relationship", "cache", "service:cache", None),
        ("application:shop", "mount", "uploads", "service:files", None),
        ("worker:shop--mail", "relationship", "database", "service:db", None),
        ("worker:shop--mail", "relationship", "nowhere", "service:mistake", "http"),
        ("application:reader", "relationship", "api", "application:shop", "http"),
        ("application:reader", "mount", "shared", "application:shop", None),
        ("service:front", "relationship", "app", "application:shop", "http"),
    ]
    assert [at(editor, edge["location"]) for edge in edges][:5] == [
        "database",
        "cache",
        "uploads",
        "database",
        "nowhere",
    ]


async def test_an_undefined_target_is_marked_as_missing(editor: Session) -> None:
    services = (await ask(editor, ".upsun/services.yaml"))["services"]
    missing = [service for service in services if service["missing"]]
    assert [(service["name"], service["type"]) for service in missing] == [("mistake", None)]
    assert at(editor, missing[0]["location"]) == "nowhere"


async def test_unfinished_text_has_a_topology(editor: Session) -> None:
    broken = "applications:\n  shop:\n    mounts: [\n    relationships:\n      'a': ':::'\n      b: {service: [}\n  x\n"
    whole = editor.texts[".upsun/config.yaml"]
    editor.change(broken)
    picture = await ask(editor)
    assert "db" in [service["name"] for service in picture["services"]]
    editor.change("")
    assert (await ask(editor))["applications"] == []
    editor.change(whole)
    assert len((await ask(editor))["applications"]) == 2


MORE = """\
applications:
  shop:
    type: 'php:8.4'
    crons:
      nightly: {spec: 'H 3 * * *', commands: {start: "set -e\\nphp nightly.php"}}
    workers:
      broken: {}
tasks:
  reindex: {type: 'php:8.4', relationships: {db: 'db:mysql'}, run: {command: php reindex.php}}
services:
  db: {type: 'mariadb:11.4'}
routes:
  'https://{default}/': {type: upstream, upstream: 'shop:http'}
  'https://www.{default}/': {type: redirect, to: 'https://{default}/'}
"""


async def test_routes_crons_tasks_and_problems_are_part_of_it(editor: Session) -> None:
    whole, services = editor.texts[".upsun/config.yaml"], editor.texts[".upsun/services.yaml"]
    editor.change("", ".upsun/services.yaml")
    editor.change(MORE)
    picture = await ask(editor)
    assert [(one["name"], one["type"], one["to"]) for one in picture["routes"]] == [
        ("https://{default}/", "upstream", None),
        ("https://www.{default}/", "redirect", "https://{default}/"),
    ]
    (shop,) = picture["applications"]
    (cron,) = shop["crons"]
    assert (cron["name"], cron["schedule"], cron["command"]) == ("nightly", "H 3 * * *", "php nightly.php")
    assert [(one["name"], one["command"]) for one in picture["tasks"]] == [("reindex", "php reindex.php")]
    ends = [(edge["kind"], edge["source"], edge["target"]) for edge in picture["edges"]]
    assert ("route", "route:https://{default}/", "application:shop") in ends
    assert ("relationship", "task:reindex", "service:db") in ends
    broken = next(one for one in shop["instances"] if one["name"] == "broken")
    assert broken["problems"]["errors"] == 1
    assert shop["problems"]["errors"] == 0, "those of the parts inside it are not counted again"
    editor.change(whole)
    editor.change(services, ".upsun/services.yaml")
