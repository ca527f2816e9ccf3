"""What a run leaves out: findings that a baseline lists, and findings outside the lines changed since a revision."""

from __future__ import annotations

import os

from upsun_lint.narrowing.baseline import Baseline
from upsun_lint.narrowing.changes import Changes
from upsun_lint.run.check_request import CheckRequest
from upsun_lint.run.result import Reach, Result

__all__ = ["Narrowing"]


class Narrowing:
    """The baseline and the changes that a request names; without either, nothing is left out."""

    def __init__(self, request: CheckRequest) -> None:
        """Failure where the baseline cannot be read; one that is to be written need not exist."""
        self._baseline: Baseline | None = None
        if request.baseline is not None:
            is_new = request.update_baseline and not os.path.lexists(request.baseline)
            self._baseline = Baseline(request.baseline) if is_new else Baseline.load(request.baseline)
        self._updates = request.update_baseline
        self._changes = None if request.since is None else Changes(request.since)

    def narrowed(self, result: Result) -> Result:
        """A result without what is left out. Failure where git cannot answer."""
        known, elsewhere = result.known, result.elsewhere
        if self._baseline is not None and not self._updates:
            known = frozenset(self._baseline.known_of(result))
        if self._changes is not None:
            elsewhere = frozenset(self._changes.untouched(result.project, result.found))
        return result.without(known, elsewhere)

    def with_fewer_suppressed(self, result: Result) -> Result:
        """A result without suppressed findings outside the changed lines."""
        if self._changes is None or not result.suppressed:
            return result
        away = set(self._changes.untouched(result.project, [one.finding for one in result.suppressed]))
        return result._replace(suppressed=[one for one in result.suppressed if one.finding not in away])

    def reach(self, result: Result) -> list[Reach]:
        """The changed properties of applications that workers share or inherit."""
        return [] if self._changes is None else self._changes.reach(result.project)

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
        results = [one.without(frozenset(updated.known_of(one)), one.elsewhere) for one in results]
        return results, len(new), len(new - old), len(old - new)
