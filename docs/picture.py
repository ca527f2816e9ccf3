"""Draw what a command prints as an SVG picture: python docs/picture.py OUT.svg TITLE COMMAND [ARG …].

The command is run as it is, in color, 80 columns wide; nothing in the picture is retouched.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

# As rich's own, without its fonts from the network.
_FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" xml:space="preserve">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; white-space: pre; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def drawn(text: Text, title: str, width: int) -> str:
    """A text in color as an SVG picture of a terminal of a width in columns."""
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(text, no_wrap=True, crop=False)
    return console.export_svg(title=title, theme=MONOKAI, code_format=_FORMAT, unique_id="upsun-lint")


def main() -> None:
    """Draw."""
    target, title, *command = sys.argv[1:]
    environment = os.environ | {"FORCE_COLOR": "1", "COLUMNS": "80", "TERM": "xterm-256color"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    text = Text.from_ansi(f"$ {title}\n{done.stdout}")
    # An address is one word, however long it is.
    width = max(84, *(len(line) for line in text.plain.split("\n")))
    Path(target).write_text(drawn(text, title, width), "utf-8")


if __name__ == "__main__":
    main()
