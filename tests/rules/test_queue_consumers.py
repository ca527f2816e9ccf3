"""Workers that consume a queue."""

from __future__ import annotations

import pytest

from tests.rules.worker_texts import workers
from tests.support import apply_fix, findings, said


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
def test_commas_elsewhere_are_not_reported(command: str) -> None:
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
def test_jobs_in_a_service_that_can_lose_them(command: str, relationships: str, service: str, reported: bool) -> None:
    text = workers(command, command, rest=f"    relationships: {{{relationships}}}\n")
    text += f"services:\n  q: {service}\n  db: {{type: 'mariadb:11.8'}}\n  p: {{type: 'redis-persistent:8.0'}}\n"
    found = findings(text, "jobs-in-ephemeral-service")
    assert len(found) == reported
    assert all(len(one.related) == 2 for one in found)


def test_a_queue_that_is_elsewhere_is_not_in_redis() -> None:
    rest = "    relationships: {q: 'q:redis'}\n    variables: {env: {QUEUE_CONNECTION: sqs}}\n"
    text = workers("php artisan queue:work", rest=rest) + "services:\n  q: {type: 'redis:8.0'}\n"
    assert said(text, "jobs-in-ephemeral-service") == []
