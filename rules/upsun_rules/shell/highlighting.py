"""The parts of a shell text that an editor shows in different colors."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from upsun_rules.shell.tree import tree_of
from upsun_schema.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["HIGHLIGHTS", "Highlight", "highlights"]

HIGHLIGHTS = ("function", "parameter", "variable", "string", "comment", "keyword", "operator", "number")
"""The kinds of highlights. `function` is the name of a command, `parameter` an option."""

_KINDS = {
    "command_name": "function",
    "variable_name": "variable",
    "special_variable_name": "variable",
    "raw_string": "string",
    "ansi_c_string": "string",
    "string_content": "string",
    "heredoc_body": "string",
    "comment": "comment",
    "number": "number",
}
_OPERATORS = frozenset({"&&", "||", "|", "|&", ";", ";;", "&", ">", ">>", "<", "<<", "<<<", ">&", "&>", "!"})


class Highlight(NamedTuple):
    """A part of a text and its kind; offsets are 0-based code points, `end` is exclusive."""

    start: int
    end: int
    kind: str


@lru_cache(maxsize=512)
def highlights(text: str) -> tuple[Highlight, ...]:
    """The highlights of a text in order; none for what is not shell. They do not overlap."""
    root = tree_of(text)
    return () if root is None else tuple(_find(root))


def _find(root: Node) -> Iterator[Highlight]:
    left = [root]
    end = 0
    while left:
        node = left.pop()
        kind = _kind_of(node)
        if kind is None or (kind == "function" and node.named_child_count and node.named_children[0].type != "word"):
            left.extend(reversed(node.children))
        elif node.start_byte >= end and node.end_byte > node.start_byte:
            end = node.end_byte
            yield Highlight(node.start_byte, node.end_byte, kind)


def _kind_of(node: Node) -> str | None:
    if node.is_named:
        is_option = node.type == "word" and (node.text or b"").startswith(b"-")
        return "parameter" if is_option else _KINDS.get(node.type)
    if node.type in _OPERATORS:
        return "operator"
    if node.type in ('"', "'"):
        return "string"
    return "keyword" if node.type.isalpha() and node.child_count == 0 else None
