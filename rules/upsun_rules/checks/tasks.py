"""Rules about tasks, and about who may start them."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Edit, Finding, Fix, Severity
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Container, Task, View, items
from upsun_schema.configuration.project import Project
from upsun_schema.keys.shape import kinds_of
from upsun_schema.wording import is_placeholder, listed, nearest, shortened
from upsun_schema.yaml.nodes import BROKEN, Include, Keys, Mapping, Pair, Region, Scalar

TOPIC = "Tasks"


@rule("incomplete-task", Severity.ERROR, docs="configure-apps/tasks")
def incomplete_task(task: Task) -> Iterator[Finding]:
    """A task has no image or no command.

    A task needs a `type`, which is its image, and the command that it runs, in `run.command`. The platform rejects a
    task without them.

    A task with a `base` is made from something else. The platform's own linter, which is not released yet, allows no
    other key beside `base`: this is a warning.

    Tasks are a preview feature.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
    tasks:
      reindex:
        type: 'python:3.14'
        command: python reindex.py
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
    tasks:
      reindex:
        type: 'python:3.14'
        run:
          command: python reindex.py
    ```
    """
    body = task.body
    if body is None or body.merges_unknown:
        return
    if (base := task.entry("base")) is not None:
        others = [name for name in task.entries if name != "base"]
        if others:
            message = f"`base` does not go together with other keys; remove it, or {listed(others, limit=3)}"
            yield Finding(base.key.region, message, severity=Severity.WARNING)
        return
    if task.entry("type") is None:
        message = f"task `{task.name}` has no `type`, so it has no image; write one, as in `type: 'python:3.14'`"
        yield Finding(task.key.region, message, lacks=(Keys(body, ("type",)),))
    yield from _without_command(task, body)


def _without_command(task: Task, body: Mapping) -> Iterator[Finding]:
    run = task.entry("run")
    node = None if run is None else run.value.resolved
    if isinstance(node, Include) or (isinstance(node, Scalar) and (node.tag == BROKEN or not node.is_null)):
        return
    stray = next((pair for name in ("command", "commands", "start") if (pair := task.entry(name)) is not None), None)
    message = f"task `{task.name}` has no command, so it runs nothing; "
    if run is None and stray is not None:
        message += f"`{stray.name}` is not a key of a task, write `run.command`"
        yield Finding(stray.key.region, message)
    elif run is None:
        yield Finding(task.key.region, message + "write `run.command`", lacks=(Keys(body, ("run",)),))
    elif not isinstance(node, Mapping):
        yield Finding(run.key.region, message + "write `command` below `run`")
    elif not node.merges_unknown and (command := node.get("command")) is None:
        yield Finding(run.key.region, message + "write `command` below `run`", lacks=(Keys(node, ("command",)),))
    elif command is not None and _is_empty(command):
        yield Finding(command.key.region, message + "write one")


def _is_empty(command: Pair) -> bool:
    node = command.value.resolved
    return isinstance(node, Scalar) and node.tag != BROKEN and (node.is_null or not node.text.strip())


@rule("task-storage", Severity.WARNING, docs="configure-apps/tasks")
def task_storage(task: Task) -> Iterator[Finding]:
    """A `storage` mount of a task does not name an application.

    A task has no storage. A mount with `source: storage` must name the application whose storage it uses, in
    `service`. The platform's own linter, which is not released yet, reports an error.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
    tasks:
      reindex:
        type: 'python:3.14'
        run:
          command: python reindex.py
        mounts:
          'index':
            source: storage
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
    tasks:
      reindex:
        type: 'python:3.14'
        run:
          command: python reindex.py
        mounts:
          'index':
            source: storage
            service: app
    ```
    """
    for mount in task.mounts.values():
        node = mount.body
        if mount.source == "storage" and node is not None and node.get("service") is None and not node.merges_unknown:
            message = f"a task has no storage: name in `service` the application whose files `{mount.path}` shows"
            yield Finding(mount.key.region, message, lacks=(Keys(node, ("service",)),))


_ACTIONS = {"env": "view", "task": "operate"}


@rule(
    "invalid-authorization",
    Severity.WARNING,
    docs="configure-apps/image-properties/authorizations",
    keys=("authorizations",),
)
def invalid_authorization(container: Container, project: Project) -> Iterator[Finding]:
    """An authorization allows something that does not exist.

    An authorization of type `env` allows the action `view`. One of type `task` allows `operate`, and names a task of
    the project in `resource`. Anything else gives the code no access. The platform's own linter, which is not released
    yet, reports an error.

    A worker inherits the authorizations of its application. If it has its own, they replace them. Authorizations are a
    preview feature.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        authorizations:
          - {type: task, resource: cleanup, action: operate}
    tasks:
      reindex:
        type: 'python:3.14'
        run:
          command: python reindex.py
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        authorizations:
          - {type: task, resource: reindex, action: operate}
    tasks:
      reindex:
        type: 'python:3.14'
        run:
          command: python reindex.py
    ```
    """
    for item in items(container.value("authorizations")):
        if not isinstance(item, Mapping) or item.merges_unknown:
            continue
        one = View("authorization", Pair(item, item))
        kind, action = one.text("type"), one.text("action")
        wanted = _ACTIONS.get(kind or "")
        at = one.entry("action")
        if at is not None and wanted is not None and action in _ACTIONS.values() and action != wanted:
            fixes = (
                (Fix(f"Write `{wanted}`", (Edit(at.value.region, wanted),)),) if at.value is one.at("action") else ()
            )
            message = f"the action of type `{kind}` is `{wanted}`, not `{action}`; this authorization allows nothing"
            yield Finding(at.value.region, message, fixes=fixes)
        elif kind == "task":
            yield from _resource_of(one, item, project)


def _resource_of(one: View, item: Mapping, project: Project) -> Iterator[Finding]:
    """Yield what is wrong with the task that an authorization names."""
    pair = one.entry("resource")
    if pair is None:
        first = item.pairs[0].key.region if item.pairs else item.region
        message = "this authorization names no task; write its name as `resource`"
        yield Finding(first, message, lacks=(Keys(item, ("resource",)),))
        return
    name = one.text("resource")
    if name is None or kinds_of(pair.value) != {"string"} or is_placeholder(name) or name in project.tasks:
        return
    meant = nearest(name, project.tasks)
    message = f"there is no task `{shortened(name)}`"
    message += f"; did you mean {listed(meant, 'or', limit=3)}?" if meant else "; define it below `tasks`"
    region: Region = pair.value.region
    fixes = [Fix(f"Change it to `{other}`", (Edit(region, other),)) for other in meant if region.text == name]
    yield Finding(region, message, fixes=tuple(fixes))
