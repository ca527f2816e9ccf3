"""The syntax tree that tree-sitter-bash builds of a shell text, and the text behind its nodes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from upsun_rules.shell.script import CommandSpan
from upsun_schema.expression import expression

if TYPE_CHECKING:
    from tree_sitter import Language, Node

__all__ = ["LOOPS", "Source", "tree_of"]

# The grammar needs quadratic time on some garbage, and quadratic memory on a pipeline of thousands of commands.
# No hook is nearly that large. Larger texts count as unreadable.
LOOPS = frozenset({"while_statement", "for_statement", "c_style_for_statement"})
"""The kinds of nodes that are loops."""

_NOT_ASCII = expression(r"[^\x00-\x7f]")
_LONGEST = 16_384
_MOST_PIPES = 1_000


@lru_cache(maxsize=1)
def _language() -> Language:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Language(tree_sitter_bash.language())


def tree_of(text: str) -> Node | None:
    """The root of the syntax tree, whose bytes are the text's code points; None when the text is not shell.

    The grammar's scanner looks characters up in a table of ASCII and crashes on those far beyond it. To the shell they
    are letters like any other in a word, so each is read as a dot, which is not an operator and in no name.
    """
    from tree_sitter import Parser

    data = _NOT_ASCII.sub(".", text).encode()
    if len(data) > _LONGEST or data.count(b"|") > _MOST_PIPES or b"\0" in data:
        return None
    root = Parser(_language()).parse(data).root_node
    return None if root.has_error else root


class Source:
    """A text being walked, and where it lies in the text that `parse` was given."""

    __slots__ = ("_base", "_fixed", "_text", "broken_loops", "root")

    def __init__(self, root: Node, text: str, *, base: int = 0, fixed: CommandSpan | None = None) -> None:
        self.root = root
        self.broken_loops = _loops_with_break(root)
        self._text = text
        self._base = base
        self._fixed = fixed

    @property
    def exact(self) -> bool:
        """Whether each of its nodes has an exact place."""
        return self._fixed is None

    def span(self, node: Node) -> CommandSpan:
        """Where a node is in the text that `parse` was given."""
        return self._fixed or CommandSpan(self._base + node.start_byte, self._base + node.end_byte)

    def text(self, start: int, end: int) -> str:
        """A part of this text, by the byte offsets of its tree."""
        return self._text[start:end]


def _loops_with_break(root: Node) -> set[int]:
    """The byte offsets of the loops that contain their own `break`."""
    found: set[int] = set()
    stack: list[tuple[Node, int | None]] = [(root, None)]
    while stack:
        node, loop = stack.pop()
        if node.type in LOOPS:
            loop = node.start_byte
        elif node.type == "function_definition":
            loop = None
        elif node.type == "command_name" and loop is not None and node.text in (b"break", b"return"):
            found.add(loop)
        stack.extend((child, loop) for child in node.named_children)
    return found
