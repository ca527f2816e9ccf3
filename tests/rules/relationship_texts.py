"""Configurations with relationships, for the tests of rules about them."""

from __future__ import annotations

from tests.support import findings, source
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


def report(text: str | dict[str, str], rule: str) -> list[tuple[str, Severity]]:
    return [(source(finding.region), finding.severity) for finding in findings(text, rule)]


def errors(text: str | dict[str, str], rule: str) -> list[str]:
    found = report(text, rule)
    assert all(severity is Severity.ERROR for _, severity in found)
    return [place for place, _ in found]
