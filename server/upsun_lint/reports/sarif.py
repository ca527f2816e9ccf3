"""SARIF 2.1.0, for security tabs and viewers. Columns count from 1, in UTF-16 units.

Suppressed findings are included and marked, if the report has them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from upsun_lint import __version__
from upsun_lint.narrowing.fingerprints import run_fingerprints
from upsun_lint.places.paths import checkout_path
from upsun_lint.places.report_place import UTF16, clean, place
from upsun_lint.reports.summary import count
from upsun_lint.run.result import Report, Result
from upsun_lint.writing.quoting import visible
from upsun_lint.writing.terminal import Terminal
from upsun_rules.finding import Finding, Fix, Severity
from upsun_rules.rule import POLICY, Rule
from upsun_rules.suppression import Suppression
from upsun_schema.configuration.sources import Sources
from upsun_schema.keys.shape import DOCS_BASE
from upsun_schema.yaml.nodes import Region

__all__ = ["MOST_RESULTS", "render"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "SRCROOT"
_FINGERPRINT = "upsunLint/v1"

_LEVELS: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note", Severity.HINT: "note"}
)

_ORDER = ("error", "warning", "note")

MOST_RESULTS = 25_000
"""GitHub refuses a run with more results."""

_PROBLEMS: Mapping[str, str] = MappingProxyType({"error": "error", "warning": "warning", "note": "recommendation"})
"""What GitHub calls each level."""


def render(report: Report, terminal: Terminal, *, quiet: bool = False) -> str:
    """The log of one run."""
    met = {finding.rule for result in report.results for finding, _ in _all(result)}
    rules = [rule for name, rule in report.catalog.items() if name in met]
    indexes = {rule.slug: index for index, rule in enumerate(rules)}
    results = [found for result in report.results for found in _results(result, indexes)]
    run = {
        "tool": {"driver": _driver(rules)},
        "automationDetails": {"id": "upsun-lint/"},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that holds the repository."}}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _left_out(len(results))}],
        "results": _worst(results),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _worst(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The results in their order; if there are too many, without the least severe."""
    by_level = sorted(range(len(results)), key=lambda index: _ORDER.index(results[index]["level"]))
    return [results[index] for index in sorted(by_level[:MOST_RESULTS])]


def _left_out(number: int) -> list[dict[str, Any]]:
    if number <= MOST_RESULTS:
        return []
    words = f"left out: {count(number - MOST_RESULTS, 'finding')}; GitHub refuses a run with more than {MOST_RESULTS}"
    return [{"level": "warning", "message": {"text": words}}]


# -- rules -------------------------------------------------------------------------------------------------------------


def _driver(rules: list[Rule]) -> dict[str, Any]:
    return {
        "name": "upsun-lint",
        "semanticVersion": __version__,
        "informationUri": f"{DOCS_BASE}configure-apps/workers",
        "rules": [_rule(rule) for rule in rules],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    level = _LEVELS[rule.severity]
    link = {"helpUri": rule.url()} if rule.url() else {}
    return link | {
        "id": rule.slug,
        "name": "".join(word.capitalize() for word in rule.slug.replace(POLICY, "policy-").split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.title},
        "help": {"text": rule.documentation, "markdown": rule.documentation},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": ["upsun", rule.topic], "precision": "high", "problem.severity": _PROBLEMS[level]},
    }


# -- results -----------------------------------------------------------------------------------------------------------


def _all(result: Result) -> list[tuple[Finding, Suppression | None]]:
    """The findings, each with its suppression if there is one."""
    return [*((finding, None) for finding in result.findings), *result.suppressed]


def _results(result: Result, indexes: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    project, found = result.project, _all(result)
    marks = run_fingerprints(project, [finding for finding, _ in found])
    for (finding, suppression), mark in zip(found, marks, strict=True):
        entry: dict[str, Any] = {
            "ruleId": finding.rule,
            "ruleIndex": indexes[finding.rule],
            "level": _LEVELS[finding.severity],
            "message": {"text": visible(finding.message)},
            "locations": [{"physicalLocation": _physical(project, finding.region)}],
            "partialFingerprints": {_FINGERPRINT: mark},
            "suppressions": [],
        }
        if finding.related:
            entry["relatedLocations"] = _related(project, finding)
        if finding.fixes:
            entry["fixes"] = [_fix(project, fix) for fix in finding.fixes]
        if suppression is not None:
            entry["suppressions"] = [_suppression(suppression.reason)]
        yield entry


def _suppression(reason: str) -> dict[str, str]:
    found = {"kind": "inSource", "status": "accepted"}
    return found | {"justification": visible(reason)} if reason else found


def _related(project: Sources, finding: Finding) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "message": {"text": visible(related.message)},
            "physicalLocation": _physical(project, related.region),
        }
        for number, related in enumerate(finding.related, 1)
    ]


def _fix(project: Sources, fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        where = _physical(project, edit.region)
        replacement = {"deletedRegion": where["region"], "insertedContent": {"text": clean(edit.text)}}
        changes.setdefault(where["artifactLocation"]["uri"], []).append(replacement)
    return {
        "description": {"text": visible(fix.title)},
        "artifactChanges": [
            {"artifactLocation": _artifact(uri), "replacements": replacements} for uri, replacements in changes.items()
        ],
    }


# -- places ------------------------------------------------------------------------------------------------------------


def _physical(project: Sources, region: Region) -> dict[str, Any]:
    path, line, column, end_line, end_column = place(project, region, UTF16)
    where = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    return {"artifactLocation": _artifact(_uri(checkout_path(path))), "region": where}


def _artifact(uri: str) -> dict[str, str]:
    return {"uri": uri} if uri.startswith("file:") else {"uri": uri, "uriBaseId": _ROOT}


def _uri(path: str) -> str:
    """A path as a URI: relative to the repository, absolute for files outside."""
    if path.startswith("../") or os.path.isabs(path):
        full = os.path.abspath(path).replace(os.sep, "/")
        return "file://" + quote(full if full.startswith("/") else f"/{full}")
    return quote(path)
