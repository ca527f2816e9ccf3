"""What reports in XML have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable

from upsun_lint.reports.places import clean

__all__ = ["DECLARATION", "element"]

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
"""What cannot stand in XML, not even escaped, and what should not."""


def element(name: str, attributes: dict[str, object], content: Iterable[str] = (), *, text: str = "") -> str:
    """Return an element on lines of its own, its content indented; with a text it is one line and has no content."""
    head = name + "".join(f' {key}="{_escape(str(value))}"' for key, value in attributes.items())
    if text:
        return f"<{head}>{_escape(text)}</{name}>\n"
    inner = "".join("".join(f"  {line}\n" for line in one.splitlines()) for one in content)
    return f"<{head}>\n{inner}</{name}>\n" if inner else f"<{head}/>\n"


def _escape(text: str) -> str:
    """Return a text in ASCII for an attribute or a content."""
    text = _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", clean(text))
    escaped = "".join(_ESCAPED.get(char, char) for char in text)
    return escaped.encode("ascii", "xmlcharrefreplace").decode("ascii")
