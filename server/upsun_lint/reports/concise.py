"""One line a finding: `path:line:column: severity[rule] message`, as compilers and editors know it."""

from __future__ import annotations

from upsun_lint.places.location import locate
from upsun_lint.reports.summary import SEVERITY_STYLES, summary
from upsun_lint.run.result import Outcome
from upsun_lint.writing.terminal import Terminal, printable

__all__ = ["render"]


def render(outcome: Outcome, terminal: Terminal, *, quiet: bool = False) -> str:
    """Return the report. What was fixed stands in lines of the same form, with `fixed` for the severity."""
    lines = []
    if not quiet:
        for location, rule, title in outcome.fixed:
            lines.append(
                f"{printable(str(location))}: {terminal.paint('fixed', 'bold green')}[{rule}] {printable(title)}"
            )
    for project, finding in outcome.findings:
        location = locate(project, finding.region)
        severity = terminal.paint(finding.severity.label, SEVERITY_STYLES[finding.severity])
        rule = terminal.link(finding.rule, finding.url)
        lines.append(f"{printable(str(location))}: {severity}[{rule}] {printable(finding.message)}")
    if not quiet:
        lines.append(summary(outcome, terminal))
    return "".join(f"{line}\n" for line in lines)
