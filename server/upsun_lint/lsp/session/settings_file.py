"""Diagnostics of the settings file `.upsun-lint.toml`. Completion and hovers for it come from its JSON Schema."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice

from lsprotocol import types
from pygls.uris import to_fs_path

from upsun_lint.failure import Failure
from upsun_lint.lsp.session.diagnostics import SOURCE
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.workspace import SettingsFailure
from upsun_lint.run import settings_reader
from upsun_lint.run.policy_settings import PolicyFailure, place_in
from upsun_lint.run.settings import FILE
from upsun_lint.writing.quoting import visible
from upsun_schema.files import read_file
from upsun_schema.yaml.text import LineTable, Position, Span

__all__ = ["broken_settings", "is_settings_file", "settings_diagnostics"]

_LONGEST = 100_000
"""The largest settings file that is read from disk, in bytes."""

_HERE = "here"
_MOST = 50
"""The most problems reported for a file: each takes a search of the whole text."""


def is_settings_file(uri: str) -> bool:
    """Whether a URI is that of a settings file."""
    return os.path.basename(to_fs_path(uri) or "") == FILE


def settings_diagnostics(text: str, units: Units, path: str | None = None) -> list[types.Diagnostic]:
    """The syntax error in a settings file, or the first problem of each setting.

    With its `path`, so are the problems of the files that it names.
    """
    lines = LineTable(text)
    return [
        types.Diagnostic(units.range(lines, span), visible(message), types.DiagnosticSeverity.Error, source=SOURCE)
        for span, message in islice(_problems(text, lines, path), _MOST)
    ]


def broken_settings(failure: SettingsFailure, units: Units) -> list[types.Diagnostic]:
    """The problems of a settings file on disk that cannot be used; at least one."""
    text = _text(failure.path) if os.path.basename(failure.path) == FILE else ""
    if found := settings_diagnostics(text, units, failure.path if text else None):
        return found
    message = visible(failure.message.removeprefix(f"{failure.path}: ").removeprefix(f"{failure.path}:"))
    start = types.Position(0, 0)
    return [types.Diagnostic(types.Range(start, start), message, types.DiagnosticSeverity.Error, source=SOURCE)]


def _text(path: str) -> str:
    try:
        return read_file(path, _LONGEST).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _problems(text: str, lines: LineTable, path: str | None) -> Iterator[tuple[Span, str]]:
    try:
        table = settings_reader.parse(text, _HERE)
    except Failure as failure:
        yield _syntax_problem(text, lines, str(failure))
        return
    if set(table) == {"tool"}:
        yield _place(text, "tool"), settings_reader.MISPLACED
        return
    is_good = True
    for name, value in table.items():
        try:
            settings_reader.read({name: value}, _HERE)
        except Failure as failure:
            is_good = False
            message = str(failure).removeprefix(f"{_HERE}: ")
            yield _place_of(failure, text, name, message), message
    if is_good and path is not None:
        yield from _problems_of_files(text, path)


def _problems_of_files(text: str, path: str) -> Iterator[tuple[Span, str]]:
    """The first problem of the policies and of the files that the settings extend."""
    try:
        settings_reader.load(path, text)
    except Failure as failure:
        message = re.sub(r"^(?::\d+:\d+)?: ", "", str(failure).removeprefix(path), count=1)
        yield _place_of(failure, text, "extends", message), message


def _place_of(failure: Failure, text: str, name: str, message: str) -> Span:
    if isinstance(failure, PolicyFailure):
        return Span(*place_in(text, failure.index, failure.key))
    return _place(text, name, message)


def _syntax_problem(text: str, lines: LineTable, failure: str) -> tuple[Span, str]:
    match = re.match(rf"{_HERE}:(\d+):(\d+): (.*)", failure, re.DOTALL)
    assert match is not None
    # An error at the end of the file is shown at its last character.
    start = min(lines.offset(Position(int(match[1]) - 1, int(match[2]) - 1)), max(0, len(text.rstrip()) - 1))
    begin, end = lines.span(lines.position(start).line)
    return Span(start if start < end else begin, end), match[3]


def _place(text: str, setting: str, message: str = "") -> Span:
    """The place of the first thing in backticks in the message, or of the setting."""
    start = _find(text, setting, 0).start
    quoted = re.search("`([^`]+)`", message)
    names = [quoted[1], quoted[1].partition(".")[2]] if quoted else []
    return next((span for name in names if (span := _find(text, name, start)).end), _find(text, setting, 0))


def _find(text: str, word: str, start: int) -> Span:
    """The first place of a word; an empty span at the start if it does not occur."""
    match = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])").search(text, start) if word else None
    return Span(*match.span()) if match else Span(0, 0)
