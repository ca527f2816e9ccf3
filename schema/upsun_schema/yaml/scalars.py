"""What a plain scalar means in YAML 1.1, which the platform reads.

Source: the platform's error messages are those of PyYAML on libyaml; values as observed with PyYAML 6.0.3.
"""

from __future__ import annotations

import math
import re

from upsun_schema.expression import expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from typing import TypeAlias

__all__ = ["NULLS", "STRING_TAG", "YamlValue", "value_of"]

YamlValue: TypeAlias = "str | int | float | bool | datetime.date | None"
"""A scalar's value: text, number, truth, date (or date and time), or nothing."""

_TRUE = frozenset({"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
_FALSE = frozenset({"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
STRING_TAG = "tag:yaml.org,2002:str"
"""The tag of text, `!!str`."""

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
"""The plain scalars that are no value."""

_INT = expression(
    r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|0|[1-9][0-9_]*|[1-9][0-9_]*(?::[0-5]?[0-9])+)\Z",
)
_FLOAT = expression(
    r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z",
)
_DATE = expression(
    r"(\d\d\d\d)-(\d\d)-(\d\d)\Z|\d\d\d\d-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?"
    r"(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?\Z",
    re.ASCII,
)
_NUMERIC_START = frozenset("+-.0123456789")
_NUMERIC_END = frozenset("._0123456789abcdefABCDEFnNZ")


def value_of(text: str, *, plain: bool, tag: str | None) -> YamlValue:
    """The value of a scalar as YAML 1.1 reads it; quoted and `!!str` scalars are text."""
    if not plain or tag is not None:
        return text
    if text in NULLS:
        return None
    first = text[0]
    if first in _NUMERIC_START:
        return _number(text)
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    return text


def _number(text: str) -> YamlValue:
    if text[0] in "123456789" and len(text) < 10 and text.isascii() and text.isdigit():
        return int(text)  # Most are: the expressions need not even be compiled.
    # To compile the expressions takes a sixtieth of a small check: only those are asked that may match.
    if text[-1] not in _NUMERIC_END:
        return text
    if "." in text:
        if _FLOAT.match(text):
            return _float(text)
    elif _INT.match(text):
        return _integer(text)
    if "-" in text and (match := _DATE.match(text)):
        return _date(text, match)
    return text


def _integer(text: str) -> int:
    digits = text.replace("_", "")
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    if digits.startswith("0b"):
        return sign * int(digits[2:] or "0", 2)
    if digits.startswith("0x"):
        return sign * int(digits[2:] or "0", 16)
    if ":" in digits:
        value = 0
        for part in digits.split(":")[:1000]:
            value = value * 60 + int(part[:1000])
        return sign * value
    if digits.startswith("0") and len(digits) > 1:
        return sign * int(digits, 8)
    # The interpreter refuses to convert numbers of thousands of digits; nothing here needs more than a few.
    return sign * int(digits[:4000])


def _float(text: str) -> float:
    digits = text.replace("_", "").lower()
    sign = -1.0 if digits.startswith("-") else 1.0
    digits = digits.lstrip("+-")
    if digits == ".inf":
        return sign * math.inf
    if digits == ".nan":
        return math.nan
    if ":" in digits:
        value = 0.0
        for part in digits.split(":"):
            value = value * 60 + float(part)
        return sign * value
    return sign * float(digits)


def _date(text: str, match: re.Match[str]) -> YamlValue:
    import datetime

    try:
        if match[1]:
            return datetime.date(int(match[1]), int(match[2]), int(match[3]))
        day = re.split(r"[Tt \t]", text, maxsplit=1)[0].split("-")
        return datetime.datetime(int(day[0]), int(day[1]), int(day[2]))
    except ValueError:
        return text
