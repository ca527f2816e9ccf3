"""Configurations of about 60, 500 and 10,000 lines that every tool measured accepts, and finds nothing wrong with.

In the larger ones, workers of several applications have the same name, which is a hint. Nothing in them is random.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["SIZES", "configuration", "write"]

SIZES = {"60 lines": (1, 1), "500 lines": (5, 3), "10,000 lines": (104, 3), "83 x 12 workers": (83, 12)}
"""How many applications make a file of about that many lines, and how many workers each has. The last has 10,000."""

_RUNTIMES = ("php:8.4", "ruby:3.3", "java:21", "rust:1", "dotnet:8.0")

_APPLICATION = """\
  {name}:
    type: '{runtime}'
{extensions}\
    source:
      root: /{name}
    relationships:
      database: 'db:postgresql'
      cache: 'cache:memcached'
    variables:
      env:
        APP_ENV: prod
        GREETING: 'Grüße von {name}'
    mounts:
      'var/cache':
        source: storage
        source_path: cache
    hooks:
      build: |
        set -eux
        ./build.sh --no-dev
      deploy: |
        ./bin/migrate --force
    web:
      commands:
        start: './bin/serve --port $PORT'
      locations:
        '/':
          root: public
          passthru: true
          expires: 1h
    crons:
      nightly:
        spec: 'H 3 * * *'
        commands:
          start: './bin/clean --older-than 30'
        shutdown_timeout: 20
    workers:
"""
_EXTENSIONS = """\
    runtime:
      extensions:
        - pdo_pgsql
"""
_WORKER = """\
      worker{number}:
        commands:
          start: |
            ./bin/consume queue{number} --limit=100
"""
_MORE = """\
        variables:
          env:
            APP_ENV: prod
            GREETING: 'Grüße von {name}'
            QUEUE: queue{number}
        mounts:
          'var/scratch':
            source: storage
            source_path: scratch{number}
        relationships:
          database: 'db:postgresql'
          cache: 'cache:memcached'
          search: 'search:solr'
"""
_SHORT = """\
          pre_start: ./bin/prepare queue{number}
        mounts: {{}}
"""
_SERVICES = """\
services:
  db:
    type: 'postgresql:16'
  cache:
    type: 'memcached:1.6'
"""
_SEARCH = """\
  search:
    type: 'solr:9.6'
"""
_ROUTE = """\
  'https://{name}.{{default}}/':
    type: upstream
    upstream: '{name}:http'
"""


def configuration(applications: int, workers: int = 0) -> str:
    """A configuration of so many applications with so many workers: by default one, or three each if there are more.

    Three workers are long, with much that they do not inherit; others are short.
    """
    workers = workers or (1 if applications == 1 else 3)
    parts = ["applications:\n"]
    names = [f"app{number:03d}" for number in range(applications)]
    for number, name in enumerate(names):
        runtime = _RUNTIMES[number % len(_RUNTIMES)]
        extensions = _EXTENSIONS if runtime.startswith("php:") else ""
        parts.append(_APPLICATION.format(name=name, runtime=runtime, extensions=extensions))
        for worker in range(workers):
            parts.append(_WORKER.format(number=worker))
            if workers > 1:
                parts.append((_MORE if workers == 3 else _SHORT).format(name=name, number=worker))
    parts += [_SERVICES, _SEARCH if workers == 3 else "", "routes:\n"]
    parts.extend(_ROUTE.format(name=name) for name in names)
    return "".join(parts)


def write(folder: Path) -> dict[str, Path]:
    """Write one project for each size and return their roots."""
    roots = {}
    for size, counts in SIZES.items():
        root = folder / size.replace(" ", "-").replace(",", "")
        (root / ".upsun").mkdir(parents=True, exist_ok=True)
        (root / ".upsun" / "config.yaml").write_text(configuration(*counts), "utf-8")
        roots[size] = root
    return roots
