"""What a command of a script runs in its place: another script, as `npm run build` and `make worker` do."""

from __future__ import annotations

from upsun_rules.shell.script import Word
from upsun_schema.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from upsun_schema.yaml.nodes import Region
else:
    Protocol = object

__all__ = ["Call", "Expansion", "Resolver", "ScriptPart"]


class Call(NamedTuple):
    """A command that may run another script.

    `words` are all its words, and the first `skipped` of them only run the others (`poetry run`). `folder` is where it
    runs, relative to the application's; None where that is unknown.
    """

    words: tuple[Word, ...]
    skipped: int
    folder: str | None


class ScriptPart(NamedTuple):
    """A shell text that runs in the place of a command.

    `region` is the text where it is defined, as `name`. `is_same` says that the text is that of the region, character
    for character. `folder` is where it runs. With `in_shell`, the calling shell reads it itself, as `.` does.
    """

    text: str
    region: Region
    folder: str | None
    name: str = ""
    is_same: bool = False
    in_shell: bool = False


class Expansion(NamedTuple):
    """What runs in the place of a command, one text after the other; or what is not there."""

    parts: tuple[ScriptPart, ...] = ()
    path: str = ""
    name: str = ""
    near: str = ""


class Resolver(Protocol):
    """Knows the files of a repository."""

    def expand(self, call: Call) -> Expansion | None:
        """What a command runs in its place; None if that is unknown, or if it is a program like any other."""
