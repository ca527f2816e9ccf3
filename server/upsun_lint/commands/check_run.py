"""A check of projects, by the options of the command line: fixes, baselines, reports, and the exit status."""

from __future__ import annotations

import os
import sys

from upsun_lint.commands.check_options import CheckOptions
from upsun_lint.failure import Failure
from upsun_lint.places.paths import display_path
from upsun_lint.reports.delivery import deliver, wants_suppressed
from upsun_lint.reports.summary import count
from upsun_lint.run import image_updates, targets
from upsun_lint.run.check_request import CheckRequest, Output
from upsun_lint.run.checker import Checker
from upsun_lint.run.fleet import Progress, check_all
from upsun_lint.run.result import Report, Result
from upsun_lint.run.settings import LEVELS, NEVER
from upsun_lint.run.targets import Target
from upsun_lint.writing import output
from upsun_lint.writing.terminal import printable
from upsun_schema.configuration.project import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upsun_lint.fixing.fixes import AppliedFix, FixedProject
    from upsun_lint.narrowing.narrowing import Narrowing

__all__ = ["check"]


def check(options: CheckOptions) -> int:
    """Check projects and return the exit status. Failure if the options contradict each other, or nothing is there."""
    request = _request(options)
    if request.config == "":
        raise Failure("--config names no file")
    if request.config is not None and request.no_config:
        raise Failure("--config and --no-config exclude each other")
    if "-" in options.paths or options.stdin_filename is not None:
        request = request.with_defaults(os.path.dirname(options.stdin_filename or "") or os.curdir)
        _refuse_contradictions(request, is_stdin=True)
        return _Run(request).check_stdin(_stdin_name(options.paths, options.stdin_filename))
    found = targets.find(options.paths, request.excludes)
    request = request.with_defaults(found[0].root if len(found) == 1 else os.curdir)
    _refuse_contradictions(request, is_stdin=False)
    if options.show_settings or options.show_files or options.verbose:
        from upsun_lint.reports import overview

        if options.show_settings or options.show_files:
            output.write((overview.settings if options.show_settings else overview.files)(request, found))
            return 0
        output.write(overview.sources(request, found), stderr=True)
    return _Run(request).check_files(found)


def _request(options: CheckOptions) -> CheckRequest:
    return CheckRequest(
        select=options.select,
        ignore=options.ignore,
        severity=options.severity,
        fail_on=LEVELS.get(options.fail_on or ""),
        config=options.config,
        no_config=options.no_config,
        outputs=options.outputs,
        color=options.color,
        quiet=options.quiet,
        statistics=options.statistics,
        fix=options.fix,
        diff=options.diff,
        jobs=options.jobs,
        baseline=options.baseline,
        update_baseline=options.update_baseline,
        since=options.since,
        extend_select=options.extend_select,
        exclude=options.exclude,
        never_fails=options.exit_zero or options.fail_on == NEVER,
        unsafe_fixes=options.unsafe_fixes,
        shellcheck=options.shellcheck,
    )


def _refuse_contradictions(request: CheckRequest, *, is_stdin: bool) -> None:
    if request.unsafe_fixes and not (request.fix or request.diff):
        raise Failure("--unsafe-fixes needs --fix or --diff")
    if request.update_baseline and request.baseline is None:
        raise Failure("--update-baseline needs --baseline FILE, or `baseline` in the settings")
    for name, given in (("--since", request.since is not None), ("--diff", request.diff)):
        if request.update_baseline and given:
            raise Failure(f"--update-baseline and {name} exclude each other")
    if request.diff and (request.statistics or request.outputs not in ((), (Output("text"),))):
        name = "--statistics" if request.statistics else "--format"
        raise Failure(f"--diff prints a diff instead of a report: it does not go with {name}")
    if is_stdin and (request.since is not None or request.update_baseline):
        name = "--since" if request.since is not None else "--update-baseline"
        raise Failure(f"{name} needs files, not standard input")


def _stdin_name(paths: tuple[str, ...], name: str | None) -> str:
    if name is None:
        raise Failure("which file is on standard input? Use --stdin-filename .upsun/config.yaml")
    if paths not in ((), ("-",)):
        raise Failure("standard input and other paths cannot be checked together")
    return name


class _Run:
    """One run: the request, and what has come of it so far."""

    def __init__(self, request: CheckRequest) -> None:
        images, complaint = image_updates.load()
        if complaint is not None:
            output.error(complaint)
        self._request = request
        self._checker = Checker(request, images)
        self._narrowing = _narrowing(request, self._checker)
        self._results: list[Result] = []
        self._fixed: list[AppliedFix] = []
        self._diffs: list[str] = []
        self._unfixed = 0
        self._complaints: dict[str, None] = {}

    # -- files ---------------------------------------------------------------------------------------------------------

    def check_files(self, found: list[Target]) -> int:
        """Check projects, report on them, and return the exit status. What cannot be done for one is reported last."""
        request = self._request
        progress = Progress(len(found), wanted=not request.quiet)
        answers = check_all(self._checker, found, request.jobs)
        for number, (target, answer) in enumerate(zip(found, answers, strict=True), 1):
            try:
                self._take(target, answer)
            except Failure as failure:
                self._complaints[str(failure)] = None
            progress.show(number)
        progress.end()
        self._update_baseline()
        if request.diff:
            self._print_diffs()
        elif self._results or not self._complaints:
            try:
                self._deliver()
            except Failure as failure:
                self._complaints[str(failure)] = None
        for complaint in self._complaints:
            output.error(complaint)
        return 2 if self._complaints else self._status()

    def _take(self, target: Target, answer: Result | Failure) -> None:
        if isinstance(answer, Failure):
            raise answer
        for path in answer.foreign:
            output.error(targets.explain_foreign(answer.project.root, path))
        result = self._narrowed(answer)
        if self._request.diff:
            self._compare(result, self._fixed_project(result))
        elif self._request.fix:
            self._fix(target, result)
        else:
            self._results.append(result)

    def _fixed_project(self, result: Result) -> FixedProject:
        more = self._narrowing.judged if self._narrowing is not None else lambda project: []
        return self._checker.fix(result, more)

    def _fix(self, target: Target, result: Result) -> None:
        from upsun_lint.fixing.fixes import NOT_UTF8, save

        fixed = self._fixed_project(result)
        try:
            for change in fixed.changes:
                save(target.root, change)
        except Failure:
            self._results.append(self._narrowed(self._checker.check(target)))
            raise
        self._take_fixed(target, fixed)
        for path, why in self._checker.left_alone(self._results[-1]).items():
            complaint = f"{display_path(target.root, path)}: this file was left alone, since {why}"
            if why == NOT_UTF8:
                output.error(complaint)
            else:
                self._complaints[complaint] = None

    def _take_fixed(self, target: Target, fixed: FixedProject) -> None:
        self._fixed += fixed.fixed
        self._results.append(self._narrowed(self._checker.result(target, fixed.project, fixed.findings)))

    def _compare(self, result: Result, fixed: FixedProject) -> None:
        from upsun_lint.fixing.fixes import diff

        self._results.append(result)
        self._fixed += fixed.fixed
        self._unfixed += len(fixed.left)
        self._diffs += (diff(display_path(result.project.root, change.path), change) for change in fixed.changes)

    # -- standard input ------------------------------------------------------------------------------------------------

    def check_stdin(self, name: str) -> int:
        """Check the text on standard input as the file of that name, report on it, and return the exit status."""
        data = _read_stdin()
        target = targets.stdin_target(name)
        path = next(iter(target.files or ()))
        result = self._narrowed(self._checker.check(target, {path: decode(data)}))
        if self._request.diff:
            self._compare(result, self._fixed_stdin(result, data))
            self._print_diffs()
        elif self._request.fix:
            from upsun_lint.fixing.fixes import encode

            fixed = self._fixed_stdin(result, data)
            output.write_bytes(encode(fixed.changes[0].after) if fixed.changes else data)
            self._take_fixed(target, fixed)
            self._deliver(stderr=True)
        else:
            self._results.append(result)
            self._deliver()
        return self._status()

    def _fixed_stdin(self, result: Result, data: bytes) -> FixedProject:
        """Fix a text unless its bytes could not be given back as they were (it is UTF-16)."""
        from upsun_lint.fixing.fixes import FixedProject, encode

        try:
            if encode(decode(data)) == data:
                return self._fixed_project(result)
        except UnicodeEncodeError:
            pass
        return FixedProject(result.whole, list(result.found), [], [], result.findings)

    # -- what is left out, and what is printed -------------------------------------------------------------------------

    def _narrowed(self, result: Result) -> Result:
        return result if self._narrowing is None else self._narrowing.narrowed(result)

    def _update_baseline(self) -> None:
        updated = None if self._narrowing is None else self._narrowing.update(self._results)
        if updated is None:
            return
        self._results, known, new, gone = updated
        if not self._request.quiet:
            words = f"{count(known, 'finding')} known, {new} of them new; {gone} gone"
            output.write(f"{printable(self._request.baseline or '')}: {words}.\n", stderr=True)

    def _status(self) -> int:
        return int(bool(self._diffs) or any(one.fails for one in self._results))

    def _deliver(self, *, stderr: bool = False) -> None:
        results = self._results
        is_all_good = not (self._request.quiet or any(one.findings for one in results))
        if is_all_good or wants_suppressed(self._request.outputs):
            source = self._checker if self._narrowing is None else self._narrowing
            results = [one._replace(suppressed=source.suppressed(one)) for one in results]
        deliver(Report(results, self._fixed, self._request.since), self._request, stderr=stderr)

    def _print_diffs(self) -> None:
        """Print the diffs, and how many findings they fix and leave."""
        from upsun_lint.commands.diffs import print_diffs

        print_diffs(self._diffs, self._request.color)
        if not self._request.quiet:
            what = "change nothing"
            if self._diffs:
                what = f"fix {count(len(self._fixed), 'finding')} in {count(len(self._diffs), 'file')}"
            rest = f"; {count(self._unfixed, 'finding')} would be left" if self._unfixed else ""
            output.write(f"--fix would {what}{rest}.\n", stderr=True)


def _narrowing(request: CheckRequest, checker: Checker) -> Narrowing | None:
    if request.baseline is None and request.since is None:
        return None
    from upsun_lint.narrowing.narrowing import Narrowing

    return Narrowing(request, checker)


def _read_stdin() -> bytes:
    try:
        return b"" if sys.stdin is None else sys.stdin.buffer.read()
    except OSError as fault:
        raise Failure(f"standard input cannot be read: {fault.strerror}") from None
