"""`upsun-lint images`: the table of images in force, and a newer one."""

from __future__ import annotations

import click

from upsun_lint.failure import Failure
from upsun_lint.reports.summary import count
from upsun_lint.run import image_updates
from upsun_lint.writing import output
from upsun_lint.writing.terminal import printable
from upsun_schema.images.table import Images

__all__ = ["images"]


@click.group(invoke_without_command=True, options_metavar="", subcommand_metavar="[update]")
@click.pass_context
def images(context: click.Context) -> int:
    """Tell which table of images, versions and endpoints is in force.

    One comes with upsun-lint; `images update` puts a newer one in a file of your cache directory, which counts from
    then on. This command names the file: delete it, and the table that came with upsun-lint is in force again.
    """
    if context.invoked_subcommand is None:
        table, complaint = image_updates.load()
        if complaint is not None:
            output.error(complaint)
        embedded = table is Images.embedded()
        kind = "the one that came with upsun-lint" if embedded else "downloaded"
        output.write(f"The table of images is of {table.date} ({kind}): {_contents(table)}.\n")
        if not embedded:
            output.write(_origin(image_updates.file_of()))
    return 0


def _origin(path: str) -> str:
    """Say where a downloaded table is from, and how to be rid of it."""
    source = image_updates.source_of(path)
    origin = f"from {printable(source)}, " if source is not None else ""
    return f"It is {origin}in {printable(path)}; without that file, the one of {Images.embedded().date} is in force.\n"


@images.command(options_metavar="[OPTIONS]")
@click.option("--source", metavar="URL", default=image_updates.DEFAULT_SOURCE, show_default=True, help="Where to ask.")
def update(source: str) -> int:
    """Fetch the newest table from the platform's public metadata into your cache directory."""
    try:
        result = image_updates.update(source)
    except image_updates.UpdateError as fault:
        raise Failure(str(fault)) from None
    output.write(f"The table of images is of {result.images.date} now, before {result.replaced}: ")
    output.write(f"{_contents(result.images)}.\n")
    output.write(_origin(result.path))
    return 0


def _contents(table: Images) -> str:
    runtimes, services = table.names("runtime"), table.names("service")
    channels = count(len(table.channels()), "channel")
    return f"{count(len(runtimes), 'runtime')}, {count(len(services), 'service')}, {channels} of the composable image"
