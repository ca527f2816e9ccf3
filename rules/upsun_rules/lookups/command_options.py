"""The options of a command."""

from __future__ import annotations

from upsun_rules.shell.parsing import Command, Word

__all__ = ["option_of"]


def option_of(command: Command, *names: str) -> Word | None:
    """The value of the first of some options that is there: `-s x`, `-sx`, `--schedule x`, `--schedule=x`."""
    words = command.arguments
    for index, word in enumerate(words):
        for name in names:
            if word.text == name and index + 1 < len(words):
                return words[index + 1]
            joined = f"{name}=" if name.startswith("--") else name
            if word.text.startswith(joined) and word.text != name:
                # Quotes in front of the value would shift it.
                offset = len(joined) if word.end - word.start == len(word.text) else 0
                return Word(word.text[len(joined) :], word.literal, word.start + offset, word.end)
    return None
