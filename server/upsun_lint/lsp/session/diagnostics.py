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


class _Begin(NamedTuple):
    """The file and the line that a piece begins at."""

    uri: str
    line: int


class _Made(NamedTuple):
    """A diagnostic, the URI of its file, and where the pieces begin that its places are in."""

    uri: str
    begins: tuple[tuple[Piece, _Begin | None], ...]
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
        self._begins: dict[Piece, _Begin | None] = {}
        self._made: dict[Finding, _Made] = {}
        for document in open_project.project.all_documents:
            self.by_uri[open_project.uri(document)] = []
        known = {} if before is None else before._made
        for finding in open_project.findings:
            made = known.get(finding)
            if made is None or not self._holds(made):
                made = self._make(finding, units, client)
            self._made[finding] = made
            self.by_uri.setdefault(made.uri, []).append(made.diagnostic)

    def _holds(self, made: _Made) -> bool:
        return all(begin is not None and self._begin(piece) == begin for piece, begin in made.begins)

    def _make(self, finding: Finding, units: Units, client: Client) -> _Made:
        document, _ = self._open_project.span(finding.region)
        pieces = dict.fromkeys((finding.region.piece, *(related.region.piece for related in finding.related)))
        begins = tuple((piece, self._begin(piece)) for piece in pieces)
        return _Made(
            self._open_project.uri(document), begins, diagnostic_of(self._open_project, finding, units, client)
        )

    def _begin(self, piece: Piece) -> _Begin | None:
        """Where a piece begins; None in the middle of a line, on which its columns then depend."""
        if piece not in self._begins:
            self._begins[piece] = self._find_begin(piece)
        return self._begins[piece]

    def _find_begin(self, piece: Piece) -> _Begin | None:
        document, span = self._open_project.span(Region(piece, 0, 0))
        line, column = document.lines.position(span.start)
        return None if column else _Begin(self._open_project.uri(document), line)


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
