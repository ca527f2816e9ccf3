"""Cron jobs that do not end, or end before their work."""

from __future__ import annotations

import pytest

from tests.rules.cron_texts import cron, crons, one, ours, report, running
from tests.support import apply_fix, findings
from upsun_rules.finding import Severity


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("php artisan queue:work", "php artisan queue:work"),
        ("cd web && php artisan horizon; echo over", "php artisan horizon"),
        ("bin/console messenger:consume async --memory-limit=128M", None),
        ("bin/console messenger:consume async --time-limit=600", "--time-limit=600"),
        ("timeout 900 php artisan queue:work", "timeout 900 php artisan queue:work"),
        ("celery -A proj worker -l info", "celery -A proj worker -l info"),
        ("while true; do php x.php; sleep 5; done", "while true"),
        ("while true\ndo\n  php x.php\n  sleep 5\ndone\n", "while true"),
        ("if [ -f x ]; then bundle exec sidekiq; fi", "sidekiq"),
        ("tail -f app.log", "tail -f app.log"),
    ],
)
def test_a_cron_that_does_not_end(command: str, place: str | None) -> None:
    assert report(running(command)) == [("cron-should-be-worker", place or command, Severity.WARNING)]


@pytest.mark.parametrize(
    "command",
    [
        "php artisan queue:work --stop-when-empty",
        "php artisan queue:work --max-time=540",
        "bin/console messenger:consume async --limit=10",
        "bin/console messenger:consume async --time-limit=3600 --limit=10",
        "timeout 240 php artisan queue:work",
        "timeout 60 sh -c 'while true; do php x.php; sleep 5; done'",
        "while true; do php x.php && break; sleep 5; done",
        "for x in 1 2 3; do php x.php; sleep 5; done",
        "./consume-forever",
        "php artisan schedule:run",
        "npm start",
        "php artisan queue:work (((",
    ],
)
def test_a_cron_that_ends_or_may_end(command: str) -> None:
    assert ours(running(command)) == []


def test_a_timeout_below_the_interval_is_an_end() -> None:
    assert ours(running("php artisan queue:work", more="timeout: 540")) == []
    assert report(running("php artisan queue:work", more="timeout: 600")) != []


def test_an_interval_shorter_than_the_minimum_does_not_count() -> None:
    text = running("php artisan queue:work --max-time=240", schedule="* * * * *")
    assert [finding.rule for finding in ours(text)] == ["cron-below-minimum-interval"]


def test_a_cron_can_become_a_worker() -> None:
    text = crons(
        """\
# each night
clean:
  spec: '0 3 * * *'
  commands:
    start: php clean.php
job:
  spec: '*/10 * * * *'
  timeout: 3600
  commands:
    start: |
      cd web
      php artisan queue:work"""
    )
    (fix,) = one(text).fixes
    assert not fix.safe
    assert (
        apply_fix(text, fix)
        == """\
applications:
  app:
    type: 'php:8.4'
    workers:
      job:
        commands:
          start: |
            cd web
            php artisan queue:work
    crons:
      # each night
      clean:
        spec: '0 3 * * *'
        commands:
          start: php clean.php
"""
    )


@pytest.mark.parametrize(
    "text",
    [
        cron("spec: x").replace(
            "crons:\n      job:\n        spec: x\n",
            "crons: {job: {spec: '0 3 * * *', commands: {start: sidekiq}}, two: {spec: '0 4 * * *', cmd: ./x}}\n",
        ),
        running("sidekiq", more="commands:\n  stop: kill 1").replace("commands:\n          stop", "  stop"),
        crons(
            "job: &job\n  spec: '0 3 * * *'\n  commands:\n    start: sidekiq\nlater:\n  <<: *job\n  spec: '0 4 * * *'"
        ),
    ],
)
def test_a_cron_that_would_lose_something_does_not_become_a_worker(text: str) -> None:
    assert [fix for finding in findings(text, "cron-should-be-worker") for fix in finding.fixes] == []


@pytest.mark.parametrize(
    ("command", "place"),
    [("php x.php &", "&"), ("nohup php x.php > /dev/null &", "&"), ("pm2 start x.js", "pm2 start x.js")],
)
def test_a_cron_in_the_background_is_reported(command: str, place: str) -> None:
    assert report(running(command)) == [("backgrounded-cron-command", place, Severity.WARNING)]


@pytest.mark.parametrize("command", ["php x.php", "php x.php & wait", "php x.php & php y.php", "service x start"])
def test_a_cron_in_the_foreground_is_not_reported(command: str) -> None:
    assert ours(running(command)) == []


def test_the_ampersand_of_a_cron_is_safe_to_leave_out() -> None:
    finding = one(running("nohup php x.php > /dev/null 2>&1 &"))
    assert finding.fixes[0].safe
    assert apply_fix(running("nohup php x.php > /dev/null 2>&1 &"), finding) == running(
        "nohup php x.php > /dev/null 2>&1"
    )
