"""The settings of a project: `.upsun-lint.toml`, or `[tool.upsun-lint]` in `pyproject.toml`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from upsun_lint.run.globs import matches
from upsun_rules.finding import Severity
from upsun_rules.options import Options
from upsun_rules.policy import Policy
from upsun_rules.shell.review import Reviewer
from upsun_schema.images.table import Images
from upsun_schema.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upsun_lint.run.policy_settings import PolicyTable

__all__ = ["FILE", "FORMATS", "LEVELS", "NEVER", "SHARED_FILE", "SHELLCHECK", "Settings", "up_to_repository"]

FILE = ".upsun-lint.toml"
SHARED_FILE = "pyproject.toml"
"""A file of other programs, too: the settings are in its table `[tool.upsun-lint]`."""

LEVELS = {level.label: level for level in Severity if level is not Severity.OF_RULE}
"""The severities by their names."""

NEVER = "never"
"""What `fail_on` is where no finding makes the check fail."""

FORMATS = (
    "text",
    "concise",
    "json",
    "github",
    "sarif",
    "gitlab",
    "junit",
    "checkstyle",
    "rdjson",
    "azure",
    "teamcity",
    "markdown",
)
"""The names of the report formats."""

SHELLCHECK = "shellcheck"
"""The rule that only runs if it is enabled: by its setting, or by being selected."""


class Settings(NamedTuple):
    """The settings of one project; `path` is their file, None for the defaults.

    `severity` is the lowest severity that is shown, `fail_on` the lowest that makes the exit status 1; None: never.
    `per_path_ignores` are glob patterns, relative to the folder of that file, with the rules to ignore there;
    `exclude` are patterns of the same kind for files and folders that are not checked. `extend_select` are rules to
    run beside those of `select` and in spite of `ignore`. `format`, `baseline` and `jobs` are defaults of options on
    the command line, and `images` is `included` or the path of a table of images. `policies` are ready to be applied;
    `policy_tables` are those of this file as written. `sources` are the absolute paths of all files that were read,
    and `given` the names of the settings in them.
    `shellcheck` is whether ShellCheck reads the commands, too.
    """

    path: str | None = None
    select: frozenset[str] | None = None
    extend_select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    severities: Mapping[str, Severity] = MappingProxyType({})
    per_path_ignores: tuple[tuple[str, frozenset[str]], ...] = ()
    exclude: tuple[str, ...] = ()
    cron_minimum_interval: int = 5
    severity: Severity = Severity.INFO
    fail_on: Severity | None = Severity.ERROR
    format: tuple[str, ...] = ()
    baseline: str | None = None
    jobs: int | None = None
    images: str | None = None
    shellcheck: bool = False
    extends: tuple[str, ...] = ()
    policy_tables: tuple[PolicyTable, ...] = ()
    policies: tuple[Policy, ...] = ()
    sources: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()

    def options(self, images: Images, reviewer: Reviewer | None = None) -> Options:
        """The options for the rules."""
        rules = self.select, self.ignore, self.severities
        return Options(*rules, self.cron_minimum_interval, images, self.policies, reviewer)

    @property
    def folder(self) -> str:
        """The absolute path of the folder that paths and patterns start from."""
        return os.path.dirname(os.path.abspath(self.path or FILE))

    @property
    def depends_on_paths(self) -> bool:
        """Whether findings may be left out because of the file they are in."""
        return bool(self.per_path_ignores or self.exclude)

    def ignores_in(self, path: str, rule: str) -> bool:
        """Whether a rule is ignored in a file, given by its absolute path."""
        if not self.per_path_ignores or self.path is None:
            return False
        return rule in _ignored_in(self.per_path_ignores, self._relative(path))

    def hides_in(self, root: str, path: str) -> bool:
        """Whether the findings in a file of a project are left out, given both absolute paths.

        Not if the whole project is excluded: it was named, and is checked all the same.
        """
        return bool(self.exclude) and self.excludes(path) and not self.excludes(root)

    def excludes(self, path: str) -> bool:
        """Whether a file or folder, given by its absolute path, is not to be checked, or a folder above it."""
        if not self.exclude:
            return False
        steps = self._relative(path).split("/")
        above = ["/".join(steps[:length]) for length in range(1, len(steps) + 1)]
        return any(matches(pattern.rstrip("/"), one) for pattern in self.exclude for one in above)

    def _relative(self, path: str) -> str:
        return os.path.relpath(path, self.folder).replace(os.sep, "/")


@lru_cache(maxsize=256)
def _ignored_in(per_path_ignores: tuple[tuple[str, frozenset[str]], ...], path: str) -> frozenset[str]:
    """The rules that are ignored in a file."""
    return frozenset().union(*(rules for pattern, rules in per_path_ignores if rules and matches(pattern, path)))


# -- files -----------------------------------------------------------------------------------------------------------


def up_to_repository(folder: str) -> list[str]:
    """A folder and those above it, up to that of the repository; only itself if it is in none."""
    folders = [folder]
    while not os.path.exists(os.path.join(folders[-1], ".git")):
        above = os.path.dirname(folders[-1])
        if above == folders[-1]:
            # Not a repository: files above may not belong to the project.
            return [folder]
        folders.append(above)
    return folders
