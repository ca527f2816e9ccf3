"""Rules about commands that run scripts of the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from upsun_rules.finding import Finding, Fix, Severity
from upsun_rules.lookups.command_text import shown
from upsun_rules.lookups.placed_texts import RUN_KEYS, Running
from upsun_rules.lookups.resolved_texts import chain_steps, files_of, resolved_running
from upsun_rules.resolution.application_files import ApplicationFiles, child
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Absence, Command
from upsun_rules.shell.recognition import recognize
from upsun_schema.configuration.model import Application
from upsun_schema.configuration.project import SKIPPED_FOLDERS, Project
from upsun_schema.expression import expression
from upsun_schema.wording import nearest
from upsun_schema.yaml.nodes import Scalar

TOPIC = "What a script runs"


@rule("unknown-script", Severity.WARNING, docs="configure-apps/workers#commands", keys=RUN_KEYS)
def unknown_script(application: Application, project: Project) -> Iterator[Finding]:
    """A command runs a script that the repository does not have.

    `npm run`, `composer run`, `make`, `task` and `foreman start` take the name of a script from `package.json`,
    `composer.json`, a `Makefile`, a `Taskfile.yml` or a `Procfile`. If there is no script of that name, the command
    fails. The platform restarts a worker that fails, again and again.

    Correct the name, or add the script.

    A shell script that is missing is reported if there is one of the same name in a folder with nearly the same name.
    Otherwise it is information, and only if the whole repository is here. It is not reported if the build seems to make
    files.

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
    for one in resolved_running(application, project):
        for absence in one.text.script.absences:
            if absence.is_circle or absence.command.in_function:
                continue
            if absence.name:
                yield _unknown_name(one, absence)
            elif not one.is_build and not _may_be_made(absence.path, application, project):
                elsewhere = _elsewhere(absence.path, files_of(application, project))
                if elsewhere or _is_missing(absence.path, project):
                    yield _missing_file(one, absence, project, elsewhere)


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


_MAKES_FILES = expression(
    r"\b(?:git\s+clone|curl|wget|tar|unzip|rsync|cp|mv|ln|make|go\s+build|cargo|mvn|gradlew?|dotnet|tsc|magento|tee)\b|>"
    r"|\b(?:npm|yarn|pnpm|bun)\s+(?:run\s+)?build"
)


def _is_missing(path: str, project: Project) -> bool:
    """Whether a file is surely missing: the whole repository is here, with the rest of its folder."""
    names = project.repository.files(posixpath.dirname(path)) if project.repository.is_whole else []
    return any(not name.startswith(".") for name in names)


def _elsewhere(path: str, files: ApplicationFiles) -> str:
    """The file of this name in the folder of the application that is probably meant; "" if there is none."""
    inner = posixpath.relpath(path, files.root or ".")
    first, _, rest = inner.partition("/")
    if not rest:
        return ""
    folders = files.repository.folders(files.root)
    for folder in dict.fromkeys([first.lstrip("."), *nearest(first, folders)]):
        found = posixpath.join(files.root, folder, rest)
        if folder in folders and folder != first and files.repository.has_file(found):
            return found
    return ""


def _may_be_made(path: str, application: Application, project: Project) -> bool:
    """Whether something may put a file there that the repository does not have: a build, a mount, an installation."""
    if SKIPPED_FOLDERS & set(path.split("/")):
        return True
    root = files_of(application, project).root
    inner = posixpath.relpath(path, root) if root else path
    mounts = [mount.path for container in (application, *application.instances) for mount in container.mounts.values()]
    if any(inner == mount or inner.startswith(f"{mount}/") for mount in mounts):
        return True
    build = application.hooks.get("build")
    text = build.text if build is not None else ""
    is_made = _MAKES_FILES.search(text) is not None or posixpath.basename(path) in text
    return is_made or _has_it(path, project)


def _has_it(path: str, project: Project) -> bool:
    """Whether another application has the file: `command-of-another-application` says so."""
    roots = {files_of(other, project).root for other in project.applications.values()}
    inner = [path.removeprefix(f"{root}/") for root in roots if root and path.startswith(f"{root}/")] or [path]
    return any(project.repository.has_file(posixpath.join(root, inner[0])) for root in roots)


def _missing_file(one: Running, absence: Absence, project: Project, elsewhere: str) -> Finding:
    folder, name = posixpath.split(absence.path)
    near = next(iter(nearest(name, project.repository.files(folder))), "")
    meant = elsewhere or (posixpath.join(folder, near) if near else "")
    hint = f"; did you mean `{meant}`?" if meant else ""
    return Finding(
        one.text.at(absence.command.bare),
        f"the repository has no file `{absence.path}`{hint}",
        label="not there",
        related=chain_steps(absence.command),
        severity=Severity.OF_RULE if elsewhere else Severity.INFO,
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
    for one in resolved_running(application, project):
        for absence in one.text.script.absences:
            if absence.is_circle and not absence.command.conditional:
                message = f"`{shown(absence.command)}` leads back to itself, so this never ends"
                place = one.text.at(absence.command.bare)
                yield Finding(place, message, label="runs itself", related=chain_steps(absence.command))


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
    for one in resolved_running(application, project):
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
