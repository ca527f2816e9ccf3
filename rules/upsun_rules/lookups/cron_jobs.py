"""Cron jobs: their schedules, and properties that are in the place of a job."""

from __future__ import annotations

from upsun_rules.options import Options
from upsun_schema.configuration.cron import CronError, CronSpec, minutes_between
from upsun_schema.configuration.cron import parse as parse_spec
from upsun_schema.configuration.model import Application, Cron
from upsun_schema.yaml.nodes import BROKEN, Mapping, Pair, Scalar

__all__ = ["every_minutes", "is_stray", "minutes_between_runs", "parsed_spec", "stray_properties"]


_PROPERTIES = ("spec", "commands", "cmd", "timeout", "shutdown_timeout")


def stray_properties(application: Application) -> list[Pair]:
    """The properties of a cron job that are directly below `crons`, without a name in between."""
    crons = application.value("crons")
    if not isinstance(crons, Mapping) or not any(_is_text(crons.get(name)) for name in ("spec", "cmd")):
        return []
    return [pair for pair in crons.pairs if pair.name in _PROPERTIES]


def _is_text(pair: Pair | None) -> bool:
    value = pair.value.resolved if pair is not None else None
    return isinstance(value, Scalar) and value.tag != BROKEN and not value.is_null


def is_stray(cron: Cron) -> bool:
    """Whether a cron job is really a property of one that has no name."""
    return cron.name in _PROPERTIES and cron.pair in stray_properties(cron.application)


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
