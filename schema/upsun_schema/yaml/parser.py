"""From YAML text to a tree, by way of the event stream of ruamel.yaml: libyaml where it is there, pure Python if not.

The tree is the same from both. Where they differ in what they accept (a tab after a colon), libyaml decides, since
the platform's error messages show that its own parser is built on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from sys import intern

from upsun_schema.expression import expression
from upsun_schema.yaml.libyaml import (
    AliasEvent,
    CParser,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    MarkedYAMLError,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    YAMLError,
)
from upsun_schema.yaml.nodes import Alias, Include, Mapping, Node, Pair, Piece, Problem, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = ["MAX_DEPTH", "SyntaxFault", "build", "duplicate_keys", "events", "is_valid"]

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


def events(text: str, *, pure: bool = False) -> Iterator[Any]:
    """Yield the events of a YAML text. Raises `SyntaxFault` at the place where the text stops being YAML."""
    try:
        yield from _pure_events(text) if pure or CParser is None else _c_events(text)
    except MarkedYAMLError as error:
        raise _fault(error, text) from None
    except YAMLError as error:
        raise SyntaxFault(str(error), 0) from None


def _c_events(text: str) -> Iterator[Any]:
    """Yield the events of libyaml, and read on where only an old version of it would not.

    ruamel.yaml.clib has libyaml 0.1.7, which reads no `:` and no `?` in plain text inside braces and brackets, as in
    `{start: artisan queue:work}`; 0.2 does. There another character replaces it, and the text is read again.
    """
    read, substitutes = 0, _Substitutes(text)
    while True:
        parser = CParser(substitutes.text)
        # What the parser takes for a whole text, and for the missing value of it as a key, may turn out to be neither:
        # the last two events are held back.
        before = last = None
        try:
            for _ in range(read):
                parser.get_event()
            next_event = parser.get_event
            while (event := next_event()) is not None:
                if substitutes.meant and type(event) is ScalarEvent:
                    event.value = substitutes.restored(event.value)
                if before is not None:
                    read += 1
                    yield before
                before, last = last, event
            yield from _both(before, last)
            return
        except MarkedYAMLError as error:
            if not substitutes.put(error):
                yield from _both(before, last)
                raise


def _both(before: Any, last: Any) -> list[Any]:
    """The events that were held back."""
    return [event for event in (before, last) if event is not None]


_OBJECTS_TO_COLON = expression(r":(?![ \t\r\n\x85\u2028\u2029,?\[\]{}]|\Z)")
# A word of plain text, wherever it is: no tag, no anchor, no key in quotes.
_WORD = expression(r"(?<=[\s,\[{])[\w./~+$-](?:[\w./~+$=@%;()|^<>?-]|:(?![\s,?\[\]{}]|\Z))*+")
_PRIVATE_USE = range(0xE000, 0xF900)
# How many code points may be read again for the sake of an old libyaml. Only what nobody writes by hand needs more.
_MOST_READ_AGAIN = 1_000_000


class _Substitutes:
    """A text in which other characters replace those that only an old libyaml objects to."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.meant: dict[str, str] = {}
        self.left = _MOST_READ_AGAIN

    def put(self, error: MarkedYAMLError) -> bool:
        """Put a substitute where the parser objected; return whether that was possible."""
        mark = error.problem_mark
        if mark is None or error.problem is None:
            return False
        at = mark.index
        if "unexpected ':'" in error.problem:
            found = _OBJECTS_TO_COLON.match(self.text, at) is not None
        else:
            found = "expected ','" in error.problem and self.text.startswith("?", at)
        substitute = self._substitute(self.text[at]) if found else None
        if substitute is None:
            return False
        self.left -= at
        if self.left < 0:
            return False
        self.text = f"{self.text[:at]}{substitute}{self._with_substitutes(self.text[at + 1 :])}"
        return True

    def _with_substitutes(self, text: str) -> str:
        """The text with substitutes in all words that the parser would object to, one after the other."""
        if "%" in text:  # In a directive, words are something else.
            return text
        table = str.maketrans({sign: self._substitute(sign) or sign for sign in ":?"})
        return _WORD.sub(lambda word: word[0].translate(table), text)

    def _substitute(self, char: str) -> str | None:
        """The substitute for a character; None where the text has every candidate itself."""
        for known, meant in self.meant.items():
            if meant == char:
                return known
        candidates = map(chr, _PRIVATE_USE)
        substitute = next((one for one in candidates if one not in self.text and one not in self.meant), None)
        if substitute is not None:
            self.meant[substitute] = char
        return substitute

    def restored(self, text: str) -> str:
        """A text with the characters that are meant."""
        for substitute, meant in self.meant.items():
            text = text.replace(substitute, meant)
        return text


def _pure_events(text: str) -> Iterator[Any]:
    """Yield the events of the pure parser, after putting spaces for the tabs that only libyaml accepts."""
    from ruamel.yaml import YAML

    while True:
        try:
            found = list(YAML(typ="safe", pure=True).parse(text))
        except MarkedYAMLError as error:
            mark = error.problem_mark
            spaced = None if mark is None or mark.index is None else _without_separating_tabs(text, mark.index)
            if spaced is None:
                raise
            text = spaced
        else:
            yield from found
            return


def _without_separating_tabs(text: str, index: int) -> str | None:
    """The text with spaces for the tabs at an offset; None where they indent a line, which nothing accepts."""
    line_start = max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1
    end = index
    while end < len(text) and text[end] == "\t":
        end += 1
    if end == index or not text[line_start:index].strip():
        return None
    return text[:index] + " " * (end - index) + text[end:]


def _fault(error: MarkedYAMLError, text: str) -> SyntaxFault:
    mark = error.problem_mark or error.context_mark
    offset = mark.index if mark is not None else 0
    reason = error.problem or error.context or "not valid YAML"
    unfinished = offset >= len(text.rstrip()) or "end of stream" in reason
    # What was opened and never closed began where the context began.
    if unfinished and error.context_mark is not None:
        offset = error.context_mark.index
    return SyntaxFault(reason, min(offset, len(text)), unfinished=unfinished)


class _Builder:
    """Turns events into nodes of a piece. `shift` is added to every offset.

    `holder` is the collection being filled, `key` the key whose value comes next; `stack` holds these of the
    collections around it.
    """

    def __init__(self, piece: Piece, text: str, shift: int, depth: int) -> None:
        self.piece = piece
        self.text = text
        self.shift = shift
        self.most = MAX_DEPTH - depth
        self.holder: Mapping | Sequence | None = None
        self.key: Node | None = None
        self.stack: list[tuple[Mapping | Sequence | None, Node | None]] = []
        self.root: Node | None = None
        # Where the last thing read ended, in offsets of `text`.
        self.last = 0

    def scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        # Most keys and values are there many times: each is kept once, a fifteenth of the memory of a large file.
        text, style, tag, anchor = intern(event.value), event.style or "", event.tag, event.anchor
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
        first = start + shift
        content = first if content == start else content + shift
        self._add(Scalar(self.piece, first, content, end + shift, tag, anchor, text, style))

    def _empty_place(self, start: int) -> int:
        """Where a value that is not written would be: after its colon or dash."""
        blank = _BLANK.match(self.text, self.last, max(start, self.last))
        place = blank.end() if blank else self.last
        return place + 1 if self.text[place : place + 1] in (":", "-", "?") else self.last

    def alias(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        node = Alias(
            self.piece, start + self.shift, end + self.shift, event.anchor, self.piece.anchors.get(event.anchor)
        )
        if node.target is None:
            self.piece.unresolved.append(node)
        self.last = end
        self._add(node)

    def open(self, event: Any, kind: type[Mapping] | type[Sequence]) -> None:
        if len(self.stack) >= self.most:
            raise SyntaxFault(f"nested deeper than {MAX_DEPTH} levels", event.start_mark.index)
        start = event.start_mark.index
        content = start
        if event.tag is not None or event.anchor is not None:
            content = _PROPERTIES.match(self.text, start).end()  # type: ignore[union-attr]
            blank = _BLANK.match(self.text, content)
            content = blank.end() if blank else content
        flow = bool(event.flow_style)
        node = kind(
            self.piece,
            start + self.shift,
            content + self.shift,
            content + self.shift,
            event.tag,
            event.anchor,
            flow=flow,
        )
        if event.anchor is not None:
            self.piece.anchors[event.anchor] = node
        self.last = content + 1 if flow else content
        self.stack.append((self.holder, self.key))
        self.holder, self.key = node, None

    def close(self, event: Any) -> None:
        node = self.holder
        assert node is not None
        self.holder, self.key = self.stack.pop()
        if node.flow:
            self.last = event.end_mark.index
            node.end = self.last + self.shift
        if isinstance(node, Mapping):
            if node.pairs and not node.flow:
                node.end = max(node.pairs[-1].value.end, node.pairs[-1].key.end)
            names = {pair.name for pair in node.pairs}
            if len(names) < len(node.pairs) or None in names or "<<" in names:
                self.piece.problems.extend(_key_problems(node))
        elif node.items and not node.flow:
            node.end = max(node.items[-1].end, node.end)
        self._add(node)

    def _check_tag(self, node: Node) -> None:
        from upsun_schema.yaml.tags import tag_problem  # Most files have no tags but those of includes.

        if (problem := tag_problem(node)) is not None:
            self.piece.problems.append(problem)

    def _add(self, node: Node) -> None:
        if node.tag is not None:
            if node.tag in _INCLUDES:
                node = Include(node)
            else:
                self._check_tag(node)
        if node.anchor is not None:
            self.piece.anchors[node.anchor] = node
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


def build(
    piece: Piece, text: str, shift: int = 0, *, pure: bool = False, depth: int = 0
) -> tuple[Node | None, int | None]:
    """The root node of a YAML text, and the offset of a second document in it if there is one.

    The nodes belong to `piece`; `shift` is added to every offset, for a text that begins inside the piece. `depth` is
    how many collections it is inside of. Anchors are looked up in and added to those of the piece, unless this raises
    `SyntaxFault`, with an offset in `text`.
    """
    anchors, unresolved, problems = dict(piece.anchors), len(piece.unresolved), len(piece.problems)
    try:
        return _build(piece, text, shift, depth, pure=pure)
    except SyntaxFault:
        piece.anchors.clear()
        piece.anchors.update(anchors)
        del piece.unresolved[unresolved:]
        del piece.problems[problems:]
        raise


def is_valid(text: str, *, pure: bool = False) -> bool:
    """Whether a text is valid YAML and not nested too deep, as far as the parser can tell."""
    depth = 0
    try:
        for event in events(text, pure=pure):
            kind = type(event)
            if kind is MappingStartEvent or kind is SequenceStartEvent:
                depth += 1
                if depth > MAX_DEPTH:  # libyaml would take ever longer for each level.
                    return False
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                depth -= 1
    except SyntaxFault:
        return False
    return True


def _build(piece: Piece, text: str, shift: int, depth: int, *, pure: bool) -> tuple[Node | None, int | None]:
    builder = _Builder(piece, text, shift, depth)
    documents = 0
    for event in events(text, pure=pure):
        kind = type(event)
        if kind is ScalarEvent:
            builder.scalar(event)
        elif kind is MappingStartEvent:
            builder.open(event, Mapping)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            builder.close(event)
        elif kind is SequenceStartEvent:
            builder.open(event, Sequence)
        elif kind is AliasEvent:
            builder.alias(event)
        elif kind is DocumentStartEvent:
            documents += 1
            if documents == 2:
                return builder.root, event.start_mark.index + shift
    return builder.root, None
