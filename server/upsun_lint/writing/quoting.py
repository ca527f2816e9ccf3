"""Quotes text from users so that it stays text in Markdown, on a screen, and in a log."""

from __future__ import annotations

from upsun_schema.expression import expression

__all__ = ["code_span", "prose", "visible"]

_TICKS = expression(r"`+")
_ACTIVE = expression(r"[\\`*_\[\]<>#|~&!:.@^$]")
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}

# Letters and marks that are invisible, although Unicode calls them printable.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(map(chr, range(0xE0100, 0xE01F0)))


def visible(text: str, *, keep: str = "") -> str:
    r"""A text with escapes for invisible and active characters: `\x1b`, `\u202e`, `\n`.

    These are control characters, characters that change the writing direction or have no width, spaces other than the
    usual one, and lone surrogates. `keep` holds characters to leave alone.
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
    """A text as code in Markdown, on one line: nothing in it has a meaning in Markdown or HTML."""
    text = visible(text) or " "
    longest = max(map(len, _TICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    # Without an extra blank, backticks would join the fence, and Markdown would drop blanks at both ends.
    needs_pad = text[0] == "`" or text[-1] == "`" or (text[0] == text[-1] == " " and text.strip())
    pad = " " if needs_pad else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def prose(text: str) -> str:
    """A text, which may quote a user, as a Markdown sentence with all marks escaped."""
    return _ACTIVE.sub(r"\\\g<0>", visible(text))
