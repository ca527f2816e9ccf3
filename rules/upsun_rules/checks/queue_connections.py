"""Rules about the connections that Laravel's queue workers take their jobs from."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Fix, Related, Severity
from upsun_rules.lookups.command_text import shown
from upsun_rules.lookups.placed_texts import RUN_KEYS, Running
from upsun_rules.lookups.resolved_texts import chain_steps, files_of, known_commands
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command, CommandSpan, Word
from upsun_schema.configuration.model import Application
from upsun_schema.configuration.project import Project
from upsun_schema.wording import listed, nearest
from upsun_schema.yaml.nodes import Region, Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upsun_rules.lookups.laravel_queues import Connections

TOPIC = "Laravel queues"

_WORKERS = ("laravel-queue-work", "laravel-queue-listen")
_NEVER_A_JOB = {"sync": "runs each job at once, where it is dispatched", "null": "throws each job away"}


@rule("unknown-queue-connection", Severity.WARNING, docs="configure-apps/workers#commands", keys=RUN_KEYS)
def unknown_queue_connection(application: Application, project: Project) -> Iterator[Finding]:
    """A Laravel queue worker takes its jobs from a connection that does not exist, or that never has jobs.

    The word after `queue:work` names a connection below `connections` in `config/queue.php`. With another name, the
    worker ends with an error, and the platform restarts it, again and again. The drivers `sync` and `null` keep no
    jobs, so a worker for them does nothing. Queues are not connections: they are named by `--queue`.

    This rule is silent if `config/queue.php` computes its connections. Names of queues are not looked at, since the
    code may use any.

    Source: laravel.com/docs/queues (connections and queues, running the queue worker).

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php artisan queue:work redsi --max-time=3600
    ```

    ```php title="wrong: config/queue.php"
    <?php return ['connections' => ['redis' => ['driver' => 'redis', 'queue' => 'default']]];
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php artisan queue:work redis --max-time=3600
    ```

    ```php title="right: config/queue.php"
    <?php return ['connections' => ['redis' => ['driver' => 'redis', 'queue' => 'default']]];
    ```
    """
    workers = known_commands(application, project, _WORKERS)
    if not workers:
        return
    from upsun_rules.lookups.laravel_queues import ALWAYS_THERE, connection_of, connections

    found = connections(files_of(application, project))
    if found is None:
        return
    first: dict[Scalar, Running] = {}
    for one, command, _ in workers:
        word = connection_of(command)
        if word is None or first.setdefault(one.text.scalar, one) is not one:
            continue
        place, driver = found.drivers.get(word.text, (found.section, ""))
        if driver in _NEVER_A_JOB:
            yield _idle(one, command, word, driver, place)
        elif word.text not in found.drivers and found.is_whole and word.text not in ALWAYS_THERE:
            yield _unknown(one, command, word, found)


def _unknown(one: Running, command: Command, word: Word, found: Connections) -> Finding:
    names = list(found.drivers)
    near = next(iter(nearest(word.text, names)), "")
    hint = f"did you mean `{near}`?" if near else f"there are {listed(names, limit=4)}; queues are named by `--queue`"
    edit = one.text.edit(word.start, word.end, near) if near and command.exact else None
    return Finding(
        one.text.at(CommandSpan(word.start, word.end)),
        f"`{word.text}` is not a queue connection of the application, so `{shown(command)}` fails; {hint}"[:200],
        label="not defined",
        related=(*chain_steps(command), Related(found.section, "the connections")),
        fixes=(Fix(f"Change it to `{near}`", (edit,)),) if edit is not None else (),
    )


def _idle(one: Running, command: Command, word: Word, driver: str, place: Region) -> Finding:
    return Finding(
        one.text.at(CommandSpan(word.start, word.end)),
        f"`{shown(command)}` never gets a job: the driver `{driver}` {_NEVER_A_JOB[driver]}",
        label="never has jobs",
        related=(*chain_steps(command), Related(place, f"the connection `{word.text}`")),
    )
