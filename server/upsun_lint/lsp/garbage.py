"""When garbage is collected: if possible in a pause after something was sent, while nobody waits."""

from __future__ import annotations

import asyncio
import gc

__all__ = ["Garbage", "begin"]

# A tree is full of reference cycles: looking for them seldom would hold 3.5 MiB more after some edits of a large file,
# and is no faster.
_THRESHOLDS = (5_000, 5, 5)
# What a keystroke leaves behind in a large entry. Without the pause, every fourth keystroke took 1 to 8 ms for it.
_WORTHWHILE = 1_000
_PAUSE = 0.03


def begin() -> None:
    """Collect garbage from now on. What was imported until now stays, so it is not looked at."""
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    gc.enable()


class Garbage:
    """Collects garbage in pauses; if there are none, Python does it at any time."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None

    def hold(self) -> None:
        """Do not collect: there is something to do."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def collect_in_pause(self) -> None:
        """Collect in a moment, unless there is something to do then."""
        self.hold()
        self._timer = asyncio.get_running_loop().call_later(_PAUSE, _catch_up)


def _catch_up() -> None:
    """Collect what would be collected soon. Python itself decides how thoroughly, as always."""
    if gc.get_count()[0] > _WORTHWHILE:
        gc.set_threshold(1, *_THRESHOLDS[1:])
        _: set[object] = set()  # Any new object that can refer to others makes it look.
        gc.set_threshold(*_THRESHOLDS)
