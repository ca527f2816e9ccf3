"""Where a program is that may be run: never one that a checked repository brings along."""

from __future__ import annotations

import os
import shutil

from upsun_schema.record import NamedTuple

__all__ = ["Program", "program", "within"]


class Program(NamedTuple):
    """The path of a program; None where there is none. `passed_over` is one that the checked folder brings along."""

    path: str | None
    passed_over: str | None = None


def program(name: str, folder: str) -> Program:
    """A program in the absolute folders of the PATH that are not in the checkout or the current folder."""
    checkout, current = _checkout(os.path.realpath(folder)), os.path.realpath(os.curdir)
    passed_over = None
    for entry in os.environ.get("PATH", os.defpath).split(os.pathsep):
        found = shutil.which(os.path.join(entry, f"{name}.exe" if os.name == "nt" else name))
        if found is None or not os.path.isabs(entry):
            continue
        places = [os.path.realpath(entry), os.path.dirname(os.path.realpath(found))]
        inside = os.path.dirname(checkout) != checkout and any(within(place, checkout) for place in places)
        if current not in places and not inside:
            return Program(found, passed_over)
        passed_over = found
    return Program(None, passed_over)


def _checkout(folder: str) -> str:
    """The topmost folder at or above this one with a repository; without one, the folder itself.

    The root of the file system is ignored: every program is below it.
    """
    found = folder
    while (above := os.path.dirname(folder)) != folder:
        if os.path.lexists(os.path.join(folder, ".git")):
            found = folder
        folder = above
    return found


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder or below it; both are absolute, with symbolic links followed."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
