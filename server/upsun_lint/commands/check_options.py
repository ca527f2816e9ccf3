"""The options of a check, and a reader of plain command lines.

click takes a fifth of the time of a small check. A command line as hooks, CI and people write it most of the time is
read without it. Everything else is left to click: help, completion, environment variables, and what is not valid.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from upsun_lint.commands.option_kinds import COLOR, SELECT, Kind, Option, outputs_of, rules_of
from upsun_lint.failure import Failure
from upsun_lint.run.check_request import Output
from upsun_lint.run.settings import FORMATS, LEVELS, NEVER
from upsun_rules.finding import Severity
from upsun_schema.record import NamedTuple

__all__ = ["OPTIONS", "CheckOptions", "read"]

OPTIONS = (
    Option(
        "--format",
        "outputs",
        f"The report format: {', '.join(FORMATS)}. With =FILE, write it to a file instead of standard output. "
        "Repeat it for several reports at once. [default: text, with annotations in a CI that shows them]",
        metavar="FORMAT[=FILE]",
        variable="UPSUN_LINT_FORMAT",
    ),
    Option(SELECT, "rules", "Run only these rules (repeat it, or separate them with commas).", metavar="RULE"),
    Option("--extend-select", "rules", "Run these rules as well, even if the settings leave them out.", metavar="RULE"),
    Option("--ignore", "rules", "Leave these rules out.", metavar="RULE"),
    Option("--exclude", "texts", "Leave out what matches this glob, from the working directory.", metavar="PATTERN"),
    Option("--severity", "level", "Show findings of this severity and above. [default: info]"),
    Option(
        "--fail-on",
        "choice",
        "Exit with 1 for findings of this severity and above. [default: error]",
        choices=(*LEVELS, NEVER),
    ),
    Option("--exit-zero", "flag", "Exit with 0 whatever is found, as --fail-on never does."),
    Option("--fix", "flag", "Apply safe fixes."),
    Option(
        "--unsafe-fixes",
        "rules",
        "With --fix or --diff, also apply the first fix that these rules offer; review the result.",
        metavar="RULE",
    ),
    Option("--diff", "flag", "Show what --fix would change, without changing it; exit with 1 if it would."),
    Option("--shellcheck", "switch", "Check commands with ShellCheck, too, if it is installed."),
    Option(
        "--baseline",
        "text",
        "Leave out the findings that this file lists.",
        metavar="FILE",
        variable="UPSUN_LINT_BASELINE",
    ),
    Option("--update-baseline", "flag", "Write the current findings to the --baseline, and drop old ones."),
    Option(
        "--since",
        "text",
        "Report what was not there at this git revision, and what the change deletes or hides.",
        metavar="REVISION",
    ),
    Option(
        "--jobs",
        "number",
        "Check in N processes. [default: one per CPU from 40 projects up]",
        metavar="N",
        variable="UPSUN_LINT_JOBS",
        most=64,
    ),
    Option("--stdin-filename", "text", "The path of the file whose text is on standard input (-).", metavar="PATH"),
    Option("--config", "text", "Read the settings from this file.", metavar="FILE"),
    Option("--no-config", "flag", "Read no settings."),
    COLOR,
    Option("--quiet", "flag", "Print nothing but findings.", short="-q"),
    Option("--verbose", "flag", "Print which settings and which table of images are used.", short="-v"),
    Option("--statistics", "flag", "Count the findings of each rule instead of showing them."),
    Option("--show-settings", "flag", "Print the settings of each project instead of checking it."),
    Option("--show-files", "flag", "Print the files that are read instead of checking them."),
)


class CheckOptions(NamedTuple):
    """The values of the options, and their values where they are not given."""

    paths: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()
    select: frozenset[str] | None = None
    extend_select: frozenset[str] | None = None
    ignore: frozenset[str] | None = None
    exclude: tuple[str, ...] = ()
    severity: Severity | None = None
    fail_on: str | None = None
    exit_zero: bool = False
    fix: bool = False
    unsafe_fixes: frozenset[str] | None = None
    diff: bool = False
    shellcheck: bool | None = None
    baseline: str | None = None
    update_baseline: bool = False
    since: str | None = None
    jobs: int | None = None
    stdin_filename: str | None = None
    config: str | None = None
    no_config: bool = False
    color: str = "auto"
    quiet: bool = False
    verbose: bool = False
    statistics: bool = False
    show_settings: bool = False
    show_files: bool = False


# -- reading a plain command line -------------------------------------------------------------------------------------


def read(words: Sequence[str], environment: Mapping[str, str] = os.environ) -> CheckOptions | None:
    """The options that the words behind `check` are; None if click must read them."""
    if any(option.variable in environment for option in OPTIONS if option.variable is not None):
        return None
    found = _sorted(words)
    if found is None:
        return None
    paths, given = found
    try:
        values = {one.field: _READERS[one.kind](one, given[one.name]) for one in OPTIONS if one.name in given}
    except (Failure, LookupError, ValueError):  # click reports it.
        return None
    return CheckOptions(paths=tuple(paths), **values)


def _sorted(words: Sequence[str]) -> tuple[list[str], dict[str, list[str]]] | None:
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
