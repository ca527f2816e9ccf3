"""Why a command could not do its work."""

from __future__ import annotations

__all__ = ["Failure"]


class Failure(Exception):
    """The work could not be done: exit status 2. The text is one plain line: the reason and a remedy."""
