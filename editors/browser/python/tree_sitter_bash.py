"""What upsun-lint uses of the package `tree-sitter-bash`: the grammar itself is in JavaScript."""

from __future__ import annotations

__all__ = ["language"]


def language() -> object:
    """The grammar, which `tree_sitter` knows without it."""
    return None
