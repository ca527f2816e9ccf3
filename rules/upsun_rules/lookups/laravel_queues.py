"""The queue connections of Laravel: the one that a command names, and those that an application has."""

from __future__ import annotations

from upsun_rules.resolution.application_files import ApplicationFiles
from upsun_rules.shell.parsing import Command, Word
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Region

__all__ = ["ALWAYS_THERE", "Connections", "connection_of", "connections"]

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
    """The connections in the configuration: the key of each, and its driver ("" if that is computed).

    `section` is the place of all of them. If not `is_whole`, there are others, whose names are computed.
    """

    section: Region
    drivers: dict[str, tuple[Region, str]]
    is_whole: bool


def connections(files: ApplicationFiles) -> Connections | None:
    """The connections of an application as they are written; None where they are computed."""
    document = files.text(_CONFIGURATION)
    if document is None:
        return None
    from upsun_rules.frameworks.php_arrays import PhpArray, returned_array

    array = returned_array(document.text)
    found = array.below("connections") if array is not None else None
    if array is None or not isinstance(found, PhpArray):
        return None
    drivers: dict[str, tuple[Region, str]] = {}
    for name, (span, settings) in found.entries.items():
        driver = settings.below("driver") if isinstance(settings, PhpArray) else None
        drivers[name] = Region(document.whole, span.start, span.end), driver if isinstance(driver, str) else ""
    section, _ = array.entries["connections"]
    return Connections(Region(document.whole, section.start, section.end), drivers, found.is_whole)
