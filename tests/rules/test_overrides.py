"""What a worker inherits, and what its override loses."""

from __future__ import annotations

import json

import pytest

from tests.support import apply_fix, findings, project
from upsun_rules.finding import Severity
from upsun_schema.configuration.inheritance import INHERITED, Origin
from upsun_schema.keys.shape import schema_text

BASE = """\
applications:
  app:
    type: 'python:3.13'
    access:
      ssh: admin
    relationships:
      database: 'db:postgresql'
      cache: 'cache:redis'
    variables:
      env:
        LOG: info
        MODE: web
      data:
        memory_limit: 256M
    mounts:
      '/var/data':
        source: storage
      'tmp/':
        source: tmp
    workers:
      queue:
        commands:
          start: python consume.py
{own}services:
  db:
    type: 'postgresql:17'
  cache:
    type: 'redis:8.0'
"""


def config(own: str = "") -> str:
    return BASE.format(own=own)


def test_a_worker_has_what_its_application_has() -> None:
    worker = project(config()).applications["app"].workers["queue"]
    found = worker.effective
    assert [*found.relationships] == ["database", "cache"]
    assert [mount.path for mount in found.mounts.values()] == ["var/data", "tmp"]
    assert {(variable.prefix, variable.name) for variable in found.variables} == {
        ("env", "LOG"),
        ("env", "MODE"),
        ("data", "memory_limit"),
    }
    assert {name: effective.origin for name, effective in found.properties.items()} == {
        "relationships": Origin.APPLICATION,
        "mounts": Origin.APPLICATION,
        "variables": Origin.APPLICATION,
        "access": Origin.APPLICATION,
        "firewall": Origin.DEFAULT,
        "additional_hosts": Origin.DEFAULT,
        "container_profile": Origin.DEFAULT,
        "authorizations": Origin.DEFAULT,
    }


def test_an_override_replaces_the_whole_block() -> None:
    own = "        variables:\n          env:\n            MODE: worker\n        mounts: {}\n"
    worker = project(config(own)).applications["app"].workers["queue"]
    variables = worker.effective.properties["variables"]
    assert variables.origin is Origin.OWN
    assert [*variables.dropped] == ["env:LOG", "data:memory_limit"]
    assert worker.effective.mounts == {}
    assert [*worker.effective.properties["mounts"].dropped] == ["var/data", "tmp"]


def test_the_schema_and_the_model_agree_on_what_is_inherited() -> None:
    application = json.loads(schema_text())["definitions"]["application"]["properties"]
    assert {name for name, one in application.items() if one.get("x-inherited")} == set(INHERITED)


def test_lost_variables_are_named_and_can_be_copied() -> None:
    text = config("        variables:\n          env:\n            MODE: worker\n")
    (finding,) = findings(text, "override-drops-variables")
    assert finding.region.text == "variables"
    assert "loses `env:LOG` and `data:memory_limit`" in finding.message
    assert finding.related[0].region.text == "variables"
    assert not finding.fixes[0].safe
    fixed = apply_fix(text, finding)
    assert findings(fixed, "override-drops-variables") == []
    assert fixed == config(
        "        variables:\n          env:\n            MODE: worker\n            LOG: info\n"
        "          data:\n            memory_limit: 256M\n"
    )


def test_an_empty_override_is_intended() -> None:
    text = config("        variables: {}\n        relationships: {}\n        mounts: {}\n")
    assert findings(text) == []


def test_a_lost_relationship_is_more_severe_if_its_variables_are_used() -> None:
    own = "        relationships:\n          cache: 'cache:redis'\n"
    (quiet,) = findings(config(own), "override-drops-relationships")
    assert quiet.severity is Severity.INFO
    (loud,) = findings(
        config(own).replace("python consume.py", 'python consume.py "$DATABASE_URL"'), "override-drops-relationships"
    )
    assert loud.severity is Severity.WARNING
    assert "uses variables of `database`" in loud.message
    single_quoted = config(own).replace("python consume.py", "|\n            python consume.py '$DATABASE_URL'")
    assert findings(single_quoted, "override-drops-relationships")[0].severity is Severity.INFO


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("python consume.py var/data/in", True),
        ("python consume.py --to=/app/var/data", True),
        ("python consume.py ./var/data", True),
        ("python consume.py var/database", False),
        ("python consume.py", False),
    ],
)
def test_a_lost_mount_matters_if_the_command_uses_it(command: str, found: bool) -> None:
    text = config("        mounts:\n          'scratch':\n            source: instance\n").replace(
        "python consume.py", command
    )
    assert bool(findings(text, "override-drops-mounts")) is found


def test_a_repeated_block_can_be_removed() -> None:
    text = config("        access: {ssh: admin}\n")
    (finding,) = findings(text, "redundant-override")
    assert finding.severity is Severity.HINT
    assert apply_fix(text, finding) == config()
    assert findings(config("        access: {ssh: contributor}\n"), "redundant-override") == []


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("        mounts:\n", "        mounts: {}\n"),
        ("        mounts: null\n", "        mounts: {}\n"),
        ("        mounts: ~ # none\n", "        mounts: {} # none\n"),
        ("        mounts: # none\n", "        mounts: {} # none\n"),
    ],
)
def test_a_block_without_a_value_is_not_an_empty_one(written: str, mended: str) -> None:
    (finding,) = findings(config(written))
    assert finding.rule == "null-block"
    assert "or remove it to inherit" in finding.message
    assert apply_fix(config(written), finding) == config(mended)


def test_a_block_without_a_value_may_only_be_indented_wrongly() -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    variables:\n    env:\n      A: b\n"
    (finding,) = findings(text)
    assert finding.rule == "null-block"
    assert "`env` is not indented below it" in finding.message
    assert finding.fixes == ()


def test_weak_access_with_every_secret() -> None:
    text = config("        access:\n          ssh: viewer\n")
    (finding,) = findings(text, "weak-access-keeps-secrets")
    assert "every viewer can read the credentials" in finding.message
    fixed = apply_fix(text, finding)
    assert fixed == config("        access:\n          ssh: viewer\n        relationships: {}\n        mounts: {}\n")
    assert findings(fixed) == []
    assert findings(config("        access:\n          ssh: admin\n"), "weak-access-keeps-secrets") == []


def with_block(above: str, own: str) -> str:
    return (
        f"applications:\n  app:\n    type: 'php:8.4'\n{above}    workers:\n      q:\n        {own}\n"
        "        commands: {start: php artisan queue:work --max-time=3600}\n"
    )


def test_an_empty_block_and_the_applications_are_two_fixes_of_a_block_without_a_value() -> None:
    above = "    mounts:\n      a: {source: instance}\n"
    text = with_block(above, "mounts:")
    (finding,) = findings(text, "null-block")
    empty, away = finding.fixes
    assert not empty.safe and not away.safe
    assert apply_fix(text, empty) == with_block(above, "mounts: {}")
    assert apply_fix(text, away) == with_block(above, "").replace("        \n", "")


def test_where_nothing_is_inherited_writing_an_empty_block_is_safe() -> None:
    text = with_block("", "mounts:")
    (finding,) = findings(text, "null-block")
    assert [fix.safe for fix in finding.fixes] == [True]


def test_a_firewall_without_a_value_names_what_goes_below_it() -> None:
    (finding,) = findings(with_block("", "firewall:"), "null-block")
    assert "`outbound` rules below it" in finding.message


def test_several_lost_relationships_are_a_plural() -> None:
    text = with_block("    relationships: {a: 's:redis', b: 's:redis'}\n", "relationships: {c: 's:redis'}")
    (finding,) = findings(text + "services:\n  s: {type: 'redis:8.0'}\n", "override-drops-relationships")
    assert finding.message.startswith("worker `q` loses `a` and `b`:")


def test_a_copy_with_comments_has_no_safe_fix() -> None:
    text = with_block("    access: {ssh: admin}\n", "access:\n          # for the team\n          ssh: admin")
    (finding,) = findings(text, "redundant-override")
    assert not finding.fixes[0].safe


@pytest.mark.parametrize("command", ["sleep infinity", "while true; do sleep 3600; done", "tail -f /dev/null"])
def test_a_worker_for_people_may_have_fewer_relationships(command: str) -> None:
    text = f"""\
applications:
  app:
    type: 'php:8.4'
    relationships: {{database: 'db:admin'}}
    workers:
      visitors:
        access: {{ssh: viewer}}
        commands: {{start: {command}}}
        mounts: {{}}
        relationships: {{reports: 'db:reporter'}}
services:
  db:
    type: 'mariadb:11.8'
    configuration: {{schemas: [main], endpoints: {{admin: {{}}, reporter: {{}}}}}}
"""
    assert findings(text, "override-drops-relationships") == []
    assert findings(text.replace(command, "php run.php"), "override-drops-relationships") != []
