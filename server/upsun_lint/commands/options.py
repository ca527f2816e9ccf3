"""What several commands take: colour, rules, severities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from upsun_lint.delivery import paired
from upsun_lint.failure import Failure
from upsun_lint.reports import FORMATS
from upsun_lint.settings import LEVELS, check_rules
from upsun_rules.engine import all_rules
from upsun_rules.rule import Rule

__all__ = ["Number", "ReportingCommand", "color", "level", "reporting", "rule_named", "rules"]

SELECT = "--select"

_Command = TypeVar("_Command", bound=Callable[..., Any])


def color(command: _Command) -> _Command:
    """Give a command `--color`: auto, always or never."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="Colour the output; auto: on a terminal, unless NO_COLOR is set. FORCE_COLOR is honoured.",
    )(command)


class Number(click.IntRange):
    """A whole number within bounds; what is none is told in plain words."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"`{value}` is not a whole number from {self.min} to {self.max}", param, ctx)


class ReportingCommand(click.Command):
    """A command that reports: it gets `outputs`, the formats with their files, as the command line pairs them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse them twice: only the parser itself knows in which order options of different names are given."""
        values, _, order = self.make_parser(ctx).parse_args(args=list(args))
        rest = super().parse_args(ctx, args)
        left = {name: iter(values.get(name) or ()) for name in ("format", "output_file")}
        given = [(f"--{param.name}".replace("_", "-"), next(left[param.name])) for param in order if param.name in left]
        ctx.params["outputs"] = paired(given)
        return rest


def reporting(command: _Command) -> _Command:
    """Give a ReportingCommand `--format` and `--output-file`."""
    file = click.option(
        "--output-file",
        multiple=True,
        metavar="FILE",
        expose_value=False,
        help="The file that the format before it goes to instead of standard output.",
    )
    form = click.option(
        "--format",
        multiple=True,
        type=click.Choice(FORMATS),
        metavar="FORMAT",
        expose_value=False,
        help=f"How to report: {', '.join(FORMATS)}; repeat it for several reports at once. "
        "[default: text, and annotations in a CI that shows them]",
    )
    return form(file(command))


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
    if not values:
        return None
    names = [name.strip() for value in values for name in value.split(",")]
    found = check_rules((name for name in names if name), option)
    if not found and option == SELECT:
        raise Failure(f"{option} names no rule, so nothing would be checked; leave it out to run all of them")
    return found


def rule_named(name: str) -> Rule:
    """Return the rule of that name; Failure, naming the nearest, if there is none."""
    (known,) = check_rules([name], "explain")
    return all_rules()[known]
