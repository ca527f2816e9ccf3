"""Renders the Markdown of rules and hovers in color on a terminal, or as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby, zip_longest

from upsun_lint.writing.terminal import Terminal, width, wrap
from upsun_schema.record import NamedTuple

__all__ = ["in_columns", "on_terminal", "plain"]

_ROOM = 80
_NARROWEST = 8
_GAP = "  "

_FENCE = re.compile(r"(`{3,})")
_INLINE = re.compile(
    r"(?<!`)(?P<ticks>`++)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|\[(?P<text>(?:`[^`]*+`|\\.|[^\[\]`\\])++)\]\((?P<url>[^)\s]*)\)"
    r"|\*\*(?P<bold>(?:`[^`]*+`|[^*`])++)\*\*"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])",
    re.DOTALL,
)
_CELL = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\|(?: *:?-+:? *\|)+\Z")
_TITLES = {"wrong": "bold red", "right": "bold green"}


class _Block(NamedTuple):
    """Lines of one kind: `text`, `table`, or `code` without its fences, of which `fence` is the first."""

    kind: str
    lines: list[str]
    fence: str = ""


def plain(markdown: str) -> str:
    """Markdown as plain text: no marks, tables in columns, web addresses after the text of their links."""
    lines: list[str] = []
    for kind, inside, _ in _blocks(markdown):
        if kind == "code":
            lines += (f"  {line}".rstrip() for line in inside)
        elif kind == "table":
            lines += _columns(inside)
        else:
            lines += (_without_marks(re.sub(r"\A#+ ", "", line)) for line in inside)
    return "\n".join(lines)


def on_terminal(markdown: str, columns: int, terminal: Terminal) -> list[str]:
    """The lines of Markdown on a terminal. Without color, the marks in a line stay."""
    parts: list[list[str]] = []
    for kind, inside, fence in _blocks(markdown):
        if kind == "code":
            parts.append(list(_code(inside, fence, terminal)))
        elif kind == "table":
            parts.append(list(_columns(inside, columns)))
        else:
            paragraphs = re.split(r"\n\s*\n", "\n".join(inside).strip())
            parts += (list(_paragraph(text, columns, terminal)) for text in paragraphs if text)
    return [line for index, part in enumerate(parts) for line in (["", *part] if index else part)]


# -- blocks ------------------------------------------------------------------------------------------------------------


def _blocks(markdown: str) -> Iterator[_Block]:
    open_block: _Block | None = None
    others: list[str] = []
    for line in markdown.split("\n"):
        if open_block is not None:
            if line == _ticks(open_block.fence):
                yield open_block
                open_block = None
            else:
                open_block.lines.append(line)
        elif _FENCE.match(line):
            yield from _text_and_tables(others)
            others, open_block = [], _Block("code", [], line)
        else:
            others.append(line)
    yield from _text_and_tables(others) if open_block is None else [open_block]


def _ticks(fence: str) -> str:
    match = _FENCE.match(fence)
    return match[1] if match else ""


def _text_and_tables(lines: list[str]) -> Iterator[_Block]:
    for is_table, some in groupby(lines, lambda line: line.startswith("|")):
        yield _Block("table" if is_table else "text", list(some))


def in_columns(table: str) -> str:
    """The Markdown of a table as aligned columns without marks; cells are wrapped at words."""
    return "\n".join(_columns(table.split("\n")))


def _columns(lines: list[str], room: int = _ROOM) -> Iterator[str]:
    rows = [
        [_without_marks(cell.replace("\\|", "|").strip()) for cell in _CELL.split(line)[1:-1]]
        for line in lines
        if not _RULE.match(line)
    ]
    widths = _fitted([max(map(width, column)) for column in zip(*rows, strict=True)], room)
    for row in rows:
        cells = [[cell] if width(cell) <= space else wrap(cell, space) for cell, space in zip(row, widths, strict=True)]
        for line in zip_longest(*cells, fillvalue=""):
            padded = (part + " " * (space - width(part)) for part, space in zip(line, widths, strict=True))
            yield _GAP.join(padded).rstrip()


def _fitted(widths: list[int], room: int) -> list[int]:
    """Widths of columns that fit into a line: the widest ones are made narrower."""
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - room
    while excess > 0 and max(widths) > _NARROWEST:
        widest = widths.index(max(widths))
        below = max((one for one in widths if one < widths[widest]), default=_NARROWEST)
        taken = min(excess, max(1, widths[widest] - max(below, _NARROWEST)))
        widths[widest] -= taken
        excess -= taken
    return widths


def _code(lines: list[str], fence: str, terminal: Terminal) -> Iterator[str]:
    if title := re.search(r'title="([^"]*)"', fence):
        yield terminal.paint(f"{title[1]}:", _TITLES.get(title[1], "bold"))
    bar = terminal.paint(terminal.symbol("│", "|"), "dim")
    for line in lines:
        yield f"  {bar} {line}".rstrip()


def _paragraph(text: str, columns: int, terminal: Terminal) -> Iterator[str]:
    if text.startswith("#"):
        yield terminal.paint(text.lstrip("# "), "bold")
        return
    # A list has one item per line, which may continue below.
    for item in re.split(r"\n(?=[-*] |\d+\. )", text):
        marker = re.match(r"[-*] |\d+\. ", item)
        lead = marker[0] if marker else ""
        # A mark may begin on one line and end on another.
        lines = "\n".join(wrap(item[len(lead) :], columns - len(lead)))
        for index, line in enumerate((_styled(lines, terminal) if terminal.color else lines).split("\n")):
            yield (" " * len(lead) if index else lead) + line


# -- marks in a line ---------------------------------------------------------------------------------------------------


def _without_marks(text: str) -> str:
    def bare(match: re.Match[str]) -> str:
        if match["code"] is not None:
            return _unpadded(match["code"])
        if match["text"] is not None:
            words, url = _without_marks(match["text"]), match["url"]
            return f"{words} ({url})" if url.startswith(("https:", "http:")) else words
        return _without_marks(match["bold"]) if match["bold"] is not None else str(match["escaped"])

    return _INLINE.sub(bare, text)


def _styled(text: str, terminal: Terminal) -> str:
    def painted(words: str, style: str) -> str:
        return "\n".join(terminal.paint(line, style) for line in words.split("\n"))

    def shown(match: re.Match[str]) -> str:
        if match["code"] is not None:
            return painted(_unpadded(match["code"]), "cyan")
        if match["text"] is not None:
            return terminal.link(_styled(match["text"], terminal), match["url"])
        return painted(_styled(match["bold"], terminal), "bold") if match["bold"] is not None else str(match["escaped"])

    return _INLINE.sub(shown, text)


def _unpadded(code: str) -> str:
    return code[1:-1] if code[0] == code[-1] == " " and code.strip() else code
