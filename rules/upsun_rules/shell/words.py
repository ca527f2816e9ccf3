"""The words of a command: unquoted, and without what only runs the command after it (`exec`, `nice`, `poetry run`)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from upsun_rules.shell.command_table import table
from upsun_rules.shell.script import Command, Word
from upsun_schema.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tree_sitter import Node

    from upsun_rules.shell.tree import Source

__all__ = ["program_of", "seconds_of", "sleep_seconds", "strip", "word_nodes", "word_of", "words_of"]


def word_nodes(node: Node) -> list[Node]:
    """The nodes of a simple command's words."""
    if node.type == "command":
        fields = [(child, node.field_name_for_child(index)) for index, child in enumerate(node.children)]
        return [child for child, field in fields if field in ("name", "argument")]
    if node.type == "test_command":
        return [node.children[0]]
    return [child for child in node.children if child.type not in ("file_redirect", "herestring_redirect")]


def words_of(node: Node, source: Source) -> tuple[Word, ...]:
    """The words of a command, in order."""
    return tuple(word_of(child, source) for child in word_nodes(node))


def word_of(node: Node, source: Source) -> Word:
    """A word as the shell reads it, without its quotes."""
    if node.type == "command_name" and node.named_child_count:
        node = node.named_children[0]
    text, literal = _unquote(node, source)
    span = source.span(node)
    return Word(text, literal, span.start, span.end)


def _unquote(node: Node, source: Source) -> tuple[str, bool]:
    """The text of a word without its quotes, and whether that is all of it."""
    raw = source.text(node.start_byte, node.end_byte)
    kind = node.type
    if kind == "raw_string":
        return raw[1:-1], True
    if kind == "ansi_c_string":
        return raw[2:-1], "\\" not in raw
    if kind in ("string", "translated_string"):
        return _unquote_string(node, source)
    if kind == "concatenation":
        parts = [_unquote(child, source) for child in node.children]
        return "".join(text for text, _ in parts), all(literal for _, literal in parts)
    if kind in ("word", "number") or not node.is_named:
        return (_without_backslashes(raw, None) if "\\" in raw else raw), not node.named_child_count
    return raw, False


def _unquote_string(node: Node, source: Source) -> tuple[str, bool]:
    """The text of a double-quoted string; what the shell computes stays as written."""
    opening = source.text(node.start_byte, node.end_byte).find('"') + 1
    at, end = node.start_byte + opening, node.end_byte - 1
    pieces: list[str] = []
    literal = True
    for child in node.named_children:
        if child.type in ("string_content", "string"):
            continue
        literal = False
        pieces.append(_without_backslashes(source.text(at, child.start_byte), '$`"\\\n'))
        pieces.append(source.text(child.start_byte, child.end_byte))
        at = child.end_byte
    pieces.append(_without_backslashes(source.text(at, end), '$`"\\\n'))
    return "".join(pieces), literal


def _without_backslashes(text: str, special: str | None) -> str:
    """Remove the backslashes that quote a character: any character, or only those in `special`."""
    if "\\" not in text:
        return text
    pieces: list[str] = []
    characters = iter(text)
    for character in characters:
        if character != "\\":
            pieces.append(character)
            continue
        follower = next(characters, "\\")
        if follower == "\n":
            continue
        pieces.append(follower if special is None or follower in special else character + follower)
    return "".join(pieces)


class _Stripped(NamedTuple):
    """How many words are prefixes, which ones, the time they grant, and the word that holds a script, if any."""

    skipped: int
    prefixes: tuple[str, ...]
    timeout: float
    script: int | None


def strip(words: tuple[Word, ...]) -> _Stripped:
    """Find where the command begins that the prefixes run."""
    data = table()
    at = 0
    prefixes: list[str] = []
    timeout = math.inf
    while at < len(words):
        name = _base_name(words[at])
        if name in data["shells"]:
            return _Stripped(at, tuple(prefixes), timeout, _script_word(words, at))
        prefix = data["prefixes"].get(name)
        skipped = _skip_prefix(words, at, prefix) if prefix is not None else None
        if skipped is None:
            break
        if "timeout" in prefix:
            timeout = min(timeout, seconds_of(words[skipped - 1]) or math.inf)
        prefixes.append(name)
        at = skipped
        if "script" in prefix and words[at].text in prefix["script"] and at + 1 < len(words):
            return _Stripped(at, tuple(prefixes), timeout, at + 1)
    return _Stripped(at, tuple(prefixes), timeout, None)


def _skip_prefix(words: tuple[Word, ...], at: int, prefix: Mapping[str, Any]) -> int | None:
    """Where the command behind the prefix at `at` begins; None when it does not run one here."""
    subcommands: Sequence[str] = prefix.get("subcommands", ())
    operands: int = prefix.get("operands", 0)
    at += 1
    while at < len(words):
        text = words[at].text
        if text in prefix.get("except", ()):
            return None
        if text in prefix.get("script", ()):
            return at
        if text == "--":
            at += 1
            break
        if text.startswith("-") and len(text) > 1:
            at += 2 if text in prefix.get("values", ()) else 1
        elif text in prefix.get("optional", ()):
            at += 1
        elif subcommands:
            if text in prefix.get("keep", ()):
                return at
            if text not in subcommands:
                return None
            subcommands = ()
            at += 1
        elif operands:
            operands -= 1
            at += 1
        elif prefix.get("assignments") and "=" in text:
            at += 1
        else:
            break
    return at if at < len(words) and not subcommands and not operands else None


def _script_word(words: tuple[Word, ...], at: int) -> int | None:
    """The index of the word with the script of `sh -c`; None if the shell at `at` has no script."""
    at += 1
    while at < len(words) and words[at].text[:1] in ("-", "+"):
        text = words[at].text
        if text.startswith("-") and not text.startswith("--") and text.endswith("c"):
            return at + 1 if at + 1 < len(words) else None
        at += 2 if text.endswith("o") and not text.startswith("--") else 1
    return None


def program_of(words: tuple[Word, ...]) -> tuple[int, str]:
    """The index of the word with the program, and its base name."""
    name = _base_name(words[0])
    interpreter = name.rstrip("0123456789.")
    options = table()["interpreters"].get(interpreter)
    if options is None:
        return 0, name
    at = 1
    while at < len(words):
        text = words[at].text
        if text in options.get("stops", ()):
            break
        if text == options.get("module") and at + 1 < len(words):
            return at + 1, _base_name(words[at + 1])
        if not text.startswith("-"):
            script = _base_name(words[at])
            if not script or (options.get("extensionless") and "." in script):
                break
            return at, script
        at += 2 if text in options.get("values", ()) else 1
    return 0, interpreter


def _base_name(word: Word) -> str:
    """The last part of a path, without what package runners and archives add; "" when it is computed."""
    text = word.text if word.text.startswith("@") else word.text.rpartition("/")[2]
    if not word.literal and not all(character.isalnum() or character in "._-" for character in text):
        return ""
    if text.find("@") > 0:
        text = text.partition("@")[0]
    return text.removesuffix(".phar")


def sleep_seconds(command: Command) -> float | None:
    """Seconds a `sleep` command sleeps; infinite for `sleep infinity`, None when unknown or not a sleep."""
    if command.program != "sleep" or not command.arguments:
        return None
    seconds = [seconds_of(word) for word in command.arguments]
    known = [value for value in seconds if value is not None]
    return sum(known) if len(known) == len(seconds) else None


def seconds_of(word: Word) -> float | None:
    """The seconds of a duration as `sleep` and `timeout` read it: `5`, `0.5s`, `2m`, `1h`, `1d`, `infinity`."""
    text = word.text.lower() if word.literal else _computed(word.text)
    if text in ("inf", "infinity"):
        return math.inf
    unit = {"s": 1, "m": 60, "h": 3600, "d": 86400}.get(text[-1:], 0)
    number = text[:-1] if unit else text
    if not number.replace(".", "", 1).isdecimal() or not number.isascii():
        return None
    return float(number) * (unit or 1)


def _computed(text: str) -> str:
    """The value of `$((60 * 60))` and of `${INTERVAL:-3600}`, where nothing sets the variable; "" for other words."""
    if text.startswith("$((") and text.endswith("))"):
        factors = [factor.strip() for factor in text[3:-2].split("*")]
        known = all(factor.isdecimal() and factor.isascii() and len(factor) < 9 for factor in factors)
        return str(math.prod(map(int, factors))) if known and len(factors) < 9 else ""
    name, sign, default = text.removeprefix("${").removesuffix("}").partition("-")
    is_default = text.startswith("${") and text.endswith("}") and name.removesuffix(":").isidentifier()
    return default if sign and is_default else ""
