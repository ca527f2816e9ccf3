"""What a keystroke sends again is neither converted nor written again, and is what a fresh server would send."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.protocol import default_converter

from tests.benchmarks.inputs import configuration
from upsun_lint.lsp.session.client import Client
from upsun_lint.lsp.session.diagnostics import Diagnostics
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.workspace import Workspace
from upsun_lint.lsp.written import Written
from upsun_schema.images.table import Images

UNITS = Units("utf-16")
CLIENT = Client(related_information=True, code_description=True, diagnostic_tags=True)
TEXT = configuration(24).replace("passthru: true", "passthru: 🙂")

EDITS = {
    "in a line": ("shutdown_timeout: 20", "shutdown_timeout: 20x"),
    "a line more": ("        shutdown_timeout: 20\n", "        shutdown_timeout: 20\n\n"),
    "a byte order mark": ("applications:", "\ufeffapplications:"),
    "another application": ("  app003:", "  app003x:"),
}


def made(workspace: Workspace, uri: str, text: str, before: Diagnostics | None = None) -> Diagnostics:
    (project,) = workspace.open(uri, text, 1)
    return Diagnostics(project, UNITS, CLIENT, before)


@pytest.mark.parametrize("edit", EDITS)
def test_they_are_those_of_a_fresh_start(tmp_path: Path, edit: str) -> None:
    uri = (tmp_path / ".upsun" / "config.yaml").as_uri()
    old, new = EDITS[edit]
    assert old in TEXT
    workspace = Workspace(Images.embedded())
    found = made(workspace, uri, TEXT)
    for text in (TEXT.replace(old, new, 1), TEXT):
        found = made(workspace, uri, text, found)
        assert found.by_uri == made(Workspace(Images.embedded()), uri, text).by_uri
        assert len(found.by_uri[uri]) > 24


def test_most_are_neither_converted_nor_written_again(tmp_path: Path) -> None:
    uri = (tmp_path / ".upsun" / "config.yaml").as_uri()
    workspace = Workspace(Images.embedded())
    before = made(workspace, uri, TEXT)
    # In the last application, which has three: those of the others name places in the first.
    after = made(workspace, uri, "shutdown_timeout: 20x".join(TEXT.rsplit("shutdown_timeout: 20", 1)), before)
    assert len(after.by_uri[uri]) > 48
    kept = set(map(id, before.by_uri[uri]))
    assert 1 <= sum(id(one) not in kept for one in after.by_uri[uri]) <= 4
    written = Written(default_converter())
    texts = set(map(id, written.texts(uri, before.by_uri[uri])))
    assert 1 <= sum(id(one) not in texts for one in written.texts(uri, after.by_uri[uri])) <= 4


def test_what_is_written_is_what_the_converter_makes() -> None:
    start = types.Position(1, 2)
    one = types.Diagnostic(
        types.Range(start, start), "\ud800 \u2028 🙂", code="x", tags=[types.DiagnosticTag.Deprecated]
    )
    written = Written(default_converter())
    assert [json.loads(text) for text in written.texts("u", [one, one])] == 2 * [default_converter().unstructure(one)]
