"""Shell text (start commands, crons, hooks): its commands, loops, variables and what it ends with.

Everything is read from the tree that tree-sitter-bash builds, except for text of plain words, which has no structure.
"""

from __future__ import annotations

from functools import lru_cache

from upsun_rules.shell.command_table import table
from upsun_rules.shell.plain import plain_script
from upsun_rules.shell.script import (
    Absence,
    ChainStep,
    Command,
    CommandSpan,
    Loop,
    Redirect,
    ResolvedText,
    Script,
    Sleep,
    Trap,
    VariableUse,
    Word,
)
from upsun_rules.shell.tree import Source, tree_of
from upsun_rules.shell.walk import Resolver, Walk
from upsun_rules.shell.words import seconds_of, sleep_seconds

__all__ = [
    "Absence",
    "ChainStep",
    "Command",
    "CommandSpan",
    "Loop",
    "Redirect",
    "ResolvedText",
    "Script",
    "Sleep",
    "Trap",
    "VariableUse",
    "Word",
    "parse",
    "parse_resolved",
    "script_of_tree",
    "seconds_of",
    "sleep_seconds",
    "table",
    "variable_uses",
]


@lru_cache(maxsize=512)
def parse(text: str) -> Script:
    """Read a shell text. Never raises, whatever the text: what is not shell has `has_error`."""
    return plain_script(text) or script_of_tree(text)


def script_of_tree(text: str) -> Script:
    """Read a shell text from its syntax tree."""
    root = tree_of(text)
    if root is None:
        return Script(has_error=True)
    walk = Walk()
    walk.run(Source(root, text))
    return walk.script()


def parse_resolved(text: str, resolver: Resolver) -> Script:
    """Read a shell text, with what its commands run in their place."""
    root = tree_of(text)
    if root is None:
        return Script(has_error=True)
    walk = Walk(resolver)
    walk.run(Source(root, text))
    return walk.script()


def variable_uses(text: str, resolver: Resolver) -> list[tuple[str, VariableUse]]:
    """Every use of the value of a variable that a shell text, or what it runs, does not set itself; by name."""
    root = tree_of(text)
    walk = Walk(resolver)
    walk.uses = []
    if root is not None:
        walk.run(Source(root, text))
    return [(name, use) for name, use in walk.uses if name not in walk.assigned]
