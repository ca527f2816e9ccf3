"""The platform's cron expression: five fields, and `H` for a time that is the platform's to choose.

The documentation (configure-apps/image-properties/crons) has the five fields of a crontab line and a plain `H`. Other
common forms are read as well, and flagged because they are not documented: `names` for names of months and days,
`extended` for an `H` with a range and for a step after a single value. `H/15` is not documented either, but public
projects use it in production, so it is not flagged.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import chain, pairwise

from upsun_schema.record import NamedTuple
from upsun_schema.wording import shortened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date, datetime

__all__ = ["CronError", "CronRemark", "CronSpec", "minutes_between", "parse"]


class CronError(ValueError):
    """A text that is not a cron expression.

    `message` says why in plain words; `start` and `end` are the code points of the text that it is about, from 0, `end`
    excluded; `suggestion` is a whole expression that was probably meant, if there is one.
    """

    def __init__(self, message: str, start: int, end: int, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.suggestion = suggestion


class CronRemark(NamedTuple):
    """What is odd about a valid expression, in plain words; `start` and `end` are as in `CronError`."""

    message: str
    start: int
    end: int


class CronSpec(NamedTuple):
    """When a cron runs. `H` counts as one fixed value, the lowest it can take.

    The fields hold the numbers they match; Sunday is 0. `either_day` says whether a day matches that only one of its
    two fields, day of the month and day of the week, matches. `smallest_gap` is the shortest time between two runs, in
    minutes; None if there are no runs. It is exact for the years 1901 to 2099 and a clock that is never set forward.
    `overlong` is the first step, if there is one, that is longer than all its field counts.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days_of_month: frozenset[int]
    months: frozenset[int]
    days_of_week: frozenset[int]
    either_day: bool
    uses_hash: bool
    names: bool
    extended: bool
    smallest_gap: int | None
    overlong: CronRemark | None

    @property
    def never_runs(self) -> bool:
        """Whether no date matches, such as 31 February (29 February does match)."""
        return self.smallest_gap is None

    def runs(self, after: datetime) -> Iterator[datetime]:
        """Yield the runs later than a moment, as local times without a time zone.

        It ends with the last year that dates can have, and at once where there are no runs.
        """
        from datetime import date, datetime, time

        day = after.date() if self.smallest_gap is not None else date.max
        while day < date.max:
            if _runs_on(day, self.days_of_month, self.months, self.days_of_week, self.either_day):
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        run = datetime.combine(day, time(hour, minute))
                        if run > after:
                            yield run
            day = date.fromordinal(day.toordinal() + 1)


@lru_cache(maxsize=256)
def parse(spec: str) -> CronSpec:
    """Read a cron expression. Raises `CronError` for any other text."""
    parts = _five_parts(spec)
    fields = [_items(part, unit) for part, unit in zip(parts, _UNITS, strict=True)]
    minutes, hours, days, months, weekdays = (
        frozenset(number for item in items for number in item.numbers) for items in fields
    )
    weekdays = frozenset(day % 7 for day in weekdays)
    # As in Vixie cron: a day field that begins with a star restricts nothing; if both restrict, either will do.
    either = not any(part.text.startswith("*") for part in (parts[2], parts[4]))
    days_apart = _days_apart(days, months, weekdays, either)
    return CronSpec(
        minutes=minutes,
        hours=hours,
        days_of_month=days,
        months=months,
        days_of_week=weekdays,
        either_day=either,
        uses_hash=any(item.uses_hash for items in fields for item in items),
        names=any(item.names for items in fields for item in items),
        extended=any(item.extended for items in fields for item in items),
        smallest_gap=None if days_apart is None else _smallest_gap(minutes, hours, days_apart),
        overlong=next((item.overlong for items in fields for item in items if item.overlong is not None), None),
    )


class _Part(NamedTuple):
    """Some text of the expression, and where it starts."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    def split(self, separator: str) -> list[_Part]:
        parts, start = [], self.start
        for text in self.text.split(separator):
            parts.append(_Part(text, start))
            start += len(text) + len(separator)
        return parts

    def error(self, message: str) -> CronError:
        return CronError(message, self.start, self.end)

    def __str__(self) -> str:
        return f"`{shortened(self.text, most=20)}`"


class _Unit(NamedTuple):
    """What a field counts, from `first` to `last`, in each `cycle`; `words` are the names of its numbers."""

    name: str
    cycle: str
    first: int
    last: int
    words: tuple[str, ...] = ()

    @property
    def highest(self) -> int:
        # Sunday may be written 0 or 7.
        return 7 if self.last == 6 else self.last


class _Item(NamedTuple):
    """What one item of a field's list matches, and how it was written."""

    numbers: range
    uses_hash: bool
    names: bool
    extended: bool
    overlong: CronRemark | None


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_UNITS = (
    _Unit("minute", "hour", 0, 59),
    _Unit("hour", "day", 0, 23),
    _Unit("day of the month", "month", 1, 31),
    _Unit("month", "year", 1, 12, _MONTHS),
    _Unit("day of the week", "week", 0, 6, _WEEKDAYS),
)
_FIVE = "minute, hour, day of the month, month, day of the week"
_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
# Other schedulers have these; the pattern tells them apart from a typo.
_FOREIGN = (
    (r".*\?.*", "`?` is not supported; write `*` for any value"),
    (r".*#.*", "`#`, as in the second Monday of the month, is not supported"),
    (r"\d*LW?|L-\d+|[A-Z]{3}L", "`L`, the last day, is not supported"),
    (r"\d+W", "`W`, the nearest working day, is not supported"),
)
_LOOKS_LIKE_A_FIELD = r"(?:[\d*/,?#()-]|(?<![A-Z])(?:[LWH]{1,2}|[A-Z]{3}[LW]?)(?![A-Z]))++"


# From the text to its five fields.


def _five_parts(spec: str) -> list[_Part]:
    parts = [_Part(match.group(), match.start()) for match in re.finditer(r"\S+", spec)]
    if not parts:
        raise CronError(f"the schedule is empty; it takes five fields: {_FIVE}", 0, len(spec))
    if parts[0].text.startswith("@"):
        raise _nickname(parts)
    if len(parts) < 5:
        fields = "1 field" if len(parts) == 1 else f"{len(parts)} fields"
        raise CronError(f"the schedule has {fields} but takes five: {_FIVE}", parts[0].start, parts[-1].end)
    if len(parts) > 5:
        raise _too_many(parts)
    return parts


def _nickname(parts: list[_Part]) -> CronError:
    meant = _NICKNAMES.get(parts[0].text.lower())
    example = f"write `{meant}`" if meant else f"write five fields: {_FIVE}"
    message = f"{parts[0]} is not supported; {example}"
    return CronError(message, parts[0].start, parts[-1].end, meant if len(parts) == 1 else None)


def _too_many(parts: list[_Part]) -> CronError:
    """The error for more than five fields: seconds or years, or a command after the fields, as in a crontab."""
    texts = [part.text for part in parts]
    if len(parts) > 7 or not all(re.fullmatch(_LOOKS_LIKE_A_FIELD, text) for text in texts):
        message = "a schedule has five fields only; the command goes into `commands.start`"
        return CronError(message, parts[5].start, parts[-1].end, _if_valid(texts[:5]))
    message = f"the schedule has {len(parts)} fields but takes five: {_FIVE}; seconds and years are not supported"
    if len(parts) == 7:
        return CronError(message, parts[0].start, parts[-1].end, _if_valid(texts[1:6]))
    if re.fullmatch(r"\d{4}", texts[5]):
        return CronError(message, parts[5].start, parts[5].end, _if_valid(texts[:5]))
    if texts[0].isdecimal():
        return CronError(message, parts[0].start, parts[0].end, _if_valid(texts[1:]))
    return CronError(message, parts[0].start, parts[-1].end)


def _if_valid(texts: list[str]) -> str | None:
    spec = " ".join(texts)
    try:
        parse(spec)
    except CronError:
        return None
    return spec


# From a field's text to its numbers.


def _items(part: _Part, unit: _Unit) -> list[_Item]:
    items = part.split(",")
    if not all(item.text for item in items):
        raise part.error(f"a value is missing next to a comma in {part}")
    return [_item(item, unit) for item in items]


def _item(item: _Part, unit: _Unit) -> _Item:
    base, *steps = item.split("/")
    step = _step(steps, item) if steps else 1
    hashed, names, extended = base.text[:1] in ("H", "h"), False, False
    if base.text == "*":
        low, high = unit.first, unit.last
    elif hashed:
        low, high = _hash_range(base, unit)
        extended = base.text != "H"
    else:
        ends = base.split("-")
        if len(ends) > 2 or not all(end.text for end in ends):
            raise _unknown(base, unit)
        names = any(end.text.upper() in unit.words for end in ends)
        if len(ends) == 2:
            low, high = _ordered(base, ends, unit)
        else:
            # A step behind a single value runs on to the end of the field.
            low, extended = _number(ends[0], unit), bool(steps)
            high = max(low, unit.last) if steps else low
    if hashed and not steps:
        high = low
    return _Item(range(low, high + 1, step), hashed, names, extended, _overlong(item, step, low, unit))


def _overlong(item: _Part, step: int, low: int, unit: _Unit) -> CronRemark | None:
    """Remark on a step that never comes. One as long as the field, `*/60` for each hour, does what it says."""
    count = unit.last - unit.first + 1
    if step <= count:
        return None
    message = f"a step starts again in every {unit.cycle}, so {item} matches {unit.name} {low} only"
    return CronRemark(message, item.start, item.end)


def _step(steps: list[_Part], item: _Part) -> int:
    if len(steps) > 1:
        raise item.error(f"{item} has more than one step")
    digits = steps[0].text
    if not (digits.isascii() and digits.isdigit()):
        raise CronError(f"the step in {item} is not a whole number", steps[0].start - 1, steps[0].end)
    if not digits.strip("0"):
        raise steps[0].error("the step must be at least 1")
    # No field is longer than the largest of these; the number of digits is bounded before they become a number.
    return int(digits) if len(digits) <= 4 else 10_000


def _hash_range(base: _Part, unit: _Unit) -> tuple[int, int]:
    """Read what `H(0-29)` may choose from, which for a bare `H` is all there is."""
    if len(base.text) == 1:
        return unit.first, unit.last
    inner = _Part(base.text[2:-1], base.start + 2)
    ends = inner.split("-")
    if base.text[1] != "(" or not base.text.endswith(")") or len(ends) != 2 or not all(end.text for end in ends):
        raise base.error(f"{base} is not supported; write `H`, `H/15` or `H({unit.first}-{unit.last})`")
    return _ordered(inner, ends, unit)


def _ordered(part: _Part, ends: list[_Part], unit: _Unit) -> tuple[int, int]:
    low, high = (_number(end, unit) for end in ends)
    if low <= high:
        return low, high
    if unit.last == 6 and high == 0:
        rewritten = f"{low}-7"
    else:
        rewritten = ",".join(str(a) if a == b else f"{a}-{b}" for a, b in ((low, unit.last), (unit.first, high)))
    raise part.error(f"the range {part} is reversed; write `{rewritten}`")


def _number(part: _Part, unit: _Unit) -> int:
    text = part.text
    if text.upper() in unit.words:
        return unit.words.index(text.upper()) + unit.first
    if not (text.isascii() and text.isdigit()):
        raise _unknown(part, unit)
    digits = text.lstrip("0")
    number = int(digits or "0") if len(digits) <= 4 else unit.highest + 1
    if not unit.first <= number <= unit.highest:
        raise part.error(f"{part} is not a valid {unit.name} ({unit.first}–{unit.highest})")
    return number


def _unknown(part: _Part, unit: _Unit) -> CronError:
    text = part.text.upper()
    for pattern, message in _FOREIGN:
        if re.fullmatch(pattern, text):
            return part.error(message)
    if text.startswith("*") and text[1:].isdecimal():
        return part.error(f"{part} is not a valid {unit.name}; write a step as `*/{part.text[1:]}`")
    if text[:3] in unit.words:
        return part.error(f"{part} is not a valid {unit.name}; write `{unit.words.index(text[:3]) + unit.first}`")
    return part.error(
        f"{part} is not a valid {unit.name}; write `*`, `H`, a number ({unit.first}–{unit.highest}), "
        "or a list, a range or a step of numbers"
    )


# From the numbers to the shortest time between two runs.


def _smallest_gap(minutes: Collection[int], hours: Collection[int], days_apart: int) -> int:
    """In minutes: within an hour, from one hour to the next that runs, and from one day to the next that does."""
    first, last = min(minutes), max(minutes)
    gaps = [days_apart * 24 * 60 - (max(hours) * 60 + last) + (min(hours) * 60 + first)]
    if len(hours) > 1:
        gaps.append(_closest(hours) * 60 - last + first)
    if len(minutes) > 1:
        gaps.append(_closest(minutes))
    return min(gaps)


def _closest(numbers: Collection[int]) -> int:
    return min(after - before for before, after in pairwise(sorted(numbers)))


# Between 1901 and 2099 dates and weekdays repeat after 28 years.
_CYCLE = 28 * 1461 // 4


def _days_apart(days: Collection[int], months: Collection[int], weekdays: Collection[int], either: bool) -> int | None:
    """Count the days from one day that runs to the next, where they are fewest; None if no day runs."""
    if months and len(days) == 31 and len(weekdays) == 7:
        return 1  # Most run each day, and need no calendar: to import one takes a fiftieth of a small check.
    running = _running(days, months, weekdays, either)
    first = before = next(running, None)
    if first is None or before is None:
        return None
    fewest = _CYCLE
    for number in chain(running, [first + _CYCLE]):
        fewest = min(fewest, number - before)
        if fewest == 1:
            break
        before = number
    return fewest


def _running(days: Collection[int], months: Collection[int], weekdays: Collection[int], either: bool) -> Iterator[int]:
    """The days of a cycle that run, by their number."""
    from datetime import date

    start = date(2001, 1, 1).toordinal()
    for number in range(start, start + _CYCLE):
        if _runs_on(date.fromordinal(number), days, months, weekdays, either):
            yield number


def _runs_on(
    day: date, days: Collection[int], months: Collection[int], weekdays: Collection[int], either: bool
) -> bool:
    if day.month not in months:
        return False
    by_date, by_weekday = day.day in days, day.isoweekday() % 7 in weekdays
    return by_date or by_weekday if either else by_date and by_weekday


def minutes_between(parsed: CronSpec, text: str) -> int | None:
    """The fewest minutes between two runs of a schedule, written as `text`.

    `*/19` also runs 3 minutes apart, from minute 57 to the full hour. Steps work like that; it does not count.
    """
    minutes = sorted(parsed.minutes)
    if "/" in text.split()[0] and len(minutes) > 1 and parsed.smallest_gap is not None:
        return min(after - before for before, after in pairwise(minutes))
    return parsed.smallest_gap
