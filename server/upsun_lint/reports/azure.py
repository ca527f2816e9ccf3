"""Issues on the summary of a run of Azure Pipelines: logging commands, which its agent reads from the log.

It has only errors and warnings; lesser findings are plain lines of the log.
"""

from __future__ import annotations

from upsun_lint.places.paths import checkout_path
from upsun_lint.places.report_place import place
from upsun_lint.run.result import Report
from upsun_lint.writing.quoting import visible
from upsun_lint.writing.terminal import Terminal, printable
from upsun_rules.finding import Finding, Severity
from upsun_schema.configuration.sources import Sources

__all__ = ["render"]


def render(report: Report, terminal: Terminal, *, quiet: bool = False) -> str:
    """One line per finding, the worst first."""
    worst_first = sorted(report.findings, key=lambda pair: -pair[1].severity)
    return "".join(f"{_line(project, finding)}\n" for project, finding in worst_first)


def _line(project: Sources, finding: Finding) -> str:
    path, line, column, *_ = place(project, finding.region)
    path = checkout_path(path)
    if finding.severity < Severity.WARNING:
        words = printable(f"{path}:{line}:{column}: {finding.severity.label}[{finding.rule}] {finding.message}")
        return words.replace("##", "## ")  # Two hashes may begin a command.
    properties = {
        "type": finding.severity.label,
        "sourcepath": path,
        "linenumber": line,
        "columnnumber": column,
        "code": finding.rule,
    }
    written = "".join(f"{name}={_property(str(value))};" for name, value in properties.items())
    return f"##vso[task.logissue {written}]{_data(finding.message + (f' ({finding.url})' if finding.url else ''))}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(";", "%3B").replace("]", "%5D")
