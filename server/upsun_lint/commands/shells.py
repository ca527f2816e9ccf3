"""The scripts that make shells complete the command line: those of click, and one for PowerShell."""

from __future__ import annotations

import os

import click
from click.shell_completion import CompletionItem, ShellComplete, add_completion_class, get_completion_class

from upsun_lint.commands import COMPLETION

__all__ = ["SHELLS", "script"]

SHELLS = ("bash", "zsh", "fish", "powershell")


class _PowerShell(ShellComplete):
    """Completion for PowerShell 5.1 and 7, which click does not have."""

    name = "powershell"
    source_template = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition })
    $env:%(complete_var)s = "powershell_complete"
    $env:COMP_WORDS = ($words | ForEach-Object { $_.ToString() }) -join "`n"
    $env:COMP_CWORD = $wordToComplete
    try {
        & %(prog_name)s | ForEach-Object {
            $kind, $value = $_ -split ",", 2
            if ($kind -eq "plain") { [System.Management.Automation.CompletionResult]::new($value) }
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_CWORD -ErrorAction SilentlyContinue
    }
}
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is completed, and that one."""
        return os.environ.get("COMP_WORDS", "").split("\n")[1:], os.environ.get("COMP_CWORD", "")

    def format_completion(self, item: CompletionItem) -> str:
        """The line for one item."""
        return f"{item.type},{item.value}"


add_completion_class(_PowerShell)


def script(command: click.Command, shell: str) -> str:
    """The script that makes a shell complete the command line."""
    kind = get_completion_class(shell)
    assert kind is not None
    complete = kind(command, {}, "upsun-lint", COMPLETION)
    return complete.source_template % complete.source_vars() + "\n"
