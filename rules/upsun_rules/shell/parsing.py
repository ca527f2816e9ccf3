"""Shell text (start commands, crons, hooks): its commands, loops, variables and what it ends with.

Everything is read from the tree that tree-sitter-bash builds, except for text of plain words, which has no structure:
many projects have no other, and then nothing that reads trees is imported.
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
from upsun_rules.shell.words import seconds_of, sleep_seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upsun_rules.shell.expansion import Resolver
    from upsun_rules.shell.walk import Walk

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
    walk = _walk(text)
    return Script(has_error=True) if walk is None else walk.script()


def parse_resolved(text: str, resolver: Resolver) -> Script:
    """Read a shell text, with what its commands run in their place."""
    walk = _walk(text, resolver)
    return Script(has_error=True) if walk is None else walk.script()


def variable_uses(text: str, resolver: Resolver) -> list[tuple[str, VariableUse]]:
    """Every use of the value of a variable that a shell text, or what it runs, does not set itself; by name."""
    uses: list[tuple[str, VariableUse]] = []
    walk = _walk(text, resolver, uses)
    return [] if walk is None else [(name, use) for name, use in uses if name not in walk.assigned]


def _walk(
    text: str, resolver: Resolver | None = None, uses: list[tuple[str, VariableUse]] | None = None
) -> Walk | None:
    """A walk through the tree of a text, which may collect the uses of variables; None for a text without a tree."""
    from upsun_rules.shell.tree import Source, tree_of
    from upsun_rules.shell.walk import Walk

    root = tree_of(text)
    if root is None:
        return None
    walk = Walk(resolver)
    walk.uses = uses
    walk.run(Source(root, text))
    return walk
