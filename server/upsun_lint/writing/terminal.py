"""What a terminal can show, and how wide a text is on it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from upsun_lint.writing.quoting import visible
from upsun_schema.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO


__all__ = ["PLAIN", "Fitted", "Terminal", "cells", "fit", "in_ascii", "printable", "terminal", "width", "wrap"]

_DEFAULT_WIDTH = 80
_WIDEST = 120
_TAB = 4
_NARROWEST = 2
"""No line is narrower than its widest character."""

_CODES = {
    "bold": "1",
    "dim": "2",
    "italic": "3",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}


class Terminal(NamedTuple):
    """What shows a text: whether it has color and hyperlinks, its encoding, and its columns.

    `is_screen` says whether it is a terminal; otherwise the text goes to a file or another program.
    """

    color: bool = False
    links: bool = False
    encoding: str = "utf-8"
    columns: int = _DEFAULT_WIDTH
    is_screen: bool = False

    @property
    def unicode(self) -> bool:
        """Whether its encoding has every character."""
        return self.encoding.startswith(("utf", "cp65001"))

    def cells(self, text: str) -> list[tuple[str, int]]:
        """For each code point, the text shown for it here and its width in columns."""
        found = cells(text)
        if self.unicode or (text.isascii() and text.isprintable()):
            return found
        return [(char, taken) if self._has(char) else _plain_cell(char) for char, taken in found]

    def printable(self, text: str) -> str:
        """A text as shown here, with signs for control characters and for characters that the encoding lacks."""
        return printable(text) if self.unicode else "".join(shown for shown, _ in self.cells(text))

    def _has(self, char: str) -> bool:
        try:
            # Some encodings replace a character by a similar one.
            return char.encode(self.encoding).decode(self.encoding) == char
        except UnicodeError:
            return False

    def paint(self, text: str, style: str) -> str:
        """A text in a style (`bold red`); unchanged without color."""
        if not self.color or not style or not text:
            return text
        return f"\x1b[{';'.join(_CODES[name] for name in style.split())}m{text}\x1b[0m"

    def link(self, text: str, url: str) -> str:
        """A text with a link, if the terminal supports links (OSC 8)."""
        return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if self.links and url else text

    def symbol(self, fancy: str, plain: str) -> str:
        """The first text if it can be shown, otherwise the second."""
        return fancy if self.unicode else plain


PLAIN = Terminal()


def terminal(stream: IO[str] | None, color: str = "auto", environment: Mapping[str, str] = os.environ) -> Terminal:
    """What the terminal behind a stream can do. `color` is auto, always or never."""
    is_tty = stream is not None and stream.isatty()
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("_", "-")
    dumb = environment.get("TERM") == "dumb"
    return Terminal(
        color=_has_color(color, environment, capable=is_tty and not dumb),
        links=color != "never" and is_tty and not dumb and _has_links(environment),
        encoding=encoding,
        columns=_columns(stream if is_tty else None, environment),
        is_screen=is_tty,
    )


def _has_color(wanted: str, environment: Mapping[str, str], *, capable: bool) -> bool:
    if wanted != "auto":
        return wanted == "always"
    if environment.get("NO_COLOR"):
        return False
    if forced := environment.get("FORCE_COLOR"):
        return forced.lower() not in ("0", "false")
    if os.name == "nt":
        # The old console prints escape sequences; these variables identify its successors.
        return capable and any(environment.get(name) for name in ("WT_SESSION", "TERM", "ANSICON"))
    return capable


_LINKING_PROGRAMS = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio", "zed"})
_LINKING_TERMS = ("xterm-kitty", "alacritty", "foot", "xterm-ghostty", "wezterm", "contour")


def _has_links(environment: Mapping[str, str]) -> bool:
    if forced := environment.get("FORCE_HYPERLINK"):
        return forced.lower() not in ("0", "false")
    # A multiplexer inherits the variables of its terminal, and older ones drop links.
    if environment.get("TMUX") or environment.get("STY"):
        return False
    return (
        environment.get("TERM_PROGRAM") in _LINKING_PROGRAMS
        or environment.get("TERM", "").startswith(_LINKING_TERMS)
        or bool(environment.get("WT_SESSION") or environment.get("KONSOLE_VERSION") or environment.get("DOMTERM"))
        or (environment.get("VTE_VERSION", "").isdecimal() and int(environment["VTE_VERSION"]) >= 5000)
    )


def _columns(stream: IO[str] | None, environment: Mapping[str, str]) -> int:
    given = environment.get("COLUMNS", "")
    columns = int(given) if given.isdecimal() and len(given) < 6 else 0
    if not columns and stream is not None:
        try:
            columns = os.get_terminal_size(stream.fileno()).columns
        except (OSError, ValueError):
            columns = 0
    return max(40, min(columns or _DEFAULT_WIDTH, _WIDEST))


# -- characters --------------------------------------------------------------------------------------------------------


def cells(text: str) -> list[tuple[str, int]]:
    """For each code point, the text to show for it and its width in columns.

    Invisible and active characters are shown as `visible` does, except for a tab: it becomes spaces up to the next
    stop, counted from the beginning of the text.
    """
    if text.isascii() and text.isprintable():
        return [(char, 1) for char in text]
    found: list[tuple[str, int]] = []
    column = 0
    for char in text:
        shown, taken = (" " * (_TAB - column % _TAB), _TAB - column % _TAB) if char == "\t" else _cell(char)
        found.append((shown, taken))
        column += taken
    return found


_IN_ASCII = {
    "…": "...",
    "→": "->",
    "›": ">",
    "–": "-",
    "—": "-",
    "≤": "<=",
    "≥": ">=",
    "×": "x",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
}


def in_ascii(text: str) -> str:
    """The text shown for characters where only ASCII is possible."""
    return "".join(char if char.isascii() else _IN_ASCII.get(char, "?") for char in text)


def _plain_cell(char: str) -> tuple[str, int]:
    shown = in_ascii(char)
    return shown, len(shown)


def _cell(char: str) -> tuple[str, int]:
    if " " <= char <= "~":
        return char, 1
    shown = visible(char)
    if shown != char:
        return shown, len(shown)
    from unicodedata import category, east_asian_width

    if category(char) in ("Mn", "Me") or "\u1160" <= char <= "\u11ff":
        return char, 0
    return char, 2 if east_asian_width(char) in ("W", "F") else 1


def printable(text: str) -> str:
    """A text with escapes for control characters, including line breaks."""
    return text if text.isascii() and text.isprintable() else "".join(shown for shown, _ in cells(text))


def width(text: str) -> int:
    """The width of a text in columns."""
    return len(text) if text.isascii() else sum(taken for _, taken in cells(text))


def wrap(text: str, columns: int, first: int | None = None) -> list[str]:
    """Break a text into lines of at most so many columns; `first` is the room on the first line.

    A word wider than a line is broken.
    """
    columns = max(columns, _NARROWEST)
    lines: list[str] = []
    line, room = "", columns if first is None else max(first, 1)
    for word in text.split():
        if line and width(line) + 1 + width(word) <= room:
            line += " " + word
            continue
        if line or (first is not None and not lines and width(word) > room):
            lines.append(line)
            line, room = "", columns
        *heads, line = _broken(word, room, columns)
        lines += heads
        room = columns if heads else room
    return [*lines, line] if line or not lines else lines


def _broken(word: str, first: int, columns: int) -> list[str]:
    """A word in parts of at most so many columns, at least one character each; `first` is the room for the first."""
    parts: list[str] = []
    begin, taken, room = 0, 0, first
    for index, (_, wide) in enumerate(cells(word)):
        if taken + wide > room and index > begin:
            parts.append(word[begin:index])
            begin, taken, room = index, 0, columns
        taken += wide
    return [*parts, word[begin:]]


class Fitted(NamedTuple):
    """A line as it is shown, maybe cut: `columns` are those of its code points from `first` on, and of the end."""

    shown: str
    columns: list[int]
    first: int = 0

    def column(self, offset: int) -> int:
        """The column of a code point; an edge if it was cut off."""
        return self.columns[min(max(offset - self.first, 0), len(self.columns) - 1)]


def fit(text: str, room: int, focus: tuple[int, int], terminal: Terminal) -> Fitted:
    """Fit a line into so many columns, keeping a range of its code points visible."""
    # A line may be very long; text further away than this cannot be visible, so one wide cell replaces it.
    start = max(0, focus[0] - 4 * room)
    stop = start + 8 * room
    shown = terminal.cells(text[start:stop])
    if start:
        shown.insert(0, ("", 8 * room))
        start -= 1
    if stop < len(text):
        shown.append(("", 8 * room))
    edges = [0]
    for _, taken in shown:
        edges.append(edges[-1] + taken)
    if edges[-1] <= room:
        return Fitted("".join(char for char, _ in shown), edges)
    cut = terminal.symbol("…", "...")
    begin, end = _window(edges, room, width(cut), tuple(min(offset - start, len(shown)) for offset in focus))
    lead = cut if begin else ""
    tail = cut if end < len(shown) else ""
    middle = "".join(char for char, _ in shown[begin:end])
    limit = width(lead) + edges[end] - edges[begin]
    columns = [min(max(edge - edges[begin] + width(lead), 0), limit) for edge in edges]
    return Fitted(f"{lead}{middle}{tail}", columns, start)


def _window(edges: list[int], room: int, cut: int, focus: tuple[int, ...]) -> tuple[int, int]:
    """Which code points to show, given the columns where they begin and how wide the sign for a cut is."""
    first, last = focus
    begin, end = 0, len(edges) - 1
    inner = room - cut
    if edges[last] > inner:
        inner -= cut
        # A third of the room is for text before the focus, unless the focus needs it.
        target = min(edges[first], max(edges[first] - room // 3, edges[last] - inner))
        if edges[last] - edges[first] > inner and edges[first] <= room // 2:
            target = 0  # It cannot be shown whole anyway.
        while edges[begin] < target:
            begin += 1
        # Do not cut text at the beginning that would fit.
        while begin and edges[end] - edges[begin - 1] <= inner + cut:
            begin -= 1
    if edges[end] - edges[begin] > room - (cut if begin else 0):
        while edges[end] - edges[begin] > inner:
            end -= 1
    return begin, end
