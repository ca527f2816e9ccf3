"""The search for projects in the client's folders.

A folder may be a whole disk, so the search is limited and runs in a separate thread. The nearest projects come first.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from upsun_schema.configuration.project import CONFIG_FOLDER, SKIPPED_FOLDERS

__all__ = ["MOST_FOLDERS", "MOST_PROJECTS", "Discovery", "Search", "is_searched"]

MOST_FOLDERS = 20_000
"""The largest number of folders searched in each of the client's folders."""

MOST_PROJECTS = 200
"""The largest number of projects found in each of the client's folders; every one is kept in memory."""

_DEEPEST = 12
_NOT_DISKS = frozenset({"/dev", "/proc", "/sys"})


class Search:
    """A breadth-first search below one folder. Afterwards, `left_out` says what was not searched, if anything."""

    def __init__(self, folder: str, *, most: int = MOST_FOLDERS, deepest: int = _DEEPEST) -> None:
        self.folder = folder
        self.left_out = ""
        self.is_canceled = False
        self._most = most
        self._deepest = deepest

    def roots(self) -> Iterator[str]:
        """The roots of the projects, the nearest first."""
        waiting = deque([(self.folder, 0)])
        found = 0
        for _ in range(self._most):
            if self.is_canceled or not waiting:
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


def is_searched(folder: str, root: str) -> bool:
    """Whether a search of a folder looks into another one."""
    below = os.path.relpath(root, folder)
    names = [] if below == "." else below.split(os.sep)
    return len(names) <= _DEEPEST and os.pardir not in names[:1] and not any(map(_is_skipped, names))


def _folders_in(folder: str) -> list[str]:
    """The names of the subfolders. Links are not followed, except `.upsun`: they could form a loop."""
    try:
        with os.scandir(folder) as entries:
            return [one.name for one in entries if one.is_dir(follow_symlinks=one.name == CONFIG_FOLDER)]
    except OSError:
        return []


def _is_skipped(name: str) -> bool:
    return name in SKIPPED_FOLDERS or (name.startswith(".") and len(name) > 1)


class Discovery:
    """Runs the searches of all folders in a thread.

    In the event loop, `found` is called with each root, and `done` with the searches when all of them are over.
    """

    def __init__(self, found: Callable[[str], None], done: Callable[[list[Search]], None]) -> None:
        self._found = found
        self._done = done
        self._searches: list[Search] = []
        self._is_over = asyncio.Event()
        self._is_over.set()

    def start(self, folders: Iterable[str]) -> None:
        """Search folders, and cancel a running search."""
        self.cancel()
        self._is_over.clear()
        self._searches = [Search(folder) for folder in folders]
        loop = asyncio.get_running_loop()
        if not self._searches:  # No thread for nothing; in a browser there are no threads.
            loop.call_soon(self._end, self._searches)
            return
        # Not a thread of the event loop: the server would wait for it when it exits.
        threading.Thread(target=self._run, args=(self._searches, loop), name="discovery", daemon=True).start()

    def cancel(self) -> None:
        """Cancel the running search."""
        for search in self._searches:
            search.is_canceled = True

    @property
    def is_over(self) -> bool:
        """Whether no search is running."""
        return self._is_over.is_set()

    async def wait(self, seconds: float) -> None:
        """Wait until the search is over, at most for this time."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_over.wait(), seconds)

    def _run(self, searches: list[Search], loop: asyncio.AbstractEventLoop) -> None:
        with contextlib.suppress(RuntimeError):  # The loop is closed: the server has ended.
            for search in searches:
                for root in search.roots():
                    loop.call_soon_threadsafe(self._take, root, search)
            loop.call_soon_threadsafe(self._end, searches)

    def _take(self, root: str, search: Search) -> None:
        if not search.is_canceled:
            self._found(root)

    def _end(self, searches: list[Search]) -> None:
        if searches is self._searches:
            self._is_over.set()
            self._done(searches)
