"""Why a line is not YAML, in the words of the person who wrote it."""

from __future__ import annotations

import re

from upsun_schema.record import NamedTuple

__all__ = ["Diagnosis", "diagnose", "explain", "repeat"]

# Longer lines are not written by hand, and patterns would be slow on them.
_LONG = 2_000

_STAR = re.compile(
    r"^(\s*(?:-\s+)*(?:[^\s:#'\"]+|'[^']*'|\"[^\"]*\")\s*:\s+|\s*(?:-\s+)+)([*@%`](?:\S++|[^\S\r\n]++(?!#))*+)(?:\s++#[^\r\n]*+)?\s*+$"
)
_SCHEDULE = re.compile(r"^[*\d@][^\s]*(\s+[^\s]+)+$|^@\w+$")
_SCHEDULE_IN_BRACES = re.compile(r":\s++(\*(?:/\d+)?(?:[ \t]+[\dH*/,-]*[\dH*]){4})(?=\s*[,}])")
_PROPERTY = re.compile(r"[!&][^\s,\[\]{}]*")
_UNCLOSED = {"'": "single quote", '"': "double quote", "{": "brace", "[": "bracket"}
_PLAIN_COLON = re.compile(
    r"^\s*+(?:-\s++)*+([^\s#'\"{\[&!|>][^#\r\n]*?):\s++([^'\"{\[|>&*!\r\n#][^\r\n#]*?:(?:\s[^\r\n]*|$))"
)
_KEY = r"^\s*(?:-\s+)*(?:[^\s:#'\"]+|'[^']*'|\"[^\"]*\")\s*:\s+"
_ITEM_BEHIND_KEY = re.compile(_KEY + r"(-\s+\S.*)")
_TEXT_BEHIND_SIGN = re.compile(_KEY + r"([|>][-+1-9]{0,2})[ \t]*([^\s#-+1-9][^\r\n]*)")
_AFTER_QUOTE = re.compile(r"(?::\s+|^\s*(?:-\s+)+)((['\"])(?:(?!\2).|\2\2)*\2)\s*([^\s#,}\]][^\r\n]*)$")


class Diagnosis(NamedTuple):
    """What is wrong with a line: the message, where (offsets in the line), and the text that would fix it."""

    message: str
    start: int
    end: int
    replacement: str | None = None
    is_safe: bool = True


def diagnose(line: str, reason: str, at: int) -> Diagnosis:
    """What is wrong with a line that does not parse.

    `reason` is what the parser said and `at` the offset (code points in `line`) it said it at; both are used only
    where the line itself does not show it.
    """
    if reason.startswith("nested deeper"):
        return repeat(line, reason, at)
    if len(line) > _LONG:
        end = len(line.rstrip())
        return _unclosed(line, end) or repeat(line, reason, at)
    return explain(line) or repeat(line, reason, at)


def repeat(line: str, reason: str, at: int) -> Diagnosis:
    """What the parser said of a line, in plain words, at the place it said it at."""
    end = len(line.rstrip())
    first = min(len(line) - len(line.lstrip()), end)
    at = min(max(at, first), end)
    if reason.startswith("nested deeper"):
        return Diagnosis(f"this is {reason}", at, end)
    return Diagnosis(f"this line is not valid YAML: {_plain(reason)}", at if at < end else first, end)


def explain(line: str) -> Diagnosis | None:
    """What is wrong with a line that does not parse, where the line itself shows it."""
    end = len(line.rstrip())
    for cause in _CAUSES:
        if found := cause(line, end):
            return found
    return None


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
    match = next((one for one in _SCHEDULE_IN_BRACES.finditer(line) if _is_in_braces(line, one.start())), None)
    if match is None:
        return None
    message = "a schedule that starts with `*` must be quoted: unquoted, YAML reads `*` as an alias"
    return Diagnosis(message, match.start(1), match.end(1), f"'{match[1]}'")


def _is_in_braces(line: str, at: int) -> bool:
    """Whether a brace or comma is before a place, and no quote between."""
    return max(line.rfind(sign, 0, at) for sign in "{,") > max(line.rfind(quote, 0, at) for quote in "'\"")


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
        elif char in "!&" and expect_value:
            position = _PROPERTY.match(line, position).end() - 1  # type: ignore[union-attr]
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
    return Diagnosis("nothing may follow the closing quote; quote the whole value or nothing", match.start(3), end)


def _list_behind_key(line: str, end: int) -> Diagnosis | None:
    match = _ITEM_BEHIND_KEY.match(line)
    if match is None:
        return None
    return Diagnosis("a list begins on the line below its key, not beside it", match.start(1), end)


def _text_behind_sign(line: str, end: int) -> Diagnosis | None:
    match = _TEXT_BEHIND_SIGN.match(line)
    if match is None:
        return None
    return Diagnosis(f"the text after `{match[1]}` begins on the line below", match.start(2), end)


def _colon_in_value(line: str, end: int) -> Diagnosis | None:
    match = _PLAIN_COLON.match(line)
    if match is None:
        return None
    start = match.start(2)
    value = line[start:end]
    quoted = None if "'" in value or " #" in value else f"'{value}'"
    if value.endswith(":") and ": " not in value:
        message = "a value that ends with `:` must be quoted, if the colon is meant to be there"
        return Diagnosis(message, start, end, quoted, is_safe=False)
    return Diagnosis("a value that contains `: ` must be quoted", start, end, quoted)


_CAUSES = (
    _reserved_start,
    _star_in_braces,
    _unclosed,
    _after_quote,
    _list_behind_key,
    _text_behind_sign,
    _colon_in_value,
)

# What libyaml and the parser written in Python say, by a part of it that is found nowhere else, and what that means.
_WORDS = (
    ("alphabetic or numeric character", "`&` and `*` begin names here; quote a text that begins with one of them"),
    ("mapping values are not allowed", "a `key: value` is not allowed here"),
    ("mapping keys are not allowed", "`?` begins a key here; quote a text that begins with it"),
    ("sequence entries are not allowed", "a list item is not allowed here; a list begins on the line below its key"),
    ("expected ':'", "a colon is missing after the key"),
    ("expected key", "a key was expected here"),
    ("<block end>", "a key or a list item was expected here"),
    ("'-' indicator", "a list item (`- …`) was expected here"),
    ("',' or '}'", "a comma or the closing brace is missing before this"),
    ("',' or ']'", "a comma or the closing bracket is missing before this"),
    ("node content", "a value was expected here"),
    ("document start", "nothing may follow the value above"),
    ("document indicator", "a document cannot end inside quotes, braces or brackets"),
    ("document separator", "a document cannot end inside quotes, braces or brackets"),
    ("in a block scalar", "the text below is not indented as one block"),
    ("end of stream", "this is opened and never closed"),
    ("unexpected ':'", "a text with a colon must be quoted here"),
    ("unknown escape", "this is not a valid escape; use single quotes"),
    ("hexdecimal number", "this escape needs more hexadecimal digits; or use single quotes"),
    ("character escape code", "this is not a valid escape; use single quotes"),
    ("comment or line break", "only a comment may follow on this line"),
    ("comment or a line break", "only a comment may follow on this line"),
    ("indentation indicator", "only a digit from 1 to 9, `+` or `-` may follow `|` or `>`"),
    ("cannot start any token", "a value cannot begin with this character; quote it"),
    ("tab", "a tab cannot indent YAML; use spaces"),
    ("URI", "this tag has no valid name; quote a text that begins with `!`"),
    ("the expected '>'", "this tag has no valid name; quote a text that begins with `!`"),
    ("expected '>'", "this tag has no valid name; quote a text that begins with `!`"),
    ("expected '!'", "this tag has no valid name; quote a text that begins with `!`"),
    ("tag handle", "this tag has no valid name; quote a text that begins with `!`"),
    ("end marker", "`...` ends the document, and nothing may follow it"),
    ("expected ' '", "a tag ends with a space; quote a text that begins with `!`"),
    ("expected whitespace", "a tag ends with a space; quote a text that begins with `!`"),
    ("directive", "a line that begins with `%` is a directive, and this is not a valid one; quote it"),
    ("YAML document", "the platform reads YAML 1.1; remove this line"),
    ("version number", "a line that begins with `%` is a directive, and this is not a valid one; quote it"),
    ("digit", "a line that begins with `%` is a directive, and this is not a valid one; quote it"),
    ("non-alphabetical", "a line that begins with `%` is a directive, and this is not a valid one; quote it"),
)


def _plain(reason: str) -> str:
    """Say the parser's reason without the parser's words; what is not the parser's is in plain words already."""
    for words, plain in _WORDS:
        if words in reason:
            return plain
    return _UNKNOWN if _RAW.search(reason) else reason


_RAW = re.compile(r"\b(?:expected|found|while|allowed in)\b|[<>{}]")
_UNKNOWN = "it cannot be read here"
