"""What a command line asks for."""

from __future__ import annotations

from upsun_lint.failure import Failure
from upsun_lint.places.paths import display_path
from upsun_lint.run.rule_names import named_policies
from upsun_lint.run.settings import SHELLCHECK, Settings
from upsun_lint.run.settings_files import find
from upsun_rules.finding import Severity
from upsun_schema.record import NamedTuple

__all__ = ["CheckRequest", "Output", "settings_in"]


class Output(NamedTuple):
    """A report format and the file to write it to; None for standard output."""

    form: str
    path: str | None = None


def settings_in(path: str | None) -> Settings:
    """The settings in a file; those of a project without one if there is none. Failure if they cannot be used."""
    if path is None:
        return Settings()
    from upsun_lint.run.settings_reader import load  # Most projects have no settings.

    return load(display_path(path))


class CheckRequest(NamedTuple):
    """The options of a command.

    None for `select`, `ignore`, `severity`, `fail_on` and `shellcheck` leaves the choice to the settings of each
    project. `config` is a settings file that replaces those of the projects; `no_config` ignores all of them. `color`
    is auto, always or never. `since` is a git revision. `never_fails` is for an exit status of 0 whatever is found.
    `exclude` are globs from the working directory. `unsafe_fixes` are the rules whose offered fixes are applied, too.
    """

    select: frozenset[str] | None = None
    ignore: frozenset[str] | None = None
    severity: Severity | None = None
    fail_on: Severity | None = None
    config: str | None = None
    no_config: bool = False
    outputs: tuple[Output, ...] = ()
    color: str = "auto"
    quiet: bool = False
    statistics: bool = False
    fix: bool = False
    diff: bool = False
    jobs: int | None = None
    baseline: str | None = None
    update_baseline: bool = False
    since: str | None = None
    extend_select: frozenset[str] | None = None
    exclude: tuple[str, ...] = ()
    never_fails: bool = False
    unsafe_fixes: frozenset[str] | None = None
    shellcheck: bool | None = None

    @property
    def looks_at_trees(self) -> bool:
        """Whether more is asked about the projects that were checked than where something in them is."""
        return self.fix or self.diff or self.since is not None

    def settings_path(self, root: str) -> str | None:
        """The settings file of the project in a folder; None if it has none."""
        return None if self.no_config else self.config or find(root)

    def settings_of(self, root: str) -> Settings:
        """The settings of the project in a folder, without the options. Failure if they cannot be used."""
        return settings_in(self.settings_path(root))

    def excludes(self, root: str) -> bool:
        """Whether the project in a folder, given by its absolute path, is left out of a search."""
        if Settings(exclude=self.exclude).excludes(root):
            return True
        try:
            return self.settings_of(root).excludes(root)
        except Failure:
            return False  # The check reports it.

    def with_defaults(self, root: str) -> CheckRequest:
        """The request with the outputs, the baseline and the jobs of the settings in a folder, if it has none itself.

        Settings that cannot be used give none: the check reports them.
        """
        try:
            settings = self.settings_of(root)
        except Failure:
            return self
        baseline = None if settings.baseline is None else display_path(settings.folder, settings.baseline)
        formats = [Output(form, path or None) for form, _, path in (one.partition("=") for one in settings.format)]
        return self._replace(
            outputs=self.outputs or (() if self.diff or self.statistics else tuple(formats)),
            baseline=baseline if self.baseline is None else self.baseline,
            jobs=settings.jobs if self.jobs is None else self.jobs,
        )

    def over(self, settings: Settings) -> Settings:
        """Settings with these options applied. `--select` and `--extend-select` override `ignore` of the settings.

        Failure for a policy that the project does not have.
        """
        select = None if self.select is None else named_policies(self.select, settings.policies, "--select")
        extended = named_policies(self.extend_select or frozenset(), settings.policies, "--extend-select")
        ignored = named_policies(self.ignore or frozenset(), settings.policies, "--ignore")
        wanted = settings.select if select is None else select
        shellcheck = settings.shellcheck or SHELLCHECK in (select or frozenset()) | extended
        return settings._replace(
            select=None if wanted is None else wanted | extended,
            ignore=settings.ignore - (select or frozenset()) - extended | ignored,
            severity=self.severity or settings.severity,
            fail_on=None if self.never_fails else self.fail_on or settings.fail_on,
            shellcheck=shellcheck if self.shellcheck is None else self.shellcheck,
        )
