"""What a command line asks for."""

from __future__ import annotations

from upsun_lint.run.settings import SHELLCHECK, Settings
from upsun_rules.finding import Severity
from upsun_schema.record import NamedTuple

__all__ = ["CheckRequest", "Output"]


class Output(NamedTuple):
    """A report format and the file to write it to; None for standard output."""

    form: str
    path: str | None = None


class CheckRequest(NamedTuple):
    """The options of a command.

    None for `select`, `ignore`, `severity`, `fail_on` and `shellcheck` leaves the choice to the settings of each
    project. `config` is a settings file that replaces those of the projects; `no_config` ignores all of them. `color`
    is auto, always or never. `since` is a git revision.
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
    shellcheck: bool | None = None

    def over(self, settings: Settings) -> Settings:
        """Settings with these options applied. `--select` overrides `ignore`, and enables what it names."""
        ignore = settings.ignore - (self.select or frozenset()) | (self.ignore or frozenset())
        shellcheck = settings.shellcheck or SHELLCHECK in (self.select or ())
        return settings._replace(
            select=settings.select if self.select is None else self.select,
            ignore=ignore,
            severity=self.severity or settings.severity,
            fail_on=self.fail_on or settings.fail_on,
            shellcheck=shellcheck if self.shellcheck is None else self.shellcheck,
        )
