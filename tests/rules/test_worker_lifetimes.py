"""How a worker ends: too early, again and again, or too late."""

from __future__ import annotations

import pytest

from tests.rules.worker_texts import one, ours, report, starting, worker
from tests.support import apply_fix, findings
from upsun_rules.finding import Severity
from upsun_rules.options import Options


@pytest.mark.parametrize("command", ["node x.js & sleep infinity", "node x.js & sleep $N", "node x.js & sleep 2; wait"])
def test_a_command_that_keeps_running_next_to_one_in_the_background(command: str) -> None:
    assert "backgrounded-start-command" not in [finding.rule for finding in ours(starting(command))]


@pytest.mark.parametrize("command", ["cd web", "set -e", "export A=b", "mkdir -p /tmp/x; chmod 700 /tmp/x", "php -v"])
def test_a_worker_that_only_prepares(command: str) -> None:
    assert [finding.rule for finding in ours(starting(command))] == ["one-shot-start-command"]


def test_a_command_that_two_workers_share_is_reported_once() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      one: &worker
        commands: &commands
          start: &start php x.php &
      two: *worker
      three:
        <<: *worker
        mounts: {}
      four:
        commands: *commands
      five:
        commands:
          start: *start
"""
    assert report(text) == [("backgrounded-start-command", "&", Severity.ERROR)]


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("node x.js &", "&"),
        ("nohup php x.php > /dev/null 2>&1 &", "&"),
        ("node a.js & node b.js &", "&"),
        ("while true; do node x.js; sleep 1; done &", "&"),
        ("php artisan queue:work & echo started", "&"),
        ("sh -c 'node x.js &'", "&"),
        ("pm2 start app.js", "pm2 start app.js"),
        ("exec celery -A proj worker -D", "-D"),
        ("celery -A proj worker --detach", "--detach"),
        ("bin/delayed_job start", "bin/delayed_job start"),
        ("gunicorn --daemon x:y", "--daemon"),
        ("set -e\ncd web\npm2 start app.js\n", "pm2 start app.js"),
        ("node x.js & disown", "&"),
        ("node x.js & sleep 2", "&"),
        ("node x.js & sleep 1m; echo started", "&"),
    ],
)
def test_work_that_goes_to_the_background_is_an_error(command: str, place: str) -> None:
    assert report(starting(command)) == [("backgrounded-start-command", place, Severity.ERROR)]


@pytest.mark.parametrize(
    "command",
    [
        "node x.js",
        "node a.js & node b.js",
        "node a.js & node b.js & wait",
        "node a.js & wait $!",
        "node a.js && node b.js",
        "node x.js 2>&1",
        "unknown-thing &>/dev/null",
        "pm2-runtime start app.js",
        "pm2 start app.js --no-daemon",
        "pm2 start app.js && pm2 logs",
        "supervisord -n",
        "bin/delayed_job run",
        "a & (((",
        "start-things --detach",
    ],
)
def test_work_in_the_foreground_is_not_an_error(command: str) -> None:
    assert ours(starting(command)) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("start: node x.js &  # go", "start: node x.js  # go"),
        ("start: 'node x.js&'", "start: 'node x.js'"),
        ('start: "node x.js > /dev/null 2>&1 & "', 'start: "node x.js > /dev/null 2>&1 "'),
        ("start: |\n    node x.js &\n", "start: |\n    node x.js\n"),
    ],
)
def test_the_ampersand_of_a_single_command_is_safe_to_leave_out(before: str, after: str) -> None:
    text = worker(f"commands:\n  {before}")
    (fix,) = one(text).fixes
    assert fix.safe
    assert apply_fix(text, fix) == worker(f"commands:\n  {after}")
    crlf = text.replace("\n", "\r\n")
    assert apply_fix(crlf, one(crlf)) == worker(f"commands:\n  {after}").replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("node a.js & node b.js &", ["node a.js & node b.js & wait", "node a.js & node b.js"]),
        ("cd web; node a.js &", ["cd web; node a.js"]),
        ("setsid node x.js &", ["setsid node x.js"]),
        ("pm2 start app.js", ["pm2-runtime start app.js"]),
        ("celery -A proj worker -D", ["celery -A proj worker"]),
        ("supervisord", ["supervisord -n"]),
        ("bin/delayed_job start", ["bin/delayed_job run"]),
        ("nohup npx pm2 start app.js", ["nohup npx pm2-runtime start app.js"]),
    ],
)
def test_other_rewrites_are_only_offered(before: str, after: list[str]) -> None:
    fixes = one(starting(before)).fixes
    assert not any(fix.safe for fix in fixes)
    assert [apply_fix(starting(before), fix) for fix in fixes] == [starting(command) for command in after]


def test_a_command_that_is_not_written_as_it_reads_is_not_rewritten() -> None:
    text = worker('commands:\n  start: "node x.js \\u0026"')
    finding = one(text)
    assert (finding.rule, finding.region.text) == ("backgrounded-start-command", "\\u0026")
    assert finding.fixes == ()


def test_a_program_whose_settings_may_keep_it_in_the_foreground_is_a_warning() -> None:
    finding = one(starting("supervisord -c /app/supervisord.conf"))
    assert (finding.rule, finding.severity) == ("backgrounded-start-command", Severity.WARNING)


@pytest.mark.parametrize(
    ("command", "place", "severity"),
    [
        ("php artisan schedule:run", "php artisan schedule:run", Severity.WARNING),
        ("cd web && drush cron", "drush cron", Severity.WARNING),
        ("exec php artisan migrate --force", "php artisan migrate --force", Severity.WARNING),
        ("pg_dump main > /tmp/main.sql", "pg_dump main", Severity.WARNING),
        ("curl -fsS https://example.com/tick", "curl -fsS https://example.com/tick", Severity.WARNING),
        ("echo hello", "echo hello", Severity.WARNING),
        ("exit 0", "exit 0", Severity.WARNING),
        ("cd web && drush queue:run mail", "drush queue:run mail", Severity.INFO),
        ("php artisan queue:work --once", "--once", Severity.INFO),
        ("php artisan queue:work --stop-when-empty --tries=3", "--stop-when-empty", Severity.INFO),
        ("bin/console messenger:consume async --limit=1", "--limit=1", Severity.INFO),
    ],
)
def test_a_command_that_ends_at_once(command: str, place: str, severity: Severity) -> None:
    assert report(starting(command)) == [("one-shot-start-command", place, severity)]


@pytest.mark.parametrize(
    "command",
    [
        "python manage.py migrate && celery -A proj worker",
        "php artisan queue:work --max-time=3600",
        "bin/console messenger:consume async --limit=100",
        "./run.sh",
        "python report.py",
        "php artisan schedule:run; ./more.sh",
        "while true; do php artisan schedule:run; sleep 60; done",
        "php artisan schedule:run; sleep 60",
        "php artisan queue:work --stop-when-empty; sleep 5",
        "exec $START",
    ],
)
def test_a_command_that_may_keep_running_or_is_meant_to_end_sometimes(command: str) -> None:
    assert ours(starting(command)) == []


def test_a_one_shot_can_become_a_cron() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    # background
    workers:
      # every day
      backup:
        commands:
          start: mysqldump main --result-file=/tmp/x.sql
      queue:
        commands:
          start: php artisan queue:work --max-time=3600
"""
    (fix,) = one(text).fixes
    assert not fix.safe
    assert (
        apply_fix(text, fix)
        == """\
applications:
  app:
    type: 'php:8.4'
    crons:
      # every day
      backup:
        spec: 'H 3 * * *'
        commands:
          start: mysqldump main --result-file=/tmp/x.sql
    # background
    workers:
      queue:
        commands:
          start: php artisan queue:work --max-time=3600
"""
    )


def test_a_scheduler_run_becomes_a_cron_as_frequent_as_the_project_allows_or_stays() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    crons:
      clean:
        spec: '0 3 * * *'
        commands:
          start: php clean.php
    workers:
      tick:
        commands:
          start: |
            cd web
            php artisan schedule:run --no-interaction
"""
    (finding,) = ours(text, Options(cron_minimum_interval=7))
    stay, cron = finding.fixes
    assert apply_fix(text, stay) == text.replace("schedule:run", "schedule:work")
    assert (
        apply_fix(text, cron)
        == """\
applications:
  app:
    type: 'php:8.4'
    crons:
      clean:
        spec: '0 3 * * *'
        commands:
          start: php clean.php
      tick:
        spec: '*/10 * * * *'
        commands:
          start: |
            cd web
            php artisan schedule:run --no-interaction
"""
    )


@pytest.mark.parametrize(
    "text",
    [
        worker("commands:\n  start: drush cron\nrelationships: {}"),
        worker("commands:\n  start: drush cron\n  pre_start: mkdir /tmp/x"),
        worker("commands: {start: drush cron}\nmounts: {}"),
        starting("drush cron", rest="    crons: {queue: {spec: '0 3 * * *', commands: {start: php x.php}}}\n"),
        worker("commands: &shared\n  start: drush cron"),
    ],
)
def test_a_worker_that_would_lose_something_does_not_become_a_cron(text: str) -> None:
    assert one(text).fixes == ()


def test_the_option_that_ends_a_consumer_can_be_removed() -> None:
    text = starting("php artisan queue:work --stop-when-empty --tries=3")
    finding = one(text)
    assert not finding.fixes[0].safe
    assert apply_fix(text, finding) == starting("php artisan queue:work --tries=3")


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("bundle exec sidekiq -t 25", "-t 25"),
        ("php artisan queue:work --timeout=300", "--timeout=300"),
        ("trap '' TERM; exec node x.js", "trap '' TERM"),
        ("trap 'exit 0' TERM; while true; do ./poll; sleep 60; done", "sleep 60"),
    ],
)
def test_a_worker_that_cannot_stop_in_time_is_reported(command: str, place: str) -> None:
    assert report(starting(command)) == [("slow-shutdown", place, Severity.INFO)]


@pytest.mark.parametrize(
    "command",
    [
        "bundle exec sidekiq -t 15",
        "bundle exec sidekiq -t $STOP",
        "php artisan queue:work --timeout=0",
        "trap 'exit 0' TERM; while true; do ./poll; sleep 60 & wait $!; done",
        "trap 'exit 0' TERM; while true; do ./poll; sleep 15; done",
        "trap - TERM; while true; do ./poll; sleep 60; done",
        "while true; do ./poll; sleep 60; done",
        "./poll --timeout=300",
    ],
)
def test_a_worker_that_can_stop_in_time_is_not_reported(command: str) -> None:
    assert ours(starting(command)) == []


@pytest.mark.parametrize(
    "command",
    ['sh -c "worker \\"a\\" &"', 'sh -c "while true; do worker \\"a\\"; done &"'],
)
def test_what_cannot_be_located_is_not_edited(command: str) -> None:
    for text in (
        worker(f"commands:\n  start: '{command}'"),
        (
            f"applications:\n  app:\n    type: 'php:8.4'\n    crons:\n      a:\n        spec: '0 3 * * *'\n"
            f"        commands:\n          start: '{command}'\n"
        ),
    ):
        found = [one for one in findings(text) if one.rule.startswith("backgrounded")]
        assert [one.fixes for one in found] == [()]
