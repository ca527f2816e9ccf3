"""Makes the tree of a YAML text of what is read in it, from the beginning to the end."""

from __future__ import annotations

from collections.abc import Iterator
from sys import intern

from upsun_schema.expression import expression
from upsun_schema.yaml.nodes import Alias, Include, Mapping, Node, Pair, Piece, Problem, Scalar, Sequence

__all__ = ["MAX_DEPTH", "Builder", "SyntaxFault", "duplicate_keys"]

MAX_DEPTH = 100
"""How deep mappings and lists may be nested. A configuration needs about ten levels."""

_MOST_DUPLICATES = 50
"""How many repeated keys of one map are reported."""

_PROPERTIES = expression(r"(?:(?:&[^\s,\[\]{}]+|![^\s,\[\]{}]*)(?:[ \t]+|(?=[\r\n])|\Z))*")
_BLANK = expression(r"(?:[ \t\r\n]|(?<![^ \t\r\n])#[^\r\n]*)*")
_NAME = expression(r"[A-Za-z][\w-]{,60}")
_INCLUDES = frozenset({"!include", "!archive"})


class SyntaxFault(Exception):
    """Text that is not YAML: what the parser said and where (a code-point offset in the text it was given).

    `unfinished`: the text merely stops too early, as inside quotes that are never closed.
    """

    def __init__(self, reason: str, offset: int, *, unfinished: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset
        self.unfinished = unfinished


class Builder:
    """Makes nodes of a piece. Its methods are called in the order of `text`, with offsets in it; `shift` is added.

    `holder` is the collection being filled, `key` the key whose value comes next; `stack` holds these of the
    collections around it. The piece gets what was found besides the nodes once it is finished.
    """

    def __init__(self, piece: Piece, text: str, shift: int, depth: int) -> None:
        self.piece = piece
        self.text = text
        self.shift = shift
        self.most = MAX_DEPTH - depth
        self.anchors = dict(piece.anchors)
        self.unresolved: list[Alias] = []
        self.problems: list[Problem] = []
        self.holder: Mapping | Sequence | None = None
        self.key: Node | None = None
        self.stack: list[tuple[Mapping | Sequence | None, Node | None]] = []
        self.root: Node | None = None
        # Where the last thing read ended, in offsets of `text`.
        self.last = 0

    def finish(self) -> Node | None:
        """Give the piece its anchors and problems; return the root."""
        self.piece.anchors = self.anchors
        self.piece.unresolved += self.unresolved
        self.piece.problems += self.problems
        return self.root

    def scalar(self, start: int, end: int, text: str, style: str, tag: str | None, anchor: str | None) -> None:
        """A single value."""
        content = start
        if style and style in "|>":
            end = start + len(self.text[start:end].rstrip())
        if tag is not None or anchor is not None:
            content = min(_PROPERTIES.match(self.text, start).end(), max(end, start))  # type: ignore[union-attr]
            end = start + len(self.text[start:end].rstrip())
            content = min(content, end)
        elif not text and not style:
            start = content = end = self._empty_place(start)
        self.last = end
        shift = self.shift
        # Most keys and values are there many times: each is kept once, a fifteenth of the memory of a large file.
        text = intern(text)
        node = Scalar(self.piece, start + shift, content + shift, end + shift, tag, anchor, text, style)
        if tag is None and anchor is None:
            self._place(node)
        else:
            self._add(node)

    def _empty_place(self, start: int) -> int:
        """Where a value that is not written would be: after its colon or dash."""
        blank = _BLANK.match(self.text, self.last, max(start, self.last))
        place = blank.end() if blank else self.last
        return place + 1 if self.text[place : place + 1] in (":", "-", "?") else self.last

    def alias(self, start: int, end: int, name: str) -> None:
        """A reference to an anchor."""
        node = Alias(self.piece, start + self.shift, end + self.shift, name, self.anchors.get(name))
        if node.target is None:
            self.unresolved.append(node)
        self.last = end
        self._add(node)

    def open(self, start: int, tag: str | None, anchor: str | None, *, is_map: bool, flow: bool = False) -> None:
        """The beginning of a mapping or a sequence. Raises `SyntaxFault` where too many are inside of each other."""
        if len(self.stack) >= self.most:
            raise SyntaxFault(f"nested deeper than {MAX_DEPTH} levels", start)
        content = start
        if tag is not None or anchor is not None:
            content = _PROPERTIES.match(self.text, start).end()  # type: ignore[union-attr]
            blank = _BLANK.match(self.text, content)
            content = blank.end() if blank else content
        first, place = start + self.shift, content + self.shift
        node: Mapping | Sequence
        if is_map:
            node = Mapping(self.piece, first, place, place, tag, anchor, flow=flow)
        else:
            node = Sequence(self.piece, first, place, place, tag, anchor, flow=flow)
        if anchor is not None:
            self.anchors[anchor] = node
        self.last = content + 1 if flow else content
        self.stack.append((self.holder, self.key))
        self.holder, self.key = node, None

    def close(self, end: int) -> None:
        """The end of the innermost mapping or sequence. Where it is matters in flow style only."""
        node = self.holder
        assert node is not None
        self.holder, self.key = self.stack.pop()
        if node.flow:
            self.last = end
            node.end = end + self.shift
        if isinstance(node, Mapping):
            if node.pairs and not node.flow:
                node.end = max(node.pairs[-1].value.end, node.pairs[-1].key.end)
            names = {pair.name for pair in node.pairs}
            if len(names) < len(node.pairs) or None in names or "<<" in names:
                self.problems.extend(_key_problems(node))
        elif node.items and not node.flow:
            node.end = max(node.items[-1].end, node.end)
        self._add(node)

    def _check_tag(self, node: Node) -> None:
        from upsun_schema.yaml.tags import tag_problem  # Most files have no tags but those of includes.

        if (problem := tag_problem(node)) is not None:
            self.problems.append(problem)

    def _add(self, node: Node) -> None:
        if node.tag is not None:
            if node.tag in _INCLUDES:
                node = Include(node)
            else:
                self._check_tag(node)
        if node.anchor is not None:
            self.anchors[node.anchor] = node
        self._place(node)

    def _place(self, node: Node) -> None:
        holder, key = self.holder, self.key
        if holder is None:
            self.root = self.root or node
        elif isinstance(holder, Sequence):
            holder.items.append(node)
        elif key is None:
            self.key = node
        else:
            holder.pairs.append(Pair(key, node))
            self.key = None


def _key_problems(node: Mapping) -> Iterator[Problem]:
    """Yield what is wrong with the keys of a map. Nearly every map has nothing."""
    yield from _impossible_keys(node)
    yield from _impossible_merges(node)
    yield from duplicate_keys(node.pairs)


def _impossible_keys(node: Mapping) -> Iterator[Problem]:
    """Yield a problem for each key that is a map or a list: YAML has them, but no program can load them."""
    for pair in node.pairs:
        key = pair.key.resolved
        if _is_placeholder(node):
            found = f"`{node.source}`" if "\n" not in node.source and len(node.source) < 60 else "this"
            message = (
                f"{found} looks like a placeholder that was not filled in; YAML reads it as a map in a map: quote it"
            )
            quoted = None if "'" in node.source or "\n" in node.source else f"'{node.source}'"
            yield Problem("syntax-error", message, node.region, replacement=quoted, title="Quote the value")
        elif not isinstance(key, Scalar | Alias) and not _is_placeholder(key):
            kind = "a map" if isinstance(key, Mapping) else "a list" if isinstance(key, Sequence) else "an include"
            message = f"a key must be text, not {kind}; quote it if it is meant as text"
            yield Problem("syntax-error", message, pair.key.region)


def _is_placeholder(node: Node) -> bool:
    """Whether a node is what YAML makes of `{{ name }}`."""
    if not isinstance(node, Mapping) or not node.flow or len(node.pairs) != 1:
        return False
    key = node.pairs[0].key.resolved
    return isinstance(key, Mapping) and key.flow and node.pairs[0].value.is_null


def _impossible_merges(node: Mapping) -> Iterator[Problem]:
    """Yield a problem for each merge key that refers to something other than maps: no program can load it."""
    for pair in node.pairs:
        if not pair.is_merge:
            continue
        target = pair.value.resolved
        sources = target.items if isinstance(target, Sequence) else [pair.value]
        wrong = next((source.resolved for source in sources if isinstance(source.resolved, Scalar | Sequence)), None)
        if wrong is not None:
            region = pair.key.region if wrong.is_null else pair.value.region
            yield Problem("syntax-error", f"`<<` merges maps only, {_instead(wrong)}", region)


def _instead(wrong: Node) -> str:
    """What there is instead of a map to merge."""
    if isinstance(wrong, Sequence):
        return "not a list"
    if wrong.is_null:
        return "and its value is missing; write an alias, as in `<<: *name`"
    name = wrong.text if isinstance(wrong, Scalar) and _NAME.fullmatch(wrong.text) else None
    return "not text" + (f"; write `*{name}` if the anchor `&{name}` is meant" if name else "")


def duplicate_keys(pairs: list[Pair]) -> Iterator[Problem]:
    """Yield a problem for each key that its mapping already holds; the platform probably keeps the last."""
    if len({pair.name for pair in pairs}) == len(pairs):
        return
    seen: dict[str, Pair] = {}
    reported = 0
    for pair in pairs:
        key = pair.key
        if not isinstance(key, Scalar) or (key.text == "<<" and not key.style):
            continue
        if (first := seen.setdefault(key.text, pair)) is not pair and reported < _MOST_DUPLICATES:
            reported += 1
            message = f"`{key.text}` appears twice; the platform probably uses only the last"
            yield Problem("duplicate-key", message, key.region, ((first.key.region, "first set here"),))
