"""Why a line is not YAML, in the words of the person who wrote it."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Diagnosis", "diagnose"]

# Nobody wrote a longer line by hand; patterns would take their time with it.
_LONG = 2_000

_STAR = re.compile(r"^(\s*(?:-\s+)*(?:[^\s:#'\"]+|'[^']*'|\"[^\"]*\")\s*:\s+)([*@%`][^\r\n]*?)(\s+#[^\r\n]*)?\s*$")
_SCHEDULE = re.compile(r"^[*\d@][^\s]*(\s+[^\s]+)+$|^@\w+$")
_SCHEDULE_IN_BRACES = re.compile(r"[{,][^'\"]*:\s+(\*(?:/\d+)?(?:[ \t]+[\dH*/,-]*[\dH*]){4})(?=\s*[,}])")
_UNCLOSED = {"'": "single quote", '"': "double quote", "{": "brace", "[": "bracket"}
_PLAIN_COLON = re.compile(
    r"^\s*(?:-\s+)*([^\s#'\"{\[&!|>][^#\r\n]*?)\s*:\s+([^'\"{\[|>&*!\r\n#][^\r\n#]*?:(?:\s[^\r\n]*|$))"
)
_AFTER_QUOTE = re.compile(r":\s+((['\"])(?:(?!\2).|\2\2)*\2)\s*([^\s#,}\]][^\r\n]*)$")


class Diagnosis(NamedTuple):
    """What is wrong with a line: the message, where (offsets in the line), and the text that would mend it."""

    message: str
    start: int
    end: int
    replacement: str | None = None


def diagnose(line: str, reason: str, at: int) -> Diagnosis:
    """Return what is wrong with a line that does not parse.

    `reason` is what the parser said and `at` the offset (code points in `line`) it said it at; both are used only
    where the line itself does not tell.
    """
    end = len(line.rstrip())
    first = min(len(line) - len(line.lstrip()), end)
    at = min(max(at, first), end)
    if reason.startswith("nested deeper"):
        return Diagnosis(f"this is {reason}", at, end)
    if len(line) > _LONG:
        return (
            _tab(line, end) or _unclosed(line, end) or Diagnosis(f"this is not valid YAML: {_plain(reason)}", at, end)
        )
    for explain in (_tab, _reserved_start, _star_in_braces, _unclosed, _after_quote, _colon_in_value):
        if found := explain(line, end):
            return found
    return Diagnosis(f"this line is not valid YAML: {_plain(reason)}", at if at < end else first, end)


def _tab(line: str, end: int) -> Diagnosis | None:
    blank = line[: len(line) - len(line.lstrip())]
    if "\t" not in blank or not line.strip():
        return None
    return Diagnosis("a tab cannot indent YAML; use spaces", blank.index("\t"), len(blank))


def _reserved_start(line: str, end: int) -> Diagnosis | None:
    match = _STAR.match(line)
    if match is None:
        return None
    value = match[2].rstrip()
    start = match.start(2)
    quoted = None if "'" in value else f"'{value}'"
    if value.startswith("*"):
        if len(value) == 1:
            return Diagnosis("an alias needs a name: `*` must be followed by the name of an anchor", start, start + 1)
        if _SCHEDULE.match(value):
            message = "a schedule that starts with `*` must be quoted: unquoted, YAML reads `*` as an alias"
            return Diagnosis(message, start, start + len(value), quoted)
        if not re.match(r"\*[^\s,\[\]{}]+$", value):
            message = "a value that starts with `*` must be quoted: unquoted, YAML reads `*` as an alias"
            return Diagnosis(message, start, start + len(value), quoted)
        return None
    return Diagnosis(f"a value cannot start with `{value[0]}` unless it is quoted", start, start + len(value), quoted)


def _star_in_braces(line: str, end: int) -> Diagnosis | None:
    """Find an unquoted schedule inside braces, where its stars are just as much aliases."""
    match = _SCHEDULE_IN_BRACES.search(line)
    if match is None:
        return None
    message = "a schedule that starts with `*` must be quoted: unquoted, YAML reads `*` as an alias"
    return Diagnosis(message, match.start(1), match.end(1), f"'{match[1]}'")


def _unclosed(line: str, end: int) -> Diagnosis | None:
    """Find the first quote, brace or bracket of a value that the line opens and never closes."""
    closes = {"{": "}", "[": "]"}
    open_at: list[int] = []
    position = 0
    expect_value = True
    while position < end:
        char = line[position]
        if char == "#" and (position == 0 or line[position - 1] in " \t"):
            break
        if char in "'\"" and (expect_value or open_at):
            close = _closing_quote(line, position, end)
            if close is None:
                return Diagnosis(f"this {_UNCLOSED[char]} is never closed", position, end)
            position = close
            expect_value = False
        elif char in "{[" and (expect_value or open_at):
            open_at.append(position)
            expect_value = True
        elif open_at and char == closes[line[open_at[-1]]]:
            open_at.pop()
            expect_value = False
        elif char in ":-," and line[position + 1 : position + 2] in ("", " ", "\t"):
            expect_value = True
        elif not char.isspace():
            expect_value = False
        position += 1
    if open_at:
        return Diagnosis(f"this {_UNCLOSED[line[open_at[0]]]} is never closed", open_at[0], end)
    return None


def _closing_quote(line: str, start: int, end: int) -> int | None:
    quote = line[start]
    position = start + 1
    while position < end:
        if quote == '"' and line[position] == "\\":
            position += 2
            continue
        if line[position] == quote:
            if quote == "'" and line[position + 1 : position + 2] == "'":
                position += 2
                continue
            return position
        position += 1
    return None


def _after_quote(line: str, end: int) -> Diagnosis | None:
    match = _AFTER_QUOTE.search(line)
    if match is None:
        return None
    return Diagnosis("nothing may follow the closing quote; quote the whole value, or none of it", match.start(3), end)


def _colon_in_value(line: str, end: int) -> Diagnosis | None:
    match = _PLAIN_COLON.match(line)
    if match is None:
        return None
    start = match.start(2)
    value = line[start:end]
    quoted = None if "'" in value or " #" in value else f"'{value}'"
    return Diagnosis("a value that contains `: ` must be quoted", start, end, quoted)


_WORDS = {
    "did not find expected alphabetic or numeric character": "a name was expected here",
    "mapping values are not allowed in this context": "a `key: value` is not allowed here",
    "mapping values are not allowed here": "a `key: value` is not allowed here",
    "could not find expected ':'": "a colon is missing after the key",
    "did not find expected key": "a key was expected here",
    "did not find expected '-' indicator": "a list item (`- …`) was expected here",
    "found unknown escape character": "unknown escape sequence in double quotes",
}


def _plain(reason: str) -> str:
    """Say the parser's reason without the parser's words."""
    for words, plain in _WORDS.items():
        if words in reason:
            return plain
    return reason
