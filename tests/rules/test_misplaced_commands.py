"""Start commands that belong elsewhere: servers and build steps."""

from __future__ import annotations

import pytest

from tests.rules.worker_texts import one, ours, report, starting, worker
from upsun_rules.finding import Severity

WEB = "    web:\n      commands:\n        start: {}\n"


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("gunicorn -w 4 project.wsgi", "gunicorn -w 4 project.wsgi"),
        ("cd web && bundle exec rails server", "rails server"),
        ("node server.js --port=$PORT", "$PORT"),
        ("npm start -- --port ${PORT}", "${PORT}"),
        ("./serve --unix $SOCKET", "$SOCKET"),
    ],
)
def test_a_server_in_a_worker_is_reported(command: str, place: str) -> None:
    assert report(starting(command)) == [("worker-serves-web", place, Severity.WARNING)]


@pytest.mark.parametrize(
    "command",
    [
        "npm start",
        "node index.js",
        "PORT=4000; node index.js --port=$PORT",
        "redis-server & php artisan queue:work --max-time=60",
        "celery -A proj worker & gunicorn health:app",
        "celery -A proj worker --hostname=$PORT",
    ],
)
def test_a_possible_server_or_a_helper_is_not_reported(command: str) -> None:
    assert ours(starting(command)) == []


def test_a_port_that_the_project_sets_itself_means_something_else() -> None:
    text = starting("node index.js --port=$PORT", rest="    variables:\n      env:\n        PORT: '4000'\n")
    assert ours(text) == []


def test_the_command_of_the_web_process_is_reported() -> None:
    text = starting("node index.js", rest=WEB.format("node index.js"))
    finding = one(text)
    assert (finding.rule, finding.region.text) == ("worker-serves-web", '"node index.js"')
    assert [related.region.text for related in finding.related] == ["node index.js"]


@pytest.mark.parametrize(
    ("body", "web"),
    [
        ("commands:\n  start: ./run.sh\nvariables:\n  env:\n    ROLE: worker", "./run.sh"),
        ("commands:\n  start: celery -A proj worker", "celery -A proj worker"),
        ("commands:\n  start: ./run.sh worker", "./run.sh web"),
    ],
)
def test_a_command_shared_with_the_web_process_may_have_another_role(body: str, web: str) -> None:
    assert ours(worker(body, rest=WEB.format(web))) == []


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("npm ci && node x.js", "npm ci"),
        ("[ -d node_modules ] || npm install; node x.js", "npm install"),
        ("composer install --no-dev\nphp x.php", "composer install --no-dev"),
        ("pip install -r requirements.txt", "pip install -r requirements.txt"),
        ("npm ci && npm run build && node x.js", "npm ci"),
        ("npm ci && node x.js $QUEUE --log=/tmp/x.log", "npm ci"),
    ],
)
def test_a_build_step_is_reported_at_its_place_and_only_once(command: str, place: str) -> None:
    assert report(starting(command)) == [("build-step-in-start-command", place, Severity.WARNING)]


@pytest.mark.parametrize(
    "command",
    [
        "node x.js --build",
        "pip install -t /tmp/lib extra; python x.py",
        "cd var/data && npm ci; node x.js",
        "npm run x",
    ],
)
def test_a_command_that_builds_nothing_or_elsewhere_is_not_reported(command: str) -> None:
    assert ours(starting(command, rest="    mounts:\n      'var/data':\n        source: instance\n")) == []


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        ("composer audit", "one-shot-start-command"),
        ("composer show", "one-shot-start-command"),
        ("composer install", "build-step-in-start-command"),
        ("composer dump-autoload -o", "build-step-in-start-command"),
    ],
)
def test_a_report_of_composer_builds_nothing(command: str, rule: str) -> None:
    assert one(starting(command)).rule == rule
