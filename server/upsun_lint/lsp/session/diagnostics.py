"""Findings as diagnostics of the protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from lsprotocol import types

from upsun_lint.lsp.session.client import Client
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.workspace import OpenProject
from upsun_lint.writing.quoting import visible
from upsun_rules.finding import Finding, Severity
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Piece, Region

__all__ = ["SOURCE", "Diagnostics", "diagnostic_of", "result_id", "shown"]

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


class _Made(NamedTuple):
    """A diagnostic, and where the pieces begin that its places are in."""

    begins: tuple[_Begin | None, ...]
    diagnostic: types.Diagnostic


class _Begin(NamedTuple):
    """The file and the line that a piece begins at."""

    uri: str
    line: int


class Diagnostics:
    """The diagnostics of each file of a project by its URI, including files without any.

    Those of findings in pieces that are what and where they were are taken from the state before, as most are after a
    keystroke.
    """

    def __init__(
        self, open_project: OpenProject, units: Units, client: Client, before: Diagnostics | None = None
    ) -> None:
        self.by_uri: dict[str, list[types.Diagnostic]] = {}
        self._project = open_project
        self._uris: dict[Document, str] = {}
        self._begins: dict[Piece, _Begin | None] = {}
        self._made: dict[Finding, _Made] = {}
        for document in open_project.project.all_documents:
            self.by_uri[self._uri(document)] = []
        known = {} if before is None else before._made
        for finding in open_project.findings:
            begins = tuple(self._begin(region) for region in (finding.region, *_related(finding)))
            made = known.get(finding)
            if made is None or made.begins != begins or None in begins:
                made = _Made(begins, diagnostic_of(open_project, finding, units, client))
            self._made[finding] = made
            document, _ = open_project.span(finding.region)
            self.by_uri.setdefault(self._uri(document), []).append(made.diagnostic)

    def _uri(self, document: Document) -> str:
        if document not in self._uris:
            self._uris[document] = self._project.uri(document)
        return self._uris[document]

    def _begin(self, region: Region) -> _Begin | None:
        """Where the piece of a region begins; None in the middle of a line, on which its columns then depend."""
        piece = region.piece
        if piece not in self._begins:
            document, (start, _) = self._project.span(Region(piece, 0, 0))
            line, column = document.lines.position(start)
            self._begins[piece] = None if column else _Begin(self._uri(document), line)
        return self._begins[piece]


def _related(finding: Finding) -> list[Region]:
    return [related.region for related in finding.related]


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
