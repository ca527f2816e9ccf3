"""`upsun-lint server`: the language server."""

from __future__ import annotations

import click

from upsun_lint.lsp.start import serve

__all__ = ["server"]


@click.command
@click.option("--stdio", is_flag=True, help="Use standard input and output: the default, and the only way.")
def server(stdio: bool) -> int:
    """Serve an editor: diagnostics while typing, hovers, completion, fixes."""
    return serve()
