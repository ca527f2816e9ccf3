"""Hover texts for any key, from the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator

from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import code, listed, paragraphs, shortened
from upsun_schema.configuration.model import Instance
from upsun_schema.keys.shape import Shape, in_words, root_shape
from upsun_schema.yaml.nodes import Scalar

__all__ = ["about_key", "about_unknown_key", "facts_of", "meaning_of"]


def about_key(subject: Subject) -> str | None:
    """The schema's description of a key; None if it has none."""
    meaning = meaning_of(subject)
    if meaning is None or subject.shape is None:
        return None
    return paragraphs(meaning, facts_of(subject), docs_link(subject.docs))


def about_unknown_key(subject: Subject) -> str | None:
    """What a key is for that does not belong where it is, or the keys that do; None if any name may be there."""
    around = subject.around
    if subject.shape is not None or around is None or not around.is_closed or not around.properties:
        return None
    key, container = code(subject.keys[-1]), subject.container
    where = f"a {around.name or 'map'}" if around.name or around.title == "" else f"{code(subject.keys[-2])}"
    if isinstance(container, Instance) and len(subject.below) == 1:
        application = container.application
        meant = root_shape().property("applications")
        shape = meant.property(application.name) if meant is not None else None
        own = shape.property(subject.keys[-1]) if shape is not None else None
        if own is not None:
            place = subject.linked(code(application.name), application.key.region)
            heading = f"**{own.title}** {key} is not a key of {where}. It belongs to application {place}."
            return paragraphs(heading, own.description, docs_link(own.docs))
    names = [name for name, shape in around.properties.items() if shape.is_offered and not shape.deprecation]
    return f"**Unknown key** {key}. Here it may be {listed(names, 'or', most=20)}."


def meaning_of(subject: Subject) -> str | None:
    """The name of a key and what it is for; None if the schema has no description."""
    shape = subject.shape
    if shape is None or not (shape.title or shape.description):
        return None
    key = code(_name(subject))
    deprecation = f"**Deprecated.** {shape.deprecation}" if shape.deprecation else ""
    return paragraphs(f"**{shape.title}** {key}" if shape.title else key, deprecation, shape.description)


def _name(subject: Subject) -> str:
    """The key, or for an item of a list its text."""
    step = subject.cursor.path[-1] if subject.cursor.path else ""
    node = subject.cursor.node
    return shortened(node.text) if isinstance(step, int) and isinstance(node, Scalar) else subject.keys[-1]


def facts_of(subject: Subject, default: str | None = None) -> str:
    """The type of a value, whether it is required, its default and its limits, on one line.

    `default` replaces the schema's default.
    """
    if subject.shape is None:
        return ""
    if default is None:
        default = _default(subject.shape.default)
    return " · ".join(_facts(subject.shape, "Required" if subject.is_required else default and f"Default: {default}"))


def _default(value: object) -> str:
    """A default as Markdown; empty if it is not worth showing."""
    if value is None or (isinstance(value, dict) and not all(value.values())):
        return ""
    return "none" if value in ({}, []) else code(shortened(_written(value)))


def _facts(shape: Shape, unset: str) -> Iterator[str]:
    allowed = [value for value in shape.values if value is not None]
    if len(allowed) > 1:
        yield f"One of {listed(map(_written, allowed), 'or', most=20)}"
    elif not allowed and shape.types - {"object", "null"}:
        words = in_words(shape.types)
        yield words[:1].upper() + words[1:]
    if unset:
        yield unset
    if shape.minimum is not None:
        yield f"At least {shape.minimum:g}"
    if shape.maximum is not None:
        yield f"At most {shape.maximum:g}"
    example = next((one for one in shape.examples if isinstance(one, str) and "\n" not in one), None)
    if example is not None and not allowed and example != shape.default:
        yield f"For example {code(shortened(example))}"


def _written(value: object) -> str:
    """A value as YAML in flow style."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_written(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return json.dumps(value)
