"""What hooks, cron jobs and web processes do that does not work: together, elsewhere, or at another port."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.command import write
from tests.support import apply_fix, findings, source
from upsun_rules.engine import lint
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project


def said(text: str, rule: str) -> list[tuple[str, str]]:
    return [(source(finding.region), finding.severity.label) for finding in findings(text, rule)]


HOOK = """\
applications:
  app:
    type: 'php:8.4'
    hooks:
      {}: {}
    workers: {{w: {{commands: {{start: ./w.sh}}}}}}
"""


@pytest.mark.parametrize(
    ("hook", "command", "reported"),
    [
        ("deploy", "php artisan queue:restart", True),
        ("post_deploy", "php artisan horizon:terminate", True),
        ("deploy", "bin/console messenger:stop-workers", True),
        ("deploy", "sv restart queue", True),
        ("deploy", "supervisorctl restart all", True),
        ("deploy", "systemctl --user restart worker", True),
        ("deploy", "sv restart app", False),
        ("deploy", "systemctl --user restart app.service", False),
        ("deploy", "php artisan octane:reload", False),
        ("deploy", "php artisan migrate --force", False),
        ("build", "php artisan queue:restart", False),
    ],
)
def test_a_hook_need_not_restart_workers(hook: str, command: str, reported: bool) -> None:
    expected = [(command, "info")] if reported else []
    assert said(HOOK.format(hook, command), "worker-restart-in-hook") == expected


def test_without_workers_a_hook_restarts_none() -> None:
    text = HOOK.format("deploy", "php artisan queue:restart").rpartition("    workers")[0]
    assert said(text, "worker-restart-in-hook") == []


@pytest.mark.parametrize(
    ("command", "reported"),
    [
        ("php artisan queue:work", True),
        ("php artisan queue:work &", True),
        ("nohup celery -A a worker &", True),
        ("php artisan queue:work --stop-when-empty", False),
        ("timeout 60 php artisan queue:work", False),
        ("php artisan migrate", False),
    ],
)
def test_a_hook_starts_no_consumer(command: str, reported: bool) -> None:
    for hook in ("build", "deploy", "post_deploy"):
        assert len(said(HOOK.format(hook, command), "consumer-in-hook")) == reported


# -- cron jobs -------------------------------------------------------------------------------------------------------


def crons(*crons: str) -> str:
    lines = "".join(f"      c{n}: {{{one}, commands: {{start: ./c{n}.sh}}}}\n" for n, one in enumerate(crons))
    return f"applications:\n  app:\n    type: 'php:8.4'\n    crons:\n{lines}"


@pytest.mark.parametrize(
    ("first", "second", "severity"),
    [
        ("spec: '*/10 * * * *'", "spec: '*/10 * * * *'", "info"),
        ("spec: '*/10 * * * *'", "spec: '*/10  *  * * *'", "info"),
        ("spec: '0 * * * *', timeout: 60", "spec: '0 * * * *'", "info"),
        ("spec: '0 * * * *', timeout: 60", "spec: '0 * * * *', timeout: 60", "hint"),
        ("spec: '0 3 * * *'", "spec: '0 3 * * *'", "hint"),
        ("spec: '0 3 * * *'", "spec: '0 4 * * *'", None),
        ("spec: 'H * * * *'", "spec: 'H * * * *'", None),
        ("spec: 'x'", "spec: '0 4 * * *'", None),
    ],
)
def test_crons_of_one_schedule_wait_for_each_other(first: str, second: str, severity: str | None) -> None:
    found = said(crons(first, second), "crons-in-one-minute")
    assert [label for _, label in found] == ([] if severity is None else [severity])


@pytest.mark.parametrize(
    ("specs", "reported"),
    [
        (("spec: '*/10 * * * *'", "spec: '5 * * * *'"), True),
        (("spec: '*/10 * * * *'", "spec: '5 * * * *', timeout: 60"), True),
        (("spec: '*/10 * * * *', timeout: 60", "spec: '5 * * * *', timeout: 60"), False),
        (("spec: '*/10 * * * *'", "spec: '0 3 * * *'"), False),
        (("spec: '*/10 * * * *'",), False),
        (("spec: '*/10 * * * *'", "spec: '*/10 * * * *'"), False),
    ],
)
def test_crons_that_run_often_have_a_timeout(specs: tuple[str, ...], reported: bool) -> None:
    assert len(said(crons(*specs), "crons-without-timeout")) == reported


# -- other applications ----------------------------------------------------------------------------------------------

TWO = """\
applications:
  api:
    type: 'python:3.14'
    source: {{root: api}}
  site:
    type: 'nodejs:24'
    source: {{root: site}}
    hooks: {{build: {build}}}
    workers: {{w: {{commands: {{start: {command}}}}}}}
routes: {{'https://{{default}}/': {{type: upstream, upstream: 'site:http'}}}}
"""


@pytest.mark.parametrize(
    ("command", "build", "reported"),
    [
        ("python scripts/fetch.py", "true", True),
        ("./scripts/fetch.py", "true", True),
        ("cd scripts && python ./fetch.py", "true", True),
        ("python /app/scripts/fetch.py", "true", True),
        ("node scripts/own.js", "true", False),
        ("python scripts/nowhere.py", "true", False),
        ("python scripts/fetch.py", "cp -r ../api/fetch.py scripts", False),
        ("python $FOLDER/fetch.py", "true", False),
        ("vendor/bin/fetch.py", "true", False),
        ("cd $FOLDER && python scripts/fetch.py", "true", False),
    ],
)
def test_a_script_of_another_application(command: str, build: str, reported: bool, tmp_path: Path) -> None:
    write(tmp_path, TWO.format(command=command, build=build), ".upsun/config.yaml")
    for path in ("api/scripts/fetch.py", "api/vendor/bin/fetch.py", "site/scripts/own.js"):
        write(tmp_path, "", path)
    found = [one for one in lint(Project(str(tmp_path)), Options()) if one.rule == "command-of-another-application"]
    assert len(found) == reported
    assert all("application `api`" in one.message for one in found)


def test_without_the_files_nothing_is_said_of_other_applications() -> None:
    assert said(TWO.format(command="python scripts/fetch.py", build="x"), "command-of-another-application") == []


# -- web processes ---------------------------------------------------------------------------------------------------

WEB = """\
applications:
  app:
    type: '{image}:1'
    web:
      {rest}commands:
        start: {command}
"""


@pytest.mark.parametrize(
    ("command", "place", "fixed"),
    [
        ("next start -p 3000", "3000", "next start -p $PORT"),
        ("npx next start --port=3000", "3000", "npx next start --port=$PORT"),
        ("gunicorn -b 0.0.0.0:8000 app:app", "8000", "gunicorn -b 0.0.0.0:$PORT app:app"),
        ("gunicorn --bind=:8000 app:app", "8000", "gunicorn --bind=:$PORT app:app"),
        ("poetry run uvicorn app:app --port 8000", "8000", "poetry run uvicorn app:app --port $PORT"),
        ("gunicorn -b unix:$SOCKET app:app", "$SOCKET", None),
    ],
)
def test_a_web_process_listens_at_another_place(command: str, place: str, fixed: str | None) -> None:
    text = WEB.format(image="python", rest="", command=command)
    (finding,) = findings(text, "web-does-not-listen")
    assert source(finding.region) == place
    if fixed is not None:
        assert apply_fix(text, finding) == WEB.format(image="python", rest="", command=fixed)


UNIX = "upstream: {socket_family: unix}\n      "


@pytest.mark.parametrize(
    ("image", "rest", "command", "reported"),
    [
        ("python", "", "gunicorn -b 0.0.0.0:$PORT app:app", False),
        ("python", "", "gunicorn -b 0.0.0.0:8888 app:app", False),
        ("python", "", "'gunicorn -b 0.0.0.0:${PORT:-8000} app:app'", False),
        ("python", UNIX, "gunicorn -b unix:$SOCKET app:app", False),
        ("python", UNIX, "gunicorn -b 0.0.0.0:$PORT app:app", True),
        ("python", "", "'api --port 3000 & caddy run --port $PORT'", False),
        ("python", "", "'uvicorn api:app --port 3000 & wait'", False),
        ("python", "", "SOCKET=/run/app.sock; gunicorn -b unix:$SOCKET app:app", False),
        ("php", "", "server -s $SOCKET", False),
        ("nodejs", "", "node server.js --port 3000", False),
        ("nodejs", "locations: {'/': {root: public, passthru: false}}\n      ", "next start -p 3000", False),
        ("nodejs", "locations: {'/': {root: public, passthru: true}}\n      ", "next start -p 3000", True),
    ],
)
def test_only_what_is_sure_to_listen_elsewhere_is_reported(image: str, rest: str, command: str, reported: bool) -> None:
    assert len(findings(WEB.format(image=image, rest=rest, command=command), "web-does-not-listen")) == reported
