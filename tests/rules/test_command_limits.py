"""What commands cannot do where they run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import findings
from upsun_rules.engine import lint
from upsun_rules.finding import Severity
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project

CONFIG = """\
applications:
  app:
    type: 'php:8.4'
    relationships:
      cache: 'memory:redis'
      my-db: 'sql:mariadb'
    mounts:
      var/cache: {source: tmp}
      data: {source: storage}
    variables:
      env: {CACHE_PASSWORD: x}
    hooks:
      build: |
        BUILD
      deploy: |
        DEPLOY
    crons:
      job:
        spec: '7 3 * * *'
        commands:
          start: |
            CRON
    workers:
      queue:
        commands:
          start: |
            WORKER
      other:
        mounts:
          public: {source: instance}
        commands:
          start: |
            OTHER
services:
  memory: {type: 'redis:8.0'}
  sql: {type: 'mariadb:11.8'}
"""


def config(**commands: str) -> str:
    """A configuration with these commands at their places; the others do nothing of interest."""
    text = CONFIG
    for place in ("build", "deploy", "cron", "worker", "other"):
        name = place.upper()
        indent = text.split(name)[0].rpartition("\n")[2]
        text = text.replace(name, commands.get(place, "php x.php").replace("\n", f"\n{indent}"), 1)
    return text


def places(rule: str, **commands: str) -> list[str]:
    return [found.region.text for found in findings(config(**commands), rule)]


# -- not-there-in-build ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("echo $CACHE_URL", "$CACHE_URL"),
        ("npm ci && X=${CACHE_HOST} npm run build", "${CACHE_HOST}"),
        ("echo $MY_DB_PATH", "$MY_DB_PATH"),
        ('echo "$PLATFORM_RELATIONSHIPS" | base64 -d', "$PLATFORM_RELATIONSHIPS"),
        ("X=$(echo $PLATFORM_ROUTES)", "$PLATFORM_ROUTES"),
        ('if [ "$PLATFORM_BRANCH" = main ]; then a; fi', "$PLATFORM_BRANCH"),
        ('[ "$PLATFORM_ENVIRONMENT_TYPE" != production ] && a', "$PLATFORM_ENVIRONMENT_TYPE"),
        ("echo $CACHE_PASSWORD", None),
        ("echo $CACHE_DIR", None),
        ("echo $CACHE", None),
        ("echo $OTHER_URL", None),
        ("echo '$CACHE_URL'", None),
        ("# $CACHE_URL", None),
        ("CACHE_URL=x; echo $CACHE_URL", None),
        ("echo ${CACHE_URL:-x}", None),
        ("echo ${PLATFORM_BRANCH-main}", None),
        ('if [ -n "$PLATFORM_RELATIONSHIPS" ]; then a; fi', None),
        ('[ -z "$PLATFORM_BRANCH" ] && a', None),
        ("echo $PLATFORM_APP_DIR $PLATFORM_TREE_ID $PLATFORM_PROJECT", None),
        ('if [ "$PLATFORM_BRANCH" = ', None),
    ],
)
def test_what_is_not_there_in_the_build(command: str, place: str | None) -> None:
    assert places("not-there-in-build", build=command) == ([] if place is None else [place])
    assert not places("not-there-in-build", deploy=command, worker=command)


# -- needs-root ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        "apt-get install -y jq",
        "apt update",
        "apt-get -qq update",
        "sudo ln -s /app/x /usr/bin/x",
        "sudo -u www php x.php",
        "su - root",
        "dpkg -i x.deb",
        "yum install -y jq",
        "apk add jq",
        "systemctl restart nginx",
        "corepack enable",
        "corepack enable pnpm",
        "useradd x",
        "set -e; if true; then apt-get install jq; fi",
    ],
)
def test_what_needs_root(command: str) -> None:
    (found,) = findings(config(build=command), "needs-root")
    assert found.severity is Severity.WARNING
    assert found.region.text in command


@pytest.mark.parametrize(
    "command",
    [
        "echo apt-get install jq",
        "apt list --installed",
        "apt-cache search jq",
        "dpkg -l",
        "dpkg -x x.deb x",
        "# sudo a",
        "./sudo.sh",
        "npm install apt",
        "corepack prepare pnpm@9 --activate",
        "corepack enable --install-directory ~/bin",
        "corepack pnpm install",
        "systemctl --user start x",
        "systemctl status",
        "service=apk; echo $service",
        "php su.php",
    ],
)
def test_what_needs_no_root(command: str) -> None:
    assert not places("needs-root", build=command)


def test_one_finding_for_packages_in_a_worker() -> None:
    found = [one.rule for one in findings(config(worker="apt-get install jq && php x.php"))]
    assert found.count("needs-root") == 1
    assert "build-step-in-start-command" not in found


# -- read-only-after-build -------------------------------------------------------------------------------------------

WRITES = [
    ("php x.php > public/x.html", "> public/x.html"),
    ("php x.php >> log.txt 2>&1", ">> log.txt"),
    ("mkdir -p public/a", "public/a"),
    ("mkdir -m 755 public", "public"),
    ("touch installed", "installed"),
    ("echo x | tee -a public/x", "public/x"),
    ("cp -R a/. public/", "public/"),
    ("mv data/x config/x", "config/x"),
    ("ln -sf /tmp/x public/x", "public/x"),
    ("chmod +x bin/run.sh", "bin/run.sh"),
    ("cd public && touch x", "x"),
    ("cd /app && touch x", "x"),
    ("touch $PLATFORM_APP_DIR/x", "$PLATFORM_APP_DIR/x"),
    ("touch ~/x", "~/x"),
    ("touch public/$NAME", "public/$NAME"),
    ("touch data/../x", "data/../x"),
    ("sh -c 'touch x'", "x"),
    # None of these leaves the folder of the application.
    ("(cd /tmp); touch x", "x"),
    ("y=$(cd /tmp; pwd); touch x", "x"),
    ("sh -c 'cd /tmp'; touch x", "x"),
    ("f() { cd /tmp; }; touch x", "x"),
]


@pytest.mark.parametrize(("command", "place"), WRITES)
@pytest.mark.parametrize("where", ["deploy", "cron", "worker"])
def test_what_cannot_be_written(where: str, command: str, place: str) -> None:
    assert places("read-only-after-build", **{where: command}) == [place]
    assert not places("read-only-after-build", build=command)


@pytest.mark.parametrize(
    "command",
    [
        "php x.php > /dev/null 2>&1",
        "php x.php >&2",
        "php x.php > /tmp/x",
        "php x.php > $TMPDIR/x",
        "php x.php > $OUT",
        "php x.php > data/x",
        "php x.php >> /app/var/cache/x",
        "mkdir -p var",
        "mkdir -p var/cache/x data",
        "cp -R public/. data/",
        "cp public/a ./data",
        "mv data/a data/b",
        "chmod -R 755 .",
        "cd /tmp && touch x",
        "cd data && touch x",
        "cd $X && touch x",
        "(cd /tmp; touch x)",
        "x=$(cd /tmp; touch x)",
        "sh -c 'cd /tmp; touch x'",
        "if a; then cd data; fi; touch x",
        "cd data && cd .. && cd data && touch x",
        "pushd data; touch x",
        "f() { touch x; }; cd data; f",
        "touch ../x",
        "touch /mnt/x",
        "cp -t data a b",
        "cp data/x",
        "echo touch x",
        "cat < public/x",
        "touch $X/y",
        'bash -c "cd $X && touch y"',
    ],
)
@pytest.mark.parametrize("where", ["deploy", "cron", "worker"])
def test_what_can_be_written(where: str, command: str) -> None:
    assert not places("read-only-after-build", **{where: command})


def test_a_worker_has_its_own_mounts() -> None:
    assert not places("read-only-after-build", other="touch public/x")
    assert places("read-only-after-build", other="touch data/x") == ["data/x"]


def test_a_link_made_in_the_build_may_lead_to_a_mount() -> None:
    assert not places("read-only-after-build", build="ln -s data public/x", deploy="touch public/x/y")


def test_a_folder_that_the_build_creates_is_not_reported() -> None:
    assert not places("read-only-after-build", build="mkdir -p public/x", deploy="mkdir -p public/x")


def test_storage_link_of_laravel() -> None:
    command = "php artisan storage:link"
    assert places("read-only-after-build", deploy=command) == ["storage:link"]
    assert not places("read-only-after-build", other=command)


def test_what_the_build_can_write_itself_belongs_there() -> None:
    (found,) = findings(config(deploy="mkdir -p bootstrap/cache"), "read-only-after-build")
    assert found.message.endswith("do it in the `build` hook, or add a mount")


@pytest.mark.parametrize("command", ["config:cache", "optimize", "route:cache"])
def test_caches_of_laravel(command: str) -> None:
    text = config(deploy=f"php artisan {command}")
    (found,) = findings(text, "read-only-after-build")
    assert found.region.text == command
    assert found.message.endswith("so `artisan` fails; add a mount")
    mounts = text.replace("    mounts:\n", "    mounts:\n      bootstrap/cache: {source: instance}\n", 1)
    assert mounts != text
    assert not findings(mounts, "read-only-after-build")
    variables = text.replace("env: {", "env: {APP_CONFIG_CACHE: /tmp/config.php, ", 1)
    assert variables != text
    assert not findings(variables, "read-only-after-build")
    assert not places("read-only-after-build", deploy="php artisan optimize:clear")


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_and_folders_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".upsun").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "linked").symlink_to("data")
    command = "touch linked/x; mkdir -p there; mkdir -p missing"
    (tmp_path / ".upsun" / "config.yaml").write_text(config(deploy=command))
    found = [one for one in lint(Project(str(tmp_path)), Options()) if one.rule == "read-only-after-build"]
    assert [one.region.text for one in found] == ["missing"]


# -- log-of-another-container ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("tail -F /var/log/access.log | php x.php", "/var/log/access.log"),
        ("tail -f '/var/log/error.log'", "'/var/log/error.log'"),
        ("php x.php < /var/log/cron.log", "/var/log/cron.log"),
        ("goaccess /var/log/nginx/x.log", "/var/log/nginx/x.log"),
        ("tail -f /var/log/app.log", None),
        ("php x.php >> /var/log/cron.log", None),
        ("echo /var/log/access.log", None),
        ("tail -f $LOG", None),
        ("# tail -f /var/log/access.log", None),
    ],
)
def test_logs_of_the_web_container(command: str, place: str | None) -> None:
    assert places("log-of-another-container", worker=command) == ([] if place is None else [place])
    assert not places("log-of-another-container", cron=command, deploy=command)


# -- xargs-one-at-a-time ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("-n1", True),
        ("-n 1", True),
        ("-L1", True),
        ("-I{}", True),
        ("-0 -n 1", True),
        ("-n1 -P4", False),
        ("-P 4 -n1", False),
        ("--max-procs=0 -n1", False),
        ("", False),
    ],
)
def test_consumers_started_by_xargs(options: str, found: bool) -> None:
    command = f"bin/magento queue:consumers:list | xargs {options} bin/magento queue:consumers:start"
    assert bool(places("xargs-one-at-a-time", worker=command)) is found
    assert not places("xargs-one-at-a-time", cron=command, worker="ls | xargs -n1 rm")


def test_a_mount_of_another_container_is_named() -> None:
    text = """
applications:
  app:
    type: 'php:8.4'
    crons: {export: {spec: '0 1 * * *', commands: {start: 'php x.php > spool/out.txt'}, timeout: 60}}
    workers: {send: {commands: {start: php send.php}, mounts: {spool: {source: storage}}}}
"""
    (found,) = findings(text, "read-only-after-build")
    assert found.message.endswith("so `>` fails; only worker `send` has a mount there")
