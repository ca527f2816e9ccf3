"""Hooks that restart workers or start consumers."""

from __future__ import annotations

import pytest

from tests.support import said

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
def test_a_hook_does_not_have_to_restart_workers(hook: str, command: str, reported: bool) -> None:
    expected = [(command, "info")] if reported else []
    assert said(HOOK.format(hook, command), "worker-restart-in-hook") == expected


def test_without_workers_a_restart_in_a_hook_is_not_reported() -> None:
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
def test_a_consumer_in_a_hook_is_reported(command: str, reported: bool) -> None:
    for hook in ("build", "deploy", "post_deploy"):
        assert len(said(HOOK.format(hook, command), "consumer-in-hook")) == reported
