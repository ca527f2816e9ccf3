"""Rules about commands that watch files, as during development."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Edit, Finding, Fix, Severity
from upsun_rules.lookups.command_text import shown
from upsun_rules.lookups.placed_texts import RUN_KEYS, Running
from upsun_rules.lookups.resolved_texts import chain_steps, resolved_running
from upsun_rules.resolution.calls import base_name
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command, Word
from upsun_schema.configuration.model import Application
from upsun_schema.configuration.project import Project

TOPIC = "What a worker runs"

_WATCHERS = frozenset({"nodemon", "node-dev", "ts-node-dev"})
"""Programs that only run others again when a file changes, with a program of Node.js as their first argument."""

_WORDS = {
    "tsx": "watch",
    "watchmedo": "auto-restart",
    "dotnet": "watch",
    "cargo": "watch",
}
_OPTIONS = {
    "node": ("--watch", "--watch-path"),
    "bun": ("--watch", "--hot"),
    "deno": ("--watch", "--watch-hmr"),
    "uvicorn": ("--reload",),
    "hypercorn": ("--reload",),
    "gunicorn": ("--reload",),
}
"""Options that watch files, by program."""


@rule("watches-files", Severity.WARNING, docs="configure-apps/workers#commands", keys=RUN_KEYS)
def watches_files(application: Application, project: Project) -> Iterator[Finding]:
    """A worker or a web process is started by a program that watches files.

    `nodemon`, `node --watch`, `tsx watch` and `uvicorn --reload` are made for development: they start a program again
    when one of its files changes. On the platform files never change while a container runs. What such a program does
    instead is harmful: when the program that it runs fails, it keeps running and waits for a changed file. The platform
    sees no end, so it does not restart the process, and the worker does nothing until the next deployment.

    Start the program itself, and use the watcher in a script for development.

    Sources: nodejs.org/api/cli.html (`--watch`), github.com/remy/nodemon, uvicorn.dev (settings, development).

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        workers:
          queue:
            commands:
              start: npx nodemon worker.js
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        workers:
          queue:
            commands:
              start: node worker.js
    ```
    """
    for one in resolved_running(application, project):
        for command in one.text.script.commands if one.place in ("web", "worker") else ():
            sign = None if command.background or command.in_function else _sign(command)
            if sign is not None:
                yield Finding(
                    one.text.at(command.bare),
                    f"`{shown(command)}` waits for a changed file if the program fails, and files do not change here;"
                    " start the program itself",
                    label="for development",
                    related=chain_steps(command),
                    fixes=_without(one, command, sign),
                )
                break


def _sign(command: Command) -> Word | None:
    """The word of a command that makes it watch files."""
    first, *others = command.words
    program = base_name(first)
    if program in _WATCHERS and not any(word.text == "--exitcrash" for word in others):
        return first
    if others and others[0].text == _WORDS.get(program):
        return others[0]
    options = _OPTIONS.get(program, ())
    own = _own_options(program, others) if options else ()
    return next((word for word in own if word.text.partition("=")[0] in options), None)


def _own_options(program: str, words: list[Word]) -> Iterator[Word]:
    """Yield the words of a call that are not for the script that it runs."""
    for word in words:
        if word.text == "--" or (program == "node" and not word.text.startswith("-")):
            return
        yield word


def _without(one: Running, command: Command, sign: Word) -> tuple[Fix, ...]:
    """The fix that starts the program itself, where that is another word or an option less."""
    at = command.words.index(sign)
    if not command.exact or "=" in sign.text:
        return ()
    edit: Edit | None = None
    if at == 0 and len(command.words) > 1 and command.words[1].text.endswith((".js", ".mjs", ".cjs")):
        edit = one.text.edit(sign.start, sign.end, "node")
    elif at > 0 and sign.text.startswith("--") and sign.text != "--watch-path":
        edit = one.text.edit(command.words[at - 1].end, sign.end, "")
    return () if edit is None else (Fix("Start the program itself", (edit,)),)
