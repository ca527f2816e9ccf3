"""What a command is: a queue consumer, a scheduler, a web server, a migration, … (`commands.json` is the table).

A command without a row is not recognized, and no rule reports it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache

from upsun_rules.shell.parsing import Command, Loop, Script, Word, sleep_seconds, table
from upsun_schema.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = [
    "CATEGORIES",
    "KINDS",
    "Bound",
    "CommandEdit",
    "CommandRow",
    "Recognition",
    "detaches",
    "foreground_rewrite",
    "recognize",
    "returns_at_once",
    "rows",
]


class CommandRow(NamedTuple):
    """One row of the table: a kind of command and how to recognize it.

    - `category`: what it does, one of `CATEGORIES`; `also`: further categories it belongs to.
    - `kind`: of a `one-shot`, what for, one of `KINDS`; otherwise None.
    - `label`: a name for people ("Laravel queue worker"), without an article.
    - `confidence`: "low" when the name alone cannot be sure (`npm start`).
    - `programs`: base names it runs under. `path`: how the path must end, where the name says too little. `common`:
      other programs have this name too, so a file of the project itself (`./serve`) is not taken for it.
    - `words`: the leading arguments that are not options, as alternatives; "" means none, a final `*` any ending.
    - `flags`: options that must all be there (each a list of spellings); `without`: options that must not.
    - `bounds`: options after which a consumer ends by itself, and their unit: `seconds`, `count`, `once` and `drain`
      (ends when the queue is empty), or `weak` (may never be reached). `bounded`: it ends without such an option.
    - `grace`: options that say how long it takes to stop. Their unit, like that of bounds, may be `milliseconds`.
    - `foreground`: how to keep a daemoniser in the foreground, see `foreground_rewrite`.
    - `why`: what such a command does and where it belongs; `examples`: commands of this kind.
    """

    id: str
    category: str
    kind: str | None
    also: tuple[str, ...]
    label: str
    confidence: str
    programs: tuple[str, ...]
    path: str | None
    common: bool
    words: tuple[tuple[str, ...], ...] | None
    flags: tuple[tuple[str, ...], ...]
    without: tuple[str, ...]
    bounds: Mapping[str, str]
    bounded: bool
    grace: Mapping[str, str]
    foreground: Mapping[str, Any] | None
    why: str
    examples: tuple[str, ...]


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
KINDS = (
    "migration",
    "deploy-step",
    "build-step",
    "dump",
    "maintenance",
    "request",
    "report",
    "queue-drain",
    "trivial",
    "prelude",
)


class Bound(NamedTuple):
    """An option of the table found in a command, its unit, its value (None when computed or a switch), its place.

    Milliseconds are given as `seconds`, with the value divided.
    """

    flag: str
    unit: str
    value: float | None
    start: int
    end: int


class Recognition(NamedTuple):
    """A command the table knows."""

    row: CommandRow
    command: Command
    bounds: tuple[Bound, ...]
    grace: tuple[Bound, ...]

    @property
    def category(self) -> str:
        """What the command does, one of `CATEGORIES`."""
        return self.row.category

    @property
    def kind(self) -> str | None:
        """What a one-shot is for, one of `KINDS`; None for other categories."""
        return self.row.kind

    @property
    def label(self) -> str:
        """A name for people, without an article: "Laravel queue worker"."""
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
        """Whether it ends by itself: by nature, by an option that is not weak, or under `timeout`."""
        return (
            self.row.bounded or "timeout" in self.command.prefixes or any(bound.unit != "weak" for bound in self.bounds)
        )

    @property
    def bound_seconds(self) -> int | None:
        """Seconds after which it ends by itself; None when no time is set or the shell computes it."""
        values = [bound.value for bound in self.bounds if bound.unit == "seconds" and bound.value is not None]
        seconds = min([*values, self.command.timeout])
        return None if math.isinf(seconds) else int(seconds)

    @property
    def endless(self) -> bool:
        """Whether it stays in the foreground until someone stops it."""
        return self.row.category in _ENDLESS and not self.bounded and not self.is_a("daemoniser")

    @property
    def drains(self) -> bool:
        """Whether it ends after one single job, or as soon as the queue is empty."""
        return any(
            bound.unit in ("once", "drain") or (bound.unit == "count" and bound.value == 1) for bound in self.bounds
        )


class CommandEdit(NamedTuple):
    """A replacement in the text that was parsed: 0-based code points, end exclusive."""

    start: int
    end: int
    text: str


@cache
def rows() -> tuple[CommandRow, ...]:
    """Every row of the table, in the order they are tried."""
    return tuple(map(_row, range(len(table()["commands"]))))


def recognize(command: Command) -> Recognition | None:
    """What a command is; None if it is not in the table."""
    if command.recognition is None:
        command.recognition = (_recognized(command),)
    found: Recognition | None = command.recognition[0]
    return found


def _recognized(command: Command) -> Recognition | None:
    program, arguments = command.program, command.arguments
    index = _index()
    candidates = index.get(program) or index.get(program.rstrip("0123456789."))
    if not candidates:
        return None
    valued = frozenset(table()["values"].get(program, ()))
    parsed = _Arguments(arguments, valued)
    for number in candidates:
        if not _matches(number, command.name, parsed):
            continue
        row = _row(number)
        own = [flag for flag, unit in (*row.bounds.items(), *row.grace.items()) if unit not in _SWITCHES]
        exact = _Arguments(arguments, valued.union(own))
        if all(exact.has_any(spellings) for spellings in row.flags) and not exact.has_any(row.without):
            return Recognition(row, command, exact.bounds(row.bounds), exact.bounds(row.grace))
    return None


def returns_at_once(script: Script) -> Recognition | None:
    """Which command makes a script one that ends within moments, whatever happens; None when that is not certain.

    Certain means that the shell waits for nothing but commands known to return: no unknown command, no loop. The
    answer is the last of them that has a purpose. Preparations such as `cd` have none, so the last of those is the
    answer only where there is nothing else.
    """
    if script.loops or detaches(script) is not None:
        return None
    found: Recognition | None = None
    prepared: Recognition | None = None
    only_prepares = True
    for command in script.commands:
        if command.in_function:
            continue
        recognition = _short(command)
        if recognition is None or command.repeated or command.background:
            return None
        if command.in_substitution or not command.foreground:
            only_prepares = False
        elif recognition.kind != "prelude":
            found = recognition
        elif recognition.row.id in _PREPARING:
            prepared = recognition
        else:
            only_prepares = False
    return found or (prepared if only_prepares else None)


def detaches(script: Script) -> Command | Loop | None:
    """What a script leaves in the background before it ends; None if it stays, or may stay, in the foreground.

    That is a command or loop with a `&` after it, or a daemonizer, followed by nothing but commands known to return, or
    to sleep for a while. A script that calls `wait` leaves nothing.
    """
    if script.left_behind:
        return script.left_behind[-1]
    if script.waits:
        return None
    # Their places would not do: all commands of one file have that of the command that runs it.
    for command in reversed(script.commands):
        step = command if command.loop is None else script.loops[command.loop]
        if step is command and not _is_step(command):
            continue
        if step.background:
            return step
        if isinstance(step, Loop):
            return None
        recognition = recognize(step)
        if recognition is not None and recognition.is_a("daemoniser"):
            return step
        if step.repeated or (_short(step) is None and not _pauses(step)):
            return None
    return None


def _is_step(command: Command) -> bool:
    """Whether a command surely runs as a part of the script itself."""
    return (command.background or command.foreground) and not (command.in_function or command.in_substitution)


def _pauses(command: Command) -> bool:
    """Whether a command does nothing but sleep, for a known time."""
    seconds = sleep_seconds(command)
    return seconds is not None and not math.isinf(seconds)


def _short(command: Command) -> Recognition | None:
    """Recognize a command that returns within moments."""
    recognition = recognize(command)
    return recognition if recognition is not None and recognition.category in _RETURNING else None


def foreground_rewrite(recognition: Recognition) -> tuple[CommandEdit, ...] | None:
    """The edits that keep a daemoniser in the foreground; None when the table knows none or it cannot be done.

    A row's `foreground` has `drop` (options to remove), `insert` (text to add after the program), `replace` (words to
    exchange), `program` (another name for the program).
    """
    recipe = recognition.row.foreground
    command = recognition.command
    if recipe is None or not command.exact:
        return None
    edits: list[CommandEdit] = []
    name = command.name
    if "program" in recipe:
        edits.append(CommandEdit(name.start, name.end, recipe["program"]))
    if "insert" in recipe:
        edits.append(CommandEdit(name.end, name.end, " " + recipe["insert"]))
    arguments = command.arguments
    values = table()["values"].get(command.program, ())
    for position, word in enumerate(arguments):
        before = arguments[position - 1] if position else name
        if word.text.partition("=")[0] in recipe.get("drop", ()):
            with_value = word.text in values and position + 1 < len(arguments)
            edits.append(CommandEdit(before.end, arguments[position + with_value].end, ""))
        elif word.text in recipe.get("replace", {}):
            edits.append(CommandEdit(word.start, word.end, recipe["replace"][word.text]))
    return tuple(edits) or None


_SWITCHES = ("once", "drain")
_PREPARING = ("shell-setting", "file-tool")
_RETURNING = ("one-shot", "scheduler-tick", "control")
_ENDLESS = ("consumer", "scheduler", "server", "cron-daemon", "supervisor", "idle", "follower")


@cache
def _row(number: int) -> CommandRow:
    """A row by its place in the table. A check uses few of them."""
    data = table()["commands"][number]
    words = data.get("words")
    reason = f"{data['category']}/{data['kind']}" if "kind" in data else data["category"]
    return CommandRow(
        id=data["id"],
        category=data["category"],
        kind=data.get("kind"),
        also=tuple(data.get("also", ())),
        label=data["label"],
        confidence=data.get("confidence", "high"),
        programs=tuple(data["programs"]),
        path=data.get("path"),
        common=data.get("common", False),
        words=None if words is None else tuple(tuple(form.split()) for form in words),
        flags=tuple(tuple(spellings) for spellings in data.get("flags", ())),
        without=tuple(data.get("without", ())),
        bounds=data.get("bounds", {}),
        bounded=data.get("bounded", False),
        grace=data.get("grace", {}),
        foreground=data.get("foreground"),
        why=data.get("why") or table()["reasons"][reason],
        examples=tuple(data["examples"]),
    )


@cache
def _index() -> Mapping[str, Sequence[int]]:
    """The places of the rows of each program."""
    index: dict[str, list[int]] = {}
    for number, data in enumerate(table()["commands"]):
        for program in data["programs"]:
            index.setdefault(program, []).append(number)
    return index


@cache
def _forms(number: int) -> Mapping[str, Sequence[tuple[str, ...]]]:
    """The `words` of a row by the first of them, since some rows have hundreds; `*` is for any ending."""
    forms: dict[str, list[tuple[str, ...]]] = {}
    for form in _row(number).words or ():
        first = form[0] if form else ""
        forms.setdefault("*" if first.endswith("*") else first, []).append(form)
    return forms


def _matches(number: int, name: Word, arguments: _Arguments) -> bool:
    row = _row(number)
    if row.path is not None and not ("/" + name.text).endswith("/" + row.path):
        return False
    if row.common and "/" in name.text and not any(part in name.text for part in table()["tool-directories"]):
        return False
    if row.words is None:
        return True
    forms = _forms(number)
    candidates = (*forms.get(arguments.first, ()), *forms.get("*", ()))
    return any(arguments.begin_with(form) for form in candidates)


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
                self.flags.append((name, value, word, word))
            elif name in values and at < len(words):
                self.flags.append((name, words[at].text, word, words[at]))
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

    def _named(self) -> list[Word]:
        return self.rest[1:] if self.rest and self.rest[0].text.startswith("@") else self.rest

    @property
    def first(self) -> str:
        """The first argument that is not an option; nothing where there is none."""
        rest = self._named()
        return rest[0].text if rest else ""

    def begin_with(self, form: Sequence[str]) -> bool:
        """Whether the arguments that are not options begin with these words; no words means there are none.

        The name of a site, as in `drush @site cron`, may come first.
        """
        rest = self._named()
        if not form:
            return not rest
        return len(rest) >= len(form) and all(
            word.literal and (word.text.startswith(wanted[:-1]) if wanted.endswith("*") else word.text == wanted)
            for word, wanted in zip(rest, form, strict=False)
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
        """The options of the table that are there; a limit of 0 does not count."""
        found: list[Bound] = []
        for flag, value, first, last in self.flags:
            unit = units.get(flag)
            if unit is None:
                continue
            number = _number(value)
            if unit == "milliseconds":
                unit, number = "seconds", None if number is None else number / 1000
            if unit in _SWITCHES or unit == "weak" or number != 0:
                found.append(Bound(flag, unit, number, first.start, last.end))
        return tuple(found)


def _number(text: str | None) -> float | None:
    if text is None or not text.isascii() or not text.replace(".", "", 1).isdecimal():
        return None
    return float(text)
