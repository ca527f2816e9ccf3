"""Checks projects in several processes. What they find is sent back packed, as far as it is needed."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as MappingType
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from copyreg import __newobj__, dispatch_table  # type: ignore[attr-defined]
from functools import lru_cache, partial
from io import BytesIO
from threading import Thread
from types import MappingProxyType

from upsun_lint.failure import Failure
from upsun_lint.run.checker import Checker
from upsun_lint.run.result import Result
from upsun_lint.run.targets import Target
from upsun_rules.suppression import may_suppress
from upsun_schema.configuration.project import Project
from upsun_schema.configuration.sources import Sources
from upsun_schema.images.table import Images
from upsun_schema.yaml.nodes import Mapping, Piece
from upsun_schema.yaml.source_file import SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multiprocessing.context import BaseContext
    from typing import Any, TypeAlias

__all__ = ["check_in_pool"]

_MOST_AT_ONCE = 16
"""The most projects that a process gets at a time."""


def check_in_pool(checker: Checker, targets: Sequence[Target], jobs: int) -> Iterator[Result | Failure]:
    """Yield the result of each project, or the reason for its failure, in the order given.

    Where a process is killed, this is why there is no result for all projects that are left.
    """
    size = max(1, min(_MOST_AT_ONCE, len(targets) // (jobs * 4)))
    chunks = [targets[start : start + size] for start in range(0, len(targets), size)]
    ask = partial(_answer, _packed(checker))
    pool = ProcessPoolExecutor(jobs, _context(), _begin)
    left = len(targets)
    try:
        for chunk, answers in zip(chunks, pool.map(ask, chunks), strict=True):
            for target, answer in zip(chunk, answers, strict=True):
                yield _understood(checker, target, answer)
            left -= len(chunk)
    except BrokenProcessPool:
        missing = f"{left} of {len(targets)} projects were not checked"
        killed = Failure(f"{missing}: a process was killed (out of memory?); try --jobs 1")
        yield from [killed] * left
    finally:
        pool.shutdown(wait=True, cancel_futures=True)  # A remaining process would wait without end.


def _context() -> BaseContext:
    # A forked process has imported everything already. Forking is unsafe except on Linux.
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


_Answer = bytes | str | None
"""A project, or its files without trees, and its findings, packed; or the message of a Failure.

None for trees too deep to be packed.
"""


def _begin() -> None:
    # Ctrl-C is for the process that started this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process once the one that started it was killed: it would wait for projects without end."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _answer(packed: bytes, targets: Sequence[Target]) -> list[_Answer]:
    checker = _checker(packed)
    answers = map(checker.attempt, targets)
    return [str(one) if isinstance(one, Failure) else _packed_result(checker, one) for one in answers]


def _packed_result(checker: Checker, result: Result) -> bytes | None:
    """The project and its findings, packed as far as they are needed: trees are most of what a project is."""
    project, found = result.project, result.found
    # What comments hide is found by asking the rules again.
    if checker.looks_at_trees or may_suppress(project):
        try:
            return _packed((project, found))
        except RecursionError:
            return None
    pieces = {region.piece for finding in found for region in finding.shown}
    bare = [one._replace(explains=(), lacks=(), gives=(), subject=None) for one in found]
    return _packed((Sources.of(project, pieces), bare), {Piece: _bare_piece, SourceFile: _bare_file})


@lru_cache(maxsize=1)
def _checker(packed: bytes) -> Checker:
    """Unpack a checker, once in each process: it caches settings and images."""
    checker = pickle.loads(packed)
    assert isinstance(checker, Checker)
    return checker


def _understood(checker: Checker, target: Target, answer: _Answer) -> Result | Failure:
    if answer is None:
        return checker.attempt(target)
    if isinstance(answer, str):
        return Failure(answer)
    project, findings = pickle.loads(answer)
    assert isinstance(project, Sources)
    try:
        return checker.result(target, project, findings)
    except Failure as failure:  # Its settings have changed meanwhile.
        return failure


def _packed(thing: object, otherwise: MappingType[type, Callable[[Any], _Reduced]] = MappingProxyType({})) -> bytes:
    """Pickle an object without caches that are cheap to compute, and objects of some classes in another way."""
    buffer = BytesIO()
    packer = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
    usual: dict[type, Callable[[Any], _Reduced]] = {
        Checker: _reduced_checker,
        Images: _reduced_images,
        Mapping: _reduced_mapping,
        Piece: _reduced_piece,
        Project: _reduced_project,
    }
    packer.dispatch_table = {**dispatch_table, **usual, **otherwise}
    packer.dump(thing)
    return buffer.getvalue()


_Reduced: TypeAlias = "tuple[Any, ...]"
"""What `pickle` restores an object from: a callable, its arguments, and the state."""


def _reduced_checker(checker: Checker) -> _Reduced:
    return __newobj__, (Checker,), vars(checker) | {"_known": {}}


def _reduced_images(images: Images) -> _Reduced:
    return _images, (images.to_json(),)


def _images(text: str) -> Images:
    return Images(json.loads(text))


def _reduced_piece(piece: Piece) -> _Reduced:
    return _without(piece, memory={}, kept=None)


def _reduced_mapping(mapping: Mapping) -> _Reduced:
    return _without(mapping, sound_for=None, _entries=None, _effective=None)


def _without(thing: Piece | Mapping, **caches: object) -> _Reduced:
    state: Any = thing.__getstate__()
    # A compiled class has no slots that `pickle` knows.
    slots = state[1] if isinstance(state, tuple) else state
    slots.update(caches)
    return __newobj__, (type(thing),), state


def _bare_piece(piece: Piece) -> _Reduced:
    return Piece, (piece.text,)


def _bare_file(file: SourceFile) -> _Reduced:
    bases = {piece: file.base(piece) for piece in file.all_pieces}
    return _file, (file.path, file.text, bases, file.is_text)


def _file(path: str, text: str, bases: dict[Piece, int], is_text: bool) -> SourceFile:
    return SourceFile(path, text, bases, is_text=is_text)


def _reduced_project(project: Project) -> _Reduced:
    kind = type(project)
    state = {name: value for name, value in vars(project).items() if not hasattr(kind, name)}
    return __newobj__, (kind,), state
