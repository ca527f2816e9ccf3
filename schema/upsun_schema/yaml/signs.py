"""What a look at a text tells before it is parsed: what a key is, and whether something may have slipped in.

Most files are sound. Nothing of `broken` is imported for them, and each keystroke pays for these looks only.
"""

from __future__ import annotations

from upsun_schema.expression import expression

__all__ = [
    "BLANKS",
    "KEY",
    "ODD_QUOTES",
    "ZERO_WIDTH",
    "may_have_accidents",
    "may_have_faults",
    "may_have_lost_indentation",
]

KEY = expression(
    r"(?P<key>'(?:[^'\r\n]|'')*+'|\"(?:[^\"\\\r\n]|\\.)*+\""
    r"|-(?![ \t\r\n])(?:[^#:\r\n \t]|:(?![ \t\r\n]|\Z)|[ \t]++(?!:(?:[ \t\r\n]|\Z)))*+"
    r"|[^\s'\"#\[\]{},&*!|>%@`-](?:[^:\r\n \t]|:(?![ \t\r\n]|\Z)|[ \t]++(?!:(?:[ \t\r\n]|\Z)))*+)"
    r"[ \t]*+:(?=[ \t\r\n]|\Z)"
)
"""A mapping key with its colon, at the beginning of a line's content."""

BLANKS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""What looks like a space but is text to YAML, as part of a character class."""

ZERO_WIDTH = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069"
"""What has no width, as part of a character class."""

ODD_QUOTES = "“”„‟‘’‚‛"
"""Typographic quotes, as part of a character class."""

# What may be odd in a line that is not a comment. Few lines have any of it.
_ODD = expression(f"(?:^|[\r\n])(?![ \t]*#)[^\r\n{BLANKS}{ZERO_WIDTH}{ODD_QUOTES}]*+[{BLANKS}{ZERO_WIDTH}{ODD_QUOTES}]")
_ODD_BYTES = (b"\xc2", b"\xe1", b"\xe2", b"\xe3")
_INDENTED = expression(r"(?m)^[ \t]+[^\s#]")
_EMPTY_SECTION = expression(r"(?m)^(?:applications|services|routes|tasks):[ \t]*(?:#[^\r\n]*)?\r?$")
# What a fault has in it, and how it is then found. That each pattern begins with a sign makes them fast.
_CANDIDATES = {
    "\t": expression(r"\n *\t"),
    "\\": expression(r"\\\"[ \t]*+(?:[\]},]++[ \t]*+)?(?:#|\n|\Z)"),
    "`": expression(r"\n[ \t]*```"),
    "~": expression(r"\n[ \t]*~~~"),
}


def may_have_accidents(text: str) -> bool:
    """Whether a text may hold what slips into valid YAML: odd blanks and quotes, or no indentation at all."""
    return (_may_be_odd(text) and _ODD.search(text) is not None) or may_have_lost_indentation(text)


def _may_be_odd(text: str) -> bool:
    """Whether a text may hold an odd blank or quote, by how they begin in UTF-8."""
    if text.isascii():
        return False
    data = text.encode(errors="surrogatepass")
    return any(sign in data for sign in _ODD_BYTES)


def may_have_lost_indentation(text: str) -> bool:
    """Whether no line of a text is indented, and a section of it is empty."""
    # Mostly the second line is indented; the other look takes longer.
    return _INDENTED.search(text) is None and _EMPTY_SECTION.search(text) is not None


def may_have_faults(text: str) -> bool:
    """Whether it is worth asking for the faults of a text."""
    signs = [sign for sign in _CANDIDATES if sign in text]
    lines = "\n" + text.replace("\r", "\n") if signs else ""
    return any(_CANDIDATES[sign].search(lines) for sign in signs)
