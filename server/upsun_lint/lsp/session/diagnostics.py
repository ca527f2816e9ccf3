"""Findings as diagnostics of the protocol."""

from __future__ import annotations

from collections.abc import Iterable

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


_Begin = tuple[str, int]
"""The URI of the file and the line that a piece begins at."""

_Key = tuple[str, Region, str]


class _Made(NamedTuple):
    """A finding and its diagnostic, the URI of its file, and the pieces that its places are in.

    The pieces are None where the diagnostic is made each time.
    """

    finding: Finding
    uri: str
    pieces: frozenset[Piece] | None
    diagnostic: types.Diagnostic


class Diagnostics:
    """The diagnostics of each file of a project by its URI, including files without any.

    Those of findings in pieces that are what and where they were are taken from the state before, as most are after a
    keystroke.
    """

    def __init__(
        self, open_project: OpenProject, units: Units, client: Client, before: Diagnostics | None = None
    ) -> None:
        self.by_uri: dict[str, list[types.Diagnostic]] = {}
        self._open_project = open_project
        # Not of a piece that begins in the middle of a line, on which its columns depend.
        self._begins: dict[Piece, _Begin] = {}
        # To look up a finding itself would take its time: it holds many others.
        self._made: dict[_Key, _Made] = {}
        for document in open_project.project.all_documents:
            self.by_uri[open_project.uri(document)] = []
            self._note_begins(document)
        known, moved = ({}, set()) if before is None else (before._made, self._moved(before))
        for finding in open_project.findings:
            key = finding.rule, finding.region, finding.message
            made = known.get(key)
            # Mostly it is the same object: that is a quick look, where it may be long.
            if made is None or (made.finding is not finding and made.finding != finding) or not _holds(made, moved):
                made = self._make(finding, units, client)
            self._made[key] = made
            self.by_uri.setdefault(made.uri, []).append(made.diagnostic)

    def _moved(self, before: Diagnostics) -> set[Piece]:
        """The pieces that are not where they were."""
        begins = self._begins
        return {piece for piece, begin in before._begins.items() if begins.get(piece) != begin}

    def _make(self, finding: Finding, units: Units, client: Client) -> _Made:
        document, _ = self._open_project.span(finding.region)
        pieces = frozenset((finding.region.piece, *(related.region.piece for related in finding.related)))
        diagnostic = diagnostic_of(self._open_project, finding, units, client)
        uri = self._open_project.uri(document)
        return _Made(finding, uri, pieces if self._begins.keys() >= pieces else None, diagnostic)

    def _note_begins(self, document: Document) -> None:
        uri = self._open_project.uri(document)
        lines = document.lines.beginning_at([base for base, _ in document.pieces])
        for (_, piece), line in zip(document.pieces, lines, strict=True):
            if line is not None:
                self._begins[piece] = uri, line


def _holds(made: _Made, moved: set[Piece]) -> bool:
    return made.pieces is not None and moved.isdisjoint(made.pieces)


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


def result_id(texts: Iterable[str]) -> str:
    """An id for a list of texts that changes whenever one of them does. Another process has other ids.

    A digest of `hashlib` would bring in OpenSSL: 3.5 MiB.
    """
    return f"{hash(tuple(texts)) % 2**64:016x}"
