"""The mistakes that people make in a configuration: each a name, how it is made, and where the hand must go to undo it.

A mistake is made in a valid text, at a random one of the places where it can be made. Where a change may give another
valid configuration, `is_refused` decides; nothing here asks the linter.
"""

from __future__ import annotations

import json
import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import yaml
from jsonschema import Draft7Validator

from upsun_schema.keys.shape import Shape, root_shape, schema_text
from upsun_schema.yaml.broken.rows import Row, rows
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Alias, Mapping, Node, Pair, Scalar, Sequence
from upsun_schema.yaml.signs import KEY

__all__ = ["MISTAKES", "Mutant", "is_refused"]


class Mutant(NamedTuple):
    """A text with a mistake, and the lines (0-based) where its finding may be: the mistake's, or its cause's."""

    text: str
    lines: frozenset[int]


Mistake = Callable[[random.Random, str], Mutant | None]


class Entry(NamedTuple):
    """A key in a block, alone on its first line: the names that lead to it, and the lines it takes (end exclusive)."""

    path: tuple[str, ...]
    pair: Pair
    parent: Mapping
    within: Shape
    shape: Shape | None
    depth: int
    first: int
    last: int

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def value(self) -> Node:
        return self.pair.value

    @property
    def is_block(self) -> bool:
        """Whether its value is a map below it."""
        return isinstance(self.value, Mapping) and not self.value.flow and bool(self.value.pairs)

    @property
    def is_required(self) -> bool:
        return self.name in self.within.required


class File:
    """A valid text, by its lines and its entries."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.document = Document("x.yaml", text, whole=True)
        self.lines = text.split("\n")

    def line(self, offset: int) -> int:
        return self.text.count("\n", 0, offset)

    @cached_property
    def entries(self) -> list[Entry]:
        root = self.document.root
        return list(self._below(root, root_shape(), ())) if isinstance(root, Mapping) else []

    def _below(self, node: Mapping, shape: Shape, path: tuple[str, ...]) -> Iterator[Entry]:
        shape = shape.meant(node)
        if node.flow or node.anchor is not None:
            return
        for pair in node.pairs:
            if pair.name is None or pair.is_merge or not isinstance(pair.key, Scalar):
                continue
            inner = shape.property(pair.name)
            first = self.line(pair.key.outer)
            depth = len(self.lines[first]) - len(self.lines[first].lstrip(" "))
            where = (*path, pair.name)
            if self.lines[first][depth:].startswith(pair.key.source):
                yield Entry(where, pair, node, shape, inner, depth, first, self._end(first, depth, pair))
            if isinstance(pair.value, Mapping) and inner is not None:
                yield from self._below(pair.value, inner, where)

    def _end(self, first: int, depth: int, pair: Pair) -> int:
        """The line after an entry, without the comments and blank lines behind it."""
        value = pair.value
        last = self.line(max(pair.key.end, value.end - 1 if value.end > pair.key.end else 0))
        while last > first and not self.lines[last].strip():
            last -= 1
        return last + 1

    def matching(self, *patterns: str) -> list[Entry]:
        """The entries at a path such as `applications/*/workers`."""
        wanted = [tuple(pattern.split("/")) for pattern in patterns]
        return [
            entry
            for entry in self.entries
            if any(
                len(path) == len(entry.path)
                and all(one in ("*", name) for one, name in zip(path, entry.path, strict=True))
                for path in wanted
            )
        ]

    def children(self, entry: Entry) -> list[Entry]:
        return [one for one in self.entries if one.parent is entry.value]

    def parent(self, entry: Entry) -> Entry | None:
        return next((one for one in self.entries if one.value is entry.parent), None)

    def replaced(self, first: int, last: int, new: list[str]) -> str:
        """The text with other lines."""
        return "\n".join([*self.lines[:first], *new, *self.lines[last:]])

    def shifted(self, first: int, last: int, by: int) -> list[str]:
        return [shift(line, by) for line in self.lines[first:last]]

    @property
    def step(self) -> int:
        depths = [entry.depth for entry in self.entries if len(entry.path) == 2]
        return min(depths, default=2) or 2


read = lru_cache(64)(File)
"""A file of a text; of a text that was read before the same one."""


def shift(line: str, by: int) -> str:
    if not line.strip():
        return line
    return " " * by + line if by > 0 else line[min(-by, len(line) - len(line.lstrip(" "))) :]


_VALIDATOR = Draft7Validator(json.loads(schema_text()))


class _Loader(yaml.SafeLoader):
    """Reads the platform's tags, and refuses a key that is there twice."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    names = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
    if len(names) != len(set(map(str, names))):
        raise yaml.YAMLError("a key is there twice")
    loader.flatten_mapping(node)
    return {
        loader.construct_object(key, deep=True): loader.construct_object(value, deep=True) for key, value in node.value
    }


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_multi_constructor("!", lambda loader, suffix, node: "text")


def is_refused(text: str) -> bool:
    """Whether a text is not YAML, or not a configuration by the published schema."""
    try:
        data = yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError, TypeError):
        return True
    return not _VALIDATOR.is_valid(json.loads(json.dumps(data, default=str)))


def _lines(*lines: int) -> frozenset[int]:
    return frozenset(lines)


# -- structure -------------------------------------------------------------------------------------------------------


def _chosen(rng: random.Random, found: list[Any]) -> Any:
    return rng.choice(found) if found else None


def _name_missing(pattern: str) -> Mistake:
    """The only entry of a section has no name: its keys are where the name belongs."""

    def make(rng: random.Random, text: str) -> Mutant | None:
        file = read(text)
        entry = _chosen(rng, [one for one in file.matching(pattern) if one.is_block and len(one.parent.pairs) == 1])
        parent = file.parent(entry) if entry else None
        if parent is None:
            return None
        inner = file.children(entry)
        if not inner or inner[0].depth <= entry.depth:
            return None
        block = file.shifted(entry.first + 1, entry.last, entry.depth - inner[0].depth)
        lines = range(parent.first, inner[0].first)
        return Mutant(file.replaced(entry.first, entry.last, block), _lines(*lines))

    return make


def _relationship_unnamed(rng: random.Random, text: str) -> Mutant | None:
    """The service and the endpoint are where the name of the relationship belongs."""
    file = read(text)
    found = [one for one in file.matching("applications/*/relationships/*") if len(one.parent.pairs) == 1]
    entry = _chosen(rng, [one for one in found if isinstance(one.value, Scalar) and one.last == one.first + 1])
    parent = file.parent(entry) if entry else None
    if parent is None:
        return None
    service, _, endpoint = (entry.value.text or f"{entry.name}:http").partition(":")
    block = [f"{' ' * entry.depth}service: {service}", f"{' ' * entry.depth}endpoint: {endpoint}"]
    return Mutant(file.replaced(entry.first, entry.last, block), _lines(parent.first, entry.first))


def _as_list(pattern: str) -> Mistake:
    """The entries of a section are written as a list."""

    def make(rng: random.Random, text: str) -> Mutant | None:
        file = read(text)
        section = _chosen(rng, [one for one in file.matching(pattern) if one.is_block])
        entries = file.children(section) if section else []
        if not entries or len(entries) != len(section.value.pairs):
            return None
        new: list[str] = []
        at = section.first + 1
        named = rng.random() < 0.5
        for entry in entries:
            new += file.lines[at : entry.first]
            pad = " " * entry.depth
            body = file.lines[entry.first + 1 : entry.last]
            inner = file.children(entry)
            if entry.is_block and inner and named:
                by = entry.depth + 2 - inner[0].depth
                new += [f"{pad}- name: {entry.pair.key.source}", *(shift(line, by) for line in body)]
            else:
                new += [f"{pad}- {file.lines[entry.first].lstrip()}", *(shift(line, 2) for line in body)]
            at = entry.last
        return Mutant(file.replaced(section.first + 1, at, new), _lines(section.first, entries[0].first))

    return make


def _as_map(rng: random.Random, text: str) -> Mutant | None:
    """A list in brackets is in braces, or one of dashes is of keys."""
    file = read(text)
    lists = [one for one in file.entries if isinstance(one.value, Sequence) and one.value.items and one.shape]
    entry = _chosen(rng, [one for one in lists if one.name not in ("commands",)])
    if entry is None or not all(isinstance(item, Scalar) for item in entry.value.items):
        return None
    if entry.value.flow:
        start, end = entry.value.start, entry.value.end
        new = text[:start] + "{" + text[start + 1 : end - 1] + "}" + text[end:]
    else:
        block = [re.sub(r"^( *)- +(\S+).*$", r"\1  \2:", line) for line in file.lines[entry.first + 1 : entry.last]]
        new = file.replaced(entry.first + 1, entry.last, block)
    return Mutant(new, _lines(entry.first, entry.first + 1)) if is_refused(new) else None


def _too_deep(*, block: bool) -> Mistake:
    """A key is within the block of the key above it; `block`: so are all that follow it."""

    def make(rng: random.Random, text: str) -> Mutant | None:
        file = read(text)
        found = []
        for above in file.entries:
            siblings = [one for one in file.entries if one.parent is above.parent and one.first >= above.last]
            if above.is_block and siblings and file.children(above) and len(above.path) > 1:
                found.append((above, siblings))
        if not found:
            return None
        above, siblings = rng.choice(found)
        last = siblings[-1] if block else siblings[0]
        if block and len(siblings) < 2:
            return None
        by = file.children(above)[0].depth - above.depth
        new = file.replaced(siblings[0].first, last.last, file.shifted(siblings[0].first, last.last, by))
        moved = [one.first for one in siblings if one.first <= last.first]
        return Mutant(new, _lines(above.first, *moved)) if is_refused(new) else None

    return make


def _too_shallow(*, block: bool) -> Mistake:
    """The last key of a block is beside the key that it belongs to; `block`: all of them are."""

    def make(rng: random.Random, text: str) -> Mutant | None:
        file = read(text)
        found = [one for one in file.entries if one.is_block and len(file.children(one)) >= (1 if block else 2)]
        parent = _chosen(rng, [one for one in found if file.children(one)[0].depth > one.depth])
        if parent is None:
            return None
        inner = file.children(parent)
        first = inner[0] if block else inner[-1]
        last = inner[-1].last
        new = file.replaced(first.first, last, file.shifted(first.first, last, parent.depth - first.depth))
        lines = _lines(parent.first, first.first) if block else _lines(first.first)
        return Mutant(new, lines) if is_refused(new) else None

    return make


def _section_indented(levels: int) -> Mistake:
    def make(rng: random.Random, text: str) -> Mutant | None:
        file = read(text)
        tops = [one for one in file.entries if len(one.path) == 1]
        later = [one for above, one in pairwise(tops) if above.is_block and one.is_block]
        entry = _chosen(rng, later)
        if entry is None:
            return None
        new = file.replaced(entry.first, entry.last, file.shifted(entry.first, entry.last, levels * file.step))
        return Mutant(new, _lines(entry.first)) if is_refused(new) else None

    return make


def _within_itself(rng: random.Random, text: str) -> Mutant | None:
    file = read(text)
    names = {"services", "routes", "applications", "workers", "crons", "relationships", "mounts", "commands", "hooks"}
    entry = _chosen(rng, [one for one in file.entries if one.name in names and one.is_block])
    if entry is None:
        return None
    block = [" " * (entry.depth + 2) + f"{entry.name}:", *file.shifted(entry.first + 1, entry.last, 2)]
    new = file.replaced(entry.first + 1, entry.last, block)
    return Mutant(new, _lines(entry.first, entry.first + 1)) if is_refused(new) else None


def _older_application(rng: random.Random, text: str) -> Mutant | None:
    """The application is at the top, with its `name`, as in a `.platform.app.yaml`."""
    file = read(text)
    (*_, section), entries = [None, *file.matching("applications")], file.matching("applications/*")
    if section is None or len(entries) != 1 or not entries[0].is_block or len(section.value.pairs) != 1:
        return None
    entry = entries[0]
    inner = file.children(entry)
    if not inner:
        return None
    block = [f"name: {entry.pair.key.source}", *file.shifted(entry.first + 1, entry.last, -inner[0].depth)]
    return Mutant(file.replaced(section.first, section.last, block), _lines(*range(section.first, section.first + 3)))


def _older_applications(rng: random.Random, text: str) -> Mutant | None:
    """The file is a list of applications, as a `.platform/applications.yaml`."""
    file = read(text)
    entries = file.matching("applications/*")
    if len(entries) != 1 or not entries[0].is_block or "*" in text or "&" in text:
        return None
    inner = file.children(entries[0])
    if not inner:
        return None
    body = file.shifted(entries[0].first + 1, entries[0].last, 2 - inner[0].depth)
    return Mutant("\n".join([f"- name: {entries[0].pair.key.source}", *body, ""]), _lines(0, 1))


def _older_section(name: str) -> Mistake:
    """The entries of a section are at the top of the file, as in a `services.yaml`."""

    def make(rng: random.Random, text: str) -> Mutant | None:
        file = read(text)
        section = _chosen(rng, [one for one in file.matching(name) if one.is_block])
        entries = file.children(section) if section else []
        if not entries:
            return None
        block = file.shifted(section.first + 1, section.last, -entries[0].depth)
        return Mutant(file.replaced(section.first, section.last, block), _lines(entries[0].first - 1))

    return make


# -- names -----------------------------------------------------------------------------------------------------------

_NEIGHBORS = dict(zip("abcdefghijklmnopqrstuvwxyz_", "snxfrgjhuhkjnmipqtdryicsztu", strict=True))


def _exchanged(rng: random.Random, name: str) -> str:
    at = rng.randrange(len(name) - 1)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _letter_missing(rng: random.Random, name: str) -> str:
    at = rng.randrange(len(name))
    return name[:at] + name[at + 1 :]


def _doubled(rng: random.Random, name: str) -> str:
    at = rng.randrange(len(name))
    return name[: at + 1] + name[at:]


def _neighbor(rng: random.Random, name: str) -> str:
    at = rng.randrange(len(name))
    return name[:at] + _NEIGHBORS.get(name[at], "x") + name[at + 1 :]


def _capital(rng: random.Random, name: str) -> str:
    return rng.choice((name.title(), name.upper(), name[:-1] + name[-1].upper()))


def _number(rng: random.Random, name: str) -> str:
    return name[:-1] if name.endswith("s") else f"{name}s"


def _hyphen(rng: random.Random, name: str) -> str:
    return name.replace("_", "-")


def _run_together(rng: random.Random, name: str) -> str:
    return re.sub("_(.)", lambda match: match[1].upper(), name)


def _is_named(entry: Entry) -> bool:
    """Whether the schema names the key."""
    return entry.name in entry.within.properties and re.fullmatch("[a-z_0-9]+", entry.name) is not None


_SORTS: dict[str, Callable[[Entry], bool]] = {
    "a section": lambda entry: len(entry.path) == 1,
    "an application": lambda entry: len(entry.path) == 3 and entry.path[0] == "applications",
    "a service or route": lambda entry: len(entry.path) == 3 and entry.path[0] in ("services", "routes"),
    "an inner block": lambda entry: len(entry.path) > 3,
    "two words": lambda entry: "_" in entry.name,
}


def _misspelled(change: Callable[[random.Random, str], str], sort: str) -> Mistake:
    def make(rng: random.Random, text: str) -> Mutant | None:
        file = read(text)
        entry = _chosen(rng, [one for one in file.entries if _SORTS[sort](one) and _is_named(one)])
        if entry is None:
            return None
        name = change(rng, entry.name)
        if name in entry.within.properties or name in entry.parent.entries or not name:
            return None
        start, end = entry.pair.key.start, entry.pair.key.end
        new = text[:start] + text[start:end].replace(entry.name, name) + text[end:]
        return Mutant(new, _lines(entry.first)) if is_refused(new) else None

    return make


# -- lines -----------------------------------------------------------------------------------------------------------


def _structure(text: str) -> list[Row]:
    return [
        row
        for row in rows(text)
        if row.role == "structure" and not row.is_blank() and not text.startswith("#", row.start)
    ]


def _line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset)


def _blank(char: str, most: int) -> Mistake:
    """Some lines are indented with another character."""
    width = 2 if unicodedata.east_asian_width(char) == "F" else 1

    def make(rng: random.Random, text: str) -> Mutant | None:
        places = [row for row in _structure(text) if row.start > row.begin]
        if not places:
            return None
        index = rng.randrange(len(places))
        chosen = places[index : index + rng.randint(1, most)]
        step = min(row.start - row.begin for row in places)
        line = _line_of(text, chosen[0].begin)
        for row in reversed(chosen):
            depth = row.start - row.begin
            blank = "\t" * (depth // step) + " " * (depth % step) if char == "\t" else char * (depth // width)
            text = text[: row.begin] + blank + text[row.start :]
        return Mutant(text, _lines(line))

    return make


def _typographic(rng: random.Random, text: str) -> Mutant | None:
    quoted = [
        match
        for row in _structure(text)
        for match in re.finditer(r"(?<![^\s])(['\"])([^'\"\\\n]+)\1(?=:?\s|$)", text[row.begin : row.end])
        if match.start() in (row.start - row.begin, row.value - row.begin)
        for match in [re.compile(re.escape(match[0])).search(text, row.begin)]
    ]
    if not quoted:
        return None
    match = rng.choice(quoted)
    opening, closing = rng.choice(("“”", "‘’", "„“"))
    new = text[: match.start()] + opening + match[0][1:-1] + closing + text[match.end() :]
    return Mutant(new, _lines(_line_of(text, match.start())))


def _fenced(rng: random.Random, text: str) -> Mutant | None:
    opening = rng.choice(("```yaml", "```", "~~~yml"))
    return Mutant(f"{opening}\n{text}{opening[:3]}\n", _lines(0))


def _cut_out(pattern: str, replacement: str, *, check: bool = False, after: int = 0) -> Mistake:
    """A part of a line is replaced; `check`: where this is a mistake. The finding may be `after` lines below."""

    def make(rng: random.Random, text: str) -> Mutant | None:
        found = [match for row in _structure(text) if (match := re.compile(pattern).search(text, row.start, row.end))]
        match = _chosen(rng, found)
        if match is None:
            return None
        line = _line_of(text, match.start())
        new = text[: match.start()] + match.expand(replacement) + text[match.end() :]
        return Mutant(new, _lines(*range(line, line + after + 1))) if not check or is_refused(new) else None

    return make


def _moved(by: int) -> Mistake:
    """A line is indented by more or fewer levels than it should."""

    def make(rng: random.Random, text: str) -> Mutant | None:
        step = read(text).step if abs(by) > 1 else 1
        shift = by if abs(by) == 1 else by // 2 * step
        row = _chosen(rng, [row for row in _structure(text) if row.start - row.begin >= max(-shift, 1)])
        if row is None:
            return None
        line = _line_of(text, row.begin)
        new = text[: row.begin] + " " * (row.start - row.begin + shift) + text[row.start :]
        structure = [_line_of(text, one.begin) for one in _structure(text)]
        at = structure.index(line)
        return Mutant(new, _lines(*structure[max(at - 1, 0) : at + 2])) if is_refused(new) else None

    return make


def _first_section_indented(rng: random.Random, text: str) -> Mutant | None:
    tops = [row for row in _structure(text) if row.start == row.begin]
    if len(tops) < 2 or KEY.match(text, tops[0].start) is None:
        return None
    end = tops[1].begin
    first = re.sub(r"(?m)^(?=.)", "  ", text[:end])
    return Mutant(first + text[end:], _lines(_line_of(text, tops[0].begin), _line_of(text, end)))


def _all_dedented(rng: random.Random, text: str) -> Mutant | None:
    return Mutant(re.sub(r"(?m)^ +", "", text), frozenset(range(text.count("\n"))))


def _conflict(rng: random.Random, text: str) -> Mutant | None:
    row = rng.choice(_structure(text))
    line = text[row.begin : row.end] + "\n"
    new = text[: row.begin] + f"<<<<<<< HEAD\n{line}=======\n{line}>>>>>>> theirs\n" + text[row.end + 1 :]
    return Mutant(new, _lines(_line_of(text, row.begin)))


def _half_conflict(rng: random.Random, text: str) -> Mutant | None:
    row = rng.choice(_structure(text))
    new = text[: row.begin] + rng.choice(("=======", ">>>>>>> theirs", "<<<<<<< HEAD")) + "\n" + text[row.begin :]
    return Mutant(new, _lines(_line_of(text, row.begin)))


def _line_added(*words: str, column: bool = True) -> Mistake:
    """A line that does not belong there, as deep as the key below it, or at the margin."""

    def make(rng: random.Random, text: str) -> Mutant | None:
        row = _chosen(rng, [one for one in _structure(text) if KEY.match(text, one.start, one.end)])
        if row is None:
            return None
        word = rng.choice(words)
        pad = text[row.begin : row.start] if column else ""
        new = f"{text[: row.begin]}{pad}{word}\n{text[row.begin :]}"
        return Mutant(new, _lines(_line_of(text, row.begin)))

    return make


def _comment_sign_lost(rng: random.Random, text: str) -> Mutant | None:
    found = [
        match
        for match in re.finditer(r"(?m)^( *)# ?(?=\w+ \w)[^:\n]*$", text)
        if any(row.begin == match.start() and row.role == "structure" for row in rows(text))
    ]
    match = _chosen(rng, found)
    if match is None:
        return None
    new = text[: match.start()] + match[0].replace("#", "", 1) + text[match.end() :]
    line = _line_of(text, match.start())
    return Mutant(new, _lines(line - 1, line, line + 1)) if is_refused(new) else None


def _text_dedented(rng: random.Random, text: str) -> Mutant | None:
    """The text of a block scalar is not deeper than its key."""
    file = read(text)
    texts = [one for one in file.entries if isinstance(one.value, Scalar) and one.value.style in ("|", ">")]
    entry = _chosen(rng, [one for one in texts if one.last > one.first + 1])
    if entry is None:
        return None
    body = [line for line in file.lines[entry.first + 1 : entry.last] if line.strip()]
    by = entry.depth - min(len(line) - len(line.lstrip(" ")) for line in body)
    new = file.replaced(entry.first + 1, entry.last, file.shifted(entry.first + 1, entry.last, by))
    return Mutant(new, _lines(entry.first, entry.first + 1)) if is_refused(new) else None


def _text_line_dedented(rng: random.Random, text: str) -> Mutant | None:
    """One line of a block scalar, not its first, is not deeper than its key."""
    file = read(text)
    texts = [one for one in file.entries if isinstance(one.value, Scalar) and one.value.style in ("|", ">")]
    entry = _chosen(rng, [one for one in texts if one.last > one.first + 2])
    if entry is None:
        return None
    line = rng.randrange(entry.first + 2, entry.last)
    if not file.lines[line].strip() or file.lines[line].lstrip().startswith("#"):
        return None
    new = file.replaced(line, line + 1, [" " * entry.depth + file.lines[line].lstrip()])
    return Mutant(new, _lines(line)) if is_refused(new) else None


def _twice(rng: random.Random, text: str) -> Mutant | None:
    file = read(text)
    entry = _chosen(rng, [one for one in file.entries if len(one.path) > 1 and not re.search("[&*]", text)])
    if entry is None:
        return None
    last = [one for one in file.entries if one.parent is entry.parent][-1]
    new = file.replaced(last.last, last.last, file.lines[entry.first : entry.last])
    return Mutant(new, _lines(entry.first, last.last))


def _section_twice(rng: random.Random, text: str) -> Mutant | None:
    file = read(text.rstrip("\n"))
    tops = [one for one in file.entries if len(one.path) == 1 and one.is_block]
    entry = _chosen(rng, tops if not re.search("[&*]", text) else [])
    if entry is None:
        return None
    block = file.lines[entry.first : entry.last]
    return Mutant("\n".join([*file.lines, *block, ""]), _lines(entry.first, len(file.lines)))


# -- values ----------------------------------------------------------------------------------------------------------


def _value(change: Callable[[random.Random, str], str], *patterns: str) -> Mistake:
    """The value of a key is another."""

    def make(rng: random.Random, text: str) -> Mutant | None:
        file = read(text)
        found = [one for one in file.matching(*patterns) if isinstance(one.value, Scalar) and not one.value.is_null]
        entry = _chosen(rng, [one for one in found if "\n" not in one.value.source and one.value.anchor is None])
        if entry is None:
            return None
        changed = change(rng, entry.value.text)
        if changed == entry.value.text or not changed:
            return None
        return Mutant(text[: entry.value.start] + changed + text[entry.value.end :], _lines(entry.first))

    return make


def _to(*values: str) -> Callable[[random.Random, str], str]:
    return lambda rng, _: rng.choice(values)


def _quoted(change: Callable[[random.Random, str], str]) -> Callable[[random.Random, str], str]:
    return lambda rng, value: f"'{change(rng, value)}'"


def _image(change: Callable[[random.Random, str], str]) -> Callable[[random.Random, str], str]:
    """Change the name of an image, not its version."""

    def changed(rng: random.Random, value: str) -> str:
        name, colon, version = value.partition(":")
        return f"'{change(rng, name)}{colon}{version}'" if change(random.Random(0), name) != name else value

    return changed


def _other_version(rng: random.Random, value: str) -> str:
    return f"'{value.partition(':')[0]}:{rng.choice(('0.1', '99.9', 'latest', '84'))}'" if ":" in value else value


def _without_version(rng: random.Random, value: str) -> str:
    name, colon, _ = value.partition(":")
    return name if colon and name not in ("network-storage", "varnish") else ""


def _added(parent: str, *blocks: str, where: Callable[[Entry], bool] = lambda _: True) -> Mistake:
    """An entry is added to a map: the text of a block, the finding at its first line."""

    def make(rng: random.Random, text: str) -> Mutant | None:
        file = read(text)
        entry = _chosen(rng, [one for one in file.matching(parent) if one.is_block and where(one)])
        inner = file.children(entry) if entry else []
        lines = rng.choice(blocks).split("\n")
        if not inner or lines[0].partition(":")[0].strip("'") in entry.value.entries:
            return None
        at = rng.choice(inner).last
        new = file.replaced(at, at, [" " * inner[0].depth + line for line in lines])
        return Mutant(new, _lines(*range(at, at + len(lines))))

    return make


def _removed(*patterns: str, where: Callable[[Entry], bool] = lambda _: True) -> Mistake:
    """A key that must be there is missing: the finding is at what lacks it."""

    def make(rng: random.Random, text: str) -> Mutant | None:
        file = read(text)
        found = [one for one in file.matching(*patterns) if len(one.parent.pairs) > 1 and where(one)]
        entry = _chosen(rng, [one for one in found if not isinstance(one.value, Alias) and "&" not in text])
        above = file.parent(entry) if entry else None
        if above is None:
            return None
        return Mutant(file.replaced(entry.first, entry.last, []), _lines(above.first, above.first + 1))

    return make


def _commented(*patterns: str) -> Mistake:
    """A key that must be there is a comment."""

    def make(rng: random.Random, text: str) -> Mutant | None:
        file = read(text)
        entry = _chosen(rng, file.matching(*patterns))
        above = file.parent(entry) if entry else None
        if above is None or "&" in text:
            return None
        block = [f"# {line}" for line in file.lines[entry.first : entry.last]]
        new = file.replaced(entry.first, entry.last, block)
        return Mutant(new, _lines(*range(above.first, entry.last)))

    return make


def _emptied(*patterns: str) -> Mistake:
    """A key has no value."""

    def make(rng: random.Random, text: str) -> Mutant | None:
        file = read(text)
        entry = _chosen(rng, [one for one in file.matching(*patterns) if not one.value.is_null])
        if entry is None or "&" in text:
            return None
        line = " " * entry.depth + f"{entry.pair.key.source}:"
        return Mutant(file.replaced(entry.first, entry.last, [line]), _lines(entry.first))

    return make


def _exchanged_values(one: str, other: str) -> Mistake:
    """Two keys of a map have each other's value."""

    def make(rng: random.Random, text: str) -> Mutant | None:
        file = read(text)
        found = []
        for entry in file.matching(one):
            second = next(
                (two for two in file.matching(other) if two.path[: len(entry.path) - 1] == entry.path[:-1]), None
            )
            if second and all(
                isinstance(each.value, Scalar) and "\n" not in each.value.source for each in (entry, second)
            ):
                found.append((entry, second))
        if not found:
            return None
        entry, second = rng.choice(found)
        left, right = entry.value, second.value
        if left.text == right.text or left.is_null or right.is_null:
            return None
        for node, source in sorted([(left, right.source), (right, left.source)], key=lambda pair: -pair[0].start):
            text = text[: node.start] + source + text[node.end :]
        return Mutant(text, _lines(entry.first, second.first))

    return make


def _relationship(change: Callable[[random.Random, str, str], str]) -> Mistake:
    """A relationship to a service is written in another way, of its name and the service's endpoint."""

    def make(rng: random.Random, text: str) -> Mutant | None:
        file = read(text)
        services = {one.name: one for one in file.matching("services/*") if one.is_block}
        found = [one for one in file.matching("applications/*/relationships/*") if one.name in services]
        found = [one for one in found if one.value.is_null]
        entry = _chosen(rng, found)
        if entry is None:
            return None
        new = [" " * entry.depth + change(rng, entry.pair.key.source, entry.name)]
        return Mutant(file.replaced(entry.first, entry.last, new), _lines(entry.first))

    return make


def _renamed_definition(rng: random.Random, text: str) -> Mutant | None:
    """A service has another name than where it is used."""
    file = read(text)
    uses = {one.name for one in file.matching("applications/*/relationships/*") if one.value.is_null}
    services = file.matching("services/*")
    entry = _chosen(rng, [one for one in services if one.name in uses])
    if entry is None:
        return None
    name = _letter_missing(rng, entry.name) if rng.random() < 0.5 else _doubled(rng, entry.name)
    if name in entry.parent.entries or len(name) < 3:
        return None
    used = [one.first for one in file.matching("applications/*/relationships/*") if one.name == entry.name]
    if len(used) != 1:
        return None
    new = text[: entry.pair.key.start] + name + text[entry.pair.key.end :]
    return Mutant(new, _lines(entry.first, *used))


_WORKER = "applications/*/workers/*"
_CRON = "applications/*/crons/*"
_TYPE = ("applications/*/type", "services/*/type")
_START = ("applications/*/web/commands/start", f"{_WORKER}/commands/start", f"{_CRON}/commands/start")

MISTAKES: dict[str, Mistake] = {
    # a name missing
    "application without a name": _name_missing("applications/*"),
    "service without a name": _name_missing("services/*"),
    "worker without a name": _name_missing(_WORKER),
    "cron without a name": _name_missing(_CRON),
    "relationship without a name": _relationship_unnamed,
    "mount without a path": _name_missing("applications/*/mounts/*"),
    "route without an address": _name_missing("routes/*"),
    "location without a path": _name_missing("applications/*/web/locations/*"),
    "variables without a prefix": _name_missing("applications/*/variables/*"),
    # a list for a map, and the reverse
    "list of applications": _as_list("applications"),
    "list of services": _as_list("services"),
    "list of routes": _as_list("routes"),
    "list of workers": _as_list("applications/*/workers"),
    "list of crons": _as_list("applications/*/crons"),
    "list of relationships": _as_list("applications/*/relationships"),
    "list of mounts": _as_list("applications/*/mounts"),
    "list of hooks": _as_list("applications/*/hooks"),
    "list of variables": _as_list("applications/*/variables/env"),
    "list of keys of an application": _as_list("applications/*"),
    "map for a list": _as_map,
    # depth
    "key too deep": _too_deep(block=False),
    "keys too deep": _too_deep(block=True),
    "key too shallow": _too_shallow(block=False),
    "keys too shallow": _too_shallow(block=True),
    "section below another": _section_indented(1),
    "section below an application": _section_indented(2),
    "section within itself": _within_itself,
    "first section indented": _first_section_indented,
    "all indentation lost": _all_dedented,
    "one space more": _moved(1),
    "one level more": _moved(2),
    "one space less": _moved(-1),
    "one level less": _moved(-2),
    # the older product
    "older application": _older_application,
    "older list of applications": _older_applications,
    "older services": _older_section("services"),
    "older routes": _older_section("routes"),
    # letters
    **{
        f"{what} in a key of {sort}": _misspelled(change, sort)
        for sort in ("a section", "an application", "a service or route", "an inner block")
        for what, change in (
            ("letters exchanged", _exchanged),
            ("letter missing", _letter_missing),
            ("letter doubled", _doubled),
            ("neighboring letter", _neighbor),
            ("capitals", _capital),
            ("singular or plural", _number),
        )
    },
    "hyphen for underscore": _misspelled(_hyphen, "two words"),
    "capital for underscore": _misspelled(_run_together, "two words"),
    # signs
    "one tab": _blank("\t", 1),
    "some tabs": _blank("\t", 5),
    "no-break space": _blank("\u00a0", 1),
    "no-break spaces": _blank("\u00a0", 50),
    "ideographic space": _blank("\u3000", 1),
    "typographic quotes": _typographic,
    "fence": _fenced,
    "escaped closing quote": _cut_out(r"(?<=: )['\"]([^\"'\\\n]+)['\"]$", r'"\1\\"'),
    "no closing quote": _cut_out(r"(?<=: )(['\"])([^'\"\n]+)\1$", r"\1\2"),
    "no opening quote": _cut_out(r"(?<=: )(['\"])([^'\"\n]+)\1$", r"\2\1", check=True),
    "no closing quote of a key": _cut_out(r"(?<![^ \n])(['\"])([^'\"\n]+)\1:(?=$|\s)", r"\1\2:"),
    "no closing bracket": _cut_out(r"(?<=[\w'\" ])[\]}]$", "", after=1),
    "no opening bracket": _cut_out(r"(?<=: )[\[{](?=.*[\]}]$)", "", check=True),
    "no colon": _cut_out(r"(?<=\w):(?=$|\s)", "", check=True),
    "no space after the colon": _cut_out(r"(?<=\w): (?=\S)", ":", check=True),
    "equals sign for the colon": _cut_out(r"(?<=\w): (?=\S)", " = ", check=True),
    "arrow for the colon": _cut_out(r"(?<=\w): (?=\S)", " => ", check=True),
    "semicolon for the colon": _cut_out(r"(?<=\w):(?=$| )", ";", check=True),
    "no space after the dash": _cut_out(r"(?<![^ \n])- (?=\S)", "-", check=True),
    "comma at the end": _cut_out(r"(?<=: )(['\"][^'\"\n]+['\"])$", r"\1,"),
    "text behind a closing quote": _cut_out(r"(?<=: )(['\"][^'\"\n]+['\"])$", r"\1 x"),
    "colon in a plain value": _cut_out(r"(?<=: )([a-z][\w./ -]+)$", r"note: \1"),
    "at sign first": _cut_out(r"(?<=: )(\w[\w./ -]*)$", r"@\1"),
    "unquoted star": _cut_out(r"(?<=spec: )['\"](\*[^'\"]*)['\"]$", r"\1"),
    "alias without anchor": _cut_out(r"(?<=: )[^\s'\"&*!|>{\[][^\n]*$", "*defaults"),
    "merge of no anchor": _line_added("<<: *defaults"),
    "unknown tag": _cut_out(r"(?<=: )(\w[\w./-]*)$", r"!inlcude \1"),
    "template": _cut_out(r"(?<=: )(\w[\w./-]*)$", r"{{ \1 }}", check=True),
    "merge conflict": _conflict,
    "half a merge conflict": _half_conflict,
    "lone word": _line_added("foo", "todo", "workers"),
    "dots": _line_added("[...]", "(more)"),
    "end of an editor session": _line_added(":wq", ":w", column=False),
    "comment with slashes": _line_added("// the old one", "/* the old one */"),
    "sign of a diff": _line_added("+++ b/config.yaml", "@@ -1,3 +1,4 @@", column=False),
    "comment sign lost": _comment_sign_lost,
    "second document": _line_added("---", column=False),
    "text not indented": _text_dedented,
    "line of a text not indented": _text_line_dedented,
    "key twice": _twice,
    "section twice": _section_twice,
    # values
    "spec and command exchanged": _exchanged_values(f"{_CRON}/spec", f"{_CRON}/commands/start"),
    "service and endpoint exchanged": _relationship(
        lambda rng, key, name: f"{key}: {{service: http, endpoint: {name}}}"
    ),
    "image misspelled": _value(_image(_exchanged), *_TYPE),
    "image with a letter missing": _value(_image(_letter_missing), *_TYPE),
    "version that never was": _value(_other_version, *_TYPE),
    "version missing": _value(_without_version, *_TYPE),
    "number for an image": _value(_to("8.4", "3"), *_TYPE),
    "list for a command": _value(_to("[php, worker.php]", "['sh', '-c', 'true']"), *_START),
    "map for a command": _value(_to("{command: php worker.php}"), *_START),
    "truth for a command": _value(_to("true", "yes"), *_START),
    "schedule with four fields": _value(_to("'0 3 * *'", "'5 4 1 *'"), f"{_CRON}/spec"),
    "schedule out of range": _value(_to("'75 * * * *'", "'0 24 * * *'", "'0 0 32 * *'"), f"{_CRON}/spec"),
    "schedule in words": _value(_to("'every hour'", "daily"), f"{_CRON}/spec"),
    "kind of a mount misspelled": _added(
        "applications/*/mounts", "'data/x':\n  source: storag", "'data/x': {source: intsance}"
    ),
    "kind of a mount of another product": _added(
        "applications/*/mounts", "'data/x': {source: volume}", "'data/x': {source: s3}"
    ),
    "mount of an unknown service": _added("applications/*/mounts", "'data/x': {source: service, service: nope}"),
    "kind of a route misspelled": _value(_exchanged, "routes/*/type"),
    "upstream of an unknown application": _value(_to("'nope:http'", "'site:http'"), "routes/*/upstream"),
    "unknown service": _relationship(lambda rng, key, name: f"{key}: 'nope:http'"),
    "misspelled service": _relationship(
        lambda rng, key, name: f"{key}: {{service: {_doubled(rng, name)}, endpoint: http}}"
    ),
    "unknown endpoint": _relationship(lambda rng, key, name: f"{key}: '{name}:nope'"),
    "key of a relationship misspelled": _relationship(lambda rng, key, name: f"{key}: {{serivce: {name}}}"),
    "service defined under another name": _renamed_definition,
    "unit in a number": _added(_CRON, "timeout: 10m", "timeout: 1h"),
    "word for a number": _added(_CRON, "timeout: ten"),
    "word for a truth": _added("applications/*/web/locations/*", "allow: maybe", "scripts: sometimes"),
    "map for a text": _added("applications/*/hooks", "post_deploy:\n  command: echo done", "deploy: {run: echo done}"),
    "wrong choice": _added("applications/*", "access: {ssh: admins}", "access: {ssh: owner}"),
    "unknown time zone": _added("applications/*", "timezone: Europe/Nowhere"),
    "unknown kind of dependencies": _added("applications/*", "dependencies:\n  apt: {curl: '*'}"),
    "included file missing": _added("applications/*/hooks", "post_deploy: !include {type: string, path: nope.sh}"),
    # what is missing
    "type of an application missing": _removed(
        "applications/*/type", where=lambda one: "stack" not in one.parent.entries
    ),
    "type of a service missing": _removed("services/*/type"),
    "type of a route missing": _removed("routes/*/type"),
    "upstream of a route missing": _removed("routes/*/upstream"),
    "spec of a cron missing": _removed(f"{_CRON}/spec"),
    "commands of a cron missing": _removed(f"{_CRON}/commands"),
    "commands of a worker missing": _removed(f"{_WORKER}/commands"),
    "source of a mount missing": _removed("applications/*/mounts/*/source"),
    "start commented out": _commented(f"{_WORKER}/commands/start", f"{_CRON}/commands/start"),
    "value of a key missing": _emptied(
        *_TYPE, f"{_WORKER}/commands", f"{_CRON}/spec", "routes/*/upstream", f"{_WORKER}/commands/start"
    ),
    # what belongs elsewhere
    "crons on a worker": _added(_WORKER, "crons:\n  x:\n    spec: '0 3 * * *'\n    commands: {start: php x.php}"),
    "hooks on a worker": _added(_WORKER, "hooks:\n  deploy: php x.php"),
    "web on a worker": _added(_WORKER, "web:\n  commands: {start: node x.js}"),
    "type of a worker": _added(_WORKER, "type: 'python:3.13'"),
    "command beside the commands": _added(_WORKER, "start: php x.php", "command: php x.php", "run: php x.php"),
    "disk": _added("applications/*", "disk: 1024"),
    "disk of a service": _added("services/*", "disk: 512"),
    "instances": _added(_WORKER, "replicas: 3", "instances: 2", "restart: always"),
    "worker at the top": lambda rng, text: Mutant(
        text + "workers:\n  nightly:\n    commands:\n      start: php worker.php\n", _lines(text.count("\n"))
    ),
    "relationship outside its block": _added("applications/*", "relationship: {db: }", "database: 'db:mysql'"),
    "key with a dot": _added("applications/*", ".defaults: {a: b}"),
    "unknown key": _added("applications/*", "environment: production", "ports: [80]", "healthcheck: /up"),
    "unknown key of a worker": _added(_WORKER, "queue: default", "schedule: hourly"),
    "unknown section": lambda rng, text: Mutant(text + "databases:\n  x: {}\n", _lines(text.count("\n"))),
}
