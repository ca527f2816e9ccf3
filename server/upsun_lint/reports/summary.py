"""The last line of a report, which counts, and the table that counts by rule."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from upsun_lint.run.result import Outcome, has_safe_fix
from upsun_lint.writing.terminal import Terminal, printable
from upsun_rules.finding import Severity

__all__ = ["SEVERITY_STYLES", "count", "statistics", "summary"]

SEVERITY_STYLES: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan", Severity.HINT: "bold dim"}
)
"""How each severity is painted."""


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def summary(outcome: Outcome, terminal: Terminal) -> str:
    """Return the line that says how many of what were found, or that all is good; only of what was asked about."""
    left_out = _left_out(outcome)
    if not any(outcome.findings):
        return terminal.paint(f"{_nothing(outcome)}; {left_out}." if left_out else _all_good(outcome), "bold green")
    counts = [
        terminal.paint(f"{number} info" if severity is Severity.INFO else count(number, severity.label), style)
        for severity, style in SEVERITY_STYLES.items()
        if (number := outcome.number(severity))
    ]
    where = f"in {count(len(outcome.files), 'file')}"
    if len(outcome.results) > 1:
        where += f" of {count(len(outcome.results), 'project')}"
    fixable = f"; {outcome.fixable} fixable with --fix" if outcome.fixable else ""
    return f"Found {', '.join(counts)} {where}{fixable}{f'; {left_out}' if left_out else ''}."


def _nothing(outcome: Outcome) -> str:
    """Say where nothing was found, though there is something that is left out."""
    what = "No new findings" if outcome.known else "Nothing found"
    return what if outcome.since is None else f"{what} in the lines changed since {printable(outcome.since)}"


def _left_out(outcome: Outcome) -> str:
    """Say how many findings are left out, and why; nothing if there are none."""
    words = [f"{count(outcome.known, 'known one')} left out"] if outcome.known else []
    if outcome.elsewhere:
        words.append(f"{count(outcome.elsewhere, 'finding')} elsewhere")
    return ", ".join(words)


def _all_good(outcome: Outcome) -> str:
    return f"All good{_contents(outcome)}."


def _contents(outcome: Outcome) -> str:
    """Say what was looked at: `: 2 applications and 3 workers in 1 project`, or ` in .upsun/config.yaml`."""
    whole = [result.project for result in outcome.results if result.asked is None]
    files = [path for result in outcome.results if result.asked is not None for path in result.files]
    asked = printable(files[0]) if len(files) == 1 else count(len(files), "file")
    if not whole:
        return f" in {asked}"
    applications = [app for project in whole for app in project.applications.values()]
    workers = sum(len(application.workers) for application in applications)
    what = count(len(applications), "application")
    if workers:
        what += f" and {count(workers, 'worker')}"
    return f": {what} in {count(len(whole), 'project')}" + (f", and {asked}" if files else "")


def statistics(outcome: Outcome, terminal: Terminal) -> str:
    """Return how many findings each rule has, the most first, with how many of them `--fix` can mend."""
    fixable: dict[str, int] = {}
    severities: dict[str, Severity] = {}
    for _, finding in outcome.findings:
        fixable[finding.rule] = fixable.get(finding.rule, 0) + has_safe_fix(finding)
        severities[finding.rule] = max(finding.severity, severities.get(finding.rule, finding.severity))
    digits = max((len(str(number)) for number in outcome.rules.values()), default=1)
    names = max((len(rule) for rule in outcome.rules), default=1)
    lines = []
    for rule, number in outcome.rules.items():
        severity = terminal.paint(f"{severities[rule].label:<8}", SEVERITY_STYLES[severities[rule]])
        mendable = f"{fixable[rule]} fixable" if fixable[rule] else ""
        lines.append(f"{number:>{digits}}  {severity} {rule:<{names}}  {mendable}".rstrip() + "\n")
    return "".join(lines)
