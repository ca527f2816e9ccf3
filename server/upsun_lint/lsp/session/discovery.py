"""Where the projects in the client's folders are, looked for while everything else goes on.

A folder may be a whole disk, so the search is bounded, and it runs in a thread of its own. What is near is found first.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from upsun_schema.configuration.project import CONFIG_FOLDER, SKIPPED_FOLDERS

__all__ = ["MOST_FOLDERS", "MOST_PROJECTS", "Discovery", "Search"]

MOST_FOLDERS = 20_000
"""How many folders are looked into at most, for each folder of the client's."""

MOST_PROJECTS = 200
"""How many projects are found at most in each folder: every one is read and kept."""

_DEEPEST = 12
_NOT_DISKS = frozenset({"/dev", "/proc", "/sys"})


class Search:
    """A search below one folder, breadth first. `left_out` tells, once it is over, why it may have missed something."""

    def __init__(self, folder: str, *, most: int = MOST_FOLDERS, deepest: int = _DEEPEST) -> None:
        self.folder = folder
        self.left_out = ""
        self.is_cancelled = False
        self._most = most
        self._deepest = deepest

    def roots(self) -> Iterator[str]:
        """Yield the roots of the projects, the nearest first."""
        waiting = deque([(self.folder, 0)])
        found = 0
        for _ in range(self._most):
            if self.is_cancelled or not waiting:
                return
            folder, depth = waiting.popleft()
            names = sorted(_folders_in(folder))
            if CONFIG_FOLDER in names:
                if found == MOST_PROJECTS:
                    self.left_out = f"all but the nearest {MOST_PROJECTS} projects"
                    return
                found += 1
                yield folder
            below = [os.path.join(folder, name) for name in names if not _is_skipped(name)]
            if depth < self._deepest:
                waiting.extend((path, depth + 1) for path in below if path not in _NOT_DISKS)
            elif below:
                self.left_out = f"folders more than {self._deepest} levels deep"
        if waiting:
            self.left_out = f"all but the nearest {self._most:,} folders"


def _folders_in(folder: str) -> list[str]:
    """The names of the folders in a folder; of links only that of `.upsun`, so that there is an end."""
    try:
        with os.scandir(folder) as entries:
            return [one.name for one in entries if one.is_dir(follow_symlinks=one.name == CONFIG_FOLDER)]
    except OSError:
        return []


def _is_skipped(name: str) -> bool:
    return name in SKIPPED_FOLDERS or (name.startswith(".") and len(name) > 1)


class Discovery:
    """The search that is going on, if there is one.

    In the thread of the event loop `found` is called with each root, and `done` with the searches when all are over.
    """

    def __init__(self, found: Callable[[str], None], done: Callable[[list[Search]], None]) -> None:
        self._found = found
        self._done = done
        self._searches: list[Search] = []
        self._is_over = asyncio.Event()
        self._is_over.set()

    def start(self, folders: Iterable[str]) -> None:
        """Search folders, and give up a search of others."""
        self.cancel()
        self._is_over.clear()
        self._searches = [Search(folder) for folder in folders]
        arguments = (self._searches, asyncio.get_running_loop())
        # Not one of the loop's own threads: those are waited for when the server ends.
        threading.Thread(target=self._run, args=arguments, name="discovery", daemon=True).start()

    def cancel(self) -> None:
        """Give up the search that is going on."""
        for search in self._searches:
            search.is_cancelled = True

    @property
    def is_over(self) -> bool:
        """Whether nothing is searched."""
        return self._is_over.is_set()

    async def wait(self, seconds: float) -> None:
        """Wait until the search is over, but not longer than so many seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_over.wait(), seconds)

    def _run(self, searches: list[Search], loop: asyncio.AbstractEventLoop) -> None:
        with contextlib.suppress(RuntimeError):  # The loop is closed: the server has ended.
            for search in searches:
                for root in search.roots():
                    loop.call_soon_threadsafe(self._take, root, search)
            loop.call_soon_threadsafe(self._end, searches)

    def _take(self, root: str, search: Search) -> None:
        if not search.is_cancelled:
            self._found(root)

    def _end(self, searches: list[Search]) -> None:
        if searches is self._searches:
            self._is_over.set()
            self._done(searches)
