"""The settings of a project for the rules. The front end decides where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from upsun_rules.finding import Severity
from upsun_rules.policy import Policy
from upsun_rules.shell.review import Reviewer
from upsun_schema.images.table import Images

__all__ = ["Options"]

_DEFAULTS: Mapping[str, Severity] = MappingProxyType({})
_NEED_REVIEWER = frozenset({"shellcheck"})


class Options:
    """The rules that run, their severities, and what they need to know about the project. Immutable.

    `select` are the only rules to run (None: all of them), `ignore` those not to run. `severities` overrides the
    default severities of rules. `cron_minimum_interval` is in minutes; it is a setting of the project on the platform,
    5 by default (docs: configure-apps/image-properties/crons). `images` is the table of image versions, by default the
    embedded one. `policies` are those of the project, which run beside the rules. `reviewer` is the checker of shell
    texts that the rule `shellcheck` asks, if there is one.
    """

    __slots__ = ("cron_minimum_interval", "ignore", "images", "policies", "reviewer", "select", "severities")

    def __init__(
        self,
        select: frozenset[str] | None = None,
        ignore: frozenset[str] = frozenset(),
        severities: Mapping[str, Severity] = _DEFAULTS,
        cron_minimum_interval: int = 5,
        images: Images | None = None,
        policies: tuple[Policy, ...] = (),
        reviewer: Reviewer | None = None,
    ) -> None:
        self.select = select
        self.ignore = ignore
        self.severities = severities
        self.cron_minimum_interval = cron_minimum_interval
        self.images = images or Images.embedded()
        self.policies = policies
        self.reviewer = reviewer

    @property
    def idle(self) -> frozenset[str]:
        """The rules that cannot report anything because what they ask is not there."""
        return _NEED_REVIEWER if self.reviewer is None else frozenset()

    def runs(self, slug: str) -> bool:
        """Whether a rule is enabled."""
        return slug not in self.ignore and (self.select is None or slug in self.select)
