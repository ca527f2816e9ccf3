"""Diffs on standard output: colored for people, byte for byte for programs; CI commands in them are defused."""

from __future__ import annotations

import sys

from upsun_lint.fixing.fixes import encode
from upsun_lint.writing import output
from upsun_lint.writing.ci_log import inert
from upsun_lint.writing.terminal import Terminal, printable, terminal

__all__ = ["print_diffs"]


def print_diffs(diffs: list[str], color: str) -> None:
    """Print unified diffs. `color` is auto, always or never."""
    surface = terminal(sys.stdout, color)
    text = "".join(diffs)
    if surface.color or surface.is_screen:
        output.write(inert("".join(f"{_painted(line, surface)}\n" for line in text.split("\n")[:-1])))
    else:
        output.write_bytes(encode(inert(text)))


def _painted(line: str, surface: Terminal) -> str:
    style = {"-": "red", "+": "green", "@": "cyan"}.get(line[:1], "")
    return surface.paint(printable(line), "bold" if line.startswith(("---", "+++")) else style)
