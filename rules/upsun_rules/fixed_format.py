"""Files in the format of Upsun Fixed: what these have at the top, Upsun Flex has under `applications` and the like."""

from __future__ import annotations

from typing import NamedTuple

from upsun_rules.edits import column, indented, lines_of, newline
from upsun_rules.finding import Edit, Fix
from upsun_rules.targets import PLAIN
from upsun_schema.document import Document
from upsun_schema.images import Images
from upsun_schema.nodes import Mapping, Pair, Region, Scalar
from upsun_schema.project import SECTIONS
from upsun_schema.schema import shape_at

__all__ = ["AtTop", "at_top", "is_application", "move_below"]

_ONLY_FIXED = frozenset({"name", "disk", "size"})


class AtTop(NamedTuple):
    """What a file has at its top: the properties of one application, or whole entries of a section.

    `file` is the file of Upsun Fixed that looks like this, `section` where its content stands on Upsun Flex.
    """

    file: str
    section: str
    pairs: list[Pair]

    @property
    def name(self) -> str | None:
        """The name that the application gives itself; None where there is none that could be written as a key."""
        for pair in self.pairs:
            if pair.name == "name" and isinstance(node := pair.value.resolved, Scalar) and PLAIN.fullmatch(node.text):
                return node.text
        return None


def is_application(document: Document) -> bool:
    """Return whether the properties of one application stand at the top of a file, as in `.platform.app.yaml`."""
    root = document.root
    return isinstance(root, Mapping) and _is_application(root)


def at_top(document: Document, images: Images) -> AtTop | None:
    """Return what a file has at its top as if it were one of Upsun Fixed; None where it has nothing like that."""
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
    """Return what stands at the top of a file and is neither a section nor a place for anchors."""
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
    """Return the section that an entry belongs to, where its own content tells."""
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
    """Return the action that puts what stands at the top of a file where it belongs."""
    root = document.root
    if document.is_broken or not isinstance(root, Mapping) or root.flow:
        return ()
    first = root.pairs.index(found.pairs[0])
    if root.pairs[first : first + len(found.pairs)] != found.pairs:
        return ()
    path = [found.section, found.name or "app"] if found.file == ".platform.app.yaml" else [found.section]
    ending = newline(found.pairs[0].key.piece)
    head = "".join(f"{'  ' * depth}{name}:{ending}" for depth, name in enumerate(path))
    edits: list[Edit] = []
    for pair in found.pairs:
        regions = _lines(pair)
        if regions is None or column(pair.key):
            return ()
        is_name = len(path) > 1 and pair.name == "name"
        for region in regions:
            text = "" if is_name else indented(region.text, 2 * len(path))
            edits.append(Edit(region, text if edits else head + text))
    return (Fix(f"Put it under `{': '.join(path)}`", tuple(edits)),)


def _lines(pair: Pair) -> list[Region] | None:
    """Return the whole lines of a pair, maybe of several pieces; None where others share them."""
    whole = lines_of(pair)
    if whole is not None:
        return [whole]
    node = pair.value
    if not isinstance(node, Mapping) or not node.pairs or node.flow:
        return None
    piece = pair.key.piece
    head = Region(piece, pair.key.outer, piece.text.find("\n", pair.key.end) + 1)
    below = [lines_of(entry) for entry in node.pairs]
    if not head.end or any(lines is None for lines in below):
        return None
    return [head, *(lines for lines in below if lines is not None)]
