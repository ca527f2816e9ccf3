"""Writes reports: each format to standard output or to a file, and annotations to the CI system."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence

from upsun_lint import reports
from upsun_lint.failure import Failure
from upsun_lint.reports.summary import statistics, summary
from upsun_lint.run.check_request import CheckRequest, Output
from upsun_lint.run.result import Report
from upsun_lint.writing import output
from upsun_lint.writing.ci_log import annotation_format, inert, inert_json, inert_xml
from upsun_lint.writing.terminal import PLAIN, terminal

__all__ = ["check_outputs", "deliver", "wants_suppressed"]

_STANDARD_OUTPUT = ("-", "/dev/stdout")

_FOR_PEOPLE = ("text", "concise")
_COMMANDS = ("github", "azure", "teamcity")
_JSON = ("json", "sarif", "gitlab", "rdjson")
_XML = ("junit", "checkstyle")
_ANY_ENCODING = (*_FOR_PEOPLE, "json")
"""The formats that may be printed in the encoding of standard output; readers of the others expect UTF-8."""


# -- outputs ----------------------------------------------------------------------------------------------------------


def check_outputs(outputs: Sequence[Output]) -> tuple[Output, ...]:
    """The outputs, with None for standard output. Failure if two go to one place."""
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


def wants_suppressed(outputs: Iterable[Output], environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a report includes suppressed findings: SARIF does, except for GitHub.

    GitHub would show them as open alerts, since it ignores suppressions (github/codeql-action issue 1230).
    """
    return annotation_format(environment) != "github" and any(one.form == "sarif" for one in outputs)


# -- writing ----------------------------------------------------------------------------------------------------------


def deliver(report: Report, request: CheckRequest, *, stderr: bool = False) -> None:
    """Write the report of a run to every output; by default as text, with annotations where a CI reads them.

    `stderr` is for a run whose standard output is in use. If an output cannot be written, the others still are; then
    it is a Failure.
    """
    outputs: Sequence[Output] = request.outputs
    if not outputs:
        annotations = annotation_format()
        outputs = [Output("text"), *([Output(annotations)] if annotations is not None else [])]
    complaints: dict[str, None] = {}
    for one in outputs:
        try:
            if one.path is None:
                _print(report, one.form, request, stderr=stderr)
            else:
                output.write_file(one.path, _encoded(_text(report, one, request)))
        except Failure as failure:
            complaints[str(failure)] = None
    if any(one.form == "github" for one in outputs):
        from upsun_lint.reports.job_summary import append

        try:
            append(report)
        except Failure as failure:
            complaints[str(failure)] = None
    if complaints:
        raise Failure("; ".join(complaints))


def _print(report: Report, form: str, request: CheckRequest, *, stderr: bool) -> None:
    text = _kept_inert(form, _text(report, Output(form), request, stderr=stderr))
    if stderr or form in _ANY_ENCODING:
        output.write(text, stderr=stderr)
    else:
        output.write_bytes(_encoded(text))


def _text(report: Report, one: Output, request: CheckRequest, *, stderr: bool = False) -> str:
    if one.path is None:
        surface = terminal(sys.stderr if stderr else sys.stdout, request.color)
    else:
        surface = PLAIN._replace(color=request.color == "always")
    if request.statistics and one.form in _FOR_PEOPLE:
        return statistics(report, surface) + ("" if request.quiet else summary(report, surface) + "\n")
    return reports.render(one.form, report, surface, quiet=request.quiet)


def _kept_inert(form: str, text: str) -> str:
    """A report for a log in which only the commands of the format itself are commands."""
    if form in _COMMANDS or annotation_format() is None:
        return text
    if form in _JSON:
        return inert_json(text)
    return inert_xml(text) if form in _XML else inert(text)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
