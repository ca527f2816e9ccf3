"""Checks many projects in several processes, with results in order and a progress line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from copyreg import __newobj__, dispatch_table  # type: ignore[attr-defined]
from functools import lru_cache, partial
from io import BytesIO
from time import monotonic

from upsun_lint.failure import Failure
from upsun_lint.run.checker import Checker
from upsun_lint.run.result import Result
from upsun_lint.run.targets import Target
from upsun_lint.writing.output import write
from upsun_schema.configuration.project import Project
from upsun_schema.images.table import Images
from upsun_schema.yaml.nodes import Piece

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multiprocessing.context import BaseContext
    from typing import Any, TypeAlias

__all__ = ["Progress", "check_all", "processors"]

_MANY = 40
"""The number of projects from which more processes pay off."""

_MOST_ON_WINDOWS = 61
"""The most processes that a pool may have on Windows, which waits for at most so many handles."""

_MOST_AT_ONCE = 16
"""The most projects that a process gets at a time."""


def check_all(checker: Checker, targets: Sequence[Target], jobs: int | None = None) -> Iterator[Result | Failure]:
    """Yield the result of each project, or the reason for its failure, in the order given.

    `jobs` is the number of processes; None means one per processor if there are many projects.
    """
    if jobs is None:
        jobs = processors() if len(targets) >= _MANY else 1
    jobs = min(jobs, len(targets), _MOST_ON_WINDOWS if sys.platform == "win32" else jobs)
    if jobs > 1:
        yield from _check_in_pool(checker, targets, jobs)
    else:
        yield from (_check(checker, target) for target in targets)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _check(checker: Checker, target: Target) -> Result | Failure:
    try:
        return checker.check(target)
    except Failure as failure:
        return failure


# -- processes -------------------------------------------------------------------------------------------------------


def _check_in_pool(checker: Checker, targets: Sequence[Target], jobs: int) -> Iterator[Result | Failure]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    size = max(1, min(_MOST_AT_ONCE, len(targets) // (jobs * 4)))
    chunks = [targets[start : start + size] for start in range(0, len(targets), size)]
    ask = partial(_answer, _packed(checker))
    pool = ProcessPoolExecutor(jobs, _context(), _begin)
    try:
        for chunk, answers in zip(chunks, pool.map(ask, chunks), strict=True):
            for target, answer in zip(chunk, answers, strict=True):
                yield _understood(checker, target, answer)
    except BrokenProcessPool:
        raise Failure("a process that checked projects was killed (out of memory?); try --jobs 1") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)  # A remaining process would wait without end.


def _context() -> BaseContext:
    import multiprocessing

    # A forked process has imported everything already. Forking is unsafe except on Linux.
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


_Answer = bytes | str
"""A project and its findings, packed, or the message of a Failure."""


def _begin() -> None:
    import signal

    # Ctrl-C is for the process that started this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _answer(packed: bytes, targets: Sequence[Target]) -> list[_Answer]:
    checker = _checker(packed)
    answers = (_check(checker, target) for target in targets)
    return [str(one) if isinstance(one, Failure) else _packed((one.project, one.found)) for one in answers]


@lru_cache(maxsize=1)
def _checker(packed: bytes) -> Checker:
    """Unpack a checker, once in each process: it caches settings and images."""
    import pickle

    checker = pickle.loads(packed)
    assert isinstance(checker, Checker)
    return checker


def _understood(checker: Checker, target: Target, answer: _Answer) -> Result | Failure:
    if isinstance(answer, str):
        return Failure(answer)
    import pickle

    project, findings = pickle.loads(answer)
    assert isinstance(project, Project)
    return checker.result(target, project, findings)


def _packed(thing: object) -> bytes:
    """Pickle an object without caches that are cheap to compute."""
    import pickle

    buffer = BytesIO()
    packer = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
    packer.dispatch_table = dispatch_table | {
        Checker: _reduced_checker,
        Images: _reduced_images,
        Piece: _reduced_piece,
        Project: _reduced_project,
    }
    packer.dump(thing)
    return buffer.getvalue()


_Reduced: TypeAlias = "tuple[Any, ...]"
"""What `pickle` restores an object from: a callable, its arguments, and the state."""


def _reduced_checker(checker: Checker) -> _Reduced:
    return __newobj__, (Checker,), vars(checker) | {"_known": {}}


def _reduced_images(images: Images) -> _Reduced:
    return _images, (images.to_json(),)


def _images(text: str) -> Images:
    import json

    return Images(json.loads(text))


def _reduced_piece(piece: Piece) -> _Reduced:
    state: Any = piece.__getstate__()
    # A compiled class has no slots that `pickle` knows.
    slots = state[1] if isinstance(state, tuple) else state
    slots["memory"] = {}
    return __newobj__, (Piece,), state


def _reduced_project(project: Project) -> _Reduced:
    kind = type(project)
    state = {name: value for name, value in vars(project).items() if not hasattr(kind, name)}
    return __newobj__, (kind,), state


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
