"""What is read from a shell text, as text; run in Pyodide, too."""

from __future__ import annotations

from upsun_rules.shell.parsing import script_of_tree


def read(text: str) -> str:
    """Everything in a script; a set has no order that is the same everywhere."""
    script = script_of_tree(text)
    return f"{sorted(script.assigned)} {script._replace(assigned=frozenset())!r}"
