"""Sections in the wrong place: indented, or workers outside an application."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings


def one(text: str, rule: str) -> tuple[str, str]:
    (finding,) = findings(text, rule)
    return finding.region.text, finding.message


def test_services_indented_into_applications_are_named_once() -> None:
    text = """\
applications:
  app:
    type: 'python:3.13'
    relationships:
      mysql:
      rabbitmq:
  services:
  mysql:
    type: 'mariadb:11.8'
  rabbitmq:
    type: 'rabbitmq:4.3'
"""
    (finding,) = findings(text, "misindented-section")
    assert finding.region.text == "services"
    assert "`mysql` and `rabbitmq` are read as applications too" in finding.message
    fixed = apply_fix(text, finding)
    assert fixed == text.replace("  services:", "services:")
    assert findings(fixed) == []


@pytest.mark.parametrize(
    "text",
    [
        "applications:\n  a: {type: 'php:8.4'}\nworkers:\n  q:\n    commands: {start: php q.php}\n",
        "applications:\n  a: {type: 'php:8.4'}\n  workers:\n    q:\n      commands: {start: php q.php}\n",
        "applications:\n  a:\n    type: 'php:8.4'\n    web:\n      workers:\n        q:\n          commands: {start: php q.php}\n",
        "services:\n  a:\n    type: 'redis:8.0'\n    workers:\n      q:\n        commands: {start: php q.php}\n",
    ],
)
def test_workers_outside_an_application_are_found(text: str) -> None:
    assert one(text, "workers-outside-application")[0] == "workers"
    assert "unknown-key" not in [finding.rule for finding in findings(text)]
    assert "missing-key" not in [finding.rule for finding in findings(text)]


def test_top_level_workers_move_into_the_only_application() -> None:
    text = "applications:\n  a:\n    type: 'php:8.4'\nworkers:\n  q:\n    commands:\n      start: php q.php\n"
    (finding,) = findings(text, "workers-outside-application")
    assert apply_fix(text, finding) == (
        "applications:\n  a:\n    type: 'php:8.4'\n    workers:\n      q:\n        commands:\n          start: php q.php\n"
    )


def test_an_application_may_be_called_workers() -> None:
    text = (
        "applications:\n  workers:\n    type: 'php:8.4'\n    workers:\n      q:\n        commands: {start: php q.php}\n"
    )
    assert findings(text) == []


def test_a_worker_has_no_workers() -> None:
    text = """\
applications:
  a:
    type: 'php:8.4'
    workers:
      q:
        commands: {start: php q.php}
        worker:
          z: {commands: {start: php z.php}}
"""
    assert one(text, "workers-outside-application")[0] == "worker"
    assert findings(text, "unknown-key") == []
