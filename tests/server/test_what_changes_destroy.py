"""Changes in real histories, rebuilt small: what `--since` reports about each, and that harmless ones are not reported."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.server.command import CLEAN, upsun_lint, write
from tests.server.test_changes import commit, git
from tests.support import corpus_projects
from upsun_lint.reports import FORMATS
from upsun_rules.catalog import change_rules
from upsun_rules.engine import judge
from upsun_rules.options import Options
from upsun_schema.configuration.change import Change
from upsun_schema.configuration.project import Project

BASE = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    access: {ssh: admin}
    firewall:
      outbound:
        - domains: [api.example.com]
          ports: [443]
    relationships:
      database: 'db:mysql'
      cache: 'cache:redis'
    variables:
      env: {APP_ENV: prod}
    mounts:
      'var/uploads': {source: storage, source_path: uploads}
      'var/private':
        source: storage
      'var/cache': {source: tmp, source_path: cache}
      'shared': {source: service, service: files, source_path: shared}
    hooks:
      deploy: php migrate.php --host "$DATABASE_HOST"
    web:
      locations: {'/': {root: public, passthru: /index.php}}
    workers:
      queue:
        commands: {start: 'php artisan queue:work --max-time=3600'}
      reports:
        commands: {start: 'php artisan horizon'}
        variables:
          env: {APP_ENV: prod, REPORTS: all}
        mounts:
          'reports': {source: storage, source_path: reports}
    crons:
      clean: {spec: '7 3 * * *', commands: {start: 'php clean.php'}, timeout: 60}
  admin:
    type: 'nodejs:24'
    source: {root: admin}
    web: {commands: {start: node index.js}}
services:
  db: {type: 'mariadb:11.4'}
  cache: {type: 'redis:8.0'}
  files: {type: 'network-storage:1.0'}
routes:
  'https://{default}/': {type: upstream, upstream: 'app:http'}
  'https://admin.{default}/': {type: upstream, upstream: 'admin:http'}
"""
SCRIPT = "#!/bin/sh\nupsun ssh --worker=queue -- php artisan queue:restart\n"


class Expected(NamedTuple):
    """A change as replacements in `BASE`, and the findings about it: severity, rule, the text of the line."""

    replaced: tuple[tuple[str, str], ...]
    findings: tuple[tuple[str, str, str], ...] = ()


def change(*pairs: tuple[str, str], found: tuple[tuple[str, str, str], ...] = ()) -> Expected:
    return Expected(pairs, found)


TABLE = {
    # -- services
    "a database renamed, with its relationship": change(
        ("  db: {", "  orders: {"),
        ("'db:mysql'", "'orders:mysql'"),
        found=(("error", "service-renamed", "  orders: {type: 'mariadb:11.4'}"),),
    ),
    "a database renamed and upgraded": change(
        ("  db: {type: 'mariadb:11.4'", "  orders: {type: 'mariadb:11.8'"),
        ("'db:mysql'", "'orders:mysql'"),
        found=(("error", "service-renamed", "  orders: {type: 'mariadb:11.8'}"),),
    ),
    "a network storage renamed, with its mount": change(
        ("  files: {", "  media: {"),
        ("service: files", "service: media"),
        found=(("error", "service-renamed", "  media: {type: 'network-storage:1.0'}"),),
    ),
    "a cache renamed": change(("  cache: {type", "  memory: {type"), ("'cache:redis'", "'memory:redis'")),
    "a database removed, with its relationship": change(
        ("  db: {type: 'mariadb:11.4'}\n", ""),
        ("      database: 'db:mysql'\n", ""),
        (' --host "$DATABASE_HOST"', ""),
        found=(("warning", "service-removed", "services:"),),
    ),
    "a cache removed": change(("  cache: {type: 'redis:8.0'}\n", ""), ("      cache: 'cache:redis'\n", "")),
    "a database of another type": change(
        ("mariadb:11.4", "postgresql:18"),
        ("'db:mysql'", "'db:postgresql'"),
        found=(("error", "service-type-changed", "  db: {type: 'postgresql:18'}"),),
    ),
    "mysql as another name of mariadb": change(("mariadb:11.4", "mysql:11.4")),
    "a cache that shall be persistent": change(
        ("redis:8.0", "redis-persistent:8.0"),
        found=(("error", "service-type-changed", "  cache: {type: 'redis-persistent:8.0'}"),),
    ),
    "a cache of another type": change(
        ("redis:8.0", "valkey:8.0"),
        ("'cache:redis'", "'cache:valkey'"),
        found=(("warning", "service-type-changed", "  cache: {type: 'valkey:8.0'}"),),
    ),
    "an older version": change(
        ("mariadb:11.4", "mariadb:10.11"),
        found=(("error", "service-version-lowered", "  db: {type: 'mariadb:10.11'}"),),
    ),
    "the next version": change(("mariadb:11.4", "mariadb:11.8")),
    "a version further on": change(
        ("mariadb:11.4", "mariadb:12.3"),
        found=(("warning", "service-version-skipped", "  db: {type: 'mariadb:12.3'}"),),
    ),
    "another version of the network storage": change(
        ("network-storage:1.0", "network-storage:2.0"),
        found=(("error", "network-storage-version-changed", "  files: {type: 'network-storage:2.0'}"),),
    ),
    "a service added": change(
        ("services:\n", "services:\n  search: {type: 'opensearch:3'}\n"),
        ("'cache:redis'\n", "'cache:redis'\n      search: 'search:opensearch'\n"),
    ),
    # -- mounts
    "a mount renamed that is found by its name": change(
        ("'var/private':", "'data/private':"),
        found=(("warning", "mount-renamed", "      'data/private':"),),
    ),
    "a mount renamed that says where its files are": change(("'var/uploads': {", "'public/uploads': {")),
    "a mount renamed with the old folder written down": change(
        (
            "'var/private':\n        source: storage\n",
            "'data/private':\n        source: storage\n        source_path: var/private\n",
        )
    ),
    "a mount with slashes around it": change(("'var/private':", "'/var/private/':")),
    "a mount removed": change(
        ("      'var/private':\n        source: storage\n", ""),
        found=(("warning", "mount-removed", "    mounts:"),),
    ),
    "a temporary mount that lasts from now on": change(
        ("'var/cache': {source: tmp, source_path: cache}", "'var/cache': {source: storage}"),
    ),
    "a temporary mount removed": change(("      'var/cache': {source: tmp, source_path: cache}\n", "")),
    "a mount of a network storage removed": change(
        ("      'shared': {source: service, service: files, source_path: shared}\n", ""),
        found=(("info", "mount-removed", "    mounts:"),),
    ),
    "a mount of another folder": change(
        ("source_path: uploads}", "source_path: files}"),
        found=(("warning", "mount-source-path-changed", "      'var/uploads': {source: storage, source_path: files}"),),
    ),
    "a mount that moves to a network storage": change(
        ("{source: storage, source_path: uploads}", "{source: service, service: files, source_path: uploads}"),
        found=(
            (
                "warning",
                "mount-source-changed",
                "      'var/uploads': {source: service, service: files, source_path: uploads}",
            ),
        ),
    ),
    "a mount that becomes temporary": change(
        ("'var/uploads': {source: storage", "'var/uploads': {source: tmp"),
        found=(("warning", "mount-source-changed", "      'var/uploads': {source: tmp, source_path: uploads}"),),
    ),
    "a mount of a worker renamed": change(
        ("'reports': {source: storage, source_path: reports}", "'exports': {source: storage, source_path: exports}"),
        found=(("warning", "mount-renamed", "          'exports': {source: storage, source_path: exports}"),),
    ),
    # -- applications and workers
    "an application renamed, with its route": change(
        ("  app:\n", "  shop:\n"),
        ("'app:http'", "'shop:http'"),
        found=(("error", "application-renamed", "  shop:"),),
    ),
    "an application without files renamed, with its route": change(
        ("  admin:\n", "  office:\n"),
        ("'admin:http'", "'office:http'"),
        found=(("warning", "application-renamed", "  office:"),),
    ),
    "an application with files removed": change(
        (BASE[: BASE.index("  admin:")], "applications:\n"),
        ("  'https://{default}/': {type: upstream, upstream: 'app:http'}\n", ""),
        ("'https://admin.{default}/'", "'https://{default}/'"),
        found=(
            ("warning", "application-removed", "applications:"),
            ("warning", "route-removed", "routes:"),
            ("info", "route-target-changed", "  'https://{default}/': {type: upstream, upstream: 'admin:http'}"),
        ),
    ),
    "an application without files removed": change(
        (BASE[BASE.index("  admin:") : BASE.index("services:")], ""),
        ("  'https://admin.{default}/': {type: upstream, upstream: 'admin:http'}\n", ""),
        found=(("warning", "route-removed", "routes:"),),
    ),
    "a worker renamed that a script names": change(
        ("      queue:\n", "      jobs:\n"),
        found=(("warning", "worker-renamed", "      jobs:"),),
    ),
    "a worker removed that a script names": change(
        ("      queue:\n        commands: {start: 'php artisan queue:work --max-time=3600'}\n", ""),
        found=(("warning", "worker-removed", "    workers:"),),
    ),
    "a worker with files renamed": change(
        ("      reports:\n", "      exports:\n"),
        found=(("warning", "worker-renamed", "      exports:"),),
    ),
    "another command of a worker": change(("--max-time=3600", "--max-time=1800")),
    # -- relationships
    "a relationship renamed whose variables are used": change(
        ("database: 'db:mysql'", "main: 'db:mysql'"),
        found=(("error", "relationship-variables-lost", "      main: 'db:mysql'"),),
    ),
    "a relationship renamed together with its uses": change(
        ("database: 'db:mysql'", "main: 'db:mysql'"), ("$DATABASE_HOST", "$MAIN_HOST")
    ),
    "a relationship whose variables nothing uses": change(
        ("      cache: 'cache:redis'", "      memory: 'cache:redis'")
    ),
    "a relationship to a new, empty database": change(
        ("database: 'db:mysql'", "database: 'next:mysql'"),
        ("  db: {type", "  next: {type: 'mariadb:11.8'}\n  db: {type"),
        found=(("warning", "relationship-target-changed", "      database: 'next:mysql'"),),
    ),
    # -- what workers get
    "a variable that a worker does not get": change(
        (
            "    variables:\n      env: {APP_ENV: prod}\n",
            "    variables:\n      env: {APP_ENV: prod, API: 'https://x.example'}\n",
        ),
        found=(("info", "change-not-inherited", "      env: {APP_ENV: prod, API: 'https://x.example'}"),),
    ),
    "a variable that all workers get": change(
        ("env: {APP_ENV: prod}", "env: {APP_ENV: prod, REPORTS: all}"),
    ),
    # -- routes
    "a route removed": change(
        ("  'https://admin.{default}/': {type: upstream, upstream: 'admin:http'}\n", ""),
        found=(("warning", "route-removed", "routes:"),),
    ),
    "a route with another address": change(
        ("https://admin.{default}/", "https://office.{default}/"),
        found=(
            ("warning", "route-removed", "  'https://office.{default}/': {type: upstream, upstream: 'admin:http'}"),
        ),
    ),
    "a route answered by something else": change(
        ("upstream: 'app:http'", "upstream: 'admin:http'"),
        found=(("info", "route-target-changed", "  'https://{default}/': {type: upstream, upstream: 'admin:http'}"),),
    ),
    # -- access
    "access loosened, for workers as well": change(
        ("{ssh: admin}", "{ssh: viewer}"),
        found=(("warning", "access-loosened", "    access: {ssh: viewer}"),),
    ),
    "access of a worker loosened": change(
        ("      reports:\n", "      reports:\n        access: {ssh: viewer}\n"),
        found=(("warning", "access-loosened", "        access: {ssh: viewer}"),),
    ),
    "the firewall removed": change(
        ("    firewall:\n      outbound:\n        - domains: [api.example.com]\n          ports: [443]\n", ""),
        found=(("warning", "firewall-loosened", "  app:"),),
    ),
    "a rule of the firewall added": change(
        ("          ports: [443]\n", "          ports: [443]\n        - {ips: [10.0.0.0/8], ports: [25565]}\n"),
        found=(("info", "firewall-loosened", "        - {ips: [10.0.0.0/8], ports: [25565]}"),),
    ),
    # -- harmless
    "a remark": change(("applications:\n", "# shop\napplications:\n")),
    "another order": change(
        ("  db: {type: 'mariadb:11.4'}\n", ""), ("  files: {", "  db: {type: 'mariadb:11.4'}\n  files: {")
    ),
    "another runtime": change(("php:8.4", "php:8.5")),
    "quotes and braces": change(("'var/private':\n        source: storage\n", 'var/private: {source: "storage"}\n')),
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    git(tmp_path, "init", "-q", ".")
    write(tmp_path, BASE)
    write(tmp_path, SCRIPT, "bin/restart.sh")
    commit(tmp_path)
    return tmp_path


def about_changes(*arguments: str) -> list[tuple[str, str, str]]:
    """The severity, the rule and the text of the line of each finding about the change."""
    ran = upsun_lint("--since", "HEAD", "--format", "json", *arguments)
    assert ran.err == ""
    found = []
    for one in json.loads(ran.out)["findings"]:
        line = Path(one["path"]).read_text().split("\n")[one["range"]["start"]["line"] - 1]
        if one["rule"] in change_rules():
            found.append((one["severity"], one["rule"], line))
    return found


@pytest.mark.parametrize("name", TABLE)
def test_what_is_reported_about_a_change(shop: Path, name: str) -> None:
    text = BASE
    for old, new in TABLE[name].replaced:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    write(shop, text)
    assert about_changes() == list(TABLE[name].findings)
    commit(shop)
    assert about_changes() == []


SUPPRESSED = BASE.replace("services:\n", "services: # upsun-lint: ignore[service-removed] moved away\n")


def test_files_that_are_split_destroy_nothing(shop: Path) -> None:
    services, routes = BASE.index("services:\n"), BASE.index("routes:\n")
    (shop / ".upsun/config.yaml").unlink()
    write(shop, BASE[:services], ".upsun/a.yaml")
    write(shop, BASE[services:routes], ".upsun/b.yaml")
    write(shop, BASE[routes:], ".upsun/c.yaml")
    assert about_changes() == []
    (shop / ".upsun/b.yaml").unlink()
    found = {(rule, line) for _, rule, line in about_changes()}
    assert found >= {("service-removed", "applications:")}


def test_what_an_included_file_held_counts(shop: Path) -> None:
    text = BASE.replace("    variables:\n      env: {APP_ENV: prod}\n", "    variables: !include variables.yaml\n")
    write(shop, text)
    write(shop, "env: {APP_ENV: prod}\n", ".upsun/variables.yaml")
    assert about_changes() == []
    commit(shop)
    write(shop, "env: {APP_ENV: prod, API: x}\n", ".upsun/variables.yaml")
    assert [rule for _, rule, _ in about_changes()] == ["change-not-inherited"]


def test_a_project_that_cannot_be_read_whole_destroys_nothing(shop: Path) -> None:
    write(shop, BASE.replace("services:\n", "services: [\n"))
    assert about_changes() == []
    write(shop, BASE.replace("  db: {type: 'mariadb:11.4'}\n", "  <<: *missing\n"))
    assert about_changes() == []


def test_only_since_judges_a_change(shop: Path) -> None:
    write(shop, BASE.replace("  db: {", "  orders: {").replace("'db:mysql'", "'orders:mysql'"))
    assert "service-renamed" not in upsun_lint().out
    assert "service-renamed" in upsun_lint("--since", "HEAD").out
    assert "service-renamed" not in upsun_lint("--since", "HEAD", "--ignore", "service-renamed").out
    assert upsun_lint("--since", "HEAD", "--select", "service-renamed").status == 1
    assert upsun_lint("--since", "HEAD", "--select", "service-renamed", "--statistics").out.startswith("1  error ")


def justifications(*arguments: str) -> dict[str, list[str]]:
    """The reasons of the suppressed findings in a SARIF log, by rule."""
    results = json.loads(upsun_lint(*arguments, "--format", "sarif").out)["runs"][0]["results"]
    return {
        result["ruleId"]: [one["justification"] for one in result["suppressions"]]
        for result in results
        if result["suppressions"]
    }


def test_a_comment_and_a_baseline_acknowledge_a_change(shop: Path) -> None:
    removed = SUPPRESSED.replace("  db: {type: 'mariadb:11.4'}\n", "").replace("      database: 'db:mysql'\n", "")
    removed = removed.replace(' --host "$DATABASE_HOST"', "")
    write(shop, removed)
    assert about_changes() == []
    assert "unused-suppression" not in upsun_lint("--since", "HEAD").out + upsun_lint().out
    assert justifications("--since", "HEAD") == {"service-removed": ["moved away"]}
    assert justifications() == justifications("--since", "HEAD", "--ignore", "service-removed") == {}
    write(shop, removed.replace(" # upsun-lint: ignore[service-removed] moved away", ""))
    assert [rule for _, rule, _ in about_changes()] == ["service-removed"]
    git(shop, "stash", "-q")
    upsun_lint("--baseline", "known.json", "--update-baseline")
    git(shop, "stash", "pop", "-q")
    assert [rule for _, rule, _ in about_changes("--baseline", "known.json")] == ["service-removed"]


def test_the_safe_fix_gives_a_mount_its_files_back(shop: Path) -> None:
    renamed = BASE.replace("'var/private':", "'data/private':")
    file = write(shop, renamed)
    ran = upsun_lint("--since", "HEAD", "--fix", "--select", "mount-renamed")
    assert ran.status == 0
    old, new = "source: storage\n    ", "source: storage\n        source_path: var/private\n    "
    assert file.read_text() == renamed.replace(f"        {old}", f"        {new}", 1)
    assert about_changes() == []


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_shows_the_line_of_the_change(shop: Path, form: str) -> None:
    text = BASE.replace("  db: {", "  orders: {").replace("'db:mysql'", "'orders:mysql'")
    write(shop, text)
    line = text[: text.index("  orders: {")].count("\n") + 1
    out = upsun_lint("--since", "HEAD", "--format", form).out
    assert "service-renamed" in out
    assert re.search(rf"\b{line}\b", out)


def test_the_summary_of_a_job_says_what_the_change_does(shop: Path) -> None:
    text = (
        BASE.replace("  db: {", "  orders: {")
        .replace("'db:mysql'", "'orders:mysql'")
        .replace("APP_ENV: prod}", "APP_ENV: dev}")
    )
    write(shop, text)
    summary = shop / "summary.md"
    upsun_lint("--since", "HEAD", "--format", "github", environment={"GITHUB_STEP_SUMMARY": str(summary)})
    page = summary.read_text()
    assert "### What this change does" in page
    assert "| service `db` | `db` | `orders` |  |" in page
    assert "| `app`: relationship `database` | `db:mysql` | `orders:mysql` | `queue`, `reports` |" in page
    assert "| `app`: variable `env:APP_ENV` | `prod` | `dev` | `queue`; not `reports` |" in page
    write(shop, BASE)
    summary.unlink()
    upsun_lint("--since", "HEAD", "--format", "github", environment={"GITHUB_STEP_SUMMARY": str(summary)})
    assert "What this change does" not in summary.read_text()


def test_a_plain_check_imports_nothing_about_changes(shop: Path) -> None:
    code = (
        "import sys; from upsun_lint.cli import run; run(['check', '--quiet']); "
        "print([name for name in sys.modules if 'change' in name or 'narrowing' in name])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=shop, env=CLEAN, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_a_project_that_did_not_change_has_nothing_about_changes() -> None:
    for now in corpus_projects():
        documents = (*now.all_documents, *now.texts.values())
        before = Project(now.root, {one.path: one.text for one in documents}, on_disk=False)
        assert judge(Change(before, now), Options()) == [], now.root
