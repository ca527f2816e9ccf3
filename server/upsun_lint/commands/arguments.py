"""Options for click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from upsun_lint.commands.completing import format_names, rule_names
from upsun_lint.commands.option_kinds import Option, outputs_of, rules_of
from upsun_lint.run.settings import FORMATS, LEVELS

__all__ = ["given", "one_format"]

_Command = TypeVar("_Command", bound=Callable[..., Any])


def given(*options: Option) -> Callable[[_Command], _Command]:
    """Give a command these options, in this order."""

    def decorate(command: _Command) -> _Command:
        for option in reversed(options):
            command = _option(option)(command)
        return command

    return decorate


def one_format(*choices: str, text: str) -> Callable[[_Command], _Command]:
    """Give a command `--format`: one of these, the first by default."""
    return click.option(
        "--format", "form", type=click.Choice(choices), default=choices[0], show_default=True, help=text
    )


def _option(option: Option) -> Callable[[_Command], _Command]:
    names = [option.name, *([option.short] if option.short is not None else [])]
    if option.kind == "switch":
        names = [f"{option.name}/--no-{option.name[2:]}"]
    return click.option(
        *names,
        option.field,
        help=option.help,
        metavar=option.metavar,
        envvar=option.variable,
        **_DETAILS[option.kind](option),
    )


def _many(
    complete: Callable[..., Any] | None, read: Callable[[click.Context, click.Parameter, tuple[str, ...]], object]
) -> dict[str, Any]:
    return {"multiple": True, "shell_complete": complete, "callback": read}


_DETAILS: dict[str, Callable[[Option], dict[str, Any]]] = {
    "flag": lambda option: {"is_flag": True},
    "switch": lambda option: {"default": None},
    "text": lambda option: {},
    "texts": lambda option: {"multiple": True},
    "choice": lambda option: {"type": click.Choice(option.choices), "default": option.default},
    "number": lambda option: {"type": click.IntRange(1, option.most)},
    "level": lambda option: {
        "type": click.Choice(list(LEVELS)),
        "callback": lambda context, parameter, value: None if value is None else LEVELS[value],
    },
    "rules": lambda option: _many(rule_names, lambda context, parameter, values: rules_of(option.name, values)),
    "outputs": lambda option: _many(format_names, _outputs),
}
"""The parameters of click for each kind of option, besides its names and its help."""


def _outputs(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> object:
    try:
        return outputs_of(values)
    except ValueError as fault:
        value = str(fault)
        click.Choice(FORMATS).convert(value.partition("=")[0], parameter, context)
        raise click.BadParameter(f"{value!r} names no file.", context, parameter) from None
