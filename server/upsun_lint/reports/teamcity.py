"""Inspections on the Code Inspection tab of a TeamCity build: service messages, which it reads from the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from upsun_lint.places.report_place import place
from upsun_lint.run.result import Report
from upsun_lint.writing.quoting import visible
from upsun_lint.writing.terminal import Terminal
from upsun_rules.finding import Severity

__all__ = ["render"]

_SEVERITIES: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "WEAK WARNING", Severity.HINT: "INFO"}
)

_ESCAPED = {"'": "|'", "|": "||", "\n": "|n", "\r": "|r", "[": "|[", "]": "|]"}

_MOST = 4000
"""The most characters of a text."""


def render(report: Report, terminal: Terminal, *, quiet: bool = False) -> str:
    """The inspection types, each before its first use, and their inspections."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    known: set[str] = set()
    for project, finding in report.findings:
        if finding.rule not in known:
            known.add(finding.rule)
            title = report.catalog[finding.rule].title
            yield _message(
                "inspectionType", id=finding.rule, name=finding.rule, category="upsun-lint", description=title
            )
        path, line, *_ = place(project, finding.region)
        severity = _SEVERITIES[finding.severity]
        yield _message(
            "inspection", typeId=finding.rule, message=finding.message, file=path, line=str(line), SEVERITY=severity
        )


def _message(kind: str, /, **attributes: str) -> str:
    written = " ".join(f"{key}='{_value(text)}'" for key, text in attributes.items())
    return f"##teamcity[{kind} {written}]"


def _value(text: str) -> str:
    return "".join(_ESCAPED.get(char) or (char if char.isascii() else _units(char)) for char in visible(text)[:_MOST])


def _units(char: str) -> str:
    code = char.encode("utf-16-be").hex()
    return "".join(f"|0x{code[at : at + 4]}" for at in range(0, len(code), 4))
