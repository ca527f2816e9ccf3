"""Relationships as they are written: which part can be edited, and in which form."""

from __future__ import annotations

from upsun_schema.configuration.model import Container, Relationship
from upsun_schema.yaml.nodes import Alias, Mapping, Pair, Region

__all__ = ["is_in_flow", "is_written_here", "without_quotes"]


def is_written_here(relationship: Relationship, part: str, text: str) -> bool:
    """Whether a part of a relationship is written here and reads as it is written. Only then can it be edited."""
    pair = relationship.pair
    node = relationship.node
    entry = node.get(part) if isinstance(node, Mapping) else pair
    if entry is None or isinstance(pair.value, Alias) or isinstance(entry.value, Alias):
        return False
    region = relationship.endpoint_region if part == "endpoint" else relationship.target_region
    return without_quotes(region).text == text


def without_quotes(region: Region) -> Region:
    """The region of a text without the quotes around it."""
    if len(region.text) > 1 and region.text[0] == region.text[-1] and region.text[0] in "'\"":
        return Region(region.piece, region.start + 1, region.end - 1)
    return region


def is_in_flow(container: Container) -> bool:
    """Whether the relationships of a container are written in braces."""
    relationships: Pair | None = container.entry("relationships")
    value = relationships.value.resolved if relationships is not None else None
    return isinstance(value, Mapping) and value.flow
