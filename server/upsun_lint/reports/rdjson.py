"""The reviewdog format: diagnostics with suggestions. Columns count from 1, in bytes of UTF-8."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from upsun_lint.places.report_place import UTF8, clean, place
from upsun_lint.run.result import Report
from upsun_lint.writing.quoting import visible
from upsun_lint.writing.terminal import Terminal
from upsun_rules.finding import Finding, Fix, Severity
from upsun_schema.configuration.sources import Sources
from upsun_schema.yaml.nodes import Region
from upsun_schema.yaml.text import LineTable

__all__ = ["render"]

_SEVERITIES: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO", Severity.HINT: "INFO"}
)


def render(report: Report, terminal: Terminal, *, quiet: bool = False) -> str:
    """The report."""
    diagnostics = [_diagnostic(project, finding) for project, finding in report.findings]
    return json.dumps({"source": {"name": "upsun-lint"}, "diagnostics": diagnostics}, indent=2) + "\n"


def _diagnostic(project: Sources, finding: Finding) -> dict[str, Any]:
    found: dict[str, Any] = {
        "message": visible(finding.message),
        "location": _location(project, finding.region),
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": finding.rule} | ({"url": finding.url} if finding.url else {}),
    }
    if suggestions := [one for fix in finding.fixes if (one := _suggestion(project, finding, fix)) is not None]:
        found["suggestions"] = suggestions
    if finding.related:
        found["related_locations"] = [
            {"message": visible(related.message), "location": _location(project, related.region)}
            for related in finding.related
        ]
    return found


def _location(project: Sources, region: Region) -> dict[str, Any]:
    path, line, column, end_line, end_column = place(project, region, UTF8)
    start, end = {"line": line, "column": column}, {"line": end_line, "column": end_column}
    return {"path": path, "range": {"start": start, "end": end}}


def _suggestion(project: Sources, finding: Finding, fix: Fix) -> dict[str, Any] | None:
    """A fix as one replacement: each suggestion is applied separately, so several edits become one range.

    None if another file would be changed.
    """
    from upsun_lint.fixing.fixes import TextEdit, edited, text_edits

    document = project.file(finding.region)
    edits = text_edits(project, fix).get(document.path, [])
    if len(edits) != len(fix.edits) or not edits:
        return None
    start, end = edits[0].start, max(edit.end for edit in edits)
    text = edited(document.text[start:end], [TextEdit(one.start - start, one.end - start, one.text) for one in edits])
    places = [_point(document.lines, offset) for offset in (start, end)]
    return {"range": {"start": places[0], "end": places[1]}, "text": clean(text)}


def _point(lines: LineTable, offset: int) -> dict[str, int]:
    line, column = lines.position(offset)
    before = lines.line(line)[:column].encode("utf-8", "surrogateescape")
    return {"line": line + 1, "column": len(before) + 1}
