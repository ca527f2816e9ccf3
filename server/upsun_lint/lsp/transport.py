"""Reading and writing messages on standard input and output. A socket would be open to other programs and web pages.

Everything that has arrived is read before any work begins, so that outdated work (an older text, a canceled request)
is skipped. The reader of pygls does not do that, and drops malformed messages without an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import threading
from typing import BinaryIO

from lsprotocol import types

from upsun_lint.lsp.protocol import UpsunProtocol

__all__ = ["serve_stdio"]

# No language client sends a larger header or body.
_MAX_HEADER = 65_536
_MAX_BODY = 512_000_000
_CHUNK = 1 << 16


class _Output:
    """Standard output. The server exits when the client is gone."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, data: bytes) -> None:
        try:
            self._stream.write(data)
            self._stream.flush()
        except (BrokenPipeError, ConnectionError, ValueError):
            raise SystemExit(1) from None

    def close(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


async def read_messages(reader: asyncio.StreamReader, protocol: UpsunProtocol) -> None:
    """Handle messages until the stream ends or is no longer a valid stream of messages."""
    while True:
        length = await _header(reader)
        if length is None:
            return
        try:
            body = await reader.readexactly(length)
        except asyncio.IncompleteReadError:
            return
        handle(protocol, body)


def handle(protocol: UpsunProtocol, body: bytes) -> None:
    """Handle one message; an invalid one is answered with the error that the protocol requires."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        protocol.refuse(types.ErrorCodes.ParseError, "the message is not valid JSON")
        return
    if not isinstance(data, dict) or data.get("jsonrpc") != "2.0":
        protocol.refuse(types.ErrorCodes.InvalidRequest, "the message is not a JSON-RPC 2.0 object")
        return
    protocol.receive(data)


async def _header(reader: asyncio.StreamReader) -> int | None:
    """The length of the next body; None if the stream ended or is not valid."""
    length: int | None = None
    size = 0
    while True:
        try:
            line = await reader.readline()
        except ValueError:
            return None
        if not line:
            return None
        size += len(line)
        if size > _MAX_HEADER:
            return None
        name, colon, value = line.partition(b":")
        if not line.strip():
            if length is not None:
                return length
            size = 0
        elif colon and name.strip().lower() == b"content-length":
            if not value.strip().isdigit() or int(value) > _MAX_BODY:
                return None
            length = int(value)


def serve_stdio(protocol: UpsunProtocol, stdin: int | None = None, stdout: BinaryIO | None = None) -> int:
    """Serve one client on standard input (a file descriptor) and output until it is gone.

    Returns the exit status: 0 only if the client asked for `shutdown` before it left.
    """
    descriptor = sys.stdin.fileno() if stdin is None else stdin
    protocol.set_writer(_Output(stdout or sys.stdout.buffer))

    async def run() -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=_MAX_HEADER)

        def feed() -> None:
            with contextlib.suppress(OSError, RuntimeError):
                while data := os.read(descriptor, _CHUNK):
                    loop.call_soon_threadsafe(reader.feed_data, data)
                loop.call_soon_threadsafe(reader.feed_eof)

        # There is no portable way to wait for a pipe in the event loop. The thread ends with the process.
        threading.Thread(target=feed, name="stdin", daemon=True).start()
        await read_messages(reader, protocol)

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        return 130
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0 if protocol.was_shut_down else 1
