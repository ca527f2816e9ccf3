"""Many projects at once: several processes, answers in the order of the questions, and how far it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from copyreg import __newobj__, dispatch_table  # type: ignore[attr-defined]
from functools import lru_cache, partial
from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING, Any

from upsun_lint.failure import Failure
from upsun_lint.run.checker import Checked, Checker
from upsun_lint.run.targets import Target
from upsun_lint.writing.output import write
from upsun_schema.configuration.project import Project
from upsun_schema.images.table import Images
from upsun_schema.yaml.nodes import Piece

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

__all__ = ["Progress", "check_all", "processors"]

_MANY = 40
"""From how many projects on more processes are worth their start."""

_MOST_AT_ONCE = 16
"""How many projects a process is given at a time."""


def check_all(checker: Checker, targets: Sequence[Target], jobs: int | None = None) -> Iterator[Checked | Failure]:
    """Yield what is found in each project, or why nothing could be, in the order given.

    `jobs` is the number of processes; None takes as many as there are processors, if there are many projects.
    """
    if jobs is None:
        jobs = processors() if len(targets) >= _MANY else 1
    jobs = min(jobs, len(targets))
    if jobs > 1:
        yield from _check_in_pool(checker, targets, jobs)
    else:
        yield from (_check(checker, target) for target in targets)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _check(checker: Checker, target: Target) -> Checked | Failure:
    try:
        return checker.check(target)
    except Failure as failure:
        return failure


# -- processes -------------------------------------------------------------------------------------------------------


def _check_in_pool(checker: Checker, targets: Sequence[Target], jobs: int) -> Iterator[Checked | Failure]:
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
        raise Failure("a process that checked projects was ended from outside (is memory short?); --jobs 1") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)  # A process left behind would wait for ever.


def _context() -> BaseContext:
    import multiprocessing

    # A copy of this process has imported everything already. Elsewhere than on Linux, copies are unsafe.
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


_Answer = bytes | str
"""A project and its findings, packed, or the words of a Failure."""


def _begin() -> None:
    import signal

    # Whoever presses Ctrl-C means the process that started this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _answer(packed: bytes, targets: Sequence[Target]) -> list[_Answer]:
    checker = _checker(packed)
    answers = (_check(checker, target) for target in targets)
    return [str(one) if isinstance(one, Failure) else _packed((one.project, one.findings)) for one in answers]


@lru_cache(maxsize=1)
def _checker(packed: bytes) -> Checker:
    """Unpack a checker, once in a process: it remembers settings and images that it has met."""
    import pickle

    checker = pickle.loads(packed)
    assert isinstance(checker, Checker)
    return checker


def _understood(checker: Checker, target: Target, answer: _Answer) -> Checked | Failure:
    if isinstance(answer, str):
        return Failure(answer)
    import pickle

    project, findings = pickle.loads(answer)
    assert isinstance(project, Project)
    return checker.checked(target, project, findings)


def _packed(thing: object) -> bytes:
    """Pack a thing without what is quickly found out again."""
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


_Reduced = tuple[Any, ...]
"""What `pickle` makes a thing again from: what to call, with what, and what is in it then."""


def _reduced_checker(checker: Checker) -> _Reduced:
    return __newobj__, (Checker,), vars(checker) | {"_known": {}}


def _reduced_images(images: Images) -> _Reduced:
    return _images, (images.to_json(),)


def _images(text: str) -> Images:
    import json

    return Images(json.loads(text))


def _reduced_piece(piece: Piece) -> _Reduced:
    state = {name: getattr(piece, name) for name in Piece.__slots__} | {"memory": {}}
    return __newobj__, (Piece,), (None, state)


def _reduced_project(project: Project) -> _Reduced:
    kind = type(project)
    state = {name: value for name, value in vars(project).items() if not hasattr(kind, name)}
    return __newobj__, (kind,), state


# -- progress --------------------------------------------------------------------------------------------------------


class Progress:
    """A line on a terminal that says how far it is, and goes away in the end."""

    def __init__(self, number: int, *, wanted: bool) -> None:
        self._number = number
        self._wanted = wanted and number >= _MANY and sys.stderr is not None and sys.stderr.isatty()
        self._next = 0.0

    def tell(self, done: int) -> None:
        """Say how many projects are done, not more often than people can read."""
        if self._wanted and (now := monotonic()) >= self._next:
            self._next = now + 0.1
            write(f"\rchecked {done} of {self._number} projects", stderr=True)
            sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._wanted and self._next:
            write("\r\x1b[K", stderr=True)
            sys.stderr.flush()
