"""Edits of YAML text that keep every comment, quote and line ending outside what they change.

Each function returns edits, or None if it cannot change the text safely (flow style, text of another file) or a map
would get the same key twice. Block mappings are changed by whole lines. New text is indented and quoted like the text
around it, and comments move with the lines they belong to.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from upsun_rules.finding import Edit
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Alias, Include, Mapping, Node, Pair, Piece, Region, Scalar
from upsun_schema.yaml.signs import KEY
from upsun_schema.yaml.walking import walk
from upsun_schema.yaml.writing import is_plain, quoted

__all__ = [
    "add_to_section",
    "append_entry",
    "at_margin",
    "column",
    "complete",
    "delete",
    "edited",
    "fill",
    "has_comment",
    "in_quotes",
    "in_usual_quotes",
    "indented",
    "insert_property",
    "line_end",
    "lines_of",
    "move_into",
    "nest",
    "newline",
    "owned_lines",
    "remark_of",
    "rewrite",
    "step_of",
    "with_comments",
    "without",
    "written",
]

_BREAK = expression(r"\r\n|\n|\r")
_REST_OF_LINE = expression(r"[^\r\n]*")
_LINE_END = expression(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")


def newline(piece: Piece) -> str:
    """The line ending of a piece of text."""
    match = _BREAK.search(piece.text)
    return match[0] if match else "\n"


def column(node: Node) -> int:
    """The number of code points before a node in its line."""
    text = node.piece.text
    return node.outer - _line_start(text, node.outer)


class _Style(NamedTuple):
    """The style of a piece of text: its indentation below keys at a column, its usual indentation and its quotes."""

    steps: dict[int, int]
    step: int
    quote: str


_QUOTED_VALUE = expression(r"[:-] +(['\"])")


def _style(piece: Piece) -> _Style:
    return remembered(piece, "style", None, lambda: _style_of(piece))


def _style_of(piece: Piece) -> _Style:
    steps: dict[int, int] = {}
    found: Counter[int] = Counter()
    for outer, inner in _levels(piece):
        steps.setdefault(outer, inner - outer)
        found[inner - outer] += 1
    root = piece.root
    # A piece that holds an entry of a section is indented by one step itself.
    first = column(root.pairs[0].key) if isinstance(root, Mapping) and root.pairs else 0
    usual = found.most_common(1)[0][0] if found else first or 2
    quotes = Counter(_QUOTED_VALUE.findall(piece.text))
    return _Style(steps, usual, '"' if quotes['"'] > quotes["'"] else "'")


def _levels(piece: Piece) -> Iterator[tuple[int, int]]:
    """The column of each key of a piece that has a block below it, and the column of that block."""
    for node in walk(piece.root):
        for pair in node.pairs if isinstance(node, Mapping) and not node.flow else ():
            value = pair.value
            if isinstance(value, Mapping) and not value.flow and value.pairs:
                outer, inner = column(pair.key), column(value.pairs[0].key)
                if inner > outer:
                    yield outer, inner


def step_of(key: Node) -> int:
    """The indentation, in spaces, of a block below a key: that of other blocks at its depth or in its text."""
    style = _style(key.piece)
    return style.steps.get(column(key), style.step)


def lines_of(pair: Pair) -> Region | None:
    """The whole lines of a pair in a block mapping, with their line endings; None if other pairs share them."""
    piece = pair.key.piece
    if pair.value.piece is not piece or (isinstance(pair.value, Include) and pair.value.start < pair.key.end):
        return None
    if isinstance(pair.value, Mapping) and any(below.key.piece is not piece for below in pair.value.pairs):
        return None  # A section whose entries are separate pieces.
    text = piece.text
    start = _line_start(text, pair.key.outer)
    if text[start : pair.key.outer].strip():
        return None
    end = max(pair.key.end, _end_of(pair.value))
    match = _LINE_END.match(text, end)
    assert match is not None
    rest = match[0].strip()
    if rest and not rest.startswith((":", "#")):
        return None
    return Region(piece, start, match.end())


def with_comments(lines: Region, indent: int) -> Region:
    """Whole lines with the comments directly above them that have the same indentation."""
    text, start = lines.piece.text, lines.start
    while start > 0:
        above = _line_start(text, start - (2 if text.startswith("\r\n", start - 2) else 1))
        line = text[above:start]
        if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) != indent:
            break
        start = above
    return lines._replace(start=start)


def owned_lines(pair: Pair) -> Region | None:
    """The whole lines of a pair with the comments that belong to it; None if other pairs share its lines.

    These are the comments directly above it, and those at its end that are indented deeper than its key.
    """
    lines = lines_of(pair)
    if lines is None:
        return None
    above = with_comments(lines, column(pair.key))
    return _with_comments_below(lines, column(pair.key) + 1)._replace(start=above.start)


def remark_of(pair: Pair) -> str:
    """The comment after a pair, on its last line; empty if there is no comment."""
    end = max(pair.key.end, _end_of(pair.value))
    rest = pair.key.piece.text[end : line_end(pair.key.piece.text, end)].strip()
    return rest.lstrip(": \t") if rest.lstrip(": \t").startswith("#") else ""


def at_margin(lines: str, indent: int) -> str:
    """Lines moved left by their indentation, with line feeds at their ends, the last one included."""
    return _ended(_BREAK.sub("\n", indented(lines, -indent)), "\n")


def edited(region: Region, edits: Iterable[Edit]) -> str:
    """The text of a region after edits inside it that do not overlap."""
    parts: list[str] = []
    position = region.start
    for edit in sorted(edits, key=lambda one: (one.region.start, one.region.end)):
        parts += (region.piece.text[position : edit.region.start], edit.text)
        position = edit.region.end
    return "".join([*parts, region.piece.text[position : region.end]])


def line_end(text: str, offset: int) -> int:
    """Where the line of an offset ends, its line break excluded."""
    match = _REST_OF_LINE.match(text, offset)
    return offset if match is None else match.end()


def _end_of(node: Node) -> int:
    return node.argument.end if isinstance(node, Include) else node.end


def _line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def delete(pair: Pair, parent: Mapping) -> list[Edit] | None:
    """The edits that take a pair out of a block mapping; its parent becomes `{}` if nothing is left."""
    lines = lines_of(pair)
    if lines is None or parent.flow or pair not in parent.pairs:
        return None
    if len(parent.pairs) > 1:
        return [Edit(lines, "")]
    column_of = column(pair.key)
    return [Edit(Region(lines.piece, lines.start + column_of, _content_end(lines)), "{}")]


def without(pair: Pair) -> Edit | None:
    """The edit that removes the lines of a pair and keeps the comment after it as a separate line."""
    lines, remark = lines_of(pair), remark_of(pair)
    if lines is None:
        return None
    return Edit(lines, f"{' ' * column(pair.key)}{remark}{newline(lines.piece)}" if remark else "")


def _content_end(lines: Region) -> int:
    return lines.start + len(lines.text.rstrip("\r\n"))


def indented(text: str, by: int) -> str:
    """Lines moved right (or left, if negative) by so many spaces. Blank lines stay as they are."""
    moved = []
    for match in _LINE_END.finditer(text):
        line = match[0]
        if not line.strip():
            moved.append(line)
        elif by >= 0:
            moved.append(" " * by + line)
        else:
            lead = len(line) - len(line.lstrip(" "))
            moved.append(line[min(-by, lead) :])
    return "".join(moved)


def _ended(text: str, ending: str) -> str:
    return text if text.endswith(("\n", "\r")) or not text else text + ending


def _names(text: str) -> set[str]:
    """The keys at the margin of lines."""
    keys = [KEY.match(line) for line in text.split("\n")]
    return {match["key"].strip("'\"") for match in keys if match is not None}


def _has_one_of(mapping: Mapping, names: Iterable[str]) -> bool:
    """Whether a key is in a map already: written a second time it would be a duplicate."""
    return not {pair.name for pair in mapping.pairs}.isdisjoint(names)


def insert_property(mapping: Mapping, text: str, *, before: Pair | None = None) -> Edit | None:
    """The edit that adds lines (written at column 0) to a block mapping.

    They go to its end, or before one of its pairs.
    """
    if mapping.flow or not mapping.pairs or _has_one_of(mapping, _names(text)):
        return None
    first = mapping.pairs[0].key
    if first.piece is not mapping.piece and first.piece is not mapping.pairs[-1].key.piece:
        return None
    ending = newline(first.piece)
    block = indented(_ended(text, "\n"), column(first)).replace("\n", ending)
    if before is not None:
        start = _line_start(before.key.piece.text, before.key.outer)
        place = with_comments(Region(before.key.piece, start, start), column(before.key)).start
        return Edit(Region(before.key.piece, place, place), block)
    return _after(mapping.pairs[-1], block, ending)


def _after(pair: Pair, block: str, ending: str) -> Edit | None:
    own = lines_of(pair)
    if own is None:
        return None
    lines = _with_comments_below(own, column(pair.key))
    if not lines.text.endswith(("\n", "\r")):
        block = ending + block.rstrip("\r\n")
    return Edit(Region(lines.piece, lines.end, lines.end), block)


def append_entry(
    section: Pair | None, parent: Mapping, name: str, text: str, *, before: Pair | None = None
) -> Edit | None:
    """The edit that adds entries (lines written at column 0) to the section `name` of a mapping.

    The section is made, before one of the mapping's pairs if asked, where there is none.
    """
    if section is None:
        below = indented(text, step_of(parent.pairs[0].key)) if parent.pairs else ""
        return insert_property(parent, f"{name}:\n{below}", before=before)
    return fill(section, text) if section in parent.pairs else None


def fill(section: Pair, text: str) -> Edit | None:
    """The edit that adds entries (lines written at column 0) to the map that a pair has, or should have."""
    value = section.value
    if isinstance(value, Alias | Include):
        return None
    if isinstance(value, Mapping) and value.pairs:
        return insert_property(value, text)
    # `section:` or `section: {}`: its entries go below it.
    if value.anchor is not None or not (value.is_null or isinstance(value, Mapping)):
        return None
    return _fill_below(section, text)


def move_into(
    pair: Pair, parent: Mapping, target: Mapping, name: str, *, before: Pair | None = None
) -> list[Edit] | None:
    """The edits that move the entries of a section (`crons` of a worker, say) to that section of `target`."""
    entries = pair.value.resolved
    lines = owned_lines(pair)
    if lines is None or not isinstance(entries, Mapping) or entries.flow or not entries.pairs:
        return None
    if isinstance(pair.value, Alias | Include) or pair.value.anchor is not None or parent.flow:
        return None
    if pair not in parent.pairs or lines_of(entries.pairs[0]) is None:
        return None
    piece, indent = lines.piece, column(pair.key)
    key_line = _line_start(piece.text, pair.key.outer)
    head = line_end(piece.text, pair.key.end)
    # The comment after the key becomes a separate line.
    remark = piece.text[pair.key.end : head].partition(":")[2].strip()
    block = at_margin(piece.text[lines.start : key_line], indent)
    block += f"{remark}\n" if remark.startswith("#") else ""
    below = _LINE_END.match(piece.text, head)
    assert below is not None
    block += at_margin(piece.text[below.end() : lines.end], column(entries.pairs[0].key))
    added = append_entry(target.get(name), target, name, block, before=before)
    left = "" if len(parent.pairs) > 1 else f"{' ' * indent}{{}}{newline(piece)}"
    return None if added is None else [Edit(lines, left), added]


def _with_comments_below(lines: Region, least: int) -> Region:
    """The whole lines with the comments directly below them that are indented by at least so many spaces."""
    text, end = lines.piece.text, lines.end
    while end < len(text):
        match = _LINE_END.match(text, end)
        assert match is not None
        content = match[0].lstrip(" ")
        if not content.startswith("#") or len(match[0]) - len(content) < least:
            break
        end = match.end()
    return lines._replace(end=end)


def has_comment(pair: Pair) -> bool:
    """Whether a pair may hold a comment, which would be lost with it. A `#` in a text counts as one, too."""
    lines = lines_of(pair)
    return lines is not None and re.search(r"(?m)(?:^|[ \t])#", lines.text) is not None


def nest(
    pairs: list[Pair], parent: Mapping, name: str, *, called: str | None = None, beside: str = ""
) -> list[Edit] | None:
    """The edits that put pairs of a mapping below a new or existing section of it.

    `called` renames them, and `beside` are lines (written at column 0) to put above them.
    """
    section = parent.get(name)
    edits: list[Edit] = []
    blocks = [beside]
    for pair in pairs:
        lines = owned_lines(pair)
        if lines is None or parent.flow or pair not in parent.pairs:
            return None
        if called is not None and pair.key.outer != pair.key.start:
            return None
        renamed = lines.text if called is None else edited(lines, [Edit(pair.key.region, called)])
        blocks.append(at_margin(renamed, column(pair.key)))
        edits.append(Edit(lines, ""))
    block = "".join(blocks)
    if section is not None:
        added = append_entry(section, parent, name, block)
        return None if added is None else [*edits, added]
    first, lines = pairs[0], edits[0].region
    body = f"{name}:\n{indented(block, step_of(first.key))}"
    body = indented(body, column(first.key)).replace("\n", newline(lines.piece))
    if not lines.text.endswith(("\n", "\r")):
        body = body.rstrip("\r\n")
    edits[0] = Edit(lines, body)
    return edits


def rewrite(node: Scalar, text: str) -> Edit:
    """The edit that puts another text into a scalar, in the quotes it has."""
    quote = node.style if node.style in ("'", '"') else ""
    return Edit(node.region, f"{quote}{text}{quote}")


def complete(pair: Pair, entries: dict[str, str], *, flow: bool = False) -> Edit | None:
    """The edit that adds entries to the map a pair has as its value, or gives it one where it has none.

    `flow`: the pair itself is in a map in braces. The values are written unchanged.
    """
    value = pair.value
    if isinstance(value, Alias | Include) or value.anchor is not None or value.piece is not pair.key.piece:
        return None
    if "\n" in pair.key.source or "\r" in pair.key.source:
        return None
    if isinstance(value, Mapping) and _has_one_of(value, entries):
        return None
    inline = ", ".join(f"{name}: {text}" for name, text in entries.items())
    lines = "".join(f"{name}: {text}\n" for name, text in entries.items())
    if isinstance(value, Mapping) and value.pairs:
        if not value.flow:
            return insert_property(value, lines)
        last = _end_of(value.pairs[-1].value)
        end = max(value.pairs[-1].key.end, last) if value.pairs[-1].value.piece is value.piece else value.end - 1
        return Edit(Region(value.piece, end, end), f", {inline}")
    if not value.is_null and not isinstance(value, Mapping):
        return None
    if flow:
        return _fill_inline(pair, inline)
    return _fill_below(pair, lines)


def _fill_inline(pair: Pair, inline: str) -> Edit:
    piece, value = pair.key.piece, pair.value
    if value.end > value.start:
        return Edit(value.region, f"{{{inline}}}")
    colon = re.compile(r"[ \t]*:[ \t]*").match(piece.text, pair.key.end)
    end = pair.key.end if colon is None else colon.end()
    return Edit(Region(piece, pair.key.end, end), f": {{{inline}}}")


def _fill_below(pair: Pair, lines: str) -> Edit | None:
    piece = pair.key.piece
    whole = lines_of(pair)
    if whole is None:
        return None
    colon = piece.text.index(":", pair.key.end) + 1
    ending = newline(piece)
    end = _content_end(whole)
    body = indented(lines, column(pair.key) + step_of(pair.key)).rstrip("\n").replace("\n", ending)
    # `{}` or `~` in place of a value is removed; a comment after it stays on its line.
    rest = piece.text[max(colon, pair.value.end) : end]
    return Edit(Region(piece, colon, end), rest.rstrip() + ending + body)


def add_to_section(document: Document, section: str, text: str) -> Edit | None:
    """The edit that adds entries (lines written at column 0) to a top-level key of a file, or adds that key."""
    root = document.root
    if not isinstance(root, Mapping) or root.flow:
        return None
    pair = next((pair for pair in root.pairs if pair.name == section), None)
    if pair is None:
        piece = document.pieces[-1][1]
        ending = newline(piece)
        block = f"{section}:\n{indented(text, _style(piece).step)}"
        if root.pairs:
            block = indented(block, column(root.pairs[0].key))
        block = block.replace("\n", ending)
        if root.pairs and "\n..." in piece.text:  # The end of the document, which nothing may follow.
            return _after(root.pairs[-1], block, ending)
        lead = "" if piece.text.endswith(("\n", "\r")) or not piece.text else ending
        return Edit(Region(piece, len(piece.text), len(piece.text)), lead + block)
    value = pair.value
    if isinstance(value, Mapping) and _has_one_of(value, _names(text)):
        return None
    if isinstance(value, Mapping) and value.pairs and not value.flow:
        first, last = value.pairs[0].key, value.pairs[-1]
        ending = newline(last.key.piece)
        return _after(last, indented(text, column(first)).replace("\n", ending), ending)
    is_empty = value.is_null or (isinstance(value, Mapping) and not value.pairs)
    return _fill_below(pair, text) if is_empty and value.anchor is None else None


def in_quotes(text: str, piece: Piece) -> str:
    """A text in quotes, the kind that is usual in the text around it."""
    return quoted(text, '"' if _style(piece).quote == '"' and not re.search(r'["\\]', text) else "'")


def in_usual_quotes(text: str, region: Region) -> str:
    """A replacement for a text without quotes, in the quotes that are usual around it."""
    if len(text) < 2 or not text.startswith("'") or not text.endswith("'") or region.text.startswith("'"):
        return text
    return in_quotes(text[1:-1].replace("''", "'"), region.piece)


def written(text: str, piece: Piece | None = None, step: int = 2) -> str:
    """A text as the value of a key: plain if that is safe, in quotes, or as a literal block if it has several lines.

    `piece` is the text around it. The lines of a block are indented by `step`, for a key written at column 0. Blanks
    around the text are left out.
    """
    text = text.strip()
    if "\n" in text:
        return "|\n" + indented(text, step)
    return text if is_plain(text) else in_quotes(text, piece or Piece(""))
