"""Variables of relationships: those that a command uses, and names that collide."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.command import write
from tests.support import CONFIG, apply_fix, findings, said, source
from upsun_rules.engine import lint
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project

UNKNOWN = "unknown-service-variable"


def uses(command: str, *, own: str = "", app: str = "cache: 'memory:redis'", rest: str = "") -> str:
    return f"""\
applications:
  app:
    type: 'python:3.14'
    relationships: {{{app}}}
{rest}    workers:
      w:
        {own}commands:
          start: |
            {command}
  other:
    type: 'python:3.14'
    relationships: {{search: 'memory:redis'}}
"""


@pytest.mark.parametrize(
    ("command", "reported"),
    [
        ("run --url redis://$BROKER_HOST:$BROKER_PORT", True),
        ("run --host $DB_HOST --user $DB_USERNAME --password $DB_PASSWORD", True),
        ("run --host $SEARCH_HOST", True),
        ('run --host "${SEARCH_HOST}"', True),
        ("run --host $DB_HOST", False),
        ("run --host $CACHE_HOST --port $CACHE_PORT", False),
        ("run --url smtp://$SMTP_HOST:$SMTP_PORT", False),
        ("run --host ${SEARCH_HOST:-localhost}", False),
        ("SEARCH_HOST=x; run --host $SEARCH_HOST", False),
        (". ./env.sh; run --host $SEARCH_HOST", False),
        ("run --host '$SEARCH_HOST'", False),
        ("run --host ${SEARCH_HOST-x}", False),
        ("run --host ${SEARCH_HOST:?}", False),
        ('run --host "${SEARCH_HOST%%.*}"', True),
        ("export SEARCH_HOST=x && run --host $SEARCH_HOST", False),
        ("source .environment; run --host $SEARCH_HOST", False),
        ("eval $(cat env) && run --host $SEARCH_HOST", False),
        ("run --name $SEARCH", False),
        ("run --host $APP_HOST --port $APP_PORT --path $APP_PATH", False),
        ("run --path $QUEUE_PATH --user $QUEUE_USERNAME", False),
        ("run --host $QUEUE_HOST --user $QUEUE_USERNAME", False),
        ("run --host $PLATFORM_BRANCH", False),
    ],
)
def test_a_variable_that_no_relationship_provides(command: str, reported: bool) -> None:
    assert len(said(uses(command), UNKNOWN)) == reported


def test_the_message_names_what_there_is() -> None:
    (finding,) = findings(uses("run redis://$BROKER_HOST:$BROKER_PORT"), UNKNOWN)
    assert source(finding.region) == "$BROKER_HOST"
    assert "no relationship `broker`, only `cache` (`$CACHE_HOST`)" in finding.message


@pytest.mark.parametrize(
    ("own", "rules"),
    [
        ("relationships: {}\n        ", {UNKNOWN}),
        ("relationships: {queue: 'memory:redis'}\n        ", {"override-drops-relationships"}),
        ("", set()),
    ],
)
def test_a_relationship_that_the_worker_does_not_inherit_is_reported_once(own: str, rules: set[str]) -> None:
    found = findings(uses("run --host $CACHE_HOST", own=own))
    assert {one.rule for one in found} & {UNKNOWN, "override-drops-relationships"} == rules


def test_variables_that_the_project_sets_are_there(tmp_path: Path) -> None:
    command = "run --url redis://$BROKER_HOST:$BROKER_PORT"
    assert said(uses(command, rest="    variables: {env: {BROKER_HOST: x, broker_port: '1'}}\n"), UNKNOWN) == []
    write(tmp_path, uses(command), ".upsun/config.yaml")
    write(tmp_path, "export BROKER_HOST=example.com\n", ".environment")
    assert UNKNOWN not in {one.rule for one in lint(Project(str(tmp_path)), Options())}


def test_hooks_and_crons_use_the_relationships_of_the_web_container() -> None:
    text = """\
applications:
  app:
    type: 'python:3.14'
    hooks: {build: 'run $SEARCH_HOST', deploy: 'run $SEARCH_HOST'}
    web: {relationships: {search: 's:redis'}, commands: {start: 'run $SEARCH_HOST'}}
    workers: {w: {commands: {start: 'work $SEARCH_HOST'}}}
    crons: {c: {spec: '0 3 * * *', commands: {start: 'run $SEARCH_HOST'}}}
"""
    (finding,) = findings(text, UNKNOWN)
    assert "worker `w`" in finding.message


@pytest.mark.parametrize(
    ("names", "reported"),
    [
        (("my-db", "my_db", "mydb"), ["my_db"]),
        (("my-db", "MY_DB", "my.db"), ["MY_DB", "my.db"]),
        (("db", "DB"), ["DB"]),
        (("db1", "db2"), []),
        (("my-db",), []),
    ],
)
@pytest.mark.parametrize("of_worker", [False, True])
def test_relationships_whose_variables_have_one_name(
    names: tuple[str, ...], reported: list[str], of_worker: bool
) -> None:
    block = f"relationships: {{{', '.join(f'{name}: {chr(39)}s:mysql{chr(39)}' for name in names)}}}\n"
    if of_worker:
        block = f"workers:\n      w:\n        commands: {{start: ./w.sh}}\n        {block}"
    text = f"applications:\n  app:\n    type: 'php:8.4'\n    {block}"
    found = findings(text, "relationship-names-collide")
    assert [(finding.region.text, finding.severity.label) for finding in found] == [
        (name, "warning") for name in reported
    ]
    # A relationship is never renamed for its user: code reads its variables.
    assert [(finding.related[0].region.text, finding.fixes) for finding in found] == [(names[0], ())] * len(found)


def test_a_collision_that_workers_inherit_is_reported_once() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    relationships: {my-db: 's:mysql', my_db: 's:mysql'}
    workers:
      a: {commands: {start: ./a.sh}}
      b: {commands: {start: ./b.sh}}
"""
    assert said(text, "relationship-names-collide") == [("my_db", "warning")]


LOST = """\
applications:
  app:
    type: 'python:3.14'
    relationships:
      cache: 'memory:redis'
      search: 'index:solr'
    workers:
      w:
        relationships: {}
        commands:
          start: run --host $SEARCH_HOST
services:
  memory: {type: 'redis:8.0'}
  index: {type: 'solr:9.6'}
"""


def test_the_relationship_that_a_worker_lost_is_copied_into_it() -> None:
    files = {CONFIG: LOST}
    (finding,) = findings(files, UNKNOWN)
    copied = "relationships:\n          search: 'index:solr'\n"
    assert apply_fix(files, finding) == LOST.replace("relationships: {}\n", copied)


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("export URL=http://$SEARCH_HOST\n", True),
        ("export SEARCH_HOST=x\n", False),
        ("export URL=$SEARCH_HOST\n. ./other\n", False),
        ("export URL=$SEARCH_HOST\nif\n", False),
    ],
)
def test_a_variable_is_set_by_the_file_environment_only_if_it_has_a_value_there(text: str, reported: bool) -> None:
    assert bool(findings({CONFIG: LOST, ".environment": text}, UNKNOWN)) is reported
