"""Copies the entries that an override dropped back into it."""

from __future__ import annotations

from upsun_rules.editing.blocks import (
    at_margin,
    column,
    fill,
    indented,
    lines_of,
    step_of,
)
from upsun_rules.finding import Edit, Fix
from upsun_schema.configuration.inheritance import Effective
from upsun_schema.yaml.nodes import Alias, Include, Mapping, Pair, Scalar

__all__ = ["copied", "copy_lost"]


def copied(pair: Pair) -> str | None:
    """The lines of an entry, written at column 0, for another place; None if they contain an alias or an anchor."""
    lines = lines_of(pair)
    if lines is not None:
        text = at_margin(lines.text, column(pair.key))
    elif isinstance(pair.key, Scalar) and pair.value.piece is pair.key.piece and not isinstance(pair.value, Include):
        # An entry of a map in braces.
        text = f"{pair.key.source}: {pair.value.source}".rstrip()
    else:
        return None
    if "*" in text or "&" in text or (lines is None and "\n" in text):
        return None
    return text if text.endswith("\n") else f"{text}\n"


_MOST_COPIED = 100
"""The highest number of lost entries that a fix copies."""


def copy_lost(found: Effective, dropped: dict[str, Pair], what: str) -> tuple[Fix, ...]:
    """The fix, titled `what`, that copies lost entries into an override; none if that isn't possible."""
    own = found.pair
    block = own.value.resolved if own is not None else None
    if own is None or not isinstance(block, Mapping) or isinstance(own.value, Alias | Include):
        return ()
    if len(dropped) > _MOST_COPIED:
        return ()
    edits: list[Edit] = []
    grouped: dict[str, list[str]] = {}
    for name, pair in dropped.items():
        text = copied(pair)
        if text is None:
            return ()
        group = name.partition(":")[0] if found.name == "variables" else ""
        grouped.setdefault(group, []).append(text)
    new_groups = ""
    for group, texts in grouped.items():
        if not group:
            new_groups += "".join(texts)
        elif (section := block.get(group)) is not None:
            edit = fill(section, "".join(texts)) if section in block.pairs else None
            if edit is None:
                return ()
            edits.append(edit)
        else:
            new_groups += f"{group}:\n{indented(''.join(texts), step_of(own.key))}"
    if new_groups:
        edit = fill(own, new_groups)
        if edit is None:
            return ()
        # Two insertions in the same place have no order, so they become one.
        same = next((index for index, other in enumerate(edits) if other.region.end == edit.region.end), None)
        if same is not None:
            edit = Edit(edit.region, edits.pop(same).text + edit.text)
        edits.append(edit)
    return (Fix(what, tuple(edits)),)
