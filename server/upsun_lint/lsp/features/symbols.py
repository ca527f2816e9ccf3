"""The outline of a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import MappingProxyType

from lsprotocol import types

from upsun_lint.lsp.session.cursor import last_of
from upsun_lint.lsp.session.main_command import main_command
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.requests import Request
from upsun_lint.writing.quoting import visible
from upsun_schema.configuration.model import View
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Mapping, Pair, Region, Sequence

__all__ = ["OutlineSymbol", "document_symbols", "flattened", "ranges_of", "symbols_in"]

_KIND = types.SymbolKind


class _Section(NamedTuple):
    """How the entries below a key are shown, and the properties whose text is shown next to them.

    Of a script, its main command is shown. Public entries are also workspace symbols, and are shown even in long files.
    `groups` means that the entries only group what is shown, as the prefixes of variables do.
    """

    kind: types.SymbolKind
    details: tuple[tuple[str, ...], ...] = ()
    is_public: bool = False
    is_script: bool = False
    groups: bool = False


_SECTIONS = MappingProxyType(
    {
        "applications": _Section(_KIND.Module, (("type",),), is_public=True),
        "services": _Section(_KIND.Class, (("type",),), is_public=True),
        "routes": _Section(_KIND.Interface, (("upstream",), ("to",)), is_public=True),
        "tasks": _Section(_KIND.Object, is_public=True),
        "workers": _Section(_KIND.Function, (("commands", "start"),), is_public=True, is_script=True),
        "crons": _Section(_KIND.Event, (("spec",),), is_public=True),
        "hooks": _Section(_KIND.Method, ((),), is_script=True),
        "operations": _Section(_KIND.Method, (("commands", "start"),), is_script=True),
        "relationships": _Section(_KIND.Field, ((), ("service",)), is_public=True),
        "mounts": _Section(_KIND.File, (("source",),), is_public=True),
        "variables": _Section(_KIND.Variable, ((),), is_public=True, groups=True),
    }
)
# Keys that contain public sections but are not sections themselves.
_HOLDERS = frozenset({"web"})
_DEEPEST = 10
_LONGEST_DETAIL = 60
_LONG_FILE = 2000
"""The number of lines above which an outline shows only public entries, to keep it short."""


class OutlineSymbol(NamedTuple):
    """A key worth showing: `key` is the key itself, and `last` the last thing inside it."""

    name: str
    kind: types.SymbolKind
    detail: str
    key: Region
    last: Region
    is_public: bool
    children: tuple[OutlineSymbol, ...]


def symbols_in(document: Document, *, only_public: bool) -> list[OutlineSymbol]:
    """The outline of a file, or only the part of it that workspace symbols and long files show."""
    root = document.root
    return list(_keys(root, only_public=only_public)) if isinstance(root, Mapping) else []


def _keys(mapping: Mapping, depth: int = 0, *, only_public: bool) -> Iterator[OutlineSymbol]:
    """The keys of a map, or only those that are public or have something public below them."""
    for pair in mapping.pairs:
        section = _SECTIONS.get(pair.name or "")
        if section is not None and isinstance(pair.value, Mapping):
            if section.is_public or not only_public:
                yield from _symbol(pair, _KIND.Namespace, "", _in_section(pair.value, section, depth, only_public))
        elif not depth or not only_public or pair.name in _HOLDERS:
            below = _below(pair, depth, only_public=only_public)
            yield from _symbol(pair, _kind_of(pair), "" if only_public else _text_of(pair), below)


def _in_section(mapping: Mapping, section: _Section, depth: int, only_public: bool) -> tuple[OutlineSymbol, ...]:
    if section.groups:
        inner = section._replace(groups=False)
        return tuple(
            symbol
            for group in mapping.pairs
            if isinstance(group.value, Mapping)
            for symbol in _symbol(group, _KIND.Namespace, "", _in_section(group.value, inner, depth + 1, only_public))
        )
    return tuple(
        symbol for entry in mapping.pairs for symbol in _remembered(entry, section, depth, only_public=only_public)
    )


def _text_of(pair: Pair) -> str:
    text = View("", pair).text() or ""
    return _shortened(main_command(text) if pair.name == "start" else text)


def _kind_of(pair: Pair) -> types.SymbolKind:
    if isinstance(pair.value, Mapping):
        return _KIND.Object
    return _KIND.Array if isinstance(pair.value, Sequence) else _KIND.Property


def _remembered(pair: Pair, section: _Section, depth: int, *, only_public: bool) -> list[OutlineSymbol]:
    """The symbol of an entry of a section, cached while its text is unchanged."""

    def make() -> list[OutlineSymbol]:
        children = _below(pair, depth, only_public=only_public)
        return list(_symbol(pair, section.kind, _detail(pair, section), children, is_public=section.is_public))

    return remembered(pair.key.piece, ("symbols", section, pair.key.start, only_public), None, make)


def _below(pair: Pair, depth: int, *, only_public: bool) -> tuple[OutlineSymbol, ...]:
    if not isinstance(pair.value, Mapping) or depth >= _DEEPEST:
        return ()
    return tuple(_keys(pair.value, depth + 1, only_public=only_public))


def _symbol(
    pair: Pair, kind: types.SymbolKind, detail: str, children: tuple[OutlineSymbol, ...], *, is_public: bool = False
) -> Iterator[OutlineSymbol]:
    if pair.name and not pair.is_merge:
        yield OutlineSymbol(
            visible(pair.name), kind, visible(detail), pair.key.region, last_of(pair), is_public, children
        )


def _detail(pair: Pair, section: _Section) -> str:
    view = View("", pair)
    text = next((text for path in section.details if (text := view.text(*path))), "")
    return _shortened(main_command(text) if section.is_script else text)


def _shortened(text: str) -> str:
    first = text.strip().partition("\n")[0].strip()
    return first if len(first) <= _LONGEST_DETAIL else f"{first[: _LONGEST_DETAIL - 1]}…"


def document_symbols(
    request: Request, params: types.DocumentSymbolParams
) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
    """The outline of a file; a flat list with container names if the client shows no tree."""
    document = request.document
    found = symbols_in(document, only_public=len(document.lines) > _LONG_FILE)
    if request.client.hierarchical_symbols:
        return [_nested(document, request.units, symbol) for symbol in found]
    return [
        types.SymbolInformation(
            location=types.Location(request.uri, ranges_of(document, request.units, symbol)[0]),
            name=symbol.name,
            kind=symbol.kind,
            container_name=container or None,
        )
        for symbol, container in flattened(found)
    ]


def ranges_of(document: Document, units: Units, symbol: OutlineSymbol) -> tuple[types.Range, types.Range]:
    """The range of a symbol with everything in it, and the range of its key."""
    key, last = document.span(symbol.key), document.span(symbol.last)
    assert key is not None and last is not None
    place = units.range(document.lines, key)
    return types.Range(place.start, units.position(document.lines, max(key.end, last.end))), place


def _nested(document: Document, units: Units, symbol: OutlineSymbol) -> types.DocumentSymbol:
    whole, key = ranges_of(document, units, symbol)
    children = [_nested(document, units, child) for child in symbol.children]
    return types.DocumentSymbol(
        symbol.name, symbol.kind, whole, key, detail=symbol.detail or None, children=children or None
    )


def flattened(symbols: Iterable[OutlineSymbol], container: str = "") -> Iterator[tuple[OutlineSymbol, str]]:
    """Symbols with all below them, each with the names of those around it: `app › workers`."""
    for symbol in symbols:
        yield symbol, container
        yield from flattened(symbol.children, f"{container} › {symbol.name}" if container else symbol.name)
