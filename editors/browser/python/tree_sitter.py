"""What upsun-lint uses of the package `tree-sitter`, on trees that web-tree-sitter builds in JavaScript.

`bash_grammar` is the module that JavaScript registers. Its `parse(text)` returns a whole tree as one array, because
each call between the two languages costs more than reading many nodes. Texts are ASCII, as `upsun_rules.shell.tree`
makes them, so code units are bytes.
"""

from __future__ import annotations

import bash_grammar

__all__ = ["Language", "Node", "Parser", "Tree"]

_KINDS: list[str] = bash_grammar.kinds.to_py()
_FIELDS: list[str | None] = bash_grammar.fields.to_py()
# What one node takes in the array: kind, whether it is named, field, start, end, number of children.
_WIDTH = 6


class Node:
    """A node of a syntax tree."""

    __slots__ = (
        *("_field", "_source", "children", "end_byte", "has_error", "id"),
        *("is_named", "next_sibling", "parent", "start_byte", "type"),
    )

    def __init__(self, source: bytes, number: int, row: memoryview) -> None:
        kind, named, field, self.start_byte, self.end_byte, _ = row
        self._source = source
        self._field = _FIELDS[field]
        self.id = number
        self.type = _KINDS[kind]
        self.is_named = bool(named)
        self.has_error = False
        self.children: list[Node] = []
        self.next_sibling: Node | None = None
        self.parent: Node | None = None

    @property
    def text(self) -> bytes:
        return self._source[self.start_byte : self.end_byte]

    @property
    def named_children(self) -> list[Node]:
        return [child for child in self.children if child.is_named]

    @property
    def child_count(self) -> int:
        return len(self.children)

    @property
    def named_child_count(self) -> int:
        return len(self.named_children)

    def child_by_field_name(self, name: str) -> Node | None:
        return next((child for child in self.children if child._field == name), None)

    def children_by_field_name(self, name: str) -> list[Node]:
        return [child for child in self.children if child._field == name]

    def field_name_for_child(self, index: int) -> str | None:
        return self.children[index]._field


class Tree:
    """A syntax tree."""

    def __init__(self, root: Node) -> None:
        self.root_node = root


class Language:
    """The one grammar there is."""

    def __init__(self, grammar: object) -> None:
        self.grammar = grammar


class Parser:
    """Reads shell text."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def parse(self, source: bytes) -> Tree:
        rows = bash_grammar.parse(source.decode("ascii"))
        if rows is None:
            root = Node(source, 0, memoryview(bytes(_WIDTH)))
            root.has_error = True
            return Tree(root)
        return Tree(_tree(source, memoryview(rows.to_bytes()).cast("i")))


def _tree(source: bytes, rows: memoryview) -> Node:
    """The root of the tree whose nodes are in the array, each before its children."""
    root = Node(source, 0, rows[:_WIDTH])
    open_nodes = [(root, rows[_WIDTH - 1])]
    for at in range(_WIDTH, len(rows), _WIDTH):
        while len(open_nodes[-1][0].children) == open_nodes[-1][1]:
            open_nodes.pop()
        parent = open_nodes[-1][0]
        node = Node(source, at, rows[at : at + _WIDTH])
        if parent.children:
            parent.children[-1].next_sibling = node
        parent.children.append(node)
        node.parent = parent
        open_nodes.append((node, rows[at + _WIDTH - 1]))
    return root
