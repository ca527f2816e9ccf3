"""`upsun-lint server`: the language server."""

from __future__ import annotations

import gc

import click

__all__ = ["server"]


@click.command
@click.option("--stdio", is_flag=True, help="Use standard input and output: the default, and the only way.")
def server(stdio: bool) -> int:
    """Serve an editor: diagnostics while typing, hovers, completion, fixes."""
    # A tree is full of reference cycles: the older generations are collected often enough to keep them few.
    gc.set_threshold(100_000, 5, 5)
    gc.enable()
    # The protocol's types take half a second to import, so only the server imports them.
    from upsun_lint.lsp.server import make_server
    from upsun_lint.lsp.transport import serve_stdio

    return serve_stdio(make_server().upsun_protocol)
