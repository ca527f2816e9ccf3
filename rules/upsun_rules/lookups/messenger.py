"""The receivers that a command of Symfony Messenger names."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.shell.parsing import Command, Word

__all__ = ["receivers"]

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
