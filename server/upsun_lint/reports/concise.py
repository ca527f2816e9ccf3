"""One line per finding: `path:line:column: severity[rule] message`, as compilers print it and editors read it."""

from __future__ import annotations

from upsun_lint.places.location import locate
from upsun_lint.reports.summary import SEVERITY_STYLES, summary
from upsun_lint.run.result import Report
from upsun_lint.writing.terminal import Terminal, printable

__all__ = ["render"]


def render(report: Report, terminal: Terminal, *, quiet: bool = False) -> str:
    """The report. Fixed findings are lines of the same form, with `fixed` as the severity."""
    lines = []
    if not quiet:
        for location, rule, title in report.fixed:
            lines.append(
                f"{printable(str(location))}: {terminal.paint('fixed', 'bold green')}[{rule}] {printable(title)}"
            )
    for project, finding in report.findings:
        location = locate(project, finding.region)
        severity = terminal.paint(finding.severity.label, SEVERITY_STYLES[finding.severity])
        rule = terminal.link(finding.rule, finding.url)
        lines.append(f"{printable(str(location))}: {severity}[{rule}] {printable(finding.message)}")
    if not quiet:
        lines.append(summary(report, terminal))
    return "".join(f"{line}\n" for line in lines)
