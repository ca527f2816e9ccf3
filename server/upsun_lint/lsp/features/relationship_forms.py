"""The two ways to write a relationship that names an endpoint: `service:endpoint`, and a map with both."""

from __future__ import annotations

import re

from upsun_rules.editing.blocks import in_quotes
from upsun_rules.finding import Edit, Fix
from upsun_schema.configuration.model import Relationship
from upsun_schema.yaml.nodes import Mapping, Region, Scalar
from upsun_schema.yaml.writing import is_plain, quoted

__all__ = ["in_other_form"]

_BETWEEN = re.compile(r"[ \t]*:(?P<blanks>[ \t]*(?:\r?\n *)?)")


def in_other_form(relationship: Relationship) -> Fix | None:
    """The relationship written the other way; None if it has no endpoint, or if something in it would be lost."""
    node = relationship.pair.value
    if relationship.target is None or relationship.endpoint is None or node.anchor or node.tag:
        return None
    service, endpoint = relationship.target, relationship.endpoint
    if isinstance(node, Scalar) and relationship.is_readable:
        edit = Edit(node.region, f"{{service: {_in_map(service)}, endpoint: {_in_map(endpoint)}}}")
        return Fix(f"Write relationship `{relationship.name}` as a map", (edit,))
    if not isinstance(node, Mapping) or node.entries.keys() != {"service", "endpoint"} or len(node.pairs) != 2:
        return None
    region = _value(relationship, node)
    if region is None or "#" in region.text or any(mark in region.text for mark in "&*!"):
        return None
    edit = Edit(region, f" {in_quotes(f'{service}:{endpoint}', node.piece)}")
    return Fix(f"Write relationship `{relationship.name}` as `{service}:{endpoint}`", (edit,))


def _in_map(name: str) -> str:
    return name if is_plain(name, in_flow=True) else quoted(name)


def _value(relationship: Relationship, node: Mapping) -> Region | None:
    """What is behind the colon of the relationship's key, up to the end of its map."""
    between = _BETWEEN.fullmatch(node.piece.text, relationship.key.end, node.start)
    end = node.end if node.flow else node.pairs[-1].value.end
    return None if between is None else Region(node.piece, between.start("blanks"), end)
