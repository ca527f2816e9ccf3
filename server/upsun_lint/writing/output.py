"""The output of the process: text in any encoding, to readers that may have stopped reading."""

from __future__ import annotations

import codecs
import errno
import os
import sys

from upsun_lint.failure import Failure
from upsun_lint.writing.ci_log import inert
from upsun_lint.writing.replacement import replace
from upsun_lint.writing.terminal import in_ascii, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO


__all__ = ["add_to_file", "discard", "error", "finish", "prepare", "write", "write_bytes", "write_file"]


def prepare() -> None:
    """Make standard output and error accept any text: characters that their encoding lacks are replaced."""
    codecs.register_error("upsun-lint", _replaced)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="upsun-lint")


def _replaced(fault: UnicodeError) -> tuple[str, int]:
    if not isinstance(fault, UnicodeEncodeError):
        raise fault
    return in_ascii(fault.object[fault.start : fault.end]), fault.end


def write(text: str, *, stderr: bool = False) -> None:
    """Write a text to standard output, or error. A closed pipe is not a failure; a full disk is."""
    stream = sys.stderr if stderr else sys.stdout
    if stream is None:
        return
    try:
        stream.write(text)
    except OSError as fault:
        _lost(stream, fault)


def write_bytes(data: bytes) -> None:
    """Write bytes to standard output unchanged."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
    except OSError as fault:
        _lost(sys.stdout, fault)


def write_file(path: str, data: bytes) -> None:
    """Write a file, whole or not at all, keeping the mode of an old one; symbolic links are followed.

    Other attributes that are lost are reported on standard error. Failure if it cannot be written.
    """
    full = os.path.realpath(path)
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            add_to_file(path, data)  # A device or a pipe cannot be replaced.
            return
        if os.path.exists(full) and not os.stat(full).st_mode & 0o222:
            raise PermissionError(errno.EACCES, "it is read-only")
        lost = replace(full, data)
    except BrokenPipeError:
        return
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        raise Failure(f"{path}: this file cannot be written: {reason}") from None
    for one in lost:
        error(f"{path}: {one}")


def add_to_file(path: str, data: bytes) -> None:
    """Append to a file. OSError if it cannot be written, such as a pipe without a reader."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    waiting = getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags | waiting | getattr(os, "O_NOCTTY", 0), 0o666)
    except OSError as fault:
        if fault.errno != errno.ENXIO:
            raise
        raise OSError(errno.ENXIO, "this pipe has no reader", path) from None
    with open(descriptor, "ab") as file:
        if waiting:
            os.set_blocking(descriptor, True)
        file.write(data)


def error(message: str) -> None:
    """Write one plain line to standard error."""
    write(inert(f"upsun-lint: {printable(' '.join(message.split()))}\n"), stderr=True)


def discard(stream: IO[str]) -> None:
    """Discard what a stream still buffers and all later output: writing it would fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def finish() -> None:
    """Flush the output. Nothing may be written afterwards."""
    for stream in (sys.stdout, sys.stderr):
        if stream is None:
            continue
        try:
            stream.flush()
        except OSError as fault:
            _lost(stream, fault)


def _lost(stream: IO[str], fault: OSError) -> None:
    discard(stream)
    # Windows raises EINVAL, a plain OSError, where others raise EPIPE.
    if not isinstance(fault, BrokenPipeError) and not (sys.platform == "win32" and fault.errno == errno.EINVAL):
        raise Failure(f"the output cannot be written: {fault.strerror}") from None
