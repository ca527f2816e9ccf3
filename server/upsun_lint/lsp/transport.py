"""Reading and handling messages.

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

from lsprotocol import types

from upsun_lint.lsp.framing import CHUNK, ClientStream, Frames, InvalidStream
from upsun_lint.lsp.protocol import UpsunProtocol

__all__ = ["handle", "serve_stream"]


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


async def _serve(protocol: UpsunProtocol, frames: Frames, descriptor: int) -> None:
    """Handle messages until the stream ends or is no longer a valid stream of messages."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()

    def arrived(data: bytes) -> None:
        if over.done():
            return
        frames.feed(data)
        try:
            for body in frames:
                handle(protocol, body)
        except InvalidStream:
            over.set_result(None)
        except Exception as failure:
            over.set_exception(failure)

    def ended() -> None:
        if not over.done():
            over.set_result(None)

    def feed() -> None:
        with contextlib.suppress(OSError, RuntimeError):
            while data := os.read(descriptor, CHUNK):
                loop.call_soon_threadsafe(arrived, data)
            loop.call_soon_threadsafe(ended)

    arrived(b"")
    # There is no portable way to wait for a pipe in the event loop. The thread ends with the process.
    threading.Thread(target=feed, name="stdin", daemon=True).start()
    await over


def serve_stream(protocol: UpsunProtocol, frames: Frames, first: bytes, output: ClientStream) -> int:
    """Handle the first message, then those on standard input until the client is gone; return the exit status.

    A socket would be open to other programs and web pages.
    """
    protocol.set_writer(output)

    async def run() -> None:
        handle(protocol, first)
        await _serve(protocol, frames, sys.stdin.fileno())

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        return 130
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0 if protocol.was_shut_down else 1
