"""Options that several commands share: color, formats, rules, severities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from upsun_lint.commands.completing import format_names, rule_names
from upsun_lint.failure import Failure
from upsun_lint.reports import FORMATS
from upsun_lint.reports.delivery import check_outputs
from upsun_lint.run.check_request import Output
from upsun_lint.run.rule_names import named
from upsun_lint.run.settings import LEVELS

__all__ = ["color", "level", "one_format", "outputs", "rules"]

SELECT = "--select"

_Command = TypeVar("_Command", bound=Callable[..., Any])


def color(command: _Command) -> _Command:
    """Give a command `--color`: auto, always or never."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="Color the output; auto: on a terminal, unless NO_COLOR is set. FORCE_COLOR is honored.",
    )(command)


def one_format(*choices: str, text: str) -> Callable[[_Command], _Command]:
    """Give a command `--format`: one of these, the first by default."""
    return click.option(
        "--format", "form", type=click.Choice(choices), default=choices[0], show_default=True, help=text
    )


def outputs(command: _Command) -> _Command:
    """Give a command `--format`: the report formats, each with the file to write it to."""
    return click.option(
        "--format",
        "outputs",
        multiple=True,
        metavar="FORMAT[=FILE]",
        envvar="UPSUN_LINT_FORMAT",
        shell_complete=format_names,
        callback=lambda ctx, parameter, values: check_outputs([_output(value, ctx, parameter) for value in values]),
        help=f"The report format: {', '.join(FORMATS)}. With =FILE, write it to a file instead of standard output. "
        "Repeat it for several reports at once. [default: text, with annotations in a CI that shows them]",
    )(command)


def _output(value: str, ctx: click.Context, parameter: click.Parameter) -> Output:
    form, equals, path = value.partition("=")
    click.Choice(FORMATS).convert(form, parameter, ctx)
    if equals and not path:
        raise click.BadParameter(f"{value!r} names no file.", ctx, parameter)
    return Output(form, path or None)


def level(name: str, text: str) -> Callable[[_Command], _Command]:
    """Give a command an option that names a severity."""
    return click.option(
        name,
        type=click.Choice(list(LEVELS)),
        callback=lambda ctx, parameter, value: None if value is None else LEVELS[value],
        help=text,
    )


def rules(name: str, text: str) -> Callable[[_Command], _Command]:
    """Give a command an option that takes rule names, separated by commas or repeated; None if it is not given."""
    return click.option(
        name,
        multiple=True,
        metavar="RULE",
        shell_complete=rule_names,
        callback=lambda ctx, parameter, values: _rules(name, values),
        help=text,
    )


def _rules(option: str, values: tuple[str, ...]) -> frozenset[str] | None:
    if not values:
        return None
    names = [name.strip() for value in values for name in value.split(",")]
    found = named((name for name in names if name), option)
    if not found and option == SELECT:
        raise Failure(f"{option} names no rule, so nothing would be checked; remove it to run all rules")
    return found
