"""`upsun-lint ignore-all`: comments that suppress all current findings, so that only new ones are reported."""

from __future__ import annotations

import click

from upsun_lint.commands.arguments import given
from upsun_lint.commands.diffs import print_diffs
from upsun_lint.commands.option_kinds import COLOR, SELECT, Option
from upsun_lint.failure import Failure
from upsun_lint.fixing.fixes import diff, save
from upsun_lint.places.location import locate
from upsun_lint.places.paths import display_path
from upsun_lint.reports.summary import count
from upsun_lint.run import image_updates, targets
from upsun_lint.run.check_request import CheckRequest
from upsun_lint.run.checker import Checker
from upsun_lint.run.targets import Target
from upsun_lint.writing import output
from upsun_rules.finding import Severity

__all__ = ["ignore_all"]


class _Run:
    """What was done in the projects so far."""

    def __init__(self) -> None:
        self.ignored = 0
        self.files = 0
        self.diffs: list[str] = []
        self.left: list[str] = []
        self.complaints: dict[str, None] = {}


@click.command("ignore-all", options_metavar="--reason TEXT [OPTIONS]")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.UNPROCESSED)
@click.option("--reason", metavar="TEXT", required=True, help="The reason, written in every comment.")
@given(
    Option(
        SELECT,
        "rules",
        "Ignore only the findings of these rules (repeat it, or separate them with commas).",
        metavar="RULE",
    ),
    Option("--severity", "level", "Ignore findings of this severity and above. [default: info]"),
)
@click.option("--diff", "as_diff", is_flag=True, help="Show what would be written, without changing it.")
@given(COLOR)
def ignore_all(
    paths: tuple[str, ...],
    reason: str,
    select: frozenset[str] | None,
    severity: Severity | None,
    as_diff: bool,
    color: str,
) -> int:
    """Write comments that suppress all current findings.

    Only comments are added: at the end of the line, or on the line above if there is no room. Where neither is
    possible, one comment covers the whole file.

    Exit status: 0 everything is suppressed, 1 no comment can suppress something, 2 the work could not be done.
    """
    reason = reason.strip()
    if not reason or not reason.isprintable():
        raise Failure("--reason must be one line of plain text")
    images, complaint = image_updates.load()
    if complaint is not None:
        output.error(complaint)
    checker = Checker(CheckRequest(select=select, severity=severity), images)
    run = _Run()
    for target in targets.find(paths):
        try:
            _ignore_in(checker, target, reason, run, as_diff=as_diff)
        except Failure as failure:
            run.complaints[str(failure)] = None
    _print(run, color, as_diff=as_diff)
    return 2 if run.complaints else int(bool(run.left))


def _ignore_in(checker: Checker, target: Target, reason: str, run: _Run, *, as_diff: bool) -> None:
    checked = checker.check(target)
    ignored = checker.ignore(checked, reason)
    if as_diff:
        run.diffs += (diff(display_path(target.root, change.path), change) for change in ignored.changes)
    else:
        for change in ignored.changes:
            save(target.root, change)
    run.ignored += ignored.number
    run.files += len(ignored.changes)
    for finding in ignored.left:
        run.left.append(f"{locate(checked.project, finding.region)}: no comment can suppress this: {finding.rule}")


def _print(run: _Run, color: str, *, as_diff: bool) -> None:
    words = f"{count(run.ignored, 'finding')} in {count(run.files, 'file')}"
    if as_diff:
        print_diffs(run.diffs, color)
        output.write(f"ignore-all would suppress {words}.\n", stderr=True)
    else:
        output.write(f"Suppressed {words}.\n")
    for line in (*run.left, *run.complaints):
        output.error(line)
