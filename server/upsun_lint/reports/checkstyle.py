"""The checkstyle format, which many systems read: findings by file. Columns count code points from 1."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from upsun_lint.places.report_place import place
from upsun_lint.reports.xml import Element, document, element
from upsun_lint.run.result import Report
from upsun_lint.writing.quoting import visible
from upsun_lint.writing.terminal import Terminal
from upsun_rules.finding import Severity

__all__ = ["render"]

_VERSION = "10.0"
"""The version of checkstyle whose format this is."""

_SEVERITIES: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info", Severity.HINT: "info"}
)


def render(report: Report, terminal: Terminal, *, quiet: bool = False) -> str:
    """The report."""
    files: dict[str, list[Element]] = {}
    for project, finding in report.findings:
        path, line, column, *_ = place(project, finding.region)
        attributes: dict[str, object] = {
            "line": line,
            "column": column,
            "severity": _SEVERITIES[finding.severity],
            "message": visible(finding.message),
            "source": f"upsun-lint.{finding.rule}",
        }
        files.setdefault(path, []).append(element("error", attributes))
    content = (element("file", {"name": path}, errors) for path, errors in files.items())
    return document(element("checkstyle", {"version": _VERSION}, content))
