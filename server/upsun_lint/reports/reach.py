"""The workers that changes of an application reach: a few lines before the findings."""

from __future__ import annotations

from collections.abc import Sequence

from upsun_lint.run.result import Reach
from upsun_lint.writing.terminal import Terminal, printable

__all__ = ["render"]


def render(found: Sequence[Reach], terminal: Terminal) -> str:
    """One line per changed property, with the path of its project if there are several; empty if nothing changed."""
    if not found:
        return ""
    several = len({one.project for one in found}) > 1
    lines = [terminal.paint("What changed in applications, and the workers it reaches:", "bold")]
    for reach in found:
        where = f"{reach.project}: " if several else ""
        lines.append(f"  {printable(where + reach.application)}: {reach.property}: {printable(_words(reach))}")
    return "".join(f"{line}\n" for line in lines) + "\n"


def _words(reach: Reach) -> str:
    reached, own = ", ".join(reach.reached), ", ".join(reach.overriding)
    if not own:
        return f"reaches {reached}"
    return f"reaches {reached}; overridden by {own}" if reached else f"reaches no worker; overridden by {own}"
