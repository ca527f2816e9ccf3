"""The JSON Schema of a policy: checked when it is read, and applied within bounds.

A schema may come from a repository that nobody trusts. Nothing is fetched. Each subschema that is applied counts as
steps, and each search for a pattern has a time limit, so that neither a schema that refers to itself nor a pattern that
backtracks without end makes a check hang.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit
from urllib.request import url2pathname

import attrs
import regex
from jsonschema import exceptions, validators
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012, specification_with

from upsun_rules.policies.reasons import meant, reason
from upsun_schema.files import read_file
from upsun_schema.yaml.data import Data

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = ["PolicySchema", "SchemaMistake", "TooMuchWork"]

_NEWEST = "https://json-schema.org/draft/2020-12/schema"

_DRAFTS = (
    "http://json-schema.org/draft-03/schema",
    "http://json-schema.org/draft-04/schema",
    "http://json-schema.org/draft-06/schema",
    "http://json-schema.org/draft-07/schema",
    "https://json-schema.org/draft/2019-09/schema",
    _NEWEST,
)

_MOST_BYTES = 1_000_000
_MOST_VALUES = 20_000
"""The most values in a schema; the platform's published one has 1,000."""
_MOST_FILES = 50
_LONGEST_PATTERN = 1_000

_STEPS = 20_000
"""The steps that a schema may take for any value."""
_STEPS_PER_VALUE = 500
"""The further steps for each value inside a value."""
_MOST_SECONDS = 0.1
"""The longest search for a pattern in one text, in seconds. A usual one takes microseconds."""


# Both lack types for what they can do.
_REGISTRY: Any = Registry
_EXTEND: Any = vars(validators)["extend"]


class SchemaMistake(Exception):
    """A schema cannot be used. The text is one line that says why."""


class TooMuchWork(Exception):
    """A schema takes too many steps, or a pattern too much time. The text says which."""


class PolicySchema:
    """A schema that can be applied. SchemaMistake if it is not valid, or refers to what cannot be read.

    `content` is the schema, or the path of a file with it. `folder` is absolute: paths and `$ref` start from it. Every
    file must be in the folder `within`, symbolic links followed. `references` are the files, by their paths, that
    replace addresses in the network.
    """

    def __init__(
        self, content: object, folder: str, within: str, references: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._within = within
        self._replaced = {address: _uri(os.path.join(folder, path)) for address, path in references.items()}
        self._resources: dict[str, Resource[Any]] = {}
        self._steps = _Steps()
        # Without the slash, `$ref` would start from the folder above.
        base = _uri(os.path.join(folder, content)) if isinstance(content, str) else _uri(folder).rstrip("/") + "/"
        try:
            root = self._read(base) if isinstance(content, str) else self._checked(content, "")
            self._resources[base] = root
            reading = _REGISTRY(retrieve=self._retrieve)
            self._check_references(reading.with_resource(base, root).resolver(base), root)
        except RecursionError:
            raise SchemaMistake("the schema is nested too deeply") from None
        except TooMuchWork as fault:
            raise SchemaMistake(f"the schema is too large: {fault}") from None
        registry = Registry().with_resources(self._resources.items())
        self._validator = self._steps.validator(_draft(root.contents))({"$ref": base}, registry=registry)
        self.title, self.description = (_text(root.contents, name) for name in ("title", "description"))

    @property
    def files(self) -> frozenset[str]:
        """The absolute paths of the files it consists of."""
        return frozenset(path for uri in self._resources if os.path.isfile(path := _path(uri)))

    def errors(self, value: Data) -> Iterator[ValidationError]:
        """What is wrong with a value. TooMuchWork if that takes too long to say."""
        self._steps.left = _STEPS + _STEPS_PER_VALUE * _size(value)
        try:
            yield from self._validator.iter_errors(value)
        except RecursionError:
            raise TooMuchWork("its schema refers to itself without end") from None

    # -- reading -------------------------------------------------------------------------------------------------

    def _retrieve(self, uri: str) -> Resource[Any]:
        found = self._resources[uri] = self._resources.get(uri) or self._read(uri)
        return found

    def _read(self, uri: str) -> Resource[Any]:
        if len(self._resources) >= _MOST_FILES:
            raise SchemaMistake(f"the schema consists of more than {_MOST_FILES} files")
        uri = self._replaced.get(uri, uri)
        if urlsplit(uri).scheme != "file" or urlsplit(uri).netloc:
            raise SchemaMistake(f"nothing is fetched: name a local file for `{uri}` in `references`")
        path = _path(uri)
        shown = os.path.basename(path)
        if not path.endswith(".json"):
            raise SchemaMistake(f"`{shown}` is not a `.json` file")
        try:
            data = read_file(path, _MOST_BYTES + 1, within=self._within)
        except (OSError, ValueError) as fault:
            why = (getattr(fault, "strerror", None) or "cannot be read").lower()
            raise SchemaMistake(f"`{shown}`: {why.replace('this symbolic link leads', 'this path leads')}") from None
        if len(data) > _MOST_BYTES:
            raise SchemaMistake(f"`{shown}` is longer than {_MOST_BYTES:,} bytes")
        try:
            content = json.loads(data)
        except (ValueError, RecursionError):
            raise SchemaMistake(f"`{shown}` is not valid JSON") from None
        return self._checked(content, f"`{shown}`: ")

    def _checked(self, content: object, lead: str) -> Resource[Any]:
        if not isinstance(content, dict | bool):
            raise SchemaMistake(f"{lead}a JSON Schema must be an object")
        if _size(content) > _MOST_VALUES:
            raise SchemaMistake(f"{lead}the schema has more than {_MOST_VALUES:,} values")
        kind = self._steps.validator(_draft(content))
        self._steps.left = _STEPS + _STEPS_PER_VALUE * _size(content)
        error = exceptions.best_match(kind(kind.META_SCHEMA, registry=Registry()).iter_errors(content))
        if error is not None:
            error = meant(error)
            place = ".".join(map(str, error.absolute_path))
            raise SchemaMistake(f"{lead}this is not a valid JSON Schema: {reason(error, place or 'the schema')}")
        for pattern in _patterns(content):
            _check_pattern(pattern, lead)
        if any("patternProperties" in part for part in _parts(content)) and any(
            "unevaluatedProperties" in part for part in _parts(content)
        ):
            raise SchemaMistake(
                f"{lead}`unevaluatedProperties` beside `patternProperties` is not supported; use `additionalProperties`"
            )
        specification = specification_with(_draft(content), default=DRAFT202012)
        return specification.create_resource(content)

    def _check_references(self, resolver: Any, root: Resource[Any]) -> None:
        waiting = [(resolver, root)]
        seen: set[int] = set()
        while waiting:
            resolver, resource = waiting.pop()
            contents = resource.contents
            if id(contents) in seen or not isinstance(contents, dict):
                continue
            seen.add(id(contents))
            for name in ("$ref", "$dynamicRef"):
                if isinstance(reference := contents.get(name), str):
                    found = _resolved(resolver, reference)
                    waiting.append((found.resolver, self._part(found.contents)))
            waiting += [(resolver.in_subresource(below), below) for below in resource.subresources()]

    def _part(self, contents: object) -> Resource[Any]:
        return specification_with(_draft(contents), default=DRAFT202012).create_resource(contents)


def _resolved(resolver: Any, reference: str) -> Any:
    try:
        return resolver.lookup(reference)
    except Unresolvable as fault:
        cause: BaseException | None = fault
        while cause is not None:
            if isinstance(cause, SchemaMistake):
                raise cause from None
            cause = cause.__cause__
        raise SchemaMistake(f"`$ref` `{reference}` leads to nothing") from None


def _text(content: object, name: str) -> str:
    value = content.get(name) if isinstance(content, dict) else None
    return value if isinstance(value, str) else ""


def _draft(content: object) -> str:
    """The address of the draft that a schema is written in."""
    given = content.get("$schema", _NEWEST) if isinstance(content, dict) else _NEWEST
    if not isinstance(given, str) or not _is_known(given):
        raise SchemaMistake(f"`$schema` is not a known draft of JSON Schema, such as {_NEWEST}")
    return given


def _is_known(draft: str) -> bool:
    return draft.removesuffix("#") in _DRAFTS


def _uri(path: str) -> str:
    return Path(os.path.normpath(path)).as_uri()


def _path(uri: str) -> str:
    return url2pathname(urlsplit(uri).path)


def _size(value: object) -> int:
    """How many values a value consists of."""
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_size, below))


# -- patterns --------------------------------------------------------------------------------------------------------


def _parts(content: object) -> Iterator[dict[str, object]]:
    """Yield each object in a schema."""
    waiting = [content]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def _patterns(content: object) -> Iterator[str]:
    for part in _parts(content):
        if isinstance(pattern := part.get("pattern"), str):
            yield pattern
        if isinstance(several := part.get("patternProperties"), dict):
            yield from several


def _check_pattern(pattern: str, lead: str) -> None:
    if len(pattern) > _LONGEST_PATTERN:
        raise SchemaMistake(f"{lead}a pattern is longer than {_LONGEST_PATTERN:,} characters")
    try:
        regex.compile(pattern)
    except (regex.error, ValueError, OverflowError) as fault:
        raise SchemaMistake(f"{lead}`{pattern}` is not a valid pattern: {fault}") from None


# -- steps -----------------------------------------------------------------------------------------------------------


class _Steps:
    """How many steps are left, and validators that take them."""

    def __init__(self) -> None:
        self.left = 0
        self._validators: dict[str, Any] = {}

    def take(self, number: int) -> None:
        self.left -= number
        if self.left < 0:
            raise TooMuchWork("its schema takes too many steps")

    def validator(self, draft: str) -> Any:
        """A class of validators for a draft, whose work is counted."""
        if draft not in self._validators:
            self._validators[draft] = self._make(draft)
        return self._validators[draft]

    def _make(self, draft: str) -> Any:
        known = validators.validator_for({"$schema": draft})
        own = {
            "pattern": self._pattern,
            "patternProperties": self._pattern_properties,
            "additionalProperties": self._additional_properties,
            "uniqueItems": self._unique_items(known.VALIDATORS.get("uniqueItems")),
        }
        made = _EXTEND(known, {name: check for name, check in own.items() if name in known.VALIDATORS})
        made.evolve = self._evolve
        made.descend = _descend(made.descend)
        return made

    @property
    def _evolve(self) -> Any:
        """What replaces `evolve` of a validator, through which it goes for each subschema."""

        def evolve(validator: Any, **changes: Any) -> Any:
            schema = changes.get("schema", validator.schema)
            kind = type(validator)
            if isinstance(schema, Mapping):
                sized = [len(value) for value in schema.values() if isinstance(value, list | dict)]
                self.take(1 + len(schema) + sum(sized) // 16)
                if "$schema" in schema:
                    kind = self.validator(_draft(schema))
            same = {field.alias: getattr(validator, field.name) for field in attrs.fields(kind) if field.init}
            return kind(**(same | changes))

        return evolve

    def _has(self, pattern: str, text: str) -> bool:
        self.take(1)
        try:
            return regex.search(pattern, text, timeout=_MOST_SECONDS) is not None
        except TimeoutError:
            raise TooMuchWork(f"the pattern `{pattern}` takes too long") from None

    def _pattern(self, validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
        if isinstance(value, str) and not self._has(pattern, value):
            yield ValidationError(f"{value!r} does not match {pattern!r}")

    def _pattern_properties(self, validator: Any, patterns: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        if isinstance(value, dict):
            for pattern, below in patterns.items():
                for name in value:
                    if self._has(pattern, name):
                        yield from validator.descend(value[name], below, path=name, schema_path=pattern)

    def _additional_properties(self, validator: Any, below: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        if isinstance(value, dict):
            patterns = schema.get("patternProperties", {})
            for name in value:
                if name not in schema.get("properties", {}) and not any(self._has(one, name) for one in patterns):
                    yield from validator.descend(value[name], below, path=name)

    def _unique_items(self, check: Any) -> Any:
        def unique_items(validator: Any, wanted: Any, value: Any, schema: Any) -> Any:
            if isinstance(value, list):
                self.take(len(value) ** 2 // 100)
            return check(validator, wanted, value, schema)

        return unique_items


def _descend(descend: Any) -> Any:
    """`descend` of a validator, whose error for the schema `false` lacks the path."""

    def descend_with_path(validator: Any, instance: Any, schema: Any, path: Any = None, **further: Any) -> Any:
        if schema is False:
            error = ValidationError("not allowed", path=[] if path is None else [path], instance=instance, schema=False)
            error.validator = None  # type: ignore[assignment]
            yield error
        else:
            yield from descend(validator, instance, schema, path=path, **further)

    return descend_with_path
