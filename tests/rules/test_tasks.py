"""Tasks, what they connect to, and who may start them."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings

APP = "applications:\n  app:\n    type: 'php:8.4'\n"
RUN = "run: {command: php x.php}"


def task(body: str) -> str:
    return f"{APP}tasks:\n  reindex: {body}\nservices:\n  db: {{type: 'mariadb:11.8'}}\n  files: {{type: 'network-storage:1.0'}}\n"


def rules(text: str) -> list[str]:
    return [one.rule for one in findings(text) if one.rule != "unused-service"]


@pytest.mark.parametrize(
    "body",
    [
        f"{{type: 'php:8.4', {RUN}}}",
        "{base: app}",
        f"{{type: 'php:8.4', {RUN}, source: {{root: x}}, hooks: {{build: x}}, relationships: {{db: 'db:mysql', api: 'app:http'}}}}",
        f"{{type: 'php:8.4', {RUN}, mounts: {{a: {{source: tmp}}, b: {{source: storage, service: app}}}}}}",
        f"{{type: 'php:8.4', {RUN}, mounts: {{c: {{source: service, service: files}}}}}}",
        f"{{type: 'php:8.4', {RUN}, authorizations: [{{type: env, action: view}}]}}",
        "{type: 'php:8.4', run: !include run.yaml}",
    ],
)
def test_a_task_is_fine(body: str) -> None:
    assert [rule for rule in rules(task(body)) if rule != "include-not-found"] == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{type: 'php:8.4'}", ["incomplete-task"]),
        (f"{{{RUN}}}", ["incomplete-task"]),
        ("{type: 'php:8.4', run: {}}", ["incomplete-task"]),
        ("{type: 'php:8.4', run: }", ["incomplete-task"]),
        ("{type: 'php:8.4', run: {command: ' '}}", ["incomplete-task"]),
        ("{type: 'php:8.4', command: php x.php}", ["incomplete-task"]),
        ("{type: 'php:8.4', run: {timeout: 5, comand: x}}", ["unknown-key"]),
        ("{type: 'php:8.4', run: x}", ["wrong-type"]),
        (f"{{base: app, {RUN}}}", ["incomplete-task"]),
        (f"{{type: 'php:8.4', {RUN}, stack: {{}}}}", ["unknown-key"]),
        (f"{{type: 'php:8.4', {RUN}, dependencies: {{}}}}", ["unknown-key"]),
        (f"{{type: 'php:9.9', {RUN}}}", ["image-version"]),
        (f"{{type: 'node:24', {RUN}}}", ["unknown-image"]),
        (f"{{type: 'php:8.4', {RUN}, relationships: {{db: 'bd:mysql'}}}}", ["undefined-relationship-target"]),
        (f"{{type: 'php:8.4', {RUN}, relationships: {{a: 'reindex:http'}}}}", ["undefined-relationship-target"]),
        (f"{{type: 'php:8.4', {RUN}, mounts: {{a: {{source: storage}}}}}}", ["task-storage"]),
        (f"{{type: 'php:8.4', {RUN}, mounts: {{a: {{source: storage, service: api}}}}}}", ["mount-service"]),
        (f"{{type: 'php:8.4', {RUN}, mounts: {{a: {{source: service, service: db}}}}}}", ["mount-service"]),
    ],
)
def test_a_task_has_one_fault(body: str, expected: list[str]) -> None:
    assert rules(task(body)) == expected


def test_nothing_can_connect_to_a_task() -> None:
    text = task(f"{{type: 'php:8.4', {RUN}}}").replace(
        "services:", "services:\n  v: {type: 'varnish:9.0', relationships: {a: 'reindex:http'}}"
    )
    (finding,) = findings(text, "undefined-relationship-target")
    assert finding.message.startswith("`reindex` is a task, and nothing can connect to a task")


AUTHORIZED = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      queue:
        commands: {{start: php bin/console messenger:consume a --time-limit=3600}}
        authorizations:
          - {}
tasks:
  reindex: {{type: 'php:8.4', run: {{command: php x.php}}}}
"""


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("{type: env, action: view}", None),
        ("{type: task, resource: reindex, action: operate}", None),
        ("{type: task, resource: <TASK>, action: operate}", None),
        ("{type: env, action: operate}", ("invalid-authorization", "operate", "warning")),
        ("{type: task, resource: reindex, action: view}", ("invalid-authorization", "view", "warning")),
        ("{type: task, action: operate}", ("invalid-authorization", "type", "warning")),
        ("{type: task, resource: cleanup, action: operate}", ("invalid-authorization", "cleanup", "warning")),
        ("{type: task, resouce: reindex, action: operate}", ("unknown-key", "resouce", "error")),
        ("{type: task, resource: reindex, action: start}", ("invalid-value", "start", "error")),
        ("{type: env}", ("missing-key", "{type: env}", "error")),
    ],
)
def test_an_authorization(item: str, expected: tuple[str, str, str] | None) -> None:
    found = findings(AUTHORIZED.format(item))
    assert [(one.rule, one.region.text, one.severity.label) for one in found] == ([expected] if expected else [])


def test_a_misspelt_task_is_suggested() -> None:
    text = AUTHORIZED.format("{type: task, resource: reindx, action: operate}")
    (finding,) = findings(text)
    assert apply_fix(text, finding) == AUTHORIZED.format("{type: task, resource: reindex, action: operate}")
