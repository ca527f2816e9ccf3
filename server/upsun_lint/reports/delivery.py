"""Where reports go: each format to standard output or to a file of its own, annotations to the system a CI runs on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from upsun_lint import reports
from upsun_lint.failure import Failure
from upsun_lint.reports.summary import statistics, summary
from upsun_lint.run.result import Outcome
from upsun_lint.writing import output
from upsun_lint.writing.ci_log import annotation_format, inert, inert_json, inert_xml
from upsun_lint.writing.terminal import PLAIN, terminal

__all__ = ["Manner", "Output", "check_outputs", "deliver", "wants_hidden"]

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


def check_outputs(outputs: Sequence[Output]) -> tuple[Output, ...]:
    """Return the outputs, with standard output by its names. Failure where two go to one place."""
    found = [one._replace(path=None) if one.path in _STANDARD_OUTPUT else one for one in outputs]
    printed = [one.form for one in found if one.path is None]
    if len(printed) > 1:
        raise Failure(
            f"{printed[0]} and {printed[1]} cannot both go to standard output: write one to a file, as in "
            f"--format {printed[1]}=FILE"
        )
    files: set[str] = set()
    for path in (one.path for one in found if one.path is not None):
        if os.path.realpath(path) in files:
            raise Failure(f"{path}: two formats cannot go to one file")
        files.add(os.path.realpath(path))
    return tuple(found)


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
