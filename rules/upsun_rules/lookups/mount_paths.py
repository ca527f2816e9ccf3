"""What the path of a mount says about its files."""

from __future__ import annotations

import re

__all__ = ["holds_remade_files", "speaks_of"]

_REMADE = re.compile("cache[ds]?|composer|framework|logs?|npm|pip|run|scratch|te?mp|yarn")
_WORD = re.compile(r"[A-Z]?[a-z]+\d?|[A-Z]+|\d+")


def speaks_of(path: str, words: re.Pattern[str]) -> bool:
    """Whether one of the words in a path is one of these."""
    return any(words.fullmatch(word.lower()) for word in _WORD.findall(path))


def holds_remade_files(path: str) -> bool:
    """Whether a path looks like that of a cache or of logs, whose files are made again."""
    return speaks_of(path, _REMADE)
