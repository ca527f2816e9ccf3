"""A terminal with a program in it: keys go in, and what is on the screen comes out, as text or as a picture."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from types import TracebackType

import pyte
from pyte.screens import Char
from rich.style import Style
from rich.text import Text

from tests.patience import PATIENCE

__all__ = ["Terminal"]

_PICTURE = Path(__file__).resolve().parents[2] / "docs" / "picture.py"
_HEX = re.compile(r"[0-9a-f]{6}")


class Terminal:
    """A program that runs in a terminal of a size; use it in a `with` statement, which ends the program."""

    def __init__(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        folder: Path,
        *,
        columns: int = 100,
        lines: int = 30,
    ) -> None:
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._end, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._program = subprocess.Popen(
            command,
            stdin=other,
            stdout=other,
            stderr=other,
            cwd=folder,
            env={**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
        )
        os.close(other)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._program.poll() is None:
            os.killpg(self._program.pid, signal.SIGKILL)
        self._program.wait()
        os.close(self._end)

    def type(self, keys: str) -> None:
        os.write(self._end, keys.encode())

    @property
    def shown(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    def until(self, what: str, is_shown: Callable[[str], bool]) -> str:
        """Read what the program writes until the screen is as wanted and nothing more comes for a moment."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            is_quiet = not select.select([self._end], [], [], 0.3)[0]
            if not is_quiet:
                self._stream.feed(os.read(self._end, 65_536))
            elif is_shown(self.shown):
                return self.shown
        raise AssertionError(f"timed out while waiting for {what}:\n{self.shown}")

    def picture(self, title: str) -> str:
        """The screen as an SVG picture."""
        spec = importlib.util.spec_from_file_location("picture", _PICTURE)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        text = Text()
        for number in range(self._screen.lines):
            row = self._screen.buffer[number]
            cells = (row[column] for column in range(self._screen.columns))
            for look, alike in groupby(cells, key=lambda cell: cell._replace(data="")):
                text.append("".join(cell.data for cell in alike), _style(look))
            text.append("\n" if number < self._screen.lines - 1 else "")
        svg: str = module.drawn(text, title, self._screen.columns)
        return svg


def _style(cell: Char) -> Style:
    return Style(
        color=_color(cell.fg),
        bgcolor=_color(cell.bg),
        bold=cell.bold,
        italic=cell.italics,
        underline=cell.underscore,
        reverse=cell.reverse,
    )


def _color(name: str) -> str | None:
    """The name that Rich has for a color of the terminal."""
    if name == "default":
        return None
    if _HEX.fullmatch(name):
        return f"#{name}"
    return {"brown": "yellow"}.get(name, name.replace("bright", "bright_"))
