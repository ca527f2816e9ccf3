"""The options of a check."""

from __future__ import annotations

from upsun_lint.commands.option_kinds import COLOR, SELECT, Option
from upsun_lint.run.check_request import Output
from upsun_lint.run.settings import FORMATS, LEVELS, NEVER
from upsun_rules.finding import Severity
from upsun_schema.record import NamedTuple

__all__ = ["OPTIONS", "CheckOptions"]

OPTIONS = (
    Option(
        "--format",
        "outputs",
        f"The report format: {', '.join(FORMATS)}. With =FILE, write it to a file instead of standard output. "
        "Repeat it for several reports at once. [default: text, with annotations in a CI that shows them]",
        metavar="FORMAT[=FILE]",
        variable="UPSUN_LINT_FORMAT",
    ),
    Option(SELECT, "rules", "Run only these rules (repeat it, or separate them with commas).", metavar="RULE"),
    Option("--extend-select", "rules", "Run these rules as well, even if the settings leave them out.", metavar="RULE"),
    Option("--ignore", "rules", "Leave these rules out.", metavar="RULE"),
    Option("--exclude", "texts", "Leave out what matches this glob, from the working directory.", metavar="PATTERN"),
    Option("--severity", "level", "Show findings of this severity and above. [default: info]"),
    Option(
        "--fail-on",
        "choice",
        "Exit with 1 for findings of this severity and above. [default: error]",
        choices=(*LEVELS, NEVER),
    ),
    Option("--exit-zero", "flag", "Exit with 0 whatever is found, as --fail-on never does."),
    Option("--fix", "flag", "Apply safe fixes."),
    Option(
        "--unsafe-fixes",
        "rules",
        "With --fix or --diff, also apply the first fix that these rules offer; review the result.",
        metavar="RULE",
    ),
    Option("--diff", "flag", "Show what --fix would change, without changing it; exit with 1 if it would."),
    Option("--shellcheck", "switch", "Check commands with ShellCheck, too, if it is installed."),
    Option(
        "--baseline",
        "text",
        "Leave out the findings that this file lists.",
        metavar="FILE",
        variable="UPSUN_LINT_BASELINE",
    ),
    Option("--update-baseline", "flag", "Write the current findings to the --baseline, and drop old ones."),
    Option(
        "--since",
        "text",
        "Report what was not there at this git revision, and what the change deletes or hides.",
        metavar="REVISION",
    ),
    Option(
        "--jobs",
        "number",
        "Check in N processes. [default: one per CPU from 40 projects up]",
        metavar="N",
        variable="UPSUN_LINT_JOBS",
        most=64,
    ),
    Option("--stdin-filename", "text", "The path of the file whose text is on standard input (-).", metavar="PATH"),
    Option("--config", "text", "Read the settings from this file.", metavar="FILE"),
    Option("--no-config", "flag", "Read no settings."),
    COLOR,
    Option("--quiet", "flag", "Print nothing but findings.", short="-q"),
    Option("--verbose", "flag", "Print which settings and which table of images are used.", short="-v"),
    Option("--statistics", "flag", "Count the findings of each rule instead of showing them."),
    Option("--show-settings", "flag", "Print the settings of each project instead of checking it."),
    Option("--show-files", "flag", "Print the files that are read instead of checking them."),
)


class CheckOptions(NamedTuple):
    """The values of the options, and their values where they are not given."""

    paths: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()
    select: frozenset[str] | None = None
    extend_select: frozenset[str] | None = None
    ignore: frozenset[str] | None = None
    exclude: tuple[str, ...] = ()
    severity: Severity | None = None
    fail_on: str | None = None
    exit_zero: bool = False
    fix: bool = False
    unsafe_fixes: frozenset[str] | None = None
    diff: bool = False
    shellcheck: bool | None = None
    baseline: str | None = None
    update_baseline: bool = False
    since: str | None = None
    jobs: int | None = None
    stdin_filename: str | None = None
    config: str | None = None
    no_config: bool = False
    color: str = "auto"
    quiet: bool = False
    verbose: bool = False
    statistics: bool = False
    show_settings: bool = False
    show_files: bool = False
