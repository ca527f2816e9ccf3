"""Relationships: findings at the exact place, and fixes byte for byte."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings, source
from upsun_rules.finding import Severity

APP = """\
applications:
  app:
    type: 'php:8.4'
    relationships:
      {}
  api:
    type: 'nodejs:24'
services:
  db:
    type: 'mariadb:11.8'
  cache:
    type: 'redis:8.0'
  files:
    type: 'network-storage:1.0'
"""

WORKER = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      queue:
        commands: {{start: php worker.php}}
        relationships:
          {}
services:
  db:
    type: 'mariadb:11.8'
"""

SERVICE = """\
applications:
  app:
    type: 'php:8.4'
    relationships:
      {}
services:
  db:
{}
"""


def said(text: str | dict[str, str], rule: str) -> list[tuple[str, Severity]]:
    return [(source(finding.region), finding.severity) for finding in findings(text, rule)]


def errors(text: str | dict[str, str], rule: str) -> list[str]:
    found = said(text, rule)
    assert all(severity is Severity.ERROR for _, severity in found)
    return [place for place, _ in found]


# -- targets ---------------------------------------------------------------------------------------------------------


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
def test_a_target_that_is_not_there_is_found_where_it_is_named(config: str, relationship: str, place: str) -> None:
    text = config.format(relationship)
    assert errors(text, "undefined-relationship-target") == [place]
    assert [finding.rule for finding in findings(text) if finding.severity is Severity.ERROR] == [
        "undefined-relationship-target"
    ]


def test_services_and_the_web_instance_are_looked_at_too() -> None:
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


def test_a_relationship_in_braces_stays_there() -> None:
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
def test_nothing_is_missing_where_not_all_can_be_read(services: str) -> None:
    text = f"applications:\n  app:\n    type: 'php:8.4'\n    relationships:\n      database:\n{services}\n"
    assert findings(text, "undefined-relationship-target") == []


def test_services_indented_into_the_applications_are_no_applications() -> None:
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


# -- form ------------------------------------------------------------------------------------------------------------


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
def test_what_is_not_a_text_is_left_to_the_schema(value: str) -> None:
    found = {finding.rule for finding in findings(APP.format(f"database: {value}"))}
    assert found == {"wrong-type", "missing-routes"}


# -- endpoints -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relationship", "place", "fixed"),
    [
        ("database: 'db:mariadb'", "mariadb", "database: 'db:mysql'"),
        ("database: {service: db, endpoint: 'msql'}", "'msql'", "database: {service: db, endpoint: 'mysql'}"),
        ("cache: {endpoint: reddis}", "reddis", "cache: {endpoint: redis}"),
        ("backend: 'api:https'", "https", "backend: 'api:http'"),
        ("files: 'files:nfs'", "nfs", None),
    ],
)
def test_an_endpoint_that_the_target_lacks(relationship: str, place: str, fixed: str | None) -> None:
    text = APP.format(relationship)
    assert errors(text, "unknown-endpoint") == [place]
    (finding,) = findings(text, "unknown-endpoint")
    if fixed is None:
        assert "mount" in finding.message and finding.fixes == ()
    else:
        assert apply_fix(text, finding) == APP.format(fixed)


@pytest.mark.parametrize(
    ("relationship", "service"),
    [
        ("database: 'db:mysql'", "    type: 'mariadb:11.8'"),
        ("database: 'db:mysql'", "    type: 'mysql:99'"),
        ("database: 'db:anything'", "    type: 'unheard-of:1'"),
        ("database: 'db:anything'", "    type: @later"),
        ("database: 'db:anything'", "    type: 'vault-kms:1.12'\n    configuration: {endpoints: {anything: []}}"),
        ("database: 'db:anything'", "    type: 'mariadb:11.8'\n    configuration: {endpoints: *gone}"),
        ("database: 'db:postgresql-replica'", "    type: 'postgresql:15'"),
        ("database: 'db:redis-replica'", "    type: 'redis:8.0'"),
        ("database: 'db:app'", "    type: 'rabbitmq:4.3'\n    configuration: {vhosts: [app]}"),
        ("database: 'db:rabbitmq'", "    type: 'rabbitmq:4.3'\n    configuration: {vhosts: [app]}"),
        ("database: 'db:main'", "    type: 'solr:9.9'\n    configuration: {cores: {main: {}}}"),
        ("database: 'db:solr'", "    type: 'solr:9.9'\n    configuration: {cores: {main: {}}}"),
        ("database: 'db:main'", "    type: 'solr:9.9'\n    configuration: {endpoints: {main: {core: index}}}"),
        ("database: 'db:anything'", "    type: 'solr:9.9'\n    configuration: {endpoints: !include solr.yaml}"),
        ("database: 'db:reader'", "    type: 'clickhouse:26.3'\n    configuration: {endpoints: {reader: {}}}"),
        ("database: 'db:clickhouse'", "    type: 'clickhouse:26.3'\n    configuration: {endpoints: {reader: {}}}"),
        ("database: 'db:mysql'", "    type: 'mariadb:11.8'\n    configuration: {schemas: }"),
        ("database: 'db:postgresql'", "    type: 'postgresql:18'\n    configuration: {databases: [main, legacy]}"),
        ("database: 'db:replicator'", "    type: 'mariadb:11.8'\n    configuration: {endpoints: {replicator: {}}}"),
    ],
)
def test_an_endpoint_that_is_there_or_may_be(relationship: str, service: str) -> None:
    text = SERVICE.format(relationship, service)
    assert findings(text, "unknown-endpoint") == []


def test_endpoints_of_its_own_take_the_place_of_the_usual_one() -> None:
    own = "    type: '{}'\n    configuration:\n      endpoints:\n        admin: {{}}\n        reader: {{}}"
    for image, usual in (("mariadb:11.8", "mysql"), ("postgresql:18", "postgresql")):
        text = SERVICE.format(f"database: 'db:{usual}'", own.format(image))
        assert errors(text, "unknown-endpoint") == [usual]
        text = SERVICE.format("db:", own.format(image))
        assert errors(text, "no-default-endpoint") == ["db"]
        (finding,) = findings(text, "no-default-endpoint")
        assert [source(related.region) for related in finding.related] == ["endpoints"]
        assert [fix.safe for fix in finding.fixes] == [False, False]
        assert "      db:\n        service: db\n        endpoint: admin\n" in apply_fix(text, finding.fixes[0])


SOLR = """\
    type: 'solr:9.9'
    configuration:
      cores:
        index: {}
      endpoints:
        main: {core: index}
        extra: {core: index}"""


@pytest.mark.parametrize("endpoint", ["solr", "index"])
def test_a_solr_with_endpoints_has_only_these(endpoint: str) -> None:
    (finding,) = findings(SERVICE.format(f"search: 'db:{endpoint}'", SOLR), "unknown-endpoint")
    assert "it has `main` and `extra`" in finding.message
    assert [source(related.region) for related in finding.related] == ["endpoints"]


def test_a_solr_whose_endpoints_leave_out_the_usual_one_has_no_default() -> None:
    (finding,) = findings(SERVICE.format("db:", SOLR), "no-default-endpoint")
    assert [fix.title for fix in finding.fixes] == ["Add `endpoint: main`", "Add `endpoint: extra`"]
    assert findings(SERVICE.format("db:", SOLR.replace("main:", "solr:")), "no-default-endpoint") == []


@pytest.mark.parametrize("image", ["mariadb:11.8", "mysql:11.8", "oracle-mysql:8.4"])
def test_schemas_without_endpoints_leave_a_database_without_any(image: str) -> None:
    own = f"    type: '{image}'\n    configuration:\n      schemas: [main, legacy]"
    for relationship, rule in (("database: 'db:mysql'", "unknown-endpoint"), ("db:", "no-default-endpoint")):
        (finding,) = findings(SERVICE.format(relationship, own), rule)
        assert "`configuration.endpoints`" in finding.message
        assert [source(related.region) for related in finding.related] == ["schemas"]
        both = own + "\n      endpoints: {mysql: {}}"
        assert findings(SERVICE.format(relationship, both), rule) == []


@pytest.mark.parametrize("relationship", ["db:", "database: 'db:rabbitmq'", "database: 'db:app'"])
def test_virtual_hosts_leave_the_usual_endpoint_of_a_rabbitmq(relationship: str) -> None:
    service = "    type: 'rabbitmq:4.3'\n    configuration: {vhosts: [app]}"
    text = SERVICE.format(relationship, service)
    assert findings(text, "no-default-endpoint") == findings(text, "unknown-endpoint") == []
    assert errors(SERVICE.format("database: 'db:other'", service), "unknown-endpoint") == ["other"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("api:", "api:\n        service: api\n        endpoint: http"),
        ("api: # the api", "api: # the api\n        service: api\n        endpoint: http"),
        ("api: {}", "api:\n        service: api\n        endpoint: http"),
        ("backend: {service: api}", "backend: {service: api, endpoint: http}"),
        ("backend:\n        service: api # x", "backend:\n        service: api # x\n        endpoint: http"),
    ],
)
def test_an_application_has_no_default_endpoint(before: str, after: str) -> None:
    text = APP.format(before)
    (finding,) = findings(text, "no-default-endpoint")
    assert finding.fixes[0].safe and finding.severity is Severity.ERROR
    assert source(finding.region) == "api"
    fixed = apply_fix(text, finding)
    assert fixed == APP.format(after)
    assert findings(fixed, "no-default-endpoint") == []


def test_several_relationships_in_braces_are_each_completed() -> None:
    text = APP.replace("relationships:\n      {}", "relationships: {{db, api: , cache}}").format()
    (finding,) = findings(text, "no-default-endpoint")
    assert apply_fix(text, finding) == text.replace("api: ,", "api: {service: api, endpoint: http},")


@pytest.mark.parametrize(
    ("service", "count"),
    [
        ("    type: 'vault-kms:1.12'", 1),
        ("    type: 'network-storage:1.0'", 1),
        ("    type: 'kafka:4.3'", 0),
        ("    type: 'oracle-mysql:8.4'", 0),
        ("    type: 'valkey-persistent:9.0'", 0),
        ("    type: 'unheard-of:1'", 0),
        ("    type: 'mariadb:11.8'\n    configuration: {endpoints: {mysql: {}, other: {}}}", 0),
    ],
)
def test_which_services_have_a_default_endpoint(service: str, count: int) -> None:
    assert len(findings(SERVICE.format("db:", service), "no-default-endpoint")) == count


def test_rust_is_the_application_that_has_one() -> None:
    text = APP.format("api:").replace("nodejs:24", "rust:1")
    assert findings(text, "no-default-endpoint") == []


# -- workers ---------------------------------------------------------------------------------------------------------


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


# -- circles ---------------------------------------------------------------------------------------------------------


def circle(*edges: tuple[str, str]) -> str:
    names = dict.fromkeys(name for edge in edges for name in edge)
    applications = ""
    for name in names:
        applications += f"  {name}:\n    type: 'php:8.4'\n"
        targets = [target for origin, target in edges if origin == name]
        if targets:
            applications += "    relationships:\n" + "".join(f"      to-{one}: '{one}:http'\n" for one in targets)
    return f"applications:\n{applications}"


@pytest.mark.parametrize(
    ("edges", "places"),
    [
        ([("a", "a")], [["a"]]),
        ([("a", "b"), ("b", "a")], [["b", "a"]]),
        ([("a", "b"), ("b", "c"), ("c", "a")], [["b", "c", "a"]]),
        ([("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")], [["b", "a"], ["d", "c"]]),
        ([("a", "b"), ("a", "c"), ("b", "c")], []),
    ],
)
def test_circles_of_applications(edges: list[tuple[str, str]], places: list[list[str]]) -> None:
    found = findings(circle(*edges), "circular-relationships")
    assert [
        [source(one) for one in (finding.region, *(way.region for way in finding.related))] for finding in found
    ] == places
    assert all(finding.severity is Severity.ERROR for finding in found)


def test_a_circle_through_a_service() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    relationships: {proxy: 'varnish:http'}
services:
  varnish:
    type: 'varnish:9.0'
    relationships: {app: 'app:http'}
"""
    (finding,) = findings(text, "circular-relationships")
    assert "skips one of them" in finding.message


def test_a_worker_may_talk_to_its_own_application() -> None:
    text = WORKER.format("web: 'app:http'")
    assert findings(text, "circular-relationships") == []


@pytest.mark.parametrize(("value", "without"), [("", "a value"), (" {endpoint: mysql}", "`service`")])
def test_what_a_relationship_lacks_is_said(value: str, without: str) -> None:
    text = f"applications:\n  app:\n    type: 'php:8.4'\n    relationships:\n      e:{value}\n"
    (finding,) = findings(text, "undefined-relationship-target")
    assert f"a relationship without {without} points to the service `e`" in finding.message


def test_an_endpoint_with_its_service_before_it_is_safe_to_correct() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    relationships:
      cache: {service: kv, endpoint: 'kv:redis'}
services:
  kv: {type: 'redis:8.0'}
"""
    (finding,) = findings(text, "unknown-endpoint")
    assert [fix.safe for fix in finding.fixes] == [True]
    assert apply_fix(text, finding) == text.replace("'kv:redis'", "'redis'")
    (finding,) = findings(text.replace("kv:redis", "other:redis"), "unknown-endpoint")
    assert not any(fix.safe for fix in finding.fixes)
