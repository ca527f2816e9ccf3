"""Tags: which ones the platform knows, and what may be written behind them.

Source: what PyYAML's `SafeLoader` builds; the platform adds `!include` and `!archive`.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable

from upsun_schema.expression import expression
from upsun_schema.yaml.nodes import Alias, Include, Mapping, Node, Problem, Region, Scalar, Sequence
from upsun_schema.yaml.scalars import value_of

__all__ = ["tag_problem"]

_STANDARD = "tag:yaml.org,2002:"
_UNDOCUMENTED = "!file"
"""The vendor's coming linter follows it; the documentation does not name it."""

_KINDS: dict[str, tuple[type[Node], str]] = {
    "map": (Mapping, "a map"),
    "set": (Mapping, "a map"),
    "seq": (Sequence, "a list"),
    "omap": (Sequence, "a list"),
    "pairs": (Sequence, "a list"),
} | dict.fromkeys(("str", "int", "float", "bool", "null", "binary", "timestamp", "merge"), (Scalar, "a single value"))
_TRUTHS = frozenset({"yes", "no", "true", "false", "on", "off"})
_FLOAT = expression(r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?\Z")


def tag_problem(node: Node) -> Problem | None:
    """What is wrong with the tag of a node. It is called for nodes that have one."""
    tag = node.tag
    if tag is None or tag == "!" or isinstance(node, Include | Alias):
        return None
    name = tag.removeprefix(_STANDARD)
    wanted = _KINDS.get(name) if name != tag else None
    shown = tag if name == tag else f"!!{name}"
    if tag == _UNDOCUMENTED:
        message = f"the tag `{tag}` is not documented, and may have no effect; write `!include`"
        return _problem(node, message, "undocumented-value")
    if wanted is None:
        return _problem(node, f"unknown tag `{shown}` (expected `!include` or `!archive`)")
    kind, words = wanted
    if not isinstance(node, kind):
        return _problem(node, f"the tag `{shown}` must be before {words}; the platform cannot load this")
    check = _CHECKS.get(name)
    if check is not None and isinstance(node, Scalar) and not check(node.text):
        return _problem(node, f"the value does not match the tag `{shown}`; the platform cannot load it")
    return None


def _problem(node: Node, message: str, rule: str = "invalid-value") -> Problem:
    written = node.piece.text[node.outer : max(node.start, node.outer)].strip()
    return Problem(rule, message, Region(node.piece, node.outer, node.outer + len(written or str(node.tag))))


def _is_integer(text: str) -> bool:
    return type(value_of(text, plain=True, tag=None)) is int


def _is_number(text: str) -> bool:
    return isinstance(value_of(text, plain=True, tag=None), int | float) or _FLOAT.match(text) is not None


def _is_date(text: str) -> bool:
    found = value_of(text, plain=True, tag=None)
    return found is not None and not isinstance(found, str | int | float)


def _is_binary(text: str) -> bool:
    try:
        binascii.a2b_base64(text)
    except ValueError:
        return False
    return True


_CHECKS: dict[str, Callable[[str], bool]] = {
    "int": _is_integer,
    "float": _is_number,
    "bool": lambda text: text.lower() in _TRUTHS,
    "timestamp": _is_date,
    "binary": _is_binary,
}
