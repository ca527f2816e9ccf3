"""The findings for programs: a contract, described by `findings.schema.json` beside this module.

Lines and columns count from 1, columns in code points; the end of a range is exclusive. Paths are relative to the
working directory, with forward slashes. Within one `version`, fields may be added, but none changes its meaning.
"""

from __future__ import annotations

import json
from typing import Any

from upsun_lint.places.location import locate
from upsun_lint.run.result import Report
from upsun_lint.writing.terminal import Terminal
from upsun_rules.finding import Finding, Fix, Severity
from upsun_schema.configuration.sources import Sources
from upsun_schema.yaml.nodes import Region

__all__ = ["VERSION", "render"]

VERSION = 1
"""The version of the contract."""


def render(report: Report, terminal: Terminal, *, quiet: bool = False) -> str:
    """The report. It is pure ASCII, so that it is valid in any encoding."""
    data = {
        "version": VERSION,
        "findings": [_finding(project, finding) for project, finding in report.findings],
        "summary": _summary(report),
    }
    return json.dumps(data, indent=2) + "\n"


def _summary(report: Report) -> dict[str, Any]:
    return {
        "projects": len(report.results),
        "files": len(report.checked),
        **{severity.label: report.number(severity) for severity in reversed(Severity) if severity},
        "fixable": report.fixable,
        "fixed": len(report.fixed),
        "rules": report.rules,
    }


def _finding(project: Sources, finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.label,
        "message": finding.message,
        **_place(project, finding.region),
        "related": [{"message": one.message, **_place(project, one.region)} for one in finding.related],
        "fixes": [_fix(project, fix) for fix in finding.fixes],
        "url": finding.url,
    }


def _fix(project: Sources, fix: Fix) -> dict[str, Any]:
    edits = [{**_place(project, edit.region), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def _place(project: Sources, region: Region) -> dict[str, Any]:
    path, start, end = locate(project, region)
    return {
        "path": path,
        "range": {
            "start": {"line": start.line + 1, "column": start.column + 1},
            "end": {"line": end.line + 1, "column": end.column + 1},
        },
    }
