"""What a change does, as a table: each thing before and after, and the workers that get it."""

from __future__ import annotations

from upsun_lint.places.paths import display_path
from upsun_lint.reports.markdown_cells import code, inline
from upsun_lint.run.differences import Difference, differences
from upsun_lint.run.result import Report

__all__ = ["change_table"]

_MOST_ROWS = 100


def change_table(report: Report) -> list[str]:
    """The lines of the section about changes; none if nothing is compared, or nothing changed."""
    several = len(report.results) > 1
    rows = [
        _row(one, f"{code(display_path(result.project.root))}: " if several else "")
        for result in report.results
        if result.change is not None
        for one in differences(result.change)
    ]
    if not rows:
        return []
    head = ["", "### What this change does", "", "| What | Before | After | Workers |", "| --- | --- | --- | --- |"]
    more = ["", f"And {len(rows) - _MOST_ROWS} more."] if len(rows) > _MOST_ROWS else []
    return [*head, *rows[:_MOST_ROWS], *more]


def _row(one: Difference, where: str) -> str:
    before, after = (code(text) if text else "" for text in (one.before, one.after))
    return f"| {where}{inline(one.thing)} | {before} | {after} | {_workers(one)} |"


def _workers(one: Difference) -> str:
    reached, others = ", ".join(map(code, one.reached)), ", ".join(map(code, one.others))
    return f"{reached}{'; ' if reached else ''}not {others}" if others else reached
