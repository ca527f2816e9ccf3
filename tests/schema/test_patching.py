"""A block that changed is read alone, however deep it is; the result is what reading its entry gives."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.benchmarks.edits import EDITS, ROOT
from tests.benchmarks.inputs import configuration
from upsun_schema.yaml import splicing
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Mapping, Node, Piece, Scalar, Sequence
from upsun_schema.yaml.patching import patched

PATH = ".upsun/config.yaml"


def exact(node: Node | None, piece: Piece) -> Any:
    """A tree with everything that its nodes know."""
    if node is None:
        return None
    assert node.piece is piece
    own = type(node), node.outer, node.start, node.end, node.tag, node.anchor
    if isinstance(node, Mapping):
        pairs = [(exact(one.key, piece), exact(one.value, piece), one.name, one.is_merge) for one in node.pairs]
        return *own, node.flow, pairs
    if isinstance(node, Sequence):
        return *own, node.flow, [exact(item, piece) for item in node.items]
    return (*own, node.text, node.style) if isinstance(node, Scalar) else own


def pieces(document: Document) -> list[Any]:
    """The pieces of a document with everything that is known of their texts."""
    found = []
    for base, piece in document.pieces:
        problems = [(one.rule, one.message, one.region[1:]) for one in piece.problems]
        known = piece.text, piece.is_broken, list(piece.anchors), len(piece.unresolved), problems
        found.append((base, known, exact(piece.root, piece)))
    return found


def texts() -> list[str]:
    """Configurations of which the entries are edited."""
    files = sorted(ROOT.glob("examples/*/.upsun/*.yaml"))
    return [configuration(2, 3), *(file.read_text("utf-8") for file in files)]


def a_letter(text: str, random: random.Random) -> str:
    """What is typed most."""
    at = random.randint(0, len(text))
    return text[:at] + random.choice("ab: \n-'#") + text[at + random.choice([0, 0, 1]) :]


def test_random_edits(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    made: list[Piece | None] = []

    def counted(old: Piece, text: str, *, is_last: bool) -> Piece | None:
        made.append(patched(old, text, is_last=is_last))
        return made[-1]

    monkeypatch.setattr(splicing, "patched", counted)
    for text in texts():
        known = Document(PATH, text)
        for _ in range(60):
            edit = chance.choice([a_letter, a_letter, chance.choice(EDITS)])
            changed = edit(known.text, chance)
            found = Document(PATH, changed, known)
            assert pieces(found) == pieces(Document(PATH, changed)), (known.text, changed)
            known = found if found.pieces and not found.is_broken else Document(PATH, text)
    assert sum(one is not None for one in made) > 100


DEEP = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      one:
        commands:
          start: |
            a
            b
      two:
        mounts: {}
    hooks: {build: x}
"""

EDITED = {
    "a script": ("            a\n", "            a\n            c\n"),
    "a flow map": ("{build: x}", "{build: x, deploy: y}"),
    "a value gone": ("mounts: {}", "mounts:"),
    "an anchor": ("mounts: {}", "mounts: &m {}"),
    "another name": ("      two:", "      three:"),
    "a blank line at the end": ("{build: x}\n", "{build: x}\n\n"),
    "no line break at the end": ("{build: x}\n", "{build: x}"),
    "a tag": ("php:8.4'", "php:8.4'\n    size: !!str 1"),
    "a wrong tag": ("mounts: {}", "mounts: !unknown {}"),
    "a key twice within a block": ("        mounts: {}", "        mounts: {}\n        mounts: {}"),
    "a literal that keeps blank lines": ("start: |\n            a\n            b\n", "start: |+\n            a\n\n"),
}
WHOLE = {
    "a key twice": ("      two:", "      one:"),
    "a merge key": ("mounts: {}", "<<: {mounts: {}}"),
    "the entry": ("  app:", "  apps:"),
    "two blocks": ("            b\n      two:\n        mounts", "            c\n      two:\n        mountz"),
}


@pytest.mark.parametrize("edit", EDITED | WHOLE)
def test_one_edit(edit: str) -> None:
    old = Document(PATH, DEEP)
    before, after = (EDITED | WHOLE)[edit]
    assert DEEP.count(before) == 1
    text = DEEP.replace(before, after)
    assert pieces(Document(PATH, text, old)) == pieces(Document(PATH, text))


def test_what_did_not_change_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    from upsun_schema.yaml import patching

    read: list[str] = []
    build = patching.build
    monkeypatch.setattr(
        patching, "build", lambda piece, text, *rest, **named: read.append(text) or build(piece, text, *rest, **named)
    )
    old = Document(PATH, DEEP)
    Document(PATH, DEEP.replace("            b\n", "            bc\n"), old)
    assert read == ["          start: |\n            a\n            bc\n"]
