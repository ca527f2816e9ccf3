"""`upsun-lint images`: the table of images in force, and a newer one."""

from __future__ import annotations

import click

from upsun_lint import image_updates, output
from upsun_lint.failure import Failure
from upsun_lint.reports.summary import count
from upsun_schema.images import Images

__all__ = ["images"]


@click.group(invoke_without_command=True, options_metavar="", subcommand_metavar="[update]")
@click.pass_context
def images(context: click.Context) -> int:
    """Tell which table of images, versions and endpoints is in force."""
    if context.invoked_subcommand is None:
        table, complaint = image_updates.load()
        if complaint is not None:
            output.error(complaint)
        kind = "the one that came with upsun-lint" if table is Images.embedded() else "downloaded"
        output.write(f"The table of images is of {table.date} ({kind}): {_contents(table)}.\n")
    return 0


@images.command(options_metavar="[OPTIONS]")
@click.option("--source", metavar="URL", default=image_updates.DEFAULT_SOURCE, show_default=True, help="Where to ask.")
def update(source: str) -> int:
    """Fetch the newest table from the platform's public metadata into your cache directory."""
    try:
        result = image_updates.update(source)
    except image_updates.UpdateError as fault:
        raise Failure(str(fault)) from None
    output.write(f"The table of images is of {result.images.date} now, before {result.replaced}: ")
    output.write(f"{_contents(result.images)}; it is in {result.path}.\n")
    return 0


def _contents(table: Images) -> str:
    runtimes, services = table.names("runtime"), table.names("service")
    channels = count(len(table.channels()), "channel")
    return f"{count(len(runtimes), 'runtime')}, {count(len(services), 'service')}, {channels} of the composable image"
