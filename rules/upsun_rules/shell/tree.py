"""The syntax tree that tree-sitter-bash builds of a shell text, and the text behind its nodes."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

from upsun_rules.shell.script import ChainStep, CommandSpan
from upsun_schema.expression import expression
from upsun_schema.yaml.nodes import Region

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tree_sitter import Language, Node

__all__ = ["LOOPS", "Source", "tree_of"]

# The grammar needs quadratic time on some garbage, and quadratic memory on a pipeline of thousands of commands.
# No hook is nearly that large. Larger texts count as unreadable.
LOOPS = frozenset({"while_statement", "for_statement", "c_style_for_statement"})
"""The kinds of nodes that are loops."""

_NOT_ASCII = expression(r"[^\x00-\x7f]")
_NAME_IN_WORD = expression(r"""(?<=[^\s"'`(){}|&;<>\\])(\$[A-Za-z_]\w*)[/.@,+~^!*?-]""", re.ASCII)
"""A variable in the middle of a word, and a character behind it that the grammar may take for the rest of a word.

It reads `$HOST:$PORT/0` as two words, `$HOST:$` and `PORT/0` (tree-sitter-bash issue 315), but not `$HOST:$PORT%0`.
"""
_LONGEST = 16_384
_MOST_PIPES = 1_000


@lru_cache(maxsize=1)
def _language() -> Language:
    from tree_sitter import Language

    return Language(_grammar())


def _grammar() -> object:
    """What the C part of the grammar's package gives.

    The package itself imports `importlib.resources`, for queries that nothing here reads: twice the cost of the rest,
    45 million instructions. Where the C part is not a file beside it, the package is imported as usual.
    """
    package = PathFinder.find_spec("tree_sitter_bash")
    binding = package and PathFinder.find_spec("tree_sitter_bash._binding", package.submodule_search_locations)
    if binding is None or binding.loader is None:
        import tree_sitter_bash

        return tree_sitter_bash.language()
    module = module_from_spec(binding)
    binding.loader.exec_module(module)
    return module.language()


def tree_of(text: str) -> Node | None:
    """The root of the syntax tree, whose bytes are the text's code points; None when the text is not shell.

    The grammar's scanner looks characters up in a table of ASCII and crashes on those far beyond it. To the shell they
    are letters like any other in a word, so each is read as a dot, which is not an operator and in no name.
    """
    text = _NOT_ASCII.sub(".", text)
    if len(text) > _LONGEST or text.count("|") > _MOST_PIPES or "\0" in text:
        return None
    marked = _NAME_IN_WORD.sub(r"\1%", text)
    root = _parsed(marked)
    # In arithmetic, as in `$((2*$A-1))`, the character has a meaning of its own.
    if root.has_error and marked != text:
        root = _parsed(text)
    return None if root.has_error else root


def _parsed(text: str) -> Node:
    from tree_sitter import Parser

    return Parser(_language()).parse(text.encode()).root_node


class Source:
    """A text being walked, and where it lies in the text that `parse` was given.

    `within` is the region of a file whose text it is, character for character.
    """

    __slots__ = ("_base", "_fixed", "_text", "_within", "broken_loops", "root")

    def __init__(
        self,
        root: Node,
        text: str,
        *,
        base: int = 0,
        fixed: CommandSpan | None = None,
        within: Region | None = None,
    ) -> None:
        self.root = root
        self.broken_loops = _loops_with_break(root)
        self._text = text
        self._base = base
        self._fixed = fixed
        self._within = within

    @property
    def exact(self) -> bool:
        """Whether each of its nodes has an exact place."""
        return self._fixed is None

    def span(self, node: Node) -> CommandSpan:
        """Where a node is in the text that `parse` was given."""
        return self._fixed or CommandSpan(self._base + node.start_byte, self._base + node.end_byte)

    def chain(self, node: Node, steps: tuple[ChainStep, ...]) -> tuple[ChainStep, ...]:
        """The steps that lead to a node, the last of them at the node itself where its place is known."""
        if self._within is None or not steps:
            return steps
        start = self._within.start
        end = min(start + node.end_byte, self._within.end)
        region = Region(self._within.piece, start + node.start_byte, end)
        return (*steps[:-1], steps[-1]._replace(region=region))

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
