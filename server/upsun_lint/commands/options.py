"""What several commands take: colour, rules, severities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from upsun_lint.settings import LEVELS, check_rules
from upsun_rules.engine import all_rules
from upsun_rules.rule import Rule

__all__ = ["color", "level", "rule_named", "rules"]

_Command = TypeVar("_Command", bound=Callable[..., Any])


def color(command: _Command) -> _Command:
    """Give a command `--color`: auto, always or never."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="Colour the output; auto: on a terminal, unless NO_COLOR is set. FORCE_COLOR is honoured.",
    )(command)


def level(name: str, text: str) -> Callable[[_Command], _Command]:
    """Give a command an option that names a severity."""
    return click.option(
        name,
        type=click.Choice(list(LEVELS)),
        callback=lambda ctx, parameter, value: None if value is None else LEVELS[value],
        help=text,
    )


def rules(name: str, text: str) -> Callable[[_Command], _Command]:
    """Give a command an option that names rules, several after commas or repeated; None where it is not given."""
    return click.option(
        name,
        multiple=True,
        metavar="RULE",
        callback=lambda ctx, parameter, values: _rules(name, values),
        help=text,
    )


def _rules(option: str, values: tuple[str, ...]) -> frozenset[str] | None:
    names = [name.strip() for value in values for name in value.split(",")]
    return check_rules((name for name in names if name), option) if values else None


def rule_named(name: str) -> Rule:
    """Return the rule of that name; Failure, naming the nearest, if there is none."""
    (known,) = check_rules([name], "explain")
    return all_rules()[known]
