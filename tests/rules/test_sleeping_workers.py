"""Workers that mostly wait, and the cron jobs they can become."""

from __future__ import annotations

import pytest

from tests.rules.cron_texts import one, ours, running, worker
from tests.support import apply_fix, findings
from upsun_rules.finding import Severity
from upsun_rules.options import Options


@pytest.mark.parametrize(
    ("command", "place", "severity"),
    [
        ("while true; do ./poll; sleep 600; done", "sleep 600", Severity.WARNING),
        ("while :\ndo\n  ./poll\n  sleep 1h\ndone\n", "sleep 1h", Severity.WARNING),
        ("cd web; until false; do ./poll || true; sleep 300; done", "sleep 300", Severity.WARNING),
        ("for ((;;)); do ./poll; sleep 30m; done", "sleep 30m", Severity.WARNING),
        ("bash -c 'while true; do ./poll; sleep 600; done'", "sleep 600", Severity.WARNING),
        ("while true; do php artisan queue:work --once; sleep 600; done", "sleep 600", Severity.INFO),
        ("sleep 3600 && ./poll", "sleep 3600", Severity.WARNING),
        ("./poll; sleep 1d", "sleep 1d", Severity.WARNING),
        ("sleep 300; php artisan schedule:run", "sleep 300", Severity.WARNING),
        ("crond -f", "crond -f", Severity.WARNING),
        ("supercronic /app/crontab", "supercronic /app/crontab", Severity.HINT),
        ("sleep infinity", "sleep infinity", Severity.HINT),
        ("echo ready; tail -f /dev/null", "tail -f /dev/null", Severity.HINT),
        ("while true; do sleep 3600; done", "while true", Severity.HINT),
        ("while true; do ./poll; sleep $((60*60)); done", "sleep $((60*60))", Severity.WARNING),
        ("while true; do ./poll; sleep ${PAUSE:-3600}; done", "sleep ${PAUSE:-3600}", Severity.WARNING),
        ("PAUSE=3600; while true; do ./poll; sleep $PAUSE; done", "sleep $PAUSE", Severity.WARNING),
        ("watch -n 3600 ./poll", "watch -n 3600 ./poll", Severity.WARNING),
    ],
)
def test_a_worker_that_mostly_waits_is_reported(command: str, place: str, severity: Severity) -> None:
    others = ("override-drops-relationships", "bash-in-dash")
    found = [finding for finding in findings(worker(command)) if finding.rule not in others]
    assert [(finding.rule, finding.region.text, finding.severity) for finding in found] == [
        ("worker-should-be-cron", place, severity)
    ]


@pytest.mark.parametrize(
    "command",
    [
        "while true; do ./poll; sleep 299; done",
        "while true; do ./poll; sleep $PAUSE; done",
        "PAUSE=3600; PAUSE=5; while true; do ./poll; sleep $PAUSE; done",
        "while true; do ./poll; sleep $((PAUSE * 60)); done",
        "while true; do ./poll; sleep ${PAUSE:-5}; done",
        "watch -n 10 ./poll",
        "watch ./poll",
        "while true; do ./poll || sleep 600; done",
        "while true; do ./poll || break; sleep 600; done",
        "while true; do php artisan queue:work; sleep 600; done",
        "./listen & while true; do ./poll; sleep 600; done",
        "sleep 600; ./listen",
        "./listen; sleep 600",
        "sleep 3600; php artisan queue:work",
        "sleep 10; php artisan queue:work",
        "celery -A proj beat",
        "php artisan schedule:work",
        "supervisord -n & tail -f /dev/null",
    ],
)
def test_a_worker_that_works_is_not_reported(command: str) -> None:
    assert ours(worker(command)) == []


def test_a_worker_that_only_sleeps_may_be_a_shell() -> None:
    assert ours(worker("sleep infinity", "        relationships: {}\n")) == []
    assert ours(worker("sleep infinity", "        access:\n          ssh: admin\n")) == []


def test_the_project_decides_what_a_cron_could_do() -> None:
    text = worker("while true; do ./poll; sleep 600; done")
    assert ours(text, Options(cron_minimum_interval=15)) == []
    assert one(worker("while true; do ./poll; sleep 60; done"), Options(cron_minimum_interval=1)).fixes != ()


@pytest.mark.parametrize(
    ("before", "schedule", "after"),
    [
        ("while true; do ./poll; sleep 600; done", "*/10 * * * *", "./poll"),
        ("while true; do ./a && ./b && sleep 420; done", "*/10 * * * *", "./a && ./b"),
        ("until false; do cd web; ./poll > /tmp/log 2>&1; sleep 2h; done", "0 */2 * * *", None),
        ("sleep 1h && ./poll --all", "0 * * * *", "./poll --all"),
        ("./poll; sleep 2d", "H 3 * * *", "./poll"),
    ],
)
def test_a_loop_can_become_a_cron(before: str, schedule: str, after: str | None) -> None:
    (fix,) = one(worker(before)).fixes
    assert not fix.safe
    command = after or "cd web; ./poll > /tmp/log 2>&1"
    assert apply_fix(worker(before), fix) == running(command, schedule).replace('"', "")


def test_the_lines_of_a_loop_become_the_lines_of_a_cron() -> None:
    before = "while true\ndo\n    cd web\n    if ./due; then\n        ./poll\n    fi\n    sleep 1800\ndone\n"
    (fix,) = one(worker(before)).fixes
    assert apply_fix(worker(before), fix) == running("cd web\nif ./due; then\n    ./poll\nfi\n", "*/30 * * * *")


@pytest.mark.parametrize(
    "command",
    [
        "export A=1; while true; do ./poll; sleep 600; done",
        "while true; do sleep 600; ./poll; done",
        "while sleep 600; do ./poll; done",
        "while true; do ./a || continue; sleep 600; done",
        "bash -c 'while true; do ./poll; sleep 600; done'",
    ],
)
def test_a_loop_with_other_commands_has_no_fix(command: str) -> None:
    assert one(worker(command)).fixes == ()
