"""Completion: what can be added at a place, in text that is still being typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lsprotocol import types

from upsun_lint.lsp.completions.context import Context
from upsun_lint.lsp.completions.key_names import key_offers
from upsun_lint.lsp.completions.names import name_offers
from upsun_lint.lsp.completions.offer import Offer, completion_item
from upsun_lint.lsp.completions.place import CompletionKind, CompletionPlace, place_at
from upsun_lint.lsp.completions.shell_words import shell_words
from upsun_lint.lsp.completions.snippets import snippet_offers
from upsun_lint.lsp.completions.values import value_offers
from upsun_lint.lsp.hovers.shell_places import shell_place
from upsun_lint.lsp.session.cursor import included_at
from upsun_lint.lsp.session.requests import Request

__all__ = ["TRIGGERS", "complete"]

# A colon in a value (`php:`, `db:`), a space after a colon or a dash, an opening quote, brace or bracket, and the `@`
# before the version of a runtime, and the `$` of a variable. Editors ask by themselves while letters are typed.
TRIGGERS = (":", " ", "'", '"', "{", "[", "@", "$")


def complete(request: Request, params: types.CompletionParams) -> types.CompletionList | None:
    """Everything that can be written at a place; the client filters it by the word being typed."""
    offset = request.offset(params.position)
    in_shell = shell_place(request, offset)
    if in_shell is not None and (words := shell_words(in_shell)) is not None:
        return words
    place = place_at(request.document, offset)
    base = included_at(request.project, request.document)
    if place is None or _is_noise(place, params.context):
        return None
    if not base and request.document.path not in request.project.documents:
        return None
    context = Context(request, place, (*base, *place.path))
    range_ = request.range(place.span)
    found = [
        item
        for rank, (offer, dash) in enumerate(_offers(context))
        if (item := completion_item(offer, place, range_, request.client, rank, dash=dash)) is not None
    ]
    return types.CompletionList(is_incomplete=False, items=found) if found else None


def _is_noise(place: CompletionPlace, asked: types.CompletionContext | None) -> bool:
    """Whether the trigger was a space that only indents the line."""
    is_blank = asked is not None and asked.trigger_character == " "
    return is_blank and (
        bool(place.typed) or (place.kind in (CompletionKind.KEY, CompletionKind.LINE) and not place.is_flow)
    )


def _offers(context: Context) -> Iterator[tuple[Offer, bool]]:
    """The offers, each with whether it needs the dash of a list item before it."""
    place = context.place
    if place.kind is CompletionKind.LINE:
        if not place.items:
            yield from _plain(_entries(context))
            yield from _plain(_values(context))
        if any("array" in shape.types for shape in context.shapes):
            item = Context(context.request, replace(place, kind=CompletionKind.ITEM), (*context.path, 0))
            yield from ((offer, True) for offer in (*_entries(item), *_values(item)))
        return
    if place.kind is not CompletionKind.VALUE:
        yield from _plain(_entries(context))
    if place.kind is not CompletionKind.KEY:
        yield from _plain(_values(context))


def _plain(offers: Iterable[Offer]) -> Iterator[tuple[Offer, bool]]:
    return ((offer, False) for offer in offers)


def _entries(context: Context) -> Iterator[Offer]:
    if any("object" in shape.types for shape in context.shapes):
        yield from name_offers(context)
        yield from snippet_offers(context)
        yield from key_offers(context)


def _values(context: Context) -> Iterator[Offer]:
    if context.place.below is None and not context.place.has_colon:
        yield from value_offers(context)
