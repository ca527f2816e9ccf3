"""Endpoints of relationships."""

from __future__ import annotations

import pytest

from tests.rules.relationship_texts import APP, SERVICE, errors
from tests.support import apply_fix, findings, source
from upsun_rules.finding import Severity


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
def test_an_endpoint_that_the_target_does_not_have(relationship: str, place: str, fixed: str | None) -> None:
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


def test_defined_endpoints_replace_the_usual_one() -> None:
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
