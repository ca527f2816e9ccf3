"""Rules about applications and workers that a change renames or removes."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Severity
from upsun_rules.lookups.cli_scripts import scripts_naming
from upsun_rules.lookups.mount_purposes import looks_remade
from upsun_rules.rule import rule
from upsun_schema.configuration.change import Change
from upsun_schema.configuration.model import Application, Container, Worker
from upsun_schema.wording import listed
from upsun_schema.yaml.nodes import Region

TOPIC = "Changes of applications and workers"


@rule("application-renamed", Severity.ERROR, docs="configure-apps/image-properties/mounts")
def application_renamed(change: Change) -> Iterator[Finding]:
    """A change gives an application another name.

    To the platform, an application with another name is another one. The deployment creates it and deletes the old one
    with the files in its `storage` mounts. The new one has default resources: sizes and numbers of instances that were
    set with `upsun resources:set` belong to the old name, and so does the history of its cron jobs.

    Keep the name. If you need another one, add the new application beside the old one, copy the files, set the
    resources, and remove the old one in a later deployment. It is a warning if the application has no `storage` mount,
    since then no files are lost. Scripts that name the application to the command line of the platform are listed.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
        mounts:
          'var/uploads':
            source: storage
    routes:
      'https://{default}/': {type: upstream, upstream: 'app:http'}
    ```

    ```yaml title="wrong"
    applications:
      shop:
        type: 'php:8.4'
        mounts:
          'var/uploads':
            source: storage
    routes:
      'https://{default}/': {type: upstream, upstream: 'shop:http'}
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.5'
        mounts:
          'var/uploads':
            source: storage
    routes:
      'https://{default}/': {type: upstream, upstream: 'app:http'}
    ```
    """
    for old, new in change.applications.renamed:
        stored = _stored(old)
        message = f"the application `{old.name}` is now called `{new.name}`: the deployment creates a new one with "
        message += f"no files in {listed(stored, limit=2)}, and" if stored else "default resources, and"
        message += " deletes the old one" + _in_scripts(change, old.name)
        yield Finding(new.key.region, message, severity=Severity.OF_RULE if stored else Severity.WARNING)


@rule("application-removed", Severity.WARNING, docs="configure-apps/image-properties/mounts")
def application_removed(change: Change) -> Iterator[Finding]:
    """A change removes an application that stores files.

    The deployment deletes the application, and with it the files in its `storage` mounts, also those that other
    applications mount from it.

    Copy what you still need before you deploy. An application without a `storage` mount is not reported: what it needs
    is in the repository.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
      admin:
        type: 'python:3.14'
        mounts:
          'reports':
            source: storage
    routes:
      'https://{default}/': {type: upstream, upstream: 'app:http'}
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
    routes:
      'https://{default}/': {type: upstream, upstream: 'app:http'}
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.5'
      admin:
        type: 'python:3.14'
        web:
          commands:
            start: gunicorn admin.wsgi
        mounts:
          'reports':
            source: storage
    routes:
      'https://{default}/': {type: upstream, upstream: 'app:http'}
    ```
    """
    for old in change.applications.removed:
        if stored := _stored(old):
            message = f"the application `{old.name}` is removed: the deployment deletes its files in"
            message += f" {listed(stored, limit=3)}{_in_scripts(change, old.name)}"
            yield Finding(change.block("applications", change.path_before(old)), message)


@rule("worker-renamed", Severity.WARNING, docs="configure-apps/workers")
def worker_renamed(change: Change) -> Iterator[Finding]:
    """A change gives a worker another name.

    To the platform, a worker with another name is another one. The new one starts with default resources and one
    instance: what was set with `upsun resources:set` for `app--worker` belongs to the old name. Files in `storage`
    mounts that the worker sets are deleted with the old one.

    Keep the name, or set the resources again for the new one right after the deployment. Scripts that name the worker
    to the command line of the platform, as in `upsun ssh --worker=queue`, are listed.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        workers:
          jobs:
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
              start: php artisan queue:work --max-time=1800
    ```
    """
    for before, after in (*change.applications.same, *change.applications.renamed):
        for old, new in change.workers(before, after).renamed:
            stored = _stored(old)
            lost = "resources and instances set for the old name"
            lost += f" and its files in {listed(stored, limit=1)}" if stored else ""
            message = f"the worker `{old.name}` is now called `{new.name}`: the new one starts without the {lost}"
            yield Finding(new.key.region, message + _in_scripts(change, old.name, old.full_name))


@rule("worker-removed", Severity.WARNING, docs="configure-apps/workers")
def worker_removed(change: Change) -> Iterator[Finding]:
    """A change removes a worker that stores files, or that a script still names.

    The files in `storage` mounts that a worker sets belong to it, and the deployment deletes them with the worker. A
    script that opens a shell on the worker, as `upsun ssh --worker=queue` does, fails afterwards.

    Copy the files you still need before you deploy, and change the scripts. A worker without files is only reported if
    a script names it.

    ```yaml title="before"
    applications:
      app:
        type: 'python:3.14'
        workers:
          reports:
            commands:
              start: celery -A app worker
            mounts:
              'reports':
                source: storage
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        workers:
          reports:
            commands:
              start: celery -A app worker --loglevel=info
            mounts:
              'reports':
                source: storage
    ```
    """
    for before, after in change.applications.same:
        for old in change.workers(before, after).removed:
            stored, scripts = _stored(old), _in_scripts(change, old.name, old.full_name)
            if stored or scripts:
                lost = f": the deployment deletes its files in {listed(stored, limit=3)}" if stored else ""
                yield Finding(_block(after), f"the worker `{old.name}` is removed{lost}{scripts}")


# -- containers --------------------------------------------------------------------------------------------------------


def _stored(container: Application | Worker) -> list[str]:
    """The paths of the mounts that a container sets, and whose files are deleted with it."""
    own = (one for one in container.mounts.values() if one.source == "storage" and one.service is None)
    return [mount.path for mount in own if not looks_remade(mount)]


def _in_scripts(change: Change, *names: str) -> str:
    """The end of a message: the scripts that still use one of these names."""
    found = list(dict.fromkeys(path for name in names for path in scripts_naming(change.after, name)))
    return f"; {listed(found, limit=2)} still {'uses' if len(found) == 1 else 'use'} the old name" if found else ""


def _block(application: Container) -> Region:
    block = application.entry("workers")
    return block.key.region if block is not None else application.key.region
