"""Which workers the changes of an application reach: a few lines after the findings."""

from __future__ import annotations

from collections.abc import Sequence

from upsun_lint.narrowing.changes import Reach
from upsun_lint.writing.terminal import Terminal, printable

__all__ = ["render"]


def render(found: Sequence[tuple[str, Reach]], terminal: Terminal) -> str:
    """Return the lines for what is found, each with the path of its project; nothing where nothing is found."""
    if not found:
        return ""
    several = len({project for project, _ in found}) > 1
    lines = [terminal.paint("What changed in applications, and the workers it reaches:", "bold")]
    for project, reach in found:
        where = f"{project}: " if several else ""
        lines.append(f"  {printable(where + reach.application)}: {reach.property}: {printable(_words(reach))}")
    return "".join(f"{line}\n" for line in lines) + "\n"


def _words(reach: Reach) -> str:
    reached, own = ", ".join(reach.reached), ", ".join(reach.overriding)
    if not own:
        return f"reaches {reached}"
    return f"reaches {reached}; overridden by {own}" if reached else f"reaches no worker; overridden by {own}"
