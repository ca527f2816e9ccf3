"""Lines of a text, each with those it goes on in."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_schema.yaml.text import Span

__all__ = ["logical_lines"]


def logical_lines(text: str) -> Iterator[Span]:
    """Yield the places of lines; one that ends with a backslash goes on in the next."""
    start = at = 0
    for line in text.split("\n"):
        at += len(line) + 1
        if not line.endswith("\\"):
            yield Span(start, at - 1)
            start = at
    if start < len(text):
        yield Span(start, len(text))
