"""The findings as Markdown: for a comment, a wiki, the summary of a job. A table, and a picture of each project."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from types import MappingProxyType

from upsun_lint.places.paths import display_path
from upsun_lint.places.report_place import place, related
from upsun_lint.reports.picture import picture
from upsun_lint.reports.summary import summary
from upsun_lint.run.result import Outcome
from upsun_lint.writing.quoting import code_span, visible
from upsun_lint.writing.terminal import PLAIN, Terminal
from upsun_rules.finding import Finding, Severity
from upsun_schema.configuration.project import Project

__all__ = ["inline", "render", "report"]

_SIGNS: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.INFO: "ℹ️", Severity.HINT: "💡"}
)

_ACTIVE = re.compile(r"[\\`*_\[\]<>#|~&@$^]")
"""The characters that mean something to Markdown, or to those who extend it, in the middle of a line."""

_ADDRESS = re.compile(r"(\S*(?:[a-z]:|www\.|@)\S+)", re.IGNORECASE)
"""A word that is an address, or that names a person."""

_MOST_PICTURES = 5

Link = Callable[[str, int], str]
"""Returns the address of a line of a file; nothing where there is none."""


def render(outcome: Outcome, terminal: Terminal, *, quiet: bool = False) -> str:
    """Return the report. `quiet` leaves out the heading, the count and the pictures."""
    return report(outcome, lambda path, line: "", quiet=quiet)


def report(outcome: Outcome, link: Link, *, quiet: bool = False, most: int | None = None) -> str:
    """Return the report with places as links. `most` is how many findings it shows, the worst first; None for all."""
    found = sorted(outcome.findings, key=lambda pair: -pair[1].severity)
    shown = found if most is None else found[:most]
    rows = [_row(project, finding, link) for project, finding in shown]
    table = ["| | Where | What | Rule |", "| --- | --- | --- | --- |", *rows] if rows else []
    if len(shown) < len(found):
        table += ["", f"And {len(found) - len(shown)} more."]
    if quiet:
        return "".join(f"{line}\n" for line in table)
    lines = ["## upsun-lint", "", inline(summary(outcome, PLAIN)), *([""] if table else []), *table]
    lines += _pictures(outcome)
    return "".join(f"{line}\n" for line in lines)


def _row(project: Project, finding: Finding, link: Link) -> str:
    path, line, *_ = place(project, finding.region)
    where = _code(f"{path}:{line}")
    if address := link(path, line):
        where = f"[{where}]({address})"
    sign = f"{_SIGNS[finding.severity]} {finding.severity.label}"
    rule = f"[{finding.rule}]({finding.url})" if finding.url else finding.rule
    words = [inline(finding.message)]
    words += (f"{_code(f'{other.path}:{other.line}')}: {inline(said)}" for other, said in related(project, finding))
    return f"| {sign} | {where} | {'<br>'.join(words)} | {rule} |"


def inline(text: str) -> str:
    """Return a text of ours, with names between backticks, as Markdown for one cell of a table."""
    parts = re.split(r"`([^`]*)`", visible(text))
    return "".join(_code(part) if index % 2 else _escaped(part) for index, part in enumerate(parts))


def _code(text: str) -> str:
    # How many backslashes before a bar escape it differs between readers, so a bar behind one is not written as such.
    return re.sub(r"(?<=\\)\|", r"\\x7c", code_span(text)).replace("|", r"\|")


def _escaped(text: str) -> str:
    """Return prose; what readers would turn into a link by themselves is code."""
    parts = _ADDRESS.split(text)
    return "".join(
        _code(part) if index % 2 else _ACTIVE.sub(lambda match: f"&#{ord(match[0])};", part)
        for index, part in enumerate(parts)
    )


def _pictures(outcome: Outcome) -> list[str]:
    lines: list[str] = []
    for result in outcome.results[:_MOST_PICTURES]:
        if drawn := picture(result.project):
            folder = display_path(result.project.root)
            name = "" if folder == "." else f" <code>{escape(visible(folder))}</code>"
            lines += ["", f"<details><summary>What runs in this project{name}</summary>", ""]
            lines += ["```mermaid", drawn.rstrip("\n"), "```", "", "</details>"]
    return lines
