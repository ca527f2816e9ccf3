"""Findings as diagnostics of the protocol."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from lsprotocol import types

from upsun_lint.lsp.session.client import Client
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.workspace import OpenProject
from upsun_lint.writing.quoting import visible
from upsun_rules.finding import Finding, Severity

__all__ = ["SOURCE", "diagnostic_of", "diagnostics_of", "result_id", "shown"]

SOURCE = "upsun-lint"

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}
_TAGS = {
    "deprecated-key": types.DiagnosticTag.Deprecated,
    "deprecated-cron-command": types.DiagnosticTag.Deprecated,
    "redundant-override": types.DiagnosticTag.Unnecessary,
    "unused-suppression": types.DiagnosticTag.Unnecessary,
}


def diagnostics_of(open_project: OpenProject, units: Units, client: Client) -> dict[str, list[types.Diagnostic]]:
    """The diagnostics of each file of a project by its URI, including files without any."""
    found: dict[str, list[types.Diagnostic]] = defaultdict(list)
    for document in open_project.project.all_documents:
        found[open_project.uri(document)] = []
    for finding in open_project.findings:
        document, _ = open_project.span(finding.region)
        found[open_project.uri(document)].append(diagnostic_of(open_project, finding, units, client))
    return dict(found)


def diagnostic_of(open_project: OpenProject, finding: Finding, units: Units, client: Client) -> types.Diagnostic:
    """A finding as a diagnostic, as far as the client supports its parts."""
    document, span = open_project.span(finding.region)
    diagnostic = types.Diagnostic(
        range=units.range(document.lines, span),
        message=shown(finding.message),
        severity=_SEVERITIES[finding.severity],
        code=finding.rule,
        source=SOURCE,
    )
    if client.code_description and finding.url:
        diagnostic.code_description = types.CodeDescription(finding.url)
    if client.diagnostic_tags and finding.rule in _TAGS:
        diagnostic.tags = [_TAGS[finding.rule]]
    if client.related_information and finding.related:
        diagnostic.related_information = [
            types.DiagnosticRelatedInformation(
                types.Location(open_project.uri(place.document), units.range(place.document.lines, place.span)),
                shown(related.message),
            )
            for related in finding.related
            for place in (open_project.project.place(related.region),)
        ]
    return diagnostic


def shown(message: str) -> str:
    """A message with all invisible characters escaped."""
    return visible(message, keep="\n")


def result_id(answer: Sequence[object]) -> str:
    """An id for a list of diagnostics or other answers that changes whenever one of them does."""
    return hashlib.blake2b(repr(answer).encode("utf-8", "replace"), digest_size=12).hexdigest()
