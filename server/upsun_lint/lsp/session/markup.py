"""Texts for people, written as Markdown and sent as Markdown or plain text.

Names and values from a file are always in code spans, so that nothing in them is read as Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lsprotocol import types

from upsun_lint.writing.markdown_text import in_columns, plain
from upsun_lint.writing.quoting import code_span, visible

__all__ = ["bullets", "code", "content", "fenced", "link", "listed", "paragraphs", "shortened", "table"]

_TICKS = re.compile(r"`+")
_BLANKS = re.compile(r"[ \t\r\n]+")
_FILE_LINK = re.compile(r"\[((?:`[^`]*+`|\\.|[^\[\]`\\])++)\]\(file:[^)\s]*\)")
_TABLE = re.compile(r"\| [^\n]*\n\| --- \|")


def code(text: str) -> str:
    """A text as a code span on one line."""
    return code_span(_BLANKS.sub(" ", text).strip(" "))


def shortened(text: str, most: int = 60) -> str:
    """The first line of a text, at most `most` code points long, with `…` if something is left out."""
    lines = text.strip().split("\n")
    first = lines[0].rstrip()
    if len(first) > most:
        return f"{first[: most - 1].rstrip()}…"
    return f"{first} …" if len(lines) > 1 else first


def link(text: str, url: str) -> str:
    """A link; `text` is Markdown without links. Without a URL, only the text."""
    return f"[{text}]({url.replace('(', '%28').replace(')', '%29').replace(' ', '%20')})" if url else text


def listed(names: Iterable[str], last: str = "and", *, most: int = 8) -> str:
    """Names as code spans in a phrase: '`a`, `b` and `c`'. Names beyond `most` are counted."""
    found = [code(name) for name in names]
    if len(found) > most:
        found = [*found[: most - 1], f"{len(found) - most + 1} more"]
    return "".join(found) if len(found) < 2 else f"{', '.join(found[:-1])} {last} {found[-1]}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown on one line."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(markdown: str) -> str:
    # Markdown readers disagree about a bar after a backslash, so such a bar is written as `\x7c`.
    return re.sub(r"(?<=\\)\|", r"\\x7c", markdown).replace("|", r"\|")


def bullets(items: Iterable[str]) -> str:
    """A bullet list."""
    return "\n".join(f"- {item}" for item in items)


def fenced(text: str, language: str) -> str:
    """A block of code."""
    text = visible(text, keep="\n\t")
    longest = max(map(len, _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def paragraphs(*parts: str) -> str:
    """Blocks of Markdown, without the empty ones."""
    return "\n\n".join(part for part in parts if part)


def content(markdown: str, *, as_markdown: bool, tables: bool = True) -> types.MarkupContent:
    """A text as Markdown or as plain text. Without `tables`, the client shows Markdown without rendering it."""
    if not as_markdown:
        return types.MarkupContent(types.MarkupKind.PlainText, plain(markdown))
    return types.MarkupContent(types.MarkupKind.Markdown, markdown if tables else _unrendered(markdown))


def _unrendered(markdown: str) -> str:
    """Markdown that is readable as it is: tables as blocks of aligned columns, and no links to places in files."""
    parts = markdown.split("\n\n")
    return "\n\n".join(
        fenced(in_columns(part), "text") if _TABLE.match(part) else _FILE_LINK.sub(r"\1", part) for part in parts
    )
