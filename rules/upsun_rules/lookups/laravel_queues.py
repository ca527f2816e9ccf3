"""The queue connection that a command of Laravel names."""

from __future__ import annotations

from upsun_rules.shell.parsing import Command, Word

__all__ = ["ALWAYS_THERE", "CONFIGURATION", "connection_of"]

CONFIGURATION = "config/queue.php"

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
