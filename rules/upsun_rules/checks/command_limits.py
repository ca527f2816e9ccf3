"""Rules about commands that cannot do their work where they run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from upsun_rules.finding import Finding, Severity
from upsun_rules.lookups.command_text import script_of, shown
from upsun_rules.lookups.inside import inside
from upsun_rules.lookups.shell_sources import SHELL_KEYS, ShellSource, shell_sources
from upsun_rules.lookups.written_paths import WrittenPath, written_paths
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command, CommandSpan, Script, VariableUse
from upsun_rules.shell.recognition import recognize
from upsun_rules.shell.words import program_of
from upsun_schema.configuration.model import Application, Instance, Mount, Worker
from upsun_schema.configuration.platform_variables import PLATFORM_VARIABLES
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.yaml.nodes import Keys, Mapping, Region

TOPIC = "What a command can do"


def _at(source: ShellSource, span: CommandSpan | VariableUse) -> Region:
    return inside(source.scalar, span.start, span.end)


def _whole(command: Command) -> CommandSpan:
    return command.bare


# -- the build -------------------------------------------------------------------------------------------------------

_OF_SERVICES = frozenset(
    {
        *("CLUSTER", "DIALECT", "FRAGMENT", "HOST", "HOSTNAME", "HOST_MAPPED", "IP", "PASSWORD", "PATH", "PORT"),
        *("PUBLIC", "QUERY", "SCHEME", "SERVER", "SERVICE", "TYPE", "URL", "USERNAME"),
    }
)


@rule("not-there-in-build", Severity.WARNING, docs="configure-apps/hooks/hooks-comparison#build-hook", keys=("hooks",))
def not_there_in_build(application: Application) -> Iterator[Finding]:
    """The `build` hook uses a variable that is only set at run time.

    A build knows nothing of the environment it is for, since its result may be used by several. Services are not there,
    and so the variables of relationships are empty, as are `PLATFORM_RELATIONSHIPS`, `PLATFORM_ROUTES`,
    `PLATFORM_BRANCH` and `PLATFORM_ENVIRONMENT`. The build fails, or an empty address becomes part of its result.

    Do this in the `deploy` hook or in the start command. A variable with a default (`${PLATFORM_BRANCH:-main}`) and a
    check whether one is set (`[ -n "$PLATFORM_BRANCH" ]`) are not reported.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        relationships:
          cache: 'memory:redis'
        hooks:
          build: npm ci && REDIS_URL=$CACHE_URL npm run warm-up
    services:
      memory:
        type: 'redis:8.0'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        relationships:
          cache: 'memory:redis'
        hooks:
          build: npm ci
          deploy: REDIS_URL=$CACHE_URL npm run warm-up
    services:
      memory:
        type: 'redis:8.0'
    ```
    """
    for source in shell_sources(application):
        if source.stage != "build" or "$" not in source.scalar.text:
            continue
        script = script_of(source.scalar)
        for name, span in script.variables.items():
            if (
                name in script.assigned
                or name in application.variable_names
                or span.has_default
                or _is_checked(script, source.scalar.text, span)
            ):
                continue
            relationship = _relationship_of(application, name)
            if relationship is not None:
                why = (
                    f"services are not there during the build, so relationship `{relationship}` gives no `${name}` here"
                )
                yield Finding(_at(source, span), f"{why}; use it in the `deploy` hook", label="empty in the build")
            elif name.startswith("PLATFORM_") and (known := PLATFORM_VARIABLES.get(name)) and not known.in_build:
                why = f"`${name}` is only set at run time and is empty during the build"
                yield Finding(_at(source, span), f"{why}; use it in the `deploy` hook", label="empty in the build")


def _relationship_of(application: Application, variable: str) -> str | None:
    for name, relationship in application.relationships.items():
        prefix = f"{relationship.prefix}_"
        if variable.startswith(prefix) and variable[len(prefix) :] in _OF_SERVICES:
            return name
    return None


def _is_checked(script: Script, text: str, span: VariableUse) -> bool:
    """Whether a script checks whether a variable has a value."""
    for command in script.commands:
        if command.start <= span.start < command.end and command.program in ("[", "[[", "test"):
            return text[command.start : span.start].rstrip(" \"'").endswith(("-n", "-z"))
    return False


# -- rights ----------------------------------------------------------------------------------------------------------

# A fast look, which begins with a letter: a search for the beginning of a word takes ten times as long.
_ROOT = expression(r"(?:apt|aptitude|dpkg|yum|dnf|apk|sudo|su|systemctl|corepack|update-rc\.d|useradd|adduser)\b")
_CHANGES = frozenset({"install", "update", "upgrade", "remove", "purge", "add", "del", "dist-upgrade", "full-upgrade"})
_PACKAGE_MANAGERS = frozenset({"apt", "apt-get", "aptitude", "yum", "dnf", "apk"})
_COMPOSABLE = "a composable image installs packages, listed in its `stack`"


@rule("needs-root", Severity.WARNING, docs="configure-apps/app-reference/composable-image", keys=SHELL_KEYS)
def needs_root(application: Application) -> Iterator[Finding]:
    """A command needs to be root, which no command on the platform is.

    Hooks, start commands and cron jobs run as a user without special rights. System folders are read-only. `apt-get`,
    `dpkg`, `sudo`, `su` and `systemctl` fail. `corepack enable` fails as well, since it writes next to `node`.

    A composable image can have packages of the system: list them in its `stack`. Package managers of languages
    (`composer`, `npm`, `pip`, `gem`) work in the `build` hook, and `dependencies` installs global tools.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        hooks:
          build: |
            apt-get install -y jpegoptim
            composer install
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'composable:26.05'
        stack:
          runtimes: ['php@8.4']
          packages: [jpegoptim]
        hooks:
          build: composer install
    ```
    """
    for source in shell_sources(application):
        if not _ROOT.search(source.scalar.text):
            continue
        for command in script_of(source.scalar).commands:
            remedy = _needs_root(command, source)
            if remedy is not None:
                what = "sudo" if "sudo" in command.prefixes else shown(command)
                place = CommandSpan(command.start, command.end)
                yield Finding(
                    _at(source, place), f"`{what}` needs root, which nothing has here; {remedy}", label="fails"
                )


def _needs_root(command: Command, source: ShellSource) -> str | None:
    """What to do about a command that needs root; None for all others."""
    operands = [word.text for word in command.arguments if not word.text.startswith("-")]
    options = {word.text for word in command.arguments if word.text.startswith("-")}
    first = operands[0] if operands else ""
    program = command.program
    if program in _PACKAGE_MANAGERS:
        return _COMPOSABLE if first in _CHANGES else None
    if "sudo" in command.prefixes or (program in ("sudo", "su") and command.arguments):
        return "leave it out"
    if program == "dpkg":
        return _COMPOSABLE if options & {"-i", "--install"} else None
    if program == "systemctl" and "--user" not in options and first not in ("status", ""):
        is_reported = (
            source.stage == "worker" and (known := recognize(command)) is not None and known.is_a("daemoniser")
        )
        return None if is_reported else "what has to keep running is a worker"
    if (
        program == "corepack"
        and first == "enable"
        and not any(one.startswith("--install-directory") for one in options)
    ):
        return "call `corepack yarn` or `corepack pnpm`, or list the tool in `dependencies`"
    if program in ("useradd", "adduser", "update-rc.d"):
        return "leave it out"
    return None


# -- files -----------------------------------------------------------------------------------------------------------

_WRITES = expression(
    r">(?!\s*(?:&|/dev/|/tmp/))|mkdir\b|touch\b|tee\b|cp\b|mv\b|ln\b|install\b|chmod\b|chown\b|chgrp\b|artisan\b"
)
_NAMES_CACHE = expression(r"APP_\w+_CACHE")
"""The variables that tell Laravel where its caches are."""


@rule("read-only-after-build", Severity.WARNING, docs="configure-apps/image-properties/mounts", keys=SHELL_KEYS)
def read_only_after_build(application: Application, project: Project) -> Iterator[Finding]:
    """A command writes to a folder that is read-only when it runs.

    After the build, the application's folder is read-only. Only its mounts and `/tmp` can be written to. A redirection
    (`>`) to another place stops the command before it starts, and `mkdir`, `touch`, `cp`, `ln` or `chmod` fail. Laravel
    writes its caches to `bootstrap/cache`, which needs a mount for `artisan config:cache` and `artisan optimize`.

    Do it in the `build` hook if it does not depend on the environment. Otherwise write below a mount, or to `/tmp`. A
    worker that sets `mounts` has only those.

    Nothing is reported where the path depends on a variable, where a mount lies in it, or where the project has a
    symbolic link there.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        mounts:
          cache:
            source: tmp
        workers:
          stats:
            commands:
              start: node stats.js --follow > public/stats.html
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        mounts:
          cache:
            source: tmp
        workers:
          stats:
            commands:
              start: node stats.js --follow > cache/stats.html
    ```
    """
    for source in shell_sources(application):
        if not source.is_after_build or not _WRITES.search(source.scalar.text):
            continue
        mounts = _mounts(application, source)
        if mounts is None:
            continue
        for written in written_paths(script_of(source.scalar)):
            if _is_covered(written.path, mounts) or _may_lead_away(written, application, project):
                continue
            if not written.in_build and any(map(_NAMES_CACHE.fullmatch, application.variable_names)):
                continue
            yield _read_only(source, written, application)


def _with_mount(application: Application, path: str) -> Instance | None:
    """The first container of an application whose own mounts cover a path."""
    for instance in application.instances:
        if any(mount.path and f"{path}/".startswith(f"{mount.path}/") for mount in instance.mounts.values()):
            return instance
    return None


def _read_only(source: ShellSource, written: WrittenPath, application: Application) -> Finding:
    holder = _with_mount(application, written.path)
    where = "the application's folder" if written.path == "." else _quoted(written.path)
    is_for_build = written.in_build and source.stage in ("deploy", "post_deploy")
    remedy = "do it in the `build` hook, or add a mount" if is_for_build else "add a mount"
    if holder is not None:
        whose = f"worker `{holder.name}`" if isinstance(holder, Worker) else "the web process"
        remedy = f"only {whose} has a mount there"
    message = f"{where} is read-only after the build and no mount covers it, so `{written.what}` fails; {remedy}"
    blocks = [application.value("mounts"), source.worker.value("mounts") if source.worker is not None else None]
    lacks = [Keys(node) for node in blocks if isinstance(node, Mapping)]
    if isinstance(application.node, Mapping):
        lacks.append(Keys(application.node, ("mounts",)))
    return Finding(_at(source, written.span), message, label="read-only here", lacks=tuple(lacks))


def _quoted(path: str) -> str:
    return "`" + path.replace("`", "'") + "`"


def _mounts(application: Application, source: ShellSource) -> list[str] | None:
    """The paths of the mounts where a text runs; None where they cannot be known."""
    instance = source.worker or application.web
    node = (instance.value("mounts") if instance is not None else None) or application.value("mounts")
    if node is not None and not node.is_null and not (isinstance(node, Mapping) and not node.merges_unknown):
        return None
    found: dict[str, Mount] = instance.effective.mounts if instance is not None else application.mounts
    return [mount.path for mount in found.values()]


def _is_covered(path: str, mounts: list[str]) -> bool:
    """Whether a path is in a mount, or a mount is in it."""
    if path == ".":
        return bool(mounts)
    return any(f"{path}/".startswith(f"{mount}/") or f"{mount}/".startswith(f"{path}/") for mount in mounts)


def _may_lead_away(written: WrittenPath, application: Application, project: Project) -> bool:
    """Whether a path may be a link to where one can write, or is there already where that is all that is asked for."""
    build = application.hooks.get("build")
    parts = written.path.split("/")
    if build is not None and (written.if_missing or re.search(r"\bln\b", build.text)) and parts[0] in build.text:
        return True
    top = os.path.join(project.root, *application.folder.split("/"))
    try:
        if any(os.path.islink(os.path.join(top, *parts[:count])) for count in range(1, len(parts) + 1)):
            return True
        return written.if_missing and os.path.isdir(os.path.join(top, *parts))
    except ValueError:
        return True  # No file can be called that.


@rule("log-of-another-container", Severity.WARNING, docs="increase-observability/logs/access-logs", keys=("workers",))
def log_of_another_container(application: Application) -> Iterator[Finding]:
    """A worker reads a log that is only written in the web container.

    Each container has its own `/var/log`. Requests, cron jobs and hooks are logged in the web container. In a worker,
    `access.log`, `error.log`, `cron.log`, `deploy.log` and `post_deploy.log` do not exist or stay empty, and a command
    that follows one of them waits without an end.

    Forward the logs to a service, or read them in a cron job, which runs in the web container. The log of a worker is
    `/var/log/app.log`.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        workers:
          stats:
            commands:
              start: tail -F /var/log/access.log | node stats.js
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        crons:
          stats:
            spec: '*/10 * * * *'
            commands:
              start: tail -n 10000 /var/log/access.log | node stats.js
    ```
    """
    for source in shell_sources(application):
        if source.worker is None or "/var/log/" not in source.scalar.text:
            continue
        script = script_of(source.scalar)
        words = [word for command in script.commands if command.program not in _WRITERS for word in command.arguments]
        words += [redirect.target for redirect in script.redirects if redirect.sign == "<"]
        for word in words:
            if word.literal and (word.text in _WEB_LOGS or word.text.startswith("/var/log/nginx/")):
                log = word.text.replace("`", "'")
                message = f"`{log}` is written in the web container; a worker has its own `/var/log`, without this log"
                yield Finding(_at(source, CommandSpan(word.start, word.end)), message, label="not in a worker")


_WRITERS = frozenset({"tee", "touch", "echo", "printf", "rm", "ln"})
_WEB_LOGS = frozenset(
    f"/var/log/{name}.log" for name in ("access", "error", "cron", "deploy", "post_deploy", "post-deploy", "php.access")
)


# -- one after the other ---------------------------------------------------------------------------------------------


@rule("xargs-one-at-a-time", Severity.INFO, docs="configure-apps/workers#commands", keys=("workers",))
def xargs_one_at_a_time(application: Application) -> Iterator[Finding]:
    """A worker starts several consumers with `xargs`, one after the other.

    Without `-P`, `xargs` waits until one command has ended before it starts the next. A consumer runs for a long time,
    or without an end, and meanwhile all other queues wait.

    Run one consumer per queue, each in a worker, or give `xargs` the number of processes that may run at the same time
    (`-P 4`; `-P 0` is as many as there are).

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        workers:
          consumers:
            commands:
              start: bin/magento queue:consumers:list | xargs -n1 bin/magento queue:consumers:start
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        workers:
          consumers:
            commands:
              start: bin/magento queue:consumers:list | xargs -n1 -P0 bin/magento queue:consumers:start
    ```
    """
    for source in shell_sources(application):
        if source.worker is None or "xargs" not in source.scalar.text:
            continue
        for command in script_of(source.scalar).commands:
            run = _run_in_turn(command) if command.program == "xargs" else None
            if run is None or (known := recognize(run)) is None or not known.is_a("consumer"):
                continue
            message = f"without `-P`, `xargs` starts the next consumer only when `{shown(run)}` has ended"
            place = CommandSpan(command.name.start, run.words[0].start)
            yield Finding(_at(source, place), f"{message}; add `-P`, or use a worker per queue", label="one at a time")


_WITH_VALUE = ("-n", "-L", "-I", "-a", "-d", "-E", "-s", "--max-args", "--max-lines", "--replace", "--delimiter")


def _run_in_turn(xargs: Command) -> Command | None:
    """The command that `xargs` runs once for each line or word; None where it runs once, or several at a time."""
    words = list(xargs.arguments)
    in_turn = False
    at = 0
    while at < len(words) and words[at].text.startswith("-"):
        text = words[at].text
        if text.startswith(("-P", "--max-procs")):
            return None
        in_turn = in_turn or text.startswith(("-n", "-L", "-I", "-i", "--max-args", "--max-lines", "--replace"))
        at += 2 if text in _WITH_VALUE else 1
    rest = tuple(words[at:])
    if not rest or not in_turn:
        return None
    index, program = program_of(rest)
    return Command(
        rest,
        rest[index],
        program,
        rest[index + 1 :],
        prefixes=(),
        timeout=xargs.timeout,
        start=rest[0].start,
        end=xargs.end,
        exact=xargs.exact,
        foreground=xargs.foreground,
        ampersand=xargs.ampersand,
        loop=xargs.loop,
        repeated=True,
        conditional=xargs.conditional,
        in_function=xargs.in_function,
        in_substitution=xargs.in_substitution,
        in_subshell=xargs.in_subshell,
    )
