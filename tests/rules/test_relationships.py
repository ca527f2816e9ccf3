"""Targets of relationships and the form of relationships."""

from __future__ import annotations

import pytest

from tests.rules.relationship_texts import APP, WORKER, errors
from tests.support import apply_fix, findings, source
from upsun_rules.finding import Severity


@pytest.mark.parametrize(
    ("relationship", "place"),
    [
        ("database:", "database"),
        ("database: {}", "database"),
        ("database: 'dbb:mysql'", "dbb"),
        ("database: dbb:mysql", "dbb"),
        ("database: {service: dbb}", "dbb"),
        ('database: {service: "dbb", endpoint: mysql}', '"dbb"'),
        ("dbb: {endpoint: mysql}", "dbb"),
    ],
)
@pytest.mark.parametrize("config", [APP, WORKER])
def test_an_undefined_target_is_reported_at_its_name(config: str, relationship: str, place: str) -> None:
    text = config.format(relationship)
    assert errors(text, "undefined-relationship-target") == [place]
    assert [finding.rule for finding in findings(text) if finding.severity is Severity.ERROR] == [
        "undefined-relationship-target"
    ]


def test_services_and_the_web_instance_are_checked_too() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    web:
      relationships:
        one: 'gone:http'
services:
  varnish:
    type: 'varnish:9.0'
    relationships:
      two: 'lost:http'
"""
    assert errors(text, "undefined-relationship-target") == ["gone", "lost"]


def test_a_target_may_be_in_any_file() -> None:
    files = {
        ".upsun/app.yaml": "applications:\n  app:\n    type: 'php:8.4'\n    relationships:\n      db:\n",
        ".upsun/services.yaml": "services:\n  db:\n    type: 'mariadb:11.8'\n",
    }
    assert findings(files, "undefined-relationship-target") == []
    del files[".upsun/services.yaml"]
    assert errors(files, "undefined-relationship-target") == ["db"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("database: 'dbb:mysql'", "database: 'db:mysql'"),
        ("database: dbb:mysql # old", "database: db:mysql # old"),
        ('database: {service: "dbb"}', 'database: {service: "db"}'),
        ("dbb: # old", "dbb: # old\n        service: db"),
        ("dbb: {}", "dbb:\n        service: db"),
        ("dbb: ~", "dbb:\n        service: db"),
        ("database: 'mariadb:mysql'", "database: 'db:mysql'"),
    ],
)
def test_the_nearest_target_is_offered_and_no_relationship_renamed(before: str, after: str) -> None:
    text = APP.format(before)
    for ending in ("\n", "\r\n"):
        written = text.replace("\n", ending)
        (finding,) = findings(written, "undefined-relationship-target")
        assert not finding.fixes[0].safe
        assert "did you mean `db`" in finding.message
        assert apply_fix(written, finding) == APP.format(after).replace("\n", ending)


def test_a_relationship_in_braces_stays_in_braces() -> None:
    text = (
        "applications:\n  app:\n    type: 'php:8.4'\n    relationships: {dbb, cache}\n" + APP[APP.index("services") :]
    )
    (finding,) = findings(text, "undefined-relationship-target")
    assert apply_fix(text, finding) == text.replace("{dbb, cache}", "{dbb: {service: db}, cache}")


def test_text_that_an_alias_refers_to_is_not_edited() -> None:
    text = """\
.name: &name dbb
applications:
  app:
    type: 'php:8.4'
    relationships:
      database: {service: *name}
services:
  db:
    type: 'mariadb:11.8'
"""
    (finding,) = findings(text, "undefined-relationship-target")
    assert finding.fixes == ()


@pytest.mark.parametrize(
    "services",
    [
        "services: !include services.yaml",
        "services: *gone",
        "services: @later",
        "service:\n  database:\n    type: 'mariadb:11.8'",
        ".base: &base\n  database: {type: 'mariadb:11.8'}\nservices:\n  <<: *base",
    ],
)
def test_nothing_is_missing_if_some_files_cannot_be_read(services: str) -> None:
    text = f"applications:\n  app:\n    type: 'php:8.4'\n    relationships:\n      database:\n{services}\n"
    assert findings(text, "undefined-relationship-target") == []


def test_services_indented_below_applications_are_not_applications() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    relationships:
      mysql:
  services:
  mysql:
    type: 'mariadb:11.8'
"""
    assert {finding.rule for finding in findings(text)} == {"misindented-section"}


@pytest.mark.parametrize("value", ["@later", "{service: @later}", "{service: db, endpoint: @later}", "*gone"])
def test_what_is_not_yaml_may_be_anything(value: str) -> None:
    found = {finding.rule for finding in findings(APP.format(f"database: {value}"))}
    assert found == {"syntax-error"}


@pytest.mark.parametrize("value", ["'<SERVICE_NAME>:mysql'", "'{{ name }}:mysql'", "{service: <NAME>}"])
def test_placeholders_are_left_alone(value: str) -> None:
    assert findings(APP.format(f"database: {value}"), "undefined-relationship-target") == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("database: db", "database: db:mysql"),
        ("database: 'db'", "database: 'db:mysql'"),
        ("database: 'db : mysql'", "database: 'db:mysql'"),
        ("database: 'db:'", "database: 'db:mysql'"),
        ("database: api", "database: api:http"),
        ("database: 'a:b:c'", None),
        ("database: nobody", None),
        ("database: ''", None),
    ],
)
def test_a_text_names_a_service_and_an_endpoint(before: str, after: str | None) -> None:
    text = APP.format(before)
    (finding,) = (finding for finding in findings(text) if finding.severity is Severity.ERROR)
    assert finding.rule == "relationship-form"
    assert source(finding.region) == before.partition(": ")[2]
    if after is None:
        assert finding.fixes == ()
    else:
        assert apply_fix(text, finding) == APP.format(after)
        assert findings(apply_fix(text, finding), "relationship-form") == []


@pytest.mark.parametrize("value", ["5432", "[db]", "true"])
def test_other_types_are_left_to_the_schema(value: str) -> None:
    found = {finding.rule for finding in findings(APP.format(f"database: {value}"))}
    assert found == {"wrong-type", "missing-routes"}


@pytest.mark.parametrize("target", ["queue", "app--queue"])
def test_nothing_connects_to_a_worker(target: str) -> None:
    text = f"""\
applications:
  app:
    type: 'php:8.4'
    workers:
      queue:
        commands: {{start: php worker.php}}
  other:
    type: 'php:8.4'
    relationships:
      jobs: '{target}:http'
"""
    (finding,) = (finding for finding in findings(text) if finding.severity is Severity.ERROR)
    assert finding.rule == "relationship-targets-worker"
    assert source(finding.region) == target
    assert [source(related.region) for related in finding.related] == ["queue"]


def test_a_service_may_have_the_name_of_a_worker() -> None:
    text = WORKER.format("db:").replace("queue:", "db:")
    assert [finding.rule for finding in findings(text) if finding.severity is Severity.ERROR] == []


@pytest.mark.parametrize(("value", "without"), [("", "a value"), (" {endpoint: mysql}", "`service`")])
def test_the_message_names_what_a_relationship_lacks(value: str, without: str) -> None:
    text = f"applications:\n  app:\n    type: 'php:8.4'\n    relationships:\n      e:{value}\n"
    (finding,) = findings(text, "undefined-relationship-target")
    assert f"a relationship without {without} points to the service `e`" in finding.message
