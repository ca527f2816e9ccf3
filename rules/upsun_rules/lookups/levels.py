"""Keys that are too deep or too shallow: by the schema they are not keys of their map, but of one nearby."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_schema.configuration.project import SECTIONS
from upsun_schema.keys.shape import Shape, kinds_of, root_shape
from upsun_schema.keys.validation import problems_of, stands_alone
from upsun_schema.record import NamedTuple
from upsun_schema.wording import nearest
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Mapping, Node, Pair, Scalar

__all__ = ["Inside", "Level", "Misplaced", "Nameless", "TooDeep", "TooShallow", "misplaced"]


_OF_VALUES = frozenset({"deprecated-key", "invalid-value", "undocumented-value", "wrong-type"})
"""The rules of the schema about a value, or a key that is there."""


class Level(NamedTuple):
    """A map, what it may be, and the key that it is the value of."""

    mapping: Mapping
    shape: Shape
    pair: Pair | None

    @property
    def name(self) -> str:
        """Its key; nothing for the top of a file."""
        return (self.pair.name if self.pair is not None else None) or ""

    @property
    def holds_names(self) -> bool:
        """Whether its keys are names of their author's choice."""
        return isinstance(self.shape.additional, Shape)


class Nameless(NamedTuple):
    """Keys of one entry, directly below a section."""

    section: Level
    pairs: list[Pair]


class Inside(NamedTuple):
    """A section that is below another one of its name."""

    outer: Level
    pair: Pair


class TooDeep(NamedTuple):
    """Keys of `home` in a map below it, `level`.

    `inner` are the keys after them that belong below the last of them, as they do where they are once it is moved.
    """

    home: Level
    level: Level
    pairs: list[Pair]
    inner: list[Pair]


class TooShallow(NamedTuple):
    """Keys that belong below `owner`, the key above them in their map."""

    owner: Pair
    level: Level
    pairs: list[Pair]


Misplaced = Nameless | Inside | TooDeep | TooShallow


def misplaced(document: Document) -> list[Misplaced]:
    """What is on a wrong level of a file, the outermost first. Nothing is looked for inside of it."""
    root = document.root
    if not isinstance(root, Mapping):
        return []
    top = [Level(root, root_shape(), None)]
    return remembered(document.whole, "misplaced", None, lambda: list(_in_level(top)))


def _in_level(path: list[Level], spots: list[int] | None = None) -> Iterator[Misplaced]:
    """Yield what is wrong in the last of some levels, and below it: only around the spots, if they are known."""
    level = path[-1]
    if level.mapping.flow:
        return
    if len(path) > 1 and (stray := _nameless(level)):
        yield Nameless(level, stray)
        return
    owner: Pair | None = None
    found: list[Misplaced] = []
    for pair in level.mapping.pairs:
        if _is_below_last(pair, found, level):
            continue
        if (spots is not None and not _is_around(pair, spots)) or (len(path) == 2 and _is_sound(pair, path)):
            owner = pair
            continue
        one = _misplaced(pair, owner, path)
        if one is None:
            owner = pair
            yield from _below(pair, path, spots)
        elif not (found and _is_continued(found[-1], one)):
            found.append(one)
    yield from found


def _below(pair: Pair, path: list[Level], spots: list[int] | None) -> Iterator[Misplaced]:
    node, shape = pair.value, path[-1].shape.property(pair.name or "")
    if not isinstance(node, Mapping) or shape is None or pair.name is None:
        return
    if len(path) == 2:
        spots = _spots(pair, path[-1].name)
    elif spots is not None and pair.key.start in spots:
        spots = None  # What is below a wrong value was not validated.
    yield from _in_level([*path, Level(node, _as_map(shape).meant(node), pair)], spots)


def _is_around(pair: Pair, spots: list[int]) -> bool:
    return any(pair.key.start <= spot <= pair.value.end for spot in spots)


def _spots(entry: Pair, section: str) -> list[int] | None:
    """Where in an entry of a section (offsets in its piece) values are wrong; None if more than values may be wrong.

    If all keys are known and none is missing, whatever has no wrong value in it is where it belongs.
    """
    problems = problems_of(entry, section)
    if problems is None or not stands_alone(entry) or any(one.rule not in _OF_VALUES for one in problems):
        return None
    return [one.region.start for one in problems]


def _is_sound(entry: Pair, path: list[Level]) -> bool:
    """Whether an entry of a section is where it belongs, and all in it; looked at again only when its text changes.

    What is above it does not matter: in the top of a file and in a section no key is required.
    """

    def find() -> bool:
        if _spots(entry, path[-1].name) == []:
            return True
        shape = path[-1].shape.property(entry.name or "")
        fitting = shape is not None and isinstance(entry.value, Mapping) and fits(entry.value, shape)
        return fitting and next(_below(entry, path, None), None) is None

    return remembered(entry.key.piece, ("sound levels", path[-1].name, entry.key.start), None, find)


def _is_below_last(pair: Pair, found: list[Misplaced], level: Level) -> bool:
    """Add a pair to a key before it that is too deep, if it belongs below that key."""
    last = found[-1] if found else None
    if not isinstance(last, TooDeep):
        return False
    above = Level(level.mapping, last.home.shape, None)
    if last.pairs[0].value.is_null and _belongs_below(pair, last.pairs[0], above):
        last.pairs.append(pair)
        return True
    if _is_right(pair, level) or not _belongs_below(pair, last.pairs[-1], above):
        return False
    last.inner.append(pair)
    return True


def _is_continued(last: Misplaced, one: Misplaced) -> bool:
    """Add keys to those before them with the same home."""
    if isinstance(last, TooDeep) and isinstance(one, TooDeep) and last.home is one.home:
        last.pairs.extend(one.pairs)
        return True
    if isinstance(last, TooShallow) and isinstance(one, TooShallow) and last.owner is one.owner:
        last.pairs.extend(one.pairs)
        return True
    if isinstance(last, Nameless) and isinstance(one, Nameless):
        last.pairs.extend(one.pairs)
        return True
    return False


def _misplaced(pair: Pair, owner: Pair | None, path: list[Level]) -> Misplaced | None:
    level, name = path[-1], pair.name
    if name is None or pair.is_merge or name.startswith("."):
        return None
    # A section at the top is where it belongs, whatever its entries are: a large one takes long to look at.
    is_section = len(path) == 1 and level.shape.property(name) is not None
    if (is_section or _is_right(pair, level)) and not _is_wanted_above(name, path):
        return None
    if name == level.name and isinstance(pair.value, Mapping) and _is_section(pair.value, level):
        return Inside(level, pair)
    if owner is not None and _belongs_below(pair, owner, level):
        return TooShallow(owner, level, [pair])
    for home in reversed(path[:-1]):
        if _belongs_in(pair, home, level, is_root=home is path[0], is_parent=home is path[-2]):
            return TooDeep(home, level, [pair], [])
    entry = level.shape.additional
    if isinstance(entry, Shape) and len(path) > 1 and _has_bare(level, entry):
        return Nameless(level, [pair]) if _is_property(pair, entry, level.mapping) else None
    return None


def _is_right(pair: Pair, level: Level) -> bool:
    """Whether a pair is one that its map may have."""
    shape = level.shape.property(pair.name or "")
    if shape is not None and fits(pair.value, shape):
        return True
    # Of a map of any names and values, such as `env`: the name of a single value may be that of a property.
    return level.shape.additional is True and not level.shape.properties and isinstance(pair.value.resolved, Scalar)


def _is_wanted_above(name: str, path: list[Level]) -> bool:
    """Whether a map of names has a key that a map above it needs and lacks."""
    if not path[-1].holds_names and path[-1].shape.is_closed:
        return False
    return any(name in home.shape.required and name not in home.mapping.entries for home in path[1:-1])


def _is_section(node: Mapping, outer: Level) -> bool:
    return bool(node.pairs) and fits(node, outer.shape)


def _belongs_below(pair: Pair, owner: Pair, level: Level) -> bool:
    """Whether a pair is one of the map that the pair before it has, or should have."""
    above = level.shape.property(owner.name or "")
    node = owner.value
    if owner.name == "commands":
        return False
    if above is None or not ((isinstance(node, Mapping) and not node.flow) or node.is_null):
        return False
    if isinstance(above.additional, Shape):
        return _is_entry(pair, above, level.shape, may_be_text=node.is_null)
    there = node.entries if isinstance(node, Mapping) else {}
    return pair.name not in there and _is_property(pair, above, node)


def _belongs_in(pair: Pair, home: Level, level: Level, *, is_root: bool, is_parent: bool) -> bool:
    """Whether a pair of a map is one of a map above it."""
    name = pair.name or ""
    if level.name == "commands":
        return False  # Rules about start commands know better what was meant.
    if home.holds_names and is_parent:
        return _is_entry(pair, home.shape, level.shape)
    inner = home.shape.properties.get(name)
    if inner is None or (is_root and (name not in SECTIONS or is_parent)):
        return False  # What is a section directly in another one has a rule with a fix.
    if home.shape.name == "application" and level.shape.name == "worker":
        return False  # So has what only an application can have.
    if pair.value.is_null and level.shape.is_closed and not is_root:
        return name not in home.mapping.entries
    if is_root:
        return isinstance(pair.value, Mapping) and _has_entries(pair.value, inner)
    return name not in home.mapping.entries and fits(pair.value, inner)


def _is_entry(pair: Pair, section: Shape, within: Shape, *, may_be_text: bool = False) -> bool:
    """Whether a pair that a map cannot have is an entry of a section."""
    node, entry = pair.value.resolved, section.additional
    if not within.is_closed or pair.name in within.properties or node.is_null:
        return False
    if not (bool(node.pairs) if isinstance(node, Mapping) else may_be_text):
        return False
    return isinstance(entry, Shape) and fits(node, entry) and not _is_misspelled(pair, within)


def _is_misspelled(pair: Pair, within: Shape) -> bool:
    """Whether a key is rather a property of its map with a typo."""
    close = nearest(pair.name or "", within.properties, limit=1)
    return bool(close) and fits(pair.value, within.properties[close[0]])


def _has_entries(node: Mapping, section: Shape) -> bool:
    entry = section.additional
    return isinstance(entry, Shape) and bool(node.pairs) and all(fits(pair.value, entry) for pair in node.pairs)


def _nameless(level: Level) -> list[Pair]:
    """The keys of a section that are those of one entry, if they all are and cannot be names."""
    entry, pairs = level.shape.additional, level.mapping.pairs
    if not isinstance(entry, Shape) or not pairs:
        return []
    known = _properties(entry, level.mapping)
    if not all(pair.name in known or (pair.name == "name" and len(pairs) > 1) for pair in pairs):
        return []
    if any(pair.is_merge or (pair.name or ".").startswith(".") for pair in pairs):
        return []
    odd = [pair for pair in pairs if not fits(pair.value, entry) and _is_property(pair, entry, level.mapping)]
    return list(pairs) if odd else []


def _has_bare(level: Level, entry: Shape) -> bool:
    """Whether a map of names has a property of an entry that is a text or a number, which no entry is."""
    node = level.mapping

    def find() -> bool:
        known = _properties(entry, node)
        bare = [pair for pair in node.pairs if isinstance(pair.value, Scalar) and not pair.value.is_null]
        odd = [pair for pair in bare if pair.name in known and not fits(pair.value, entry)]
        return any(fits(pair.value, inner) for pair in odd for inner in known[pair.name or ""])

    # Each key of a map asks for it. A section whose entries are in several pieces is another map after each change.
    key = ("bare properties", node.start, entry.name)
    return remembered(node.piece, key, None, lambda: (node, find()), holds=lambda found: found[0] is node)[1]


def _as_map(shape: Shape) -> Shape:
    """The alternative of a shape that is a map; the shape where it has none."""
    maps = [branch for branch in shape.branches if "object" in branch.types]
    return maps[0] if len(maps) == 1 else shape


def _is_property(pair: Pair, shape: Shape, node: Node) -> bool:
    """Whether a pair may be one of a value of a shape."""
    return any(fits(pair.value, inner) for inner in _properties(shape, node).get(pair.name or "", ()))


def _properties(shape: Shape, node: Node) -> dict[str, list[Shape]]:
    """The keys that a value of a shape may have, and what their values are in each alternative."""
    meant = _as_map(shape).meant(node)
    found: dict[str, list[Shape]] = {}
    for branch in meant.branches or [meant]:
        for name, inner in branch.properties.items():
            found.setdefault(name, []).append(inner)
    return found


def fits(node: Node, shape: Shape) -> bool:
    """Whether a value looks like one of a shape: its kind, its keys and their kinds, or its text."""
    node = node.resolved
    meant = shape.meant(node)
    kinds = kinds_of(node)
    if not kinds:
        return True
    if meant.types and meant.types.isdisjoint(kinds):
        return False
    if isinstance(node, Scalar):
        value = node.value
        if meant.values and value not in meant.values:
            return False
        return meant.pattern is None or not isinstance(value, str) or meant.pattern.search(value) is not None
    return not isinstance(node, Mapping) or _map_fits(node, meant)


def _map_fits(node: Mapping, shape: Shape) -> bool:
    if not node.merges_unknown and any(name not in node.entries for name in shape.required):
        return False
    for pair in node.effective_pairs:
        inner = shape.property(pair.name or "")
        if inner is None:
            if shape.is_closed:
                return False
        elif (kinds := kinds_of(pair.value)) and inner.types and inner.types.isdisjoint(kinds):
            return False
    return True
