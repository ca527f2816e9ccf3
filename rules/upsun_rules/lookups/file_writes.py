"""The files and folders that the usual commands of a script create, move and remove."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from upsun_rules.shell.app_paths import app_path
from upsun_rules.shell.parsing import Command, Script, Word
from upsun_schema.record import NamedTuple

__all__ = ["FileWrite", "moved_away", "writes_of"]

_VALUES = {
    "mkdir": ("-m", "--mode"),
    "touch": ("-d", "-t", "-r", "--date", "--reference"),
    "install": ("-m", "-o", "-g", "--mode", "--owner", "--group"),
    "rsync": ("--exclude", "--include", "-e", "--rsh", "--exclude-from", "--chmod"),
    "cp": ("-S", "--suffix"),
    "mv": ("-S", "--suffix"),
}
_COPIES = frozenset({"cp", "mv", "rsync", "install"})


class FileWrite(NamedTuple):
    """A path below the application's folder that a command creates or fills; `makes_folder` for `mkdir`."""

    command: Command
    word: Word
    path: str
    makes_folder: bool


def writes_of(script: Script) -> Iterator[FileWrite]:
    """Yield what `mkdir`, `touch`, `cp`, `mv`, `rsync`, `install` and `tar -C` write below the application's folder."""
    for command in script.commands:
        if command.program in ("mkdir", "touch", "tar", "unzip") or command.program in _COPIES:
            for word in _targets(command):
                path = app_path(word, command.folder)
                if path:
                    yield FileWrite(command, word, path, command.program == "mkdir")


def moved_away(script: Script) -> Iterator[str]:
    """Yield the paths below the application's folder that a script moves elsewhere, copies, links or removes."""
    for command in script.commands:
        if command.program in ("mv", "rm", "rmdir", "cp", "rsync", "ln"):
            operands = _operands(command)
            for word in operands if command.program in ("rm", "rmdir", "ln") else operands[:-1]:
                text = word.text.removesuffix("*").removesuffix("/.") or "/"
                path = app_path(text, command.folder)
                if path:
                    yield path


def _targets(command: Command) -> list[Word]:
    if command.program in ("tar", "unzip"):
        option = "-C" if command.program == "tar" else "-d"
        words = command.arguments
        return [after for before, after in pairwise(words) if before.text == option]
    operands = _operands(command)
    if command.program in _COPIES and not any(word.text in ("-d", "--directory") for word in command.arguments):
        return operands[-1:] if len(operands) > 1 else []
    return operands


def _operands(command: Command) -> list[Word]:
    values = _VALUES.get(command.program, ())
    found: list[Word] = []
    skip = False
    for word in command.arguments:
        if skip:
            skip = False
        elif word.text in values:
            skip = True
        elif not word.text.startswith("-"):
            found.append(word)
    return found
