"""The queue connections of Laravel: the one that a command names, and those that an application has."""

from __future__ import annotations

from upsun_rules.frameworks.php_arrays import PhpArray, returned_array
from upsun_rules.resolution.application_files import ApplicationFiles
from upsun_rules.shell.parsing import Command, Word
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Region

__all__ = ["ALWAYS_THERE", "Connections", "connection_of", "connections", "written_connections"]

_CONFIGURATION = "config/queue.php"

ALWAYS_THERE = frozenset({"sync", "database", "beanstalkd", "sqs", "redis", "deferred", "background", "failover"})
"""Connections that Laravel adds to those of an application, since version 11 (`LoadConfiguration`)."""

_WITH_VALUE = frozenset({"--env", "--name", "--queue", "--delay", "--backoff", "--memory", "--timeout", "--sleep"}) | {
    *("--rest", "--tries", "--max-jobs", "--max-time", "--stop-when-empty-for")
}


def connection_of(command: Command) -> Word | None:
    """The connection of a `queue:work`; None if it names none, or if the shell computes it."""
    words = list(command.arguments)
    at = next((at for at, word in enumerate(words) if not word.text.startswith("-")), len(words)) + 1
    while at < len(words):
        word = words[at]
        if not word.text.startswith("-"):
            return word if word.literal and word.text else None
        at += 2 if word.text in _WITH_VALUE else 1
    return None


class Connections(NamedTuple):
    """The connections in the configuration, and the place of their section."""

    array: PhpArray
    section: Region


def written_connections(files: ApplicationFiles) -> Connections | None:
    """The connections of an application as they are written; None where they are computed."""
    document = files.text(_CONFIGURATION)
    array = returned_array(document.text) if document is not None else None
    span, found = array.entries.get("connections", (None, None)) if array is not None else (None, None)
    if document is None or span is None or not isinstance(found, PhpArray):
        return None
    return Connections(found, Region(document.whole, span.start, span.end))


def connections(files: ApplicationFiles) -> list[str]:
    """The names of the connections that are written in the configuration."""
    found = written_connections(files)
    return [] if found is None else list(found.array.entries)
