"""The start of the server: the client has the answer to `initialize` before most of the program is imported.

The client's next messages wait in the pipe. Only what the answer needs may be imported here at the top.
"""

from __future__ import annotations

import json
import os
import sys
from types import ModuleType
from typing import Any

from upsun_lint.lsp import greeting
from upsun_lint.lsp.framing import CHUNK, ClientStream, Frames, InvalidStream, with_header

__all__ = ["serve"]


def serve() -> int:
    """Serve one client on standard input and output until it is gone.

    Returns the exit status: 0 only if the client asked for `shutdown` before it left.
    """
    frames = Frames()
    try:
        output = ClientStream(sys.stdout.buffer)
        first = _first(frames, sys.stdin.fileno())
        if first is None:
            return 1
        is_answered = _answer(first, output)
    except SystemExit:
        return 1
    return _continue(frames, first, output, is_answered=is_answered)


def _first(frames: Frames, descriptor: int) -> bytes | None:
    """Wait for the first message; None if the stream ends before, or is not valid."""
    try:
        while data := os.read(descriptor, CHUNK):
            frames.feed(data)
            for body in frames:
                return body
    except (InvalidStream, OSError):
        pass
    return None


def _answer(body: bytes, output: ClientStream) -> bool:
    """Answer a message if it is a valid request `initialize`."""
    request = _request(body)
    if request is None:
        return False
    answer = {"jsonrpc": "2.0", "id": request["id"], "result": greeting.result(request["params"])}
    output.write(with_header(json.dumps(answer)))
    return True


def _request(body: bytes) -> dict[str, Any] | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or data.get("jsonrpc") != "2.0" or data.get("method") != "initialize":
        return None
    identifier = data.get("id")
    is_request = isinstance(identifier, str | int) and not isinstance(identifier, bool)
    return data if is_request and greeting.is_valid(data.get("params")) else None


def _import_asyncio() -> None:
    """Import asyncio as where Python has no TLS: nothing is encrypted here, and OpenSSL takes 4.4 MiB."""
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]
    if "ssl" not in modules:
        modules["ssl"] = None
        import asyncio  # noqa: F401

        del modules["ssl"]


def _continue(frames: Frames, first: bytes, output: ClientStream, *, is_answered: bool) -> int:
    _import_asyncio()
    from upsun_lint.lsp.late_types import import_types

    import_types()
    from upsun_lint.lsp.garbage import begin
    from upsun_lint.lsp.server import make_server
    from upsun_lint.lsp.transport import serve_stream

    protocol = make_server().upsun_protocol
    protocol.is_greeted = is_answered
    begin()
    return serve_stream(protocol, frames, first, output)
