"""A configuration checked against the schema, in a person's words.

The walker is ours and not `jsonschema`, for two reasons. Loading that library would more than double the time that a
check of a small file takes. And it says which value is wrong, not which character: each of its errors would have to be
traced back to a node, and of all alternatives of a value it reports every one that does not fit. A property test
(`tests/schema/test_validation.py`) checks that both accept the same files and find the same keys.

One entry (an application, a service, a route) is validated at a time, and what was found out about it is kept with
its piece of text. The alternative meant is chosen first, so that no problem is about the others.
"""

from __future__ import annotations

from upsun_schema.expression import expression
from upsun_schema.keys.shape import Shape, in_words, kinds_of, root_shape, shape_at
from upsun_schema.wording import Words, listed, nearest, shortened
from upsun_schema.yaml.cutting import has_include
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.memory import recalled, remembered
from upsun_schema.yaml.nodes import (
    MOST_MERGED,
    Alias,
    Include,
    Keys,
    Mapping,
    Node,
    Pair,
    Problem,
    Region,
    Scalar,
    Sequence,
)

__all__ = ["overfull", "problems_of", "stands_alone", "validate"]

_MOST_KEYS = 5_000
"""How many keys of one map are checked for being known. No configuration comes near it."""

_NEEDLESS = {"restart": "the platform restarts a process whenever it ends"}
"""Keys of other platforms, similar to one of ours, for what this platform does anyway."""

_NAMED = frozenset(
    {"application", "cron job", "relationship", "route", "runtime operation", "service", "source operation", "worker"}
)
"""The names of shapes whose entries have names of their author's choice."""

_GLUED = expression(r"([A-Za-z_][\w-]*:)[^\s/].*")
"""A key and its value without the space between them, which YAML takes for a text."""

_WITHOUT_EFFECT = {"worker": frozenset({"size", "resources", "timezone"}), "": frozenset({"size", "resources"})}
"""By the name of a shape, keys that are allowed there but do nothing: never suggested."""


def overfull(document: Document) -> list[Problem]:
    """Where merge keys begin to bring in more than is read. Known only after the file was validated."""
    message = f"merge keys bring more than {MOST_MERGED:,} keys into this file; those from here on were not followed"
    full = [piece.overfull for _, piece in document.pieces if piece.overfull is not None]
    merges = [next(pair for pair in mapping.pairs if pair.is_merge) for mapping in full]
    return [Problem("syntax-error", message, pair.key.region) for pair in merges]


def validate(document: Document) -> list[Problem]:
    """What the schema does not allow in a configuration file, in the order of the file."""
    return remembered(document.whole, "schema", None, lambda: _find_problems(document))


def _find_problems(document: Document) -> list[Problem]:
    shape = root_shape()
    if document.root is None:
        return []
    root = document.root.resolved
    if not isinstance(root, Mapping):
        message = (
            "the platform reads every `.yaml` file in `.upsun` as a map of `applications`, `services` or `routes`;"
        )
        message += " move other files to another folder"
        return [] if document.is_broken else [Problem("wrong-type", message, root.region)]
    problems: list[Problem] = []
    seen: set[tuple[int, int]] = set()
    sections = _Validator(problems, seen)
    sections.keys(root, shape)
    for pair in root.pairs:
        section = shape.property(pair.name or "")
        if section is None:
            continue
        entries = pair.value.resolved
        if isinstance(entries, Mapping) and isinstance(section.additional, Shape) and not section.properties:
            sections.keys(entries, section)
            for entry in entries.pairs:
                known = problems_of(entry, pair.name or "")
                if known is not None:
                    problems += known
                elif not entry.is_merge and not _is_dotted(entry, section):
                    problems += _entry_problems(entry, section.additional, pair.name or "", seen)
        else:
            sections.value(pair.value, section, pair.key, pair.name or "")
    return problems


def problems_of(entry: Pair, section: str) -> list[Problem] | None:
    """The problems of an entry of a section; None where it was not validated yet."""
    found: list[Problem] | None = recalled(entry.key.piece, ("schema", section, entry.key.start))
    return found


def stands_alone(entry: Pair) -> bool:
    """Whether nothing in an entry is checked with another entry."""
    piece = entry.key.piece
    return not (piece.anchors or piece.unresolved or has_include(piece.text))


def _entry_problems(entry: Pair, shape: Shape, section: str, seen: set[tuple[int, int]]) -> list[Problem]:
    problems: list[Problem] = []
    seen.discard((id(entry.value.resolved), id(shape)))  # What is missing is reported for each entry.
    _Validator(problems, seen).value(entry.value, shape, entry.key, entry.name or "")
    return remembered(entry.key.piece, ("schema", section, entry.key.start), None, lambda: problems)


class _Validator:
    """Collects problems. A node is checked against a shape once, however often it is referred to, and so is a key.

    `seen` are those that were checked, by their identities.
    """

    def __init__(self, problems: list[Problem], seen: set[tuple[int, int]]) -> None:
        self.problems = problems
        self.seen = seen
        self.docs = ""

    def problem(
        self,
        rule: str,
        message: str,
        region: Region,
        *,
        related: tuple[tuple[Region, str], ...] = (),
        replacement: str | None = None,
        title: str = "",
        safe: bool = False,
        lacks: tuple[Keys, ...] = (),
        gives: tuple[Keys, ...] = (),
    ) -> None:
        problem = Problem(rule, message, region, related, replacement, title, safe, self.docs, (), lacks, gives)
        self.problems.append(problem)

    # -- any value -----------------------------------------------------------------------------------------------

    def value(self, node: Node, shape: Shape, key: Node, name: str) -> None:
        """Check a value against a shape. `key` is where its name is written, `name` what it is called."""
        target = node.resolved
        visit = (id(target), id(shape))
        if visit in self.seen:
            return
        self.seen.add(visit)
        meant = shape.meant(target) if shape.branches else shape
        kinds = kinds_of(target)
        outer, self.docs = self.docs, meant.docs or shape.docs or self.docs
        if not kinds:
            pass
        elif meant.types and meant.types.isdisjoint(kinds):
            self._wrong_type(node, meant, key, name, kinds)
        elif isinstance(target, Mapping):
            self._mapping(target, meant, key, name)
        elif isinstance(target, Sequence):
            self._sequence(target, meant, key, name)
        elif isinstance(target, Scalar):
            self._scalar(node, target, meant, name)
        self.docs = outer

    def _wrong_type(self, node: Node, shape: Shape, key: Node, name: str, kinds: frozenset[str]) -> None:
        wanted = in_words(shape.types)
        target = node.resolved
        if isinstance(target, Scalar) and "null" in kinds:
            message = f"{'this item' if key is node else _marked(name)} needs a value: {wanted}"
            if shape.types == {"object"}:
                message += "; write `{}` for an empty one"
            self.problem("wrong-type", message, key.region)
        elif isinstance(target, Scalar) and not target.style and "string" in shape.types:
            seen = _in_words(target)
            self.problem(
                "wrong-type",
                f"{_marked(name)} must be text, but YAML reads `{target.text}` as {seen}; quote it",
                target.region,
                replacement=f"'{target.source}'",
                title="Quote the value",
                safe=True,
            )
        elif isinstance(target, Scalar) and target.style in ("'", '"') and _unquoted_fits(target, shape):
            self.problem(
                "wrong-type",
                f"{_marked(name)} must be {wanted}, not text; remove the quotes",
                target.region,
                replacement=target.text,
                title="Remove the quotes",
                safe=True,
            )
        else:
            region = node.region if isinstance(target, Scalar) or isinstance(node, Alias | Include) else key.region
            got = in_words(kinds - {"number"} if "integer" in kinds else kinds)
            message = f"{_marked(name)} must be {wanted}, not {got}"
            if isinstance(target, Sequence) and isinstance(shape.additional, Shape) and shape.additional.name in _NAMED:
                message += f"; write the name of each {shape.additional.name} as a key"
            elif isinstance(target, Scalar) and not target.style and (glued := _GLUED.fullmatch(target.text)):
                message += f"; a space is missing after `{glued[1]}`"
            self.problem("wrong-type", message, region)

    # -- maps ----------------------------------------------------------------------------------------------------

    def _mapping(self, node: Mapping, shape: Shape, key: Node, name: str) -> None:
        if node.sound_for is shape:
            return
        before = len(self.problems)
        self.keys(node, shape, key, name)
        for pair in node.effective_pairs:
            inner = pair.name or ""
            child = shape.property(inner)
            if child is not None and (inner[:1] != "." or not _is_dotted(pair, shape)):
                if child.deprecation:
                    reason = child.deprecation[:1].lower() + child.deprecation[1:].rstrip(".")
                    message = f"`{pair.name}` is deprecated: {reason}"
                    self.problem("deprecated-key", message, pair.key.region)
                self.value(pair.value, child, pair.key, inner)
        if len(self.problems) == before:
            node.sound_for = shape

    def keys(self, node: Mapping, shape: Shape, key: Node | None = None, name: str = "") -> None:
        """Report the keys a map may not have and those it lacks; a misspelled one that is required is one problem."""
        entries, properties = node.entries, shape.properties
        missing = [required for required in shape.required if required not in entries and not node.merges_unknown]
        for pair in node.effective_pairs[:_MOST_KEYS]:
            if pair.name in properties or pair.name is None:
                continue
            if pair.name[:1] == "." and _is_dotted(pair, shape):
                message = "below the top level, the platform skips or rejects a key that starts with a dot; move"
                self.problem("dotted-key", f"{message} `{pair.name}` to the top level", pair.key.region)
                continue
            if shape.is_closed and shape.property(pair.name) is None:
                if (id(pair), id(shape)) in self.seen:
                    continue
                self.seen.add((id(pair), id(shape)))
                candidates = missing if nearest(pair.name, missing) else _suggested(shape)
                candidates = [one for one in candidates if one not in entries]
                found = self._unknown_key(pair, node, shape, name, candidates)
                if found in missing:
                    missing.remove(found)
            elif shape.names is not None and not shape.names.search(pair.name):
                self.problem("invalid-value", f"`{pair.name}` is not a valid name here", pair.key.region)
        for required in missing:
            what = f"{shape.name} `{name}`" if shape.name not in ("", name) else f"`{name}`"
            place = key.region if key is not None else node.region
            message = f"{what} is missing the required key `{required}`"
            self.problem("missing-key", message, place, lacks=(Keys(node, (required,)),))

    def _unknown_key(self, pair: Pair, node: Mapping, shape: Shape, within: str, candidates: list[str]) -> str | None:
        name = pair.name or ""
        close = (nearest(name, candidates) or _fitting(pair, shape, candidates)) if name not in _NEEDLESS else []
        message = f"unknown key `{name}`{_inside(shape, within)}"
        homes = [child for child, inner in shape.properties.items() if name in inner.properties]
        if close:
            message += f"; did you mean {listed(close, 'or')}?"
        elif name in _NEEDLESS:
            message += f": {_NEEDLESS[name]}; remove it"
        elif len(homes) == 1:
            message += f"; it belongs under `{homes[0]}`"
        elif shape is root_shape() and name in shape_at("applications", "*").properties:
            message += "; it belongs to an application, below its name"
        # A single typo is safe to fix; anything further is for the author to decide.
        safe = len(close) == 1 and _is_one_slip(name, close[0])
        self.problem(
            "unknown-key",
            message,
            pair.key.region,
            replacement=_written_like(pair.key, close[0]) if close else None,
            title=f"Rename it to `{close[0]}`" if close else "",
            safe=safe,
            gives=_meant(pair, node, shape, close),
        )
        return close[0] if close else None

    # -- lists and scalars ---------------------------------------------------------------------------------------

    def _sequence(self, node: Sequence, shape: Shape, key: Node, name: str) -> None:
        if len(node.items) < shape.min_items:
            self.problem("invalid-value", f"{_marked(name)} needs at least {shape.min_items} item", key.region)
        seen: dict[str, Node] = {}
        for item in node.items:
            if shape.items is not None:
                self.value(item, shape.items, item, _item_of(name, shape.items))
            target = item.resolved
            if shape.unique_items and isinstance(target, Scalar):
                first = seen.setdefault(target.text, item)
                if first is not item:
                    related = ((first.region, "first listed here"),)
                    self.problem("invalid-value", f"`{target.text}` is listed twice", item.region, related=related)

    def _scalar(self, node: Node, target: Scalar, shape: Shape, name: str) -> None:
        value = target.value
        if shape.values and value not in shape.values:
            self._not_allowed(node, target, shape, name)
        elif isinstance(value, str):
            if shape.pattern is not None and not shape.pattern.search(value):
                message = f"`{shortened(value)}` is not a valid {_what(shape, name)}"
                if shape.examples:
                    message += f" (for example `{shape.examples[0]}`)"
                self.problem("invalid-value", message, node.region)
            elif len(value) < shape.min_length:
                self.problem("invalid-value", f"{_marked(name)} must not be empty", node.region)
            elif shape.expected is not None and not shape.expected.search(value):
                message = f"`{shortened(value)}` is not a documented {_what(shape, name)}, and may have no effect"
                if shape.examples:
                    message += f"; write a value such as `{shape.examples[0]}`"
                self.problem("undocumented-value", message, node.region)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            if shape.minimum is not None and value < shape.minimum:
                self.problem(
                    "invalid-value",
                    f"`{target.text}` is too small: {_marked(name)} must be at least {shape.minimum}",
                    node.region,
                )
            elif shape.maximum is not None and value > shape.maximum:
                self.problem(
                    "invalid-value",
                    f"`{target.text}` is too large: {_marked(name)} must be at most {shape.maximum}",
                    node.region,
                )

    def _not_allowed(self, node: Node, target: Scalar, shape: Shape, name: str) -> None:
        allowed = [_spelled(value) for value in shape.values if value is not None]
        close = nearest(target.text, allowed)
        message = f"`{shortened(target.text)}` is not a valid {_what(shape, name)}"
        if close:
            message += f"; did you mean {listed(close, 'or')}?"
        elif len(allowed) <= 8:
            message += f" (expected {listed(allowed, 'or')})"
        self.problem(
            "invalid-value",
            message,
            node.region,
            replacement=_written_like(target, close[0]) if close and node is target else None,
            title=f"Change it to `{close[0]}`" if close else "",
        )


# -- words -----------------------------------------------------------------------------------------------------------


def _suggested(shape: Shape) -> list[str]:
    """The keys of a map that one may have been meant to be."""
    idle = _WITHOUT_EFFECT.get(shape.name, _WITHOUT_EFFECT[""])
    return [name for name in shape.properties if name not in idle]


def _fitting(pair: Pair, shape: Shape, candidates: list[str]) -> list[str]:
    """The one key that could have the value of an unknown key, if that is a map with keys."""
    value = pair.value.resolved
    if not isinstance(value, Mapping) or not value.entries:
        return []
    inner = {name: child.properties for name in candidates if (child := shape.property(name)) is not None}
    fitting = [name for name, properties in inner.items() if value.entries.keys() <= properties.keys()]
    return fitting if len(fitting) == 1 else []


def _meant(pair: Pair, node: Mapping, shape: Shape, close: list[str]) -> tuple[Keys, ...]:
    """What is there once a key has its right name: the key, and the entries of a top-level section."""
    if not close:
        return ()
    entries = pair.value.resolved
    names = tuple(entries.entries) if isinstance(entries, Mapping) else ()
    sections = [Keys(name, names) for name in close[:1]] if shape is root_shape() else []
    return (Keys(node, tuple(close)), *sections)


def _is_one_slip(name: str, meant: str) -> bool:
    """Whether one letter added, lost or changed, or two swapped, makes the difference."""
    if len(name) < 4 or abs(len(name) - len(meant)) > 1:
        return False
    start = 0
    while start < min(len(name), len(meant)) and name[start] == meant[start]:
        start += 1
    rest, wanted = name[start:], meant[start:]
    changed = {rest[1:] + "|" + wanted[1:], rest[1:] + "|" + wanted, rest + "|" + wanted[1:]}
    swapped = len(rest) > 1 and rest[1] + rest[0] + rest[2:] == wanted
    return swapped or any(left == right for left, _, right in (pair.partition("|") for pair in changed))


def _written_like(node: Node, text: str) -> str:
    """A text in the quotes that a scalar has."""
    style = node.style if isinstance(node, Scalar) else ""
    return f"{style}{text}{style}" if style in ("'", '"') else text


def _is_dotted(pair: Pair, shape: Shape) -> bool:
    """Whether a key starts with a dot where keys are properties or names, not paths, patterns or variables."""
    if not (pair.name or "").startswith(".") or any(pattern.search(pair.name or "") for pattern, _ in shape.patterns):
        return False
    entry = shape.additional
    return shape.is_closed or (isinstance(entry, Shape) and entry.name in _NAMED)


def _what(shape: Shape, name: str) -> str:
    return shape.name or f"value of {_marked(name)}"


def _marked(name: str) -> str:
    """A name as messages show it; words for an item stay as they are."""
    return name if isinstance(name, Words) else f"`{name}`"


def _item_of(name: str, shape: Shape) -> Words:
    if not shape.name:
        return Words(f"an item of {_marked(name)}")
    return Words(f"an {shape.name}" if shape.name[:1] in "aeiou" else f"a {shape.name}")


def _inside(shape: Shape, name: str) -> str:
    """Where a key is: ` below ` a key of the platform (access, commands), ` in this ` worker, mount, …."""
    if name and shape.name.replace(" ", "_").endswith(name):
        return f" below `{name}`"
    return f" in this {shape.name}" if shape.name else ""


def _spelled(value: object) -> str:
    """A value as YAML writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_words(scalar: Scalar) -> str:
    value = scalar.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value:.15g}" if isinstance(value, float) else f"the number {value}"
    return "a date"


def _unquoted_fits(scalar: Scalar, shape: Shape) -> bool:
    """Whether a quoted scalar without its quotes would be what is wanted."""
    bare = Scalar(scalar.piece, 0, 0, 0, None, None, scalar.text, "")
    return scalar.text == scalar.text.strip() != "" and bool(kinds_of(bare) & shape.types - {"string", "null"})
