"""Reports for people and for programs: one module per format."""

from __future__ import annotations

from importlib import import_module

from upsun_lint.run.result import Report
from upsun_lint.run.settings import FORMATS
from upsun_lint.writing.terminal import Terminal

__all__ = ["FORMATS", "render"]


def render(name: str, report: Report, terminal: Terminal, *, quiet: bool = False) -> str:
    """The report of a run in one of `FORMATS`: each is a module here, `text` is `full_text`.

    `quiet` reduces it to the findings.
    """
    module = "full_text" if name == "text" else name
    return str(import_module(f"upsun_lint.reports.{module}").render(report, terminal, quiet=quiet))
