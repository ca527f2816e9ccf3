"""Hosts such as `database.internal` exist only where a relationship has that name."""

from __future__ import annotations

import pytest

from tests.support import findings

SERVICES = "services:\n  db: {type: 'mariadb:11.8'}\n  memory: {type: 'redis-persistent:8.0'}\n"


def said(rest: str) -> list[str]:
    text = f"applications:\n  app:\n    type: 'python:3.14'\n{rest}{SERVICES}"
    return [one.region.text for one in findings(text, "unknown-internal-host")]


def app(text: str, rest: str = "") -> str:
    return f"    relationships: {{db: 'db:mysql'}}\n    web: {{commands: {{start: '{text}'}}}}\n{rest}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("./serve --db=mysql://memory.internal:3306/x", ["memory.internal"]),
        ("./serve --db=mysql://db.internal:3306/x", []),
        ("./serve http://metadata.google.internal/", []),
        ("./serve --host=my.db.internal", []),
        ("./serve memory.internal.example.com", []),
        ("./serve memory.internals", []),
        ("./serve x/memory.internal. y", ["memory.internal"]),
    ],
)
def test_a_host_in_a_command(text: str, found: list[str]) -> None:
    assert said(app(text)) == found


def test_a_worker_has_its_own_relationships() -> None:
    worker = "    workers: {q: {commands: {start: 'run db.internal cache.internal'}, relationships: {cache: 'memory:redis'}}}\n"
    assert said(app("./serve", worker)) == ["db.internal"]


def test_a_variable_of_the_application_may_be_for_a_worker() -> None:
    variables = "    variables: {env: {CACHE: 'redis://cache.internal', OTHER: 'redis://other.internal'}}\n"
    worker = "    workers: {q: {commands: {start: run}, relationships: {cache: 'memory:redis'}}}\n"
    assert said(app("./serve", variables + worker)) == ["other.internal"]


def test_hosts_that_the_project_defines_and_builds_are_left_alone() -> None:
    assert said(app("./serve api.internal", "    additional_hosts: {api.internal: 192.0.2.1}\n")) == []
    assert said(app("./serve", "    hooks: {build: 'echo memory.internal'}\n")) == []
    assert said("    relationships: {<<: *unknown}\n    web: {commands: {start: './serve a.internal'}}\n") == []
