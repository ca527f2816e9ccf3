"""Changes of an open file as the client sends them: each of a range, or of the whole text."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from upsun_lint.lsp.session.positions import Units
from upsun_schema.yaml.text import LineTable

__all__ = ["text_after"]


def text_after(
    changes: Sequence[types.TextDocumentContentChangeEvent], text: str | None, lines: LineTable | None, units: Units
) -> str | None:
    """The text after changes, each of which applies to the text that the one before left.

    `lines` are those of the text, if they are known. The result is None if there is no text that a range is in.
    """
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangeWholeDocument):
            text, lines = change.text, None
        elif text is None:
            return None
        else:
            lines = LineTable(text) if lines is None else lines
            start, end = units.span(lines, change.range)
            end = max(start, end)
            text = f"{text[:start]}{change.text}{text[end:]}"
            lines = lines.edited(text, start, end, start + len(change.text))
    return text
