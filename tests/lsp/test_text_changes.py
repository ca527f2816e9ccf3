"""Changes of ranges give the text that the client has, in every encoding of positions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from tests.lsp.raw import Raw
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.workspace import Workspace
from upsun_schema.images.table import Images

URI = "file:///nowhere/.upsun/config.yaml"
IMAGES = Images.embedded()

# Each unit as bytes: what the client counts.
ENCODINGS: dict[str, Callable[[str], list[bytes]]] = {
    "utf-8": lambda text: [bytes([one]) for one in text.encode()],
    "utf-16": lambda text: [text.encode("utf-16-le")[at : at + 2] for at in range(0, len(text.encode("utf-16-le")), 2)],
    "utf-32": lambda text: [one.encode("utf-32-le") for one in text],
}
CODECS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}

PARTS = st.sampled_from(["a", ":", " ", "\n", "\r", "\r\n", "\u2028", "\x85", "é", "😀", "€"])
TEXTS = st.lists(PARTS, max_size=24).map("".join)
POSITIONS = st.tuples(st.integers(0, 12), st.integers(0, 16))
CHANGES = st.lists(st.tuples(st.none() | st.tuples(POSITIONS, POSITIONS), TEXTS), max_size=4)


def lines_of(units: list[bytes]) -> list[list[bytes]]:
    """The lines with their breaks, as the protocol has them."""
    found: list[list[bytes]] = [[]]
    for index, unit in enumerate(units):
        found[-1].append(unit)
        char, after = unit.rstrip(b"\0"), units[index + 1].rstrip(b"\0") if index + 1 < len(units) else b""
        if char == b"\n" or (char == b"\r" and after != b"\n"):
            found.append([])
    return found


def place(units: list[bytes], position: tuple[int, int], encoding: str) -> int:
    """The index of a position, of which a client may give one that is outside the text or within a character."""
    lines = lines_of(units)
    line, column = position
    if line >= len(lines):
        return len(units)
    content = [unit for unit in lines[line] if unit.rstrip(b"\0") not in (b"\n", b"\r")]
    column = min(column, len(content))
    while True:
        try:
            b"".join(content[:column]).decode(CODECS[encoding])
        except UnicodeDecodeError:
            column -= 1
        else:
            return sum(map(len, lines[:line])) + column


def position(place: tuple[int, int]) -> types.Position:
    return types.Position(*place)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(TEXTS, st.lists(CHANGES, max_size=3))
def test_the_text_is_that_of_the_client(encoding: str, text: str, messages: list[Any]) -> None:
    cut, codec = ENCODINGS[encoding], CODECS[encoding]
    workspace = Workspace(IMAGES)
    (project,) = workspace.open(URI, text, 1)
    for version, message in enumerate(messages, 2):
        changes: list[types.TextDocumentContentChangeEvent] = []
        for ends, new in message:
            if ends is None:
                text = new
                changes.append(types.TextDocumentContentChangeWholeDocument(new))
                continue
            units = cut(text)
            start, end = sorted(ends)
            first, last = place(units, start, encoding), place(units, end, encoding)
            text = b"".join([*units[:first], *cut(new), *units[last:]]).decode(codec)
            range_ = types.Range(position(start), position(end))
            changes.append(types.TextDocumentContentChangePartial(range_, new))
        found = workspace.text_after(URI, changes, Units(encoding))
        assert found == text
        workspace.change(URI, found, version)
        # Every other time the lines of the text are not known.
        assert version % 2 or project.project.documents[".upsun/config.yaml"].text == text


def test_a_range_of_a_file_that_is_not_open_changes_nothing() -> None:
    workspace = Workspace(IMAGES)
    start = types.Position(0, 0)
    change = types.TextDocumentContentChangePartial(types.Range(start, start), "x")
    assert workspace.text_after(URI, [change], Units("utf-16")) is None
    whole = types.TextDocumentContentChangeWholeDocument("y\n")
    assert workspace.text_after(URI, [change, whole], Units("utf-16")) is None
    assert workspace.text_after(URI, [whole, change], Units("utf-16")) == "xy\n"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_change_of_a_range_is_checked(tmp_path: Path, encoding: str) -> None:
    """What is behind an astral character has another column in each encoding, in what is sent and in what is said."""
    end = {"utf-8": 18, "utf-16": 16, "utf-32": 15}[encoding]
    uri = (tmp_path / ".upsun" / "config.yaml").as_uri()
    text = "applications:\n  app:\n    type: 'php:8.4'\n    hooks: {'😀': x, y: z}\n"
    with Raw() as server:
        server.start(tmp_path, general={"positionEncodings": [encoding]}, textDocument={"publishDiagnostics": {}})
        server.open(uri, text)
        before = server.sent("textDocument/publishDiagnostics")["params"]["diagnostics"]
        assert [one["range"]["start"] for one in before] == [
            {"line": 3, "character": 12},
            {"line": 3, "character": end + 5},
        ]
        range_ = {"start": {"line": 3, "character": 12}, "end": {"line": 3, "character": end}}
        change = {"range": range_, "text": "build"}
        document = {"uri": uri, "version": 2}
        server.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        after = server.sent("textDocument/publishDiagnostics")["params"]["diagnostics"]
        assert [one["range"]["start"] for one in after] == [{"line": 3, "character": 22}]
