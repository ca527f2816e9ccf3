"""Annotations on the lines of a pull request: workflow commands, which GitHub reads from the log.

GitHub shows the first ten of each kind per step, so the worst come first.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from upsun_lint.places.paths import checkout_path
from upsun_lint.places.report_place import place
from upsun_lint.run.result import Report
from upsun_lint.writing.quoting import visible
from upsun_lint.writing.terminal import Terminal
from upsun_rules.finding import Finding, Severity
from upsun_schema.configuration.sources import Sources

__all__ = ["render"]

_COMMANDS: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice", Severity.HINT: "notice"}
)


def render(report: Report, terminal: Terminal, *, quiet: bool = False) -> str:
    """One command per finding."""
    worst_first = sorted(report.findings, key=lambda pair: -pair[1].severity)
    return "".join(f"{_command(project, finding)}\n" for project, finding in worst_first)


def _command(project: Sources, finding: Finding) -> str:
    path, line, column, end_line, end_column = place(project, finding.region)
    properties = {"file": checkout_path(path), "line": line, "endLine": end_line}
    if line == end_line:  # Columns count only within one line.
        properties |= {"col": column, "endColumn": end_column}
    properties["title"] = f"upsun-lint: {finding.rule}"
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(_message(project, finding))}"


def _message(project: Sources, finding: Finding) -> str:
    lines = [visible(finding.message)]
    for related in finding.related:
        path, line, *_ = place(project, related.region)
        lines.append(visible(f"{checkout_path(path)}:{line}: {related.message}"))
    if finding.url:
        lines.append(finding.url)
    return "\n".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
