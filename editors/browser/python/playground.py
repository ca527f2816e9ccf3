"""The language server behind the messages of a page, and the command line behind one call."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path

from upsun_lint.lsp.late_types import import_types

__all__ = ["serve", "write"]


class _Channel:
    """Sends each message to the page."""

    def __init__(self, send: Callable[[str], object]) -> None:
        self._send = send

    def write(self, data: bytes) -> None:
        self._send(data.decode())

    def close(self) -> None:
        """The page closes the channel."""


def serve(send: Callable[[str], object]) -> Callable[[str], None]:
    """Start a server that answers with `send`; the result takes the messages of the page."""
    import_types()
    from upsun_lint.lsp.server import make_server
    from upsun_lint.lsp.transport import handle

    protocol = make_server().upsun_protocol
    protocol.set_writer(_Channel(send), include_headers=False)
    return lambda message: handle(protocol, message.encode())


def write(path: str, text: str) -> None:
    """Put a file where the server reads those that are not open."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8", newline="")


def run(arguments: list[str]) -> str:
    """What the command line prints."""
    from upsun_lint.cli import run as run_command

    with contextlib.redirect_stdout(io.StringIO()) as output:
        run_command(arguments)
    return output.getvalue()
