"""Configurations with mounts, for the tests of rules about them."""

from __future__ import annotations

APP = """\
applications:
  app:
    type: 'php:8.4'
    mounts:
      {}
    web:
      commands: {{start: serve --root data/in}}
    workers:
      queue:
        commands: {{start: work --root data/in}}
services:
  redis:
    type: 'redis:8.0'
"""

OWN = """\
applications:
  app:
    type: 'php:8.4'
    mounts:
      'uploads': {{source: storage}}
      'reports': {{source: storage}}
    workers:
      queue:
        commands: {{start: work}}
        mounts:
          {}
"""
