"""Places as the readers of reports count them: lines and columns from 1, in the unit and below the folder they want."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from upsun_lint.quoting import visible
from upsun_lint.targets import display_path
from upsun_rules.finding import Finding
from upsun_schema.nodes import Region
from upsun_schema.project import Project
from upsun_schema.text import LineTable, Position

__all__ = ["CODE_POINTS", "UTF8", "UTF16", "Place", "checkout_path", "clean", "place", "related"]

CODE_POINTS = ("utf-32-le", 4)
UTF16 = ("utf-16-le", 2)
UTF8 = ("utf-8", 1)
"""What a column counts: an encoding and how many bytes of it are one unit."""

_CHECKOUTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY")
"""The variables in which GitHub, GitLab and Azure name the folder that holds the repository."""


class Place(NamedTuple):
    """A stretch of a file. Lines and columns count from 1; the end is exclusive.

    `path` is relative to the working directory.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


def place(project: Project, region: Region, unit: tuple[str, int] = CODE_POINTS) -> Place:
    """Return where a region is, with columns in a unit."""
    document, span = project.place(region)
    lines = document.lines
    start, end = lines.position(span.start), lines.position(span.end)
    path = clean(display_path(project.root, document.path))
    return Place(path, start.line + 1, _column(lines, start, unit), end.line + 1, _column(lines, end, unit))


def related(project: Project, finding: Finding) -> list[tuple[Place, str]]:
    """Return the other places that a finding speaks of, each with its words, quoted."""
    return [(place(project, one.region), visible(one.message)) for one in finding.related]


def _column(lines: LineTable, position: Position, unit: tuple[str, int]) -> int:
    text = lines.line(position.line)[: position.column]
    if unit is CODE_POINTS or text.isascii():
        return position.column + 1
    encoding, width = unit
    # A byte that is no UTF-8 stands in the text as a lone surrogate, and for one unit in every encoding.
    return len(text.encode(encoding, "surrogateescape" if unit is UTF8 else "surrogatepass")) // width + 1


def checkout_path(path: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return a path (relative to the working directory) as a CI means it: relative to the folder of the repository.

    Where no CI says which that is, or the file lies elsewhere, it stays as it is.
    """
    full = os.path.realpath(path)
    for name in _CHECKOUTS:
        folder = environment.get(name)
        if folder and full.startswith(os.path.realpath(folder).rstrip(os.sep) + os.sep):
            return os.path.relpath(full, os.path.realpath(folder)).replace(os.sep, "/")
    return path


def clean(text: str) -> str:
    """Return a text that every encoding of Unicode can hold: lone surrogates are replaced."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
