"""`upsun-lint check`: what is wrong or unwise in projects, and the safe fixes."""

from __future__ import annotations

from typing import Any

import click

from upsun_lint.commands import check_run, completing
from upsun_lint.commands.arguments import given
from upsun_lint.commands.check_options import OPTIONS, CheckOptions

__all__ = ["check"]


@click.command(options_metavar="[OPTIONS]")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.UNPROCESSED, shell_complete=completing.paths)
@given(*OPTIONS)
def check(**options: Any) -> int:
    """Check projects.

    A PATH is a project, its .upsun folder, a file in it, or a folder with many projects below; the default is the
    project you are in, or all below. If you name files, only the findings in these files are reported, and those that
    name a place in one of them. `-` is standard input. A RULE is the name of a rule, a topic such as `mounts`, a
    pattern such as `mount*`, or `policy:NAME`.

    Exit status: 0 nothing found at or above --fail-on, 1 something found, 2 the work could not be done. With --fix,
    only what is left counts; with --diff, it is also 1 if --fix would change something.
    """
    return check_run.check(CheckOptions(**options))
