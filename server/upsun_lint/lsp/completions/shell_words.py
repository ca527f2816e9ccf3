"""Completion in commands: variables after `$`, and the names that `npm run` and other commands take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from lsprotocol import types

from upsun_lint.lsp.hovers.shell_places import ShellPlace
from upsun_lint.lsp.session.markup import content
from upsun_lint.writing.quoting import visible
from upsun_rules.lookups.environment import environment
from upsun_rules.lookups.laravel_queues import connections
from upsun_rules.lookups.messenger import transports
from upsun_rules.lookups.resolved_texts import files_of
from upsun_rules.resolution.resolver import script_names
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.text import Span

__all__ = ["shell_words"]

_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)?\Z")
_LAST_COMMAND = re.compile(r"(?:.*(?:&&|\|\||[;|&(]))?\s*(.*)\Z", re.DOTALL)
_MOST_NAMES = 3
_ORDER = {"relationship": "1", "variables": "0", ".environment": "0", "platform": "2"}


class _Word(NamedTuple):
    label: str
    detail: str
    documentation: str
    order: str
    kind: types.CompletionItemKind


def shell_words(places: list[ShellPlace]) -> types.CompletionList | None:
    """What can be written at a place in a command, given for each process that runs it; None if nothing fits."""
    request = places[0].subject.request
    typed, ways = _ways(places[0].before)
    words = _of_all(places, ways)
    if not words:
        return None
    range_ = request.range(Span(places[0].offset - len(typed), places[0].offset))
    as_markdown = request.client.completion_markdown
    items = [
        types.CompletionItem(
            visible(word.label),
            kind=word.kind,
            detail=visible(word.detail),
            documentation=content(word.documentation, as_markdown=as_markdown) if word.documentation else None,
            sort_text=f"{word.order}{word.label}",
            text_edit=types.TextEdit(range_, word.label),
        )
        for word in words
    ]
    return types.CompletionList(is_incomplete=False, items=items)


def _ways(before: str) -> tuple[str, Callable[[ShellPlace], Iterator[_Word]]]:
    """The word that is typed after a text, and how to find what it may become."""
    if (variable := _VARIABLE.search(before)) is not None:
        return variable[1] or "", _variables
    match = _LAST_COMMAND.match(before)
    command = match[1] if match is not None else ""
    typed = "" if command.endswith((" ", "\t")) else command.rpartition(" ")[2]
    return typed, partial(_scripts, command[: len(command) - len(typed)].split())


def _of_all(places: list[ShellPlace], ways: Callable[[ShellPlace], Iterator[_Word]]) -> list[_Word]:
    """The words for all processes by name, those that only some of them have with the names of these."""
    found: dict[str, list[tuple[ShellPlace, _Word]]] = {}
    for place in places:
        for word in ways(place):
            found.setdefault(word.label, []).append((place, word))
    return [_told_apart(some, is_for_all=len(some) == len(places)) for some in found.values()]


def _told_apart(found: list[tuple[ShellPlace, _Word]], *, is_for_all: bool) -> _Word:
    word = found[0][1]
    if is_for_all:
        return word
    names = [place.process.name for place, _ in found]
    where = " and ".join(names) if len(names) <= _MOST_NAMES else f"{len(names)} of the containers that run this"
    return word._replace(detail=f"{word.detail}, only in {where}")


def _variables(place: ShellPlace) -> Iterator[_Word]:
    found = environment(place.process, place.subject.project, build=place.is_build)
    for one in found.values():
        yield _Word(one.name, one.origin, one.meaning, _ORDER[one.origin], types.CompletionItemKind.Variable)


def _scripts(words: list[str], place: ShellPlace) -> Iterator[_Word]:
    """Yield the scripts that the words before may run, or the names that they take."""
    files = files_of(place.application, place.subject.project)
    for name in script_names(words, files):
        yield _Word(name, "script", "", "0", types.CompletionItemKind.Function)
    if "messenger:consume" in words:
        for name in transports(files):
            if name not in words:
                yield _Word(name, "transport", "", "0", types.CompletionItemKind.Value)
    elif words[-1:] in (["queue:work"], ["queue:listen"]):
        found = connections(files)
        for name in found.drivers if found is not None else ():
            yield _Word(name, "connection", "", "0", types.CompletionItemKind.Value)
