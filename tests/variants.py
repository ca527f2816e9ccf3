"""The same configuration written in other ways, and with the slips that people make."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from hypothesis import strategies as st

from tests.support import project
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Mapping, Pair, Scalar, is_same

__all__ = ["VARIANTS", "Slip", "slips"]

_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")


# -- other ways to write it ------------------------------------------------------------------------------------------


def four_spaces(text: str) -> str:
    """A text indented twice as far."""
    return re.sub(r"(?m)^ +", lambda match: match[0] * 2, text)


def windows(text: str) -> str:
    return text.replace("\n", "\r\n")


def without_last_line_end(text: str) -> str:
    return text.rstrip("\n")


def double_quoted(text: str) -> str:
    return re.sub(r"'([^'\"\\\n]*)'", r'"\1"', text)


def commented(text: str) -> str:
    """A text with a comment above and behind each line, where this changes nothing."""
    for number, match in reversed(list(enumerate(_LINE.finditer(text)))):
        line = match[0]
        lead = line[: len(line) - len(line.lstrip())]
        for start, end, new in (
            (match.end() - 1, match.end() - 1, f"  # behind {number}"),
            (match.start(), match.start(), f"{lead}# above {number}\n"),
        ):
            changed = text[:start] + new + text[end:]
            if line.strip() and line.endswith("\n") and _is_equal(text, changed):
                text = changed
    return text


def in_braces(text: str) -> str:
    """A text whose innermost maps are written in braces."""
    document = Document("x.yaml", text, whole=True)
    places = sorted(_innermost(document.root), key=lambda pair: -pair.key.start)
    for pair in places:
        value = pair.value
        assert isinstance(value, Mapping)
        inner = ", ".join(f"{one.key.source}: {one.value.source}" for one in value.pairs)
        changed = text[: pair.key.end] + f": {{{inner}}}" + text[value.end :]
        if _is_equal(text, changed):
            text = changed
    return text


def _innermost(node: object) -> Iterator[Pair]:
    for pair in node.pairs if isinstance(node, Mapping) else ():
        value = pair.value
        if isinstance(value, Mapping) and value.pairs and all(_is_short(one) for one in value.pairs):
            yield pair
        else:
            yield from _innermost(value)


def _is_short(pair: Pair) -> bool:
    return isinstance(pair.value, Scalar) and "\n" not in pair.value.source and pair.value.style not in ("|", ">")


def _is_equal(one: str, other: str) -> bool:
    before, after = Document("x.yaml", one, whole=True), Document("x.yaml", other, whole=True)
    if len(before.problems) != len(after.problems) or before.root is None or after.root is None:
        return False
    return is_same(before.root, after.root)


VARIANTS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "4 spaces": four_spaces,
    "CRLF": windows,
    "no line end": without_last_line_end,
    "double quotes": double_quoted,
    "comments": commented,
    "comments, 4 spaces, CRLF": lambda text: windows(commented(four_spaces(text))),
    "braces": in_braces,
    "an end of the document": lambda text: f"{text.rstrip()}\n...\n",
    "all indented": lambda text: re.sub(r"(?m)^(?=.)", "  ", text),
}


# -- slips -----------------------------------------------------------------------------------------------------------


class Slip(NamedTuple):
    """A stretch of a text and what somebody wrote there instead, by mistake."""

    start: int
    end: int
    text: str

    def made_in(self, text: str) -> str:
        """A text with the slip."""
        return text[: self.start] + self.text + text[self.end :]


def _tabs(text: str, line: re.Match[str], number: int) -> Slip | None:
    lead = len(line[0]) - len(line[0].lstrip(" "))
    return Slip(line.start(), line.start() + lead, "\t" * (1 + number % 5)) if lead else None


def _lost(signs: str) -> Callable[[str, re.Match[str], int], Slip | None]:
    def slip(text: str, line: re.Match[str], number: int) -> Slip | None:
        places = [line.start() + index for index, sign in enumerate(line[0]) if sign in signs]
        place = places[number % len(places)] if places else None
        return None if place is None else Slip(place, place + 1, "")

    return slip


def _odd_indent(text: str, line: re.Match[str], number: int) -> Slip | None:
    lead = len(line[0]) - len(line[0].lstrip(" "))
    return Slip(line.start(), line.start() + lead, " " * max(0, lead + (-3, -1, 1, 3, 5)[number % 5]))


def _conflict(text: str, line: re.Match[str], number: int) -> Slip | None:
    end = "\r\n" if line[0].endswith("\r\n") else "\n"
    if not line[0].endswith("\n"):
        return None
    other = (line[0], "", line[0].replace(":", "x:", 1), line[0] * 2)[number % 4]
    return Slip(line.start(), line.end(), f"<<<<<<< HEAD{end}{line[0]}======={end}{other}>>>>>>> other{end}")


def _stray(text: str, line: re.Match[str], number: int) -> Slip | None:
    return Slip(line.start(), line.start(), ("x\n", "    y\n", "- z\n", "```\n", "{\n", "'\n", "\ty: 1\n")[number % 7])


def _cut_off(text: str, line: re.Match[str], number: int) -> Slip | None:
    return Slip(line.start() + number % (len(line[0]) or 1), line.end() - 1, "")


def _letters(text: str, line: re.Match[str], number: int) -> Slip | None:
    words = [(line.start() + one.start(), one[0]) for one in re.finditer(r"[A-Za-z]{3,}", line[0])]
    if not words:
        return None
    start, word = words[number % len(words)]
    at = number % (len(word) - 1)
    changed = (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[: at + 1] + word[at:],
        f".{word}",
    )[number % 4]
    return Slip(start, start + len(word), changed)


_KINDS = (_tabs, _lost("'\""), _lost(":"), _lost("{}[]"), _odd_indent, _conflict, _stray, _cut_off, _letters, _letters)


def slips(text: str) -> st.SearchStrategy[Slip]:
    """The slips that may be made in a text."""
    lines = [match for match in _LINE.finditer(text) if match[0].strip()]

    def made(kind: int, line: int, number: int) -> Slip | None:
        return _KINDS[kind](text, lines[line], number)

    numbers = st.integers(0, len(_KINDS) - 1), st.integers(0, len(lines) - 1), st.integers(0, 40)
    return st.builds(made, *numbers).filter(lambda slip: slip is not None and slip.made_in(text) != text)


def is_valid(text: str) -> bool:
    """Whether a text is YAML."""
    return not any(document.is_broken for document in project(text).all_documents)
