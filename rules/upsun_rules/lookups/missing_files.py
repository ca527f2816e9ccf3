"""Whether a file that a command needs is surely missing: nothing in the repository has it, and no build makes it."""

from __future__ import annotations

import posixpath

from upsun_rules.lookups.resolved_texts import files_of
from upsun_rules.shell.app_paths import app_path
from upsun_rules.shell.parsing import Command
from upsun_schema.configuration.model import Application
from upsun_schema.configuration.project import SKIPPED_FOLDERS, Project
from upsun_schema.expression import expression
from upsun_schema.wording import nearest

__all__ = ["file_elsewhere", "is_missing", "may_be_made", "script_file"]

_MAKES_FILES = expression(
    r"\b(?:git\s+clone|curl|wget|tar|unzip|rsync|cp|mv|ln|make|just|rake|go\s+build|cargo|mvn|gradlew?|dotnet|tsc"
    r"|magento|tee)\b|>|\b(?:npm|yarn|pnpm|bun)\s+(?:run\s+)?build"
)
_COMPOSER_MAKES_FILES = ("scaffold", "installer", "magento", "typo3", "recipes")
"""What is in the name of Composer plugins that put files of packages in the folder of the application."""

_INTERPRETERS = ("php", "python", "python3", "ruby", "node")


def script_file(command: Command) -> str | None:
    """The file that an interpreter runs, relative to the application's folder, as in `php artisan x`; None if none."""
    words, name = command.words, command.name
    program = words[0].text.rpartition("/")[2]
    if program.rstrip("0123456789.") not in _INTERPRETERS or name is words[0] or not name.literal:
        return None
    is_module = any(word.text == "-m" for word in words[: words.index(name)])
    is_file = "." in posixpath.basename(name.text) or program == "php"
    return None if is_module or not is_file or command.in_function else app_path(name, command.folder)


def is_missing(path: str, project: Project) -> bool:
    """Whether a file is surely missing: the whole repository is here, with the rest of its folder."""
    names = project.repository.files(posixpath.dirname(path)) if project.repository.is_whole else []
    return any(not name.startswith(".") for name in names)


def file_elsewhere(path: str, application: Application, project: Project) -> str:
    """The file of this name in the folder of the application that is probably meant; "" if there is none."""
    files = files_of(application, project)
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


def may_be_made(path: str, application: Application, project: Project) -> bool:
    """Whether something may put a file there that the repository does not have: a build, a mount, an installation."""
    if SKIPPED_FOLDERS & set(path.split("/")):
        return True
    root = application.folder
    inner = posixpath.relpath(path, root) if root else path
    mounts = [mount.path for container in (application, *application.instances) for mount in container.mounts.values()]
    if any(inner == mount or inner.startswith(f"{mount}/") for mount in mounts):
        return True
    build = application.hooks.get("build")
    text = build.text if build is not None else ""
    is_made = _MAKES_FILES.search(text) is not None or posixpath.basename(path) in text
    return is_made or _may_be_installed(application, project) or _has_it(path, project)


def _may_be_installed(application: Application, project: Project) -> bool:
    composer = posixpath.join(application.folder, "composer.json")
    return any(project.repository.mentions(composer, part) for part in _COMPOSER_MAKES_FILES)


def _has_it(path: str, project: Project) -> bool:
    """Whether another application has the file: `command-of-another-application` says so."""
    roots = {other.folder for other in project.applications.values()}
    inner = [path.removeprefix(f"{root}/") for root in roots if root and path.startswith(f"{root}/")] or [path]
    return any(project.repository.has_file(posixpath.join(root, inner[0])) for root in roots)
