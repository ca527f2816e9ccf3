"""Checks projects, each with its own settings and the options of the command line. Knows nothing of terminals."""

from __future__ import annotations

import os
from collections.abc import Callable

from upsun_lint.failure import Failure
from upsun_lint.run import image_updates, targets
from upsun_lint.run.check_request import CheckRequest, settings_in
from upsun_lint.run.result import Result, has_safe_fix
from upsun_lint.run.rule_names import named_policies
from upsun_lint.run.settings import Settings
from upsun_lint.run.targets import Target
from upsun_rules.engine import hidden, hidden_of_change, judge, lint, with_judged
from upsun_rules.finding import Finding
from upsun_rules.options import Options
from upsun_rules.shell.review import Reviewer
from upsun_rules.suppression import Hidden, may_suppress
from upsun_schema.configuration.project import Project
from upsun_schema.configuration.sources import Sources
from upsun_schema.images.table import Images

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upsun_lint.fixing.fixes import FixedProject
    from upsun_lint.fixing.ignore_comments import Ignored
    from upsun_schema.configuration.change import Change

__all__ = ["Checker"]


class Checker:
    """Checks projects, each by its own settings."""

    def __init__(self, request: CheckRequest, images: Images) -> None:
        self._request = request
        self._images = images
        self._known: dict[str | None, tuple[Settings, Options]] = {}

    @property
    def looks_at_trees(self) -> bool:
        """Whether more is asked about the projects that were checked than where something in them is."""
        return self._request.looks_at_trees

    def check(self, target: Target, overlay: dict[str, str] | None = None) -> Result:
        """Check a project. Failure where it or its settings cannot be read."""
        settings, options = self._decisions(target.root)
        project = targets.open_project(target, overlay)
        return self._result(target, project, lint(project, options), settings)

    def attempt(self, target: Target) -> Result | Failure:
        """The result of a project, or the reason why there is none."""
        try:
            return self.check(target)
        except Failure as failure:
            return failure

    def lint(self, project: Project) -> list[Finding]:
        """All findings of a project that is not read from disk, or not as it is there."""
        _, options = self._decisions(project.root)
        return lint(project, options)

    def judge(self, change: Change) -> list[Finding]:
        """The findings about a change of a project."""
        _, options = self._decisions(change.after.root)
        return judge(change, options)

    def result(self, target: Target, project: Sources, found: list[Finding]) -> Result:
        """The result of a project that was already checked, given all of its findings."""
        settings, _ = self._decisions(target.root)
        return self._result(target, project, found, settings)

    def _result(self, target: Target, project: Sources, found: list[Finding], settings: Settings) -> Result:
        return Result.of(project, found, settings, target.files, is_buffer=target.is_buffer)

    def suppressed(self, result: Result) -> list[Hidden]:
        """The findings that comments suppress, of those that would be shown."""
        if not may_suppress(result.project):
            return []  # Its trees need not be read again.
        _, options = self._decisions(result.project.root)
        found = hidden(result.whole, options)
        return [one for one in found if result.shows(result.project, one.finding)]

    def suppressed_of_change(self, result: Result, change: Change) -> list[Hidden]:
        """The findings about a change that comments suppress, of those that would be shown."""
        _, options = self._decisions(result.project.root)
        found = hidden_of_change(change, options)
        return [one for one in found if result.shows(result.project, one.finding)]

    def fix(self, result: Result, more: Callable[[Project], list[Finding]]) -> FixedProject:
        """A project with the safe fixes of what is shown. Nothing is written.

        `more` gives the findings of a state of the project that it does not have by itself.
        """
        from upsun_lint.fixing.fixes import apply_fixes

        _, options = self._decisions(result.project.root)
        return apply_fixes(
            result.whole,
            lambda project: with_judged(project, lint(project, options), more(project)),
            result.shows,
            lambda path: _can_edit(result, path),
            result.known | result.already,
            named_policies(self._request.unsafe_fixes or frozenset(), result.settings.policies, "--unsafe-fixes"),
        )

    def ignore(self, result: Result, reason: str) -> Ignored:
        """The comments that suppress what is shown. Nothing is written."""
        from upsun_lint.fixing.ignore_comments import ignore

        _, options = self._decisions(result.project.root)
        return ignore(
            result.whole,
            result.findings,
            lambda project: lint(project, options),
            reason,
            lambda path: _can_edit(result, path),
        )

    def left_alone(self, result: Result) -> dict[str, str]:
        """The files with safe fixes that may not be changed, and why."""
        from upsun_lint.fixing.fixes import why_left

        project = result.project
        fixable = (one for one in result.findings if has_safe_fix(one))
        documents = {project.file(one.region) for one in fixable}
        found = {one.path: why_left(os.path.join(project.root, one.path), one.text) for one in documents}
        return {path: why for path, why in sorted(found.items()) if why is not None}

    def _decisions(self, root: str) -> tuple[Settings, Options]:
        request = self._request
        path = request.settings_path(root)
        if path not in self._known:
            settings = request.over(settings_in(path))
            # Every rule runs, so that a fix is judged by everything it causes; what is shown is decided afterwards.
            images = image_updates.pinned(settings) or self._images
            reviewer = _reviewer(root) if settings.shellcheck else None
            options = settings._replace(select=None, ignore=frozenset()).options(images, reviewer)
            self._known[path] = settings, options
        return self._known[path]


def _reviewer(root: str) -> Reviewer:
    from upsun_lint.run import shellcheck

    return shellcheck.Shellcheck(shellcheck.find(root))


def _can_edit(result: Result, path: str) -> bool:
    """Whether a file was asked about and can be written back byte for byte."""
    from upsun_lint.fixing.fixes import why_left

    if result.asked is not None and path not in result.asked:
        return False
    text = next((one.text for one in result.project.all_documents if one.path == path), None)
    if text is None:
        return False  # It is not part of the configuration.
    return path in result.whole.overlay or why_left(os.path.join(result.project.root, path), text) is None
