"""The JUnit format, which nearly every CI reads: a suite per file, and a test per finding or one passed test.

Errors and warnings are failures; lesser findings are skipped tests. The format follows the schema of Jenkins, except
for `file` and `line` of a test, from which GitLab, CircleCI and others link to the place.
"""

from __future__ import annotations

from upsun_lint.places.paths import display_path
from upsun_lint.places.report_place import clean, place, related
from upsun_lint.reports.xml import Element, document, element
from upsun_lint.run.result import Report
from upsun_lint.writing.quoting import visible
from upsun_lint.writing.terminal import Terminal
from upsun_rules.finding import Finding, Severity
from upsun_schema.configuration.sources import Sources

__all__ = ["render"]


def render(report: Report, terminal: Terminal, *, quiet: bool = False) -> str:
    """The report."""
    suites: dict[str, list[tuple[Sources, Finding]]] = {
        clean(display_path(result.project.root, document.path)): []
        for result in report.results
        for document in result.project.all_documents
    }
    for project, finding in report.findings:
        suites.setdefault(place(project, finding.region).path, []).append((project, finding))
    content = (_suite(path, found) for path, found in suites.items())
    everything = [pair for found in suites.values() for pair in found]
    passed = sum(not found for found in suites.values())
    return document(element("testsuites", {"name": "upsun-lint", **_counts(everything, passed)}, content))


def _counts(found: list[tuple[Sources, Finding]], passed: int) -> dict[str, object]:
    failures = sum(_fails(finding) for _, finding in found)
    return {"tests": len(found) + passed, "failures": failures, "errors": 0, "time": 0}


def _fails(finding: Finding) -> bool:
    return finding.severity >= Severity.WARNING


def _suite(path: str, found: list[tuple[Sources, Finding]]) -> Element:
    tests = [_test(project, finding) for project, finding in found]
    if not tests:
        tests = [element("testcase", {"name": "upsun-lint", "classname": path, "file": path, "time": 0})]
    skipped = sum(not _fails(finding) for _, finding in found)
    counts = _counts(found, passed=int(not found)) | {"skipped": skipped}
    return element("testsuite", {"name": path, **counts}, tests)


def _test(project: Sources, finding: Finding) -> Element:
    path, line, column, *_ = place(project, finding.region)
    attributes: dict[str, object] = {
        "name": f"{finding.rule} ({line}:{column})",
        "classname": path,
        "file": path,
        "line": line,
        "time": 0,
    }
    lines = [f"{path}:{line}:{column}: {finding.severity.label}[{finding.rule}] {finding.message}"]
    lines += (f"{at.path}:{at.line}:{at.column}: {said}" for at, said in related(project, finding))
    words = "\n".join(map(visible, [*lines, *([finding.url] if finding.url else [])]))
    if _fails(finding):
        kind = finding.severity.label
        content = element("failure", {"type": kind, "message": visible(finding.message)}, text=words)
    else:
        content = element("skipped", {}, text=words)
    return element("testcase", attributes, [content])
