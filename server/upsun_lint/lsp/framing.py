"""Messages as bytes on a stream, each after a header that says how long it is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import BinaryIO

__all__ = ["CHUNK", "ClientStream", "Frames", "InvalidStream", "with_header"]

CHUNK = 1 << 16
"""How many bytes are read at once."""

# No language client sends a larger header or body.
_MAX_HEADER = 65_536
_MAX_BODY = 512_000_000

_HEADER = b"Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n%s"


class InvalidStream(Exception):
    """What arrived is not a stream of messages, so it is unknown where the next message begins."""


class Frames:
    """Cuts the bytes that arrive into the bodies of messages."""

    def __init__(self) -> None:
        self._arrived = bytearray()
        self._header_size = 0
        self._length: int | None = None
        self._is_in_body = False

    def feed(self, data: bytes) -> None:
        """Add bytes that arrived."""
        self._arrived += data

    def __iter__(self) -> Iterator[bytes]:
        """The bodies that have arrived and were not returned yet. InvalidStream at the first invalid header."""
        while (body := self._body()) is not None:
            yield body

    def _body(self) -> bytes | None:
        while not self._is_in_body:
            if not self._has_read_line():
                return None
        assert self._length is not None
        if len(self._arrived) < self._length:
            return None
        body = self._taken(self._length)
        self._length, self._is_in_body, self._header_size = None, False, 0
        return body

    def _has_read_line(self) -> bool:
        """Read one line of a header; False if none has arrived."""
        end = self._arrived.find(b"\n") + 1
        self._header_size += end
        if self._header_size > _MAX_HEADER or (not end and len(self._arrived) > _MAX_HEADER):
            raise InvalidStream
        if end:
            self._read(self._taken(end))
        return end > 0

    def _read(self, line: bytes) -> None:
        name, colon, value = line.partition(b":")
        if not line.strip():
            self._is_in_body, self._header_size = self._length is not None, 0
        elif colon and name.strip().lower() == b"content-length":
            if not value.strip().isdigit() or int(value) > _MAX_BODY:
                raise InvalidStream
            self._length = int(value)

    def _taken(self, length: int) -> bytes:
        taken = bytes(memoryview(self._arrived)[:length])
        del self._arrived[:length]
        return taken


class ClientStream:
    """The stream to the client. The server exits when the client is gone."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, data: bytes) -> None:
        """Send bytes now."""
        try:
            self._stream.write(data)
            self._stream.flush()
        except (BrokenPipeError, ConnectionError, ValueError):
            raise SystemExit(1) from None

    def close(self) -> None:
        """Send what is left."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


def with_header(message: str) -> bytes:
    """A message, as JSON, with its header."""
    body = message.encode()
    return _HEADER % (len(body), body)
