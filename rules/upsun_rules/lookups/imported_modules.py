"""The modules that commands of Python import, and whether one is surely not there."""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Iterator

from upsun_rules.lookups.command_options import option_of
from upsun_rules.resolution.application_files import ApplicationFiles
from upsun_rules.shell.parsing import Command, Word
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.wording import nearest

__all__ = ["ImportedModule", "MissingModule", "imported_modules", "missing_module"]

_DOTTED = expression(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_TARGET = expression(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):[A-Za-z_]\w*(?:\(\))?")
_SERVERS = frozenset({"gunicorn", "uvicorn", "hypercorn", "daphne", "granian"})
_NOT_MODULES = frozenset({"python", "file", "unix", "fd", "egg", "tcp", "ssl", "localhost"})
_MOVES = ("--chdir", "--workdir", "--app-dir", "--pythonpath", "--path", "-p")
"""Options that say where modules are."""


class ImportedModule(NamedTuple):
    """A module that a command imports: its word, and its name. With `may_be_attribute` its last part may be none."""

    word: Word
    name: str
    may_be_attribute: bool


class MissingModule(NamedTuple):
    """A part of a module's name that is not there: the folder that lacks it, and a name that may be meant."""

    part: str
    folder: str
    near: str


def imported_modules(command: Command) -> Iterator[ImportedModule]:
    """Yield the modules that a command surely imports from the folder it runs in."""
    words = command.words
    if any(word.text.partition("=")[0] in _MOVES for word in command.arguments):
        return
    at = words.index(command.name)
    if at and words[at - 1].text == "-m" and words[0].text.rpartition("/")[2].startswith("python"):
        yield from _dotted(command.name, may_be_attribute=False)
    if command.program == "celery":
        target = option_of(command, "-A", "--app")
        yield from _dotted(target, may_be_attribute=True) if target is not None else ()
    elif command.program in _SERVERS:
        for word in command.arguments:
            match = _TARGET.fullmatch(word.text) if word.literal else None
            if match is not None and match[1] not in _NOT_MODULES:
                yield ImportedModule(word, match[1], may_be_attribute=False)
    elif command.program == "arq" and command.arguments and "." in command.arguments[0].text:
        yield from _dotted(command.arguments[0], may_be_attribute=True)


def _dotted(word: Word, *, may_be_attribute: bool) -> Iterator[ImportedModule]:
    name, colon, _ = word.text.partition(":")
    if word.literal and _DOTTED.fullmatch(name):
        yield ImportedModule(word, name, may_be_attribute and not colon)


def missing_module(module: ImportedModule, folder: str, files: ApplicationFiles) -> MissingModule | None:
    """The part of a module's name that is surely not there; None where it may be.

    A package of the repository hides others of its name, so all of it must be in its folder. Another name may be that
    of a package that is installed, unless it is one letter off a name that the repository has.
    """
    first, *rest = module.name.split(".")
    if not _is_there(first, folder, files):
        return _misspelled(module, first, folder, files)
    path = posixpath.join(folder, first)
    for position, part in enumerate(rest):
        if "__init__.py" not in files.files(path):
            return None
        if not _is_there(part, path, files):
            is_last = position == len(rest) - 1
            if (is_last and module.may_be_attribute) or _is_set(part, path, files):
                return None
            return MissingModule(part, path, next(iter(nearest(part, _names(path, files))), ""))
        path = posixpath.join(path, part)
    return None


def _is_there(part: str, folder: str, files: ApplicationFiles) -> bool:
    names = files.files(folder)
    return part in files.folders(folder) or any(name.partition(".")[0] == part for name in names)


def _is_set(part: str, package: str, files: ApplicationFiles) -> bool:
    """Whether a package may provide a part of its name in another way than as a file."""
    path = posixpath.join(package, "__init__.py")
    return any(files.mentions(path, word) is not False for word in (part, "__path__", "__getattr__", "import *"))


def _names(folder: str, files: ApplicationFiles) -> list[str]:
    """The modules and packages in a folder."""
    modules = [name.removesuffix(".py") for name in files.files(folder) if name.endswith(".py")]
    packages = [name for name in files.folders(folder) if files.has_file(posixpath.join(folder, name, "__init__.py"))]
    return [*packages, *modules]


def _misspelled(module: ImportedModule, first: str, folder: str, files: ApplicationFiles) -> MissingModule | None:
    if first in sys.stdlib_module_names or any(first in files.folders(one) for one in _sources(folder, files)):
        return None
    near = next(iter(nearest(first, _names(folder, files))), "")
    rest = module.name.split(".")[1:]
    # What the name goes on with must be there, too: only then is it surely the one that is meant.
    is_meant = near and len(first) > 3 and (not rest or _is_there(rest[0], posixpath.join(folder, near), files))
    return MissingModule(first, folder, near) if is_meant else None


def _sources(folder: str, files: ApplicationFiles) -> Iterator[str]:
    """Yield the folders whose packages an installation of the project may make importable."""
    yield from (posixpath.join(folder, name) for name in files.folders(folder) if not name.startswith("."))
    if folder:
        yield from ("", *files.folders(""))
