"""Text for people: written once as Markdown, shown as Markdown or as plain text, as the client asks.

Names and values that come from a file always stand in code, where nothing in them means anything to Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from lsprotocol import types

from upsun_lint.quoting import code_span, visible
from upsun_lint.terminal import width

__all__ = ["bullets", "code", "content", "fenced", "link", "listed", "paragraphs", "plain", "shortened", "table"]

_FENCE = re.compile(r"(`{3,})")
_TICKS = re.compile(r"`+")
_INLINE = re.compile(
    r"(?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|\[(?P<text>(?:`[^`]*`|[^\]`])+)\]\((?P<url>[^)\s]*)\)"
    r"|\*\*(?P<bold>(?:`[^`]*`|[^*`])+)\*\*"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
)
_CELL = re.compile(r"(?<!\\)\|")
_BLANKS = re.compile(r"[ \t\r\n]+")
_RULE = re.compile(r"\|(?: *:?-+:? *\|)+\Z")


# -- writing -----------------------------------------------------------------------------------------------------------


def code(text: str) -> str:
    """Return a text as code, on one line: whatever is in it, it stays what it is."""
    return code_span(_BLANKS.sub(" ", text).strip(" "))


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
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(markdown: str) -> str:
    """Return a cell whose bars do not end it."""
    # How many backslashes before a bar escape it differs between readers, so a bar behind one is not written as such.
    return re.sub(r"(?<=\\)\|", r"\\x7c", markdown).replace("|", r"\|")


def bullets(items: Iterable[str]) -> str:
    """Return a list."""
    return "\n".join(f"- {item}" for item in items)


def fenced(text: str, language: str) -> str:
    """Return a block of code."""
    text = visible(text, keep="\n\t")
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


# -- plain text --------------------------------------------------------------------------------------------------------


def plain(markdown: str) -> str:
    """Return Markdown as plain text: no marks, tables in columns, the target of a link to the web behind its words."""
    return "\n".join(_plain_lines(markdown.split("\n")))


def _plain_lines(lines: list[str]) -> Iterator[str]:
    fence: str | None = None
    rows: list[list[str]] = []
    for line in lines:
        opening = _FENCE.match(line)
        if fence is None and line.startswith("|"):
            if not _RULE.match(line):
                rows.append([_plain_inline(cell.replace("\\|", "|").strip()) for cell in _CELL.split(line)[1:-1]])
            continue
        yield from _columns(rows)
        rows = []
        if opening and (fence is None or line == fence):
            fence = opening[1] if fence is None else None
        elif fence is not None:
            yield f"  {line}".rstrip()
        else:
            yield _plain_inline(re.sub(r"\A#+ ", "", line))
    yield from _columns(rows)


def _columns(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (space - width(cell)) for cell, space in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _plain_inline(text: str) -> str:
    return _INLINE.sub(_without_marks, text)


def _without_marks(match: re.Match[str]) -> str:
    if (inner := match["code"]) is not None:
        return inner[1:-1] if inner[0] == inner[-1] == " " and inner.strip() else inner
    if match["text"] is not None:
        words, url = _plain_inline(match["text"]), match["url"]
        return f"{words} ({url})" if url.startswith(("https:", "http:")) else words
    return _plain_inline(match["bold"]) if match["bold"] is not None else str(match["escaped"])
