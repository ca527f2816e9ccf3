"""The findings as Markdown: for a comment, a wiki, the summary of a job. A table, and a picture of each project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from types import MappingProxyType

from upsun_lint.places.paths import display_path
from upsun_lint.places.report_place import place, related
from upsun_lint.reports.change_table import change_table
from upsun_lint.reports.markdown_cells import code, inline
from upsun_lint.reports.picture import picture
from upsun_lint.reports.summary import summary
from upsun_lint.run.result import Report
from upsun_lint.writing.quoting import visible
from upsun_lint.writing.terminal import PLAIN, Terminal
from upsun_rules.finding import Finding, Severity
from upsun_schema.configuration.sources import Sources

__all__ = ["inline", "page", "render"]

_SIGNS: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.INFO: "ℹ️", Severity.HINT: "💡"}
)

_MOST_PICTURES = 5

Link = Callable[[str, int], str]
"""The address of a line of a file; empty if there is none."""


def render(report: Report, terminal: Terminal, *, quiet: bool = False) -> str:
    """The report. `quiet` leaves out the heading, the count and the pictures."""
    return page(report, lambda path, line: "", quiet=quiet)


def page(report: Report, link: Link, *, quiet: bool = False, most: int | None = None) -> str:
    """The report with places as links. `most` is how many findings it shows, the worst first; None for all."""
    found = sorted(report.findings, key=lambda pair: -pair[1].severity)
    shown = found if most is None else found[:most]
    rows = [_row(project, finding, link) for project, finding in shown]
    table = ["| | Where | What | Rule |", "| --- | --- | --- | --- |", *rows] if rows else []
    if len(shown) < len(found):
        table += ["", f"And {len(found) - len(shown)} more."]
    if quiet:
        return "".join(f"{line}\n" for line in table)
    lines = ["## upsun-lint", "", inline(summary(report, PLAIN)), *([""] if table else []), *table]
    lines += change_table(report)
    lines += _pictures(report)
    return "".join(f"{line}\n" for line in lines)


def _row(project: Sources, finding: Finding, link: Link) -> str:
    path, line, *_ = place(project, finding.region)
    where = code(f"{path}:{line}")
    if address := link(path, line):
        where = f"[{where}]({address})"
    sign = f"{_SIGNS[finding.severity]} {finding.severity.label}"
    rule = f"[{finding.rule}]({finding.url})" if finding.url else finding.rule
    words = [inline(finding.message)]
    words += (f"{code(f'{other.path}:{other.line}')}: {inline(said)}" for other, said in related(project, finding))
    return f"| {sign} | {where} | {'<br>'.join(words)} | {rule} |"


def _pictures(report: Report) -> list[str]:
    lines: list[str] = []
    for result in report.results[:_MOST_PICTURES]:
        if drawn := picture(result.whole):
            folder = display_path(result.project.root)
            name = "" if folder == "." else f" <code>{escape(visible(folder))}</code>"
            lines += ["", f"<details><summary>What runs in this project{name}</summary>", ""]
            lines += ["```mermaid", drawn.rstrip("\n"), "```", "", "</details>"]
    return lines
