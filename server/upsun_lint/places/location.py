"""Locations for people: the path from the working directory, the line and the column."""

from __future__ import annotations

import os

from upsun_lint.places.paths import display_path
from upsun_schema.configuration.sources import Sources
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Region
from upsun_schema.yaml.text import Position

__all__ = ["Location", "locate"]


class Location(NamedTuple):
    """A range of a file: its display path, and 0-based positions in code points, the end exclusive."""

    path: str
    start: Position
    end: Position

    def __str__(self) -> str:
        """`path:line:column`, both counted from 1."""
        return f"{self.path}:{self.start.line + 1}:{self.start.column + 1}"


def locate(project: Sources, region: Region, base: str = os.curdir) -> Location:
    """The location of a region, with its path relative to the folder `base`."""
    document, span = project.where(region)
    lines = document.lines
    return Location(
        display_path(project.root, document.path, base), lines.position(span.start), lines.position(span.end)
    )
