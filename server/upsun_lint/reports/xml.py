"""What reports in XML have in common. Formats are imported when they are asked for, and the library with them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from upsun_lint.reports.places import clean

__all__ = ["Element", "document", "element"]

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
"""What cannot be in XML, not even escaped, and what should not."""


def element(name: str, attributes: dict[str, object], content: Iterable[Element] = (), *, text: str = "") -> Element:
    """Return an element that holds others or a text."""
    made = Element(name, {key: _scrub(str(value)) for key, value in attributes.items()})
    made.extend(content)
    made.text = _scrub(text) or None
    return made


def document(root: Element) -> str:
    """Return the text of a document, in ASCII."""
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="us-ascii", xml_declaration=False).decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _scrub(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", clean(text))
