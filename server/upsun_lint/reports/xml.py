"""What reports in XML have in common."""

from __future__ import annotations

from collections.abc import Iterable

from upsun_lint.quoting import visible

__all__ = ["DECLARATION", "element"]

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;"}


def element(name: str, attributes: dict[str, object], content: Iterable[str] = (), *, text: str = "") -> str:
    """Return an element on lines of its own, its content indented; with a text it is one line and has no content."""
    head = name + "".join(f' {key}="{_escape(str(value))}"' for key, value in attributes.items())
    if text:
        return f"<{head}>{_escape(text)}</{name}>\n"
    inner = "".join("".join(f"  {line}\n" for line in one.splitlines()) for one in content)
    return f"<{head}>\n{inner}</{name}>\n" if inner else f"<{head}/>\n"


def _escape(text: str) -> str:
    """Return a text in ASCII for an attribute or a content."""
    escaped = "".join(_ESCAPED.get(char, char) for char in visible(text, keep="\n"))
    return escaped.encode("ascii", "xmlcharrefreplace").decode("ascii")
