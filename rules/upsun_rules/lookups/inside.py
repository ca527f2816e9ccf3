"""Maps a position in the text of a scalar to the position in the file."""

from __future__ import annotations

from upsun_schema.yaml.nodes import Region, Scalar

__all__ = ["inside", "offsets_of"]


def inside(scalar: Scalar, start: int, end: int) -> Region:
    """The place in the file of a part of `scalar.text`; `start` and `end` are code points of that text.

    Works in literal and folded blocks, and in plain and quoted scalars whose source contains the text unchanged. For
    all others (escapes) it is the whole scalar.
    """
    source = scalar.source
    if scalar.style == "|":
        found = _in_literal(scalar, source, start, end)
        if found is not None:
            return found
    elif not scalar.style and source == scalar.text:
        return Region(scalar.piece, scalar.start + start, scalar.start + end)
    elif scalar.style in ("'", '"') and source[1:-1] == scalar.text:
        return Region(scalar.piece, scalar.start + 1 + start, scalar.start + 1 + end)
    elif scalar.style in ("", ">"):
        return _in_folded(scalar, source, start, end) or scalar.region
    return scalar.region


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
