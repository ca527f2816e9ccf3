"""Text for people: written once as Markdown, shown as Markdown or as plain text, as the client asks.

Names and values that come from a file always stand in code, where nothing in them means anything to Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lsprotocol import types

from upsun_lint.markdown import plain
from upsun_lint.terminal import printable

__all__ = ["bullets", "code", "content", "fenced", "link", "listed", "paragraphs", "shortened", "table"]

_TICKS = re.compile(r"`+")


def code(text: str) -> str:
    """Return a text as code, on one line: whatever is in it, it stays what it is."""
    text = printable(" ".join(text.split())) or " "
    longest = max(map(len, _TICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def shortened(text: str, most: int = 60) -> str:
    """Return the first line of a text, cut where it is longer than `most` code points or where lines follow."""
    lines = text.strip().split("\n")
    first = lines[0].rstrip()
    if len(first) > most:
        return f"{first[: most - 1].rstrip()}…"
    return f"{first} …" if len(lines) > 1 else first


def link(text: str, url: str) -> str:
    """Return a link; `text` is Markdown without links. Without a URL it is the text alone."""
    return f"[{text}]({url.replace('(', '%28').replace(')', '%29').replace(' ', '%20')})" if url else text


def listed(names: Iterable[str], last: str = "and", *, most: int = 8) -> str:
    """Return names as code, as people list them; those beyond `most` are counted."""
    found = [code(name) for name in names]
    if len(found) > most:
        found = [*found[: most - 1], f"{len(found) - most + 1} more"]
    return "".join(found) if len(found) < 2 else f"{', '.join(found[:-1])} {last} {found[-1]}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells are Markdown on one line."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def bullets(items: Iterable[str]) -> str:
    """Return a list."""
    return "\n".join(f"- {item}" for item in items)


def fenced(text: str, language: str) -> str:
    """Return a block of code."""
    longest = max(map(len, _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def paragraphs(*parts: str) -> str:
    """Return blocks of Markdown one below the other, without the empty ones."""
    return "\n\n".join(part for part in parts if part)


def content(markdown: str, *, as_markdown: bool) -> types.MarkupContent:
    """Return a text as the client shows it best."""
    if as_markdown:
        return types.MarkupContent(types.MarkupKind.Markdown, markdown)
    return types.MarkupContent(types.MarkupKind.PlainText, plain(markdown))
