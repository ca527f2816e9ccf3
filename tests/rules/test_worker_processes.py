"""What workers run: consumers, schedulers, and workers that do the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.command import write
from tests.support import apply_fix, findings, source
from upsun_rules.engine import lint
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project


def workers(*commands: str, rest: str = "") -> str:
    lines = "".join(f"      w{n}:\n        commands:\n          start: {text}\n" for n, text in enumerate(commands))
    return f"applications:\n  app:\n    type: 'python:3.14'\n{rest}    workers:\n{lines}"


def said(text: str, rule: str) -> list[tuple[str, str]]:
    return [(source(finding.region), finding.severity.label) for finding in findings(text, rule)]


# -- celery beat -----------------------------------------------------------------------------------------------------

BEAT = "beat-schedule-file"


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("celery -A a worker -B", "celery -A a worker -B"),
        ("celery -A a worker --beat -l info", "celery -A a worker --beat -l info"),
        ("python -m celery -A a beat", "python -m celery -A a beat"),
        ("cd web && celery -A a beat", "celery -A a beat"),
        ("celery -A a beat -s data/beat", "data/beat"),
        ("celery -A a beat --schedule=data/beat", "data/beat"),
        ("celery -A a beat -s /app/data/beat", "/app/data/beat"),
        ("celery -A a beat -s $PLATFORM_APP_DIR/data/beat", "$PLATFORM_APP_DIR/data/beat"),
        ("celery -A a beat -s=run/beat", "=run/beat"),
        ("cd web && celery -A a beat -s run/beat", "run/beat"),
    ],
)
def test_beat_writes_to_a_read_only_folder(command: str, place: str) -> None:
    text = workers(command, rest="    mounts: {run: {source: instance}}\n")
    assert said(text, BEAT) == [(place, "warning")]
    (finding,) = findings(text, BEAT)
    if "cd web" not in command:
        assert findings(apply_fix(text, finding), BEAT) == []


@pytest.mark.parametrize(
    "command",
    [
        "celery -A a worker",
        "celery -A a beat -s /tmp/beat",
        "celery -A a beat -s run/beat",
        "celery -A a beat --schedule=/app/run/deep/beat",
        "cd run && celery -A a beat",
        "celery -A a beat -S django_celery_beat.schedulers:DatabaseScheduler",
        "celery -A a worker -B --scheduler=redbeat.RedBeatScheduler",
        "celery -A a beat -s $BEAT_FILE",
        'cd "$FOLDER" && celery -A a beat',
        "celery -A a beat --workdir=run",
    ],
)
def test_beat_that_can_write_is_right(command: str) -> None:
    assert said(workers(f"'{command}'", rest="    mounts: {run: {source: instance}}\n"), BEAT) == []


def test_beat_with_a_scheduler_in_a_database_needs_no_file(tmp_path: Path) -> None:
    write(tmp_path, workers("celery -A a beat"), ".upsun/config.yaml")
    write(tmp_path, "celery\nDjango-Celery-Beat==2.6\n", "requirements.txt")
    assert [one.rule for one in lint(Project(str(tmp_path)), Options()) if one.rule == BEAT] == []


def test_beat_that_two_workers_share_is_one_finding() -> None:
    text = workers("&beat celery -A a beat", "*beat")
    assert len(findings(text, BEAT)) == 1


# -- consumers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "fixed"),
    [
        ("php bin/console messenger:consume a,b", "php bin/console messenger:consume a b"),
        ("bin/console messenger:consume a,b,c -vv", "bin/console messenger:consume a b c -vv"),
        ("symfony console messenger:consume -t 60 a,b", "symfony console messenger:consume -t 60 a b"),
        ('bin/console messenger:consume "a,b"', "bin/console messenger:consume a b"),
        ("bin/console messenger:consume --no-reset a,b", "bin/console messenger:consume --no-reset a b"),
    ],
)
def test_receivers_are_separated_by_spaces(command: str, fixed: str) -> None:
    (finding,) = findings(workers(command), "messenger-receivers")
    assert finding.fixes[0].safe
    assert apply_fix(workers(command), finding) == workers(fixed)


@pytest.mark.parametrize(
    "command",
    [
        "bin/console messenger:consume a b",
        "bin/console messenger:consume $RECEIVERS",
        "bin/console messenger:consume async --queues a,b",
        "bin/console messenger:consume async --queues=a,b",
        "php artisan queue:work --queue=a,b",
        "php artisan queue:work a,b",
        "celery -A a worker -Q a,b",
    ],
)
def test_lists_with_commas_elsewhere_are_right(command: str) -> None:
    assert said(workers(command), "messenger-receivers") == []


@pytest.mark.parametrize(
    ("command", "fixed"),
    [
        ("php artisan queue:work", "php artisan queue:work --max-time=3600"),
        ("php artisan queue:work --tries=3", "php artisan queue:work --tries=3 --max-time=3600"),
        ("bin/console messenger:consume a", "bin/console messenger:consume a --time-limit=3600"),
        ("php artisan queue:work --max-jobs=100", None),
        ("bin/console messenger:consume a --memory-limit=128M", None),
        ("timeout 3600 php artisan queue:work", None),
        ("celery -A a worker", None),
    ],
)
def test_a_php_consumer_has_a_limit(command: str, fixed: str | None) -> None:
    found = findings(workers(command), "unbounded-php-consumer")
    assert [apply_fix(workers(command), one) for one in found] == ([] if fixed is None else [workers(fixed)])


@pytest.mark.parametrize(
    ("command", "relationships", "service", "reported"),
    [
        ("php artisan queue:work redis", "q: 'q:redis', db: 'db:mysql'", "{type: 'redis:8.0'}", True),
        ("php artisan queue:work", "q: 'q:redis'", "{type: 'redis:8.0'}", True),
        ("php artisan queue:work", "q: 'q:redis', db: 'db:mysql'", "{type: 'redis:8.0'}", False),
        ("php artisan horizon", "q: 'q:redis', db: 'db:mysql'", "{type: 'redis:8.0'}", True),
        ("bundle exec sidekiq", "q: 'q:valkey'", "{type: 'valkey:8.1'}", True),
        ("bundle exec sidekiq", "q: 'q:redis', p: 'p:redis'", "{type: 'redis:8.0'}", False),
        ("bundle exec sidekiq", "q: 'q:redis'", "{type: 'redis-persistent:8.0'}", False),
        (
            "bundle exec sidekiq",
            "q: 'q:redis'",
            "{type: 'redis:8.0', configuration: {maxmemory_policy: noeviction}}",
            False,
        ),
        ("bundle exec sidekiq", "db: 'db:mysql'", "{type: 'redis:8.0'}", False),
        ("./own.sh", "q: 'q:redis'", "{type: 'redis:8.0'}", False),
    ],
)
def test_jobs_in_a_service_that_loses_them(command: str, relationships: str, service: str, reported: bool) -> None:
    text = workers(command, command, rest=f"    relationships: {{{relationships}}}\n")
    text += f"services:\n  q: {service}\n  db: {{type: 'mariadb:11.8'}}\n  p: {{type: 'redis-persistent:8.0'}}\n"
    found = findings(text, "jobs-in-ephemeral-service")
    assert len(found) == reported
    assert all(len(one.related) == 2 for one in found)


def test_a_queue_that_is_elsewhere_is_not_in_redis() -> None:
    rest = "    relationships: {q: 'q:redis'}\n    variables: {env: {QUEUE_CONNECTION: sqs}}\n"
    text = workers("php artisan queue:work", rest=rest) + "services:\n  q: {type: 'redis:8.0'}\n"
    assert said(text, "jobs-in-ephemeral-service") == []


# -- several workers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "reported"),
    [
        ("celery -A a worker -B -s /tmp/b", "celery -A a beat -s /tmp/b", True),
        ("php artisan schedule:work", "php artisan schedule:work --verbose", True),
        ("celery -A a beat -s /tmp/b", "celery -A b beat -s /tmp/b", False),
        ("celery -A a worker -B -s /tmp/b", "celery -A a worker", False),
        ("cd a && celery -A a beat -s /tmp/b", "cd b && celery -A a beat -s /tmp/b", False),
        ("php artisan queue:work", "php artisan queue:work", False),
    ],
)
def test_a_scheduler_is_started_once(first: str, second: str, reported: bool) -> None:
    assert len(said(workers(first, second), "scheduler-in-two-workers")) == reported


def test_a_scheduler_that_two_workers_share_by_an_alias_is_started_twice() -> None:
    text = workers("&beat celery -A a beat -s /tmp/b", "*beat")
    assert said(text, "scheduler-in-two-workers") == [("w1", "warning")]


def test_workers_that_are_the_same_are_one_finding() -> None:
    text = workers("./w.sh", "./w.sh", "./w.sh", "./other.sh")
    (finding,) = findings(text, "duplicate-workers")
    assert source(finding.region) == "w1"
    assert "--count app--w0:3" in finding.message


def test_workers_with_other_settings_are_not_the_same() -> None:
    text = workers("./w.sh", "./w.sh") + "        variables: {env: {QUEUE: mails}}\n"
    assert said(text, "duplicate-workers") == []


def test_workers_of_two_applications_with_one_name() -> None:
    worker = "    type: 'php:8.4'\n    workers: {queue: {commands: {start: php queue.php}}}\n"
    text = f"applications:\n  shop:\n{worker}  blog:\n{worker}"
    (finding,) = findings(text, "ambiguous-worker-name")
    assert (finding.region.text, finding.related[0].region.text) == ("queue", "queue")
    assert findings(text.replace("queue:", "posts:", 1), "ambiguous-worker-name") == []
