"""Reading what a repository holds. Any name in it may be a device, a pipe, a link that leads away, or huge."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator

__all__ = ["is_inside", "read_file", "walk"]

# Missing on Windows, where nothing of this kind can be opened by the name of a file.
_SAFELY = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def read_file(path: str, most: int, *, within: str | None = None) -> bytes:
    """The first bytes of a regular file, at most `most`, without ever waiting.

    `within` is a folder that the file must be in, symbolic links followed. OSError, with a reason in `strerror`, for
    a file that cannot be read and for anything else than a regular file.
    """
    real = os.path.realpath(path)
    if within is not None and not _is_below(real, os.path.realpath(within)):
        raise OSError(errno.EPERM, "this symbolic link leads out of the project", path)
    _check_regular(os.stat(real).st_mode, path)
    descriptor = os.open(real, os.O_RDONLY | _SAFELY | _BINARY | _NO_LINK)
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        _check_regular(status.st_mode, path)
        # Memory for a whole `most` would be reserved, for every small file.
        return file.read(most if status.st_size > most else -1)[:most]


def _check_regular(mode: int, path: str) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "this is a folder, not a file", path)
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "this is not a regular file", path)


def is_inside(path: str, folder: str) -> bool:
    """Whether a path is a folder or is in it, symbolic links followed.

    No file can have a name with a null character or a lone surrogate, so that such a path is nowhere.
    """
    try:
        return _is_below(os.path.realpath(path), os.path.realpath(folder))
    except ValueError:
        return False


def _is_below(real: str, folder: str) -> bool:
    return real == folder or real.startswith(folder.rstrip(os.sep) + os.sep)


def walk(top: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield each folder in and below another, with the names of the folders and files in it, outer ones first.

    The caller may sort the names of the folders, and remove those that are to be left out. Symbolic links are not
    followed. Unlike `os.walk` in Python 3.11, this takes folders of any depth.
    """
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        folders: list[str] = []
        files: list[str] = []
        links: set[str] = set()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    (folders if _is_folder(entry) else files).append(entry.name)
                    if entry.is_symlink():
                        links.add(entry.name)
        except OSError:
            continue
        yield folder, folders, files
        waiting.extend(os.path.join(folder, name) for name in reversed(folders) if name not in links)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
