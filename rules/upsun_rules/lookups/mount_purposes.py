"""What the files in a mount are for, as far as the words of its path say it."""

from __future__ import annotations

import re

from upsun_schema.configuration.model import Mount
from upsun_schema.expression import expression

__all__ = ["looks_disposable", "looks_lasting", "looks_shared"]


# Words of a path, and what folders with such names usually hold.
_LASTING = expression(
    "attachments?|backups?|data|databases?|db|files|medias?|sessions?|sqlite3?|upload(s|ed)?",
)
_SHARED = expression(
    "attachments?|documents|exports?|files|medias?|private|public|share[ds]?|sites|spool|storage|upload(s|ed)?",
)
_REMADE = expression("cache[ds]?|composer|framework|logs?|npm|pip|run|scratch|te?mp|yarn")
_SESSIONS = expression("sessions?")
_WORD = expression(r"[A-Z]?[a-z]+\d?|[A-Z]+|\d+")


def looks_lasting(mount: Mount) -> bool:
    """Whether the files should be kept."""
    return _speaks_of(mount.path, _LASTING) and not _speaks_of(mount.path, _REMADE)


def looks_shared(mount: Mount) -> bool:
    """Whether several containers should have the same files."""
    return _speaks_of(mount.path, _SHARED) and not looks_disposable(mount)


def looks_disposable(mount: Mount) -> bool:
    """Whether the files can be created again, or no worker needs them."""
    # Folders with a dot hold caches and settings of tools. No worker needs a visitor's session.
    dotted = any(part.startswith(".") for part in mount.path.split("/"))
    return dotted or _speaks_of(mount.path, _REMADE) or _speaks_of(mount.path, _SESSIONS)


def _speaks_of(path: str, words: re.Pattern[str]) -> bool:
    """Whether one of the words in a path is one of these."""
    return any(words.fullmatch(word.lower()) for word in _WORD.findall(path))
