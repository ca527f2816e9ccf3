from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from tests.server.command import check_golden, upsun_lint, write
from upsun_lint.reports.worker_report import as_annotated_yaml, as_json, as_tree, as_yaml
from upsun_lint.run.effective import effective_workers
from upsun_lint.writing.terminal import Terminal, width
from upsun_schema.configuration.project import Project

SHOP = """\
applications:
  shop:
    type: 'php:8.4'
    source: {root: /shop}
    relationships:
      db: 'database:mysql'
      queue: 'rabbit:rabbitmq'
    mounts:
      'var/uploads': {source: storage}
    variables:
      env: {APP_ENV: prod, DEBUG: no}
      php: {memory_limit: 256M}
    workers:
      mail:
        commands:
          start: |
            set -e
            php mail.php
        relationships:
          queue: 'rabbit:rabbitmq'
        variables:
          env: {APP_ENV: worker, SINCE: 2026-01-01}
      import: &import
        commands: {start: php import.php}
        crons: {}
  blog:
    type: 'nodejs:24'
    hooks: {build: npm ci, deploy: npm run migrate}
    workers:
      mail: *import
      "my queue":
        container_profile: HIGH_CPU
        commands: {start: node queue.js}
      a--b: {commands: {start: node b.js}}
services:
  database: {type: 'mariadb:11.8'}
  rabbit: {type: 'rabbitmq:4.3'}
"""


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, SHOP)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shown(*arguments: str) -> Any:
    ran = upsun_lint("show", "--format", "json", *arguments)
    assert ran.status == 0
    found = json.loads(ran.out)
    schema = json.loads(resources.files("upsun_lint.reports").joinpath("workers.schema.json").read_text("utf-8"))
    jsonschema.validate(found, schema, jsonschema.Draft7Validator)
    return found


def test_what_really_runs_and_its_variables(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "import.php").write_text("")
    text = SHOP.replace("start: php import.php", "start: npm run import").replace("{root: /shop}", "{root: shop}")
    write(tmp_path, text)
    (tmp_path / "shop" / "package.json").write_text('{"scripts": {"import": "php artisan queue:work"}}')
    worker = shown("shop--import")["shop--import"]
    (command,) = worker["runs"]
    assert command["known"] == "Laravel queue worker"
    assert [(step["command"], step["script"], step["at"]["line"]) for step in command["steps"]] == [
        ("npm run import", "import", 1)
    ]
    assert worker["environment"]["DB_HOST"]["inherited"]
    assert worker["environment"]["PLATFORM_BRANCH"]["origin"] == "platform"
    assert "DB_HOST" not in shown("shop--mail")["shop--mail"]["environment"]
    assert "php artisan queue:work" in upsun_lint("show", "shop--import").out


def test_the_tree() -> None:
    ran = upsun_lint("show")
    assert (ran.status, ran.err) == (0, "")
    assert max(map(width, ran.out.splitlines())) <= 80
    check_golden("show.txt", ran.out)


def test_every_value_has_its_origin() -> None:
    worker = shown("shop--mail")["shop--mail"]
    found = worker["properties"]
    assert found["type"]["origin"] == "shared"
    assert found["commands"]["origin"] == "own"
    assert found["mounts"] == {
        "origin": "application",
        "at": {"path": ".upsun/config.yaml", "line": 8, "column": 5},
        "value": {"var/uploads": {"source": "storage"}},
    }
    assert found["relationships"] == {
        "origin": "own",
        "at": {"path": ".upsun/config.yaml", "line": 19, "column": 9},
        "replaced": {"path": ".upsun/config.yaml", "line": 5, "column": 5},
        "dropped": {"db": {"path": ".upsun/config.yaml", "line": 6, "column": 7}},
        "value": {"queue": "rabbit:rabbitmq"},
    }
    assert list(found["variables"]["dropped"]) == ["env:DEBUG", "php:memory_limit"]
    assert found["variables"]["value"] == {"env": {"APP_ENV": "worker", "SINCE": "2026-01-01"}}
    assert found["firewall"] == {"origin": "default", "default": "all outbound traffic allowed"}
    assert found["additional_hosts"] == {"origin": "default", "value": {}}


def test_what_is_written_as_an_alias_counts() -> None:
    assert shown("blog--mail")["blog--mail"]["properties"]["commands"]["value"] == {"start": "php import.php"}


def test_of_the_hooks_only_the_build_hook_is_a_workers() -> None:
    assert shown("blog--mail")["blog--mail"]["properties"]["hooks"]["value"] == {"build": "npm ci"}


def test_a_key_that_is_not_a_property_of_a_worker_is_shown_as_such() -> None:
    assert shown("import")["shop--import"]["properties"]["crons"]["origin"] == "unknown"


@pytest.mark.parametrize("hooks", ["{deploy: echo hi}", "{}", "", "[a]", "{build: }", "{build: make, deploy: x}"])
def test_hooks_on_a_worker_are_shown_as_written(root: Path, hooks: str) -> None:
    text = f"""\
applications:
  app:
    type: 'php:8.4'
    hooks: {hooks}
    workers:
      queue:
        commands: {{start: php queue.php}}
        hooks: {hooks}
"""
    write(root, text)
    worker = shown()["app--queue"]["properties"]
    assert worker["hooks"]["origin"] == "unknown"
    if hooks == "{deploy: echo hi}":
        assert worker["hooks"]["value"] == {"deploy": "echo hi"}


def test_how_to_reach_a_worker() -> None:
    reach = {name: worker["reach"] for name, worker in shown().items()}
    assert reach == {
        "shop--mail": "upsun ssh --worker=shop--mail",
        "shop--import": "upsun ssh --worker=import",
        "blog--mail": "upsun ssh --worker=blog--mail",
        "blog--my queue": "upsun ssh --worker='my queue'",
        "blog--a--b": "upsun ssh --app=blog --worker=a--b",
    }


def test_yaml_and_json_are_equal() -> None:
    for version in ((1, 1), (1, 2)):
        reader = YAML(typ="safe", pure=True)
        reader.version = version  # type: ignore[assignment]
        assert reader.load(upsun_lint("show", "--format", "yaml").out) == shown()


def test_the_worker_may_be_named_with_or_without_its_application() -> None:
    assert list(shown("mail")) == ["shop--mail", "blog--mail"]
    assert list(shown("import")) == ["shop--import"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("imprt", "there is no application or worker `imprt`; did you mean `import`?"),
        ("shop--mial", "there is no application or worker `shop--mial`; did you mean `shop--mail`"),
        (
            "x",
            "there is no application or worker `x`; there are `shop`, `blog`, `mail`, `import`, `my queue` and `a--b`",
        ),
    ],
)
def test_an_unknown_worker(name: str, message: str) -> None:
    ran = upsun_lint("show", name)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"upsun-lint: {message}")
    assert ran.err.count("\n") == 1


def test_the_project_may_be_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "elsewhere").mkdir()
    monkeypatch.chdir(root / "elsewhere")
    at_home = upsun_lint("show", "mail").out
    assert upsun_lint("show", "mail", "-C", "..").out == at_home
    assert upsun_lint("show", "-C", "../missing").status == 2
    write(root / "more/a", SHOP)
    write(root / "more/b", SHOP)
    assert upsun_lint("show", "-C", "../more").err == (
        "upsun-lint: ../more: there are several projects: ../more/a, ../more/b\n"
    )


def test_no_workers(root: Path) -> None:
    write(root, "applications: {app: {type: 'php:8.4'}}\n")
    assert upsun_lint("show").out == "There are no workers in this project.\n"
    assert shown() == {}
    assert upsun_lint("show", "--format", "yaml").out == "{}\n"
    ran = upsun_lint("show", "queue")
    assert (ran.status, ran.err) == (2, "upsun-lint: there is no application or worker `queue`; there is `app`\n")


def test_a_broken_file_shows_what_can_be_read(root: Path) -> None:
    write(root, SHOP.replace("{source: storage}", "{source: storage"))
    ran = upsun_lint("show")
    assert ran.status == 0
    assert "shop--mail" in ran.out
    assert "not valid YAML" in ran.err


@pytest.mark.parametrize("sign", ["\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u200b", "\u2028", "\r"])
def test_no_name_can_hide_or_control_anything(sign: str) -> None:
    name = f'"a\\u{ord(sign):04x}b"'
    text = (
        f"applications:\n  {name}:\n    variables: {{env: {{{name}: x}}}}\n    workers:\n      {name}:\n"
        f"        {name}: {name}\n        mounts: {{{name}: {{{name}: [{name}]}}}}\n        commands: {{start: {name}}}\n"
    )
    found = effective_workers(Project("/nonexistent", {f".upsun/{sign}.yaml": text}))
    assert len(found) == 1
    for form in (as_json(found), as_yaml(found), as_annotated_yaml(found), as_tree(found, Terminal(columns=200))):
        assert sign not in form


@pytest.mark.parametrize(
    "values",
    [
        "&a [*a, {b: *a}]",
        "[&a [x, x, x, x], &b [*a, *a, *a, *a, *a, *a, *a], &c [*b, *b, *b, *b, *b, *b, *b], [*c, *c, *c, *c, *c, *c]]",
        "{? [a, b] : c, [d]: e, ~: f, 1: g, .inf: .nan, x: 0x10, y: 2026-01-01, z: !include file, t: *nowhere}",
        "{'\x1b[31m': \"\\e[31m\\n\\n\"}",
    ],
)
def test_any_value_can_be_shown(values: str) -> None:
    text = f"applications:\n  app:\n    workers:\n      queue:\n        variables: {values}\n        commands: [x]\n"
    found = effective_workers(Project("/nonexistent", {".upsun/config.yaml": text}))
    assert len(found) == 1
    for form in (as_json(found), as_yaml(found), as_tree(found, Terminal(encoding="ascii", columns=40))):
        assert "\x1b" not in form
    json.loads(as_json(found))
    YAML(typ="safe", pure=True).load(as_yaml(found))
