"""The scripts of a repository that name an application or a worker to the platform's command line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from upsun_rules.shell.parsing import Command, parse
from upsun_schema.configuration.project import Project
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Scalar
from upsun_schema.yaml.walking import walk

__all__ = ["scripts_naming"]

_PROGRAM = "upsun"
_FOLDERS = ("", "bin", "scripts", ".github/workflows")
_ENDINGS = (".sh", ".yml", ".yaml")
_MOST_FILES = 200
_ONE_NAME = ("--worker", "--app", "-A")
_SIZES = ("--size", "--count", "--disk")
"""The options whose values are lists such as `app--worker:2,app:1`."""


def scripts_naming(project: Project, name: str) -> list[str]:
    """The scripts of the repository with a command of the platform's command line that names a container."""
    return [path for path, names in _names_by_script(project) if name in names]


def _names_by_script(project: Project) -> Iterator[tuple[str, frozenset[str]]]:
    for path in islice(_candidates(project), _MOST_FILES):
        text = project.read(path) or ""
        if _PROGRAM in text:
            shells = _shell_texts(path, text)
            commands = [command for shell in shells if _PROGRAM in shell for command in parse(shell).commands]
            yield path, frozenset(name for command in commands for name in _names(command))


def _candidates(project: Project) -> Iterator[str]:
    for folder in _FOLDERS:
        for name in sorted(_files_in(project, folder)):
            if name.endswith(_ENDINGS):
                yield f"{folder}/{name}" if folder else name


def _files_in(project: Project, folder: str) -> set[str]:
    found = {path.rpartition("/")[2] for path in project.overlay if path.rpartition("/")[0] == folder}
    if project.on_disk:
        with suppress(OSError):
            found.update(entry.name for entry in os.scandir(os.path.join(project.root, folder)) if entry.is_file())
    return found


def _shell_texts(path: str, text: str) -> Iterator[str]:
    """Yield the shell texts of a file: all of a script, the values of a YAML file."""
    if path.endswith(".sh"):
        yield text
        return
    root = Document(path, text, whole=True).root
    for node in walk(root) if root is not None else ():
        if isinstance(node, Scalar):
            yield node.text


def _names(command: Command) -> Iterator[str]:
    """Yield the containers that a command names."""
    if command.program != _PROGRAM:
        return
    words = [word.text for word in command.arguments]
    for word, following in zip(words, [*words[1:], ""], strict=True):
        option, equals, value = word.partition("=")
        value = value if equals else following
        if option in _ONE_NAME:
            yield value
        elif option in _SIZES:
            yield from (part.partition(":")[0] for part in value.split(","))
