"""Names of applications, workers, services, tasks and relationships."""

from __future__ import annotations

import pytest

from tests.support import findings, said


def named(kind: str, name: str) -> str:
    return {
        "application": f"applications:\n  {name}:\n    type: 'php:8.4'\n",
        "service": f"applications:\n  app:\n    type: 'php:8.4'\nservices:\n  {name}:\n    type: 'redis:8.0'\n",
        "storage": f"applications:\n  app:\n    type: 'php:8.4'\nservices:\n  {name}:\n    type: 'network-storage:1.0'\n",
        "worker": "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n"
        f"      {name}:\n        commands: {{start: php bin/console messenger:consume a}}\n",
        "task": f"applications:\n  app:\n    type: 'php:8.4'\ntasks:\n  {name}:\n    type: 'php:8.4'\n    run: {{command: x}}\n",
    }[kind]


@pytest.mark.parametrize("kind", ["application", "service", "storage", "worker", "task"])
@pytest.mark.parametrize(
    "name", ["app", "a", "a1", "1a", "my-app", "a" * 32, "<APP_NAME>", "'{{ name }}'", "APP_NAME", "SERVICE_NAME_A"]
)
def test_a_name_is_valid(kind: str, name: str) -> None:
    assert said(named(kind, name), "invalid-name") == []


@pytest.mark.parametrize("kind", ["application", "service", "worker", "task"])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("router", "the platform uses this name itself"),
        ("a" * 33, "33 characters"),
        ("a--b", "`--`"),
        ("-a", "must begin and end"),
        ("a_", "must begin and end"),
        ("'a:b'", "only lowercase letters"),
        ("my queue", "only lowercase letters"),
        ("über", "only lowercase letters"),
        ("''", "it is empty"),
        ("5", "does not read it as text"),
        ("yes", "does not read it as text"),
    ],
)
def test_a_name_is_not_valid(kind: str, name: str, reason: str) -> None:
    (finding,) = findings(named(kind, name), "invalid-name")
    assert (finding.region.text, finding.severity.label) == (name, "warning")
    assert reason in finding.message


@pytest.mark.parametrize(
    ("kind", "severity"),
    [("application", "error"), ("service", "warning"), ("worker", "warning"), ("storage", "error")],
)
def test_the_platform_rejects_uppercase_in_some_names(kind: str, severity: str) -> None:
    assert said(named(kind, "myQueue"), "invalid-name") == [("myQueue", severity)]


def test_a_network_storage_has_no_underscore() -> None:
    assert said(named("storage", "my_files"), "invalid-name") == [("my_files", "error")]
    assert said(named("service", "my_cache"), "invalid-name") == []


def test_the_key_that_is_missing_comes_first() -> None:
    found = findings("applications:\n  WebShop:\n    source: {root: shop}\n")
    assert [one.rule for one in found] == ["missing-key"]


def test_an_application_and_a_service_with_one_name() -> None:
    text = "applications:\n  search:\n    type: 'php:8.4'\nservices:\n  search: {type: 'opensearch:3'}\n"
    (finding,) = findings(text, "shared-name")
    assert (finding.region.text, finding.severity.label) == ("search", "warning")
    assert [one.region.text for one in finding.related] == ["search"]
    assert said(named("task", "app"), "shared-name") == [("app", "warning")]
    assert said(named("worker", "app"), "shared-name") == []


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("object-storage", "error"),
        ("'my db'", "warning"),
        ("my.db", "warning"),
        ("database", None),
        ("my_db-2", None),
        ("DATABASE", None),
        ("<NAME>", None),
    ],
)
def test_the_name_of_a_relationship(name: str, severity: str | None) -> None:
    text = f"applications:\n  app:\n    type: 'php:8.4'\n    relationships:\n      {name}: 'db:mysql'\nservices:\n  db: {{type: 'mariadb:11.8'}}\n"
    assert said(text, "relationship-name") == ([(name, severity)] if severity else [])
