"""Text that a user wrote, quoted so that it stays text: in Markdown, on a screen, in a log."""

from __future__ import annotations

import re

__all__ = ["code_span", "prose", "visible"]

_TICKS = re.compile(r"`+")
_ACTIVE = re.compile(r"[\\`*_\[\]<>#|~&!:.@^$]")
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}

# Letters and marks that show nothing, although Unicode counts them as printable.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(map(chr, range(0xE0100, 0xE01F0)))


def visible(text: str, *, keep: str = "") -> str:
    r"""Return a text with escapes for what cannot be seen or would act: `\x1b`, `\u202e`, `\n`.

    These are control characters, those that change the direction of writing, those without a width, spaces other than
    the usual one, and lone surrogates. `keep` holds characters that stay as they are.
    """
    if text.isprintable() and (text.isascii() or _BLANK.isdisjoint(text)):
        return text
    return "".join(char if char in keep or _is_seen(char) else _escape(char) for char in text)


def _is_seen(char: str) -> bool:
    return char.isprintable() and char not in _BLANK


def _escape(char: str) -> str:
    number = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def code_span(text: str) -> str:
    """Return a text as code in Markdown, on one line: nothing in it means anything to Markdown or HTML."""
    text = visible(text) or " "
    longest = max(map(len, _TICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    # Without a blank more, backticks would join the fence, and Markdown would drop a blank at both ends.
    needs_pad = text[0] == "`" or text[-1] == "`" or (text[0] == text[-1] == " " and text.strip())
    pad = " " if needs_pad else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def prose(text: str) -> str:
    """Return a text, which may quote what a user wrote, as a sentence in Markdown that holds no mark of any kind."""
    return _ACTIVE.sub(r"\\\g<0>", visible(text))
