"""What an error of a JSON Schema says, in words, and which of several alternatives was meant."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from jsonschema.exceptions import ValidationError

from upsun_schema.wording import listed, shortened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = ["meant", "reason"]

_MOST_LISTED = 8


def meant(error: ValidationError) -> ValidationError:
    """The error that explains another: for alternatives, that of the one that was most likely meant.

    That is the alternative that the value has the type and the fixed values of, if there is only one, or otherwise the
    one that fits furthest down.
    """
    while error.validator in ("anyOf", "oneOf") and error.context:
        branches: dict[object, list[ValidationError]] = {}
        for one in error.context:
            branches.setdefault(one.relative_schema_path[0], []).append(one)
        likely = [errors for errors in branches.values() if not any(map(_excludes, errors))]
        if len(likely) != 1:
            depths = {key: min(len(one.relative_path) for one in errors) for key, errors in branches.items()}
            deepest = max(depths.values())
            likely = [branches[key] for key, depth in depths.items() if depth == deepest > 0]
        if len(likely) != 1:
            return error
        error = min(likely[0], key=lambda one: len(one.relative_path))
    return error


def _excludes(error: ValidationError) -> bool:
    """Whether an error says that a value was not meant to be this alternative at all."""
    depth = len(error.relative_path)
    return (depth == 0 and error.validator in ("type", None)) or (depth == 1 and error.validator in ("const", "enum"))


def reason(error: Any, name: str) -> str:
    """What is wrong with a value, by the error about it; `name` is what the value is called."""
    value = error.validator_value
    subject = f"`{name}`"
    if error.validator is None:
        return f"{subject} is not allowed"
    if error.validator == "required":
        return f"{subject} is missing {_missing(error)}"
    if error.validator == "type":
        kinds = [value] if isinstance(value, str) else value
        return f"{subject} must be {' or '.join(_a(str(kind)) for kind in kinds)}, not {_shown(error.instance)}"
    words = _WORDS.get(str(error.validator))
    return f"{subject} {words(value, error)}" if words is not None else f"{subject} does not fit `{error.validator}`"


def _missing(error: Any) -> str:
    names = error.validator_value if isinstance(error.validator_value, list) else []
    missing = [str(one) for one in names if isinstance(error.instance, Mapping) and one not in error.instance]
    # A schema with several required keys makes one error for each; the message names its own.
    own = [one for one in missing if error.message.startswith(repr(one))]
    return listed(own or missing or ["a key"])


def _a(kind: str) -> str:
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {_KINDS.get(kind, kind)}" if kind != "null" else "empty"


_KINDS: Mapping[str, str] = MappingProxyType({"object": "object", "string": "text", "boolean": "true or false"})


def _shown(value: Any) -> str:
    if isinstance(value, Mapping | list):
        return "an object" if isinstance(value, Mapping) else "a list"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return f"`{shortened(text)}`" if text else "empty"


def _wanted(value: Any) -> str:
    """A value as it must be; unlike `_shown`, with the content of an object or a list."""
    return f"`{shortened(json.dumps(value, default=str))}`" if isinstance(value, Mapping | list) else _shown(value)


def _one_of(values: Any) -> str:
    shown = [value if isinstance(value, str) else json.dumps(value, default=str) for value in values]
    return listed((shortened(one) for one in shown), "or", limit=_MOST_LISTED)


_WORDS: Mapping[str, Callable[[Any, Any], str]] = MappingProxyType(
    {
        "const": lambda value, error: f"is {_shown(error.instance)}, but must be {_wanted(value)}",
        "enum": lambda value, error: f"is {_shown(error.instance)}, but must be {_one_of(value)}",
        "pattern": lambda value, error: f"is {_shown(error.instance)}, which does not match `{shortened(str(value))}`",
        "minimum": lambda value, error: f"is {_shown(error.instance)}, but must be at least {value}",
        "maximum": lambda value, error: f"is {_shown(error.instance)}, but must be at most {value}",
        "exclusiveMinimum": lambda value, error: f"is {_shown(error.instance)}, but must be more than {value}",
        "exclusiveMaximum": lambda value, error: f"is {_shown(error.instance)}, but must be less than {value}",
        "multipleOf": lambda value, error: f"is {_shown(error.instance)}, but must be a multiple of {value}",
        "minLength": lambda value, error: f"must have at least {value} characters",
        "maxLength": lambda value, error: f"must have at most {value} characters",
        "minItems": lambda value, error: f"must have at least {value} items, not {len(error.instance)}",
        "maxItems": lambda value, error: f"must have at most {value} items, not {len(error.instance)}",
        "minProperties": lambda value, error: f"must have at least {value} entries, not {len(error.instance)}",
        "maxProperties": lambda value, error: f"must have at most {value} entries, not {len(error.instance)}",
        "uniqueItems": lambda value, error: "must not list anything twice",
        "contains": lambda value, error: "lists nothing of what it must contain",
        "not": lambda value, error: "is what the policy does not allow",
        "anyOf": lambda value, error: f"fits none of the {len(value)} alternatives",
        "oneOf": lambda value, error: (
            "fits more than one of the alternatives"
            if not error.context
            else f"fits none of the {len(value)} alternatives"
        ),
        "dependentRequired": lambda value, error: "is missing a key that another one needs",
        "dependencies": lambda value, error: "is missing a key that another one needs",
        "unevaluatedProperties": lambda value, error: "has a key that is not allowed",
        "unevaluatedItems": lambda value, error: "has an item that is not allowed",
        "additionalItems": lambda value, error: "has an item that is not allowed",
    }
)
