"""The description of every key of a configuration, read from `upsun.schema.json`.

A `Shape` is one sub-schema with its references followed. Validation, hover and completion all read shapes; nothing
else interprets the JSON.
"""

from __future__ import annotations

import re
from functools import cache

from upsun_schema.cached import Caching, cached_property
from upsun_schema.data_files import json_beside, text_beside
from upsun_schema.yaml.nodes import Include, Mapping, Node, Scalar, Sequence
from upsun_schema.yaml.scalars import STRING_TAG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = ["DOCS_BASE", "Shape", "configuration_shape", "in_words", "kinds_of", "root_shape", "schema_text", "shape_at"]

DOCS_BASE = "https://developer.upsun.com/docs/"
"""Where the paths in `x-docs` begin."""

_KIND_NAMES = {
    "object": "a map",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


def schema_text() -> str:
    """The published JSON Schema (draft-07), as `upsun-lint schema` prints it."""
    return text_beside(__file__, "upsun.schema.json")


@cache
def root_shape() -> Shape:
    """The shape of a whole configuration file."""
    schema = json_beside(__file__, "upsun.schema.json")
    return Shape(schema, schema, {})


@cache
def configuration_shape(image: str) -> Shape | None:
    """The shape of the `configuration` of a service with an image; None if the documentation describes none.

    It is only for help while writing: the platform may accept more than is documented.
    """
    table = json_beside(__file__, "services.json")
    found = table["services"].get(image)
    return None if found is None else Shape({}, table, {})._follow(found)


@cache
def shape_at(*path: str) -> Shape:
    """The shape of the value at a path of keys, `*` for a name, as `applications`, `*`, `workers`, `*`.

    Raises KeyError for a path that the schema does not know.
    """
    shape = root_shape()
    for name in path:
        objects = [branch for branch in shape.branches if "object" in branch.types] or [shape]
        found = next((found for branch in objects if (found := branch.property(name)) is not None), None)
        if found is None:
            raise KeyError(name)
        shape = found
    return shape


class Shape(Caching):
    """What a value may be. Properties of the schema are attributes here; an absent keyword is None or empty."""

    def __init__(self, schema: dict[str, Any], root: dict[str, Any], known: dict[int, Shape]) -> None:
        self._schema = schema
        self._root = root
        self._known = known

    def _follow(self, schema: dict[str, Any]) -> Shape:
        """The shape of a sub-schema: the same one for the same place in the file."""
        shape = self._known.get(id(schema))
        if shape is None:
            merged = schema
            while (reference := merged.get("$ref")) is not None:
                target = self._root
                for step in reference.removeprefix("#/").split("/"):
                    target = target[step]
                # Annotations beside a reference speak of this use of what it refers to.
                merged = target | {key: value for key, value in merged.items() if key != "$ref"}
                if "$ref" not in target:
                    break
                merged["$ref"] = target["$ref"]
            shape = self._known[id(schema)] = Shape(merged, self._root, self._known)
        return shape

    # -- what it says --------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """Its name for people, or nothing."""
        return str(self._schema.get("title", ""))

    @property
    def description(self) -> str:
        """What it is and does."""
        return str(self._schema.get("description", ""))

    @cached_property
    def name(self) -> str:
        """What one such thing is called in a message: 'worker', 'mount'; or nothing."""
        return str(self._schema.get("x-name", ""))

    @cached_property
    def docs(self) -> str:
        """The path of its documentation page, or nothing."""
        return str(self._schema.get("x-docs", ""))

    @cached_property
    def deprecation(self) -> str:
        """Why it should not be used any more, or nothing."""
        return str(self._schema.get("deprecationMessage", ""))

    @cached_property
    def is_offered(self) -> bool:
        """Whether to offer it to someone who types: not a key that the platform accepts and does not document."""
        return bool(self._schema.get("x-offered", True))

    @property
    def default(self) -> Any:
        """The platform's value where none is given."""
        return self._schema.get("default")

    @cached_property
    def examples(self) -> list[Any]:
        """Values to learn from."""
        return list(self._schema.get("examples", ()))

    # -- what it allows ------------------------------------------------------------------------------------------

    @cached_property
    def types(self) -> frozenset[str]:
        """The JSON types it allows; empty where it allows any."""
        types = self._schema.get("type", ())
        found = frozenset((types,) if isinstance(types, str) else types)
        for branch in self.branches:
            found |= branch.types
        return found

    @cached_property
    def properties(self) -> dict[str, Shape]:
        """Its named properties."""
        return {name: self._follow(schema) for name, schema in self._schema.get("properties", {}).items()}

    @cached_property
    def patterns(self) -> list[tuple[re.Pattern[str], Shape]]:
        """Properties by the pattern of their names."""
        found = self._schema.get("patternProperties", {})
        return [(re.compile(pattern), self._follow(schema)) for pattern, schema in found.items()]

    @cached_property
    def additional(self) -> Shape | bool:
        """What its other properties must be; True for anything, False for none at all."""
        found = self._schema.get("additionalProperties", True)
        return found if isinstance(found, bool) else self._follow(found)

    @cached_property
    def is_closed(self) -> bool:
        """Whether it allows only the properties it names."""
        return self.additional is False

    @cached_property
    def required(self) -> list[str]:
        """The properties that must be there."""
        return list(self._schema.get("required", ()))

    @cached_property
    def names(self) -> re.Pattern[str] | None:
        """What the names of its properties must look like."""
        pattern = self._schema.get("propertyNames", {}).get("pattern")
        return None if pattern is None else re.compile(pattern)

    @cached_property
    def items(self) -> Shape | None:
        """What the items of a list must be."""
        found = self._schema.get("items")
        return None if found is None else self._follow(found)

    @cached_property
    def values(self) -> list[Any]:
        """The only values it allows; empty where it names none."""
        if "const" in self._schema:
            return [self._schema["const"]]
        return list(self._schema.get("enum", ()))

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """What a text must look like."""
        found = self._schema.get("pattern")
        return None if found is None else re.compile(found)

    @cached_property
    def expected(self) -> re.Pattern[str] | None:
        """What the documentation says that a text looks like; the platform's schema accepts others, too."""
        found = self._schema.get("x-expected")
        return None if found is None else re.compile(found)

    @cached_property
    def minimum(self) -> int | float | None:
        """The least number."""
        return self._schema.get("minimum")

    @cached_property
    def maximum(self) -> int | float | None:
        """The greatest number."""
        return self._schema.get("maximum")

    @cached_property
    def min_length(self) -> int:
        """The least number of characters."""
        return int(self._schema.get("minLength", 0))

    @cached_property
    def min_items(self) -> int:
        """The least number of items."""
        return int(self._schema.get("minItems", 0))

    @cached_property
    def unique_items(self) -> bool:
        """Whether every item must be different."""
        return bool(self._schema.get("uniqueItems"))

    @cached_property
    def branches(self) -> list[Shape]:
        """The alternatives, of which one is meant."""
        found = self._schema.get("oneOf") or self._schema.get("anyOf") or ()
        return [self._follow(schema) for schema in found]

    # -- finding the right one --------------------------------------------------------------------------------------

    def property(self, name: str) -> Shape | None:
        """The shape of a property by its name; None where there is no such property or anything goes."""
        if (found := self.properties.get(name)) is not None:
            return found
        for pattern, shape in self.patterns:
            if pattern.search(name):
                return shape
        return self.additional if isinstance(self.additional, Shape) else None

    def meant(self, node: Node) -> Shape:
        """The alternative that a value is meant to be; this shape itself where it has no alternatives.

        Alternatives are told apart by the kind of the value, then by a property whose value each of them fixes
        (`type` in a route), then by how many of their properties the value has.
        """
        if not self.branches:
            return self
        kinds = kinds_of(node)
        fitting = [branch for branch in self.branches if not branch.types or branch.types & kinds]
        if not fitting:
            return self
        if len(fitting) == 1 or not isinstance(node, Mapping):
            return fitting[0].meant(node)
        for branch in fitting:
            if any(_names_branch(branch, name, node) for name in branch.properties):
                return branch.meant(node)
        present = node.entries.keys()
        return max(fitting, key=lambda branch: len(branch.properties.keys() & present)).meant(node)


def _names_branch(branch: Shape, name: str, node: Mapping) -> bool:
    """Whether a property of the value says that this branch is meant."""
    allowed = branch.properties[name].values
    value = node.value(name)
    return len(allowed) == 1 and isinstance(value, Scalar) and value.value == allowed[0]


def kinds_of(node: Node) -> frozenset[str]:
    """The JSON types that a value, resolved or not, counts as; empty for what cannot be known."""
    node = node.resolved
    if isinstance(node, Mapping):
        return _OBJECT
    if isinstance(node, Sequence):
        return _ARRAY
    if isinstance(node, Include):
        return _STRING if node.form == "string" else frozenset()
    if not isinstance(node, Scalar):
        return frozenset()
    if node.tag is not None:
        return _STRING if node.tag == STRING_TAG else frozenset()
    if node.style:
        return _STRING
    return _SCALAR_KINDS.get(type(node.value), _STRING)


_OBJECT = frozenset({"object"})
_ARRAY = frozenset({"array"})
_STRING = frozenset({"string"})
_SCALAR_KINDS = {
    type(None): frozenset({"null"}),
    bool: frozenset({"boolean"}),
    int: frozenset({"integer", "number"}),
    float: frozenset({"number"}),
}


def in_words(types: frozenset[str]) -> str:
    """Say what a value must be: 'text or a list'."""
    words = [words for name, words in _KIND_NAMES.items() if name in types]
    if "number" in types and "integer" in types:
        words.remove(_KIND_NAMES["integer"])
    return " or ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} or {words[-1]}"
