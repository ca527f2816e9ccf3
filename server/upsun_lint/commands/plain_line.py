"""A plain command line of a check, as hooks, CI and people mostly write it.

It is read without click, which takes a fifth of the time of a small check. Everything else is left to click: help,
completion, environment variables, and what is not valid.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from upsun_lint.commands.check_options import OPTIONS, CheckOptions
from upsun_lint.commands.option_kinds import Kind, Option, outputs_of, rules_of
from upsun_lint.failure import Failure
from upsun_lint.run.settings import LEVELS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = ["read"]


def read(words: Sequence[str], environment: Mapping[str, str] = os.environ) -> CheckOptions | None:
    """The options that the words behind `check` are; None if click must read them."""
    if any(option.variable in environment for option in OPTIONS if option.variable is not None):
        return None
    found = _split(words)
    if found is None:
        return None
    paths, given = found
    try:
        values = {one.field: _READERS[one.kind](one, given[one.name]) for one in OPTIONS if one.name in given}
    except (Failure, LookupError, ValueError):  # click reports it.
        return None
    return CheckOptions(paths=tuple(paths), **values)


def _split(words: Sequence[str]) -> tuple[list[str], dict[str, list[str]]] | None:
    """The paths, and the options that are given, by their names, with their texts; None if something is not plain."""
    paths: list[str] = []
    given: dict[str, list[str]] = {}
    rest = iter(words)
    for word in rest:
        if word == "-" or not word.startswith("-"):
            paths.append(word)
            continue
        name, equals, text = word.partition("=")
        option = _BY_NAME.get(name)
        if option is None:
            return None
        if option.kind in ("flag", "switch"):
            if equals:
                return None
            text = name
        elif not equals:
            text = next(rest, _NOTHING)
            if text.startswith("-") and text != "-":
                return None
        given.setdefault(option.name, []).append(text)
    return paths, given


_NOTHING = "--"
"""What comes after the last word, for an option that needs a value."""

_BY_NAME = {name: option for option in OPTIONS for name in (option.name, option.short) if name is not None}
_BY_NAME |= {f"--no-{option.name[2:]}": option for option in OPTIONS if option.kind == "switch"}


def _choice(option: Option, text: str) -> str:
    if text not in option.choices:
        raise ValueError(text)
    return text


def _number(option: Option, text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= (option.most or number):
        raise ValueError(text)
    return number


_READERS: dict[Kind, Callable[[Option, list[str]], Any]] = {
    "flag": lambda option, texts: True,
    "switch": lambda option, texts: texts[-1] == option.name,
    "text": lambda option, texts: texts[-1],
    "texts": lambda option, texts: tuple(texts),
    "choice": lambda option, texts: _choice(option, texts[-1]),
    "number": lambda option, texts: _number(option, texts[-1]),
    "level": lambda option, texts: LEVELS[texts[-1]],
    "rules": lambda option, texts: rules_of(option.name, texts),
    "outputs": lambda option, texts: outputs_of(texts),
}
"""The value of each kind of option. Failure, LookupError or ValueError for texts that are not valid."""
