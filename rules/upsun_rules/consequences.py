"""One cause, one finding: what only follows from another finding is left out.

A finding explains others in two ways. It names regions, in which findings of a lower rank follow from it: what is in
the wrong place is read as something else. And it gives keys, those that are there once it is fixed; a finding that
would not be there with these keys follows from it, wherever it is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from upsun_rules.finding import Finding, Severity
from upsun_rules.rule import POLICY, Rank
from upsun_schema.configuration.project import Project
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Keys, Mapping, Piece, Region

__all__ = ["without_consequences"]


def without_consequences(findings: Iterable[Finding], project: Project) -> Iterator[Finding]:
    """Yield the findings that do not follow from others, each once."""
    # A block shared through an anchor is visited once for each container that has it.
    once: dict[tuple[str, Region, str], Finding] = {}
    for finding in findings:
        once.setdefault((finding.rule, finding.region, finding.message), finding)
    found = list(once.values())
    faults = _Faults(found, project)
    explained = _Explained(found, faults, project)
    given = _Given(found, faults, project)
    is_calm = not (explained.are_places or faults.are_any)
    for finding in found:
        if is_calm and finding.rank != Rank.SHAPE and not finding.lacks:
            yield finding  # As nearly all.
        elif not (explained.holds(finding) or (finding.lacks and given.holds(finding))):
            yield finding
        elif finding.rule.startswith(POLICY):
            yield finding  # What a policy demands is its own matter, whatever else is wrong there.


class _Explained:
    """The regions that findings explain, by the rank of these findings."""

    def __init__(self, found: list[Finding], faults: _Faults, project: Project) -> None:
        self._faults = faults
        # They say more than the schema does: advice does not.
        loud = [one for one in found if one.rank > Rank.SHAPE and one.severity >= Severity.WARNING]
        self._starts = {one.region[:2] for one in loud}
        self._meanings, self._places = _Cover(), _Cover()
        # Those that explain a place, and are in none that another one explains.
        self._outer: set[Finding] = set()
        for finding in loud:
            if finding.rank == Rank.MEANING:
                self._meanings.add(finding.explains)
        places = [one for one in found if one.rank in (Rank.LEVEL, Rank.PLACE)]
        for finding in sorted(places, key=lambda one: (project.place(one.region).span.start, -one.rank)):
            if not self._places.holds(finding.region):
                self._places.add(finding.explains)
                self._outer.add(finding)

    @property
    def are_places(self) -> bool:
        """Whether any of the findings explains a place."""
        return bool(self._outer)

    def holds(self, finding: Finding) -> bool:
        """Whether a finding follows from one whose region it is in, or whose region its subject is in."""
        if finding.rank == Rank.TEXT:
            return False
        if self._faults.are_any and self._is_near_fault(finding):
            return True
        if self._outer:
            if finding in self._outer:
                return False
            subject = finding.subject
            if self._places.holds(finding.region) or (subject is not None and self._places.holds(subject)):
                return True
        if finding.rank != Rank.SHAPE:
            return False
        return finding.region[:2] in self._starts or self._meanings.holds(finding.region)

    def _is_near_fault(self, finding: Finding) -> bool:
        # A key with a clear misspelling is what it is, whatever the lines beside it are.
        is_sure = finding.rank == Rank.SHAPE and finding.gives
        regions = (finding.region, *finding.explains)
        return finding.rank in (Rank.SHAPE, Rank.LEVEL) and not is_sure and any(map(self._faults.are_near, regions))


class _Faults:
    """What is not YAML: around it, error recovery may have read something else than was meant."""

    def __init__(self, found: list[Finding], project: Project) -> None:
        self._project = project
        self._starts: dict[Document, list[int]] = {}
        self._lines: dict[Document, set[int]] = {}
        for finding in found:
            if finding.rank == Rank.TEXT:
                document, span = project.place(finding.region)
                self._starts.setdefault(document, []).append(span.start)
                self._lines.setdefault(document, set()).update(_around(document, span.start))

    @property
    def are_any(self) -> bool:
        """Whether there are any."""
        return bool(self._starts)

    def are_near(self, region: Region) -> bool:
        """Whether one is on the line of a region, or on the one above or below, comments left out."""
        document, span = self._project.place(region)
        return document.lines.position(span.start).line in self._lines.get(document, ())

    def are_in(self, keys: Keys) -> bool:
        """Whether one is where the keys of a map may be."""
        if isinstance(keys.of, str):
            return any(self._are_in_section(keys.of, document, starts) for document, starts in self._starts.items())
        if not self._starts or not self._project.holds(keys.of.piece):
            return False
        document, (first, last) = self._project.place(keys.of.region)
        starts = self._starts.get(document, ())
        return any(first <= start and not document.text[last:start].strip() for start in starts)

    def _are_in_section(self, section: str, document: Document, starts: list[int]) -> bool:
        pairs = document.root.pairs if isinstance(document.root, Mapping) else []
        for pair, after in zip_longest(pairs, pairs[1:]):
            if pair.name == section:
                first = self._project.place(pair.key.region).span.start
                last = len(document.text) if after is None else self._project.place(after.key.region).span.start
                return any(first <= start < last for start in starts)
        return False


def _around(document: Document, start: int) -> range:
    """The lines from the last one with content above a place to the first one below it."""
    at = document.lines.position(start).line
    above = next((line for line in range(at - 1, -1, -1) if _has_content(document, line)), at)
    below = next((line for line in range(at + 1, len(document.lines)) if _has_content(document, line)), at)
    return range(above, below + 1)


def _has_content(document: Document, number: int) -> bool:
    span = document.lines.span(number)
    line = document.text[span.start : span.end].strip()
    return bool(line) and not line.startswith("#")


class _Given:
    """The keys that are there once findings are fixed."""

    def __init__(self, found: list[Finding], faults: _Faults, project: Project) -> None:
        self._faults = faults
        self._project = project
        self._names: dict[Mapping | str, set[str]] = {}
        self._all: set[Mapping | str] = set()
        # What a key is meant to be, also where a merge key brings it into another map.
        self._meant: dict[Region, set[str]] = {}
        for finding in found:
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
        if keys.of in self._all or (keys.of in self._names and not keys.names):
            return True
        if not self._names.get(keys.of, set()).isdisjoint(keys.names) or self._faults.are_in(keys):
            return True
        if isinstance(keys.of, str):
            return not self._project.knows_every(keys.of)
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
