"""Shell text that is nothing but commands of plain words, one a line: most start commands are.

It is read without a syntax tree, in a fifth of the time, and a check that finds no other text does not load the
grammar. Whatever a shell could read in another way is left to the grammar; a property test says that both agree.
"""

from __future__ import annotations

from types import MappingProxyType

from upsun_rules.shell.app_paths import MOVES, folder_after
from upsun_rules.shell.script import Command, Script, VariableUse, Word
from upsun_rules.shell.words import program_of, strip
from upsun_schema.expression import expression

__all__ = ["RESERVED", "plain_script"]

_LONGEST = 2_000
_FIRST = r"[A-Za-z_./][A-Za-z0-9_./-]*"
# Only in an option `=` is nothing but a sign.
_FURTHER = r"(?:--?[A-Za-z0-9_./:@%+,=-]+|[A-Za-z0-9_./:@%+,-]+|\$[A-Za-z][A-Za-z0-9_]*)"
_PLAIN = expression(rf"(?:[ \t]*(?:{_FIRST}(?:[ \t]+{_FURTHER})*+[ \t]*)?(?:\n|\Z))+")
_WORD = expression(r"[^ \t]+")
RESERVED = frozenset(
    {"if", "then", "else", "elif", "fi", "case", "esac", "for", "select", "while", "until", "do", "done", "in"}
    | {"function", "time", "coproc", "declare", "typeset", "export", "readonly", "local", "unset", "unsetenv"}
)
"""The words that are more than a word where a command may begin."""

# They give variables a value, or say what a signal does.
_SPECIAL = frozenset({"read", "getopts", "trap"})


def plain_script(text: str) -> Script | None:
    """What a text of plain words runs; None for a text that needs a syntax tree."""
    if len(text) > _LONGEST or not _PLAIN.fullmatch(text) or not RESERVED.isdisjoint(text.split()):
        return None
    commands: list[Command] = []
    tail: Command | None = None
    variables: dict[str, VariableUse] = {}
    folder: str | None = ""
    for words in _statements(text):
        command = _command(words, folder, is_reached=tail is None)
        if command is None:
            return None
        if command.program in MOVES:
            folder = folder_after(command)
        commands.append(command)
        if tail is None and (words[0].text == "exit" or (words[0].text == "exec" and len(words) > 1)):
            tail = command
        for word in words:
            if not word.literal:
                variables.setdefault(word.text[1:], VariableUse(word.start, word.end))
    ends = tuple(commands[-1:]) if tail is None else (tail,)
    return Script(tuple(commands), (), ends, (), MappingProxyType(variables))


def _statements(text: str) -> list[tuple[Word, ...]]:
    found: list[tuple[Word, ...]] = []
    start = 0
    for line in text.split("\n"):
        places = [(word[0], start + word.start(), start + word.end()) for word in _WORD.finditer(line)]
        if places:
            found.append(tuple([Word(word, word[0] != "$", begin, end) for word, begin, end in places]))
        start += len(line) + 1
    return found


def _command(words: tuple[Word, ...], folder: str | None, *, is_reached: bool) -> Command | None:
    stripped = strip(words)
    own = words[stripped.skipped :]
    index, program = program_of(own)
    if stripped.script is not None or program in _SPECIAL:
        return None
    return Command(
        words=own,
        name=own[index],
        program=program,
        arguments=own[index + 1 :],
        prefixes=stripped.prefixes,
        timeout=stripped.timeout,
        start=words[0].start,
        end=words[-1].end,
        exact=True,
        foreground=is_reached,
        ampersand=None,
        loop=None,
        repeated=False,
        conditional=False,
        in_function=False,
        in_substitution=False,
        in_subshell=False,
        folder=folder,
    )
