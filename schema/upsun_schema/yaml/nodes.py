"""The tree of a YAML text: scalars, mappings, sequences, aliases and includes, each with its exact place.

Every node belongs to a `Piece`, a stretch of a file that was parsed on its own, and its offsets count code points
from the beginning of that piece. So a piece whose text did not change keeps its tree wherever it moves in the file.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from upsun_schema.compiling import mypyc_attr
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.scalars import NULLS, YamlValue, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = [
    "BROKEN",
    "MOST_MERGED",
    "MOST_PROBLEMS",
    "Alias",
    "Include",
    "Keys",
    "Mapping",
    "Node",
    "Pair",
    "Piece",
    "Problem",
    "Region",
    "Scalar",
    "Sequence",
    "is_same",
    "moved",
]


MOST_MERGED = 100_000
"""How many entries the merge keys of a text may bring in. No configuration comes near a hundredth."""

MOST_PROBLEMS = 20
"""How many syntax problems of one piece are reported. Who has more has another problem than these."""

BROKEN = "!broken"
MERGE_TAG = "tag:yaml.org,2002:merge"
"""The tag of a scalar that could not be read as YAML. It may be any value."""


@mypyc_attr(allow_interpreted_subclasses=True)
class Piece:
    """A stretch of a file that was parsed on its own: its text, its tree and what is wrong with its syntax.

    `anchors` are the anchors defined in it; `unresolved` are the aliases whose anchor it does not define. `is_broken`
    says that it is not valid YAML alone. `is_repaired` says that the tree is that of another text, without what slipped
    in by accident; its places are those of this text. `kept` is what a patched piece takes over from the older one, by
    keys that belong to one caller each; None for a piece that was read whole.
    """

    __slots__ = (
        "_merged",
        "anchors",
        "is_broken",
        "is_repaired",
        "kept",
        "memory",
        "overfull",
        "problems",
        "root",
        "text",
        "unresolved",
    )

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.anchors: dict[str, Node] = {}
        self.unresolved: list[Alias] = []
        self.is_broken = False
        self.is_repaired = False
        # For `remembered` alone.
        self.memory: dict[Hashable, tuple[object, Any]] = {}
        self.kept: dict[Hashable, Any] | None = None
        self._merged = 0
        # The first mapping whose merge keys were not followed, since they bring in too much altogether.
        self.overfull: Mapping | None = None

    def may_merge(self, mapping: Mapping, count: int) -> bool:
        """Whether a mapping may take so many entries from another: all together is what takes memory."""
        self._merged += count
        if self._merged > MOST_MERGED:
            self.overfull = self.overfull or mapping
        return self.overfull is None


class Region(NamedTuple):
    """A stretch of a piece: code-point offsets relative to its beginning, the end exclusive."""

    piece: Piece
    start: int
    end: int

    @property
    def text(self) -> str:
        """The source text in this region."""
        return self.piece.text[self.start : self.end]


class Keys(NamedTuple):
    """Keys of a map that was read, or of a top-level section by its name. Without names: any key of it."""

    of: Mapping | str
    names: tuple[str, ...] = ()


class Problem(NamedTuple):
    """Something wrong with the text itself or with its shape: which rule says so, what, and where.

    `replacement` is the text that would fix the region, where one is certain enough to offer; `edits` are the changes
    elsewhere that belong to the same fix. `safe` says whether it may be applied unasked; `docs` is the path of the
    documentation page that helps. `lacks` are keys that are missing, `gives` those that are there once it is fixed.
    """

    rule: str
    message: str
    region: Region
    related: tuple[tuple[Region, str], ...] = ()
    replacement: str | None = None
    title: str = ""
    safe: bool = False
    docs: str = ""
    edits: tuple[tuple[Region, str], ...] = ()
    lacks: tuple[Keys, ...] = ()
    gives: tuple[Keys, ...] = ()


@mypyc_attr(allow_interpreted_subclasses=True)
class Node:
    """A node of the tree. `start` and `end` enclose its content; `outer` is where its anchor or tag begins."""

    __slots__ = ("anchor", "end", "outer", "piece", "start", "tag")

    def __init__(self, piece: Piece, outer: int, start: int, end: int, tag: str | None, anchor: str | None) -> None:
        self.piece = piece
        self.outer = outer
        self.start = start
        self.end = end
        self.tag = tag
        self.anchor = anchor

    @property
    def region(self) -> Region:
        """Where the content of this node is."""
        return Region(self.piece, self.start, self.end)

    @property
    def source(self) -> str:
        """The text of this node as it is written."""
        return self.piece.text[self.start : self.end]

    @property
    def resolved(self) -> Node:
        """The node that is meant: the target of an alias or of an include, this node otherwise."""
        return self

    @property
    def is_null(self) -> bool:
        """Whether the platform sees no value here."""
        return False


@mypyc_attr(allow_interpreted_subclasses=True)
class Scalar(Node):
    """A single value. `text` is its content as a string; `style` is '' (plain), ', ", | or >."""

    __slots__ = ("style", "text")

    def __init__(
        self,
        piece: Piece,
        outer: int,
        start: int,
        end: int,
        tag: str | None,
        anchor: str | None,
        text: str,
        style: str,
    ) -> None:
        # Most nodes are scalars: all is set here, without a call to the base.
        self.piece = piece
        self.outer = outer
        self.start = start
        self.end = end
        self.tag = tag
        self.anchor = anchor
        self.text = text
        self.style = style

    @property
    def value(self) -> YamlValue:
        """The value the platform sees: plain scalars are read by the rules of YAML 1.1."""
        return value_of(self.text, plain=not self.style, tag=self.tag)

    @property
    def is_null(self) -> bool:
        """Whether the platform sees no value here."""
        return not self.style and self.tag is None and self.text in NULLS


def _is_merge(key: Scalar) -> bool:
    return key.tag == MERGE_TAG or (key.tag is None and not key.style)


@mypyc_attr(allow_interpreted_subclasses=True)
class Pair:
    """A key and its value in a mapping. `key` is any node, as in YAML; `name` is its text, or None."""

    __slots__ = ("is_merge", "key", "name", "value")

    def __init__(self, key: Node, value: Node) -> None:
        self.key = key
        self.value = value
        meant = key if isinstance(key, Scalar) else key.resolved
        self.name: str | None = meant.text if isinstance(meant, Scalar) else None
        # A merge key, `<<`. Quoted or as `!!str` it is a key like any other; some programs write `!!merge <<`.
        self.is_merge: bool = self.name == "<<" and isinstance(key, Scalar) and _is_merge(key)

    @property
    def region(self) -> Region:
        """From the beginning of the key to the end of the value."""
        if self.value.piece is not self.key.piece:
            return self.key.region
        return Region(self.key.piece, self.key.outer, max(self.key.end, self.value.end))


@mypyc_attr(allow_interpreted_subclasses=True)
class Mapping(Node):
    """Keys and values in the order written. Looking up a name follows merge keys, as the platform does.

    `sound_for` is what its values were compared with, if nothing was found; a copy has it, too.
    """

    __slots__ = ("_effective", "_entries", "flow", "pairs", "sound_for")

    def __init__(
        self,
        piece: Piece,
        outer: int,
        start: int,
        end: int,
        tag: str | None,
        anchor: str | None,
        *,
        flow: bool = False,
        pairs: list[Pair] | None = None,
    ) -> None:
        super().__init__(piece, outer, start, end, tag, anchor)
        self.flow = flow
        self.pairs: list[Pair] = [] if pairs is None else pairs
        self._entries: dict[str, Pair] | None = None
        self._effective: list[Pair] | None = None
        self.sound_for: object = None

    @property
    def entries(self) -> dict[str, Pair]:
        """Each name with its pair. Own keys win over merged ones; of a key written twice the last wins."""
        entries = self._entries
        return self._find_entries() if entries is None else entries

    def _find_entries(self) -> dict[str, Pair]:
        if not [True for pair in self.pairs if pair.is_merge]:  # As nearly always.
            self._effective = self.pairs
            self._entries = {pair.name: pair for pair in self.pairs if pair.name is not None}
            return self._entries
        waiting = [self]
        while waiting:
            mapping = waiting[-1]
            if mapping._effective is not None:
                waiting.pop()
                continue
            if mapping._entries is None:
                mapping._entries = {}  # A mapping that merges itself sees itself as empty.
                waiting += [source for source in mapping._sources() if source._entries is None]
            if waiting[-1] is mapping:
                mapping._merge()
        return self._entries or {}

    def _sources(self) -> list[Mapping]:
        """What its merge keys bring in, each once, the one that wins first."""
        merges = [pair for pair in self.pairs if pair.is_merge]
        return list(dict.fromkeys(source for pair in merges for source in _merged_mappings(pair.value)))

    def _merge(self) -> None:
        sources = self._sources()
        written = [pair for pair in self.pairs if not pair.is_merge]
        own = {pair.name: pair for pair in written if pair.name is not None}
        merged: dict[str, Pair] = {}
        for source in reversed(sources):
            if self.piece.may_merge(self, len(source.entries)):
                merged.update(source.entries)
        further = {name: pair for name, pair in merged.items() if name not in own}
        self._effective = [*written, *further.values()] if further else written
        self._entries = own | further if further else own

    @property
    def effective_pairs(self) -> list[Pair]:
        """Its own pairs as written, without merge keys, and behind them those that merge keys bring in."""
        if self._effective is None:
            self._find_entries()
        return self._effective or []

    @property
    def merges_unknown(self) -> bool:
        """Whether a merge key refers to something that is not a map, or could not be read: it may bring in any key."""
        for pair in self.pairs:
            if pair.is_merge:
                value = pair.value.resolved
                sources = value.items if isinstance(value, Sequence) else [value]
                if not all(isinstance(source.resolved, Mapping) for source in sources):
                    return True
        return False

    def get(self, name: str) -> Pair | None:
        """The pair of a name, merged ones included; None where it is missing."""
        entries = self._entries
        return (self._find_entries() if entries is None else entries).get(name)

    def value(self, name: str) -> Node | None:
        """The resolved value of a name; None where it is missing."""
        entries = self._entries
        pair = (self._find_entries() if entries is None else entries).get(name)
        return None if pair is None else pair.value.resolved


@mypyc_attr(allow_interpreted_subclasses=True)
class Sequence(Node):
    """Items in the order written."""

    __slots__ = ("flow", "items")

    def __init__(
        self,
        piece: Piece,
        outer: int,
        start: int,
        end: int,
        tag: str | None,
        anchor: str | None,
        *,
        flow: bool = False,
    ) -> None:
        super().__init__(piece, outer, start, end, tag, anchor)
        self.flow = flow
        self.items: list[Node] = []


@mypyc_attr(allow_interpreted_subclasses=True)
class Alias(Node):
    """A reference to an anchor, `*name`. It refers to its target and never copies it."""

    __slots__ = ("name", "target")

    def __init__(self, piece: Piece, start: int, end: int, name: str, target: Node | None) -> None:
        super().__init__(piece, start, start, end, None, None)
        self.name = name
        self.target = target

    @property
    def resolved(self) -> Node:
        """The anchored node; this alias where its anchor does not exist."""
        return self if self.target is None else self.target.resolved


@mypyc_attr(allow_interpreted_subclasses=True)
class Include(Node):
    """A value kept in another file, `!include` or `!archive`; `argument` is what the tag was put on.

    `target` is the root of the included YAML file, or the text of a file included as text, once the project has read
    it; None for the binary form and for what could not be read. `file` is the path in the project of the file or
    folder that was found, whatever its form.
    """

    __slots__ = ("argument", "file", "target")

    def __init__(self, argument: Node) -> None:
        super().__init__(argument.piece, argument.outer, argument.start, argument.end, argument.tag, argument.anchor)
        self.argument = argument
        self.file: str | None = None
        self.target: Node | None = None

    @property
    def region(self) -> Region:
        """Where the tag and its argument are."""
        return Region(self.piece, self.outer, max(self.end, self.outer))

    @property
    def resolved(self) -> Node:
        """The included node; this one where nothing could be read."""
        return self if self.target is None else self.target.resolved

    @property
    def path_node(self) -> Node | None:
        """The node that names the file."""
        if isinstance(self.argument, Mapping):
            return self.argument.value("path")
        return self.argument if isinstance(self.argument, Scalar) else None

    @property
    def path(self) -> str | None:
        """The file or folder named, as written; None where it is missing."""
        node = self.path_node
        return node.text if isinstance(node, Scalar) and node.text else None

    @property
    def form(self) -> str:
        """What the content becomes: 'yaml' (the default), 'string', 'binary', or 'archive' (a folder)."""
        if self.tag == "!archive":
            return "archive"
        node = self.argument.value("type") if isinstance(self.argument, Mapping) else None
        return node.text if isinstance(node, Scalar) else "yaml"


def _merged_mappings(value: Node) -> Iterator[Mapping]:
    """Yield what a merge key brings in, the one that wins first."""
    value = value.resolved
    sources = value.items if isinstance(value, Sequence) else [value]
    for source in sources:
        if isinstance(target := source.resolved, Mapping):
            yield target


def moved(node: Node, piece: Piece, shift: int) -> Node:
    """A copy of a node without anchors, aliases and includes, for a piece in which its places are shifted."""
    outer, start, end = node.outer + shift, node.start + shift, node.end + shift
    if isinstance(node, Scalar):
        return Scalar(piece, outer, start, end, node.tag, None, node.text, node.style)
    if isinstance(node, Mapping):
        pairs = [Pair(moved(pair.key, piece, shift), moved(pair.value, piece, shift)) for pair in node.pairs]
        copy = Mapping(piece, outer, start, end, node.tag, None, flow=node.flow, pairs=pairs)
        copy.sound_for = node.sound_for
        return copy
    assert isinstance(node, Sequence)
    found = Sequence(piece, outer, start, end, node.tag, None, flow=node.flow)
    found.items = [moved(item, piece, shift) for item in node.items]
    return found


def is_same(one: Node, other: Node, depth: int = 0) -> bool:
    """Whether two values are the same to the platform."""
    one, other = one.resolved, other.resolved
    if one is other:
        return True
    if depth > 20 or type(one) is not type(other) or one.tag != other.tag:
        return False
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.entries.keys() == other.entries.keys() and all(
            is_same(pair.value, other.entries[name].value, depth + 1) for name, pair in one.entries.items()
        )
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        return len(one.items) == len(other.items) and all(
            is_same(left, right, depth + 1) for left, right in zip(one.items, other.items, strict=True)
        )
    if isinstance(one, Include) and isinstance(other, Include):
        return (one.form, one.path, one.file) == (other.form, other.path, other.file)
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return one.value == other.value and type(one.value) is type(other.value)
    return False
