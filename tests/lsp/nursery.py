"""Servers that start at once, for tests that start hundreds.

Importing what a server needs takes a second. One process imports it once, and forks for each server; a small process
hands its standard streams to the fork, waits for it, and ends with its exit status. A test that looks at the process
itself (its memory, how it dies) starts the real command.
"""

from __future__ import annotations

import array
import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

__all__ = ["command"]

_FORKS = hasattr(os, "fork") and hasattr(socket, "AF_UNIX")

# Without site-packages this process starts in a few milliseconds.
_HAND_OVER = """
import array, json, os, socket, sys
parent = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
parent.connect(sys.argv[1])
world = json.dumps([os.getcwd(), dict(os.environ)]).encode()
parent.sendmsg([len(world).to_bytes(8, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
parent.sendall(world)
for stream in (0, 1, 2):
    os.close(stream)
os._exit((parent.recv(1) or b"\\x01")[0])
"""


@cache
def command() -> tuple[str, ...]:
    """The command of a server; that of a fork where the system has forks."""
    if not _FORKS:
        return (sys.executable, "-m", "upsun_lint", "server")
    folder = tempfile.TemporaryDirectory(prefix="upsun-lint-nursery-")
    address = str(Path(folder.name) / "socket")
    nursery = subprocess.Popen(
        [sys.executable, __file__, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=True
    )
    assert nursery.stdin is not None and nursery.stdout is not None
    nursery.stdout.readline()

    def end() -> None:
        nursery.communicate()
        folder.cleanup()

    atexit.register(end)
    return (sys.executable, "-I", "-S", "-c", _HAND_OVER, address)


def _serve(address: str) -> None:
    """Fork a server for each one that hands over its streams, until standard input ends."""
    from upsun_lint.lsp.late_types import import_types

    import_types()
    import upsun_lint.lsp.server
    import upsun_lint.lsp.transport
    from upsun_lint.__main__ import main

    del upsun_lint
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(address)
    listener.listen()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    waiting: dict[int, socket.socket] = {}
    os.write(1, b"ready\n")
    while True:
        readable, _, _ = select.select([0, woken, listener, *waiting.values()], [], [])
        if 0 in readable:
            return
        if woken in readable:
            os.read(woken, 4096)
        for process, starter in list(waiting.items()):
            if starter in readable and not starter.recv(1):
                os.kill(process, signal.SIGKILL)  # Who started it was killed.
        while waiting and (ended := os.waitpid(-1, os.WNOHANG))[0]:
            starter = waiting.pop(ended[0])
            status = os.waitstatus_to_exitcode(ended[1])
            _answer(starter, status if status >= 0 else 128 - status)
        if listener in readable:
            starter, _ = listener.accept()
            streams, folder, environment = _received(starter)
            process = os.fork()
            if process == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for other in (listener, starter, *waiting.values()):
                    other.close()
                for number, stream in enumerate(streams):
                    os.dup2(stream, number)
                    os.close(stream)
                os.chdir(folder)
                os.environ.clear()
                os.environ.update(environment)
                # Those of this process remember whether their files could be rewound.
                sys.stdin, sys.stdout, sys.stderr = (open(0), open(1, "w"), open(2, "w"))  # noqa: SIM115
                sys.argv = ["upsun-lint", "server"]
                main()
            waiting[process] = starter
            for stream in streams:
                os.close(stream)


def _received(starter: socket.socket) -> tuple[list[int], str, dict[str, str]]:
    streams = array.array("i")
    head, ancillary, _, _ = starter.recvmsg(8, socket.CMSG_SPACE(3 * streams.itemsize))
    for _, _, data in ancillary:
        streams.frombytes(data)
    rest = starter.makefile("rb").read(int.from_bytes(head, "big"))
    folder, environment = json.loads(rest)
    return list(streams), folder, environment


def _answer(starter: socket.socket, status: int) -> None:
    try:
        starter.sendall(bytes([status & 255]))
    except OSError:
        pass
    starter.close()


if __name__ == "__main__":
    _serve(sys.argv[1])
