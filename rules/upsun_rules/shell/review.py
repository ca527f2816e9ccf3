"""What another checker of shell texts remarks, in the form that rules read."""

from __future__ import annotations

from collections.abc import Sequence

from upsun_rules.shell.script import ScriptEdit
from upsun_schema.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object

__all__ = ["Remark", "Reviewer", "ShellScript"]


class ShellScript(NamedTuple):
    """A text to review, and the shell that reads it: `sh`, `dash` or `bash`."""

    shell: str
    text: str


class Remark(NamedTuple):
    """One remark: 0-based code points of the text, end exclusive; `level` is error, warning, info or style."""

    start: int
    end: int
    level: str
    code: str
    message: str
    edits: tuple[ScriptEdit, ...] = ()


class Reviewer(Protocol):
    """A checker of shell texts, such as the program ShellCheck. The front end decides which one there is."""

    def remarks(self, scripts: Sequence[ShellScript]) -> Sequence[tuple[Remark, ...]]:
        """The remarks about each text. Many texts at once cost hardly more than one."""
