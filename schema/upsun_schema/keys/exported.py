"""The schema for other tools. They see what is written instead of an `!include`, not what it includes.

A tag is nothing to JSON Schema: `!include x.yaml` is text, and `!include {type: string, path: x}` is a map.
"""

from __future__ import annotations

import json
from typing import Any

from upsun_schema.keys.shape import schema_text

__all__ = ["exported_schema"]

_INCLUDE = {
    "title": "An included file",
    "description": "`!include` with the path of a file; `yaml` is a part of the configuration, `string` is text.",
    "type": "object",
    "properties": {"path": {"type": "string"}, "type": {"enum": ["yaml", "string", "binary"]}},
    "required": ["path"],
    "additionalProperties": False,
}

_INCLUDED_YAML = {
    "title": "An included YAML file",
    "anyOf": [{"$ref": "#/definitions/include"}, {"type": "string", "pattern": "\\.ya?ml$"}],
}

_NOT_FREE = ("enum", "const", "pattern", "format")
"""The keywords of texts that are too short to be a file."""

_BRANCHES = ("anyOf", "oneOf", "allOf")


def exported_schema() -> str:
    """The JSON Schema (draft-07) that accepts an `!include` wherever a map, a list or free text may be."""
    schema = json.loads(schema_text())
    exported = {name: value for name, value in schema.items() if name != "definitions"}
    definitions = {name: _rewritten(value, schema) for name, value in schema["definitions"].items()}
    definitions |= {"include": _INCLUDE, "included_yaml": _INCLUDED_YAML}
    return json.dumps({**_rewritten(exported, schema), "definitions": definitions}, indent=2, ensure_ascii=False) + "\n"


def _rewritten(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """A schema whose parts accept an `!include`."""
    found = dict(schema)
    for name in ("properties", "patternProperties"):
        if name in found:
            found[name] = {key: _or_included(part, root) for key, part in found[name].items()}
    for name in ("additionalProperties", "items"):
        if isinstance(found.get(name), dict):
            found[name] = _or_included(found[name], root)
    for name in _BRANCHES:
        if name in found:
            found[name] = [_rewritten(part, root) for part in found[name]]
    return found


def _or_included(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """A schema of a value that accepts an `!include`, too."""
    kinds = _kinds(schema, root)
    if not kinds:
        return _rewritten(schema, root)
    name = "included_yaml" if kinds & {"object", "array"} else "include"
    return {"if": {"$ref": f"#/definitions/{name}"}, "else": _rewritten(schema, root)}


def _kinds(schema: dict[str, Any], root: dict[str, Any]) -> set[str]:
    """Which of `object`, `array` and `string` a value may be; free text only."""
    if "$ref" in schema:
        return _kinds(root["definitions"][schema["$ref"].rpartition("/")[2]], root)
    found = {kind for name in _BRANCHES for part in schema.get(name, ()) for kind in _kinds(part, root)}
    types = schema.get("type", [])
    for kind in [types] if isinstance(types, str) else types:
        if kind in ("object", "array") or (kind == "string" and not any(name in schema for name in _NOT_FREE)):
            found.add(kind)
    return found
