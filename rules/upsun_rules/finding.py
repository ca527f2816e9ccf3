"""What a rule reports: the message, its place, and how to fix it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Keys, Region

__all__ = ["Edit", "Finding", "Fix", "Related", "Severity"]


class Severity(IntEnum):
    """How bad it is. An error is something the platform rejects or silently ignores.

    `OF_RULE` means the severity of the rule. Only rules use it: the engine replaces it, so everyone else can rely on
    one of the others (which None would not allow).
    """

    OF_RULE = 0
    HINT = 1
    INFO = 2
    WARNING = 3
    ERROR = 4

    @property
    def label(self) -> str:
        """Its name: hint, info, warning or error."""
        return self.name.lower()


class Related(NamedTuple):
    """Another place that belongs to a finding, with its own message."""

    region: Region
    message: str


class Edit(NamedTuple):
    """A part of the text and its replacement. Everything else stays unchanged."""

    region: Region
    text: str


class Fix(NamedTuple):
    """A fix for a finding. A `safe` one may be applied without asking; the others are offered.

    Its edits do not overlap and are applied together.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


class Finding(NamedTuple):
    """Something wrong or unwise in a place. Regions are relative to their pieces; `Project.place` converts them.

    `label` is a short text for the underlined place. `explains` are regions in which findings of a lower rank follow
    from this one; its own region is always included. `lacks` are missing keys that this finding would not be without,
    and `gives` are keys that are there once the finding is fixed: together they say what else follows from what. The
    engine sets `subject` (the key of the entry that the rule looked at), `rule`, `rank`, `severity` and `url`. `docs`
    is a path below the platform's documentation, if the finding has a more precise page than its rule, or the
    address of a page elsewhere.
    """

    region: Region
    message: str
    label: str = ""
    related: tuple[Related, ...] = ()
    fixes: tuple[Fix, ...] = ()
    explains: tuple[Region, ...] = ()
    lacks: tuple[Keys, ...] = ()
    gives: tuple[Keys, ...] = ()
    severity: Severity = Severity.OF_RULE
    docs: str = ""
    rule: str = ""
    rank: int = 0
    url: str = ""
    subject: Region | None = None

    @property
    def shown(self) -> Iterator[Region]:
        """The regions that are shown to somebody: its own, those of related places, and those of edits."""
        yield self.region
        for related in self.related:
            yield related.region
        for fix in self.fixes:
            for edit in fix.edits:
                yield edit.region

    @property
    def regions(self) -> Iterator[Region]:
        """All regions that it names."""
        yield from self.shown
        yield from self.explains
        if self.subject is not None:
            yield self.subject
