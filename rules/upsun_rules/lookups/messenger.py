"""The receivers of Symfony Messenger: those that a command names, and those that an application has."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from upsun_rules.resolution.application_files import ApplicationFiles, child
from upsun_rules.shell.parsing import Command, Word
from upsun_schema.yaml.nodes import Mapping, Node, Pair

__all__ = ["receivers", "transports"]

_FOLDERS = ("config/packages", "config/packages/prod")
_WAYS = (("framework",), ("when@prod", "framework"))
_MOST_FILES = 100

_WITH_VALUE = frozenset(
    {"--limit", "-l", "--failure-limit", "-f", "--memory-limit", "-m", "--time-limit", "-t", "--sleep", "--bus", "-b"}
    | {"--queues", "--env", "-e", "--exclude-receivers", "--keepalive", "--fetch-size"}
)


def receivers(command: Command) -> Iterator[Word]:
    """Yield the names of the receivers of a `messenger:consume`; those that the shell computes are left out."""
    words = iter(command.arguments)
    next(words, None)
    for word in words:
        if word.text in _WITH_VALUE:
            next(words, None)
        elif word.literal and word.text and not word.text.startswith("-"):
            yield word


def transports(files: ApplicationFiles) -> dict[str, Pair]:
    """The transports by name; none if they cannot be known."""
    found: dict[str, Pair] = {}
    for folder in _FOLDERS:
        base = folder
        names = files.files(base)[:_MOST_FILES]
        if "messenger.php" in names:
            return {}
        for name in names:
            if name.endswith((".yaml", ".yml")):
                document = files.tree(posixpath.join(base, name))
                found.update(_of_file(document.root) if document is not None else {})
    return found


def _of_file(root: Node | None) -> dict[str, Pair]:
    found: dict[str, Pair] = {}
    for way in _WAYS:
        transports = child(root, *way, "messenger", "transports")
        if isinstance(transports, Mapping):
            found.update(transports.entries)
    return found
