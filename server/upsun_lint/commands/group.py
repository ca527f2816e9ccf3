"""The commands of the command line. Each is a module here, which is imported when it is run or completed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import click

from upsun_lint import __version__
from upsun_lint.commands import COMPLETION, DEFAULT, MODULES
from upsun_lint.failure import Failure
from upsun_schema.wording import nearest

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["run"]

_SUMMARIES = {
    "check": "Check projects (the default command).",
    "ignore-all": "Write comments that suppress all current findings.",
    "show": "Show the effective configuration of workers and web containers, and where each value comes from.",
    "explain": "Explain a rule.",
    "rules": "List the rules.",
    "schema": "Print the JSON Schema of the configuration.",
    "init": "Write settings, a pre-commit hook and a CI job, after showing them.",
    "completion": "Print a script for the completion of bash, zsh, fish or PowerShell.",
    "server": "Serve an editor: diagnostics while typing, hovers, completion, fixes.",
    "images": "Show which image table is in use; `images update` downloads a newer one.",
}

_OF_THE_GROUP = ("-h", "--help", "-V", "--version")

_MEANT = {
    "help": "upsun-lint --help",
    "version": "upsun-lint --version",
    "fix": "upsun-lint --fix",
    "lint": "upsun-lint check",
    "lsp": "upsun-lint server",
}
"""Commands of other tools, and what they are here."""

_HELP = """Find what is wrong or unwise in an Upsun project's .upsun/*.yaml, with a focus on workers.

\b
  upsun-lint                   check the project you are in
  upsun-lint path/to/project   check another one, or all below a folder
  upsun-lint --fix             apply safe fixes
  upsun-lint check --help      show all options of a check

Exit status: 0 nothing found at or above --fail-on, 1 something found, 2 the work could not be done.
"""


class _Commands(click.Group):
    """A group that imports commands when they are needed, with a default command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODULES:
            return None
        command = getattr(import_module(f"upsun_lint.commands.{MODULES[cmd_name]}"), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands, and what the default command takes."""
        from upsun_lint.commands.completing import item

        default = self.get_command(ctx, DEFAULT)
        assert default is not None
        found = super().shell_complete(ctx, incomplete)
        with default.make_context(DEFAULT, [], parent=ctx, resilient_parsing=True) as inner:
            return [*found, *default.shell_complete(inner, incomplete), item(incomplete, "file")]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if ctx.resilient_parsing and not args:
            return super().parse_args(ctx, args)
        if not args or args[0] not in {*MODULES, *_OF_THE_GROUP}:
            if not ctx.resilient_parsing:
                _refuse_misspelled(args[:1])
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_SUMMARIES.items()))

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[check] [OPTIONS] [PATH]...")
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...", prefix="       ")


def _refuse_misspelled(words: list[str]) -> None:
    """Refuse a word that looks like a misspelled command and is not a path."""
    for word in words:
        if word in _MEANT and not os.path.lexists(word):
            raise Failure(f"there is no command `{word}`, and no such file or folder; run: {_MEANT[word]}")
        close = [] if word.startswith("-") or os.path.lexists(word) else nearest(word, MODULES)
        if close:
            raise Failure(f"there is no command `{word}`, and no such file or folder; did you mean `{close[0]}`?")


@click.group(cls=_Commands, help=_HELP, options_metavar="", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", "-V", prog_name="upsun-lint", message="%(prog)s %(version)s")
def commands() -> None:
    """The group itself does nothing."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit status. Failure if it is not valid, or the command fails."""
    if COMPLETION in os.environ:
        import_module("upsun_lint.commands.shells")
    try:
        status = commands.main(list(arguments), prog_name="upsun-lint", standalone_mode=False)
    except click.ClickException as fault:
        raise Failure(fault.format_message()) from None
    except click.Abort:
        return 130
    return status if isinstance(status, int) else 0
