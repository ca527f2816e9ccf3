"""Semantic tokens: the parts of the shell commands in start commands, hooks, cron jobs and operations."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from upsun_lint.lsp.session.requests import Request
from upsun_rules.lookups.inside import offsets_of
from upsun_rules.lookups.shell_sources import shell_sources
from upsun_rules.shell.highlighting import HIGHLIGHTS, Highlight, highlights
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Region, Scalar

__all__ = ["semantic_tokens"]

_INDEX = {kind: index for index, kind in enumerate(HIGHLIGHTS)}


def semantic_tokens(request: Request, params: types.SemanticTokensParams) -> types.SemanticTokens:
    """The tokens of the commands in a file. The rest of it is colored by the editor's grammar for YAML."""
    found: list[tuple[int, int, int, int]] = []
    for scalar in _scripts(request):
        for start, end, kind in _placed(scalar):
            where = request.region_range(Region(scalar.piece, start, end))
            if where is not None:
                found.append((where.start.line, where.start.character, where.end.character, _INDEX[kind]))
    return types.SemanticTokens(list(_encoded(sorted(set(found)))))


def _scripts(request: Request) -> Iterator[Scalar]:
    for application in request.project.applications.values():
        for source in shell_sources(application):
            if request.document.holds(source.scalar.piece):
                yield source.scalar


def _placed(scalar: Scalar) -> list[Highlight]:
    """The highlights of a script with offsets in its piece, each on one line."""
    return remembered(scalar.piece, ("highlights", scalar.start), scalar, lambda: list(_find(scalar)))


def _find(scalar: Scalar) -> Iterator[Highlight]:
    offsets = offsets_of(scalar)
    if offsets is None:
        return
    for start, end, kind in highlights(scalar.text):
        at = start
        for line in scalar.text[start:end].split("\n"):
            if line.strip():
                yield Highlight(offsets[at], offsets[at + len(line) - 1] + 1, kind)
            at += len(line) + 1


def _encoded(tokens: list[tuple[int, int, int, int]]) -> Iterator[int]:
    """Each token as five numbers, its place relative to that of the one before."""
    last_line = last_start = 0
    for line, start, end, kind in tokens:
        if line != last_line:
            last_start = 0
        yield from (line - last_line, start - last_start, end - start, kind, 0)
        last_line, last_start = line, start
