"""Where reports go: each format to standard output or to a file of its own, annotations to the system a CI runs on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from upsun_lint import output, reports
from upsun_lint.ci import annotation_format, inert, inert_json, inert_xml
from upsun_lint.failure import Failure
from upsun_lint.reports.summary import statistics, summary
from upsun_lint.result import Outcome
from upsun_lint.terminal import PLAIN, terminal

__all__ = ["Manner", "Output", "deliver", "paired", "wants_hidden"]

FORMAT = "--format"
OUTPUT_FILE = "--output-file"

_STANDARD_OUTPUT = ("-", "/dev/stdout")

_FOR_PEOPLE = ("text", "concise")
_COMMANDS = ("github", "azure", "teamcity")
_JSON = ("json", "sarif", "gitlab", "rdjson")
_XML = ("junit", "checkstyle")
_ANY_ENCODING = (*_FOR_PEOPLE, "json")
"""The formats that can be printed in whatever encoding standard output has; the readers of the others want UTF-8."""


class Output(NamedTuple):
    """A format and the file it goes to; None for standard output."""

    form: str
    path: str | None = None


class Manner(NamedTuple):
    """How a report is given, whatever its format: in colour (auto, always, never), only findings, only counts."""

    color: str = "auto"
    quiet: bool = False
    statistics: bool = False


# -- what goes where ---------------------------------------------------------------------------------------------------


def paired(given: Iterable[tuple[str, str]]) -> tuple[Output, ...]:
    """Return the outputs that options in the order of a command line ask for: a file is for the format before it.

    Nothing for no options. Failure where they contradict each other.
    """
    options = list(given)
    if [name for name, _ in options] == [OUTPUT_FILE, FORMAT]:
        options.reverse()  # With one of each, nothing can be meant but this.
    if [name for name, _ in options] == [OUTPUT_FILE]:
        options.insert(0, (FORMAT, "text"))
    found: list[Output] = []
    has_file = True
    for name, value in options:
        if name == FORMAT:
            found.append(Output(value))
            has_file = False
        elif has_file:
            raise Failure(f"{OUTPUT_FILE} {value}: write this after the {FORMAT} that goes there, one file for each")
        else:
            found[-1] = Output(found[-1].form, None if value in _STANDARD_OUTPUT else value)
            has_file = True
    _check(found)
    return tuple(found)


def _check(outputs: list[Output]) -> None:
    printed = [one.form for one in outputs if one.path is None]
    if len(printed) > 1:
        raise Failure(
            f"{printed[0]} and {printed[1]} cannot both go to standard output: give one of them an {OUTPUT_FILE}"
        )
    files: set[str] = set()
    for one in outputs:
        if one.path is not None:
            full = os.path.realpath(one.path)
            if full in files:
                raise Failure(f"{OUTPUT_FILE} {one.path}: two formats cannot go to one file")
            files.add(full)


def wants_hidden(outputs: Iterable[Output], environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether a report tells what comments hide: SARIF does, but not to GitHub.

    That would show it among the open alerts: it does not know suppressions (github/codeql-action issue 1230).
    """
    return annotation_format(environment) != "github" and any(one.form == "sarif" for one in outputs)


# -- giving it ---------------------------------------------------------------------------------------------------------


def deliver(outcome: Outcome, outputs: Sequence[Output], manner: Manner, *, stderr: bool = False) -> None:
    """Write the report of a run to every output; without any, as text, with annotations where a CI reads them.

    `stderr` is for a run whose standard output is taken. What cannot be written does not keep the rest from being
    written; then it is a Failure.
    """
    if not outputs:
        annotations = annotation_format()
        outputs = [Output("text"), *([Output(annotations)] if annotations is not None else [])]
    complaints: dict[str, None] = {}
    for one in outputs:
        try:
            if one.path is None:
                _print(outcome, one.form, manner, stderr=stderr)
            else:
                output.write_file(one.path, _encoded(_text(outcome, one, manner)))
        except Failure as failure:
            complaints[str(failure)] = None
    if any(one.form == "github" for one in outputs):
        from upsun_lint.reports.job_summary import append

        try:
            append(outcome)
        except Failure as failure:
            complaints[str(failure)] = None
    if complaints:
        raise Failure("; ".join(complaints))


def _print(outcome: Outcome, form: str, manner: Manner, *, stderr: bool) -> None:
    text = _kept_inert(form, _text(outcome, Output(form), manner, stderr=stderr))
    if stderr or form in _ANY_ENCODING:
        output.write(text, stderr=stderr)
    else:
        output.write_bytes(_encoded(text))


def _text(outcome: Outcome, one: Output, manner: Manner, *, stderr: bool = False) -> str:
    if one.path is None:
        surface = terminal(sys.stderr if stderr else sys.stdout, manner.color)
    else:
        surface = PLAIN._replace(colour=manner.color == "always")
    if manner.statistics and one.form in _FOR_PEOPLE:
        return statistics(outcome, surface) + ("" if manner.quiet else summary(outcome, surface) + "\n")
    return reports.render(one.form, outcome, surface, quiet=manner.quiet)


def _kept_inert(form: str, text: str) -> str:
    """Return a report for a log in which nothing is a command but those the format consists of."""
    if form in _COMMANDS or annotation_format() is None:
        return text
    if form in _JSON:
        return inert_json(text)
    return inert_xml(text) if form in _XML else inert(text)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
