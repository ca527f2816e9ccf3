"""Our own settings file in an editor: what is wrong in it, each at its place."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

from lsprotocol import types
from pygls.uris import to_fs_path

from upsun_lint import settings
from upsun_lint.failure import Failure
from upsun_lint.lsp.diagnostics import SOURCE
from upsun_lint.lsp.positions import Units
from upsun_lint.lsp.toml_places import TomlPlace, toml_places
from upsun_lint.lsp.workspace import SettingsFailure
from upsun_lint.quoting import visible
from upsun_rules.engine import all_rules
from upsun_schema.text import LineTable, Position, Span

__all__ = ["LONGEST", "broken_settings", "is_settings_file", "settings_diagnostics"]

LONGEST = 200_000
"""The longest settings file that is looked at, in code points."""

_HERE = "here"
_Path = tuple[str | int, ...]


def is_settings_file(uri: str) -> bool:
    """Return whether a client's name for a file is that of a settings file of ours."""
    return os.path.basename(to_fs_path(uri) or "") == settings.FILE


def settings_diagnostics(text: str, units: Units) -> list[types.Diagnostic]:
    """Return what is wrong with a settings file: its syntax, unknown settings and rules, values of the wrong kind."""
    if len(text) > LONGEST:
        return []
    lines = LineTable(text)
    return [
        types.Diagnostic(units.range(lines, span), visible(message), types.DiagnosticSeverity.Error, source=SOURCE)
        for span, message in _problems(text, lines)
    ]


def broken_settings(failure: SettingsFailure, units: Units) -> list[types.Diagnostic]:
    """Return what is wrong with a settings file on disk that cannot be used; there is always something."""
    text = _text(failure.path) if os.path.basename(failure.path) == settings.FILE else ""
    if found := settings_diagnostics(text, units):
        return found
    message = visible(failure.message.removeprefix(f"{failure.path}: ").removeprefix(f"{failure.path}:"))
    start = types.Position(0, 0)
    return [types.Diagnostic(types.Range(start, start), message, types.DiagnosticSeverity.Error, source=SOURCE)]


def _text(path: str) -> str:
    """Return the text of a usual file; nothing where it cannot be read, or where it may have no end."""
    try:
        if os.path.isfile(path) and os.path.getsize(path) <= 4 * LONGEST:
            with open(path, encoding="utf-8", newline="") as file:
                return file.read()
    except (OSError, UnicodeDecodeError):
        pass
    return ""


def _problems(text: str, lines: LineTable) -> Iterator[tuple[Span, str]]:
    try:
        table = settings.parse(text, _HERE)
    except Failure as failure:
        yield _syntax_problem(text, lines, str(failure))
        return
    places = toml_places(text)
    if set(table) == {"tool"}:
        yield _span(("tool",), places, on_name=True), settings.MISPLACED
        return
    for name, value in table.items():
        for path, message in _wrong((name,), value, lambda inner, name=name: {name: inner}):  # type: ignore[misc]
            yield _span(path, places, on_name=_is_wrong_name(path)), message


def _syntax_problem(text: str, lines: LineTable, failure: str) -> tuple[Span, str]:
    match = re.match(rf"{_HERE}:(\d+):(\d+): (.*)", failure, re.DOTALL)
    assert match is not None
    start = lines.offset(Position(int(match[1]) - 1, int(match[2]) - 1))
    values = [place.value for place in toml_places(text) if place.value is not None]
    if start >= len(text.rstrip()) and values:
        start = values[-1].start  # What is not closed before the end of the file is the last value.
    begin, end = lines.span(lines.position(start).line)
    return Span(start if start < end else begin, end), match[3]


def _wrong(path: _Path, value: object, table: Callable[[object], object]) -> list[tuple[_Path, str]]:
    """Return what is wrong with a setting: of its parts if each can be told, of the whole if not.

    `table` makes the settings that hold a part alone.
    """
    try:
        settings.read(table(value), _HERE)
    except Failure as failure:
        message = str(failure).removeprefix(f"{_HERE}: ")
    else:
        return []
    found: list[tuple[_Path, str]] = []
    if isinstance(value, dict):
        for name, inner in value.items():
            found += _wrong((*path, name), inner, lambda part, name=name: table({name: part}))  # type: ignore[misc]
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += _wrong((*path, index), inner, lambda part: table([part]))
    return found or [(path, message.removeprefix(f"{'.'.join(map(str, path[:-1] or path))}: "))]


def _is_wrong_name(path: _Path) -> bool:
    """Return whether it is the name that is wrong at a path, not the value."""
    name = str(path[-1])
    if len(path) == 1:
        return name.replace("_", "-") not in settings.NAMES
    return path[0] == "severities" and len(path) == 2 and name not in all_rules()


def _span(path: _Path, places: list[TomlPlace], *, on_name: bool) -> Span:
    """Return where the value at a path stands, or its name."""
    names = tuple(step for step in path if isinstance(step, str))
    held = [place for place in places if place.path[: len(names)] == names]
    exact = next((place for place in held if place.path == names and place.value is not None), None)
    if exact is None or exact.value is None or on_name:
        return held[0].names[len(names) - 1] if held else Span(0, 0)
    index = path[-1]
    return exact.items[index] if isinstance(index, int) and index < len(exact.items) else exact.value
