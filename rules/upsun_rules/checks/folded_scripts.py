"""Rules about shell scripts in the configuration: start commands, crons, hooks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.command_text import shown
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command, Script, parse
from upsun_rules.shell.recognition import recognise
from upsun_schema.configuration.model import Application
from upsun_schema.yaml.nodes import Region, Scalar

TOPIC = "Scripts"


@rule("folded-script", Severity.WARNING, docs="configure-apps/workers#commands")
def folded_script(application: Application) -> Iterator[Finding]:
    """A script with several lines is folded into one command.

    After `>`, or without any sign, YAML joins the lines with spaces. Several commands become a single one, and the
    later ones are only arguments of the first. They never run, or the shell cannot parse the result.

    Use `|` to keep the lines. For one long command that is split over several lines, `>` is fine.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: >
                set -e
                php artisan queue:work --max-time=3600
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: |
                set -e
                php artisan queue:work --max-time=3600
    ```
    """
    for scalar in _scripts(application):
        if scalar.style not in ("", ">") or scalar.piece.text.find("\n", scalar.start, scalar.end) < 0:
            continue
        lost = _lost(scalar)
        if lost is None:
            continue
        region, what = lost
        sign = Region(scalar.piece, scalar.start, scalar.start + 1) if scalar.style else scalar.region
        yield Finding(
            sign,
            f"{'`>`' if scalar.style else 'YAML'} joins these lines, {what}; use `|`",
            label="joins the lines below" if scalar.style else "",
            related=(Related(region, "probably a separate command"),),
            fixes=(Fix("Keep the lines separate with `|`", (Edit(sign, "|"),), safe=True),) if scalar.style else (),
        )


def _scripts(application: Application) -> Iterator[Scalar]:
    found = [worker.start for worker in application.workers.values()]
    found += [cron.command for cron in application.crons.values()]
    found += [application.web_start, *application.hooks.values()]
    yield from dict.fromkeys(one for one in found if one is not None)


def _lost(scalar: Scalar) -> tuple[Region, str] | None:
    """The line of a command that folding breaks, and what happens to it; None if it is not certain."""
    lines = list(_lines(scalar))
    text = "\n".join(region.text for region in lines)
    meant, folded = parse(text), parse(scalar.text)
    if meant.has_error or len(meant.commands) < 2:
        return None
    if not folded.has_error and len(folded.commands) >= len(meant.commands):
        return None
    for before, command in pairwise(meant.commands):
        line = text.count("\n", 0, command.start)
        if line > text.count("\n", 0, before.start) and _begins(text, command) and _are_sure(before, command, folded):
            what = "which is not valid shell" if folded.has_error else f"so `{shown(command)}` never runs"
            return lines[line], what
    return None


def _lines(scalar: Scalar) -> Iterator[Region]:
    """The lines of a text as they are written, without their indentation."""
    begin = scalar.start + (scalar.source.index("\n") + 1 if scalar.style else 0)
    for line in scalar.piece.text[begin : scalar.end].split("\n"):
        content = line.strip()
        if content:
            start = begin + line.index(content)
            yield Region(scalar.piece, start, start + len(content))
        begin += len(line) + 1


def _begins(text: str, command: Command) -> bool:
    """Whether a command is at the beginning of a line."""
    return not text[text.rfind("\n", 0, command.start) + 1 : command.start].strip()


def _are_sure(before: Command, command: Command, folded: Script) -> bool:
    """Whether the words at the beginning of two lines are both names of commands."""
    # A single `exec` or `node` may be the beginning of the command on the next line.
    known = len(before.words) > 1 and recognise(before) is not None and recognise(command) is not None
    return folded.has_error or known
