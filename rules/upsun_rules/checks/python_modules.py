"""Rules about the modules that commands of Python import."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from upsun_rules.finding import Finding, Fix, Severity
from upsun_rules.lookups.placed_texts import RUN_KEYS, Running
from upsun_rules.lookups.resolved_texts import chain_steps, files_of, resolved_once
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command, CommandSpan
from upsun_schema.configuration.model import Application, Instance
from upsun_schema.configuration.project import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upsun_rules.lookups.imported_modules import ImportedModule, MissingModule

TOPIC = "Python modules"

_PATH = "PYTHONPATH"


@rule("unknown-module", Severity.WARNING, docs="configure-apps/workers#commands", keys=RUN_KEYS)
def unknown_module(application: Application, project: Project) -> Iterator[Finding]:
    """A command imports a Python module that the application does not have.

    `celery -A shop`, `python -m shop.jobs` and `gunicorn shop.wsgi:application` import a module from the folder they
    run in. If it is not there, the command fails. The platform restarts a worker that fails, again and again.

    Correct the name, or change to the folder of the module with `cd`.

    Reported are modules that a package of the repository does not have, and names that are nearly those of a package of
    the repository and that no dependency has. The rule is silent if `PYTHONPATH` is set, and if the build seems to make
    files.

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      app:
        type: 'python:3.14'
        workers:
          queue:
            commands:
              start: celery -A shop.celary:app worker
    ```

    ```python title="wrong: shop/__init__.py"
    ```

    ```python title="wrong: shop/celery.py"
    app = Celery("shop")
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app:
        type: 'python:3.14'
        workers:
          queue:
            commands:
              start: celery -A shop.celery:app worker
    ```

    ```python title="right: shop/__init__.py"
    ```

    ```python title="right: shop/celery.py"
    app = Celery("shop")
    ```
    """
    texts = (one for one in resolved_once(application, project) if not one.is_build)
    importing = [(one, command) for one in texts for command in one.text.script.commands if _imports(command)]
    if not importing:
        return
    from upsun_rules.lookups.imported_modules import imported_modules, missing_module

    files = files_of(application, project)
    for one, command in importing:
        for module in imported_modules(command):
            missing = missing_module(module, command.folder or "", files)
            if missing is not None and _is_sure(missing, one, application, project):
                yield _unknown(one, command, module, missing)


_IMPORTERS = frozenset({"celery", "arq", "gunicorn", "uvicorn", "hypercorn", "daphne", "granian"})


def _imports(command: Command) -> bool:
    """Whether a command may import a module from a folder that is known."""
    is_python = command.words[0].text.rpartition("/")[2].startswith("python")
    return command.folder is not None and (is_python or command.program in _IMPORTERS)


def _is_sure(missing: MissingModule, one: Running, application: Application, project: Project) -> bool:
    """Whether nothing else can provide a module: a path, a dependency, or the build."""
    from upsun_rules.frameworks.packages import dependencies, normalized
    from upsun_rules.lookups.missing_files import MissingFiles

    found = dependencies("python", files_of(application, project))
    name = normalized(missing.part, "python")
    if found is not None and (found.has(missing.part) or found.has(name)):
        return False
    container = one.container
    source = container.effective.source("variables") if isinstance(container, Instance) else container
    environment = posixpath.join(application.folder, ".environment")
    if _PATH in source.variable_names | one.text.script.assigned or project.repository.mentions(environment, _PATH):
        return False
    build = application.hooks.get("build")
    if build is not None and missing.part in build.text:
        return False
    inner = posixpath.join(application.folder, missing.folder, f"{missing.part}.py")
    return not MissingFiles(application, project).may_be_made(inner)


def _unknown(one: Running, command: Command, module: ImportedModule, missing: MissingModule) -> Finding:
    place = f"`{missing.folder}`" if missing.folder else "the application"
    near = f"; did you mean `{missing.near}`?" if missing.near else ""
    return Finding(
        one.text.at(CommandSpan(module.word.start, module.word.end) if command.exact else command.bare),
        f"there is no module `{missing.part}` in {place}, so importing `{module.name}` fails{near}"[:200],
        label="not there",
        related=chain_steps(command),
        fixes=_renamed(one, command, module, missing),
    )


def _renamed(one: Running, command: Command, module: ImportedModule, missing: MissingModule) -> tuple[Fix, ...]:
    word = module.word
    if not missing.near or not command.exact or word.end - word.start != len(word.text):
        return ()
    depth = len(missing.folder.split("/")) if missing.folder else 0
    parts = module.name.split(".")
    at = next((at for at, part in enumerate(parts) if part == missing.part and at <= depth), None)
    if at is None:
        return ()
    start = word.start + len(".".join([*parts[:at], ""]))
    edit = one.text.edit(start, start + len(missing.part), missing.near)
    return () if edit is None else (Fix(f"Change it to `{missing.near}`", (edit,)),)
