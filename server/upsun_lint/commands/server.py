"""`upsun-lint server`: the language server."""

from __future__ import annotations

import gc

import click

from upsun_lint.failure import Failure

__all__ = ["server"]


@click.command
@click.option("--stdio", is_flag=True, help="Talk on standard input and output. This is the default.")
@click.option("--tcp", metavar="[HOST:]PORT", help="Wait for one client on a TCP socket; for debugging.")
@click.option("--ws", metavar="[HOST:]PORT", help="Wait for one client on a web socket; for debugging.")
def server(stdio: bool, tcp: str | None, ws: str | None) -> int:
    """Serve an editor: diagnostics while typing, hovers, completion, fixes."""
    if sum((stdio, tcp is not None, ws is not None)) > 1:
        raise Failure("`--stdio`, `--tcp` and `--ws` exclude each other")
    if ws is not None:
        _need_websockets()
    gc.set_threshold(100_000, 50, 50)
    gc.enable()
    # The protocol's types take half a second to import: nothing but the server pays for them.
    from upsun_lint.lsp.server import make_server
    from upsun_lint.lsp.transport import serve_stdio, serve_tcp, serve_websocket

    protocol = make_server().upsun_protocol
    try:
        if tcp is not None:
            return serve_tcp(protocol, *_address(tcp))
        if ws is not None:
            return serve_websocket(protocol, *_address(ws))
        return serve_stdio(protocol)
    except OSError as error:
        raise Failure(f"cannot listen on {tcp or ws}: {error.strerror or error}") from None


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65535:
        raise Failure(f"`{text}` is not an address; write HOST:PORT or PORT, port 0 for any that is free")
    return host.strip("[]") or "127.0.0.1", int(port)


def _need_websockets() -> None:
    try:
        import websockets  # noqa: F401
    except ImportError:
        raise Failure("`--ws` needs the package websockets: pip install 'upsun-lint[ws]'") from None
