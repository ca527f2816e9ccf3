"""A schema that is applied within bounds says what `jsonschema` says by itself."""

from __future__ import annotations

import os
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from upsun_rules.policies.policy_schema import PolicySchema, SchemaMistake

NAMES = st.sampled_from(["a", "b", "ab"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-2, 3), st.sampled_from(["", "a", "ab", "b1"]))
VALUES = st.recursive(
    SCALARS,
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(NAMES, below, max_size=3)),
    max_leaves=8,
)


def _schemas(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(below, min_size=1, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "string", "integer", "array", ["null", "boolean"]]),
            "enum": st.lists(SCALARS, min_size=1, max_size=3),
            "const": SCALARS,
            "pattern": st.sampled_from(["^a", "b$", "[0-9]", "a|b"]),
            "minimum": st.integers(-1, 2),
            "maxLength": st.integers(0, 2),
            "required": st.lists(NAMES, unique=True, max_size=2),
            "properties": st.dictionaries(NAMES, below, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b"]), below, max_size=2),
            "additionalProperties": below,
            "propertyNames": below,
            "items": below,
            "contains": below,
            "uniqueItems": st.booleans(),
            "allOf": several,
            "anyOf": several,
            "oneOf": several,
            "not": below,
            "if": below,
            "then": below,
            "else": below,
            "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=1), max_size=1),
            "$ref": st.sampled_from(["#/$defs/small"]),
        },
    )


SCHEMAS = st.recursive(st.booleans(), _schemas, max_leaves=6).filter(lambda schema: isinstance(schema, dict))
HERE = os.path.dirname(os.path.abspath(__file__))


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None)
@given(SCHEMAS, VALUES)
def test_it_says_what_jsonschema_says(schema: dict[str, Any], value: Any) -> None:
    whole = {**schema, "$defs": {"small": {"maxProperties": 1, "maximum": 2}}}
    errors = list(PolicySchema(whole, HERE, HERE).errors(value))
    assert bool(errors) is not jsonschema.Draft202012Validator(whole).is_valid(value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"$ref": "../pyproject.json"}, "leads out of the project"),
        ({"$schema": 1}, "is not a known draft"),
        ({"$id": "https://x.example/s.json", "$ref": "https://x.example/other.json"}, "nothing is fetched"),
        (["a"], "must be an object"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused(content: object, words: str) -> None:
    with pytest.raises(SchemaMistake, match=words):
        PolicySchema(content, HERE, HERE)
