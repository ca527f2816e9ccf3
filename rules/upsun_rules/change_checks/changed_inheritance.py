"""Rules about changes of an application that some of its workers do not get."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Related, Severity
from upsun_rules.rule import rule
from upsun_schema.configuration.change import Change, is_unchanged
from upsun_schema.configuration.inheritance import entries_in
from upsun_schema.configuration.model import Application, Worker
from upsun_schema.record import NamedTuple
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
            changed = list(_changed(change, before, after, block))
            missed = [
                (worker, names) for worker in after.workers.values() if (names := _missed(worker, block, changed))
            ]
            if missed:
                yield _reported(after, block, missed)


class _Entry(NamedTuple):
    """An entry of a block that is new or changed; `old` is what it was, under `old_name`."""

    name: str
    new: Pair
    old_name: str
    old: Pair | None


def _changed(change: Change, before: Application, after: Application, block: str) -> Iterator[_Entry]:
    """Yield the entries of a block that are new or changed."""
    old, new = (entries_in(block, one.entry(block)) for one in (before, after))
    names = _new_names(change, before, after, block)
    for name, pair in new.items():
        old_name = names.get(name, name)
        known = old.get(old_name)
        if known is None or old_name != name or not is_unchanged(known.value, pair.value):
            yield _Entry(name, pair, old_name, known)


def _new_names(change: Change, before: Application, after: Application, block: str) -> dict[str, str]:
    """The old names of the entries of a block that were renamed."""
    if block == "mounts":
        return {new.path: old.path for old, new in change.mounts(before, after).renamed}
    if block == "relationships":
        return {new.name: old.name for old, new in change.relationships(before, after).renamed}
    return {}


def _missed(worker: Worker, block: str, changed: list[_Entry]) -> list[str]:
    """The changed entries that a worker does not get, since it sets the block itself; `{}` is meant.

    What it did not have before, it does not miss.
    """
    own = entries_in(block, worker.entry(block))
    return [one.name for one in changed if _misses(own, one)] if own else []


def _misses(own: dict[str, Pair], one: _Entry) -> bool:
    if one.old is None:
        return one.name not in own
    known = own.get(one.old_name)
    return known is not None and is_unchanged(known.value, one.old.value)


def _reported(application: Application, block: str, missed: list[tuple[Worker, list[str]]]) -> Finding:
    names = list(dict.fromkeys(name for _, some in missed for name in some))
    what = _BLOCKS[block] if len(names) == 1 else f"the {block}"
    workers = [worker.name for worker, _ in missed]
    others = [name for name in application.workers if name not in workers]
    message = f"the change of {what} {listed(names, limit=2)} does not reach {listed(workers, limit=3)}"
    message += f", which {'sets' if len(workers) == 1 else 'set'} `{block}` separately"
    message += f"; it reaches {listed(others, limit=3)}" if others else ""
    return Finding(
        entries_in(block, application.entry(block))[names[0]].key.region,
        message,
        related=tuple(map(_place, (one for one, _ in missed[:3]))),
    )


def _place(worker: Worker) -> Related:
    return Related(worker.key.region, "this worker does not get the change")
