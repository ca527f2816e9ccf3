"""Rules about workers that do the same or have the same name."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Related, Severity
from upsun_rules.lookups.command_options import option_of
from upsun_rules.lookups.placed_texts import Running
from upsun_rules.lookups.resolved_texts import chain_steps, known_commands
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command
from upsun_schema.configuration.model import Application, Worker
from upsun_schema.configuration.project import Project
from upsun_schema.yaml.nodes import is_same

TOPIC = "What a worker runs"


@rule("scheduler-in-two-workers", Severity.WARNING, docs="configure-apps/workers", keys=("workers",))
def scheduler_in_two_workers(application: Application, project: Project) -> Iterator[Finding]:
    """Two workers of an application start the same scheduler.

    Each of them starts every task when it is due, so every task runs twice. The same happens if a worker with a
    scheduler is scaled to several instances.

    Start the scheduler in one worker only, and do not scale that one. For Celery, leave `-B` out of the other workers
    or give beat its own worker.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        workers:
          mails:
            commands:
              start: celery -A shop worker -Q mails -B -s /tmp/beat
          images:
            commands:
              start: celery -A shop worker -Q images -B -s /tmp/beat
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        workers:
          mails:
            commands:
              start: celery -A shop worker -Q mails -B -s /tmp/beat
          images:
            commands:
              start: celery -A shop worker -Q images
    ```
    """
    first: dict[tuple[object, ...], tuple[Running, Command]] = {}
    for one, command, known in known_commands(application, project, _SCHEDULERS):
        if one.place != "worker" or not command.foreground or not known.sure:
            continue
        what = _app_of(command) if known.row.id.startswith("celery") else None
        key = (_SCHEDULERS[known.row.id], what, command.folder)
        before, earlier = first.setdefault(key, (one, command))
        if before.container is not one.container:
            yield Finding(
                one.text.at(command.bare) if one.text.scalar is not before.text.scalar else one.container.key.region,
                f"worker `{before.container.name}` starts this scheduler as well, so every task runs twice; start"
                " it in one worker only",
                label="started twice",
                related=(*chain_steps(command), Related(before.text.at(earlier.bare), "it is started here, too")),
            )


def _app_of(command: Command) -> str | None:
    word = option_of(command, "-A", "--app")
    return word.text if word is not None else None


_SCHEDULERS = {
    "celery-worker-beat": "beat",
    "celery-beat": "beat",
    "laravel-schedule-work": "schedule:work",
    "clockwork": "clockwork",
    "rq-scheduler": "rq",
    "rake-scheduler": "resque",
    "resque-scheduler": "resque",
    "periodiq": "periodiq",
    "taskiq-scheduler": "taskiq",
    "shopware-scheduled-task": "shopware",
}


@rule("duplicate-workers", Severity.HINT, docs="manage-resources/adjust-resources", keys=("workers",))
def duplicate_workers(application: Application) -> Iterator[Finding]:
    """Two workers of an application are the same.

    Several workers with one command share the work, but each is a definition to maintain and to size. One worker can
    run in several instances instead: `upsun resources:set --count app--queue:2`. The number can then be changed without
    a deployment of new code.

    Keep both if they are to be sized or restarted separately.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue1:
            commands:
              start: php artisan queue:work --max-time=3600
          queue2:
            commands:
              start: php artisan queue:work --max-time=3600
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
    first: dict[str, Worker] = {}
    same: dict[str, list[Worker]] = {}
    for worker in application.workers.values():
        if worker.start is None or not worker.start.text.strip():
            continue
        command = worker.start.text.strip()
        other = first.setdefault(command, worker)
        if other is not worker and is_same(other.node, worker.node):
            same.setdefault(command, []).append(worker)
    for command, workers in same.items():
        other = first[command]
        count = len(workers) + 1
        yield Finding(
            workers[0].key.region,
            f"{'this worker is' if count == 2 else f'{count - 1} workers are'} the same as `{other.name}`: one worker"
            f" with `upsun resources:set --count {other.full_name}:{count}` does the same",
            related=(Related(other.key.region, "the same worker"),),
        )


@rule("ambiguous-worker-name", Severity.HINT, docs="configure-apps/workers")
def ambiguous_worker_name(application: Application, project: Project) -> Iterator[Finding]:
    """Workers of two applications have the same name.

    `upsun ssh --worker queue` finds a worker by its name alone if the name is unique in the project. Otherwise the
    command asks, and in a script it fails with "Ambiguous worker name". The full name, such as `api--queue`, always
    works.

    ```yaml title="wrong"
    applications:
      shop:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
      blog:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=60
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'shop:http'
    ```

    ```yaml title="right"
    applications:
      shop:
        type: 'php:8.4'
        workers:
          orders:
            commands:
              start: php artisan queue:work --max-time=3600
      blog:
        type: 'php:8.4'
        workers:
          comments:
            commands:
              start: php artisan queue:work --max-time=60
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'shop:http'
    ```
    """
    for worker in application.workers.values():
        other = project.first_workers[worker.name]
        if other is not worker:
            yield Finding(
                worker.key.region,
                f"application `{other.application.name}` has a worker `{worker.name}` as well: commands need the"
                f" full name, `{worker.full_name}`",
                related=(Related(other.key.region, f"`{other.full_name}`"),),
            )
