"""What a command line asks for."""

from __future__ import annotations

from typing import NamedTuple

from upsun_lint.run.rule_names import named_policies
from upsun_lint.run.settings import Settings
from upsun_rules.finding import Severity

__all__ = ["CheckRequest", "Output"]


class Output(NamedTuple):
    """A report format and the file to write it to; None for standard output."""

    form: str
    path: str | None = None


class CheckRequest(NamedTuple):
    """The options of a command.

    None for `select`, `ignore`, `severity` and `fail_on` leaves the choice to the settings of each project. `config` is
    a settings file that replaces those of the projects; `no_config` ignores all of them. `color` is auto, always or
    never. `since` is a git revision. `never_fails` is for an exit status of 0 whatever is found.
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

    def over(self, settings: Settings) -> Settings:
        """Settings with these options applied. `--select` and `--extend-select` override `ignore` of the settings.

        Failure for a policy that the project does not have.
        """
        select = None if self.select is None else named_policies(self.select, settings.policies, "--select")
        extended = named_policies(self.extend_select or frozenset(), settings.policies, "--extend-select")
        ignored = named_policies(self.ignore or frozenset(), settings.policies, "--ignore")
        wanted = settings.select if select is None else select
        return settings._replace(
            select=None if wanted is None else wanted | extended,
            ignore=settings.ignore - (select or frozenset()) - extended | ignored,
            severity=self.severity or settings.severity,
            fail_on=None if self.never_fails else self.fail_on or settings.fail_on,
        )
