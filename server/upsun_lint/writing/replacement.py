"""Writes files whole or not at all: a new file beside the old one replaces it in one step."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from upsun_schema.expression import expression

__all__ = ["replace"]

_TEMPORARY = expression(r"\..+\.(?P<process>\d{1,7})\.[0-9a-f]{8}\.upsun-lint")
"""The name of a temporary file: the target, the process, and a random part."""

_STALE = 60
"""Seconds after which a temporary file without a process is a leftover."""


def replace(path: str, data: bytes, *, check: Callable[[], None] | None = None) -> list[str]:
    """Replace the content of a file in one step; return descriptions of attributes that were lost.

    Mode, owner and extended attributes are kept. The caller must resolve symbolic links. `check` is called at the
    last moment and may raise. OSError if the file cannot be written; then nothing has changed.
    """
    folder, name = os.path.split(path)
    try:
        old = os.stat(path)
    except FileNotFoundError:
        old = None
    _remove_stale(folder)
    temporary = os.path.join(folder, f".{name[:60]}.{os.getpid()}.{os.urandom(4).hex()}.upsun-lint")
    mode = 0o666 if old is None else 0o600
    try:
        with open(temporary, "xb", opener=lambda file, flags: os.open(file, flags, mode)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        lost = [] if old is None else _take_after(temporary, path, old)
        if check is not None:
            check()
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    return lost


def _take_after(temporary: str, path: str, old: os.stat_result) -> list[str]:
    """Give a new file the mode, the owner and the attributes of the old one; return what could not be set."""
    lost = []
    if sys.platform != "win32":
        with suppress(PermissionError):
            os.chown(temporary, old.st_uid, old.st_gid)
    if not _copy_attributes(path, temporary):
        lost.append("its extended attributes could not be kept")
    os.chmod(temporary, stat.S_IMODE(old.st_mode))
    if old.st_nlink > 1:
        # Writing in place would keep the link, but a killed run could leave half a file.
        others = "another name" if old.st_nlink == 2 else f"{old.st_nlink - 1} other names"
        lost.append(f"it was a hard link; its text under {others} is the old one")
    return lost


def _copy_attributes(path: str, temporary: str) -> bool:
    """Copy the extended attributes of a file, access control lists included; return whether all could be copied."""
    if sys.platform != "linux":
        return True
    try:
        names = os.listxattr(path)
    except OSError:
        return True  # This file system has none.
    copied = True
    for name in names:
        try:
            value = os.getxattr(path, name)
            if name not in os.listxattr(temporary) or os.getxattr(temporary, name) != value:
                os.setxattr(temporary, name, value)
        except OSError:
            copied = False
    return copied


def _remove_stale(folder: str) -> None:
    """Remove temporary files of killed runs from a folder: old ones whose process has ended."""
    try:
        entries = [(entry, match) for entry in os.scandir(folder) if (match := _TEMPORARY.fullmatch(entry.name))]
    except OSError:
        return
    for entry, match in entries:
        with suppress(OSError):
            found = entry.stat(follow_symlinks=False)
            is_old = time.time() - found.st_mtime > _STALE
            if is_old and stat.S_ISREG(found.st_mode) and not _is_alive(int(match["process"])):
                os.unlink(entry.path)


def _is_alive(process: int) -> bool:
    if sys.platform == "win32":
        return False  # Windows cannot remove a file that is being written.
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # It belongs to another user.
    return True
