"""Rules about what a worker inherits, and what its overrides drop."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from upsun_rules.editing.blocks import (
    column,
    delete,
    has_comment,
    lines_of,
    newline,
)
from upsun_rules.editing.copies import copy_lost
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.command_text import ShellText, script_of
from upsun_rules.lookups.folders import Folders
from upsun_rules.lookups.resolved_texts import resolved
from upsun_rules.lookups.running import only_sleeps
from upsun_rules.lookups.siblings import is_first
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Script
from upsun_schema.configuration.inheritance import INHERITED, Effective
from upsun_schema.configuration.model import Application, Container, Instance, Worker, variable_prefix
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.wording import listed
from upsun_schema.yaml.nodes import Alias, Keys, Mapping, Node, Pair, Scalar, is_same

TOPIC = "What an override does"


def _override(worker: Worker, name: str) -> Effective | None:
    """A property whose block on the worker replaces the application's block and lacks some of its entries.

    An explicit `{}` drops them on purpose.
    """
    if worker.entry(name) is None or not is_first(worker, _PARTS[name]):
        return None
    found = worker.effective.of(name)
    own = found.pair.value.resolved if found.pair is not None else None
    if found.replaced is None or not found.dropped or not isinstance(own, Mapping) or not own.entries:
        return None
    return found


_PARTS: dict[str, Callable[[Worker], Node | None]] = {
    "relationships": lambda worker: worker.value("relationships"),
    "mounts": lambda worker: worker.value("mounts"),
    "variables": lambda worker: worker.value("variables"),
}
"""What several workers may share by an alias, so that it is reported once."""


def _scripts(worker: Worker, project: Project) -> list[Script]:
    """The commands of a worker, with what they run."""
    nodes = (pair.value.resolved for pair in worker.children("commands").values())
    texts = (ShellText(node, script_of(node)) for node in nodes if isinstance(node, Scalar) and not node.is_null)
    return [resolved(text, worker.application, project).script for text in texts]


def _related(found: Effective, application: Application) -> tuple[Related, ...]:
    assert found.replaced is not None
    return (Related(found.replaced.key.region, f"the worker's block replaces this one of `{application.name}`"),)


@rule(
    "override-drops-variables",
    Severity.WARNING,
    docs="configure-apps/workers#customizing-a-worker",
    keys=("variables",),
)
def override_drops_variables(worker: Worker) -> Iterator[Finding]:
    """A worker's `variables` block drops variables of its application.

    A worker's block replaces the application's block as a whole. The two are not merged. A worker that sets one
    variable loses all variables that the application sets in the file, with every prefix, including `php`. Variables of
    the project or the environment are not affected.

    Repeat the variables that the worker needs, or share them with a YAML anchor.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.13'
        variables:
          env:
            LOG_LEVEL: info
            QUEUE: default
        workers:
          queue:
            commands:
              start: python consume.py
            variables:
              env:
                QUEUE: mail
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.13'
        variables:
          env:
            LOG_LEVEL: info
            QUEUE: default
        workers:
          queue:
            commands:
              start: python consume.py
            variables:
              env:
                LOG_LEVEL: info
                QUEUE: mail
    ```
    """
    found = _override(worker, "variables")
    if found is None or found.pair is None:
        return
    yield Finding(
        found.pair.key.region,
        f"worker `{worker.name}` loses {listed(found.dropped, limit=4)}:"
        " its `variables` block replaces the application's",
        related=_related(found, worker.application),
        fixes=copy_lost(found, found.dropped, "Copy the lost variables into the worker"),
    )


@rule("override-drops-relationships", Severity.INFO, docs="configure-apps/workers#inheritance", keys=("relationships",))
def override_drops_relationships(worker: Worker, project: Project) -> Iterator[Finding]:
    """A worker's `relationships` block drops relationships of its application.

    A worker's block replaces the application's block as a whole. The two are not merged. This is useful to keep a
    worker away from a database that it does not need. It is also an easy way to lose a connection by accident.

    This is a warning if the worker's commands use a variable of a lost relationship, and info otherwise. A worker that
    only sleeps is not reported: the documentation recommends such an override to give people a shell with limited
    access. Repeat the relationships that the worker needs.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.13'
        relationships:
          database: 'db:postgresql'
        workers:
          mail:
            commands:
              start: python mail.py --db-host "$DATABASE_HOST" --queue-host "$BROKER_HOST"
            relationships:
              broker: 'queue:rabbitmq'
    services:
      db:
        type: 'postgresql:17'
      queue:
        type: 'rabbitmq:4.3'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.13'
        relationships:
          database: 'db:postgresql'
        workers:
          mail:
            commands:
              start: python mail.py --db-host "$DATABASE_HOST" --queue-host "$BROKER_HOST"
            relationships:
              database: 'db:postgresql'
              broker: 'queue:rabbitmq'
    services:
      db:
        type: 'postgresql:17'
      queue:
        type: 'rabbitmq:4.3'
    ```
    """
    found = _override(worker, "relationships")
    if found is None or found.pair is None:
        return
    used = _used_variables(worker, project)
    prefixes = {prefix for name in used for prefix in _prefixes(name)}
    needed = (
        {name: pair for name, pair in found.dropped.items() if variable_prefix(name) in prefixes} if prefixes else {}
    )
    if not needed and only_sleeps(worker):
        return  # A shell for people, who get the relationships they may use.
    lost = needed or found.dropped
    names = listed(lost, limit=4)
    if needed:
        them = "it" if len(lost) == 1 else "them"
        message = f"worker `{worker.name}` uses variables of {names}, but its `relationships` block drops {them}"
    else:
        message = f"worker `{worker.name}` loses {names}: its `relationships` block replaces the application's"
    yield Finding(
        found.pair.key.region,
        message,
        related=_related(found, worker.application),
        fixes=copy_lost(found, lost, "Copy the lost relationships into the worker"),
        severity=Severity.WARNING if needed else Severity.INFO,
    )


def _used_variables(worker: Worker, project: Project) -> set[str]:
    return {name for script in _scripts(worker, project) for name in script.variables if name not in script.assigned}


def _prefixes(variable: str) -> Iterator[str]:
    """The possible names, in capitals, of the relationship that provides a variable."""
    end = len(variable)
    while (end := variable.rfind("_", 0, end)) > 0:
        rest = variable[end + 1 :]
        if not _CAPITALS.fullmatch(rest) or len(variable) > _LONGEST:
            return
        yield variable[:end]


_CAPITALS = expression("[A-Z_]+")
_LONGEST = 1_000


@rule("override-drops-mounts", Severity.WARNING, docs="configure-apps/workers#mounts", keys=("mounts",))
def override_drops_mounts(worker: Worker, project: Project) -> Iterator[Finding]:
    """A worker's `mounts` block drops a mount that its command uses.

    A worker's block replaces the application's block as a whole. The two are not merged. Outside its mounts, a worker's
    file system is read-only. A command that writes to a folder that only the application mounts fails.

    Repeat the mounts that the worker needs.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.13'
        mounts:
          'var/export':
            source: service
            service: files
        workers:
          export:
            commands:
              start: python export.py --to var/export
            mounts:
              'scratch':
                source: instance
    services:
      files:
        type: 'network-storage:1.0'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.13'
        mounts:
          'var/export':
            source: service
            service: files
        workers:
          export:
            commands:
              start: python export.py --to var/export
            mounts:
              'var/export':
                source: service
                service: files
              'scratch':
                source: instance
    services:
      files:
        type: 'network-storage:1.0'
    ```
    """
    found = _override(worker, "mounts")
    if found is None or found.pair is None:
        return
    folders = Folders(found.dropped)
    used = {name for word in _words(worker, project) for name in folders.holding(word)}
    needed = {name: pair for name, pair in found.dropped.items() if name in used} if used else {}
    if not needed:
        return
    yield Finding(
        found.pair.key.region,
        f"worker `{worker.name}` uses {listed(needed, limit=4)}, but its `mounts` block drops"
        f" {'it' if len(needed) == 1 else 'them'}",
        related=_related(found, worker.application),
        fixes=copy_lost(found, needed, "Copy the lost mounts into the worker"),
    )


def _words(worker: Worker, project: Project) -> Iterator[str]:
    commands = (command for script in _scripts(worker, project) for command in script.commands)
    for command in commands:
        for word in command.words:
            # `--to=var/export` has a path after the equals sign.
            yield word.text.rpartition("=")[2].removeprefix("/app/").removeprefix("./").strip("/")


@rule("redundant-override", Severity.HINT, docs="configure-apps/workers#inheritance", keys=INHERITED)
def redundant_override(worker: Worker) -> Iterator[Finding]:
    """A worker repeats a block of its application without changing it.

    A worker inherits the block anyway, so the copy has no effect. It becomes a problem when someone changes one of the
    two and forgets the other. Remove the copy.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/cache':
            source: instance
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
            mounts:
              'var/cache':
                source: instance
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/cache':
            source: instance
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
    ```
    """
    for name in INHERITED:
        if name not in worker.entries or name not in worker.application.entries:
            continue
        found = worker.effective.of(name)
        if found.replaced is None or found.pair is None or worker.body is None:
            continue
        if not is_same(found.pair.value, found.replaced.value):
            continue
        edits = delete(found.pair, worker.body)
        anchored = "&" in found.pair.region.text
        safe = not has_comment(found.pair)
        yield Finding(
            found.pair.key.region,
            f"`{name}` is the same as the application's block, which the worker inherits anyway; remove it",
            related=(Related(found.replaced.key.region, "inherited from here"),),
            fixes=(Fix(f"Remove `{name}` from the worker", tuple(edits), safe),) if edits and not anchored else (),
        )


_BLOCKS = ("relationships", "mounts", "variables", "workers", "firewall", "access", "commands", "crons", "hooks")
_EMPTY_IS_FINE = frozenset({"relationships", "mounts", "variables", "workers", "crons", "hooks"})
_BELOW = {"firewall": "its `outbound` rules", "access": "`ssh: contributor` or another role"}


@rule("null-block", Severity.ERROR, docs="configure-apps/workers#customizing-a-worker")
def null_block(container: Container) -> Iterator[Finding]:
    """A block has no value, although the platform needs a map.

    `mounts:` with nothing below it is null, not an empty map, and the platform's schema rejects it.

    To say that there are none, write `{}`. On a worker, choose deliberately: `mounts: {}` means no mounts, while no
    `mounts` key at all means those of the application. If the application has such a block, the editor offers both
    fixes, and `--fix` applies neither.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/cache':
            source: instance
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
            mounts:
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/cache':
            source: instance
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
            mounts: {}
    ```
    """
    if container.body is None:
        return
    for pair in container.body.pairs:
        if pair.name not in _BLOCKS or not pair.value.is_null or isinstance(pair.value, Alias):
            continue
        if pair.name == "commands" and isinstance(container, Worker):
            continue  # `missing-start-command` reports it.
        above = container.application.entry(pair.name) if isinstance(container, Instance) else None
        inherits = above is not None and pair.name in INHERITED
        message = f"`{pair.name}` is empty (null), which is not allowed"
        remove = "remove it to inherit" if inherits else "remove it"
        if pair.name in _EMPTY_IS_FINE:
            message += "; write `{}` for none" + (f", or {remove}" if inherits else "")
        elif pair.name in _BELOW:
            message += f"; write {_BELOW[pair.name]} below it, or {remove}"
        related = (Related(above.key.region, "the application's block"),) if above is not None and inherits else ()
        fixes = _filled(pair, container.body, inherits=inherits)
        lacks = (Keys(container.body, (pair.name,)),)
        yield Finding(pair.key.region, message, related=related, fixes=fixes, lacks=lacks)


def _filled(pair: Pair, body: Mapping, *, inherits: bool) -> tuple[Fix, ...]:
    """The fixes for a block without a value: `{}`, and removing it where that means something else.

    Only the author knows which of the two was meant, none or the application's.
    """
    value = pair.value
    fixes = []
    if pair.name in ("relationships", "mounts", "variables") and isinstance(value, Scalar):
        text = "{}" if value.source else " {}"
        fixes.append(Fix(f"Write `{pair.name}: {{}}`", (Edit(value.region, text),), safe=not inherits))
    edits = delete(pair, body) if inherits else None
    if edits:
        fixes.append(Fix(f"Remove `{pair.name}` to inherit the application's", tuple(edits)))
    return tuple(fixes)


_ROLES = {"viewer": 0, "contributor": 1, "admin": 2}


@rule("weak-access-keeps-secrets", Severity.WARNING, docs="configure-apps/image-properties/access", keys=("access",))
def weak_access_keeps_secrets(worker: Worker) -> Iterator[Finding]:
    """A worker lowers the role needed for SSH but keeps all relationships of its application.

    Everyone who can open an SSH session on a container can read its variables. These include the credentials of every
    service that the container has a relationship to. If a worker sets `access.ssh` to `viewer`, every viewer can use
    them, for example to log in to the database.

    A worker with a lower role is a good way to give people a shell. Set `relationships` and `mounts` on it as well,
    with only what these people may use.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'db:mysql'
        workers:
          shell:
            commands:
              start: sleep infinity
            access:
              ssh: viewer
    services:
      db:
        type: 'mariadb:11.8'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'db:mysql'
        workers:
          shell:
            commands:
              start: sleep infinity
            access:
              ssh: viewer
            relationships: {}
            mounts: {}
    services:
      db:
        type: 'mariadb:11.8'
    ```
    """
    own = worker.text("access", "ssh")
    above = worker.application.text("access", "ssh") or "contributor"
    if own not in _ROLES or above not in _ROLES or _ROLES[own] >= _ROLES[above]:
        return
    inherited = worker.application.relationships
    access = worker.entry("access")
    if worker.entry("relationships") is not None or not inherited or access is None:
        return
    block = worker.application.entry("relationships")
    assert block is not None
    yield Finding(
        access.key.region,
        f"every {own} can read the credentials of {listed(inherited, limit=4)} on this worker; set its own"
        " `relationships`",
        related=(Related(block.key.region, "the worker inherits these"),),
        fixes=_cut_off(worker, access),
    )


def _cut_off(worker: Worker, access: Pair) -> tuple[Fix, ...]:
    lines = lines_of(access)
    if worker.body is None or worker.body.flow or lines is None or not lines.text.endswith(("\n", "\r")):
        return ()
    names = [name for name in ("relationships", "mounts") if worker.entry(name) is None]
    text = "".join(f"{' ' * column(access.key)}{name}: {{}}{newline(lines.piece)}" for name in names)
    title = "Give the worker no " + " and no ".join(names)
    return (Fix(title, (Edit(lines._replace(start=lines.end), text),)),)
