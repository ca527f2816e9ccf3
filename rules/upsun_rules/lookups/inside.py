"""Maps a position in the text of a scalar to the position in the file."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_schema.expression import expression
from upsun_schema.yaml.nodes import Region, Scalar

__all__ = ["inside", "offsets_of"]


def inside(scalar: Scalar, start: int, end: int) -> Region:
    """The place in the file of a part of `scalar.text`; `start` and `end` are code points of that text.

    If the text cannot be found in the source, it is the whole scalar.
    """
    source = scalar.source
    if scalar.style == "|":
        found = _in_literal(scalar, source, start, end)
        if found is not None:
            return found
    elif not scalar.style and source == scalar.text:
        return Region(scalar.piece, scalar.start + start, scalar.start + end)
    elif scalar.style in ("'", '"'):
        if source[1:-1] == scalar.text:
            return Region(scalar.piece, scalar.start + 1 + start, scalar.start + 1 + end)
        return _in_quoted(scalar, source, start, end) or scalar.region
    elif scalar.style in ("", ">"):
        return _in_folded(scalar, source, start, end) or scalar.region
    return scalar.region


_SINGLE = expression(r"(?P<fold>[ \t]*\r?\n\s*)|''|[^']")
_DOUBLE = expression(
    r"(?P<continued>\\\r?\n[ \t]*)|(?P<fold>[ \t]*\r?\n\s*)"
    r"|\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|[^\"\\]"
)


def _in_quoted(scalar: Scalar, source: str, start: int, end: int) -> Region | None:
    """Find the part of the source that each character of the text comes from."""
    parts = [Region(scalar.piece, scalar.start + at, scalar.start + after) for at, after in _characters(scalar, source)]
    if len(parts) != len(scalar.text):
        return None
    parts.append(Region(scalar.piece, scalar.end - 1, scalar.end - 1))
    begin = parts[start].start
    return Region(scalar.piece, begin, parts[end - 1].end if end > start else begin)


def _characters(scalar: Scalar, source: str) -> Iterator[tuple[int, int]]:
    """Yield the part of a quoted source that each character of its text comes from."""
    pattern = _SINGLE if scalar.style == "'" else _DOUBLE
    for part in pattern.finditer(source, 1, len(source) - 1):
        kinds = part.groupdict()
        if kinds.get("continued") is not None:
            continue
        # One line break becomes a space; of more, all but the first remain.
        breaks = (kinds["fold"] or "").count("\n")
        for _ in range(max(1, breaks - 1)):
            yield part.span()


def _in_folded(scalar: Scalar, source: str, start: int, end: int) -> Region | None:
    """Count the visible characters, which folding never changes."""
    begin = source.find("\n") if scalar.style else 0
    visible = [at for at in range(begin, len(source)) if not source[at].isspace()]
    before, within = "".join(scalar.text[:start].split()), "".join(scalar.text[start:end].split())
    count = len(before) + len(within)
    if not within or "".join(source[at] for at in visible[:count]) != before + within:
        return None
    return Region(scalar.piece, scalar.start + visible[len(before)], scalar.start + visible[count - 1] + 1)


def _in_literal(scalar: Scalar, source: str, start: int, end: int) -> Region | None:
    """Compare the lines of a literal block with those of its text, which differ by their indentation only."""
    begin = _place(source, scalar.text, start)
    finish = _place(source, scalar.text, end)
    if begin is None or finish is None or finish < begin:
        return None
    return Region(scalar.piece, scalar.start + begin, scalar.start + finish)


def _place(source: str, text: str, offset: int) -> int | None:
    line = text.count("\n", 0, offset)
    column = offset - (text.rfind("\n", 0, offset) + 1)
    content = text.split("\n")[line]
    position = 0
    for _ in range(line + 1):
        position = source.find("\n", position) + 1
        if position == 0:
            return None
    written = source[position:].split("\n", 1)[0].rstrip("\r")
    if not content:
        return position + len(written)
    return position + len(written) - len(content) + column if written.endswith(content) else None


def offsets_of(scalar: Scalar) -> list[int] | None:
    """The offset in the scalar's piece of each character of its text, and of the end of the text.

    None if the text is not in the file as it is (escapes, included files).
    """
    text, source = scalar.text, scalar.source
    quotes = 1 if scalar.style in ("'", '"') else 0
    if scalar.style not in ("|", ">") and source[quotes : len(source) - quotes] == text:
        return list(range(scalar.start + quotes, scalar.start + quotes + len(text) + 1))
    if quotes:
        return None
    # The characters of a block or of several lines are there in order, with more blanks between them.
    at = source.find("\n") + 1 if scalar.style else 0
    found: list[int] = []
    for char in text:
        if not char.isspace():
            at = source.find(char, at)
            if at < 0 or (found and source[found[-1] - scalar.start + 1 : at].strip()):
                return None
        found.append(scalar.start + min(at, len(source)))
        at += 1
    return [*found, scalar.start + min(at, len(source))]
