"""What a run leaves out: findings that a baseline lists, and findings that a revision already has."""

from __future__ import annotations

import os

from upsun_lint.narrowing.baseline import Baseline
from upsun_lint.narrowing.changes import Changes
from upsun_lint.run.check_request import CheckRequest
from upsun_lint.run.checker import Checker
from upsun_lint.run.result import Result
from upsun_rules.finding import Finding
from upsun_rules.suppression import Hidden
from upsun_schema.configuration.project import Project

__all__ = ["Narrowing"]


class Narrowing:
    """The baseline and the changes that a request names; without either, nothing is left out."""

    def __init__(self, request: CheckRequest, checker: Checker) -> None:
        """Failure where the baseline cannot be read; one that is to be written need not exist."""
        self._baseline: Baseline | None = None
        if request.baseline is not None:
            is_new = request.update_baseline and not os.path.lexists(request.baseline)
            self._baseline = Baseline(request.baseline) if is_new else Baseline.load(request.baseline)
        self._updates = request.update_baseline
        self._changes = None if request.since is None else Changes(request.since)
        self._checker = checker

    def narrowed(self, result: Result) -> Result:
        """A result without what is left out. Failure where git cannot answer."""
        known, already = result.known, result.already
        if self._changes is not None:
            comparison = self._changes.of(result.whole)
            before = self._checker.lint(comparison.past.project)
            already = frozenset(comparison.already(result.found, before))
            result = result.with_change(comparison.change, self._checker.judge(comparison.change))
        if self._baseline is not None and not self._updates:
            known = frozenset(self._baseline.known_of(result))
        return result.without(known, already)

    def judged(self, project: Project) -> list[Finding]:
        """The findings about what the change does to a project, which may be a later state of one of the run."""
        return [] if self._changes is None else self._checker.judge(self._changes.of(project).change)

    def suppressed(self, result: Result) -> list[Hidden]:
        """The suppressed findings about changed lines and about the change; without a revision, all of the project."""
        found = self._checker.suppressed(result)
        if self._changes is None:
            return found
        comparison = self._changes.of(result.whole)
        own = (one for one in found if comparison.touches(one.finding))
        return [*own, *self._checker.suppressed_of_change(result, comparison.change)]

    def update(self, results: list[Result]) -> tuple[list[Result], int, int, int] | None:
        """Write the baseline, if the request says so.

        The results without what it lists now, and how many findings it lists, lists for the first time, and no longer
        lists.
        """
        if self._baseline is None or not self._updates:
            return None
        updated = self._baseline.updated(results)
        old, new = set(self._baseline), set(updated)
        updated.save()
        results = [one.without(frozenset(updated.known_of(one)), one.already) for one in results]
        return results, len(new), len(new - old), len(old - new)
