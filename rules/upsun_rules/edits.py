"""Edits of YAML text that keep every comment, quote and line ending outside what they change.

Each function returns edits, or None if it cannot change the text safely (flow style, text of another file). Block
mappings are changed by whole lines.
"""

from __future__ import annotations

import re

from upsun_rules.finding import Edit
from upsun_schema.document import Document
from upsun_schema.nodes import Alias, Include, Mapping, Node, Pair, Piece, Region, Scalar
from upsun_schema.yaml11 import value_of

__all__ = [
    "add_to_section",
    "append_entry",
    "complete",
    "delete",
    "has_comment",
    "indented",
    "insert_property",
    "lines_of",
    "move_into",
    "nest",
    "newline",
    "replace",
    "rewrite",
    "with_comments",
    "written",
]

_LINE_END = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")


def newline(piece: Piece) -> str:
    """Return the line ending of a piece of text."""
    match = re.search(r"\r\n|\n|\r", piece.text)
    return match[0] if match else "\n"


def column(node: Node) -> int:
    """Return how many code points stand before a node in its line."""
    text = node.piece.text
    return node.outer - _line_start(text, node.outer)


def lines_of(pair: Pair) -> Region | None:
    """Return the whole lines of a pair in a block mapping, line ending included; None where others share them."""
    piece = pair.key.piece
    if pair.value.piece is not piece or (isinstance(pair.value, Include) and pair.value.start < pair.key.end):
        return None
    if isinstance(pair.value, Mapping) and any(below.key.piece is not piece for below in pair.value.pairs):
        return None  # A section whose entries are pieces of their own.
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
    """Return whole lines with the comments directly above them that are indented alike: they speak of what follows."""
    text, start = lines.piece.text, lines.start
    while start > 0:
        above = _line_start(text, start - (2 if text.startswith("\r\n", start - 2) else 1))
        line = text[above:start]
        if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) != indent:
            break
        start = above
    return lines._replace(start=start)


def _end_of(node: Node) -> int:
    return node.argument.end if isinstance(node, Include) else node.end


def _line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def replace(node: Node, text: str) -> Edit:
    """Return the edit that puts a text in the place of a node."""
    return Edit(node.region, text)


def delete(pair: Pair, parent: Mapping) -> list[Edit] | None:
    """Return the edits that take a pair out of a block mapping; its parent becomes `{}` if nothing is left."""
    lines = lines_of(pair)
    if lines is None or parent.flow or pair not in parent.pairs:
        return None
    if len(parent.pairs) > 1:
        return [Edit(lines, "")]
    column_of = column(pair.key)
    return [Edit(Region(lines.piece, lines.start + column_of, _content_end(lines)), "{}")]


def _content_end(lines: Region) -> int:
    return lines.start + len(lines.text.rstrip("\r\n"))


def indented(text: str, by: int) -> str:
    """Return lines moved right (or left, if negative) by so many spaces. Blank lines stay as they are."""
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


def insert_property(mapping: Mapping, text: str, *, before: Pair | None = None) -> Edit | None:
    """Return the edit that adds lines (written at column 0) to a block mapping.

    They go to its end, or before one of its pairs.
    """
    if mapping.flow or not mapping.pairs:
        return None
    first = mapping.pairs[0].key
    if first.piece is not mapping.piece and first.piece is not mapping.pairs[-1].key.piece:
        return None
    ending = newline(first.piece)
    block = indented(
        _ended(text, ending).replace("\n", ending) if ending != "\n" else _ended(text, ending), column(first)
    )
    if before is not None:
        start = _line_start(before.key.piece.text, before.key.outer)
        place = with_comments(Region(before.key.piece, start, start), column(before.key)).start
        return Edit(Region(before.key.piece, place, place), block)
    return _after(mapping.pairs[-1], block, ending)


def _after(pair: Pair, block: str, ending: str) -> Edit | None:
    lines = lines_of(pair)
    if lines is None:
        return None
    if not lines.text.endswith(("\n", "\r")):
        block = ending + block.rstrip("\r\n")
    return Edit(Region(lines.piece, lines.end, lines.end), block)


def append_entry(
    section: Pair | None, parent: Mapping, name: str, text: str, *, before: Pair | None = None
) -> Edit | None:
    """Return the edit that adds entries (lines written at column 0) to the section `name` of a mapping.

    The section is made, before one of the mapping's pairs if asked, where there is none.
    """
    if section is None:
        return insert_property(parent, f"{name}:\n{indented(text, 2)}", before=before)
    value = section.value.resolved
    if isinstance(section.value, Alias | Include):
        return None
    if isinstance(value, Mapping) and value.pairs:
        return insert_property(value, text)
    # `section:` or `section: {}`: its entries go below it.
    if section.value.anchor is not None or not (value.is_null or isinstance(value, Mapping)):
        return None
    return _fill_below(section, text)


def move_into(
    pair: Pair, parent: Mapping, target: Mapping, name: str, *, before: Pair | None = None
) -> list[Edit] | None:
    """Return the edits that move the entries of a section (`crons` of a worker, say) to that section of `target`."""
    entries = pair.value.resolved
    lines = lines_of(pair)
    if lines is None or not isinstance(entries, Mapping) or entries.flow or not entries.pairs:
        return None
    if isinstance(pair.value, Alias | Include) or pair.value.anchor is not None or parent.flow:
        return None
    removed = delete(pair, parent)
    first = lines_of(entries.pairs[0])
    if removed is None or first is None:
        return None
    ending = newline(lines.piece)
    depth = column(entries.pairs[0].key)
    text = lines.piece.text
    head = _LINE_END.match(text, pair.key.end)
    assert head is not None
    # Comments go along: the one behind the key as a line of its own, those above the first entry as they are.
    remark = head[0].partition(":")[2].strip()
    below = _comments_below(lines, column(pair.key))
    if below.end > below.start:
        removed = [*removed, Edit(below, "")]
    block = indented(text[head.end() : below.end], -depth)
    if remark.startswith("#"):
        block = f"{remark}{ending}{block}"
    block = _ended(block, ending)
    section = target.get(name)
    if ending != "\n":
        block = block.replace(ending, "\n")
    added = append_entry(section, target, name, block, before=before)
    return None if added is None else [*removed, added]


def _comments_below(lines: Region, indent: int) -> Region:
    """Return the comments right behind whole lines that are indented deeper: they are still inside what ends there."""
    text, end = lines.piece.text, lines.end
    while end < len(text):
        match = _LINE_END.match(text, end)
        assert match is not None
        content = match[0].lstrip(" ")
        if not content.startswith("#") or len(match[0]) - len(content) <= indent:
            break
        end = match.end()
    return lines._replace(start=lines.end, end=end)


def has_comment(pair: Pair) -> bool:
    """Return whether a pair may hold a comment, which would be lost with it. A `#` in a text counts as one, too."""
    lines = lines_of(pair)
    return lines is not None and re.search(r"(?m)(?:^|[ \t])#", lines.text) is not None


def nest(
    pairs: list[Pair], parent: Mapping, name: str, *, called: str | None = None, beside: str = ""
) -> list[Edit] | None:
    """Return the edits that put pairs of a mapping below a new or existing section of it.

    `called` is the name they get there, if not their own; `beside` are lines (written at column 0) to stand above them.
    """
    section = parent.get(name)
    edits: list[Edit] = []
    blocks = [beside]
    for pair in pairs:
        lines = lines_of(pair)
        if lines is None or parent.flow or pair not in parent.pairs:
            return None
        if called is not None and pair.key.outer != pair.key.start:
            return None
        block = _ended(indented(lines.text, -column(pair.key)), "\n").replace("\r\n", "\n")
        blocks.append(block if called is None else called + block[len(pair.key.source) :])
        edits.append(Edit(lines, ""))
    block = "".join(blocks)
    if section is not None:
        added = append_entry(section, parent, name, block)
        return None if added is None else [*edits, added]
    first = pairs[0]
    first_lines = lines_of(first)
    assert first_lines is not None
    ending = newline(first_lines.piece)
    indent = column(first.key)
    body = indented(f"{name}:\n{indented(block, 2)}", indent).replace("\n", ending)
    if not first_lines.text.endswith(("\n", "\r")):
        body = body.rstrip("\r\n")
    edits[0] = Edit(first_lines, body)
    return edits


def quoted(node: Scalar) -> Edit:
    """Return the edit that puts a plain scalar into single quotes."""
    return Edit(node.region, "'" + node.source.replace("'", "''") + "'")


def rewrite(node: Scalar, text: str) -> Edit:
    """Return the edit that puts another text into a scalar, in the quotes it has."""
    quote = node.style if node.style in ("'", '"') else ""
    return Edit(node.region, f"{quote}{text}{quote}")


def complete(pair: Pair, entries: dict[str, str], *, flow: bool = False) -> Edit | None:
    """Return the edit that adds entries to the map a pair has as its value, or gives it one where it has none.

    `flow` tells that the pair itself stands in a map in braces. The values are written as they are given.
    """
    value = pair.value
    if isinstance(value, Alias | Include) or value.anchor is not None or value.piece is not pair.key.piece:
        return None
    if "\n" in pair.key.source or "\r" in pair.key.source:
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
    body = indented(lines, column(pair.key) + 2).rstrip("\n").replace("\n", ending)
    # What stands in the place of a value, `{}` or `~`, goes; a comment after it stays on its line.
    rest = piece.text[max(colon, pair.value.end) : end]
    return Edit(Region(piece, colon, end), rest.rstrip() + ending + body)


def add_to_section(document: Document, section: str, text: str) -> Edit | None:
    """Return the edit that adds entries (lines written at column 0) to a top-level key of a file, or adds that key."""
    root = document.root
    if not isinstance(root, Mapping) or root.flow:
        return None
    pair = next((pair for pair in root.pairs if pair.name == section), None)
    if pair is None:
        piece = document.pieces[-1][1]
        ending = newline(piece)
        block = f"{section}:\n{indented(text, 2)}".replace("\n", ending)
        lead = "" if piece.text.endswith(("\n", "\r")) or not piece.text else ending
        return Edit(Region(piece, len(piece.text), len(piece.text)), lead + block)
    value = pair.value
    if isinstance(value, Mapping) and value.pairs and not value.flow:
        first, last = value.pairs[0].key, value.pairs[-1]
        ending = newline(last.key.piece)
        return _after(last, indented(text, column(first)).replace("\n", ending), ending)
    is_empty = value.is_null or (isinstance(value, Mapping) and not value.pairs)
    return _fill_below(pair, text) if is_empty and value.anchor is None else None


_PLAIN = re.compile(r"[A-Za-z./$](?:[^\s:#]|:(?=\S)|(?<=\S)#| (?! ))*(?<! )")


def written(text: str) -> str:
    """Return a text as the value of a key: plain where that is safe, in single quotes, or (lines) as a literal block.

    The lines of a block are indented by two, for a key written at column 0. Blanks around the text are left out.
    """
    text = text.strip()
    if "\n" in text:
        return "|\n" + indented(text, 2)
    if _PLAIN.fullmatch(text) and isinstance(value_of(text, plain=True, tag=None), str):
        return text
    return "'" + text.replace("'", "''") + "'"
