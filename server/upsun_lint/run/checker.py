"""Projects held against the rules, by their settings and what overrides these. Knows nothing of terminals."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from upsun_lint.fixing.fixes import FixedProject, mend, why_left
from upsun_lint.places.paths import display_path
from upsun_lint.run import settings as settings_files
from upsun_lint.run import targets
from upsun_lint.run.result import Result, has_safe_fix
from upsun_lint.run.settings import Settings
from upsun_lint.run.targets import Target
from upsun_rules.engine import hidden, lint
from upsun_rules.finding import Finding, Severity
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project
from upsun_schema.images.table import Images

if TYPE_CHECKING:
    from upsun_lint.fixing.ignore_comments import Ignored

__all__ = ["Checked", "Checker", "Overrides"]


class Overrides(NamedTuple):
    """What a command line lays over the settings of every project; None where it says nothing.

    `config` is a settings file that counts instead of those of the projects; `no_config` leaves all of them aside.
    """

    select: frozenset[str] | None = None
    ignore: frozenset[str] | None = None
    severity: Severity | None = None
    fail_on: Severity | None = None
    config: str | None = None
    no_config: bool = False

    def over(self, settings: Settings) -> Settings:
        """Return settings with these over them. A rule that is selected here is not ignored there."""
        ignore = settings.ignore - (self.select or frozenset()) | (self.ignore or frozenset())
        return settings._replace(
            select=settings.select if self.select is None else self.select,
            ignore=ignore,
            severity=self.severity or settings.severity,
            fail_on=self.fail_on or settings.fail_on,
        )


class Checked(NamedTuple):
    """A project with everything that is found in it, and the settings that say what of this is shown.

    `known` are findings that a baseline knows, `elsewhere` those that have nothing to do with the changes asked about:
    both are not shown whatever the settings say.
    """

    target: Target
    project: Project
    settings: Settings
    findings: list[Finding]
    known: frozenset[Finding] = frozenset()
    elsewhere: frozenset[Finding] = frozenset()

    def is_shown(self, project: Project, finding: Finding) -> bool:
        """Return whether a finding of this project, maybe in a later state, is shown.

        What would make the exit status 1 always is.
        """
        settings, path = self.settings, project.place(finding.region).document.path
        return (
            finding.severity >= min(settings.severity, settings.fail_on)
            and finding.rule not in settings.ignore
            and (settings.select is None or finding.rule in settings.select)
            and (self.target.files is None or self._is_asked(project, finding, path))
            and not settings.silences(os.path.join(project.root, path), finding.rule)
        )

    def _is_asked(self, project: Project, finding: Finding, path: str) -> bool:
        """Return whether a finding is in a file asked about, or speaks of a place in a script that is one."""
        asked = self.target.files or frozenset()
        return path in asked or any(
            project.is_included_text(related.region) and project.place(related.region).document.path in asked
            for related in finding.related
        )

    @property
    def hidden(self) -> frozenset[Finding]:
        """The findings that are not shown whatever the settings say."""
        return self.known | self.elsewhere

    @property
    def result(self) -> Result:
        """The findings that are shown, and how many would be if they were not hidden."""
        shown = [one for one in self.findings if self.is_shown(self.project, one)]
        return Result(
            self.project,
            [one for one in shown if one not in self.hidden],
            asked=self.target.files,
            known=sum(one in self.known for one in shown),
            elsewhere=sum(one in self.elsewhere - self.known for one in shown),
        )

    @property
    def fails(self) -> bool:
        """Whether one of them is bad enough for exit status 1."""
        return any(finding.severity >= self.settings.fail_on for finding in self.result.findings)


class Checker:
    """Checks projects, each by its own settings."""

    def __init__(self, overrides: Overrides, images: Images) -> None:
        self._overrides = overrides
        self._images = images
        self._known: dict[str | None, tuple[Settings, Options]] = {}

    def check(self, target: Target, overlay: dict[str, str] | None = None) -> Checked:
        """Return what is found in a project. Failure where it, or its settings, cannot be read."""
        settings, options = self._decisions(target.root)
        project = targets.open_project(target, overlay)
        return Checked(target, project, settings, lint(project, options))

    def checked(self, target: Target, project: Project, findings: list[Finding]) -> Checked:
        """Return what another process found in a project."""
        settings, _ = self._decisions(target.root)
        return Checked(target, project, settings, findings)

    def with_hidden(self, checked: Checked) -> Result:
        """Return what is shown of a project, with what comments hide of it."""
        _, options = self._decisions(checked.target.root)
        found = hidden(checked.project, options)
        return checked.result._replace(hidden=[one for one in found if checked.is_shown(checked.project, one.finding)])

    def mend(self, checked: Checked) -> FixedProject:
        """Return a project after the safe fixes of what is shown. Nothing is written."""
        _, options = self._decisions(checked.target.root)
        return mend(
            checked.project,
            lambda project: lint(project, options),
            checked.is_shown,
            lambda path: _can_edit(checked, path),
            checked.hidden,
        )

    def ignore(self, checked: Checked, reason: str) -> Ignored:
        """Return comments that hide what is shown. Nothing is written."""
        from upsun_lint.fixing.ignore_comments import ignore

        _, options = self._decisions(checked.target.root)
        return ignore(
            checked.project,
            checked.result.findings,
            lambda project: lint(project, options),
            reason,
            lambda path: _can_edit(checked, path),
        )

    def left_alone(self, checked: Checked) -> dict[str, str]:
        """Return the files with safe fixes that may not be changed, and why."""
        project = checked.project
        fixable = (one for one in checked.result.findings if has_safe_fix(one))
        documents = {project.place(one.region).document for one in fixable}
        found = {one.path: why_left(os.path.join(project.root, one.path), one.text) for one in documents}
        return {path: why for path, why in sorted(found.items()) if why is not None}

    def _decisions(self, root: str) -> tuple[Settings, Options]:
        overrides = self._overrides
        path = None if overrides.no_config else overrides.config or settings_files.find(root)
        if path not in self._known:
            settings = overrides.over(settings_files.load(display_path(path)) if path is not None else Settings())
            # Every rule runs, so that a fix is judged by all that it causes; what is shown is decided afterwards.
            options = settings._replace(select=None, ignore=frozenset()).options(self._images)
            self._known[path] = settings, options
        return self._known[path]


def _can_edit(checked: Checked, path: str) -> bool:
    """Return whether a file of a project is one that was asked about, and can be written again byte for byte."""
    if checked.target.files is not None and path not in checked.target.files:
        return False
    text = next((one.text for one in checked.project.all_documents if one.path == path), None)
    if text is None:
        return False  # It is no part of the configuration.
    return path in checked.project.overlay or why_left(os.path.join(checked.project.root, path), text) is None
