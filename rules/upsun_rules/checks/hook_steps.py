"""Rules about steps that are in the wrong hook, or that a hook goes on after."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import newline
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.build_steps import build_step
from upsun_rules.lookups.command_text import shown
from upsun_rules.lookups.inside import inside
from upsun_rules.lookups.placed_texts import RUN_KEYS, Running, running
from upsun_rules.lookups.resolved_texts import chain_steps, resolved_running
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command, Script
from upsun_rules.shell.recognition import recognize
from upsun_schema.configuration.model import Application, Instance, Relationship
from upsun_schema.configuration.project import Project

TOPIC = "Steps in hooks"

_DATABASES = ("mariadb", "mysql", "oracle-mysql", "postgresql", "mongodb", "mongodb-enterprise")
_INSTALLERS = ("composer", "node-package-install", "python-install", "ruby-install", "yarn-install")
_TESTS = ("[", "[[", "test")
_MONGO = ("mongodb", "mongodb-enterprise")
_CLIENTS = {
    "mysql": ("mariadb", "mysql", "oracle-mysql"),
    "mariadb": ("mariadb", "mysql", "oracle-mysql"),
    "psql": ("postgresql",),
    "mongosh": _MONGO,
    "mongo": _MONGO,
    "redis-cli": ("redis", "redis-persistent", "valkey", "valkey-persistent"),
}
"""The clients that connect to a service as soon as they start, and the images of such services."""


@rule("service-in-build", Severity.WARNING, docs="configure-apps/hooks/hooks-comparison#build-hook", keys=("hooks",))
def service_in_build(application: Application, project: Project) -> Iterator[Finding]:
    """The `build` hook connects to a service.

    Services are not there during the build. A database migration or a client such as `psql` cannot connect, and the
    build fails.

    Run it in the `deploy` hook, which runs before the new code gets requests. Only applications with a relationship to
    such a service are looked at, because others may use a file as their database. A hook that tests something first is
    not reported.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'db:mysql'
        hooks:
          build: |
            set -e
            php artisan migrate --force
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
        hooks:
          deploy: php artisan migrate --force
    services:
      db:
        type: 'mariadb:11.8'
    ```
    """
    targets = _targets(application, project)
    if not targets:
        return
    for one in resolved_running(application, project):
        if not one.is_build or any(command.program in _TESTS for command in one.text.script.commands):
            continue
        for command in one.text.script.commands:
            relationship = _used_by(command, targets)
            if relationship is not None and not command.in_function and not command.conditional:
                yield Finding(
                    one.text.at(command.bare),
                    f"services are not there during the build, so `{shown(command)}` cannot connect; run it in the"
                    " `deploy` hook",
                    label="no services here",
                    related=(*chain_steps(command), Related(relationship.key.region, "the service it is for")),
                )


def _targets(application: Application, project: Project) -> dict[str, Relationship]:
    """The application's relationships to services, by the image of the service."""
    found: dict[str, Relationship] = {}
    for relationship in application.relationships.values():
        service = project.services.get(relationship.target or "")
        if service is not None and service.image is not None:
            found.setdefault(service.image.removesuffix("-replica"), relationship)
    return found


def _used_by(command: Command, targets: dict[str, Relationship]) -> Relationship | None:
    images = _CLIENTS.get(command.program, ())
    if images and not any(word.text in ("--version", "-V", "--help") for word in command.arguments):
        return next((targets[image] for image in images if image in targets), None)
    known = recognize(command)
    if known is None or not known.sure or known.kind != "migration":
        return None
    return next((targets[image] for image in _DATABASES if image in targets), None)


@rule(
    "build-step-after-build", Severity.WARNING, docs="configure-apps/hooks/hooks-comparison#build-hook", keys=RUN_KEYS
)
def build_step_after_build(application: Application, project: Project) -> Iterator[Finding]:
    """A hook after the build, or a cron job, installs packages or builds assets.

    After the build, the file system is read-only except for mounts and `/tmp`. An installation or an asset build fails,
    or writes files that are gone after the next deployment.

    Do it in the `build` hook. Start commands of workers are reported by `build-step-in-start-command`. An asset build
    is only reported if there are no mounts, because it may write to one of them.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        hooks:
          deploy: npm ci && npm run migrate
        web:
          commands:
            start: node server.js
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        hooks:
          build: npm ci
          deploy: npm run migrate
        web:
          commands:
            start: node server.js
    ```
    """
    if application.type is None:
        return
    for one in resolved_running(application, project):
        if not one.is_hook and one.place != "cron":
            continue
        mounts = _mounts(one)
        step = build_step(one.text.script, mounts)
        if step is not None and (not mounts or _installs(step)):
            yield Finding(
                one.text.at(step.bare),
                f"`{shown(step)}` writes files, but the code is read-only after the build; run it in the `build` hook",
                label="read-only here",
                related=chain_steps(step),
            )


def _installs(step: Command) -> bool:
    """Whether a step installs packages. Only the project itself knows where an asset build writes."""
    known = recognize(step)
    return known is not None and known.row.id in _INSTALLERS


def _mounts(one: Running) -> list[str]:
    container = one.container
    mounts = container.effective.mounts if isinstance(container, Instance) else container.mounts
    return [mount.path for mount in mounts.values()]


@rule("failure-in-build-ignored", Severity.HINT, docs="configure-apps/hooks", keys=("hooks",))
def failure_in_build_ignored(application: Application) -> Iterator[Finding]:
    """The `build` hook goes on after a command fails.

    A hook of several commands fails only if its last command does. If `npm ci` fails in the middle, the rest runs, the
    build counts as successful, and the broken result is deployed.

    Begin the hook with `set -e`: then it ends at the first command that fails, and the deployment is stopped. Or join
    the commands with `&&`.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        hooks:
          build: |
            npm ci
            npm run build
        web:
          commands:
            start: node server.js
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        hooks:
          build: |
            set -e
            npm ci
            npm run build
        web:
          commands:
            start: node server.js
    ```
    """
    for one in running(application):
        if one.is_build and "\n" in one.text.scalar.text.strip() and not _ends_at_failures(one.text.script):
            step = _ignored(one)
            if step is not None:
                yield Finding(
                    one.text.at(step.bare),
                    f"if `{shown(step)}` fails, the build goes on; begin the hook with `set -e`",
                    label="may fail unnoticed",
                    fixes=_with_set_e(one),
                )


def _ends_at_failures(script: Script) -> bool:
    """Whether a script ends, or may end, when a command fails."""
    return any(
        (command.program == "set" and any(_is_errexit(word.text) for word in command.arguments))
        or command.program in ("trap", "exit")
        for command in script.commands
    )


def _is_errexit(option: str) -> bool:
    return option == "errexit" or (option.startswith("-") and "e" in option)


def _ignored(one: Running) -> Command | None:
    """The first build step whose failure nothing sees: it is alone on its line, and another command follows."""
    commands = one.text.script.commands
    for index, command in enumerate(commands[:-1]):
        known = recognize(command)
        if (
            known is None
            or known.kind != "build-step"
            or not known.sure
            or command.conditional
            or command.loop is not None
        ):
            continue
        between = one.text.scalar.text[command.end : commands[index + 1].start]
        if "\n" in between and not between.strip() and command.foreground and not command.in_function:
            return command
    return None


def _with_set_e(one: Running) -> tuple[Fix, ...]:
    scalar = one.text.scalar
    first = len(scalar.text) - len(scalar.text.lstrip("\n"))
    start = inside(scalar, first, first)
    if scalar.style != "|" or start.start == scalar.start:
        return ()
    line = scalar.piece.text.rfind("\n", 0, start.start)
    indent = scalar.piece.text[line + 1 : start.start]
    return (Fix("Begin with `set -e`", (Edit(start, f"set -e{newline(scalar.piece)}{indent}"),)),)
