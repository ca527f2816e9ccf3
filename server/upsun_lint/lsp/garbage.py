"""When garbage is collected: after something was sent if possible, when nobody waits for anything."""

from __future__ import annotations

import gc

__all__ = ["begin", "catch_up"]

# A tree is full of reference cycles: looking for them seldom would hold 3.5 MiB more after some edits of a large file,
# and is no faster.
_THRESHOLDS = (5_000, 5, 5)
# After two or three keystrokes. In each, 1 to 8 ms were taken for it now and then: the slowest twentieth were those.
_SOON = 2_000


def begin() -> None:
    """Collect garbage from now on. What was imported until now stays, so it is not looked at."""
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    gc.enable()


def catch_up() -> None:
    """Collect what would be collected soon. Python itself decides how thoroughly, as always."""
    if gc.get_count()[0] > _SOON:
        gc.set_threshold(1, *_THRESHOLDS[1:])
        _: set[object] = set()  # Any new object that can refer to others makes it look.
        gc.set_threshold(*_THRESHOLDS)
