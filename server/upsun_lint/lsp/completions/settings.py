"""Our own settings file: what can be written in it and is not there yet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lsprotocol import types

from upsun_lint import settings
from upsun_lint.lsp.client import Client
from upsun_lint.lsp.markup import content
from upsun_lint.lsp.positions import Units
from upsun_lint.lsp.settings_file import LONGEST
from upsun_lint.lsp.toml_places import TomlPlace, toml_places
from upsun_rules.engine import all_rules
from upsun_schema.text import LineTable, Span

__all__ = ["complete_settings"]


@dataclass(frozen=True, slots=True)
class _Word:
    """The word being typed: where it is, and whether a quote opens it."""

    span: Span
    quote: str = ""


_LEVELS = ", ".join(f'"{level}"' for level in settings.LEVELS)
_SETTINGS: dict[str, tuple[str, str]] = {
    "select": ("The only rules to run; all of them where this is left out.", "[$1]"),
    "ignore": ("Rules not to run.", "[$1]"),
    "severities": ("How bad what a rule finds is, by rule; `off` silences it.", ""),
    "per-path-ignores": ("Rules not to run in some files, by glob pattern relative to this file.", ""),
    "cron-minimum-interval": (
        "The least number of minutes between two runs of a cron job: a setting of the project, 5 unless changed.",
        "${1:5}",
    ),
    "severity": ("The lowest severity that is shown.", "${1|" + _LEVELS.replace(", ", ",") + "|}"),
    "fail-on": ("The lowest severity that makes the exit status 1.", "${1|" + _LEVELS.replace(", ", ",") + "|}"),
}
"""What each setting does, and what follows its `=` as a snippet; nothing for a table of its own."""

_HEADER = re.compile(r"[ \t]*\[([\w-]*)$")
_KEY = re.compile(r"[ \t]*([\w-]*)$")
_OPEN_VALUE = re.compile(r"[ \t]*([\w.\"'-]+)[ \t]*=[ \t]*(.*)$")


def complete_settings(
    text: str, units: Units, client: Client, params: types.CompletionParams
) -> types.CompletionList | None:
    """Return the settings, rules and severities that can be written at a place and are not there yet."""
    if len(text) > LONGEST:
        return None
    lines = LineTable(text)
    offset = units.offset(lines, params.position)
    items = _Completer(text, lines, offset, units, client).items()
    # In a file that is not TOML a word may seem to begin on another line, which an edit may not reach.
    found = [item for item in items if _is_on_one_line(item)]
    return types.CompletionList(is_incomplete=False, items=found) if found else None


def _is_on_one_line(item: types.CompletionItem) -> bool:
    edit = item.text_edit
    return isinstance(edit, types.TextEdit) and edit.range.start.line == edit.range.end.line


class _Completer:
    def __init__(self, text: str, lines: LineTable, offset: int, units: Units, client: Client) -> None:
        self.text = text
        self.lines = lines
        self.offset = offset
        self.units = units
        self.client = client
        self.start, self.end = lines.span(lines.position(offset).line)
        self.before = text[self.start : offset]
        self.places = toml_places(text)

    def items(self) -> Iterator[types.CompletionItem]:
        """Yield what can be written at the cursor."""
        place = next((one for one in self.places if one.value is not None and self._is_in(one.value)), None)
        if place is not None and place.value is not None and self.text.startswith("[", place.value.start):
            yield from self._list_items(place)
        elif (header := _HEADER.match(self.before)) is not None:
            yield from self._headers(Span(self.offset - len(header[1]), self._word_end()))
        elif (key := _KEY.match(self.before)) is not None:
            yield from self._keys(Span(self.offset - len(key[1]), self._word_end()))
        elif (value := _OPEN_VALUE.match(self.before)) is not None:
            path = (*self._table(), *(part.strip("\"'") for part in value[1].split(".")))
            yield from self._levels(path, self._word(self.offset - len(value[2])))

    def _is_in(self, span: Span) -> bool:
        closed = self.text[span.end - 1 : span.end] in ("]", "}", '"', "'") and span.end - span.start > 1
        return span.start < self.offset < span.end or (self.offset == span.end and not closed and span.end > span.start)

    def _table(self) -> tuple[str, ...]:
        """Return the table that keys on this line belong to."""
        above = [one for one in self.places if one.is_header and one.names and one.names[0].start < self.start]
        return above[-1].path if above else ()

    def _word_end(self) -> int:
        match = re.compile(r"[\w-]*").match(self.text, self.offset)
        return match.end() if match else self.offset

    def _word(self, start: int) -> _Word:
        """Return the value that begins at an offset, without the quote that opens it and with the one that closes."""
        quote = self.text[start] if self.text[start : start + 1] in ("'", '"') and start < self.offset else ""
        if not quote:
            return _Word(Span(start, self._word_end()))
        close = re.compile(rf"[\w-]*{quote}?").match(self.text, self.offset, self.end)
        return _Word(Span(start + 1, close.end() if close else self.offset), quote)

    # -- keys ----------------------------------------------------------------------------------------------------

    def _held(self, table: tuple[str, ...]) -> set[str]:
        depth = len(table)
        return {
            one.path[depth]
            for one in self.places
            if len(one.path) > depth and one.path[:depth] == table and not self._is_here(one.names[depth])
        }

    def _is_here(self, span: Span) -> bool:
        return span.start <= self.offset <= span.end

    def _headers(self, span: Span) -> Iterator[types.CompletionItem]:
        closing = "" if self.text.startswith("]", span.end) else "]"
        for name, (documentation, snippet) in _SETTINGS.items():
            if not snippet and name not in {one.replace("_", "-") for one in self._held(())}:
                yield self._item(name, f"{name}{closing}", span, documentation, types.CompletionItemKind.Module)

    def _keys(self, span: Span) -> Iterator[types.CompletionItem]:
        table = self._table()
        has_value = re.compile(r"[ \t]*[=.]").match(self.text, span.end) is not None
        if table == ("severities",):
            for name, rule in all_rules().items():
                if name not in self._held(table):
                    rest = "" if has_value else f' = "{rule.severity.label}"'
                    yield self._item(
                        name, name + rest, span, rule.title, types.CompletionItemKind.Property, rule.severity.label
                    )
        if table:
            return
        held = {name.replace("_", "-") for name in self._held(())}
        for name, (documentation, snippet) in _SETTINGS.items():
            if name in held:
                continue
            if snippet:
                rest = "" if has_value else f" = {snippet if self.client.snippets else ''}"
                yield self._item(
                    name, name + rest, span, documentation, types.CompletionItemKind.Property, is_snippet=not has_value
                )
            elif not has_value and self._ends_root():
                yield self._item(f"[{name}]", f"[{name}]", span, documentation, types.CompletionItemKind.Module)

    def _ends_root(self) -> bool:
        """Return whether no key of the top level follows, which a header here would take away."""
        following = [one for one in self.places if one.names[:1] and one.names[0].start > self.offset]
        return not following or following[0].is_header

    # -- values --------------------------------------------------------------------------------------------------

    def _levels(self, path: tuple[str, ...], word: _Word) -> Iterator[types.CompletionItem]:
        name = path[0].replace("_", "-")
        levels: list[str] = []
        if name in ("severity", "fail-on") and len(path) == 1:
            levels = list(settings.LEVELS)
        elif name == "severities" and len(path) == 2:
            levels = [*settings.LEVELS, "off"]
        for level in levels:
            yield self._quoted(level, word, "", types.CompletionItemKind.EnumMember)
        if name in ("select", "ignore") and len(path) == 1 and not word.quote:
            for rule in all_rules().values():
                yield self._item(
                    rule.slug, f'["{rule.slug}"]', word.span, rule.title, types.CompletionItemKind.EnumMember
                )

    def _list_items(self, place: TomlPlace) -> Iterator[types.CompletionItem]:
        name = place.path[0].replace("_", "-")
        if name not in ("select", "ignore", "per-path-ignores") or len(place.path) != 1 + (name == "per-path-ignores"):
            return
        here = next((item for item in place.items if item.start <= self.offset <= item.end), None)
        if here is None and self.text[: self.offset].rstrip()[-1:] not in ("[", ","):
            return
        if (
            here is not None
            and here.end == self.offset
            and self.text[here.end - 1] in "\"'"
            and here.end > here.start + 1
        ):
            return
        taken = {self.text[item.start : item.end].strip("\"'") for item in place.items if item != here}
        word = _Word(Span(self.offset, self.offset)) if here is None else self._word(here.start)
        for rule in all_rules().values():
            if rule.slug not in taken:
                yield self._quoted(rule.slug, word, rule.title, types.CompletionItemKind.EnumMember)

    def _quoted(
        self, text: str, word: _Word, documentation: str, kind: types.CompletionItemKind
    ) -> types.CompletionItem:
        written = f"{text}{word.quote}" if word.quote else f'"{text}"'
        return self._item(text, written, word.span, documentation, kind)

    def _item(
        self,
        label: str,
        text: str,
        span: Span,
        documentation: str,
        kind: types.CompletionItemKind,
        detail: str = "",
        *,
        is_snippet: bool = False,
    ) -> types.CompletionItem:
        is_snippet = is_snippet and self.client.snippets
        return types.CompletionItem(
            label=label,
            kind=kind,
            detail=detail or None,
            documentation=content(documentation, as_markdown=self.client.completion_markdown)
            if documentation
            else None,
            insert_text_format=types.InsertTextFormat.Snippet if is_snippet else types.InsertTextFormat.PlainText,
            text_edit=types.TextEdit(self.units.range(self.lines, span), text),
        )
