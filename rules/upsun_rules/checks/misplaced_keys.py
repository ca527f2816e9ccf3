"""Rules about properties in the wrong place: on a worker, outside their block, or in a file instead of the Console."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import delete, has_comment, move_into, nest
from upsun_rules.editing.copies import copied
from upsun_rules.finding import Finding, Fix, Related, Severity
from upsun_rules.rule import Rank, rule
from upsun_schema.configuration.model import (
    Application,
    Container,
    Instance,
    Relationship,
    Service,
    Task,
    View,
    Web,
    Worker,
)
from upsun_schema.configuration.project import Project
from upsun_schema.wording import listed
from upsun_schema.yaml.nodes import Keys, Mapping, Pair, Scalar, is_same

TOPIC = "Keys in the wrong place"


@rule("crons-on-worker", Severity.ERROR, docs="configure-apps/workers#workers-vs-cron-jobs", keys=("crons", "cron"))
def crons_on_worker(worker: Worker) -> Iterator[Finding]:
    """Cron jobs are defined on a worker, where they never run.

    Cron jobs run only in the web container of an application. The platform rejects or ignores a `crons` block on a
    worker, and its jobs do not run.

    Define the jobs on the application instead. They run the same code there. If a job needs a mount or a variable that
    only the worker has, add it to the application, too.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
            crons:
              clean:
                spec: '0 3 * * *'
                commands:
                  start: php artisan model:prune
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        crons:
          clean:
            spec: '0 3 * * *'
            commands:
              start: php artisan model:prune
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
    ```
    """
    crons = _entry(worker, "crons")
    if crons is None:
        return
    name = worker.application.name
    yield Finding(
        crons.key.region,
        f"cron jobs never run on a worker; define them on application `{name}`",
        label="never runs here",
        fixes=_move_to_application(crons, worker, "crons"),
    )


def _entry(worker: Worker, name: str) -> Pair | None:
    """An entry of a worker, even if its name is in the singular."""
    single = worker.entry(name.removesuffix("s"))
    meant = single is not None and isinstance(single.value.resolved, Mapping)
    return worker.entry(name) or (single if meant else None)


def _move_to_application(pair: Pair, worker: Worker, section: str) -> tuple[Fix, ...]:
    """The fix that moves a worker's block to its application, if no name in it is taken there."""
    application = worker.application.body
    entries = pair.value.resolved
    if worker.body is None or application is None or not isinstance(entries, Mapping):
        return ()
    if entries.entries.keys() & worker.application.children(section).keys() or worker.body.anchor:
        return ()
    edits = move_into(pair, worker.body, application, section, before=worker.application.entry("workers"))
    title = f"Move them to application `{worker.application.name}`"
    return () if edits is None else (Fix(title, tuple(edits), safe=True),)


@rule("hooks-on-worker", Severity.ERROR, docs="configure-apps/workers#commands", keys=("hooks", "hook"))
def hooks_on_worker(worker: Worker) -> Iterator[Finding]:
    """A worker defines hooks, which never run there.

    The `build` hook runs once for an application, and its workers get the result. The `deploy` and `post_deploy` hooks
    run in the web container only. The platform rejects or ignores a `hooks` block on a worker.

    Define hooks on the application. Put work that is needed every time the worker starts at the beginning of
    `commands.start`, or in `commands.pre_start`. The platform's schema accepts `pre_start` on a worker, although the
    documentation does not mention it there.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.13'
        workers:
          queue:
            hooks:
              deploy: python manage.py migrate --noinput
            commands:
              start: celery -A project worker
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.13'
        hooks:
          deploy: python manage.py migrate --noinput
        workers:
          queue:
            commands:
              start: celery -A project worker
    ```
    """
    hooks = _entry(worker, "hooks")
    if hooks is None:
        return
    name = worker.application.name
    fixes = tuple(Fix(fix.title, fix.edits) for fix in _move_to_application(hooks, worker, "hooks"))
    yield Finding(
        hooks.key.region,
        f"hooks never run on a worker; move them to application `{name}`, or use `commands.pre_start` for work at"
        " each start",
        label="never runs here",
        fixes=fixes,
    )


_APP_ONLY = {
    "type": "it always uses the image of its application",
    "stack": "it always uses the image of its application",
    "build": "it runs what its application built",
    "dependencies": "it has the dependencies of its application",
    "source": "it runs the code of its application",
    "runtime": "it has the runtime of its application",
    "web": "nothing can connect to it",
    "operations": "operations belong to the application",
    "preflight": "preflight checks belong to the application",
    "name": "the key is the name",
    "timezone": "it applies to cron jobs only, and they never run on a worker",
}


@rule("app-only-key-on-worker", Severity.ERROR, docs="configure-apps/image-properties/workers", keys=tuple(_APP_ONLY))
def app_only_key_on_worker(worker: Worker) -> Iterator[Finding]:
    """A worker sets a property that only its application can set.

    A worker runs the code, the image and the build result of its application. It can override only `relationships`,
    `mounts`, `variables`, `access`, `firewall`, `additional_hosts`, `authorizations` and `container_profile`, and set
    its own `commands`. The platform rejects or ignores everything else.

    If a worker needs another runtime, make it a worker of another application. `timezone` is accepted on a worker but
    has no effect: it applies to cron jobs, and these never run on a worker.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        workers:
          queue:
            type: 'python:3.13'
            commands:
              start: python consume.py
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'app:http'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        web:
          commands:
            start: node server.js
      consumer:
        type: 'python:3.13'
        workers:
          queue:
            commands:
              start: python consume.py
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'app:http'
    ```
    """
    if worker.body is None:
        return
    for key, reason in _APP_ONLY.items():
        pair = worker.body.get(key)
        if pair is None:
            continue
        above = worker.application.entry(key)
        same = above is not None and is_same(pair.value, above.value)
        edits = delete(pair, worker.body)
        title = f"Remove `{key}`" + (", which the application sets to the same value" if same else "")
        related = (Related(above.key.region, f"the application's `{key}`"),) if above is not None else ()
        yield Finding(
            pair.key.region,
            f"`timezone` has no effect on a worker: {reason}"
            if key == "timezone"
            else f"a worker cannot set `{key}`: {reason}",
            related=related,
            fixes=(Fix(title, tuple(edits), safe=same and not _is_remarked(pair)),) if edits else (),
            severity=Severity.WARNING if key == "timezone" else Severity.ERROR,
        )


def _is_remarked(pair: Pair) -> bool:
    """Whether a block contains comments, which would be removed with it."""
    return isinstance(pair.value.resolved, Mapping) and has_comment(pair)


_FIXED_ONLY = ("size", "resources", "disk")


@rule("fixed-only-key", Severity.WARNING, docs="manage-resources/adjust-resources", keys=_FIXED_ONLY)
def fixed_only_key(container: Container) -> Iterator[Finding]:
    """The file sets the size of a container, which works on Upsun Fixed only.

    On Upsun Flex, CPU, memory and disk are not in the file. You set them for each environment, with
    `upsun resources:set` or in the Console.

    The platform's schema rejects `disk` everywhere and `size` on an application. It still allows `size` and `resources`
    on a worker, but they have no documented effect on Flex, and the official converter removes them.

    A worker has no disk size to set: the command line sizes the disk for the application. This is about size only. A
    worker's `storage` mounts hold their own files; see `storage-not-shared-with-worker`.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            size: S
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
    if container.body is None:
        return
    for key in _FIXED_ONLY:
        pair = container.body.get(key)
        if pair is None:
            continue
        edits = delete(pair, container.body)
        option = "disk" if key == "disk" else "size"
        rejected = key == "disk" or (key == "size" and isinstance(container, Application))
        # The official command line sizes no disk for a worker: it uses the disk of its application.
        owner = container.application if key == "disk" and isinstance(container, Worker) else container
        command = f"upsun resources:set --{option} {_deployed_name(owner)}:…"
        yield Finding(
            pair.key.region,
            f"`{key}` {'is not allowed' if rejected else 'has no effect'} on Upsun Flex; use `{command}`",
            fixes=(Fix(f"Remove `{key}`", tuple(edits), safe=not _is_remarked(pair)),) if edits else (),
            severity=Severity.ERROR if rejected else Severity.WARNING,
        )


def _deployed_name(container: Container) -> str:
    """The name of a container in the platform's command line."""
    if isinstance(container, Worker):
        return container.full_name
    return container.application.name if isinstance(container, Web) else container.name


_SCALING = ("instances", "instance_count", "count", "replicas", "scale")
_SIZING = ("memory", "cpu", "cpus", "ram")


@rule("scaling-in-yaml", Severity.ERROR, docs="manage-resources/adjust-resources", keys=(*_SCALING, *_SIZING))
def scaling_in_yaml(container: Container) -> Iterator[Finding]:
    """The file sets a number of instances, CPU or memory, which the platform does not read from it.

    You set these for each environment, with `upsun resources:set` or in the Console: `--count` for the number of
    instances of an application or worker, `--size` for their CPU and memory. The platform rejects or ignores keys such
    as `replicas`, `memory` or `cpu`, which other platforms use.

    ```yaml title="wrong"
    applications:
      app:
        type: 'ruby:3.4'
        workers:
          queue:
            commands:
              start: bundle exec sidekiq
            replicas: 3
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'ruby:3.4'
        workers:
          queue:
            commands:
              start: bundle exec sidekiq
    ```
    """
    if container.body is None:
        return
    for key in (*_SCALING, *_SIZING):
        pair = container.body.get(key)
        if pair is None or (key in _SIZING and _is_like_relationship(pair)):
            continue
        node = pair.value.resolved
        if key in _SIZING:
            what, option = "CPU and memory are", f"--size {_deployed_name(container)}:…"
        else:
            count = node.text if isinstance(node, Scalar) and node.text.isdigit() else "N"
            what, option = "the number of instances is", f"--count {_deployed_name(container)}:{count}"
        edits = delete(pair, container.body)
        yield Finding(
            pair.key.region,
            f"{what} not set in this file; run `upsun resources:set {option}`",
            fixes=(Fix(f"Remove `{key}`", tuple(edits)),) if edits else (),
        )


def _is_like_relationship(pair: Pair) -> bool:
    """Whether a value has one of the forms of a relationship, for example to a service called `memory`."""
    node = pair.value.resolved
    if isinstance(node, Mapping):
        return node.entries.keys() <= {"service", "endpoint"}
    return isinstance(node, Scalar) and (node.is_null or node.text.count(":") == 1)


@rule(
    "relationship-outside-block",
    Severity.ERROR,
    docs="configure-apps/image-properties/relationships",
    rank=Rank.PLACE,
)
def relationship_outside_block(container: Container, project: Project) -> Iterator[Finding]:
    """A relationship is defined outside the `relationships` block.

    The name of a service directly below a worker or an application is an unknown key. The container gets no connection
    and no variables such as `$MYSQL_HOST`.

    Move it below `relationships:`. On a worker, this block replaces the application's block. If the worker needs the
    inherited relationships as well, repeat them there. If it needs nothing else, remove the line: a worker without the
    block inherits all relationships.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.13'
        workers:
          queue:
            commands:
              start: python queue-worker.py
            mysql:
    services:
      mysql:
        type: 'mariadb:11.8'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.13'
        workers:
          queue:
            commands:
              start: python queue-worker.py
            relationships:
              mysql:
    services:
      mysql:
        type: 'mariadb:11.8'
    ```
    """
    body = container.body
    if body is None:
        return
    known = container.shape.properties
    stray = [
        pair
        for pair in body.effective_pairs
        if pair.name not in known and _is_stray_relationship(pair, container, project)
    ]
    if not stray:
        return
    there = _effective_relationships(container)
    idle = [pair for pair in stray if _is_there(pair, there, project)]
    lost = [pair for pair in stray if pair not in idle]
    for pair in idle:
        yield _idle_relationship(pair, there[pair.name or ""], container)
    if not lost:
        return
    # One fix moves them all; offered at each, it is made once.
    fixes = _nested(lost, idle, container)
    for pair in lost:
        defined = project.services.get(pair.name or "") or project.applications.get(pair.name or "")
        related = [Related(defined.key.region, f"{_kind(defined)} `{pair.name}` is defined here")] if defined else []
        related += _replaced_block(container)
        yield Finding(
            pair.key.region,
            f"`{pair.name}` is outside `relationships`, so {_called(container)} cannot connect to it",
            label="move this below `relationships:`",
            related=tuple(related),
            fixes=fixes,
            explains=(pair.region,),
            gives=(Keys(body, ("relationships",)),),
        )


def _effective_relationships(container: Container) -> dict[str, Relationship]:
    """The relationships of a container, including inherited ones."""
    return container.effective.relationships if isinstance(container, Instance) else container.relationships


def _is_there(pair: Pair, there: dict[str, Relationship], project: Project) -> bool:
    """Whether the container already has the relationship that a stray entry asks for."""
    name = pair.name or ""
    known, asked = there.get(name), Relationship(name, pair)
    if known is None or asked.target is None:
        return False
    if known.target == asked.target:
        return asked.endpoint in (None, known.endpoint)
    # An entry that is only the name of a relationship, and not of a service, means that relationship.
    return asked.node.is_null and not project.named(name)


def _idle_relationship(pair: Pair, known: Relationship, container: Container) -> Finding:
    """Report a stray entry for a relationship that the container already has."""
    inherited = isinstance(container, Instance) and container.entry("relationships") is None
    body = container.body
    edits = delete(pair, body) if body is not None and pair in body.pairs and not body.anchor else None
    says_as_much = pair.value.is_null or is_same(pair.value, known.pair.value)
    safe = says_as_much and pair.value.anchor is None and not has_comment(pair)
    how = "from its application" if inherited else "in its `relationships`"
    return Finding(
        pair.key.region,
        f"`{pair.name}` has no effect here: {_called(container)} already has this relationship {how}; remove the line",
        label="no effect here",
        related=(Related(known.key.region, "inherited from here" if inherited else "this counts"),),
        fixes=(Fix(f"Remove `{pair.name}`", tuple(edits), safe),) if edits else (),
        explains=(pair.region,),
    )


def _nested(lost: list[Pair], idle: list[Pair], container: Container) -> tuple[Fix, ...]:
    """The fix that moves stray entries below `relationships`.

    A new block on a worker replaces the application's block, so the fix copies everything the worker inherits into it.
    """
    body = container.body
    if body is None or body.anchor or container.children("relationships").keys() & {pair.name for pair in lost}:
        return ()
    title, safe, beside = "Move it below `relationships:`", True, ""
    if isinstance(container, Instance) and container.entry("relationships") is None:
        names = {pair.name for pair in lost}
        inherited = [one for name, one in container.application.relationships.items() if name not in names]
        copies = [copied(one.pair) for one in inherited]
        if inherited and None in copies:
            safe = False
            title += f", without {listed((one.name for one in inherited), limit=4)}"
        elif inherited:
            beside = "".join(copy for copy in copies if copy is not None)
            title += " and copy the inherited ones there"
    edits = nest(lost, body, "relationships", beside=beside)
    for pair in idle:
        removed = delete(pair, body) if pair.value.is_null and not has_comment(pair) else None
        edits = [*edits, *removed] if edits is not None and removed is not None else edits
    return (Fix(title, tuple(edits), safe),) if edits else ()


def _replaced_block(container: Container) -> list[Related]:
    if not isinstance(container, Instance) or container.entry("relationships") is not None:
        return []
    above = container.application.entry("relationships")
    if above is None:
        return []
    return [Related(above.key.region, f"{_called(container)} inherits these; its own block would replace them all")]


def _is_stray_relationship(pair: Pair, container: Container, project: Project) -> bool:
    name = pair.name
    if name is None or pair.is_merge:
        return False
    above = container.application.relationships if isinstance(container, Worker | Web) else {}
    if name not in project.services and name not in project.applications and name not in above:
        return False
    return container.shape.property(name) is None and _is_like_relationship(pair)


def _kind(view: View) -> str:
    return "service" if isinstance(view, Service) else "task" if isinstance(view, Task) else "application"


def _called(container: Container) -> str:
    if isinstance(container, Worker):
        return f"worker `{container.name}`"
    return "the web process" if isinstance(container, Web) else f"{_kind(container)} `{container.name}`"
