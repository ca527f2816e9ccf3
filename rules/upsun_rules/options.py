"""The settings of a project for the rules. The front end decides where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from upsun_rules.finding import Severity
from upsun_schema.images.table import Images

__all__ = ["Options"]

_AS_RULES_SAY: Mapping[str, Severity] = MappingProxyType({})


class Options:
    """Which rules run, at what severity, and the facts of the project they need. They never change.

    `select` names the only rules to run (None: all of them), `ignore` those not to run. `severities` overrides what
    rules say of themselves. `cron_minimum_interval` is in minutes; it is a setting of the project on the platform,
    5 by default (docs: configure-apps/image-properties/crons). `images` is the table of image versions in force, the
    embedded one unless given.
    """

    __slots__ = ("cron_minimum_interval", "ignore", "images", "select", "severities")

    def __init__(
        self,
        select: frozenset[str] | None = None,
        ignore: frozenset[str] = frozenset(),
        severities: Mapping[str, Severity] = _AS_RULES_SAY,
        cron_minimum_interval: int = 5,
        images: Images | None = None,
    ) -> None:
        self.select = select
        self.ignore = ignore
        self.severities = severities
        self.cron_minimum_interval = cron_minimum_interval
        self.images = images or Images.embedded()

    def runs(self, slug: str) -> bool:
        """Return whether a rule is to be heard."""
        return slug not in self.ignore and (self.select is None or slug in self.select)
