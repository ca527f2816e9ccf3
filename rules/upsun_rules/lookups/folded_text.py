"""Scripts of several lines that YAML joins into one: what is lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from upsun_rules.lookups.command_text import shown
from upsun_rules.shell.command_table import table
from upsun_rules.shell.parsing import Command, Script, parse
from upsun_rules.shell.recognition import recognize
from upsun_schema.yaml.nodes import Region, Scalar

__all__ = ["lost_by_folding"]


def lost_by_folding(scalar: Scalar) -> tuple[Region, str] | None:
    """Where a command that the folding swallows is written, and what comes of it; None where none surely is."""
    if not _is_folded(scalar):
        return None
    lines = list(_lines(scalar))
    text = "\n".join(region.text for region in lines)
    meant, folded = parse(text), parse(scalar.text)
    if meant.has_error or not meant.commands:
        return None
    if not folded.has_error and len(folded.commands) >= len(meant.commands):
        return None
    return _behind_comment(lines, text, meant, folded) or _behind_command(lines, text, meant, folded)


def _is_folded(scalar: Scalar) -> bool:
    """Whether YAML joins lines of a text: those after `>`, and those of a text without any sign."""
    return scalar.style in ("", ">") and scalar.piece.text.find("\n", scalar.start, scalar.end) >= 0


def _behind_comment(lines: list[Region], text: str, meant: Script, folded: Script) -> tuple[Region, str] | None:
    """The first command below a comment, which hides it once both are on one line."""
    comment = next((index for index, line in enumerate(lines) if line.text.startswith("#")), None)
    if comment is None or folded.has_error:
        return None
    for command in meant.commands:
        line = text.count("\n", 0, command.start)
        if line > comment and _begins(text, command) and not command.words[0].text.startswith("-"):
            return lines[line], f"so `{shown(command)}` is part of the comment above it"
    return None


def _behind_command(lines: list[Region], text: str, meant: Script, folded: Script) -> tuple[Region, str] | None:
    for before, command in pairwise(meant.commands):
        line = text.count("\n", 0, command.start)
        if line > text.count("\n", 0, before.start) and _begins(text, command) and _are_sure(before, command, folded):
            what = "which no shell understands" if folded.has_error else f"so `{shown(command)}` is never run"
            return lines[line], what
    return None


def _lines(scalar: Scalar) -> Iterator[Region]:
    """Yield the lines of a text as they are written, without their indentation."""
    begin = scalar.start + (scalar.source.index("\n") + 1 if scalar.style else 0)
    for line in scalar.piece.text[begin : scalar.end].split("\n"):
        content = line.strip()
        if content:
            start = begin + line.index(content)
            yield Region(scalar.piece, start, start + len(content))
        begin += len(line) + 1


def _begins(text: str, command: Command) -> bool:
    """Whether a command begins a line."""
    return not text[text.rfind("\n", 0, command.start) + 1 : command.start].strip()


def _are_sure(before: Command, command: Command, folded: Script) -> bool:
    """Whether two words at the beginning of lines are both the names of commands."""
    if folded.has_error or _takes_no_more(before, command):
        return True
    # A lone `exec` or `node` may well be the beginning of what follows.
    return len(before.words) > 1 and _is_known(before) and _is_known(command)


def _is_known(command: Command) -> bool:
    """Whether the first word of a command is surely one, and not an argument."""
    if recognize(command) is not None:
        return True
    return command.words[0].text in table()["interpreters"] and len(command.words) > 1


def _takes_no_more(before: Command, command: Command) -> bool:
    """Whether a preparation such as `cd web` is complete, so that what follows is a separate command."""
    name, arguments = before.words[0].text, [word.text for word in before.words[1:]]
    follower = command.words[0].text
    if not arguments or follower.startswith("-"):
        return False
    if name in ("cd", "umask", "."):
        return len(arguments) == 1
    if name == "set":
        return all(one.startswith(("-", "+")) or one in ("pipefail", "errexit", "nounset") for one in arguments)
    return name == "export" and all("=" in one for one in arguments) and "=" not in follower
