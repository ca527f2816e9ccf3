"""Versions of images and how long they are supported."""

from __future__ import annotations

import json

import pytest

from tests.rules.image_texts import application, report, service
from tests.support import apply_fix, findings
from upsun_rules.finding import Severity
from upsun_rules.options import Options
from upsun_schema.images.table import Images


@pytest.mark.parametrize(
    ("kind", "place", "severity"),
    [
        ("'php:8.4'", None, None),
        ("'php:8.3'", "8.3", "info"),
        ("'php:8.1'", "8.1", "warning"),
        ("'nodejs:0.12'", "0.12", "error"),
        ("'python:3'", "3", "error"),
        ("'php:8.x'", "8.x", "error"),
        ("'php:8.4.1'", "8.4.1", "warning"),
        ("'php:9.0'", "9.0", "warning"),
        ("'python:3.100'", "3.100", "error"),
        ("'python:3.16'", "3.16", "warning"),
        ("'python:3.1'", "3.1", "error"),
        ("'python:313'", "313", "error"),
        ("'nodejs:99'", "99", "error"),
        ("'nodejs:14'", "14", "warning"),
        ("'nodejs:24.1'", "24.1", "warning"),
    ],
)
def test_how_long_a_version_lasts(kind: str, place: str | None, severity: str | None) -> None:
    expected = [] if place is None else [("image-version", place, severity)]
    assert report(application(kind)) == expected


@pytest.mark.parametrize(
    ("kind", "severity", "words", "fixed"),
    [
        ("mongodb:7.0", "error", "`mongodb` ends at 4.0", "mongodb-enterprise:7.0"),
        ("mongodb:5.0", "error", "`mongodb-enterprise`", "mongodb-enterprise:5.0"),
        ("mongodb:9.0", "error", "`mongodb-enterprise`", None),
        ("mongodb:4.0.3", "warning", "write `mongodb:4.0`", "mongodb:4.0"),
        ("mariadb:118", "error", "did you mean `11.8`?", "mariadb:11.8"),
        ("postgresql:19", "warning", "`upsun-lint images update`", None),
        ("mysql:8.0", "error", "`oracle-mysql`", None),
        ("rabbitmq:4.2", "warning", "retired", None),
    ],
)
def test_what_was_meant_by_a_version(kind: str, severity: str, words: str, fixed: str | None) -> None:
    (finding,) = findings(service(kind), "image-version")
    assert (finding.rule, finding.severity.label) == ("image-version", severity)
    assert words in finding.message
    assert [apply_fix(service(kind), fix) for fix in finding.fixes] == ([] if fixed is None else [service(fixed)])
    assert not any(fix.safe for fix in finding.fixes)


@pytest.mark.parametrize(
    ("kind", "page"),
    [("mariadb:10.6", "mysql"), ("redis-persistent:7.0", "redis"), ("kafka:2.7", "kafka"), ("mongodb:7.0", "mongodb")],
)
def test_a_version_of_a_service_links_the_page_of_that_service(kind: str, page: str) -> None:
    (finding,) = findings(service(kind), "image-version")
    assert finding.url.endswith(f"/add-services/{page}")


def test_a_version_newer_than_the_table_is_not_an_error() -> None:
    (finding,) = findings(application("'php:10.0'"))
    assert "upsun-lint images update" in finding.message
    assert finding.fixes == ()


def test_supported_versions_of_a_runtime_are_offered() -> None:
    text = application('"nodejs:18" # old')
    (finding,) = findings(text)
    assert [fix.safe for fix in finding.fixes] == [False, False]
    assert apply_fix(text, finding.fixes[0]) == application('"nodejs:24" # old')
    assert apply_fix(text, finding.fixes[1]) == application('"nodejs:26" # old')


@pytest.mark.parametrize(
    ("kind", "severity", "words"),
    [
        ("postgresql:12", "warning", "back up the data"),
        ("redis:7.0", "warning", "supported: `8.8`, `8.0` and `7.2`"),
        ("opensearch:2", "info", "one version at a time"),
        ("network-storage:2.0", "info", "move to a new service"),
        ("elasticsearch:7.17", "warning", "`9.3` and `8.19`"),
        ("mongodb:2.0", "error", "does not exist"),
        ("elasticsearch:5.4", "error", "no longer available"),
    ],
)
def test_the_version_of_a_service_with_data_is_never_changed(kind: str, severity: str, words: str) -> None:
    (finding,) = (one for one in findings(service(kind)) if one.rule == "image-version")
    assert (finding.severity.label, finding.fixes) == (severity, ())
    assert words in finding.message
    assert ("data" in finding.message) is (kind.startswith(("postgresql", "opensearch", "elasticsearch")))


def test_the_current_table_decides() -> None:
    table = json.loads(Images.embedded().to_json())
    table["images"]["php"]["versions"] = {"supported": ["9.0"], "retired": ["8.4"]}
    options = Options(images=Images.from_json(json.dumps(table)))
    assert findings(application("'php:9.0'"), options=options) == []
    (finding,) = findings(application("'php:8.4'"), options=options)
    assert finding.severity is Severity.WARNING


def test_the_message_about_mysql_names_oracle_mysql() -> None:
    text = "applications:\n  app: {type: 'php:8.4'}\nservices:\n  db: {type: 'mysql:8.0'}\n"
    (finding,) = findings(text, "image-version")
    assert "another name for `mariadb`, which has no version `8.0`" in finding.message
    assert "Oracle's MySQL is `oracle-mysql`, with `8.4`" in finding.message
