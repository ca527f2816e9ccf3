"""Files in the format of Upsun Fixed: its top-level keys belong under `applications` and the like on Upsun Flex."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import (
    column,
    edited,
    indented,
    lines_of,
    newline,
    owned_lines,
    step_of,
    with_comments,
    without,
)
from upsun_rules.finding import Edit, Fix
from upsun_schema.configuration.project import SECTIONS
from upsun_schema.images.table import Images
from upsun_schema.keys.shape import shape_at
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Mapping, Pair, Region, Scalar
from upsun_schema.yaml.writing import is_plain_name

__all__ = ["AtTop", "at_top", "is_application", "move_below"]

_ONLY_FIXED = frozenset({"name", "disk", "size"})


class AtTop(NamedTuple):
    """The top-level content of a file: the properties of one application, or entries of a section.

    `file` is the file of Upsun Fixed with this format, `section` the section of its content on Upsun Flex.
    """

    file: str
    section: str
    pairs: list[Pair]

    @property
    def name(self) -> str | None:
        """The `name` of the application; None if it is missing or would need quotes as a key."""
        for pair in self.pairs:
            if pair.name == "name" and isinstance(node := pair.value.resolved, Scalar) and is_plain_name(node.text):
                return node.text
        return None


def is_application(document: Document) -> bool:
    """Whether a file has the properties of one application at the top level, as in `.platform.app.yaml`."""
    root = document.root
    return isinstance(root, Mapping) and _is_application(root)


def at_top(document: Document, images: Images) -> AtTop | None:
    """The top-level content in the format of Upsun Fixed; None if there is nothing like that."""
    root = document.root
    if not isinstance(root, Mapping):
        return None
    pairs = _pairs(root)
    if not pairs:
        return None
    if _is_application(root):
        return AtTop(".platform.app.yaml", "applications", pairs)
    kinds = {_kind(pair, images) for pair in pairs}
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is None or root.get(kind) is not None:
        return None
    return AtTop(f".platform/{kind}.yaml", kind, pairs)


def _pairs(root: Mapping) -> list[Pair]:
    """The top-level entries that are neither a section nor a place for anchors."""
    named = [pair for pair in root.pairs if pair.name is not None and not pair.is_merge]
    return [pair for pair in named if pair.name not in SECTIONS and not (pair.name or "").startswith(".")]


def _is_application(root: Mapping) -> bool:
    shape = shape_at("applications", "app")
    if root.get("applications") is not None:
        return False
    known = [pair for pair in _pairs(root) if pair.name in _ONLY_FIXED or pair.name in shape.properties]
    own = [pair for pair in known if pair.name in ("name", "type") and isinstance(pair.value.resolved, Scalar)]
    return len(known) > 1 and bool(own)


def _kind(pair: Pair, images: Images) -> str | None:
    """The section that an entry belongs to, if its content shows it."""
    node = pair.value.resolved
    kind = node.value("type") if isinstance(node, Mapping) else None
    if not isinstance(kind, Scalar):
        return None
    if "://" in (pair.name or ""):
        return "routes"
    name = kind.text.partition(":")[0].lower()
    image = images.get(name)
    if image is None:
        return "applications" if name == "composable" else None
    return "services" if image.kind == "service" else "applications"


def move_below(found: AtTop, document: Document) -> tuple[Fix, ...]:
    """The fix that moves top-level content below its section."""
    root = document.root
    if document.is_broken or not isinstance(root, Mapping) or root.flow:
        return ()
    first = root.pairs.index(found.pairs[0])
    if root.pairs[first : first + len(found.pairs)] != found.pairs:
        return ()
    path = [found.section, found.name or "app"] if found.file == ".platform.app.yaml" else [found.section]
    step = _step(found.pairs)
    head = "".join(f"{' ' * step * depth}{name}:\n" for depth, name in enumerate(path))
    if any(column(pair.key) or not (_is_section(pair) or lines_of(pair)) for pair in found.pairs):
        return ()
    # The application's `name` becomes its key.
    name = next((pair for pair in found.pairs if len(path) > 1 and pair.name == "name"), None)
    removed = without(name) if name is not None else None
    edits: list[Edit] = []
    for lines in _stretches(found.pairs, document):
        own = [removed] if removed is not None and removed.region.piece is lines.piece else []
        text = indented(edited(lines, own), step * len(path))
        edits.append(Edit(lines, text if edits else head.replace("\n", newline(lines.piece)) + text))
    return (Fix(f"Move it below `{': '.join(path)}`", tuple(edits)),)


def _step(pairs: list[Pair]) -> int:
    """The indentation, in spaces, of the blocks below some top-level keys."""
    blocks = [pair.value for pair in pairs if isinstance(pair.value, Mapping) and not pair.value.flow]
    return next((column(block.pairs[0].key) for block in blocks if block.pairs), step_of(pairs[0].key)) or 2


def _is_section(pair: Pair) -> bool:
    """Whether the entries of a pair are separate pieces."""
    node = pair.value
    return (
        isinstance(node, Mapping) and not node.flow and any(one.key.piece is not pair.key.piece for one in node.pairs)
    )


def _stretches(pairs: list[Pair], document: Document) -> Iterator[Region]:
    """The lines from the first pair to the last, with everything in between and the comments around, by piece."""
    first = with_comments(Region(pairs[0].key.piece, pairs[0].key.outer, pairs[0].key.outer), 0)
    last = _last_line(pairs[-1])
    pieces = [piece for _, piece in document.pieces]
    for piece in pieces[pieces.index(first.piece) : pieces.index(last.piece) + 1]:
        start = first.start if piece is first.piece else 0
        yield Region(piece, start, last.end if piece is last.piece else len(piece.text))


def _last_line(pair: Pair) -> Region:
    """The whole lines up to the end of a pair, with the comments inside its last block."""
    while _is_section(pair) and isinstance(pair.value, Mapping):
        pair = pair.value.pairs[-1]
    lines = owned_lines(pair)
    return Region(pair.key.piece, 0, len(pair.key.piece.text)) if lines is None else lines
