"""Rules about frameworks: what a command needs, and what a dependency needs."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import insert_property
from upsun_rules.finding import Finding, Fix, Related, Severity
from upsun_rules.frameworks.framework_table import Framework, frameworks, frameworks_by_command
from upsun_rules.frameworks.packages import MANIFESTS, dependencies
from upsun_rules.lookups.command_text import shown
from upsun_rules.lookups.placed_texts import RUN_KEYS
from upsun_rules.lookups.resolved_texts import chain_steps, files_of, known_commands, resolved_running
from upsun_rules.rule import rule
from upsun_rules.shell.recognition import recognize
from upsun_schema.configuration.model import Application
from upsun_schema.configuration.project import Project
from upsun_schema.wording import listed

TOPIC = "Frameworks"


@rule("command-not-installed", Severity.WARNING, docs="configure-apps/workers#commands", keys=RUN_KEYS)
def command_not_installed(application: Application, project: Project) -> Iterator[Finding]:
    """A command belongs to a package that the application does not have.

    `bundle exec sidekiq` needs the gem `sidekiq`, `php artisan horizon` the package `laravel/horizon`. Without it the
    command fails. The platform restarts a worker that fails, again and again.

    Add the package, or remove the worker or cron job.

    This rule looks at the manifest and the lock file of the application. It is silent without a lock file, and if a
    hook or `dependencies` mentions the package.

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      app:
        type: 'ruby:3.4'
        workers:
          queue:
            commands:
              start: bundle exec sidekiq
    ```

    ```ruby title="wrong: Gemfile"
    gem "rails"
    ```

    ```text title="wrong: Gemfile.lock"
    GEM
      specs:
        rails (8.1.0)
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app:
        type: 'ruby:3.4'
        workers:
          queue:
            commands:
              start: bundle exec sidekiq
    ```

    ```ruby title="right: Gemfile"
    gem "rails"
    gem "sidekiq"
    ```

    ```text title="right: Gemfile.lock"
    GEM
      specs:
        rails (8.1.0)
        sidekiq (8.0.0)
    ```
    """
    table = frameworks_by_command()
    reported: set[int] = set()
    for one, command, known in known_commands(application, project, table):
        if one.is_build or not command.foreground or not known.sure or id(one) in reported:
            continue
        rows = table[known.row.id]
        if rows and not any(_may_be_installed(row, application, project) for row in rows):
            reported.add(id(one))
            packages = listed(rows[0].packages, "or", limit=2)
            yield Finding(
                one.text.at(command.bare),
                f"`{shown(command)}` needs {packages}, which the application does not have",
                label="not installed",
                related=chain_steps(command),
            )


def _may_be_installed(row: Framework, application: Application, project: Project) -> bool:
    found = dependencies(row.ecosystem, files_of(application, project))
    if found is None or not found.locks or any(found.has(package) for package in row.packages):
        return True
    running = resolved_running(application, project)
    texts = [one.text.scalar.text for one in running if one.is_build or one.is_hook]
    texts += [pair.value.region.text for pair in application.children("dependencies").values()]
    return any(package in text for package in row.packages for text in texts)


@rule("dependency-not-run", Severity.HINT, docs="configure-apps/workers")
def dependency_not_run(application: Application, project: Project) -> Iterator[Finding]:
    """An application depends on a job queue, but no worker or cron job runs it.

    Jobs of Sidekiq, Horizon, Celery and others are handled only by a separate process. Without it, jobs are put in
    the queue and stay there.

    Add a worker for it. This rule looks at the manifest of the application. It is silent if a command is not
    recognized, since that may run the jobs.

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
    ```

    ```json title="wrong: composer.json"
    {"require": {"laravel/framework": "^12.0", "laravel/horizon": "^5.0"}}
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php artisan horizon
    ```

    ```json title="right: composer.json"
    {"require": {"laravel/framework": "^12.0", "laravel/horizon": "^5.0"}}
    ```
    """
    files = files_of(application, project)
    known = {ecosystem: dependencies(ecosystem, files) for ecosystem in MANIFESTS} if files.files("") else {}
    for row in frameworks() if known else ():
        found = known[row.ecosystem]
        place = next((found.direct[one] for one in row.packages if one in found.direct), None) if found else None
        if place is None or not row.start or _may_run(row, application, project) or _shares_code(application, project):
            continue
        yield Finding(
            application.key.region,
            f"`{application.name}` depends on {row.label}, but no worker or cron job runs it: `{row.start}`",
            label="nothing runs its jobs",
            related=(Related(place, "the dependency"),),
            fixes=_worker(application, row),
        )
        return


def _shares_code(application: Application, project: Project) -> bool:
    """Whether another application has the same code and may run the jobs."""
    others = (other for other in project.applications.values() if other is not application)
    return any(other.folder == application.folder for other in others)


def _may_run(row: Framework, application: Application, project: Project) -> bool:
    """Whether a command runs a framework, or may do so because it is not recognized."""
    for one in resolved_running(application, project):
        if one.is_build or one.is_hook:
            continue
        for command in one.text.script.commands:
            known = recognize(command)
            is_unknown = known is None and (one.place != "web" or bool(application.workers))
            if is_unknown or (known is not None and known.row.id in row.commands):
                return True
            if known is not None and known.is_a("supervisor", "cron-daemon"):
                return True
    texts = (one.text.scalar.text for one in resolved_running(application, project))
    return any(package.rpartition("/")[2] in text for text in texts for package in row.packages)


def _worker(application: Application, row: Framework) -> tuple[Fix, ...]:
    """The fix that adds a worker, where its command is complete."""
    if application.body is None or "PROJECT" in row.start or application.entry("workers") is not None:
        return ()
    edit = insert_property(application.body, f"workers:\n  queue:\n    commands:\n      start: {row.start}\n")
    return () if edit is None else (Fix(f"Add a worker that runs `{row.start}`", (edit,)),)
