"""Checks many projects in several processes, with results in order and a progress line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from time import monotonic

from upsun_lint.failure import Failure
from upsun_lint.run.checker import Checker
from upsun_lint.run.result import Result
from upsun_lint.run.targets import Target
from upsun_lint.writing.output import write

__all__ = ["Progress", "check_all", "processors"]

_MANY = 40
"""The number of projects from which more processes pay off."""

_MOST_ON_WINDOWS = 61
"""The most processes that a pool may have on Windows, which waits for at most so many handles."""


def check_all(checker: Checker, targets: Sequence[Target], jobs: int | None = None) -> Iterator[Result | Failure]:
    """Yield the result of each project, or the reason for its failure, in the order given.

    `jobs` is the number of processes; None means one per processor if there are many projects.
    """
    if jobs is None:
        jobs = processors() if len(targets) >= _MANY else 1
    jobs = min(jobs, len(targets), _MOST_ON_WINDOWS if sys.platform == "win32" else jobs)
    if jobs > 1:
        from upsun_lint.run.pool import check_in_pool  # Most runs need none.

        yield from check_in_pool(checker, targets, jobs)
    else:
        yield from (checker.attempt(target) for target in targets)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# -- progress --------------------------------------------------------------------------------------------------------


class Progress:
    """A progress line on a terminal, removed at the end."""

    def __init__(self, number: int, *, wanted: bool) -> None:
        self._number = number
        self._wanted = wanted and number >= _MANY and sys.stderr is not None and sys.stderr.isatty()
        self._next = 0.0

    def show(self, done: int) -> None:
        """Show how many projects are done, at most ten times a second."""
        if self._wanted and (now := monotonic()) >= self._next:
            self._next = now + 0.1
            write(f"\rchecked {done} of {self._number} projects", stderr=True)
            sys.stderr.flush()

    def end(self) -> None:
        """Remove the line."""
        if self._wanted and self._next:
            write("\r\x1b[K", stderr=True)
            sys.stderr.flush()
