"""What libyaml accepts and refuses, beside what we do, over real files, random edits of them, and what is given.

    python tests/benchmarks/acceptance.py [--seed N] [--count N] [--folder FOLDER]

Two witnesses: the libyaml in ruamel.yaml.clib (0.1) and the one in PyYAML (0.2). What either accepts is valid, if a
program can load it: one document, no alias without its anchor, no key that is a map or a list.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from _ruamel_yaml import CParser
from ruamel.yaml.error import YAMLError

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.edits import EDITS, ROOT, states
from tests.support import CONFIG, SHARED
from upsun_schema.yaml.broken.slips import accidents
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.parser import MAX_DEPTH

MOST_SHOWN = 20


def _clib_events(text: str) -> Iterator[Any]:
    parser = CParser(text)
    while (event := parser.get_event()) is not None:
        yield event


def _can_be_loaded(events: Iterable[Any]) -> bool:
    """Whether a program can load what a parser says; raises what the parser does."""
    documents = 0
    anchors: dict[str, bool] = {}
    # For each open collection: whether it is a map, and how many nodes it has so far.
    stack: list[list[int]] = []
    loads = True
    for event in events:
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            documents += 1
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            stack.pop()
        elif kind in ("ScalarEvent", "AliasEvent", "MappingStartEvent", "SequenceStartEvent"):
            is_text = kind == "ScalarEvent" or (kind == "AliasEvent" and anchors.get(event.anchor, False))
            loads &= kind != "AliasEvent" or event.anchor in anchors
            if stack:
                is_map, nodes = stack[-1]
                loads &= not (is_map and nodes % 2 == 0) or is_text
                stack[-1][1] += 1
            if kind != "AliasEvent" and event.anchor is not None:
                anchors[event.anchor] = is_text
            if kind.endswith("StartEvent"):
                stack.append([kind == "MappingStartEvent", 0])
                loads &= len(stack) <= MAX_DEPTH
    return loads and documents <= 1


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
