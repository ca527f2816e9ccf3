"""The keys above a place in a file."""

from __future__ import annotations

from functools import lru_cache

from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Include, Mapping, Pair, Sequence
from upsun_schema.yaml.path import path_at
from upsun_schema.yaml.source_file import SourceFile

__all__ = ["trail"]


@lru_cache(maxsize=8)
def _read_again(file: SourceFile) -> Document:
    return Document(file.path, file.text)


def trail(file: SourceFile, offset: int) -> list[str]:
    """The names of the keys above a place (a code-point offset), outermost first, without `applications`.

    A key is not above itself.
    """
    names: list[str] = []
    if file.is_text:
        return names
    document = file if isinstance(file, Document) else _read_again(file)
    for step in path_at(document, offset):
        if step.pair is not None:
            if _is_outside(document, step.pair, offset):
                break
            names.append(step.pair.name or "?")
        if isinstance(step.node, Include):
            break
    return names[1:] if names[:1] == ["applications"] else names


def _is_outside(document: Document, pair: Pair, offset: int) -> bool:
    """Whether a place after the beginning of a pair is in its key, or past its value."""
    key, whole = document.span(pair.key.region), document.span(pair.region)
    in_key = key is not None and offset < max(key.end, key.start + 1)
    # The end of a map or a list is decided by its last child.
    is_single = not isinstance(pair.value, Mapping | Sequence)
    return in_key or (is_single and whole is not None and offset > whole.end)
