"""Rules about what hooks do for workers, or mean to."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Severity
from upsun_rules.lookups.command_text import shown
from upsun_rules.lookups.resolved_texts import chain_steps, known_commands
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command
from upsun_rules.shell.recognition import Recognition
from upsun_schema.configuration.model import Application
from upsun_schema.configuration.project import Project

TOPIC = "Hooks and workers"


@rule("worker-restart-in-hook", Severity.INFO, docs="configure-apps/hooks/hooks-comparison", keys=("workers",))
def worker_restart_in_hook(application: Application, project: Project) -> Iterator[Finding]:
    """A hook restarts the workers, which a deployment does anyway.

    Hooks after the build run in the web container. A process manager called there, such as `sv` or `supervisorctl`,
    does not reach the containers of the workers.

    A restart is not necessary either. A deployment stops the workers and starts them with the new code. So commands
    such as `queue:restart` can be removed.

    Only applications with workers are looked at.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        hooks:
          deploy: php artisan queue:restart
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        hooks:
          deploy: php artisan migrate --force
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
    ```
    """
    if not application.workers:
        return
    for one, command, known in known_commands(application, project):
        reason = _restarts_workers(command, known) if one.is_hook and known.is_a("control") else None
        if reason is not None:
            yield Finding(
                one.text.at(command.bare),
                f"{reason}; the deployment restarts the workers anyway",
                label="not needed",
                related=chain_steps(command),
            )


_QUEUE_RESTARTS = frozenset(
    {"queue:restart", "horizon:terminate", "pulse:restart", "schedule:interrupt", "messenger:stop-workers"}
)
_RESTARTS = frozenset({"restart", "start", "reload", "hup", "term", "try-restart", "reload-or-restart"})
# The name of the web process itself, which a hook may well restart.
_WEB_PROCESS = frozenset({"app", "nginx", "php-fpm", "fpm"})


def _restarts_workers(command: Command, known: Recognition) -> str | None:
    """Why a command that is to restart workers is of no use in a hook."""
    words = [word.text for word in command.arguments if not word.text.startswith("-")]
    if known.row.id in ("laravel-restart", "symfony-stop-workers"):
        return f"`{shown(command)}` is not needed here" if words and words[0] in _QUEUE_RESTARTS else None
    if command.program not in ("sv", "supervisorctl", "systemctl") or not words or words[0] not in _RESTARTS:
        return None
    if len(words) < 2 or words[1].removesuffix(".service") in _WEB_PROCESS:
        return None
    return f"`{shown(command)}` reaches only processes of the web container"


@rule("consumer-in-hook", Severity.WARNING, docs="configure-apps/hooks/hooks-comparison", keys=("hooks",))
def consumer_in_hook(application: Application, project: Project) -> Iterator[Finding]:
    """A hook starts a consumer or a scheduler.

    A hook is a step of the deployment, and the deployment waits for it. A command that does not end keeps a `deploy`
    hook, and every request with it, waiting. In the background it runs in the web container, where nothing starts it
    again after it ended or after the container moved.

    Make it a worker. To handle what is left in the queue during a deployment, give the consumer a limit, such as
    `--stop-when-empty` or `--time-limit=60`.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        hooks:
          post_deploy: php artisan queue:work &
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
    ```
    """
    for one, command, known in known_commands(application, project):
        if not (one.is_hook or one.is_build) or command.in_function or not _goes_on(known):
            continue
        name = one.place
        if command.background or known.is_a("daemoniser"):
            what = f"runs outside any worker: nothing restarts it, and the `{name}` hook is done before it is"
        else:
            what = f"does not end, and the deployment waits for the `{name}` hook"
        place = one.text.at(command.bare)
        message = f"`{shown(command)}` {what}; make it a worker"
        yield Finding(place, message, label="make it a worker", related=chain_steps(command))


def _goes_on(known: Recognition) -> bool:
    """Whether a command is surely a consumer or a scheduler without an end."""
    return known.sure and not known.bounded and known.category in ("consumer", "scheduler")
