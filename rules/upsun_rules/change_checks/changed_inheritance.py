"""Rules about changes of an application that some of its workers do not get."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Related, Severity
from upsun_rules.rule import rule
from upsun_schema.configuration.change import Change, is_unchanged
from upsun_schema.configuration.inheritance import entries_in
from upsun_schema.configuration.model import Application, Worker
from upsun_schema.wording import listed
from upsun_schema.yaml.nodes import Pair

TOPIC = "Changes and workers"

_BLOCKS = {"variables": "the variable", "mounts": "the mount", "relationships": "the relationship"}


@rule("change-not-inherited", Severity.INFO, docs="configure-apps/workers#inheritance")
def change_not_inherited(change: Change) -> Iterator[Finding]:
    """A change of an application does not reach all of its workers.

    A worker that sets `variables`, `mounts` or `relationships` itself inherits nothing of that block from its
    application. What is added or changed in the block of the application does not reach such a worker.

    If the worker needs the change, make it in the block of the worker, too. Nothing is reported for workers that have
    the same entry, and nothing if no worker sets the block itself.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
        variables:
          env: {APP_ENV: prod}
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
            variables:
              env: {APP_ENV: prod, QUEUE: high}
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        variables:
          env: {APP_ENV: prod, API_URL: 'https://api.example.com'}
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
            variables:
              env: {APP_ENV: prod, QUEUE: high}
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        variables:
          env: {APP_ENV: prod, API_URL: 'https://api.example.com'}
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
            variables:
              env: {APP_ENV: prod, API_URL: 'https://api.example.com', QUEUE: high}
    ```
    """
    for before, after in (*change.applications.same, *change.applications.renamed):
        for block in _BLOCKS:
            changed = _changed(before, after, block)
            missed = [
                (worker, names) for worker in after.workers.values() if (names := _missed(worker, block, changed))
            ]
            if missed:
                yield _reported(after, block, changed, missed)


def _changed(before: Application, after: Application, block: str) -> dict[str, Pair]:
    """The entries of a block that are new or changed, by name."""
    old, new = (entries_in(block, one.entry(block)) for one in (before, after))
    return {
        name: pair for name, pair in new.items() if name not in old or not is_unchanged(old[name].value, pair.value)
    }


def _missed(worker: Worker, block: str, changed: dict[str, Pair]) -> list[str]:
    """The changed entries that a worker does not have, since it sets the block itself; `{}` is meant."""
    own = entries_in(block, worker.entry(block))
    if not own:
        return []
    return [name for name, pair in changed.items() if name not in own or not is_unchanged(own[name].value, pair.value)]


def _reported(
    application: Application, block: str, changed: dict[str, Pair], missed: list[tuple[Worker, list[str]]]
) -> Finding:
    names = list(dict.fromkeys(name for _, some in missed for name in some))
    what = _BLOCKS[block] if len(names) == 1 else f"the {block}"
    workers = [worker.name for worker, _ in missed]
    others = [name for name in application.workers if name not in workers]
    message = f"the change of {what} {listed(names, limit=2)} does not reach {listed(workers, limit=3)}"
    message += f", which {'sets' if len(workers) == 1 else 'set'} `{block}` separately"
    message += f"; it reaches {listed(others, limit=3)}" if others else ""
    return Finding(changed[names[0]].key.region, message, related=tuple(map(_place, (one for one, _ in missed[:3]))))


def _place(worker: Worker) -> Related:
    return Related(worker.key.region, "this worker does not get the change")
