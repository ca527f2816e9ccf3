"""Completion of words after a mark: anchors after `*`, tags after `!`, included files, rules in a comment."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterator

from upsun_lint.lsp.completions.context import Context, alternatives
from upsun_lint.lsp.completions.offer import ItemKind, Value
from upsun_lint.lsp.completions.place import CompletionKind, CompletionPlace, place_at
from upsun_lint.lsp.session.markup import code, link, shortened
from upsun_lint.lsp.session.requests import Request
from upsun_lint.lsp.session.shared_blocks import nodes_on
from upsun_schema.configuration.includes import include_bases
from upsun_schema.configuration.project import SKIPPED_FOLDERS
from upsun_schema.files import is_inside
from upsun_schema.keys.shape import Shape, kinds_of
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Mapping, Node, Scalar
from upsun_schema.yaml.text import Span

__all__ = ["Marked", "marked_at"]

_ALIAS = re.compile(r"(?:^|[\s\[{,])(?P<mark>\*)(?P<typed>[^\s,\[\]{}*]*)\Z")
_TAG = re.compile(r"(?:^|[\s\[{,])(?P<mark>!)(?P<typed>\w*)\Z")
_PATH = re.compile(
    r"(?P<mark>!(?P<tag>include|archive)[ \t]+)(?:\{[^{}]*?\bpath:[ \t]+)?['\"]?(?P<typed>[^\s'\"{},\[\]]*)\Z"
)
_RULE = re.compile(r"#\s*upsun-lint:\s*ignore(?:-file)?(?P<mark>\[)(?:[^\[\]#]*,)?\s*(?P<typed>[\w-]*)\Z")
_WORD_END = re.compile(r"[^\s,\[\]{}'\"#]*")

_MOST_FILES = 500
_CONFIGURATION = (".yaml", ".yml")
_SCRIPTS = (".sh", ".bash")


class Marked(NamedTuple):
    """The word after a mark, and what can be written there, the likeliest first."""

    place: CompletionPlace
    offers: list[Value]


def marked_at(
    request: Request, offset: int, make_contexts: Callable[[CompletionPlace], list[Context]]
) -> Marked | None:
    """What is offered at an offset (code points) after a mark; None where there is no mark.

    `make_contexts` gives what is known about a place: several contexts in a shared block, none if nothing is known.
    """
    text = request.document.text
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    line = text[start:offset]
    if (match := _RULE.search(line)) is not None:
        return Marked(_place(text, start + match.start("typed"), offset), list(_rules(request, offset)))
    for pattern, offers in ((_ALIAS, _aliases), (_PATH, _paths), (_TAG, _tags)):
        if (match := pattern.search(line)) is None:
            continue
        # What is wanted here is what could be written in place of the mark.
        mark = start + match.start("mark")
        bare = place_at(text[:mark] + text[_line_end(text, offset) :], mark)
        is_free = bare is not None and bare.kind is not CompletionKind.KEY and not bare.typed and not bare.quote
        contexts = make_contexts(bare) if bare is not None and is_free else []
        if not contexts:
            return Marked(_place(text, offset, offset), [])
        return Marked(_place(text, start + match.start("typed"), offset), list(offers(contexts, match)))
    return None


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


def _place(text: str, start: int, offset: int) -> CompletionPlace:
    match = _WORD_END.match(text, offset)
    end = offset if match is None else match.end()
    return CompletionPlace(CompletionKind.VALUE, (), Span(start, end), text[start:offset], "", {}, (), 0, 0)


def _value(text: str, kind: ItemKind, detail: str, documentation: str = "", *, goes_on: bool = False) -> Value:
    return Value(
        label=text, kind=kind, detail=detail, documentation=documentation, text=text, is_literal=True, goes_on=goes_on
    )


# -- rules -----------------------------------------------------------------------------------------------------------


def _rules(request: Request, offset: int) -> Iterator[Value]:
    """All rules, those with findings near the comment first."""
    distances: dict[str, int] = {}
    for finding in request.open_project.findings:
        span = request.document.span(finding.region)
        if span is not None:
            distances[finding.rule] = min(
                distances.get(finding.rule, abs(span.start - offset)), abs(span.start - offset)
            )
    found = request.open_project.catalog
    far = len(request.document.text)
    for name in sorted(found, key=lambda name: distances.get(name, far + 1)):
        rule = found[name]
        detail = "reported in this file" if name in distances else rule.severity.label
        page = rule.url()
        documentation = f"{rule.title} {link('Documentation', page)}" if page else rule.title
        yield _value(name, ItemKind.Constant, detail, documentation)


# -- anchors ---------------------------------------------------------------------------------------------------------


def _aliases(contexts: list[Context], match: re.Match[str]) -> Iterator[Value]:
    """The anchors before the place that fit one of its uses: the place is not part of their value."""
    context = contexts[0]
    at = context.place.span.start
    text = context.request.document.text
    # With the alias unfinished, the text may be invalid.
    document = Document(context.request.document.path, text[:at] + text[_line_end(text, at) :])
    around = set(nodes_on(document.root, context.place.path))
    found: dict[str, Node] = {}
    for base, piece in document.pieces:
        found |= {name: node for name, node in piece.anchors.items() if base + _end(node) <= at}
    fits = {name: max(_fit(one, node) for one in contexts) for name, node in found.items() if node not in around}
    fitting = {name: fit for name, fit in fits.items() if fit > 0}
    for name in sorted(fitting, key=lambda name: -fitting[name]):
        node = found[name]
        span = document.span(node.region)
        line = document.lines.position(span.start if span is not None else 0).line + 1
        yield _value(name, ItemKind.Reference, _in_short(node), f"The value of {code(f'&{name}')}, line {line}.")


def _end(node: Node) -> int:
    return max(node.end, node.outer + 1)


def _in_short(node: Node) -> str:
    if isinstance(node, Mapping):
        return shortened(", ".join(node.entries))
    return shortened(node.text) if isinstance(node, Scalar) else "a list"


def _fit(context: Context, node: Node) -> float:
    """How well a value fits the place, from 0 (not at all) to 1."""
    is_merge = bool(context.path) and "<<" in map(str, context.path[-2:])
    shapes = context.merged_shapes if is_merge else context.shapes
    if is_merge and not isinstance(node, Mapping):
        return 0
    return max((_fit_of(shape, node) for shape in shapes), default=0)


def _fit_of(shape: Shape, node: Node) -> float:
    kinds = kinds_of(node)
    if shape.types and not shape.types & kinds:
        return 0
    if not isinstance(node, Mapping) or not node.entries:
        return 0.5
    known = 0.0
    for name, pair in node.entries.items():
        inner = shape.property(name)
        if inner is None:
            known += 0 if shape.is_closed else 0.5
        elif any(not one.types or one.types & kinds_of(pair.value) for one in alternatives([inner])):
            known += 1
    return known / len(node.entries)


# -- tags and files --------------------------------------------------------------------------------------------------


def _tags(contexts: list[Context], match: re.Match[str]) -> Iterator[Value]:
    kinds: frozenset[str] = frozenset().union(*(shape.types for context in contexts for shape in context.shapes))
    includes = "The contents of a file, as if they were written here."
    yield _value("include ", ItemKind.Keyword, "YAML from a file", includes, goes_on=True)
    if not kinds or "string" in kinds:
        yield _value("include {type: string, path: ", ItemKind.Keyword, "the text of a file", includes, goes_on=True)


def _paths(contexts: list[Context], match: re.Match[str]) -> Iterator[Value]:
    """The files and folders in the folder that is typed; those of the likely kind first."""
    request = contexts[0].request
    folder = match["typed"].rpartition("/")[0]
    wants_text = any("string" in shape.types for context in contexts for shape in context.shapes)
    seen: set[str] = set()
    bases = include_bases(request.document, tuple(map(str, contexts[0].place.path)))
    for base in bases:
        here = posixpath.normpath(posixpath.join(base, folder.lstrip("/")))
        full = os.path.normpath(os.path.join(request.project.root, here))
        if not is_inside(full, request.project.root):
            continue
        for name, is_folder in sorted(_listed(full), key=lambda one: (_rank(one, wants_text=wants_text), one)):
            path = f"{folder}/{name}" if folder else name
            is_self = posixpath.normpath(posixpath.join(here, name)) == request.document.path
            if path in seen or is_self or (match["tag"] == "archive" and not is_folder):
                continue
            seen.add(path)
            kind = ItemKind.Folder if is_folder else ItemKind.File
            detail = "in the folder of this file" if base == bases[-1] else "in the code of the application"
            yield _value(f"{path}/" if is_folder else path, kind, detail, goes_on=is_folder)


def _listed(folder: str) -> Iterator[tuple[str, bool]]:
    """The names in a folder, each with whether it is a folder, at most 500."""
    try:
        with os.scandir(folder) as entries:
            for _, entry in zip(range(_MOST_FILES), entries, strict=False):
                is_folder = entry.is_dir(follow_symlinks=False)
                if entry.name in SKIPPED_FOLDERS or (entry.name.startswith(".") and entry.name != ".upsun"):
                    continue
                if is_folder or entry.is_file(follow_symlinks=False):
                    yield entry.name, is_folder
    except OSError:
        return


def _rank(entry: tuple[str, bool], *, wants_text: bool) -> int:
    name, is_folder = entry
    likely = name.endswith(_SCRIPTS if wants_text else _CONFIGURATION)
    return 1 if is_folder else 0 if likely else 2
