"""Code quality in a merge request of GitLab: a JSON list, one entry per finding."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from upsun_lint.narrowing.fingerprints import run_fingerprints
from upsun_lint.places.paths import checkout_path
from upsun_lint.places.report_place import place, related
from upsun_lint.run.result import Report, Result
from upsun_lint.writing.quoting import visible
from upsun_lint.writing.terminal import Terminal
from upsun_rules.finding import Finding, Severity
from upsun_schema.configuration.sources import Sources

__all__ = ["render"]

_SEVERITIES: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info", Severity.HINT: "info"}
)


def render(report: Report, terminal: Terminal, *, quiet: bool = False) -> str:
    """The list. GitLab shows only one entry per fingerprint, so all are different."""
    entries = [entry for result in report.results for entry in _entries(result)]
    return json.dumps(entries, indent=2) + "\n"


def _entries(result: Result) -> Iterator[dict[str, Any]]:
    marks = run_fingerprints(result.project, result.findings)
    for finding, mark in zip(result.findings, marks, strict=True):
        path, line, _, end_line, _ = place(result.project, finding.region)
        yield {
            "description": _description(result.project, finding),
            "check_name": finding.rule,
            "fingerprint": mark,
            "severity": _SEVERITIES[finding.severity],
            "location": {"path": checkout_path(path), "lines": {"begin": line, "end": end_line}},
        }


def _description(project: Sources, finding: Finding) -> str:
    """The message, followed by the related places: an entry has room for only one place."""
    others = [visible(f"{checkout_path(at.path)}:{at.line}: {words}") for at, words in related(project, finding)]
    return visible(finding.message) + (f" ({'; '.join(others)})" if others else "")
