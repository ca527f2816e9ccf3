"""Options of commands as data, and how their values are read. click is not needed to read them."""

from __future__ import annotations

from collections.abc import Sequence

from upsun_lint.failure import Failure
from upsun_lint.reports.delivery import check_outputs
from upsun_lint.run.check_request import Output
from upsun_lint.run.rule_names import named
from upsun_lint.run.settings import FORMATS
from upsun_schema.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias


__all__ = ["COLOR", "SELECT", "Kind", "Option", "outputs_of", "rules_of"]

Kind: TypeAlias = "Literal['flag', 'switch', 'text', 'texts', 'choice', 'number', 'level', 'rules', 'outputs']"
"""What an option takes: nothing (a `switch` can also be turned off, by `--no-…`), a text, several of them by repeating
it, one of its choices, a whole number from 1, the name of a severity, names of rules, or formats with their files."""

SELECT = "--select"


class Option(NamedTuple):
    """An option of a command. `variable` is the environment variable that gives its value where it is not written.

    `choices` are for the kind `choice`, and `most` for the kind `number`: the highest that is valid.
    """

    name: str
    kind: Kind
    help: str
    short: str | None = None
    metavar: str | None = None
    variable: str | None = None
    choices: tuple[str, ...] = ()
    most: int | None = None
    default: str | None = None

    @property
    def field(self) -> str:
        """The name of the parameter, as in `extend_select`."""
        return "outputs" if self.kind == "outputs" else self.name[2:].replace("-", "_")


COLOR = Option(
    "--color",
    "choice",
    "Color the output; auto: on a terminal, unless NO_COLOR is set. FORCE_COLOR is honored.",
    choices=("auto", "always", "never"),
    default="auto",
)


def rules_of(option: str, values: Sequence[str]) -> frozenset[str] | None:
    """The rules that the values of an option name, separated by commas; None if it is not given. Failure if unknown."""
    if not values:
        return None
    names = [name.strip() for value in values for name in value.split(",")]
    found = named((name for name in names if name), option)
    if not found and option == SELECT:
        raise Failure(f"{option} names no rule, so nothing would be checked; remove it to run all rules")
    return found


def outputs_of(values: Sequence[str]) -> tuple[Output, ...]:
    """The outputs that texts such as `json=report.json` name.

    ValueError, with its text, for one that is not a format or names no file; Failure if two go to one place.
    """
    outputs = []
    for value in values:
        form, equals, path = value.partition("=")
        if form not in FORMATS or (equals and not path):
            raise ValueError(value)
        outputs.append(Output(form, path or None))
    return check_outputs(outputs)
