"""Files that commands need and that are surely missing: nothing in the repository has them, and no build makes them."""

from __future__ import annotations

import posixpath

from upsun_rules.lookups.folders import Folders
from upsun_rules.lookups.resolved_texts import files_of
from upsun_rules.shell.app_paths import app_path
from upsun_rules.shell.parsing import Command
from upsun_schema.cached import Caching, cached_property
from upsun_schema.configuration.model import Application
from upsun_schema.configuration.project import SKIPPED_FOLDERS, Project
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.wording import nearest

__all__ = ["MissingFile", "MissingFiles", "script_file"]

_MAKES_FILES = expression(
    r"\b(?:git\s+clone|curl|wget|tar|unzip|rsync|cp|mv|ln|make|just|rake|go\s+build|cargo|mvn|gradlew?|dotnet|tsc"
    r"|magento|tee)\b|>|\b(?:npm|yarn|pnpm|bun)\s+(?:run\s+)?build"
)
_COMPOSER_MAKES_FILES = ("scaffold", "installer", "magento", "typo3", "recipes")
"""What is in the name of Composer plugins that put files of packages in the folder of the application."""

_MANIFESTS = frozenset({"composer.json", "package.json", "Gemfile", "pyproject.toml", "requirements.txt", "Pipfile"})
_INTERPRETERS = ("php", "python", "ruby", "node")
_MOST_APPLICATIONS = 50
"""In how many applications a file is looked for. With more, it may be anywhere."""


def script_file(command: Command) -> str | None:
    """The file that an interpreter runs, relative to the application's folder, as in `php artisan x`; None if none."""
    words, name = command.words, command.name
    program = words[0].text.rpartition("/")[2]
    if name is words[0] or not name.literal or program.rstrip("0123456789.") not in _INTERPRETERS:
        return None
    is_module = any(word.text == "-m" for word in words[: words.index(name)])
    is_file = "." in posixpath.basename(name.text) or program == "php"
    return None if is_module or not is_file or command.in_function else app_path(name, command.folder)


class MissingFile(NamedTuple):
    """A file that is missing: one that may be meant ("" if there is none), and whether it surely is."""

    meant: str
    is_meant: bool


class MissingFiles(Caching):
    """Knows of the files that the commands of one application need. What counts for all of them is found out once."""

    def __init__(self, application: Application, project: Project) -> None:
        self._repository = project.repository
        self._root = application.folder
        self._files = files_of(application, project)
        self._application = application
        self._project = project
        self._found: dict[str, MissingFile | None] = {}

    @cached_property
    def _build(self) -> str:
        build = self._application.hooks.get("build")
        return build.text if build is not None else ""

    @cached_property
    def _mounts(self) -> Folders:
        containers = (self._application, *self._application.instances)
        return Folders(mount.path for one in containers for mount in one.mounts.values())

    @cached_property
    def _roots(self) -> set[str]:
        return {other.folder for other in self._project.applications.values()}

    @cached_property
    def _is_made(self) -> bool:
        """Whether the build may make any file, or too many applications may have it."""
        composer = posixpath.join(self._root, "composer.json")
        return (
            len(self._project.applications) > _MOST_APPLICATIONS
            or _MAKES_FILES.search(self._build) is not None
            or any(self._repository.mentions(composer, part) for part in _COMPOSER_MAKES_FILES)
        )

    def find(self, path: str) -> MissingFile | None:
        """What is known of a file that is not there, by its path in the repository; None if it may be there."""
        if path not in self._found:
            self._found[path] = None if self.may_be_made(path) else self._find(path)
        return self._found[path]

    def may_be_made(self, path: str) -> bool:
        """Whether something may put a file there that the repository does not have: a build, a mount, a package."""
        if self._is_made or SKIPPED_FOLDERS & set(path.split("/")):
            return True
        inner = posixpath.relpath(path, self._root) if self._root else path
        is_in_mount = next(self._mounts.holding(inner), None) is not None
        return is_in_mount or posixpath.basename(path) in self._build or self._is_in_other(path)

    def _is_in_other(self, path: str) -> bool:
        """Whether another application has the file: `command-of-another-application` says so."""
        inner = [path.removeprefix(f"{root}/") for root in self._roots if root and path.startswith(f"{root}/")] or [
            path
        ]
        return any(self._repository.has_file(posixpath.join(root, inner[0])) for root in self._roots)

    def _find(self, path: str) -> MissingFile | None:
        elsewhere = self._elsewhere(path)
        if elsewhere:
            return MissingFile(elsewhere, is_meant=True)
        folder, name = posixpath.split(path)
        names = self._repository.files(folder)
        ending = posixpath.splitext(name)[1]
        # Only beside other code is a file surely missing.
        code = [one for one in names if not one.startswith(".") and posixpath.splitext(one)[1] == ending]
        if near := next(iter(nearest(name, code)), ""):
            return MissingFile(posixpath.join(folder, near), is_meant=True)
        if not self._repository.is_whole or (not code and _MANIFESTS.isdisjoint(names)):
            return None
        near = next(iter(nearest(name, names)), "")
        return MissingFile(posixpath.join(folder, near) if near else "", is_meant=False)

    def _elsewhere(self, path: str) -> str:
        """The file of this name in a folder of the application with nearly the same name; "" if there is none."""
        inner = posixpath.relpath(path, self._root or ".")
        first, _, rest = inner.partition("/")
        if not rest:
            return ""
        folders = self._repository.folders(self._root)
        for folder in dict.fromkeys([first.lstrip("."), *nearest(first, folders)]):
            found = posixpath.join(self._root, folder, rest)
            if folder in folders and folder != first and self._repository.has_file(found):
                return found
        return ""
