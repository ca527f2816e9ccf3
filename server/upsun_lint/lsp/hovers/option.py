"""Hover texts for the options of commands: when they end a program, and what they mean (`options.json`)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from upsun_lint.lsp.session.markup import code, paragraphs
from upsun_rules.lookups.inside import offsets_of
from upsun_rules.shell.parsing import Command, Word, parse
from upsun_rules.shell.recognition import Recognition, recognize
from upsun_schema.configuration.limits import STOP_SECONDS
from upsun_schema.data_files import json_beside
from upsun_schema.yaml.nodes import BROKEN, Region, Scalar

__all__ = ["OptionAt", "about_option", "option_at"]

_ENDS = {
    "seconds": "Ends the program after this time",
    "milliseconds": "Ends the program after this time",
    "count": "Ends the program after this number of jobs",
    "once": "Ends the program after one job",
    "drain": "Ends the program when nothing is left to do",
    "weak": "Ends the program above this limit, which it may never reach",
}
_RESTARTS = "On a worker, the platform starts it again at once."


class OptionAt(NamedTuple):
    """An option in a command, and where it is."""

    command: Command
    name: str
    region: Region


def option_at(scalar: Scalar, offset: int) -> OptionAt | None:
    """The option at an offset (code points, in the piece of the scalar) of a script."""
    offsets = None if scalar.tag == BROKEN or not scalar.text.strip() else offsets_of(scalar)
    if offsets is None:
        return None
    for command in parse(scalar.text).commands:
        for word in command.arguments if command.exact and not command.chain else ():
            if word.text.startswith("-") and offsets[word.start] <= offset <= offsets[word.end]:
                region = Region(scalar.piece, offsets[word.start], offsets[word.end - 1] + 1)
                return OptionAt(command, _name(word), region)
    return None


def _name(word: Word) -> str:
    return word.text.partition("=")[0]


def about_option(found: OptionAt) -> str | None:
    """What an option does in the command that it belongs to; None if that is not known."""
    known = recognize(found.command)
    if known is None:
        return None
    meaning = _meaning(known, found.name)
    ending = _ending(known, found.name)
    if not meaning and not ending:
        return None
    restarts = _RESTARTS if found.name in known.row.bounds else ""
    return paragraphs(f"**Option** {code(found.name)} of {known.label}", meaning or ending, restarts)


def _meaning(known: Recognition, name: str) -> str:
    options = next((row["options"] for row in _table() if known.row.id in row["for"]), {})
    return next((text for spellings, text in options.items() if name in spellings.split()), "")


def _ending(known: Recognition, name: str) -> str:
    if name in known.row.grace:
        return f"How long it may take to stop. The platform kills it {STOP_SECONDS} seconds after SIGTERM."
    unit = known.row.bounds.get(name)
    return "" if unit is None else f"{_ENDS[unit]}."


@cache
def _table() -> list[dict[str, dict[str, str]]]:
    """Groups of rows of the table of commands (`for`) and their `options`: spellings with blanks between, meaning."""
    found: list[dict[str, dict[str, str]]] = json_beside(__file__, "options.json")
    return found
