"""What got into a text by accident, and the text without it.

Tabs and no-break spaces for spaces, typographic quotes, a Markdown fence around the file, a backslash before a closing
quote: each is one mistake, whatever its consequences. It is reported once, and the rest is read as if it were fixed.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain, pairwise

from upsun_schema.record import NamedTuple
from upsun_schema.yaml.broken.indentation import DASHES
from upsun_schema.yaml.broken.rows import Row, rows
from upsun_schema.yaml.broken.tabs import tab_runs
from upsun_schema.yaml.nodes import Piece, Problem, Region
from upsun_schema.yaml.signs import BLANKS, KEY, ODD_QUOTES, ZERO_WIDTH, may_have_lost_indentation
from upsun_schema.yaml.walking import walk

__all__ = [
    "Repaired",
    "Replacement",
    "Slip",
    "accidents",
    "altered",
    "faults",
    "problem_of",
    "restore",
    "without",
]


class Replacement(NamedTuple):
    """A stretch of a text (code points, the end exclusive) and what is to be there."""

    start: int
    end: int
    text: str


class Slip(NamedTuple):
    """What slipped in: the message, where it is, and the changes that take it out again."""

    message: str
    start: int
    end: int
    changes: tuple[Replacement, ...]
    title: str
    is_safe: bool = True


class Repaired:
    """A text after changes, and where its places come from."""

    def __init__(self, text: str, changes: list[Replacement]) -> None:
        """Take the original text and changes to it, which do not overlap, in order."""
        parts: list[str] = []
        # Where each stretch begins that is a change or is between two: in the new text, and in the original.
        self._begins: list[int] = []
        self._stretches: list[tuple[int, int, bool]] = []
        end = length = 0
        for change in [*changes, Replacement(len(text), len(text), "")]:
            for part, start, stop, is_kept in (
                (text[end : change.start], end, change.start, True),
                (change.text, change.start, change.end, False),
            ):
                if part:
                    self._begins.append(length)
                    self._stretches.append((start, stop, is_kept))
                    parts.append(part)
                    length += len(part)
            end = change.end
        self.text = "".join(parts)

    def start(self, offset: int) -> int:
        """Where a thing begins in the original that begins at an offset of the new text."""
        index = bisect_right(self._begins, offset) - 1
        if offset >= len(self.text) or index < 0:
            return self.end(offset)
        start, stop, is_kept = self._stretches[index]
        return start + offset - self._begins[index] if is_kept else min(start + offset - self._begins[index], stop)

    def end(self, offset: int) -> int:
        """Where a thing ends in the original that ends at an offset of the new text."""
        index = bisect_right(self._begins, offset - 1) - 1
        if offset <= 0 or index < 0:
            return 0
        start, stop, is_kept = self._stretches[index]
        if not is_kept and offset >= (self._begins[index + 1] if index + 1 < len(self._begins) else len(self.text)):
            return stop
        return min(start + offset - self._begins[index], stop)

    def stretch(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of lines is in the original."""
        return self.start(start) if start else 0, self.start(end)


def accidents(text: str) -> list[Slip]:
    """What slipped into a text whether it is YAML or not: as YAML it would not mean what it looks like."""
    slips = [*_odd_blanks(text), *_typographic_quotes(text)]
    return slips or list(_lost_indentation(text))


def faults(text: str, known: list[Slip], stretches: list[tuple[int, int]]) -> tuple[list[Slip], list[Slip]]:
    """What slipped into a text that is not YAML, even without the slips that are known: tabs apart, as the second.

    `stretches` are those that are not YAML alone: they are looked at.
    """
    lines = [list(rows(text, *stretch)) for stretch in stretches]
    together = list(chain.from_iterable(lines))
    found = [slip for find in (_fences, _escaped_quotes) for slip in find(text, together)]
    found = [slip for slip in found if not _overlaps(slip, known)]
    return found, [slip for slip in _tabs(text, lines) if not _overlaps(slip, [*known, *found])]


def without(text: str, slips: list[Slip]) -> Repaired:
    """A text without slips, which do not overlap."""
    return Repaired(text, sorted(change for slip in slips for change in slip.changes))


def altered(pieces: list[tuple[int, Piece]], text: str, repaired: Repaired) -> set[Piece]:
    """Those pieces of a repaired text that a slip is in: in the original they have another text."""
    sources = _sources(pieces, text, repaired)
    return {piece for (_, piece), (_, source) in zip(pieces, sources, strict=True) if piece.text != source}


def restore(
    pieces: list[tuple[int, Piece]], problems: list[Problem], text: str, repaired: Repaired
) -> tuple[list[tuple[int, Piece]], list[Problem]]:
    """Give the pieces of a repaired text that a slip is in the original text and its places.

    Return all of them with where they begin in the original, and the problems between them with their places there.
    """
    sources = _sources(pieces, text, repaired)
    places: dict[Piece, _Places] = {}
    for (base, piece), (begin, source) in zip(pieces, sources, strict=True):
        if piece.text != source:
            places[piece] = _Places(repaired, base, begin, begin + len(source))
            _restore_piece(piece, source, places)
    restored = [(begin, piece) for (begin, _), (_, piece) in zip(sources, pieces, strict=True)]
    return restored, [_restored(problem, places) for problem in problems]


def _sources(pieces: list[tuple[int, Piece]], text: str, repaired: Repaired) -> list[tuple[int, str]]:
    """Where the pieces of a repaired text begin in the original, and what is there."""
    begins = [0, *(repaired.start(base) for base, _ in pieces[1:]), len(text)]
    return [(begin, text[begin:end]) for begin, end in pairwise(begins)]


class _Places(NamedTuple):
    """Where the places of a piece come from: where it begins in the repaired text, and where it is in the original."""

    repaired: Repaired
    base: int
    begin: int
    stop: int

    def start(self, offset: int) -> int:
        return self._within(self.repaired.start(self.base + offset))

    def end(self, offset: int) -> int:
        return self._within(self.repaired.end(self.base + offset))

    def _within(self, offset: int) -> int:
        return min(max(offset, self.begin), self.stop) - self.begin


def _restore_piece(piece: Piece, text: str, places: dict[Piece, _Places]) -> None:
    piece.text = text
    piece.is_repaired = True
    own = places[piece]
    for node in walk(piece.root):
        node.outer, node.start, node.end = own.start(node.outer), own.start(node.start), own.end(node.end)
        node.end = max(node.start, node.end)
    piece.problems[:] = [_restored(problem, places) for problem in piece.problems]


def _restored(problem: Problem, places: dict[Piece, _Places]) -> Problem:
    """A problem with the places of the original text, where its piece or that of what it is related to was altered."""

    def original(region: Region) -> Region:
        found = places.get(region.piece)
        if found is None:
            return region
        start = found.start(region.start)
        return Region(region.piece, start, max(start, found.end(region.end)))

    related = tuple((original(one), said) for one, said in problem.related)
    return problem._replace(region=original(problem.region), related=related)


def problem_of(slip: Slip, piece: Piece, offset: int) -> Problem:
    """The problem that a slip is, in a piece where its text begins at an offset."""
    changes = slip.changes if slip.title else ()  # What has no title is only left out of the reading.
    edits = tuple((Region(piece, offset + change.start, offset + change.end), change.text) for change in changes)
    region = Region(piece, offset + slip.start, offset + slip.end)
    return Problem("syntax-error", slip.message, region, title=slip.title, safe=slip.is_safe, edits=edits)


def _overlaps(slip: Slip, others: list[Slip]) -> bool:
    taken = [change for other in others for change in other.changes]
    return any(one.start < other.end and other.start < one.end for one in slip.changes for other in taken)


# -- blanks ----------------------------------------------------------------------------------------------------------

_ODD_BLANK = re.compile(f"[{BLANKS}{ZERO_WIDTH}]+")
_ODD_AT_DASH = re.compile(rf"(?:- +)*-([{BLANKS}]+)(?=\S)")
_ODD_AT_COLON = re.compile(rf"(?:- +)*[\w./{{}}$-]+[ \t]*:([ \t]*[{BLANKS}{ZERO_WIDTH}][ \t{BLANKS}{ZERO_WIDTH}]*)")
_UNQUOTED = re.compile(r"[^#'\"\r\n]*")
_ALL_BLANKS = re.compile(rf"\A[ \t{BLANKS}{ZERO_WIDTH}]*")
# Emoji, Persian and Indian scripts are written with these.
_JOINERS = "\u200c\u200d"


def _odd_blanks(text: str) -> Iterator[Slip]:
    """Yield the blanks that only look like spaces, and what cannot be seen, where structure is."""
    found = [change for row in rows(text) if row.role == "structure" for change in _odd_in_row(text, row)]
    if not found:
        return
    names = dict.fromkeys(
        char for change in found for char in text[change.start : change.end] if _ODD_BLANK.match(char)
    )
    listed = " and ".join(f"U+{ord(char):04X} ({unicodedata.name(char, 'unnamed').lower()})" for char in names)
    where = f", here and in {len(found) - 1} more places" if len(found) > 2 else ""
    where = ", here and in one more place" if len(found) == 2 else where
    verb, them = ("is", "it") if len(names) == 1 else ("are", "them")
    message = f"{listed} {verb} text to YAML, although it looks like a space; use plain spaces{where}"
    if all(map(_is_unseen, names)):
        message = f"{listed} cannot be seen, but {verb} text to YAML; remove {them}{where}"
    title = "Remove what cannot be seen" if all(map(_is_unseen, names)) else "Use plain spaces"
    first = found[0]
    yield Slip(message, first.start, first.end, tuple(found), title)


def _odd_in_row(text: str, row: Row) -> Iterator[Replacement]:
    blank = text[row.begin : row.start]
    if _ODD_BLANK.search(blank):
        yield Replacement(row.begin, row.start, "" if row.is_blank() else "".join(map(_spaces, blank)))
    if row.is_blank() or text.startswith("#", row.start):
        return
    position = row.start
    if match := _ODD_AT_DASH.match(text, row.start, row.end):
        yield Replacement(*match.span(1), " ")
        position = match.end(1)
    key = KEY.match(text, dashes.end() if (dashes := DASHES.match(text, position, row.end)) else position, row.end)
    if key is not None and text[key.start()] not in "'\"":
        for match in _ODD_BLANK.finditer(text, key.start(), key.end()):
            if not set(match[0]) <= set(_JOINERS):
                yield Replacement(*match.span(), "" if text[match.end()] == ":" or _is_unseen(match[0]) else " ")
        position = key.end()
    if match := _ODD_AT_COLON.match(text, position if key is None else row.start, row.end):
        yield Replacement(*match.span(1), " ")
        position = match.end(1)
    rest = _UNQUOTED.match(text, position, row.end)
    end = rest.end() if rest else position
    if end == row.end or text[end] == "#":
        kept = len(_ALL_BLANKS.sub("", text[position:end][::-1], count=1))
        if _ODD_BLANK.search(text, position + kept, end):
            yield Replacement(position + kept, end, " " if end < row.end else "")


def _is_unseen(chars: str) -> bool:
    return all(re.match(f"[{ZERO_WIDTH}]", char) for char in chars)


def _spaces(char: str) -> str:
    if char in " \t":
        return char
    if _is_unseen(char):
        return ""
    return "  " if unicodedata.east_asian_width(char) in "FW" else " "


# -- quotes ----------------------------------------------------------------------------------------------------------

_QUOTE = re.compile(f"[{ODD_QUOTES}]")
_DOUBLE = '“”„‟"'
_TYPOGRAPHIC = re.compile(
    rf"(?P<open>[{ODD_QUOTES}\"'])(?P<inner>[^{ODD_QUOTES}\"'\r\n]*)(?P<close>[{ODD_QUOTES}\"'])"
    r"(?=[ \t]*(?:[,\]}]|:(?:[ \t]|$)|$)|[ \t]+#)"
)
_FLOW_START = re.compile(r"(?<=[\[{,])[ \t]*|(?<=: )[ \t]*")


def _typographic_quotes(text: str) -> Iterator[Slip]:
    """Yield the typographic quotes around a key or a whole value."""
    if not _QUOTE.search(text):
        return
    found = [match for row in rows(text) if row.role == "structure" for match in _quoted_in_row(text, row)]
    if not found:
        return
    changes: list[Replacement] = []
    for match in found:
        quote = '"' if match["open"] in _DOUBLE and "\\" not in match["inner"] else "'"
        changes += [Replacement(*match.span("open"), quote), Replacement(*match.span("close"), quote)]
    changes = [change for change in changes if text[change.start : change.end] != change.text]
    first = changes[0]
    char = text[first.start]
    many = f", here and in {len(found) - 1} more places" if len(found) > 2 else ""
    many = ", here and in one more place" if len(found) == 2 else many
    message = f"`{char}` is a typographic quote, which YAML takes for a letter; use `\"` or `'`{many}"
    yield Slip(message, first.start, first.end, tuple(changes), "Use straight quotes")


def _quoted_in_row(text: str, row: Row) -> Iterator[re.Match[str]]:
    """Yield what typographic quotes enclose in a line, as far as it is a key or a value."""
    dashes = DASHES.match(text, row.start, row.end)
    places = {dashes.end() if dashes else row.start, row.value}
    if text.startswith(("{", "["), row.value):
        places.update(match.end() for match in _FLOW_START.finditer(text, row.value, row.end))
    end = -1
    for place in sorted(places):
        match = _TYPOGRAPHIC.match(text, place, row.end)
        if match is None or place < end:
            continue
        end = match.end()
        if _QUOTE.search(match["open"] + match["close"]):
            yield match
        if text.startswith(":", end):
            value = re.compile(r":[ \t]+").match(text, end, row.end)
            if value is not None and value.end() not in places:
                follows = _TYPOGRAPHIC.match(text, value.end(), row.end)
                if follows is not None and _QUOTE.search(follows["open"] + follows["close"]):
                    yield follows


_ESCAPED = re.compile(r"\"(?P<inner>(?:[^\"\\\r\n]|\\[^\r\n])*\\)\"(?=[ \t]*+(?:[\]},]++[ \t]*+)?(?:#[^\r\n]*)?$)")


def _escaped_quotes(text: str, lines: list[Row]) -> Iterator[Slip]:
    """Yield the texts in double quotes whose closing quote a backslash escapes."""
    for row in lines:
        if row.role != "structure":
            continue
        for match in re.compile(r"(?<=[ \[{,])\"|^\"").finditer(text, row.value - 1, row.end):
            if (found := _ESCAPED.match(text, match.start(), row.end)) is not None:
                yield _escaped_quote(found)
                break


def _escaped_quote(found: re.Match[str]) -> Slip:
    inner = found["inner"]
    at = found.end("inner") - 1
    message = "the backslash escapes the quote behind it, so the text has no end"
    if inner == "\\":
        root = (Replacement(*found.span(), '"/"'),)
        return Slip(f"{message}; write `/`", at, at + 2, root, 'Write "/"')
    if "\\" not in inner[:-1]:
        alone = (Replacement(at, at + 1, ""),)
        return Slip(f"{message}; remove it", at, at + 2, alone, "Remove the backslash", is_safe=False)
    changes = () if "'" in inner else (Replacement(*found.span(), f"'{inner}'"),)
    message += "; use single quotes, in which a backslash is only a backslash"
    return Slip(message, at, at + 2, changes, f"Write '{inner}'")


# -- lines -----------------------------------------------------------------------------------------------------------

_SECTIONS = ("applications", "services", "routes", "tasks")


def _lost_indentation(text: str) -> Iterator[Slip]:
    """Yield that a whole file lost its indentation: all its keys are at the left margin, and its sections empty."""
    if not may_have_lost_indentation(text):
        return
    section = ""
    for row in rows(text):
        key = KEY.match(text, row.start, row.end)
        if key is None or row.role != "structure":
            continue
        if key["key"] in _SECTIONS:
            section = key["key"] if row.value >= row.end or text[row.value] == "#" else ""
        elif section and not key["key"].startswith("."):
            message = f"all indentation of this file is lost, so `{section}` is empty; indent what belongs to it"
            yield Slip(message, row.start, row.end, (Replacement(0, len(text), ""),), "")
            return


_FENCE = re.compile(r"(?:```|~~~)[\w+-]*[ \t]*$")


def _fences(text: str, lines: list[Row]) -> Iterator[Slip]:
    """Yield the Markdown fences that were pasted with the file."""
    found = [row for row in lines if _FENCE.match(text, row.start, row.end) and row.role == "structure"]
    if not found:
        return
    first = found[0]
    changes = tuple(Replacement(row.begin, _next_line(text, row.end), "") for row in found)
    fence = text[first.start : first.end].rstrip()
    others = [str(text.count("\n", 0, row.begin) + 1) for row in found[1:]]
    also = f" and the one on line {others[0]}" if len(others) == 1 else ""
    also = f" and those on the lines {', '.join(others)}" if len(others) > 1 else also
    message = f"`{fence}` is a Markdown fence, not YAML; remove it{also}"
    yield Slip(message, first.start, first.end, changes, "Remove the fence")


def _next_line(text: str, end: int) -> int:
    match = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)").match(text, end)
    return match.end() if match else end


def _tabs(text: str, lines: list[list[Row]]) -> Iterator[Slip]:
    """Yield the runs of lines that tabs indent."""
    for run in tab_runs(text, lines):
        start, end, _ = run.edits[0]
        start += text[start:end].index("\t")
        more = len(run.edits) - 1
        also = "the next line" if more == 1 else f"the next {more} lines"
        message = "a tab cannot indent YAML; use spaces" + (f", here and on {also}" if more else "")
        changes = tuple(Replacement(*edit) for edit in run.edits)
        yield Slip(message, start, end, changes, "Indent with spaces", is_safe=run.is_sure)
