"""The schedule file of Celery beat."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.worker_texts import workers
from tests.server.command import write
from tests.support import apply_fix, findings, said
from upsun_rules.engine import lint
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project

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
def test_beat_with_a_writable_file_is_not_reported(command: str) -> None:
    assert said(workers(f"'{command}'", rest="    mounts: {run: {source: instance}}\n"), BEAT) == []


def test_beat_with_a_scheduler_in_a_database_needs_no_file(tmp_path: Path) -> None:
    write(tmp_path, workers("celery -A a beat"), ".upsun/config.yaml")
    write(tmp_path, "celery\nDjango-Celery-Beat==2.6\n", "requirements.txt")
    assert [one.rule for one in lint(Project(str(tmp_path)), Options()) if one.rule == BEAT] == []


def test_a_beat_command_that_two_workers_share_is_one_finding() -> None:
    text = workers("&beat celery -A a beat", "*beat")
    assert len(findings(text, BEAT)) == 1
