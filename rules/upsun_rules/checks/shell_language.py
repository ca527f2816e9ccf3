"""Rules about shell texts that the shell cannot read, or reads in another way than bash."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Fix, Related, Severity
from upsun_rules.lookups.command_text import edit_inside
from upsun_rules.lookups.folded_text import lost_by_folding
from upsun_rules.lookups.inside import inside
from upsun_rules.lookups.shell_sources import SHELL_KEYS, shell_sources
from upsun_rules.rule import rule
from upsun_rules.shell.dash import bash_constructs
from upsun_rules.shell.syntax import syntax_fault
from upsun_schema.configuration.model import Container
from upsun_schema.yaml.nodes import Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upsun_rules.shell.bash_constructs import BashConstruct

TOPIC = "The shell's language"


@rule("shell-syntax", Severity.ERROR, docs="configure-apps/hooks", keys=SHELL_KEYS)
def shell_syntax(container: Container) -> Iterator[Finding]:
    """A command or a hook has a shell syntax error.

    The shell stops at the error. A start command ends at once, and the platform starts it again, over and over. A
    `build` hook with a syntax error stops the deployment. A cron job does nothing.

    Only what every shell refuses is reported: a quote, `if`, loop or parenthesis that is never closed, a missing
    command before or after `|`, `&&` or `;`, an `if` or loop with nothing in it. Comments do not count as commands:
    write `:` where nothing is to be done. What only bash can read is reported by `bash-in-dash`. A script in quotes
    that is given to another shell, as in `bash -c '…'`, is not looked at.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        workers:
          tail:
            commands:
              start: node tail.js | | tee /tmp/tail.log
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        workers:
          tail:
            commands:
              start: node tail.js | tee /tmp/tail.log
    ```
    """
    for source in shell_sources(container):
        scalar = source.scalar
        fault = syntax_fault(scalar.text)
        if fault is None or lost_by_folding(scalar) is not None:
            continue
        yield Finding(
            inside(scalar, fault.start, fault.end), f"{fault.why}; no shell can run this", label="shell syntax error"
        )


@rule("bash-in-dash", Severity.WARNING, docs="configure-apps/hooks", keys=SHELL_KEYS)
def bash_in_dash(container: Container) -> Iterator[Finding]:
    """A hook or a cron job uses what only bash knows.

    Hooks and cron jobs run in dash, a POSIX shell. It stops at what it cannot read (arrays, `<( )`, `for ((`), it finds
    no command called `[[` or `source`, and it takes other things literally: `mkdir -p var/{log,cache}` makes one folder
    called `{log,cache}`. With `set -o pipefail`, it ends at this line.

    Write it in a way that every shell knows, or give the script to bash: `bash -c '…'`, or a file that begins with
    `#!/usr/bin/env bash`. Start commands are only reported for what a POSIX shell cannot read at all.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        hooks:
          build: |
            set -euo pipefail
            source ./versions.sh
            mkdir -p var/{log,cache}
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        hooks:
          build: |
            set -eu
            . ./versions.sh
            mkdir -p var/log var/cache
    ```
    """
    for source in shell_sources(container):
        groups: dict[str, list[BashConstruct]] = {}
        for construct in bash_constructs(source.scalar.text):
            if source.is_dash or construct.fatal:
                groups.setdefault(construct.kind, []).append(construct)
        where = "here" if source.is_dash else "in a POSIX shell"
        for group in groups.values():
            yield _bash_only(source.scalar, group, where)


def _bash_only(scalar: Scalar, group: list[BashConstruct], where: str) -> Finding:
    first, *others = group
    if where == "here":
        message = f"dash, which runs this, does not know {first.what}: {first.effect}"
    else:
        message = f"only bash knows {first.what}; a POSIX shell stops there with a syntax error"
    return Finding(
        inside(scalar, *first.span),
        message,
        label="only in bash",
        related=tuple(Related(inside(scalar, *one.span), "and here") for one in others),
        fixes=_rewritten(scalar, group),
    )


def _rewritten(scalar: Scalar, group: list[BashConstruct]) -> tuple[Fix, ...]:
    """The fix that writes all of a kind in a way that every shell knows; none where that takes more than new words."""
    first = group[0]
    edits = [edit_inside(scalar, *edit) for one in group for edit in one.edits]
    found = tuple(edit for edit in edits if edit is not None)
    if not all(one.edits for one in group) or len(found) < len(edits):
        return ()
    return (Fix(first.remedy, found, safe=all(one.same for one in group)),)
