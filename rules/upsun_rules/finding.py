"""What a rule reports: the message, its place, and how to fix it."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from upsun_schema.yaml.nodes import Mapping, Region

__all__ = ["Edit", "Finding", "Fix", "Lack", "Related", "Severity"]


class Severity(IntEnum):
    """How bad it is. An error is something the platform rejects or silently ignores.

    `OF_RULE` is what a rule leaves a finding at whose severity is its own.
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
    """Another place that has to do with a finding, in its own words."""

    region: Region
    message: str


class Edit(NamedTuple):
    """A stretch of text and what is to stand there instead. Everything outside it stays as it is."""

    region: Region
    text: str


class Fix(NamedTuple):
    """A way to mend a finding. A `safe` one may be applied unasked; the others are offered.

    Its edits do not overlap and are made together.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


class Lack(NamedTuple):
    """A key that a map should have and has not. Any of the names would do."""

    mapping: Mapping
    names: tuple[str, ...]


class Finding(NamedTuple):
    """Something wrong or unwise at a place. Regions are relative to their pieces; `Project.place` tells where they are.

    `label` are a few words for the underlined place itself. `explains` are regions whose less precise findings (an
    unknown key, a wrong type) this one replaces; its own region is always among them. `lacks` is the key whose absence
    is reported: where a misspelt key of the same map is meant to be it, only that key is reported. `rule`, `severity`
    and `url` are filled in by the engine.
    """

    region: Region
    message: str
    label: str = ""
    related: tuple[Related, ...] = ()
    fixes: tuple[Fix, ...] = ()
    explains: tuple[Region, ...] = ()
    lacks: Lack | None = None
    severity: Severity = Severity.OF_RULE
    rule: str = ""
    url: str = ""
