"""`upsun-lint check`: what is wrong or unwise in projects, and what of it can be mended."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from upsun_lint.commands.arguments import color, level, outputs, rules
from upsun_lint.commands.diffs import print_diffs
from upsun_lint.failure import Failure
from upsun_lint.fixing.fixes import NOT_UTF8, Fixed, FixedProject, diff, encode, save
from upsun_lint.places.paths import display_path
from upsun_lint.reports.delivery import Manner, Output, deliver, wants_hidden
from upsun_lint.reports.summary import count
from upsun_lint.run import image_updates, targets
from upsun_lint.run.checker import Checked, Checker, Overrides
from upsun_lint.run.fleet import Progress, check_all
from upsun_lint.run.result import Outcome, Result
from upsun_lint.run.targets import Target
from upsun_lint.writing import output
from upsun_lint.writing.ci_log import inert
from upsun_lint.writing.terminal import printable, terminal
from upsun_rules.finding import Severity
from upsun_schema.configuration.project import decode
from upsun_schema.images.table import Images

if TYPE_CHECKING:
    from upsun_lint.narrowing.baseline import Baseline
    from upsun_lint.narrowing.changes import Changes, Reach

__all__ = ["check"]


class _Wishes(NamedTuple):
    """What the options ask for, apart from the settings they override."""

    outputs: tuple[Output, ...]
    manner: Manner
    fix: bool
    diff: bool
    jobs: int | None = None
    baseline: Baseline | None = None
    changes: Changes | None = None
    update: bool = False


@click.command(options_metavar="[OPTIONS]")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.UNPROCESSED)
@outputs
@rules("--select", "Run only these rules (repeat it, or put commas between them).")
@rules("--ignore", "Leave these rules out.")
@level("--severity", "Show findings of this severity and above. [default: info]")
@level("--fail-on", "Exit with 1 for findings of this severity and above. [default: error]")
@click.option("--fix", is_flag=True, help="Mend what can safely be mended.")
@click.option(
    "--diff", is_flag=True, help="Show what --fix would change, and change nothing; exit with 1 if there is anything."
)
@click.option("--baseline", "baseline_file", metavar="FILE", help="Leave out the findings that this file knows.")
@click.option("--update-baseline", is_flag=True, help="Write what is found now to the --baseline; forget what is gone.")
@click.option("--since", metavar="REVISION", help="Tell only what has to do with lines changed since then (git).")
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="Check in N processes. [default: by number]")
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
    baseline_file: str | None,
    update_baseline: bool,
    since: str | None,
    jobs: int | None,
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

    Exit status: 0 nothing found at or above --fail-on, 1 something found, 2 the work could not be done. With --fix,
    only what is left counts; with --diff, it is 1 as well if --fix would change something.
    """
    if config == "":
        raise click.UsageError("--config names no file")
    if config is not None and no_config:
        raise click.UsageError("--config and --no-config exclude each other")
    if update_baseline and baseline_file is None:
        raise click.UsageError("--update-baseline needs --baseline FILE")
    for name, given in (("--since", since is not None), ("--diff", diff)):
        if update_baseline and given:
            raise click.UsageError(f"--update-baseline and {name} exclude each other")
    if diff and (statistics or outputs not in ((), (Output("text"),))):
        name = "--statistics" if statistics else "--format"
        raise click.UsageError(f"--diff prints a diff and no report: it does not go with {name}")
    checker = Checker(Overrides(select, ignore, severity, fail_on, config, no_config), _images())
    wishes = _Wishes(outputs, Manner(color, quiet, statistics), fix, diff, jobs, update=update_baseline)
    if baseline_file is not None:
        wishes = wishes._replace(baseline=_baseline(baseline_file, update=update_baseline))
    if since is not None:
        from upsun_lint.narrowing.changes import Changes

        wishes = wishes._replace(changes=Changes(since))
    if "-" in paths or stdin_filename is not None:
        if since is not None or update_baseline:
            name = "--since" if since is not None else "--update-baseline"
            raise click.UsageError(f"{name} needs files, not standard input")
        return _check_stdin(checker, wishes, _stdin_name(paths, stdin_filename))
    return _check_files(checker, wishes, targets.find(paths))


def _baseline(file: str, *, update: bool) -> Baseline:
    from upsun_lint.narrowing.baseline import Baseline

    return Baseline(file) if update and not os.path.lexists(file) else Baseline.load(file)


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
        self.left = 0
        self.complaints: dict[str, None] = {}
        self.reach: list[tuple[str, Reach]] = []

    @property
    def status(self) -> int:
        if self.complaints:
            return 2
        return int(bool(self.diffs) or any(one.fails for one in self.checked))


def _check_files(checker: Checker, wishes: _Wishes, found: list[Target]) -> int:
    run = _Run()
    progress = Progress(len(found), wanted=not wishes.manner.quiet)
    for number, answer in enumerate(check_all(checker, found, wishes.jobs), 1):
        try:
            _take(checker, wishes, answer, run)
        except Failure as failure:
            run.complaints[str(failure)] = None
        progress.tell(number)
    progress.end()
    if wishes.baseline is not None and wishes.update:
        _update(wishes, wishes.baseline, run)
    if wishes.diff:
        _print_diffs(run.diffs, len(run.fixed), run.left, wishes)
    elif run.checked or not run.complaints:
        _print_reach(run.reach, wishes)
        try:
            deliver(_outcome(checker, run.checked, wishes, run.fixed), wishes.outputs, wishes.manner)
        except Failure as failure:
            run.complaints[str(failure)] = None
    for complaint in run.complaints:
        output.error(complaint)
    return run.status


def _take(checker: Checker, wishes: _Wishes, answer: Checked | Failure, run: _Run) -> None:
    if isinstance(answer, Failure):
        raise answer
    target = answer.target
    checked = _narrowed(answer, wishes)
    if wishes.changes is not None:
        run.reach += ((display_path(target.root), reach) for reach in wishes.changes.reach(checked.project))
    if not (wishes.fix or wishes.diff):
        run.checked.append(checked)
        return
    mended = checker.mend(checked)
    if wishes.diff:
        run.checked.append(checked)
        run.fixed += mended.fixed
        run.left += len(mended.left)
        run.diffs += (diff(display_path(target.root, change.path), change) for change in mended.changes)
        return
    try:
        for change in mended.changes:
            save(target.root, change)
    except Failure:
        run.checked.append(_narrowed(checker.check(target), wishes))
        raise
    run.fixed += mended.fixed
    run.checked.append(_narrowed(checker.checked(target, mended.project, mended.findings), wishes))
    for path, why in checker.left_alone(run.checked[-1]).items():
        complaint = f"{display_path(target.root, path)}: this file was left alone, since {why}"
        if why == NOT_UTF8:
            output.error(complaint)
        else:
            run.complaints[complaint] = None


# -- what is told ------------------------------------------------------------------------------------------------------


def _narrowed(checked: Checked, wishes: _Wishes) -> Checked:
    """Hide what is known, and what has nothing to do with the changes asked about."""
    if wishes.baseline is not None and not wishes.update:
        checked = checked._replace(known=frozenset(wishes.baseline.known_of(checked)))
    if wishes.changes is not None:
        untouched = wishes.changes.untouched(checked.project, checked.findings)
        checked = checked._replace(elsewhere=frozenset(untouched))
    return checked


def _update(wishes: _Wishes, baseline: Baseline, run: _Run) -> None:
    """Write the baseline anew; what it knows now is not told."""
    old, updated = set(baseline), baseline.updated(run.checked)
    new = set(updated)
    updated.save()
    run.checked = [checked._replace(known=frozenset(updated.known_of(checked))) for checked in run.checked]
    if not wishes.manner.quiet:
        words = f"{count(len(new), 'finding')} known, {len(new - old)} of them new; {len(old - new)} gone"
        output.write(f"{printable(baseline.file)}: {words}.\n", stderr=True)


def _print_reach(found: list[tuple[str, Reach]], wishes: _Wishes) -> None:
    if found and not wishes.manner.quiet and Output("text") in (wishes.outputs or (Output("text"),)):
        from upsun_lint.reports import reach

        output.write(inert(reach.render(found, terminal(sys.stdout, wishes.manner.color))))


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
    checked = _narrowed(checker.check(target, {path: decode(data)}), wishes)
    if not (wishes.fix or wishes.diff):
        deliver(_outcome(checker, [checked], wishes), wishes.outputs, wishes.manner)
        return int(checked.fails)
    mended = _mended_stdin(checker, checked, data)
    if wishes.diff:
        diffs = [diff(display_path(target.root, path), change) for change in mended.changes]
        _print_diffs(diffs, len(mended.fixed), len(mended.left), wishes)
        return int(bool(diffs) or checked.fails)
    output.write_bytes(encode(mended.changes[0].after) if mended.changes else data)
    checked = _narrowed(checker.checked(target, mended.project, mended.findings), wishes)
    deliver(_outcome(checker, [checked], wishes, mended.fixed), wishes.outputs, wishes.manner, stderr=True)
    return int(checked.fails)


def _read_stdin() -> bytes:
    try:
        return b"" if sys.stdin is None else sys.stdin.buffer.read()
    except OSError as fault:
        raise Failure(f"standard input cannot be read: {fault.strerror}") from None


def _mended_stdin(checker: Checker, checked: Checked, data: bytes) -> FixedProject:
    """Mend a text unless its bytes could not be given back as they were (it is UTF-16)."""
    try:
        if encode(decode(data)) == data:
            return checker.mend(checked)
    except UnicodeEncodeError:
        pass
    return FixedProject(checked.project, checked.findings, [], [], checked.result.findings)


# -- printing --------------------------------------------------------------------------------------------------------


def _outcome(checker: Checker, run: list[Checked], wishes: _Wishes, fixed: Sequence[Fixed] = ()) -> Outcome:
    since = None if wishes.changes is None else wishes.changes.revision
    return Outcome(_results(checker, run, wishes), fixed, since)


def _results(checker: Checker, run: list[Checked], wishes: _Wishes) -> list[Result]:
    if not wants_hidden(wishes.outputs):
        return [one.result for one in run]
    results = [checker.with_hidden(one) for one in run]
    return results if wishes.changes is None else [wishes.changes.narrowed(one) for one in results]


def _print_diffs(diffs: list[str], fixed: int, left: int, wishes: _Wishes) -> None:
    """Print diffs, and how many findings these mend and leave."""
    print_diffs(diffs, wishes.manner.color)
    if not wishes.manner.quiet:
        what = f"mend {count(fixed, 'finding')} in {count(len(diffs), 'file')}" if diffs else "change nothing"
        rest = f"; {count(left, 'finding')} would be left" if left else ""
        output.write(f"--fix would {what}{rest}.\n", stderr=True)
