"""The report for people: a paragraph for each finding, and what they come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from upsun_lint.places.paths import display_path
from upsun_lint.reports.summary import count, summary
from upsun_lint.run.result import Report
from upsun_lint.writing.terminal import Terminal, width, wrap
from upsun_schema.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upsun_lint.fixing.fixes import AppliedFix

__all__ = ["render"]

_MOST_OF_A_KIND = 200
"""How many findings of one rule in one file are written out. Nobody reads more of them."""


class _Kind(NamedTuple):
    """Findings of one rule in one file."""

    root: str
    path: str
    rule: str


def render(report: Report, terminal: Terminal, *, quiet: bool = False) -> str:
    """The report: one paragraph per finding, the applied fixes, and a summary line.

    Of very many findings of one rule in one file only the first are written out, and the others counted.
    """
    seen: Counter[_Kind] = Counter()
    paragraphs: list[str] = []
    for project, finding in report.findings:
        kind = _Kind(project.root, project.file(finding.region).path, finding.rule)
        seen[kind] += 1
        if seen[kind] <= _MOST_OF_A_KIND:
            from upsun_lint.reports.paragraph import Paragraph  # Most checks find nothing.

            paragraphs.append(Paragraph(project, finding, terminal).text())
    paragraphs += [_not_shown(kind, number, terminal) for kind, number in seen.items() if number > _MOST_OF_A_KIND]
    if not quiet:
        if report.fixed:
            paragraphs.append(_fixed(report.fixed, terminal))
        paragraphs.append(summary(report, terminal) + "\n")
    return "\n".join(paragraphs)


def _not_shown(kind: _Kind, number: int, terminal: Terminal) -> str:
    where = display_path(kind.root, kind.path)
    left_out = count(number - _MOST_OF_A_KIND, "more finding")
    words = f"... and {left_out} of {kind.rule} in {where}; --format concise lists all of them"
    return "".join(f"{line}\n" for line in wrap(terminal.printable(words), terminal.columns))


def _fixed(fixed: Sequence[AppliedFix], terminal: Terminal) -> str:
    files = len({one.location.path for one in fixed})
    lines = [f"Fixed {count(len(fixed), 'finding')} in {count(files, 'file')}:"]
    for location, rule, title in fixed:
        head = f"  {terminal.printable(str(location))}: {rule}: "
        first, *rest = wrap(terminal.printable(title), terminal.columns - 4, terminal.columns - width(head))
        lines += [head + first, *(f"    {line}" for line in rest)]
    return "\n".join(lines) + "\n"
