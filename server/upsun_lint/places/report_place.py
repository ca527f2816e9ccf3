"""Places in reports: lines and columns from 1, in the unit that the readers of a format expect."""

from __future__ import annotations

from upsun_lint.places.paths import display_path
from upsun_lint.writing.quoting import visible
from upsun_rules.finding import Finding
from upsun_schema.configuration.sources import Sources
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Region
from upsun_schema.yaml.text import LineTable, Position

__all__ = ["CODE_POINTS", "UTF8", "UTF16", "ReportPlace", "clean", "place", "related"]

CODE_POINTS = ("utf-32-le", 4)
UTF16 = ("utf-16-le", 2)
UTF8 = ("utf-8", 1)
"""The unit of a column: an encoding, and the number of its bytes in one unit."""


class ReportPlace(NamedTuple):
    """A range of a file. Lines and columns count from 1; the end is exclusive.

    `path` is relative to the working directory.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


def place(project: Sources, region: Region, unit: tuple[str, int] = CODE_POINTS) -> ReportPlace:
    """The place of a region, with columns in a unit."""
    document, span = project.where(region)
    lines = document.lines
    start, end = lines.position(span.start), lines.position(span.end)
    path = clean(display_path(project.root, document.path))
    return ReportPlace(path, start.line + 1, _column(lines, start, unit), end.line + 1, _column(lines, end, unit))


def related(project: Sources, finding: Finding) -> list[tuple[ReportPlace, str]]:
    """The related places of a finding, each with its message, quoted."""
    return [(place(project, one.region), visible(one.message)) for one in finding.related]


def _column(lines: LineTable, position: Position, unit: tuple[str, int]) -> int:
    text = lines.line(position.line)[: position.column]
    if unit is CODE_POINTS or text.isascii():
        return position.column + 1
    encoding, width = unit
    # A byte that is not UTF-8 is a lone surrogate in the text, and one unit in every encoding.
    return len(text.encode(encoding, "surrogateescape" if unit is UTF8 else "surrogatepass")) // width + 1


def clean(text: str) -> str:
    """A text with lone surrogates replaced, so that every encoding of Unicode can hold it."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
