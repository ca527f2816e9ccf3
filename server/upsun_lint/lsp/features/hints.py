"""Inlay hints: what a worker overrides and inherits, after its name."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from upsun_lint.lsp.session.markup import bullets, code, content, listed
from upsun_lint.lsp.session.requests import Request
from upsun_lint.lsp.session.worker_lines import workers_of
from upsun_lint.writing.quoting import visible
from upsun_schema.configuration.inheritance import Effective, Origin
from upsun_schema.configuration.model import Worker
from upsun_schema.yaml.nodes import Region

__all__ = ["hints"]

_LONGEST = 43
"""How many characters of a hint VS Code shows."""


def hints(request: Request, params: types.InlayHintParams) -> list[types.InlayHint]:
    """The hints of the workers in a stretch of a file; none where the user has turned them off."""
    if not request.features.inlay_hints:
        return []
    wanted = request.span(params.range)
    found = []
    for worker in workers_of(request):
        span = request.document.span(_behind(worker))
        if span is not None and wanted.start <= span.start <= wanted.end and (hint := _hint(request, worker)):
            hint.position = request.range(span).start
            found.append(hint)
    return found


def _behind(worker: Worker) -> Region:
    """The place after the colon of a worker's key."""
    key = worker.key.region
    text = key.piece.text
    line_end = min((at for at in (text.find("\n", key.end), text.find("\r", key.end)) if at >= 0), default=len(text))
    colon = text.find(":", key.end, line_end)
    end = colon + 1 if colon >= 0 else key.end
    return Region(key.piece, end, end)


def _hint(request: Request, worker: Worker) -> types.InlayHint | None:
    properties = worker.effective.properties.values()
    inherited = [one.name for one in properties if one.origin is Origin.APPLICATION]
    overridden = [one for one in properties if one.replaced is not None]
    label = _label([one.name for one in overridden], inherited)
    if not label:
        return None
    tooltip = bullets(_details(overridden, inherited))
    return types.InlayHint(
        position=types.Position(0, 0),
        label=visible(label),
        tooltip=content(tooltip, as_markdown=request.client.hover_markdown),
        padding_left=True,
    )


def _label(overridden: list[str], inherited: list[str]) -> str:
    """The names, or how many there are if the names are too long. Overrides, which can lose something, come first."""
    words = [("overrides", overridden), ("inherits", inherited)]
    label = " · ".join(f"{verb} {', '.join(names)}" for verb, names in words if names)
    if len(label) <= _LONGEST:
        return label
    return " · ".join(
        f"{verb} {names[0] if len(names) == 1 else f'{len(names)} blocks'}" for verb, names in words if names
    )


def _details(overridden: list[Effective], inherited: list[str]) -> Iterator[str]:
    for one in overridden:
        dropped = listed((name.removeprefix("env:") for name in one.dropped), most=12)
        drops = f" and drops {dropped}" if dropped else ""
        yield f"Its {code(one.name)} block replaces the application's{drops}."
    if inherited:
        yield f"It inherits {listed(inherited, most=20)}."
