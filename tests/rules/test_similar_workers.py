"""Workers that do the same or have the same name."""

from __future__ import annotations

import pytest

from tests.rules.worker_texts import workers
from tests.support import findings, said, source


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
def test_a_scheduler_in_two_workers_is_reported(first: str, second: str, reported: bool) -> None:
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
