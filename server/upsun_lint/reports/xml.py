"""Shared by the XML formats. Formats are imported when needed, and the XML library with them."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from upsun_lint.writing.quoting import visible

__all__ = ["Element", "document", "element"]


def element(name: str, attributes: dict[str, object], content: Iterable[Element] = (), *, text: str = "") -> Element:
    """An element that holds others or a text."""
    made = Element(name, {key: visible(str(value), keep="\n") for key, value in attributes.items()})
    made.extend(content)
    made.text = visible(text, keep="\n") or None
    return made


def document(root: Element) -> str:
    """The text of a document, in ASCII."""
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="us-ascii", xml_declaration=False).decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'
