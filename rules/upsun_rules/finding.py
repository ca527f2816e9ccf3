"""What a rule reports: the message, its place, and how to fix it."""

from __future__ import annotations

from enum import IntEnum

from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Mapping, Region

__all__ = ["Edit", "Finding", "Fix", "Lack", "Related", "Severity"]


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


class Lack(NamedTuple):
    """A key that is missing in a map. Any of the names would be valid."""

    mapping: Mapping
    names: tuple[str, ...]


class Finding(NamedTuple):
    """Something wrong or unwise in a place. Regions are relative to their pieces; `Project.place` converts them.

    `label` is a short text for the underlined place. `explains` are regions whose less precise findings (an unknown
    key, a wrong type) this one replaces; its own region is always included. `lacks` is the missing key that is
    reported: if a misspelled key of the same map is probably meant to be it, only that key is reported. The engine
    sets `rule`, `severity` and `url`. `docs` is a path below the platform's documentation, if the finding has a more
    precise page than its rule, or the address of a page elsewhere.
    """

    region: Region
    message: str
    label: str = ""
    related: tuple[Related, ...] = ()
    fixes: tuple[Fix, ...] = ()
    explains: tuple[Region, ...] = ()
    lacks: Lack | None = None
    severity: Severity = Severity.OF_RULE
    docs: str = ""
    rule: str = ""
    url: str = ""
