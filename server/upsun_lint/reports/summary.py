"""The summary line of a report, and the table with the number of findings per rule."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from upsun_lint.run.result import Report, has_safe_fix
from upsun_lint.writing.terminal import Terminal, printable
from upsun_rules.finding import Severity

__all__ = ["SEVERITY_STYLES", "count", "statistics", "summary"]

SEVERITY_STYLES: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan", Severity.HINT: "bold dim"}
)
"""The style of each severity."""


def count(number: int, noun: str) -> str:
    """A number with its noun: `1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def summary(report: Report, terminal: Terminal) -> str:
    """The line with the numbers of findings, or that all is good, for the projects and files asked about."""
    left_out = _left_out(report)
    if not any(report.findings):
        style = "bold yellow" if report.unasked_errors else "bold green"
        return terminal.paint(f"{_nothing(report)}; {left_out}." if left_out else _all_good(report), style)
    counts = [
        terminal.paint(f"{number} info" if severity is Severity.INFO else count(number, severity.label), style)
        for severity, style in SEVERITY_STYLES.items()
        if (number := report.number(severity))
    ]
    where = f"in {count(len(report.files), 'file')}"
    if len(report.results) > 1:
        where += f" of {count(len(report.results), 'project')}"
    fixable = f"; {report.fixable} fixable with --fix" if report.fixable else ""
    return f"Found {', '.join(counts)} {where}{fixable}{f'; {left_out}' if left_out else ''}."


def _nothing(report: Report) -> str:
    """The words for no findings although some are left out."""
    if report.since is not None:
        return f"Nothing new since {printable(report.since)}"
    return "No new findings" if report.known else f"Nothing found{_contents(report)}"


def _left_out(report: Report) -> str:
    """How many findings are left out, and why; empty if there are none."""
    words = [f"{count(report.known, 'known one')} left out"] if report.known else []
    if report.already:
        words.append(f"{report.already} already at {printable(report.since or '')}")
    if errors := report.unasked_errors:
        where = printable(errors[0]) if len(set(errors)) == 1 else count(len(set(errors)), "other file")
        words.append(f"{len(errors)} more {'error' if len(errors) == 1 else 'errors'} in {where}")
    return ", ".join(words)


def _all_good(report: Report) -> str:
    suppressed = sum(len(result.suppressed) for result in report.results)
    hidden = f"; {count(suppressed, 'finding')} suppressed by comments" if suppressed else ""
    return f"All good{_contents(report)}{hidden}."


def _contents(report: Report) -> str:
    """What was checked: `: 2 applications and 3 workers in 1 project`, or ` in .upsun/config.yaml`."""
    whole = [result.project for result in report.results if result.asked is None]
    files = [path for result in report.results if result.asked is not None for path in result.files]
    asked = printable(files[0]) if len(files) == 1 else count(len(files), "file")
    if not whole:
        return f" in {asked}"
    workers = sum(project.size.workers for project in whole)
    what = count(sum(project.size.applications for project in whole), "application")
    if workers:
        what += f" and {count(workers, 'worker')}"
    return f": {what} in {count(len(whole), 'project')}" + (f", and {asked}" if files else "")


def statistics(report: Report, terminal: Terminal) -> str:
    """How many findings each rule has in each severity, the most first, with how many of them `--fix` can fix."""
    numbers: dict[tuple[str, Severity], int] = {}
    fixable: dict[tuple[str, Severity], int] = {}
    for _, finding in report.findings:
        row = finding.rule, finding.severity
        numbers[row] = numbers.get(row, 0) + 1
        fixable[row] = fixable.get(row, 0) + has_safe_fix(finding)
    digits = max((len(str(number)) for number in numbers.values()), default=1)
    names = max((len(rule) for rule, _ in numbers), default=1)
    lines = []
    for row, number in sorted(numbers.items(), key=lambda item: (-item[1], item[0][0], -item[0][1])):
        rule, level = row
        severity = terminal.paint(f"{level.label:<8}", SEVERITY_STYLES[level])
        fixes = f"{fixable[row]} fixable" if fixable[row] else ""
        lines.append(f"{number:>{digits}}  {severity} {rule:<{names}}  {fixes}".rstrip() + "\n")
    return "".join(lines)
