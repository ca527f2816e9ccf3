"""The main command of a shell script, for everything that shows a script in a few words."""

from __future__ import annotations

from upsun_rules.shell.parsing import Command, Script, parse
from upsun_rules.shell.recognition import Recognition, recognize

__all__ = ["main_command", "notable_commands", "words_of"]

_BUILTINS = frozenset({"", "break", "continue", "exit", "return", "set", "shift", "trap", "wait", "[", "[[", "test"})


def notable_commands(script: Script) -> list[tuple[Command, Recognition | None]]:
    """The commands worth showing; those that only prepare or pause are left out if there are others."""
    found = [(command, recognize(command)) for command in script.commands if not command.in_function]
    found = [one for one in found if one[1] is not None or one[0].program not in _BUILTINS]
    found = [one for one in found if one[1] is None or one[1].kind != "prelude"]
    return [one for one in found if one[1] is None or not _is_aside(one[1])] or found


def _is_aside(known: Recognition) -> bool:
    return known.kind == "trivial" or known.category == "sleep"


def words_of(command: Command) -> str:
    """The text of a command without `exec` and the like in front of it."""
    return " ".join(word.text for word in command.words)


def main_command(text: str) -> str:
    """A script of one line as it is; of a longer one, the first recognized command or else the last one."""
    lines = [line.strip() for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    found = notable_commands(parse(text)) if len(lines) > 1 else []
    if not found:
        return lines[0] if lines else ""
    return words_of(next((command for command, known in found if known is not None), found[-1][0]))
