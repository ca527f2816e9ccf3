"""Hover texts for the schedule of a cron job: in words, its next runs, and the platform's limits."""

from __future__ import annotations

import datetime
import re
from itertools import islice

from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import bullets, code, paragraphs
from upsun_lint.writing.quoting import prose
from upsun_schema.configuration.cron import CronError, CronSpec, minutes_between, parse
from upsun_schema.configuration.model import Cron
from upsun_schema.yaml.nodes import BROKEN

__all__ = ["about_schedule"]

_MOST_JITTER = 20
"""The longest delay of a start, in minutes (docs: configure-apps/image-properties/crons)."""

_NEXT_RUNS = 3
# The H of MAR or THU is a letter.
_HASHED = re.compile(r"(?<![A-Z])H(?:\((\d+)-(\d+)\))?(/\d+)?")
_FIRST = (0, 0, 1, 1, 0)


def about_schedule(subject: Subject, cron: Cron) -> str | None:
    """A schedule in words, its next runs, and the platform's limits; None if it is not text."""
    spec = cron.spec
    if spec is None or spec.tag == BROKEN or spec.is_null:
        return None
    heading = f"**Schedule** of cron job {code(cron.name)}: {code(spec.text)}"
    docs = docs_link("configure-apps/image-properties/crons")
    try:
        found = parse(spec.text)
    except CronError as error:
        meant = f" Did you mean {code(error.suggestion)}?" if error.suggestion else ""
        return paragraphs(heading, f"This is not a valid schedule: {prose(error.message)}.{meant}", docs)
    if found.never_runs:
        return paragraphs(heading, "There is no such date, so the job never runs.", docs)
    zone, words = _zone(cron)
    return paragraphs(
        heading,
        f"{_in_words(spec.text, found)} ({words}).",
        _hash(found),
        f"**Next runs:** {' · '.join(_next_runs(found, zone))}",
        bullets(
            _limits(minutes_between(found, spec.text) or 0, subject.request.open_project.options.cron_minimum_interval)
        ),
        docs,
    )


# -- in words ----------------------------------------------------------------------------------------------------------


def _in_words(text: str, spec: CronSpec) -> str:
    # Imported here, because the import takes 40 ms and only this hover needs it.
    from cron_descriptor import Options, get_description  # type: ignore[import-untyped]

    options = Options(use_24hour_time_format=True, locale_code="en_US")
    words = str(get_description(_without_hash(text, spec), options))
    if not spec.either_day:
        # On the platform both day fields must match if one of them begins with a star.
        words = words.replace(", or on ", ", and only on ")
    return words


def _without_hash(text: str, spec: CronSpec) -> str:
    """A schedule with the lowest possible value for each `H`, and with lists for uneven steps.

    `*/19` does not mean "every 19 minutes", because it starts again every hour.
    """
    minute, hour, *days = map(_lowest, text.upper().split(), _FIRST)
    return " ".join([_evenly(minute, 60, spec.minutes), _evenly(hour, 24, spec.hours), *days])


def _evenly(field: str, whole: int, numbers: frozenset[int]) -> str:
    step = field.removeprefix("*/")
    if step == field or not step.isdecimal() or whole % int(step) == 0:
        return field
    return ",".join(map(str, sorted(numbers)))


def _lowest(field: str, first: int) -> str:
    def value(match: re.Match[str]) -> str:
        low, high, step = match.groups()
        if step is None:
            return str(low or first)
        return f"{low}-{high}{step}" if low else f"*{step}"

    return _HASHED.sub(value, field)


def _hash(spec: CronSpec) -> str:
    if not spec.uses_hash:
        return ""
    return (
        f"{code('H')} is a value that the platform chooses once. The times here are those of the lowest possible value."
    )


# -- in time -----------------------------------------------------------------------------------------------------------


def _zone(cron: Cron) -> tuple[datetime.tzinfo, str]:
    """The time zone of an application's schedules and its name; UTC if the application sets no valid one."""
    from zoneinfo import ZoneInfo

    name = cron.application.text("timezone")
    if name is None:
        return datetime.UTC, "UTC"
    try:
        return ZoneInfo(name), name
    except (OSError, ValueError):
        return datetime.UTC, f"in UTC, because {code(name)} is not a valid time zone"


def _next_runs(spec: CronSpec, zone: datetime.tzinfo) -> list[str]:
    now = datetime.datetime.now(zone)
    runs = (run.replace(tzinfo=zone) for run in spec.runs(now.replace(tzinfo=None)))
    # When summer time begins, one hour does not exist.
    existing = (run for run in runs if run.astimezone(datetime.UTC).astimezone(zone).time() == run.time())
    return [f"{run:%a} {run.day} {run:%b %Y, %H:%M}" for run in islice(existing, _NEXT_RUNS)]


def _limits(gap: int, minimum: int) -> list[str]:
    often = f"**At most** every {minimum} minutes (a setting of the project)."
    if gap < minimum:
        often += " This schedule asks for more; the extra runs are skipped."
    jitter = min(_MOST_JITTER, max(gap, minimum))
    return [
        often,
        f"**Up to {jitter} minutes late**, at random, to spread the load on the platform.",
        "**One at a time:** it waits while another cron job of the application or a backup is running.",
        "**Previews:** outside production, cron jobs pause two weeks after the last deployment.",
    ]
