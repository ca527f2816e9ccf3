"""The extensions of the PHP images, by version of PHP.

Source: the platform's public registry, in `php_extensions.json` (`extensions`: each name with its versions by status;
`core`: what every PHP has built in, so that it is not an extension to enable).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache

from upsun_schema.data_files import json_beside

__all__ = ["ExtensionStatus", "PhpExtensions"]


class ExtensionStatus(StrEnum):
    """Whether an extension is enabled unless one says otherwise, can be enabled, or is always there."""

    DEFAULT = "default"
    AVAILABLE = "available"
    BUILT_IN = "built-in"


class PhpExtensions:
    """The extensions that the platform offers."""

    def __init__(self, date: str, core: frozenset[str], extensions: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self.date = date
        """The day that the table is of, as `2026-07-21`."""
        self.core = core
        """What is a part of PHP itself."""
        # The versions of each, by status.
        self._extensions = extensions

    @staticmethod
    @cache
    def embedded() -> PhpExtensions:
        """The table that is shipped."""
        table = json_beside(__file__, "php_extensions.json")
        return PhpExtensions(table["date"], frozenset(table["core"]), table["extensions"])

    def knows(self, version: str) -> bool:
        """Whether the table has a version of PHP."""
        return any(self.status(name, version) for name in self._extensions)

    def names(self, version: str) -> list[str]:
        """The extensions of a version of PHP."""
        return [name for name in self._extensions if self.status(name, version)]

    def versions(self, name: str) -> tuple[str, ...]:
        """The versions of PHP that have an extension, the newest first."""
        found = [version for versions in self._extensions.get(name, {}).values() for version in versions]
        return tuple(sorted(found, key=lambda one: [*map(int, one.split("."))], reverse=True))

    def status(self, name: str, version: str) -> ExtensionStatus | None:
        """The status of an extension; None where this version of PHP does not have it."""
        for status, versions in self._extensions.get(name, {}).items():
            if version in versions:
                return ExtensionStatus(status)
        return None
