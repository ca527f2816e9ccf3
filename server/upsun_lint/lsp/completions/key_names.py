"""Completion of keys from the schema: required ones first, deprecated ones last."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_lint.lsp.completions.context import Context, alternatives
from upsun_lint.lsp.completions.offer import Entry, ItemKind, escaped
from upsun_lint.lsp.session.markup import code, link, paragraphs
from upsun_schema.configuration.inheritance import INHERITED
from upsun_schema.keys.shape import DOCS_BASE, Shape

__all__ = ["about", "key_offers"]

_MOST_CHOICES = 8
_DEEPEST = 3
_SCALARS = frozenset({"string", "integer", "number", "boolean"})


def key_offers(context: Context) -> Iterator[Entry]:
    """The keys that a map accepts and does not have yet: required, optional, then deprecated ones."""
    maps = [shape for shape in context.shapes if shape.properties]
    found: dict[str, list[Shape]] = {}
    for shape in maps:
        for name, inner in shape.properties.items():
            found.setdefault(name, []).append(inner)
    required = {name for name in found if all(name in shape.required for shape in maps)}
    for name in sorted(found, key=lambda name: (bool(found[name][0].deprecation), name not in required)):
        if name not in context.held and found[name][0].is_offered and _adopts(found[name], context.place.below):
            yield _entry(context, name, found[name], required=name in required)


def _adopts(shapes: list[Shape], below: tuple[tuple[str | int, ...], ...] | None) -> bool:
    """Whether what is already below the typed word is valid as the value of a key."""
    return below is None or (bool(below) and all(_accepts(shapes, path) for path in below))


def _accepts(shapes: list[Shape], path: tuple[str | int, ...]) -> bool:
    if not path:
        return True
    kind = "array" if isinstance(path[0], int) else "object"
    fitting = [shape for shape in alternatives(shapes) if kind in shape.types or not shape.types]
    inner = [shape.items if isinstance(path[0], int) else shape.property(path[0]) for shape in fitting]
    if any(below is None and not shape.is_closed for shape, below in zip(fitting, inner, strict=True)):
        return True
    return _accepts([below for below in inner if below is not None], path[1:]) if any(inner) else False


def _entry(context: Context, name: str, shapes: list[Shape], *, required: bool) -> Entry:
    shape = shapes[0]
    detail = "deprecated" if shape.deprecation else "required" if required else ""
    application, inherited = context.application, ""
    is_own = context.section in ("web", "worker") and not context.below
    if is_own and name in INHERITED and application is not None and application.entry(name) is not None:
        detail = detail or f"inherited from {application.name}"
        inherited = f"Inherited from {code(application.name)}. If you set it here, it replaces the whole block."
    return Entry(
        label=name,
        kind=ItemKind.Property,
        detail=detail,
        documentation=about(shape, inherited, required=required),
        is_deprecated=bool(shape.deprecation),
        name=name,
        block=_rest(shapes),
        flow=_flow_rest(shapes),
        bare=" " if _is_scalar(shape) else "",
    )


def about(shape: Shape, more: str = "", *, required: bool = False) -> str:
    """The schema's description of a key or a value, as Markdown."""
    return paragraphs(
        f"**{shape.title}**" if shape.title else "",
        f"Deprecated. {shape.deprecation}" if shape.deprecation else "",
        shape.description,
        more,
        "Required." if required else "",
        link("Documentation", DOCS_BASE + shape.docs) if shape.docs else "",
    )


# -- what follows a key ------------------------------------------------------------------------------------------------


def _is_scalar(shape: Shape) -> bool:
    return not shape.types or bool(shape.types & _SCALARS)


def _rest(shapes: list[Shape]) -> str:
    """The text after the colon of a key, as a snippet: a value, or the required keys below it."""
    rest, _ = _after_colon(shapes, "", 1, 0)
    return f"{rest}$0" if rest.endswith(" ") else rest


def _after_colon(shapes: list[Shape], indent: str, tab: int, depth: int) -> tuple[str, int]:
    """The text after a colon, and the number of the next placeholder. A final space asks for one more."""
    shape = shapes[0]
    if _is_scalar(shape):
        choice = _choice(shapes, tab)
        return f" {choice}", tab + bool(choice)
    deeper = f"{indent}  "
    if "object" not in shape.types:
        return f"\n{deeper}- ", tab
    required = shape.required if depth < _DEEPEST else []
    if not required:
        return f"\n{deeper}", tab
    text = ""
    for name in required:
        rest, tab = _after_colon([shape.properties[name]], deeper, tab, depth + 1)
        if len(required) > 1 and rest.endswith(" "):
            rest, tab = f"{rest}${tab}", tab + 1
        text += f"\n{deeper}{name}:{rest}"
    return text, tab


def _choice(shapes: list[Shape], tab: int) -> str:
    """A placeholder with the values of a key if there are only a few; otherwise empty."""
    values = [value for shape in shapes for value in shape.values if isinstance(value, str)]
    default = shapes[0].default
    if not values and shapes[0].types == {"boolean"}:
        values, default = ["true", "false"], "true" if default is True else "false"
    if not 1 < len(values) <= _MOST_CHOICES:
        return ""
    values.sort(key=lambda value: value != default)
    return f"${{{tab}|{','.join(map(escaped, values))}|}}"


def _flow_rest(shapes: list[Shape]) -> str:
    if _is_scalar(shapes[0]):
        return f" {_choice(shapes, 1)}"
    return " {$1}" if "object" in shapes[0].types else " [$1]"
