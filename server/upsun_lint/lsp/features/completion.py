"""Completion: what can be added at a place, in text that is still being typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lsprotocol import types

from upsun_lint.lsp.completions.context import Context
from upsun_lint.lsp.completions.key_names import key_offers
from upsun_lint.lsp.completions.marked import marked_at
from upsun_lint.lsp.completions.names import name_offers
from upsun_lint.lsp.completions.offer import Entry, Offer, completion_item
from upsun_lint.lsp.completions.place import CompletionKind, CompletionPlace, place_at
from upsun_lint.lsp.completions.shell_words import shell_words
from upsun_lint.lsp.completions.snippets import snippet_offers
from upsun_lint.lsp.completions.values import value_offers
from upsun_lint.lsp.hovers.shell_places import shell_places
from upsun_lint.lsp.session.cursor import included_at
from upsun_lint.lsp.session.requests import Request
from upsun_lint.lsp.session.shared_blocks import is_section, used_paths
from upsun_schema.yaml.document import Document

__all__ = ["complete"]


def complete(request: Request, params: types.CompletionParams) -> types.CompletionList | None:
    """Everything that can be written at a place; the client filters it by the word being typed."""
    offset = request.offset(params.position)
    in_shell = shell_places(request, offset)
    if in_shell and (words := shell_words(in_shell)) is not None:
        return words
    marked = marked_at(request, offset, lambda place: _contexts(request, place))
    if marked is not None and marked.offers:
        return _listed(request, marked.place, ((offer, False) for offer in marked.offers))
    place = place_at(request.document.text, offset)
    contexts = [] if place is None or _is_noise(place, params.context) else _contexts(request, place)
    return _listed(request, contexts[0].place, _of_all(contexts)) if contexts else None


def _contexts(request: Request, place: CompletionPlace) -> list[Context]:
    """What is known about a place: several contexts in a shared block, none in a file that is not read."""
    base = included_at(request.project, request.document)
    if not base and request.document.path not in request.project.documents:
        return []
    used = used_paths(_finished(request, place), place.path, base)
    return [Context(request, place, path) for path in used or [(*base, *place.path)]]


def _finished(request: Request, place: CompletionPlace) -> Document:
    """The file; in a shared block of a file that cannot be read, the file without the line that is typed."""
    document = request.document
    if not document.is_broken or is_section(place.path):
        return document
    line = document.lines.span(document.lines.position(place.span.start).line)
    return Document(document.path, document.text[: line.start] + document.text[line.end :])


def _listed(
    request: Request, place: CompletionPlace, offers: Iterable[tuple[Offer, bool]]
) -> types.CompletionList | None:
    found = [
        item
        for rank, (offer, dash) in enumerate(offers)
        if (item := completion_item(offer, place, request.range, request.client, rank, dash=dash)) is not None
    ]
    return types.CompletionList(is_incomplete=False, items=found) if found else None


def _is_noise(place: CompletionPlace, asked: types.CompletionContext | None) -> bool:
    """Whether the trigger was a space that only indents the line."""
    is_blank = asked is not None and asked.trigger_character == " "
    return is_blank and (
        bool(place.typed) or (place.kind in (CompletionKind.KEY, CompletionKind.LINE) and not place.is_flow)
    )


def _of_all(contexts: list[Context]) -> Iterator[tuple[Offer, bool]]:
    """The offers of all uses of a shared block: first those that fit every use, then the others with their uses."""
    if len(contexts) == 1:
        yield from _offers(contexts[0])
        return
    found: dict[tuple[Offer, bool], list[tuple[Context, Offer]]] = {}
    for context in contexts:
        for offer, dash in _offers(context):
            same = replace(offer, detail="", documentation="", is_deprecated=False, goes_on=False)
            found.setdefault((same, dash), []).append((context, offer))
    for (_, dash), fitting in sorted(found.items(), key=lambda one: len(one[1]) < len(contexts)):
        details = dict.fromkeys(offer.detail for _, offer in fitting if offer.detail)
        if len(fitting) < len(contexts):
            details[f"only in {_joined([context.owner for context, _ in fitting])}"] = None
        yield replace(fitting[0][1], detail=", ".join(details)), dash


def _joined(names: list[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{len(names)} of the places that use this block"


def _offers(context: Context) -> Iterator[tuple[Offer, bool]]:
    """The offers, each with whether it needs the dash of a list item before it."""
    place = context.place
    if place.kind is CompletionKind.LINE:
        if not place.items:
            yield from _plain(_entries(context))
            yield from _plain(_values(context))
        if any("array" in shape.types for shape in context.shapes):
            item = Context(context.request, replace(place, kind=CompletionKind.ITEM), (*context.path, 0))
            yield from ((offer, True) for offer in (*_values(item), *_entries(item)))
        return
    if place.kind is CompletionKind.ITEM:
        yield from _plain(_values(context))
    if place.kind is not CompletionKind.VALUE:
        yield from _plain(_entries(context))
    if place.kind is CompletionKind.VALUE:
        yield from _plain(_values(context))


def _plain(offers: Iterable[Offer]) -> Iterator[tuple[Offer, bool]]:
    return ((offer, False) for offer in offers)


def _entries(context: Context) -> Iterator[Offer]:
    if any("object" in shape.types for shape in context.shapes):
        yield from name_offers(context)
        yield from snippet_offers(context)
        for entry in key_offers(context):
            yield replace(entry, goes_on=_goes_on(context, entry))


def _goes_on(context: Context, key: Entry) -> bool:
    """Whether there is something to complete behind a key: an entry, or a value that its snippet does not list."""
    first, line_break, rest = key.block.removesuffix("$0").rpartition("\n")
    if line_break:
        return not first and rest.strip() in ("", "-")
    if "${" in rest:
        return False
    held = {**context.place.held, key.name: ""}
    place = replace(context.place, kind=CompletionKind.VALUE, typed="", quote="", held=held)
    values = value_offers(Context(context.request, place, (*context.path, key.name)))
    return next(values, None) is not None


def _values(context: Context) -> Iterator[Offer]:
    if context.place.below is None and not context.place.has_colon:
        yield from value_offers(context)
