"""Shell text (start commands, crons, hooks) as a syntax tree: its commands, loops, variables and what it ends with.

Everything is read from the tree that tree-sitter-bash builds; no text is ever searched by pattern.
"""

from __future__ import annotations

from functools import lru_cache

from upsun_rules.command_table import table
from upsun_rules.script import Command, Loop, Script, Sleep, Span, Trap, Word
from upsun_rules.shell_tree import Source, tree_of
from upsun_rules.shell_walk import Walk
from upsun_rules.shell_words import sleep_seconds

__all__ = ["Command", "Loop", "Script", "Sleep", "Span", "Trap", "Word", "parse", "sleep_seconds", "table"]


@lru_cache(maxsize=512)
def parse(text: str) -> Script:
    """Read a shell text. Never raises, whatever the text: what is not shell has `has_error`."""
    root = tree_of(text)
    if root is None:
        return Script(has_error=True)
    walk = Walk()
    walk.run(Source(root, text))
    return walk.script()
