"""One cause, one finding: what only follows from another finding is left out.

A finding explains others in two ways. It names regions, in which findings of a lower rank follow from it: what is in
the wrong place is read as something else. And it gives keys, those that are there once it is fixed; a finding that
would not be there with these keys follows from it, wherever it is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from upsun_rules.finding import Finding
from upsun_rules.rule import Rank
from upsun_schema.configuration.project import Project
from upsun_schema.yaml.nodes import Keys, Mapping, Piece, Region

__all__ = ["without_consequences"]


def without_consequences(findings: Iterable[Finding], project: Project) -> Iterator[Finding]:
    """Yield the findings that do not follow from others, each once."""
    # A block shared through an anchor is visited once for each container that has it.
    once: dict[tuple[str, Region, str], Finding] = {}
    for finding in findings:
        once.setdefault((finding.rule, finding.region, finding.message), finding)
    found = list(once.values())
    explained = _Explained(found, project)
    given = _Given(found, project)
    for finding in found:
        if not explained.holds(finding) and not given.holds(finding):
            yield finding


class _Explained:
    """The regions that findings explain, by the rank of these findings."""

    def __init__(self, found: list[Finding], project: Project) -> None:
        self._starts = {(one.region.piece, one.region.start) for one in found if one.rank > Rank.SHAPE}
        self._covers = {rank: _Cover() for rank in Rank}
        self._outer: set[Finding] = set()
        for finding in found:
            if finding.rank == Rank.MEANING:
                self._covers[Rank.MEANING].add(finding.explains)
        for finding in found:
            if finding.rank == Rank.TEXT:
                self._covers[Rank.TEXT].add([_lines_around(finding.region)])
        places = [one for one in found if one.rank == Rank.PLACE]
        for finding in sorted(places, key=lambda one: project.place(one.region).span.start):
            if not any(self._covers[rank].holds(finding.region) for rank in (Rank.PLACE, Rank.TEXT)):
                self._covers[Rank.PLACE].add(finding.explains)
                self._outer.add(finding)

    def holds(self, finding: Finding) -> bool:
        """Whether a finding follows from one whose region it is in, or whose region its subject is in."""
        if finding.rank == Rank.TEXT or finding in self._outer:
            return False
        place = self._covers[Rank.PLACE]
        if place.holds(finding.region) or (finding.subject is not None and place.holds(finding.subject)):
            return True
        if finding.rank > Rank.SHAPE:
            return False
        # A key with a clear misspelling is what it is, whatever the lines beside it are.
        if self._covers[Rank.TEXT].holds(finding.region) and not finding.gives:
            return True
        start = finding.region.piece, finding.region.start
        return start in self._starts or self._covers[Rank.MEANING].holds(finding.region)


def _lines_around(region: Region) -> Region:
    """The line of a region and the lines beside it, which error recovery may have read otherwise than meant."""
    text = region.piece.text
    start = text.rfind("\n", 0, max(text.rfind("\n", 0, region.start), 0)) + 1
    end = text.find("\n", region.start)
    end = text.find("\n", end + 1) if end >= 0 else -1
    return Region(region.piece, start, len(text) if end < 0 else end)


class _Given:
    """The keys that are there once findings are fixed."""

    def __init__(self, found: list[Finding], project: Project) -> None:
        self._project = project
        self._names: dict[Mapping | str, set[str]] = {}
        self._all: set[Mapping | str] = set()
        self._unread: dict[Piece, list[int]] = {}
        # What a key is meant to be, also where a merge key brings it into another map.
        self._meant: dict[Region, set[str]] = {}
        for finding in found:
            if finding.rank == Rank.TEXT:
                self._unread.setdefault(finding.region.piece, []).append(finding.region.start)
            for keys in finding.gives:
                self._names.setdefault(keys.of, set()).update(keys.names)
                if not keys.names:
                    self._all.add(keys.of)
                if isinstance(keys.of, Mapping):
                    self._meant.setdefault(finding.region, set()).update(keys.names)

    def holds(self, finding: Finding) -> bool:
        """Whether a finding would not be there with the keys that others give."""
        return any(map(self._gives, finding.lacks))

    def _gives(self, keys: Keys) -> bool:
        if keys.of in self._all or not self._names.get(keys.of, set()).isdisjoint(keys.names):
            return True
        if not keys.names and keys.of in self._names:
            return True
        if isinstance(keys.of, str):
            return not self._project.knows_every(keys.of)
        if any(keys.of.start <= start <= keys.of.end for start in self._unread.get(keys.of.piece, ())):
            return True  # It may be in what could not be read.
        pairs = keys.of.effective_pairs if self._meant else ()
        return any(not self._meant.get(pair.key.region, set()).isdisjoint(keys.names) for pair in pairs)


class _Cover:
    """Regions, to be asked what begins in them. An empty region covers its position."""

    def __init__(self) -> None:
        self._regions: dict[Piece, list[tuple[int, int]]] = {}
        self._merged: dict[Piece, tuple[list[int], list[int]]] = {}

    def add(self, regions: Iterable[Region]) -> None:
        for region in regions:
            self._regions.setdefault(region.piece, []).append((region.start, max(region.end, region.start + 1)))
            self._merged.pop(region.piece, None)

    def holds(self, region: Region) -> bool:
        """Whether a region begins in one of these."""
        if region.piece not in self._regions:
            return False
        if region.piece not in self._merged:
            self._merged[region.piece] = _merged(self._regions[region.piece])
        starts, ends = self._merged[region.piece]
        index = bisect_right(starts, region.start) - 1
        return index >= 0 and region.start < ends[index]


def _merged(regions: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Where regions begin and end that together cover the same, in order, without any that touch."""
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted(regions):
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return starts, ends
