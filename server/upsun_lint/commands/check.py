"""`upsun-lint check`: what is wrong or unwise in projects, and what of it can be mended."""

from __future__ import annotations

import sys
from typing import NamedTuple

import click

from upsun_lint import image_updates, output, targets
from upsun_lint.checker import Checked, Checker, Overrides
from upsun_lint.commands.options import ReportingCommand, color, level, reporting, rules
from upsun_lint.delivery import Manner, Output, deliver, wants_hidden
from upsun_lint.failure import Failure
from upsun_lint.fixes import Mended, diff, encode, save
from upsun_lint.reports.summary import count
from upsun_lint.result import Fixed, Outcome, Result
from upsun_lint.targets import Target, display_path
from upsun_lint.terminal import Terminal, printable, terminal
from upsun_rules.finding import Severity
from upsun_schema.images import Images
from upsun_schema.project import decode

__all__ = ["check"]


class _Wishes(NamedTuple):
    """What the options ask for, apart from the settings they override."""

    outputs: tuple[Output, ...]
    manner: Manner
    fix: bool
    diff: bool


@click.command(cls=ReportingCommand, options_metavar="[OPTIONS]")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.UNPROCESSED)
@reporting
@rules("--select", "Run only these rules (repeat it, or put commas between them).")
@rules("--ignore", "Leave these rules out.")
@level("--severity", "Show findings of this severity and above. [default: info]")
@level("--fail-on", "Exit with 1 for findings of this severity and above. [default: error]")
@click.option("--fix", is_flag=True, help="Mend what can safely be mended.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--stdin-filename", metavar="PATH", help="The file that the text on standard input (-) stands for.")
@click.option("--config", metavar="FILE", help="Read the settings from this file.")
@click.option("--no-config", is_flag=True, help="Read no settings.")
@color
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but findings.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule instead of showing them.")
def check(
    paths: tuple[str, ...],
    outputs: tuple[Output, ...],
    select: frozenset[str] | None,
    ignore: frozenset[str] | None,
    severity: Severity | None,
    fail_on: Severity | None,
    fix: bool,
    diff: bool,
    stdin_filename: str | None,
    config: str | None,
    no_config: bool,
    color: str,
    quiet: bool,
    statistics: bool,
) -> int:
    """Check projects.

    A PATH is a project, its .upsun folder, a file in it, or a folder above many; without one, it is the project you
    are in. Of a project given by files, only the findings in these are told. `-` is standard input.

    Exit status: 0 nothing found at or above --fail-on, 1 something found, 2 the work could not be done.
    """
    if config is not None and no_config:
        raise click.UsageError("--config and --no-config exclude each other")
    checker = Checker(Overrides(select, ignore, severity, fail_on, config, no_config), _images())
    wishes = _Wishes(outputs, Manner(color, quiet, statistics), fix, diff)
    if "-" in paths or stdin_filename is not None:
        return _check_stdin(checker, wishes, _stdin_name(paths, stdin_filename))
    return _check_files(checker, wishes, targets.find(paths))


def _images() -> Images:
    images, complaint = image_updates.load()
    if complaint is not None:
        output.error(complaint)
    return images


# -- files -----------------------------------------------------------------------------------------------------------


class _Run:
    """What came of the projects so far."""

    def __init__(self) -> None:
        self.checked: list[Checked] = []
        self.fixed: list[Fixed] = []
        self.diffs: list[str] = []
        self.complaints: dict[str, None] = {}

    @property
    def status(self) -> int:
        if self.complaints:
            return 2
        return int(bool(self.diffs) or any(one.fails for one in self.checked))


def _check_files(checker: Checker, wishes: _Wishes, found: list[Target]) -> int:
    run = _Run()
    for target in found:
        try:
            _check_one(checker, wishes, target, run)
        except Failure as failure:
            run.complaints[str(failure)] = None
    if wishes.diff:
        _print_diffs(run.diffs, len(run.fixed), wishes)
    elif run.checked or not run.complaints:
        try:
            deliver(Outcome(_results(checker, run.checked, wishes), run.fixed), wishes.outputs, wishes.manner)
        except Failure as failure:
            run.complaints[str(failure)] = None
    for complaint in run.complaints:
        output.error(complaint)
    return run.status


def _check_one(checker: Checker, wishes: _Wishes, target: Target, run: _Run) -> None:
    checked = checker.check(target)
    if not (wishes.fix or wishes.diff):
        run.checked.append(checked)
        return
    mended = checker.mend(checked)
    if wishes.diff:
        run.fixed += mended.fixed
        run.diffs += (diff(display_path(target.root, change.path), change) for change in mended.changes)
        return
    try:
        for change in mended.changes:
            save(target.root, change)
    except Failure:
        run.checked.append(checker.check(target))
        raise
    run.fixed += mended.fixed
    run.checked.append(checked._replace(project=mended.project, findings=mended.findings))
    for path in checker.left_alone(run.checked[-1]):
        output.error(f"{display_path(target.root, path)}: this file was left alone, since it is not in UTF-8")


# -- standard input ----------------------------------------------------------------------------------------------------


def _stdin_name(paths: tuple[str, ...], name: str | None) -> str:
    if name is None:
        raise Failure("which file is it that stands on standard input? Say --stdin-filename .upsun/config.yaml")
    if paths not in ((), ("-",)):
        raise Failure("standard input and other paths cannot be checked together")
    return name


def _check_stdin(checker: Checker, wishes: _Wishes, name: str) -> int:
    data = _read_stdin()
    target = targets.stdin_target(name)
    path = next(iter(target.files or ()))
    checked = checker.check(target, {path: decode(data)})
    if not (wishes.fix or wishes.diff):
        deliver(Outcome(_results(checker, [checked], wishes)), wishes.outputs, wishes.manner)
        return int(checked.fails)
    mended = _mended_stdin(checker, checked, data)
    if wishes.diff:
        diffs = [diff(display_path(target.root, path), change) for change in mended.changes]
        _print_diffs(diffs, len(mended.fixed), wishes)
        return int(bool(diffs))
    output.write_bytes(encode(mended.changes[0].after) if mended.changes else data)
    checked = checked._replace(project=mended.project, findings=mended.findings)
    deliver(Outcome(_results(checker, [checked], wishes), mended.fixed), wishes.outputs, wishes.manner, stderr=True)
    return int(checked.fails)


def _read_stdin() -> bytes:
    try:
        return b"" if sys.stdin is None else sys.stdin.buffer.read()
    except OSError as fault:
        raise Failure(f"standard input cannot be read: {fault.strerror}") from None


def _mended_stdin(checker: Checker, checked: Checked, data: bytes) -> Mended:
    """Mend a text unless its bytes could not be given back as they were (it is UTF-16)."""
    try:
        if encode(decode(data)) == data:
            return checker.mend(checked)
    except UnicodeEncodeError:
        pass
    return Mended(checked.project, checked.findings, [], [])


# -- printing --------------------------------------------------------------------------------------------------------


def _results(checker: Checker, run: list[Checked], wishes: _Wishes) -> list[Result]:
    if wants_hidden(wishes.outputs):
        return [checker.with_hidden(one) for one in run]
    return [one.result for one in run]


def _print_diffs(diffs: list[str], fixed: int, wishes: _Wishes) -> None:
    surface = terminal(sys.stdout, wishes.manner.color)
    text = "".join(diffs)
    if surface.colour or surface.is_screen:
        output.write("".join(f"{_painted(line, surface)}\n" for line in text.split("\n")[:-1]))
    else:
        output.write_bytes(encode(text))
    if not wishes.manner.quiet:
        files = count(len(diffs), "file")
        words = f"--fix would mend {count(fixed, 'finding')} in {files}." if diffs else "--fix would change nothing."
        output.write(f"{words}\n", stderr=True)


def _painted(line: str, surface: Terminal) -> str:
    style = {"-": "red", "+": "green", "@": "cyan"}.get(line[:1], "")
    return surface.paint(printable(line), "bold" if line.startswith(("---", "+++")) else style)
