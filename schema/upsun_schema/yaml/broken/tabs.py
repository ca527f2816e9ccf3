"""Tabs that indent the lines of a text, and the spaces that were meant."""

from __future__ import annotations

import re
from math import gcd

from upsun_schema.record import NamedTuple
from upsun_schema.yaml.broken.indentation import DASHES
from upsun_schema.yaml.broken.rows import Row
from upsun_schema.yaml.signs import KEY

__all__ = ["TabRun", "tab_runs"]

_SPACES = re.compile(r"(?m)^ +(?=[^\s#])")
_SPACES_BELOW = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r))*( *)(?=[^\s#])")
_NO_VALUE = re.compile(r"[ \t]*(?:[&!][^\s]*[ \t]*)*(?:#|$)")
# How wide editors show a tab.
_WIDTHS = (2, 4, 8)
_STEPS = (2, 3, 4)


class TabRun:
    """Lines in a row that tabs indent: what each is to be indented with, by the offsets of its blank.

    `is_sure` says that the lines can hardly be meant to be anywhere else.
    """

    def __init__(self) -> None:
        self.edits: list[tuple[int, int, str]] = []
        self.is_sure = True


def tab_runs(text: str, stretches: list[list[Row]]) -> list[TabRun]:
    """The lines of some stretches of a text that tabs indent, where YAML does not allow it."""
    if "\t" not in text:
        return []
    reader = _Reader(text)
    runs: list[TabRun] = []
    goes_on = False
    end = 0
    for lines in stretches:
        goes_on &= lines[0].begin == end
        end = lines[-1].end
        reader.begin(is_entry=lines[0].start > lines[0].begin > 0)
        for row in lines:
            blank = text[row.begin : row.start]
            meant = reader.read(row, blank) if row.role != "inside" else None
            if meant is not None:
                if not goes_on:
                    runs.append(TabRun())
                goes_on = True
                runs[-1].edits.append((row.begin, row.start, meant.blank))
                runs[-1].is_sure &= meant.is_sure
            elif row.role == "structure" and blank and not row.is_blank():
                goes_on = False
    if reader.is_step_guessed:
        for run in runs:
            run.is_sure &= len({text[start:end] for start, end, _ in run.edits}) == 1
    return runs


def _step(depths: set[int]) -> int:
    """The number of spaces that a text uses for one level, where it uses spaces."""
    step = gcd(*depths)
    # Where few lines have spaces, what they have in common is a multiple of the step.
    return step if step in _STEPS else _STEPS[0]


class _Meant(NamedTuple):
    """What a line is meant to be indented with."""

    blank: str
    is_sure: bool


class _Reader:
    """Follows the lines of a text, and says of each that tabs indent how deep it is meant to be."""

    def __init__(self, text: str) -> None:
        self.text = text
        depths = set(map(len, _SPACES.findall(text)))
        self.step = _step(depths)
        # Lines that all are at one depth may be two levels deep.
        self.is_step_guessed = len(depths) == 1 and min(depths) >= 2 * _STEPS[0]
        self.begin(is_entry=False)

    def begin(self, *, is_entry: bool) -> None:
        """Go on with other lines: those of an entry of a section, which is at the left margin, or of a section."""
        # How deep the keys and items are that may have more beside them; and the tabs that mean a depth among them.
        self.open = [0] if is_entry else []
        self.known: dict[str, tuple[int, bool]] = {}
        self.blank = ""
        self.opened = True
        # How deep the text below the last key is, and the tabs before its first line.
        self.text_depth: int | None = None
        self.text_blank: str | None = None

    def read(self, row: Row, blank: str) -> _Meant | None:
        """What a line is meant to be indented with; None where it is right as it is."""
        if row.is_blank():
            return _Meant("", is_sure=True) if "\t" in blank and self._is_refused(row, blank) else None
        if row.role == "text":
            return self._text(row, blank)
        if self.text.startswith("#", row.start):
            return _Meant(self._beside(blank), is_sure=True) if "\t" in blank else None
        if self._goes_on(row, blank):
            return None
        depth, is_sure = self._depth(row, blank) if "\t" in blank else (len(blank), True)
        self._follow(row, blank, depth, is_sure)
        return _Meant(" " * depth, is_sure) if "\t" in blank else None

    def _is_refused(self, row: Row, blank: str) -> bool:
        return row.role != "text" or self.text_depth is None or len(blank) - len(blank.lstrip(" ")) < self.text_depth

    def _goes_on(self, row: Row, blank: str) -> bool:
        """Whether a line goes on with the plain value above it; tabs may follow its spaces."""
        plain = len(blank) - len(blank.lstrip(" "))
        is_other = row.value == row.start and KEY.match(self.text, row.start, row.end) is None
        return is_other and not self.opened and bool(self.open) and plain > self.open[-1]

    def _text(self, row: Row, blank: str) -> _Meant | None:
        plain = len(blank) - len(blank.lstrip(" "))
        deep_enough = plain >= self.text_depth if self.text_depth is not None else plain > self.open[-1]
        if "\t" not in blank or deep_enough:
            self.text_depth = plain if self.text_depth is None else self.text_depth
            return None
        if self.text_depth is None:
            self.text_depth = self.open[-1] + self.step
        if self.text_blank is None:
            self.text_blank = blank
        more = blank[len(self.text_blank) :] if blank.startswith(self.text_blank) else ""
        return _Meant(" " * self.text_depth + more, is_sure=True)

    def _follow(self, row: Row, blank: str, depth: int, is_sure: bool) -> None:
        """Take note of a line: at which depths there may be more."""
        while self.open and self.open[-1] >= depth:
            self.open.pop()
        self.open.append(depth)
        self.known = {tabs: known for tabs, known in self.known.items() if known[0] <= depth}
        if "\t" in blank:
            self.known[blank] = (depth, is_sure)
        if dashes := DASHES.match(self.text, row.start, row.end):
            self.open.append(depth + dashes.end() - row.start)
        self.blank = blank
        self.opened = self._has_no_value(row)
        self.text_depth = self.text_blank = None

    def _has_no_value(self, row: Row) -> bool:
        """Whether a line is a key without a value, or a dash without an item."""
        if self.text.startswith("-", row.start) and row.end == row.start + 1:
            return True
        return row.value > row.start and _NO_VALUE.match(self.text, row.value, row.end) is not None

    def _beside(self, blank: str) -> str:
        """The indentation of a comment, which means nothing."""
        return " " * self.known[blank][0] if blank in self.known else blank.expandtabs(self.step)

    def _depth(self, row: Row, blank: str) -> tuple[int, bool]:
        if not self.open:
            return 0, True
        if blank in self.known:
            return self.known[blank]
        outer = blank.rstrip(" ")
        if outer != blank and outer in self.known:
            depth, is_sure = self.known[outer]
            return depth + len(blank) - len(outer), is_sure
        below = _SPACES_BELOW.match(self.text, row.end)
        beside = len(below[1]) if below else -1
        holds = self._has_no_value(row)
        seen = [len(blank.expandtabs(width)) for width in (self.step, *_WIDTHS)]
        if self.opened and max(seen) > self.open[-1]:
            return self._inside(blank, beside, seen, holds=holds)
        if "\t" in self.blank and blank.startswith(self.blank):
            return self.open[-1], True  # Beside the first key of a list item.
        fitting = [depth for depth in dict.fromkeys(seen) if depth in self.open]
        if holds and (parents := [depth for depth in fitting if 0 < beside - depth <= self.step]):
            return parents[0], len(parents) == 1
        if not holds and beside in fitting:
            return beside, True
        if fitting:
            return fitting[0], len(fitting) == 1
        return max((depth for depth in self.open if depth <= max(seen)), default=0), False

    def _inside(self, blank: str, beside: int, seen: list[int], *, holds: bool) -> tuple[int, bool]:
        """How deep the first line below a key without a value is."""
        above = self.open[-1]
        if holds and above == beside and above in seen:
            return above, False  # Keys without a value in a row.
        if holds and beside - self.step > above:
            return beside - self.step, True
        if holds and beside - above >= 2 * _STEPS[0]:
            return above + (beside - above) // 2, False
        if beside > above:
            return beside, not holds
        goes_deeper = "\t" in self.blank and blank.startswith(self.blank)
        return above + self.step, goes_deeper or not holds or self.open == [0]
