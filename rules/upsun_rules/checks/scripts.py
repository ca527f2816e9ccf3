"""Rules about commands that run scripts of the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from upsun_rules.finding import Finding, Fix, Related, Severity
from upsun_rules.lookups.command_text import shown
from upsun_rules.lookups.missing_files import MissingFiles, script_file
from upsun_rules.lookups.placed_texts import RUN_KEYS, Running
from upsun_rules.lookups.resolved_texts import chain_steps, resolved_once
from upsun_rules.resolution.application_files import child
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Absence, Command, ResolvedText
from upsun_rules.shell.recognition import recognize
from upsun_rules.shell.syntax import syntax_fault
from upsun_schema.configuration.model import Application
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.yaml.nodes import Region, Scalar

TOPIC = "What a script runs"


@rule("unknown-script", Severity.WARNING, docs="configure-apps/workers#commands", keys=RUN_KEYS)
def unknown_script(application: Application, project: Project) -> Iterator[Finding]:
    """A command runs a script that the repository does not have.

    `npm run`, `composer run`, `make`, `task` and `foreman start` take the name of a script from `package.json`,
    `composer.json`, a `Makefile`, a `Taskfile.yml` or a `Procfile`. If there is no script of that name, the command
    fails. The platform restarts a worker that fails, again and again.

    Correct the name, or add the script.

    A file that is missing, such as a shell script, `artisan` or `manage.py`, is reported if there is one of nearly the
    same name in its folder, or one of the same name in a folder with nearly the same name. Otherwise it is information,
    and only if the whole repository is here. It is not reported if the build seems to make files.

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      app:
        type: 'nodejs:24'
        workers:
          queue:
            commands:
              start: npm run wroker
    ```

    ```json title="wrong: package.json"
    {"scripts": {"worker": "node worker.js"}}
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app:
        type: 'nodejs:24'
        workers:
          queue:
            commands:
              start: npm run worker
    ```

    ```json title="right: package.json"
    {"scripts": {"worker": "node worker.js"}}
    ```
    """
    missing = MissingFiles(application, project)
    for one in resolved_once(application, project):
        for absence in one.text.script.absences:
            if absence.is_circle or absence.command.in_function:
                continue
            if absence.name:
                yield _unknown_name(one, absence)
            elif not one.is_build:
                yield from _missing_file(one, absence.command, absence.path, missing)
        seen: set[str] = set()
        for command in one.text.script.commands if not one.is_build else ():
            inner = script_file(command)
            path = None if inner is None else posixpath.join(application.folder, inner)
            if path is not None and path not in seen and not project.repository.has_file(path):
                seen.add(path)
                yield from _missing_file(one, command, path, missing)


def _unknown_name(one: Running, absence: Absence) -> Finding:
    near = f"; did you mean `{absence.near}`?" if absence.near else ""
    return Finding(
        one.text.at(absence.command.bare),
        f"`{absence.path}` has no script `{absence.name}`, so this fails{near}",
        label="not there",
        related=chain_steps(absence.command),
        fixes=_renamed(one, absence),
    )


def _renamed(one: Running, absence: Absence) -> tuple[Fix, ...]:
    word = next((word for word in absence.command.words if word.text == absence.name), None)
    if word is None or not absence.near or not absence.command.exact:
        return ()
    edit = one.text.edit(word.start, word.end, absence.near)
    return () if edit is None or edit.region.text != absence.name else (Fix(f"Change it to `{absence.near}`", (edit,)),)


def _missing_file(one: Running, command: Command, path: str, missing: MissingFiles) -> Iterator[Finding]:
    found = missing.find(path)
    if found is not None:
        hint = f"; did you mean `{found.meant}`?" if found.meant else ""
        yield Finding(
            one.text.at(command.bare),
            f"the repository has no file `{path}`{hint}",
            label="not there",
            related=chain_steps(command),
            severity=Severity.OF_RULE if found.is_meant else Severity.INFO,
        )


@rule("circular-script", Severity.WARNING, docs="configure-apps/workers#commands", keys=RUN_KEYS)
def circular_script(application: Application, project: Project) -> Iterator[Finding]:
    """A command runs a script that runs itself.

    It starts one process after another until the container is out of memory. Let one of the scripts run the program
    itself.

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      app:
        type: 'nodejs:24'
        workers:
          queue:
            commands:
              start: npm run worker
    ```

    ```json title="wrong: package.json"
    {"scripts": {"worker": "npm run queue", "queue": "npm run worker"}}
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app:
        type: 'nodejs:24'
        workers:
          queue:
            commands:
              start: npm run worker
    ```

    ```json title="right: package.json"
    {"scripts": {"worker": "npm run queue", "queue": "node queue.js"}}
    ```
    """
    for one in resolved_once(application, project):
        for absence in one.text.script.absences:
            if absence.is_circle and not absence.command.conditional:
                message = f"`{shown(absence.command)}` leads back to itself, so this never ends"
                place = one.text.at(absence.command.bare)
                yield Finding(place, message, label="runs itself", related=chain_steps(absence.command))


@rule("script-syntax", Severity.ERROR, docs="configure-apps/workers#commands", keys=RUN_KEYS)
def script_syntax(application: Application, project: Project) -> Iterator[Finding]:
    """A script that a command runs has a shell syntax error.

    The shell stops at the error. A start command ends there, and the platform starts it again, over and over. What only
    some shells can read is not reported, and neither is anything behind an `exit` or `exec`, which no shell gets to.

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: ./worker.sh
    ```

    ```sh title="wrong: worker.sh"
    #!/bin/sh
    if [ "$PLATFORM_BRANCH" = main ]; then
      php worker.php
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: ./worker.sh
    ```

    ```sh title="right: worker.sh"
    #!/bin/sh
    if [ "$PLATFORM_BRANCH" = main ]; then
      php worker.php
    fi
    ```
    """
    for one in resolved_once(application, project):
        seen: set[Region] = set()
        for text in one.text.script.texts:
            fault = None if text.region in seen else syntax_fault(text.text)
            seen.add(text.region)
            if fault is None or _ENDS_EARLY.search(text.text, 0, fault.start) or _is_of_another_shell(text):
                continue
            at = text.region.start
            place = Region(text.region.piece, at + fault.start, at + fault.end) if text.is_same else text.region
            yield Finding(
                one.text.at(text.command.bare),
                f"`{shown(text.command)}` runs a script with a shell syntax error: {fault.why}",
                label="has a syntax error",
                related=(*chain_steps(text.command), Related(place, fault.why)),
            )


_ENDS_EARLY = expression(r"^(?:exit|exec)\b", re.MULTILINE)
_OTHER_SHELLS = expression(r"\b(?:zsh|ksh|fish|csh|tcsh|mksh|yash)\b")


def _is_of_another_shell(text: ResolvedText) -> bool:
    first = text.text.partition("\n")[0] if text.text.startswith("#!") else ""
    return _OTHER_SHELLS.search(f"{first} {text.command.words[0].text}") is not None


_COMPOSER_SECONDS = 300


@rule("composer-time-limit", Severity.WARNING, docs="configure-apps/workers#commands", keys=("workers",))
def composer_time_limit(application: Application, project: Project) -> Iterator[Finding]:
    """Composer stops the command of a worker after five minutes.

    Composer ends a script that takes longer than 300 seconds, unless `process-timeout` in its configuration says
    otherwise. A worker that is started with `composer run` is stopped in the middle of a job, with an error, and
    restarted.

    Write the command itself into the configuration, or turn the limit off: `composer run --timeout=0 …`.

    Source: getcomposer.org/doc/articles/scripts.md (managing the process timeout).

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: composer run queue
    ```

    ```json title="wrong: composer.json"
    {"scripts": {"queue": "@php bin/console messenger:consume async --time-limit=3600"}}
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: composer run --timeout=0 queue
    ```

    ```json title="right: composer.json"
    {"scripts": {"queue": "@php bin/console messenger:consume async --time-limit=3600"}}
    ```
    """
    for one in resolved_once(application, project):
        for command in one.text.script.commands if one.place == "worker" else ():
            at = next((at for at, step in enumerate(command.chain) if _is_limited(step.command)), None)
            if at is None or not _lasts(command) or _sets_limit(one, command, at, project):
                continue
            yield Finding(
                one.text.at(command.bare),
                f"`{shown(command)}` is stopped by Composer after {_COMPOSER_SECONDS} seconds; add `--timeout=0`",
                label="stopped by Composer",
                related=chain_steps(command),
                fixes=_unlimited(one, command) if at == 0 else (),
            )
            break


def _is_limited(command: str) -> bool:
    words = command.split()
    return any(word.rpartition("/")[2] == "composer" for word in words) and "--timeout" not in command


def _lasts(command: Command) -> bool:
    """Whether a command goes on for longer than Composer lets it."""
    known = recognize(command)
    if known is None or not known.sure or not known.is_a("consumer", "scheduler", "server", "supervisor"):
        return False
    return not known.bounded or (known.bound_seconds or 0) > _COMPOSER_SECONDS


def _sets_limit(one: Running, command: Command, at: int, project: Project) -> bool:
    """Whether the limit is set elsewhere: in `composer.json`, by the script itself, or by a variable."""
    document = project.repository.home(command.chain[at].region.piece)
    if document is None or "disableProcessTimeout" in document.text:
        return True
    limit = child(document.root, "config", "process-timeout")
    names = {variable.name.upper() for variable in one.container.variables}
    return isinstance(limit, Scalar) or "COMPOSER_PROCESS_TIMEOUT" in names | set(one.text.script.assigned)


def _unlimited(one: Running, command: Command) -> tuple[Fix, ...]:
    """The fix that turns the limit off, where Composer is called in the configuration itself."""
    text = one.text.scalar.text[command.start : command.end]
    match = re.search(r"\bcomposer\s+run(?:-script)?(?=\s)", text)
    if match is None:
        return ()
    at = command.start + match.end()
    edit = one.text.edit(at, at + 1, " --timeout=0 ")
    return () if edit is None else (Fix("Turn Composer's limit off: `--timeout=0`", (edit,), safe=True),)
