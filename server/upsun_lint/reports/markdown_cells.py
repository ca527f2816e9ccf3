"""Text for the cells of tables in Markdown."""

from __future__ import annotations

import re

from upsun_lint.writing.quoting import code_span, visible

__all__ = ["code", "inline"]

_ACTIVE = re.compile(r"[\\`*_\[\]<>#|~&@$^]")
"""The characters with a meaning in the middle of a line, in Markdown or its dialects."""

_ADDRESS = re.compile(r"((?<!\S)\S*(?:[a-z]:|www\.|@)\S+)", re.IGNORECASE)
"""A word that is an address or mentions a person."""


def inline(text: str) -> str:
    """A message, with names between backticks, as Markdown for one cell of a table."""
    parts = re.split(r"`([^`]*)`", visible(text))
    return "".join(code(part) if index % 2 else _escaped(part) for index, part in enumerate(parts))


def code(text: str) -> str:
    """A text as a code span."""
    # Readers differ in how many backslashes escape a bar, so a bar after one is written as an entity.
    return re.sub(r"(?<=\\)\|", r"\\x7c", code_span(text)).replace("|", r"\|")


def _escaped(text: str) -> str:
    """Prose; anything that readers would turn into a link is code."""
    parts = _ADDRESS.split(text)
    return "".join(
        code(part) if index % 2 else _ACTIVE.sub(lambda match: f"&#{ord(match[0])};", part)
        for index, part in enumerate(parts)
    )
