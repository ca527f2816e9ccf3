"""What libyaml accepts and refuses, beside what we do, over real files, random edits of them, and what is given.

    python tests/benchmarks/acceptance.py [--seed N] [--count N] [--folder FOLDER]

Two witnesses: the libyaml in ruamel.yaml.clib (0.1) and the one in PyYAML (0.2). What either accepts is valid, if a
program can load it: one document, no alias without its anchor, no key that is a map or a list, nothing but maps merged.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.edits import EDITS, ROOT, states
from tests.support import CONFIG, SHARED
from upsun_schema.yaml.broken.slips import accidents
from upsun_schema.yaml.building import MAX_DEPTH
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.event import ALIAS, COLLECTIONS, DOCUMENT, END, MAP, SCALAR
from upsun_schema.yaml.libyaml import CParser, YAMLError

MOST_SHOWN = 20


def _clib_events(text: str) -> Iterator[Any]:
    """Yield what the parser of ruamel.yaml.clib says, whose events are ours, as events of PyYAML."""
    parser = CParser(text)
    while (event := parser.get_event()) is not None:
        kind, _, _, *about = event
        if kind == SCALAR:
            value, style, tag, anchor = about
            yield yaml.ScalarEvent(anchor, tag, (not style, bool(style)), value)
        elif kind in COLLECTIONS:
            start = yaml.MappingStartEvent if kind == MAP else yaml.SequenceStartEvent
            yield start(about[1], about[0], implicit=True)
        elif kind == ALIAS:
            yield yaml.AliasEvent(about[0])
        elif kind == END:
            yield yaml.MappingEndEvent()
        elif kind == DOCUMENT:
            yield yaml.DocumentStartEvent()


def _can_be_loaded(events: Iterable[Any]) -> bool:
    """Whether a program can load what a parser says; raises what the parser does."""
    documents = 0
    anchors: dict[str, str] = {}
    open_ones: list[_Open] = []
    loads = True
    for event in events:
        kind = type(event).__name__
        found = ""
        if kind == "DocumentStartEvent":
            documents += 1
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            closed = open_ones.pop()
            found = closed.kind
            if closed.anchor is not None:
                anchors[closed.anchor] = found
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            open_ones.append(_Open(event.anchor, is_map=kind == "MappingStartEvent"))
            if event.anchor is not None:
                anchors[event.anchor] = open_ones[-1].kind
            loads &= len(open_ones) <= MAX_DEPTH
        elif kind == "AliasEvent":
            loads &= event.anchor in anchors
            found = anchors.get(event.anchor, "text")
        elif kind == "ScalarEvent":
            is_merge = event.value == "<<" and event.tag is None and event.implicit[0]
            found = "merge" if is_merge else "text"
            if event.anchor is not None:
                anchors[event.anchor] = "text"
        if found and open_ones:
            loads &= open_ones[-1].takes(found)
    return loads and documents <= 1


class _Open:
    """A map or a list that is being read: its kind is `map`, `list`, or `maps` for a list of maps only."""

    def __init__(self, anchor: str | None, *, is_map: bool) -> None:
        self.anchor = anchor
        self.is_map = is_map
        self.kind = "map" if is_map else "maps"
        self.key: str | None = None

    def takes(self, found: str) -> bool:
        """Take the next node, of the kind that was found; return whether it may be there."""
        if not self.is_map:
            self.kind = "maps" if self.kind == "maps" and found == "map" else "list"
            return True
        if self.key is None:
            self.key = found
            return found in ("text", "merge")
        is_merge, self.key = self.key == "merge", None
        return not is_merge or found in ("map", "maps")


def is_accepted(text: str) -> bool:
    """Whether a witness accepts a text."""
    accepted = False
    try:
        accepted |= _can_be_loaded(_clib_events(text))
    except (YAMLError, UnicodeEncodeError):
        pass
    try:
        accepted |= _can_be_loaded(yaml.parse(text, Loader=yaml.CLoader))
    except (yaml.YAMLError, UnicodeEncodeError):
        pass
    return accepted


def is_valid(text: str, **how: bool) -> bool:
    """Whether we accept a text as YAML."""
    return not Document(CONFIG, text, **how).is_broken


def is_accident(text: str) -> bool:
    """Whether a text is YAML but was not meant as it is, as with no-break spaces as indentation: an error of ours."""
    return is_accepted(text) and bool(accidents(text))


def differing(folder: Path, seed: int, count: int) -> Iterator[str]:
    """Yield the texts that we and libyaml do not judge alike: the files of a folder, and random edits of them."""
    chosen = random.Random(seed)
    texts = [text for state in states(folder) for text in state.texts.values()]
    for text in texts:
        if is_valid(text) != is_accepted(text) and not is_accident(text):
            yield text
    for _ in range(count):
        text = chosen.choice(texts)
        for _ in range(chosen.choice([1, 1, 2, 3])):
            text = chosen.choice(EDITS)(text, chosen)
        if is_valid(text) != is_accepted(text) and not is_accident(text):
            yield text


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=20_000, help="how many edited texts (20000)")
    parser.add_argument("--folder", type=Path, default=None)
    arguments = parser.parse_args()
    corpus = SHARED / "corpus"
    folder = arguments.folder or (corpus if corpus.is_dir() else ROOT / "examples")
    differences = 0
    for text in differing(folder, arguments.seed, arguments.count):
        differences += 1
        if differences <= MOST_SHOWN:
            print(f"-- we {'accept' if is_valid(text) else 'refuse'}, libyaml does not: {text!r}")
    print(f"{arguments.count} edited texts, {differences} differences (seed {arguments.seed})")
    sys.exit(differences > 0)


if __name__ == "__main__":
    main()
