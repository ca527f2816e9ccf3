"""What a project decides about the rules. Where the decisions come from is the front end's business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from upsun_rules.finding import Severity
from upsun_schema.images import Images

__all__ = ["Options"]


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """Which rules run, at what severity, and the facts of the project they need.

    `select` names the only rules to run (None: all of them), `ignore` those not to run. `severities` overrides what
    rules say of themselves. `cron_minimum_interval` is in minutes; it is a setting of the project on the platform,
    5 unless changed (facts 2.2). `images` is the table of image versions in force.
    """

    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    severities: Mapping[str, Severity] = field(default_factory=lambda: MappingProxyType({}))
    cron_minimum_interval: int = 5
    images: Images = field(default_factory=Images.embedded)

    def runs(self, slug: str) -> bool:
        """Return whether a rule is to be heard."""
        return slug not in self.ignore and (self.select is None or slug in self.select)
