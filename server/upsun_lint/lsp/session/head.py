"""A project compared with the commit that is checked out, while its files are edited."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from upsun_lint.failure import Failure
from upsun_schema.configuration.project import Project

if TYPE_CHECKING:
    from upsun_lint.narrowing.past import Past
    from upsun_schema.configuration.change import Change

__all__ = ["LOG", "HeadRevision"]

LOG = ".git/logs/HEAD"
"""What git writes to when another commit is checked out. Of a worktree, it is elsewhere."""

_SECONDS = 5.0
"""How long the commit is taken to be the same one before git is asked again."""


class HeadRevision:
    """The commit that is checked out around a project. It is read when it is needed, and again after a commit."""

    def __init__(self) -> None:
        self._past: Past | None = None
        self._looked = float("-inf")

    def forget(self) -> None:
        """Ask git again, because there is another commit."""
        self._looked = float("-inf")

    def change(self, project: Project) -> Change | None:
        """What became of the project since the commit; None if it is not in a repository with a commit."""
        from upsun_schema.configuration.change import Change

        try:
            past = self._current(project)
            return None if past is None else Change(past.project, project)
        except Failure:
            return None

    def _current(self, project: Project) -> Past | None:
        if monotonic() - self._looked >= _SECONDS:
            self._past = self._look(project)
            self._looked = monotonic()
        return self._past

    def _look(self, project: Project) -> Past | None:
        from upsun_lint.narrowing.git import Revision, repository
        from upsun_lint.narrowing.past import Past

        try:
            revision = Revision(repository(project.root), "HEAD")
        except Failure:
            return None
        is_known = self._past is not None and self._past.revision.commit == revision.commit
        return self._past if is_known else Past(revision, project)
