"""Rules about what workers run: consumers, schedulers, and workers that do the same."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import pairwise

from upsun_rules.finding import Finding, Fix, Related, Severity
from upsun_rules.lookups.app_paths import app_path, with_folders
from upsun_rules.lookups.folders import Folders
from upsun_rules.lookups.placed_texts import Running, running
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command, CommandSpan, Script, Word, parse
from upsun_rules.shell.recognition import Recognition, recognize
from upsun_schema.configuration.model import Application, Container, Instance, Service, Worker
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.wording import listed
from upsun_schema.yaml.nodes import Node, is_same

TOPIC = "What a worker runs"


# -- celery beat -----------------------------------------------------------------------------------------------------


@rule("beat-schedule-file", Severity.WARNING, docs="configure-apps/image-properties/mounts")
def beat_schedule_file(application: Application, project: Project) -> Iterator[Finding]:
    """Celery beat keeps its schedule in a folder that is read-only.

    Beat notes when it last started each task. By default it writes the file `celerybeat-schedule` in the folder it
    runs in. On the platform only mounts and `/tmp` are writable, so beat fails. A worker with `-B` goes on without it,
    and no periodic task ever runs.

    Choose another file with `-s`: in `/tmp`, or in a mount if the last runs have to be known after a restart. Write
    `-s FILE` or `--schedule=FILE`. With `-s=FILE`, the equals sign becomes part of the name.

    A scheduler that uses a database, given with `-S`, needs no file. This rule is silent if there is one, or if the
    requirements of the project name `django-celery-beat` or RedBeat. Other settings in the code can also name the file,
    so this is a warning.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        workers:
          tasks:
            commands:
              start: celery -A shop worker -B
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        workers:
          tasks:
            commands:
              start: celery -A shop worker -B -s /tmp/celerybeat-schedule
    ```
    """
    seen: set[Node] = set()
    writable: dict[Container, Folders] = {}
    for one in running(application):
        if one.place not in ("web", "worker") or one.text.scalar in seen:
            continue
        seen.add(one.text.scalar)
        for command, folder in with_folders(one.text.script):
            known = recognize(command)
            if known is None or not _runs_beat(known):
                continue
            source = one.container.effective.source("mounts") if isinstance(one.container, Instance) else one.container
            if source not in writable:
                writable[source] = Folders(mount.path for mount in source.mounts.values())
            if (found := _unwritable_schedule(one, command, folder, writable[source])) is not None:
                if _keeps_schedule_elsewhere(application, project):
                    return
                yield found


def _runs_beat(known: Recognition) -> bool:
    words = [word.text for word in known.command.arguments]
    detached = known.row.id == "celery-detached" and ("beat" in words or "-B" in words)
    return known.row.id in ("celery-worker-beat", "celery-beat") or detached


_DEFAULT_SCHEDULE = "/tmp/celerybeat-schedule"


def _unwritable_schedule(one: Running, command: Command, folder: str | None, writable: Folders) -> Finding | None:
    """What is wrong with the schedule file of a command that runs beat."""
    if _option(command, "-S", "--scheduler") is not None:
        return None
    workdir = _option(command, "--workdir")
    if workdir is not None:
        folder = app_path(workdir, folder)
    given = _option(command, "-s", "--schedule")
    place = one.text.at(CommandSpan(command.words[0].start, command.end))
    if given is None:
        if folder is None or _is_inside(writable, posixpath.join(folder, "celerybeat-schedule")):
            return None
        added = one.text.edit(command.end, command.end, f" -s {_DEFAULT_SCHEDULE}") if command.exact else None
        return Finding(
            place,
            "beat keeps its schedule in the folder it runs in, which is read-only, so no periodic task runs; add"
            f" `-s {_DEFAULT_SCHEDULE}`",
            label="add `-s` and a writable file",
            fixes=(Fix(f"Add `-s {_DEFAULT_SCHEDULE}`", (added,)),) if added is not None else (),
        )
    path = app_path(given, folder)
    if path is None or not path or _is_inside(writable, path):
        return None
    equals = given.text.startswith("=")
    better = given.text.removeprefix("=") if equals else _DEFAULT_SCHEDULE
    why = "is in a read-only folder"
    if equals:
        why = "has the equals sign in its name and is in a read-only folder"
    changed = one.text.edit(given.start, given.end, f" {better}" if equals else better) if command.exact else None
    return Finding(
        one.text.at(CommandSpan(given.start, given.end)),
        f"the schedule file `{given.text}` {why}, so beat fails and no periodic task runs; write `-s {better}`",
        label="beat cannot write here",
        fixes=(Fix(f"Write `-s {better}`", (changed,)),) if changed is not None else (),
    )


def _option(command: Command, *names: str) -> Word | None:
    """The value of the first of some options that is there: `-s x`, `-sx`, `--schedule x`, `--schedule=x`."""
    words = command.arguments
    for index, word in enumerate(words):
        for name in names:
            if word.text == name and index + 1 < len(words):
                return words[index + 1]
            joined = f"{name}=" if name.startswith("--") else name
            if word.text.startswith(joined) and word.text != name:
                # Quotes in front of the value would shift it.
                offset = len(joined) if word.end - word.start == len(word.text) else 0
                return Word(word.text[len(joined) :], word.literal, word.start + offset, word.end)
    return None


def _is_inside(folders: Folders, path: str) -> bool:
    return next(folders.holding(path), None) is not None


_REQUIREMENTS = ("requirements.txt", "pyproject.toml", "Pipfile", "setup.py")
_OTHER_SCHEDULERS = expression("django[-_]celery[-_]beat|redbeat", re.IGNORECASE)


def _keeps_schedule_elsewhere(application: Application, project: Project) -> bool:
    """Whether the requirements name a scheduler that keeps its schedule in a database."""
    root = (application.text("source", "root") or "").strip("/")
    texts = (project.read(posixpath.join(root, name)) for name in _REQUIREMENTS)
    return any(text is not None and _OTHER_SCHEDULERS.search(text) for text in texts)


# -- consumers -------------------------------------------------------------------------------------------------------


@rule("messenger-receivers", Severity.WARNING, docs="configure-apps/workers#commands")
def messenger_receivers(application: Application) -> Iterator[Finding]:
    """A Symfony Messenger worker names its receivers with commas.

    `messenger:consume` takes the names of the receivers as separate words. `async,failed` is the name of one receiver,
    which does not exist. The command ends with an error, the platform starts it again, and no message is handled.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php bin/console messenger:consume async,failed --time-limit=3600
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php bin/console messenger:consume async failed --time-limit=3600
    ```
    """
    for one in running(application):
        for command in one.text.script.commands:
            known = recognize(command)
            if known is None or known.row.id != "symfony-messenger":
                continue
            for word in _joined_receivers(command):
                apart = " ".join(name for name in word.text.split(",") if name)
                edit = one.text.edit(word.start, word.end, apart) if command.exact else None
                yield Finding(
                    one.text.at(CommandSpan(word.start, word.end)),
                    f"`{word.text}` is the name of one receiver, which does not exist, so the command ends at once;"
                    f" separate receivers with spaces: `{apart}`",
                    label="separate them with spaces",
                    fixes=(Fix(f"Write `{apart}`", (edit,), safe=True),) if edit is not None else (),
                )


_RECEIVERS = expression(r"[\w.-]+(?:,[\w.-]+)+,?")
_WITH_VALUE = frozenset(
    {"--limit", "-l", "--failure-limit", "-f", "--memory-limit", "-m", "--time-limit", "-t", "--sleep", "--bus", "-b"}
    | {"--queues", "--env", "-e", "--exclude-receivers", "--keepalive", "--fetch-size"}
)


def _joined_receivers(command: Command) -> Iterator[Word]:
    for before, word in pairwise(command.words):
        takes_value = before.text in _WITH_VALUE
        if word.literal and not takes_value and not word.text.startswith("-") and _RECEIVERS.fullmatch(word.text):
            yield word


@rule("unbounded-php-consumer", Severity.HINT, docs="configure-apps/workers#commands")
def unbounded_php_consumer(application: Application) -> Iterator[Finding]:
    """A PHP worker consumes messages without any limit.

    PHP code is mostly written for short requests. In a process that runs for days, memory that is not freed adds up,
    and connections to the database become stale. A consumer that ends after some time or some messages avoids both:
    the platform starts it again at once.

    For Laravel use `--max-time` or `--max-jobs`, for Symfony Messenger `--time-limit`, `--limit` or `--memory-limit`.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php bin/console messenger:consume async
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php bin/console messenger:consume async --time-limit=3600
    ```
    """
    seen: set[Node] = set()
    for one in running(application):
        if one.place != "worker" or one.text.scalar in seen:
            continue
        seen.add(one.text.scalar)
        for command in one.text.script.foreground:
            known = recognize(command)
            limit = _LIMITS.get(known.row.id) if known is not None else None
            if known is None or limit is None or known.bounds or known.bounded:
                continue
            added = one.text.edit(command.end, command.end, f" {limit}") if command.exact else None
            yield Finding(
                one.text.at(CommandSpan(command.words[0].start, command.end)),
                f"this consumer has no limit, so memory and stale connections add up; with `{limit}` it starts afresh"
                " every hour",
                fixes=(Fix(f"Add `{limit}`", (added,)),) if added is not None else (),
            )


_LIMITS = {"laravel-queue-work": "--max-time=3600", "symfony-messenger": "--time-limit=3600"}


@rule("jobs-in-ephemeral-service", Severity.INFO, docs="add-services/redis")
def jobs_in_ephemeral_service(project: Project) -> Iterator[Finding]:
    """Jobs wait in a service that may throw them away.

    A `redis` or `valkey` service keeps its data in memory only. When the memory is full, it removes any key it likes,
    waiting jobs included. When its container moves to another host, everything is lost.

    Use `redis-persistent` or `valkey-persistent` for a queue. That is a new service with a new name, because the type
    of a service cannot be changed. If the loss of all jobs after a move is acceptable, at least set
    `configuration.maxmemory_policy` to `noeviction`.

    Only workers that consume a queue are looked at, and only if nothing else they have a relationship to could be the
    queue. Laravel Horizon, Sidekiq and RQ always use Redis.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          queue: 'jobs:redis'
        workers:
          mails:
            commands:
              start: php artisan queue:work redis --max-time=3600
    services:
      jobs:
        type: 'redis:8.0'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          queue: 'jobs:redis'
        workers:
          mails:
            commands:
              start: php artisan queue:work redis --max-time=3600
    services:
      jobs:
        type: 'redis-persistent:8.0'
    ```
    """
    ephemeral = {name: service for name, service in project.services.items() if _is_ephemeral(service)}
    if not ephemeral:
        return
    users: dict[str, list[Worker]] = {}
    targets: dict[Container, _Targets] = {}
    for application in project.applications.values():
        for worker in application.workers.values():
            known = _consumer(worker)
            if known is None:
                continue
            source = worker.effective.source("relationships")
            if source not in targets:
                targets[source] = _targets(source, ephemeral, project)
            queue = _queue_of(worker, known, targets[source])
            if queue is not None:
                users.setdefault(queue, []).append(worker)
    for name, workers in users.items():
        service = ephemeral[name]
        assert service.type is not None
        names = listed((worker.name for worker in workers), limit=3)
        yield Finding(
            service.type.region,
            f"the jobs of {names} wait in `{name}`, which loses them when it is full or moves; `{service.image}-"
            "persistent` keeps them",
            label="keeps jobs in memory only",
            related=tuple(Related(worker.key.region, "takes its jobs from there") for worker in workers[:3]),
        )


_ONLY_REDIS = frozenset({"laravel-horizon", "sidekiq", "rq-worker", "rqworker", "arq", "flask-rq", "resque-work"})
_BROKERS = expression(
    r"(redis|valkey)(-persistent)?|rabbitmq|kafka|mysql|mariadb|oracle-mysql|postgresql|mongodb(-enterprise)?"
)


def _is_ephemeral(service: Service) -> bool:
    policy = service.text("configuration", "maxmemory_policy")
    return service.image in ("redis", "valkey") and policy != "noeviction"


class _Targets(NamedTuple):
    """What a container has relationships to: services that lose data, others that could hold a queue."""

    ephemeral: list[str]
    others: list[str]
    has_persistent: bool


def _targets(container: Container, ephemeral: dict[str, Service], project: Project) -> _Targets:
    services = [project.services[name] for name in sorted(container.targets) if name in project.services]
    others = [service for service in services if service.name not in ephemeral]
    brokers = [service.name for service in others if _BROKERS.fullmatch(service.image or "")]
    persistent = any((service.image or "").startswith(("redis", "valkey")) for service in others)
    return _Targets([one.name for one in services if one.name in ephemeral], brokers, persistent)


def _queue_of(worker: Worker, known: Recognition, targets: _Targets) -> str | None:
    """The ephemeral service that a worker takes its jobs from; None where that is not certain."""
    if len(targets.ephemeral) != 1 or targets.has_persistent:
        return None
    names_redis = any(word.text in ("redis", "valkey") for word in known.command.arguments)
    if known.row.id not in _ONLY_REDIS and not names_redis and (targets.others or _names_another_queue(worker)):
        return None
    return targets.ephemeral[0]


def _consumer(worker: Worker) -> Recognition | None:
    script = parse(worker.start.text) if worker.start is not None else Script()
    found = (recognize(command) for command in script.foreground)
    return next((known for known in found if known is not None and known.sure and known.is_a("consumer")), None)


_QUEUE_SETTINGS = ("QUEUE_CONNECTION", "QUEUE_DRIVER", "MESSENGER_TRANSPORT_DSN", "CELERY_BROKER_URL")


def _names_another_queue(worker: Worker) -> bool:
    """Whether a variable says that the queue is not in Redis."""
    for variable in worker.effective.variables:
        if variable.name.upper() in _QUEUE_SETTINGS and not re.search("redis|valkey", variable.text() or ""):
            return True
    return False


# -- several workers -------------------------------------------------------------------------------------------------


@rule("scheduler-in-two-workers", Severity.WARNING, docs="configure-apps/workers")
def scheduler_in_two_workers(application: Application) -> Iterator[Finding]:
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
    for one in running(application):
        if one.place != "worker":
            continue
        for command, folder in with_folders(one.text.script):
            known = recognize(command) if command.foreground else None
            if known is None or not known.sure or known.row.id not in _SCHEDULERS:
                continue
            what = _app_of(command) if known.row.id.startswith("celery") else None
            key = (_SCHEDULERS[known.row.id], what, folder)
            before, earlier = first.setdefault(key, (one, command))
            if before.container is not one.container:
                yield Finding(
                    one.text.at(CommandSpan(command.words[0].start, command.end))
                    if one.text.scalar is not before.text.scalar
                    else one.container.key.region,
                    f"worker `{before.container.name}` starts this scheduler as well, so every task runs twice; start"
                    " it in one worker only",
                    label="started twice",
                    related=(
                        Related(
                            before.text.at(CommandSpan(earlier.words[0].start, earlier.end)), "it is started here, too"
                        ),
                    ),
                )


def _app_of(command: Command) -> str | None:
    word = _option(command, "-A", "--app")
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


@rule("duplicate-workers", Severity.HINT, docs="manage-resources/adjust-resources")
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
def ambiguous_worker_name(project: Project) -> Iterator[Finding]:
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
    first: dict[str, Worker] = {}
    for application in project.applications.values():
        for worker in application.workers.values():
            other = first.setdefault(worker.name, worker)
            if other is not worker:
                yield Finding(
                    worker.key.region,
                    f"application `{other.application.name}` has a worker `{worker.name}` as well: commands need the"
                    f" full name, `{worker.full_name}`",
                    related=(Related(other.key.region, f"`{other.full_name}`"),),
                )
