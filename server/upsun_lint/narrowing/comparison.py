"""Which lines of a text changed, in time about linear in its length.

Line endings are ignored. For two texts so different that an exact comparison would take long, too many lines may be
reported as changed, but never too few.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

__all__ = ["changed_stretches"]

_MOST_DEPTH = 40
_MOST_PAIRS = 10_000
"""The most pairs of lines that difflib may compare; its worst case is cubic."""

_Range = tuple[int, int]


def changed_stretches(old: str, new: str) -> list[_Range]:
    """The changed ranges of a text: the first and the last line of each, 0-based.

    Only a line feed ends a line. Where lines were deleted, the lines before and after are reported.
    """
    before, after = _lines(old), _lines(new)
    return [
        (first, last - 1) if first < last else (max(first - 1, 0), min(first, len(after) - 1))
        for first, last in _changed(before, after, (0, len(before)), (0, len(after)), 0)
    ]


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.split("\n")]


def _changed(before: Sequence[str], after: Sequence[str], old: _Range, new: _Range, depth: int) -> Iterator[_Range]:
    """Yield the changed ranges of new lines, empty where lines were deleted; the ends are exclusive."""
    (start, end), (first, last) = old, new
    while start < end and first < last and before[start] == after[first]:
        start, first = start + 1, first + 1
    while start < end and first < last and before[end - 1] == after[last - 1]:
        end, last = end - 1, last - 1
    if start == end and first == last:
        return
    if start == end or first == last:
        yield first, last
        return
    anchors = _anchors(before[start:end], after[first:last]) if depth < _MOST_DEPTH else []
    if anchors:
        for at, to in [*((start + one, first + other) for one, other in anchors), (end, last)]:
            yield from _changed(before, after, (start, at), (first, to), depth + 1)
            start, first = at, to
    elif (end - start) * (last - first) <= _MOST_PAIRS:
        matcher = SequenceMatcher(None, before[start:end], after[first:last], autojunk=False)
        yield from ((first + low, first + high) for tag, _, _, low, high in matcher.get_opcodes() if tag != "equal")
    else:
        yield first, last


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of equal lines that occur once in each text: the longest run in the same order in both."""
    places = _once(before)
    pairs = [(places[line], at) for line, at in _once(after).items() if line in places]
    # The longest run in ascending order: `ends` holds the smallest end of a run of each length, `last` its pair.
    ends: list[int] = []
    last: list[int] = []
    behind: list[int | None] = []
    for index, (place, _) in enumerate(pairs):
        length = bisect_left(ends, place)
        behind.append(last[length - 1] if length else None)
        ends[length : length + 1] = [place]
        last[length : length + 1] = [index]
    chosen: list[tuple[int, int]] = []
    at = last[-1] if last else None
    while at is not None:
        chosen.append(pairs[at])
        at = behind[at]
    return chosen[::-1]


def _once(lines: Sequence[str]) -> dict[str, int]:
    """The positions of the lines that occur only once, in order."""
    found: dict[str, int] = {}
    again: set[str] = set()
    for at, line in enumerate(lines):
        if line in found:
            again.add(line)
        found.setdefault(line, at)
    return {line: at for line, at in found.items() if line not in again}
