"""Rules about start commands that belong elsewhere: servers and build steps."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Related, Severity
from upsun_rules.lookups.build_steps import writes_elsewhere
from upsun_rules.lookups.command_text import shown
from upsun_rules.lookups.resolved_texts import chain_steps, resolved_text
from upsun_rules.lookups.running import kept_by
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Script, VariableUse
from upsun_rules.shell.recognition import recognize
from upsun_schema.configuration.model import Worker
from upsun_schema.configuration.project import Project

TOPIC = "What a worker runs"


@rule(
    "worker-serves-web", Severity.WARNING, docs="configure-apps/workers#access-the-worker-container", keys=("commands",)
)
def worker_serves_web(worker: Worker, project: Project) -> Iterator[Finding]:
    """A worker runs a server, which cannot be reached.

    A worker accepts no connections. No route can lead to it, and other applications and services cannot connect to it.
    A web server on a worker never receives a request.

    Serve requests from the `web` block of an application. Use workers for background tasks.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.13'
        workers:
          api:
            commands:
              start: gunicorn -b 0.0.0.0:$PORT project.wsgi:application
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.13'
        web:
          commands:
            start: gunicorn -b 0.0.0.0:$PORT project.wsgi:application
    ```
    """
    text = resolved_text(worker, project)
    if text is None or any(command.background for command in text.script.commands):
        return
    known = kept_by(text.script)
    if known is not None and not known.is_a("server"):
        return
    closed = "nothing can connect to a worker"
    if known is not None and known.sure:
        message = f"`{shown(known.command)}` never receives a request: {closed}"
        yield Finding(text.at(known.command.bare), message, label="a server", related=chain_steps(known.command))
        return
    used = _address_used(worker, text.script)
    web = worker.application.web_start
    if used is not None:
        name, span = used
        yield Finding(
            text.at(span),
            f"`${name}` is for the web process; {closed}",
            label="for the web process",
            related=chain_steps(span),
        )
    elif web is not None and web.text.strip() == text.scalar.text.strip() and worker.entry("variables") is None:
        yield Finding(
            text.scalar.region,
            "this is the web process's command; a server here never receives a request",
            related=(Related(web.region, "the web process runs the same command"),),
        )


def _address_used(worker: Worker, script: Script) -> tuple[str, VariableUse] | None:
    """The variable a web process listens on, if the command uses it and the file does not give it another value."""
    used = [name for name in ("PORT", "SOCKET") if name in script.variables and name not in script.assigned]
    own = worker.effective.source("variables").variable_names if used else ()
    return next(((name, script.variables[name]) for name in used if name not in own), None)


@rule(
    "build-step-in-start-command",
    Severity.WARNING,
    docs="configure-apps/hooks/hooks-comparison#build-hook",
    keys=("commands",),
)
def build_step_in_start_command(worker: Worker, project: Project) -> Iterator[Finding]:
    """A start command installs packages or builds assets.

    After the build, the file system is read-only except for mounts and `/tmp`. An installation in the start command
    fails, or, if it finds a writable folder, runs again at every start of every instance.

    Use the `build` hook. It runs once, and the web container and all workers use the result.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        workers:
          queue:
            commands:
              start: npm ci && node consume.js
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        hooks:
          build: npm ci
        workers:
          queue:
            commands:
              start: node consume.js
    ```
    """
    text = resolved_text(worker, project)
    if text is None:
        return
    for command in text.script.commands:
        known = recognize(command)
        if known is not None and known.kind == "build-step" and known.sure and not command.in_function:
            if known.row.id == "package-manager":
                return  # It needs root, wherever it runs.
            if not writes_elsewhere([mount.path for mount in worker.effective.mounts.values()], text.script, command):
                yield Finding(
                    text.at(command.bare),
                    f"`{shown(command)}` writes files, but the code is read-only after the build; run it in the"
                    " `build` hook",
                    label="read-only here",
                    related=chain_steps(command),
                )
            return
