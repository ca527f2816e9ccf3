"""What a command is: a queue consumer, a scheduler, a web server, a migration, … (`commands.json` is the table).

A command that no row describes is not recognised, and nothing is ever said about it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from upsun_rules.shell import Command, Script, Span, Word, table

__all__ = ["Bound", "Edit", "Recognition", "Row", "foreground_rewrite", "recognise", "returns_at_once", "rows"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: a kind of command and how to tell it.

    - `category`: what it does, one of `CATEGORIES`; `also`: further categories it belongs to.
    - `kind`: of a `one-shot`, what for, one of `KINDS`; otherwise None.
    - `label`: a name for people ("Laravel queue worker"), without an article.
    - `confidence`: "low" when the name alone cannot be sure (`npm start`).
    - `programs`: base names it runs under; `path`: how the path must end where the name alone is too common.
    - `words`: the leading arguments that are not options, as alternatives; "" is none at all, a final `*` any ending.
    - `flags`: options that must all be there (each a list of spellings); `without`: options that must not.
    - `bounds`: options after which a consumer ends by itself, and their unit: `seconds`, `count`, `once` and `drain`
      (ends when the queue is empty), or `weak` (may never be reached).
    - `grace`: options that say how long it takes to stop, and their unit: `seconds` or `milliseconds`.
    - `foreground`: how to keep a daemoniser in the foreground, see `foreground_rewrite`.
    - `why`: what follows for the author; `example`: a command of this kind.
    """

    id: str
    category: str
    kind: str | None
    also: tuple[str, ...]
    label: str
    confidence: str
    programs: tuple[str, ...]
    path: str | None
    words: tuple[tuple[str, ...], ...] | None
    flags: tuple[tuple[str, ...], ...]
    without: tuple[str, ...]
    bounds: Mapping[str, str]
    grace: Mapping[str, str]
    foreground: Mapping[str, Any] | None
    why: str
    example: str


CATEGORIES = (
    "consumer",
    "scheduler",
    "scheduler-tick",
    "server",
    "one-shot",
    "daemoniser",
    "cron-daemon",
    "supervisor",
    "idle",
    "sleep",
    "follower",
    "control",
)
KINDS = ("migration", "deploy-step", "build-step", "dump", "report", "queue-drain", "trivial", "prelude")


@dataclass(frozen=True, slots=True)
class Bound:
    """An option of the table found in a command: the option, its unit, its value (None when computed), its place."""

    flag: str
    unit: str
    value: float | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Recognition:
    """A command the table knows."""

    row: Row
    command: Command
    bounds: tuple[Bound, ...]
    grace: tuple[Bound, ...]

    @property
    def category(self) -> str:
        return self.row.category

    @property
    def kind(self) -> str | None:
        return self.row.kind

    @property
    def label(self) -> str:
        return self.row.label

    @property
    def sure(self) -> bool:
        """Whether the name of the command settles what it is."""
        return self.row.confidence == "high"

    def is_a(self, *categories: str) -> bool:
        """Whether the command belongs to one of the categories."""
        return self.row.category in categories or any(category in self.row.also for category in categories)

    @property
    def bounded(self) -> bool:
        """Whether it ends by itself: by an option that is not weak, or under `timeout`."""
        return "timeout" in self.command.prefixes or any(bound.unit != "weak" for bound in self.bounds)

    @property
    def bound_seconds(self) -> int | None:
        """Seconds after which it ends by itself; None when no time is set or the shell computes it."""
        values = [bound.value for bound in self.bounds if bound.unit == "seconds" and bound.value is not None]
        seconds = min([*values, self.command.timeout])
        return None if math.isinf(seconds) else int(seconds)

    @property
    def ends_when_idle(self) -> bool:
        """Whether it ends at once when there is nothing to do, or after one single job."""
        return any(
            bound.unit in ("once", "drain") or (bound.unit == "count" and bound.value == 1) for bound in self.bounds
        )


class Edit(NamedTuple):
    """A replacement in the text that was parsed: 0-based code points, end exclusive."""

    start: int
    end: int
    text: str


@lru_cache(maxsize=1)
def rows() -> tuple[Row, ...]:
    """Return every row of the table, in the order they are tried."""
    return tuple(_row(data) for data in table()["commands"])


def recognise(command: Command) -> Recognition | None:
    """Tell what a command is; None when the table does not know it."""
    for program, name, arguments in _readings(command):
        candidates = _index().get(program, ())
        if not candidates:
            continue
        program_values = frozenset(table()["values"].get(program, ()))
        parsed = _Arguments(arguments, program_values)
        for row in candidates:
            if not _matches(row, name, parsed):
                continue
            values = program_values | {flag for flag, unit in (row.bounds | row.grace).items() if unit not in _SWITCHES}
            exact = _Arguments(arguments, values)
            if all(exact.has_any(spellings) for spellings in row.flags) and not exact.has_any(row.without):
                return Recognition(row, command, exact.bounds(row.bounds), exact.bounds(row.grace))
    return None


def returns_at_once(script: Script) -> Recognition | None:
    """Tell which command makes a script one that ends within moments, always; None when that is not certain.

    Certain means that the shell waits for nothing but commands known to return: no unknown command, no loop, nothing
    left to a branch. The answer is the last of them that has a purpose; preparations such as `cd` have none.
    """
    found: Recognition | None = None
    if script.loops or script.left_behind:
        return None
    for command in script.foreground:
        recognition = recognise(command)
        if recognition is None or command.repeated:
            return None
        if not recognition.is_a("one-shot", "scheduler-tick", "control"):
            return None
        if recognition.kind != "prelude":
            found = recognition
    return found


def foreground_rewrite(recognition: Recognition) -> tuple[Edit, ...] | None:
    """Return the edits that keep a daemoniser in the foreground; None when the table knows none or it cannot be done.

    A row's `foreground` has `drop` (options to remove), `insert` (text to add after the program), `replace` (words to
    exchange), `program` (another name for the program).
    """
    recipe = recognition.row.foreground
    command = recognition.command
    if recipe is None or not command.exact:
        return None
    edits: list[Edit] = []
    if "program" in recipe:
        name = command.name
        edits.append(Edit(name.end - len(command.program), name.end, recipe["program"]))
    if "insert" in recipe:
        edits.append(Edit(command.name.end, command.name.end, " " + recipe["insert"]))
    before = command.name
    for word in command.arguments:
        if word.text in recipe.get("drop", ()):
            edits.append(Edit(before.end, word.end, ""))
        elif word.text in recipe.get("replace", {}):
            edits.append(Edit(word.start, word.end, recipe["replace"][word.text]))
        before = word
    asked = len(recipe.keys() & {"program", "insert"}) + ("drop" in recipe) + ("replace" in recipe)
    return tuple(edits) if len(edits) >= asked else None


_SWITCHES = ("once", "drain")


def _row(data: Mapping[str, Any]) -> Row:
    words = data.get("words")
    return Row(
        id=data["id"],
        category=data["category"],
        kind=data.get("kind"),
        also=tuple(data.get("also", ())),
        label=data["label"],
        confidence=data.get("confidence", "high"),
        programs=tuple(data["programs"]),
        path=data.get("path"),
        words=None if words is None else tuple(tuple(form.split()) for form in words),
        flags=tuple(tuple(spellings) for spellings in data.get("flags", ())),
        without=tuple(data.get("without", ())),
        bounds=data.get("bounds", {}),
        grace=data.get("grace", {}),
        foreground=data.get("foreground"),
        why=data["why"],
        example=data["example"],
    )


@lru_cache(maxsize=1)
def _index() -> Mapping[str, Sequence[Row]]:
    index: dict[str, list[Row]] = {}
    for row in rows():
        for program in row.programs:
            index.setdefault(program, []).append(row)
    return index


def _readings(command: Command) -> list[tuple[str, Word, Sequence[Word]]]:
    """Return the ways to read a command: by its program, then by the interpreter it is run with."""
    readings: list[tuple[str, Word, Sequence[Word]]] = [(command.program, command.name, command.arguments)]
    if command.interpreter is not None and command.interpreter != command.program:
        readings.append((command.interpreter, command.words[0], command.words[1:]))
    return readings


def _matches(row: Row, name: Word, arguments: _Arguments) -> bool:
    if row.path is not None and not ("/" + name.text).endswith("/" + row.path):
        return False
    return row.words is None or any(arguments.begin_with(form) for form in row.words)


class _Arguments:
    """The arguments of a command, told apart into options and the rest."""

    __slots__ = ("flags", "rest")

    def __init__(self, words: Sequence[Word], values: frozenset[str]) -> None:
        self.rest: list[Word] = []
        self.flags: list[tuple[str, str | None, Word, Word]] = []
        at = 0
        while at < len(words):
            word = words[at]
            at += 1
            if word.text == "--":
                self.rest.extend(words[at:])
                break
            if not word.text.startswith("-") or word.text == "-":
                self.rest.append(word)
                continue
            name, separator, value = word.text.partition("=")
            if separator:
                self.flags.append((name, value if word.literal or "$" not in value else None, word, word))
            elif name in values and at < len(words):
                self.flags.append((name, words[at].text if words[at].literal else None, word, words[at]))
                at += 1
            else:
                self.flags.append((name, None, word, word))
                self._add_bundle(word, values)

    def _add_bundle(self, word: Word, values: frozenset[str]) -> None:
        """Add the single letters of `-abc`, and the value behind a letter that takes one (`-t60`)."""
        text = word.text
        if text.startswith("--") or len(text) < 3:
            return
        for position, letter in enumerate(text[1:], start=2):
            flag = "-" + letter
            if flag in values:
                self.flags.append((flag, text[position:], word, word))
                return
            if not letter.isalpha():
                return
            self.flags.append((flag, None, word, word))

    def begin_with(self, form: Sequence[str]) -> bool:
        """Whether the arguments that are not options begin with these words; no words means there are none."""
        if not form:
            return not self.rest
        return len(self.rest) >= len(form) and all(
            word.literal and (word.text.startswith(wanted[:-1]) if wanted.endswith("*") else word.text == wanted)
            for word, wanted in zip(self.rest, form, strict=False)
        )

    def has_any(self, spellings: Sequence[str]) -> bool:
        """Whether one of the options is there; `--daemonize=yes` asks for its value too."""
        for spelling in spellings:
            wanted, separator, wanted_value = spelling.partition("=")
            for flag, value, _, _ in self.flags:
                if flag == wanted and (not separator or value == wanted_value):
                    return True
        return False

    def bounds(self, units: Mapping[str, str]) -> tuple[Bound, ...]:
        """Return the options of the table that are there; a limit of 0 is no limit."""
        found: list[Bound] = []
        for flag, value, first, last in self.flags:
            unit = units.get(flag)
            if unit is None:
                continue
            number = _number(value)
            if unit in _SWITCHES or unit == "weak" or number != 0:
                found.append(Bound(flag, unit, number, first.start, last.end))
        return tuple(found)


def _number(text: str | None) -> float | None:
    if text is None or not text.isascii() or not text.replace(".", "", 1).isdecimal():
        return None
    return float(text)


def span_of(bound: Bound) -> Span:
    """Return the place of a bound."""
    return Span(bound.start, bound.end)
