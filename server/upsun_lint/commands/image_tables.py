"""`upsun-lint images`: the image table in use, and how to get a newer one."""

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
    """Show which table of images, versions and endpoints is in use.

    upsun-lint includes one; `images update` saves a newer one in your cache directory, which is used from then on.
    This command shows the file: delete it to return to the included table.
    """
    if context.invoked_subcommand is None:
        table, complaint = image_updates.load()
        if complaint is not None:
            output.error(complaint)
        embedded = table is Images.embedded()
        kind = "included in upsun-lint" if embedded else "downloaded"
        output.write(f"The image table is from {table.date} ({kind}): {_contents(table)}.\n")
        if not embedded:
            output.write(_origin(image_updates.file_of()))
    return 0


def _origin(path: str) -> str:
    """Where a downloaded table comes from, and how to remove it."""
    source = image_updates.source_of(path)
    origin = f"from {printable(source)}, " if source is not None else ""
    return (
        f"It is {origin}in {printable(path)}; delete that file to use the included one from {Images.embedded().date}.\n"
    )


@images.command(options_metavar="[OPTIONS]")
@click.option(
    "--source",
    metavar="URL",
    default=image_updates.DEFAULT_SOURCE,
    show_default=True,
    help="The address to download from.",
)
@click.option(
    "--output", "path", metavar="FILE", help="Write the table to this file, which the setting `images` can name."
)
def update(source: str, path: str | None) -> int:
    """Download the newest table from the platform's public metadata into your cache directory.

    To use one table on every machine, write it to a file of the repository and name that file as `images` in the
    settings, or set `images = "included"`.
    """
    try:
        result = image_updates.update(source, output=path)
    except image_updates.UpdateError as fault:
        raise Failure(str(fault)) from None
    output.write(f"The image table is now from {result.images.date}, previously {result.replaced}: ")
    output.write(f"{_contents(result.images)}.\n")
    output.write(_origin(result.path))
    return 0


def _contents(table: Images) -> str:
    runtimes, services = table.names("runtime"), table.names("service")
    channels = count(len(table.channels()), "channel")
    return f"{count(len(runtimes), 'runtime')}, {count(len(services), 'service')}, {channels} of the composable image"
