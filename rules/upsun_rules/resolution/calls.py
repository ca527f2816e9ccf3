"""A call of a runner taken apart: its options, and what is left."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from upsun_rules.shell.parsing import Word
from upsun_schema.record import NamedTuple

__all__ = ["CallOptions", "base_name", "options_of", "quoted"]


class CallOptions(NamedTuple):
    """The options of a call by name, the last of each, and the words from the first operand on."""

    values: dict[str, Word | None]
    rest: tuple[Word, ...]

    def value(self, *names: str) -> Word | None:
        """The value of the first of these options that has one."""
        return next((word for name in names if (word := self.values.get(name)) is not None), None)

    def has(self, *names: str) -> bool:
        """Whether one of these options is there."""
        return any(name in self.values for name in names)


def options_of(words: Sequence[Word], with_values: Collection[str]) -> CallOptions:
    """Take the options off the beginning of a call. `--name=value` and `--name value` are read alike."""
    values: dict[str, Word | None] = {}
    at = 0
    while at < len(words) and words[at].text.startswith("-") and words[at].text not in ("-", "--"):
        word = words[at]
        name, sign, value = word.text.partition("=")
        at += 1
        if sign:
            values[name] = word._replace(text=value)
        elif name in with_values and at < len(words):
            values[name] = words[at]
            at += 1
        else:
            values[name] = None
    return CallOptions(values, tuple(words[at:]))


def quoted(words: Sequence[Word]) -> str:
    """Words as a shell text, with a blank before each. What the shell computes stays as it is written."""
    import shlex

    return "".join(f" {shlex.quote(word.text) if word.literal else word.text}" for word in words)


def base_name(word: Word) -> str:
    """The program that a word names, without its folders; "" where the shell computes it."""
    return word.text.rpartition("/")[2] if word.literal else ""
