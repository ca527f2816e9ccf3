"""The schedules of cron jobs."""

from __future__ import annotations

from upsun_rules.options import Options
from upsun_schema.configuration.cron import CronError, CronSpec, minutes_between
from upsun_schema.configuration.cron import parse as parse_spec
from upsun_schema.configuration.model import Cron
from upsun_schema.yaml.nodes import Scalar

__all__ = ["every_minutes", "minutes_between_runs", "parsed_spec"]


def parsed_spec(spec: Scalar | None) -> CronSpec | None:
    """A schedule; None if it is missing or cannot be read."""
    try:
        return parse_spec(spec.text) if spec is not None else None
    except CronError:
        return None


def minutes_between_runs(cron: Cron, options: Options) -> int | None:
    """The shortest time between two runs on the platform; None if the schedule cannot be read."""
    spec = cron.spec
    parsed = parsed_spec(spec)
    gap = minutes_between(parsed, spec.text) if parsed is not None and spec is not None else None
    return None if gap is None else max(gap, options.cron_minimum_interval)


def every_minutes(number: int) -> str:
    """The words behind "every": `minute` or `5 minutes`."""
    return "minute" if number == 1 else f"{number} minutes"
