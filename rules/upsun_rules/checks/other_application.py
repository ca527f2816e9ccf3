"""Rules about commands that belong to another application."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from itertools import islice

from upsun_rules.finding import Finding, Related, Severity
from upsun_rules.lookups.placed_texts import RUN_KEYS
from upsun_rules.lookups.resolved_texts import chain_steps, resolved_running
from upsun_rules.rule import rule
from upsun_rules.shell.app_paths import app_path
from upsun_rules.shell.parsing import Command, CommandSpan
from upsun_schema.configuration.model import Application
from upsun_schema.configuration.project import Project

TOPIC = "Several applications"

_MOST_APPLICATIONS = 30
"""In how many other applications a script is looked for."""

_MOST_SCRIPTS = 300
"""How many scripts of an application are looked for."""

_MADE_BY_BUILD = ("vendor", "node_modules", "dist", "build", "target", ".venv", "venv")
"""Folders that a build fills, so that the repository need not have them."""


@rule("command-of-another-application", Severity.WARNING, docs="configure-apps/multi-app", keys=RUN_KEYS)
def command_of_another_application(application: Application, project: Project) -> Iterator[Finding]:
    """A command runs a script that only another application has.

    Workers, cron jobs and hooks run in a container of their application, which has only the files below its
    `source.root`. A script of another application is not there, so the command fails each time.

    Move the worker or cron job to the application that has the script. This rule looks at the files of the repository.
    It is silent if the script may be made by the build.

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      api:
        type: 'python:3.14'
        source:
          root: api
      site:
        type: 'nodejs:24'
        source:
          root: site
        web:
          commands:
            start: node serve.js
        crons:
          fetch:
            spec: 'H * * * *'
            commands:
              start: python scripts/fetch.py
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'site:http'
    ```

    ```python title="wrong: api/scripts/fetch.py"
    print("fetched")
    ```

    ```javascript title="wrong: site/serve.js"
    console.log("site");
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      api:
        type: 'python:3.14'
        source:
          root: api
        crons:
          fetch:
            spec: 'H * * * *'
            commands:
              start: python scripts/fetch.py
      site:
        type: 'nodejs:24'
        source:
          root: site
        web:
          commands:
            start: node serve.js
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'site:http'
    ```

    ```python title="right: api/scripts/fetch.py"
    print("fetched")
    ```

    ```javascript title="right: site/serve.js"
    console.log("site");
    ```
    """
    if len(project.applications) < 2:
        return
    own = application.folder
    others = [one for one in islice(project.applications.values(), _MOST_APPLICATIONS) if one.folder != own]
    if not others or (own and not project.repository.has_folder(own)):
        return
    texts = resolved_running(application, project)
    build = "\n".join(one.text.scalar.text for one in texts if one.is_build)
    known: dict[str, Application | None] = {}
    for one in texts:
        if one.is_build:
            continue
        for command in one.text.script.commands:
            path = _script(command)
            if path is None or posixpath.basename(path) in build:
                continue
            if path not in known and len(known) < _MOST_SCRIPTS:
                known[path] = _owner(path, own, others, project)
            if (owner := known.get(path)) is not None:
                yield Finding(
                    one.text.at(CommandSpan(command.name.start, command.name.end)),
                    f"`{path}` is a file of application `{owner.name}`, not of `{application.name}`, in whose container"
                    f" this runs; move it to `{owner.name}`",
                    label="not in this application",
                    related=(*chain_steps(command), Related(owner.key.region, "the application that has the file")),
                )


def _script(command: Command) -> str | None:
    """The path of the file of the repository that a command runs."""
    name = command.name
    if not name.literal or "/" not in name.text or command.in_function:
        return None
    path = app_path(name, command.folder)
    if not path or path.startswith(".") or path.partition("/")[0] in _MADE_BY_BUILD:
        return None
    # Tools are installed in `bin`, scripts with an ending are not.
    return None if path.startswith("bin/") and "." not in path else path


def _owner(path: str, own: str, others: list[Application], project: Project) -> Application | None:
    """The one other application that has a file, where this one has not."""
    if project.repository.has_file(posixpath.join(own, path)):
        return None
    found = [one for one in others if project.repository.has_file(posixpath.join(one.folder, path))]
    return found[0] if len(found) == 1 else None
