"""`upsun-lint completion`: the script that makes a shell complete the command line."""

from __future__ import annotations

import click

from upsun_lint.commands.shells import SHELLS, script
from upsun_lint.writing import output

__all__ = ["completion"]


@click.command(options_metavar="")
@click.argument("shell", type=click.Choice(SHELLS), metavar="SHELL")
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print the script that completes commands, options, rules and names in bash, zsh, fish or PowerShell.

    In ~/.bashrc or ~/.zshrc: eval "$(upsun-lint completion bash)", or zsh. In ~/.config/fish/config.fish:
    upsun-lint completion fish | source. In $PROFILE of PowerShell: upsun-lint completion powershell | Out-String |
    Invoke-Expression.
    """
    output.write(script(context.find_root().command, shell))
    return 0
