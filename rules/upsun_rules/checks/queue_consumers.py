"""Rules about workers that consume a queue."""

from __future__ import annotations

import re
from collections.abc import Iterator

from upsun_rules.finding import Finding, Fix, Related, Severity
from upsun_rules.lookups.command_text import script_of
from upsun_rules.lookups.messenger import receivers
from upsun_rules.lookups.placed_texts import RUN_KEYS, Running
from upsun_rules.lookups.resolved_texts import chain_steps, known_commands
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command, CommandSpan, Script, Word
from upsun_rules.shell.recognition import Recognition, recognize
from upsun_schema.configuration.model import Application, Container, Service, Worker
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.wording import listed
from upsun_schema.yaml.nodes import Node

TOPIC = "What a worker runs"


@rule("messenger-receivers", Severity.WARNING, docs="configure-apps/workers#commands", keys=RUN_KEYS)
def messenger_receivers(application: Application, project: Project) -> Iterator[Finding]:
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
    for one, command, _ in known_commands(application, project, ("symfony-messenger",)):
        for word in _joined_receivers(command):
            apart = " ".join(name for name in word.text.split(",") if name)
            edit = one.text.edit(word.start, word.end, apart) if command.exact else None
            yield Finding(
                one.text.at(CommandSpan(word.start, word.end)),
                f"`{word.text}` is the name of one receiver, which does not exist, so the command ends at once;"
                f" separate receivers with spaces: `{apart}`",
                label="separate them with spaces",
                related=chain_steps(command),
                fixes=(Fix(f"Write `{apart}`", (edit,), safe=True),) if edit is not None else (),
            )


_RECEIVERS = expression(r"[\w.-]+(?:,[\w.-]+)+,?")


def _joined_receivers(command: Command) -> Iterator[Word]:
    return (word for word in receivers(command) if _RECEIVERS.fullmatch(word.text))


@rule("unbounded-php-consumer", Severity.HINT, docs="configure-apps/workers#commands", keys=("workers",))
def unbounded_php_consumer(application: Application, project: Project) -> Iterator[Finding]:
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
    first: dict[Node, Running] = {}
    for one, command, known in known_commands(application, project, _LIMITS):
        if one.place != "worker" or first.setdefault(one.text.scalar, one) is not one:
            continue
        if not command.foreground or known.bounds or known.bounded:
            continue
        limit = _LIMITS[known.row.id]
        added = one.text.edit(command.end, command.end, f" {limit}") if command.exact else None
        yield Finding(
            one.text.at(command.bare),
            f"this consumer has no limit, so memory and stale connections add up; with `{limit}` it starts afresh"
            " every hour",
            related=chain_steps(command),
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
    script = script_of(worker.start) if worker.start is not None else Script()
    found = (recognize(command) for command in script.foreground)
    return next((known for known in found if known is not None and known.sure and known.is_a("consumer")), None)


_QUEUE_SETTINGS = ("QUEUE_CONNECTION", "QUEUE_DRIVER", "MESSENGER_TRANSPORT_DSN", "CELERY_BROKER_URL")


def _names_another_queue(worker: Worker) -> bool:
    """Whether a variable says that the queue is not in Redis."""
    for variable in worker.effective.variables:
        if variable.name.upper() in _QUEUE_SETTINGS and not re.search("redis|valkey", variable.text() or ""):
            return True
    return False
