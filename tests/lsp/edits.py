"""Applies a `WorkspaceEdit` as an editor does, with every check that an editor makes."""

from __future__ import annotations

from itertools import pairwise

from lsprotocol import types

from tests.lsp.session import Session
from upsun_schema.yaml.text import LineTable

__all__ = ["annotations", "applied"]


def applied(editor: Session, edit: types.WorkspaceEdit | None) -> dict[str, str]:
    """The texts of the files that an edit changes, by their paths. Other files are not there."""
    assert edit is not None
    found: dict[str, str] = {}
    for uri, edits in _by_file(editor, edit).items():
        path = next(path for path in _files(editor) if editor.uri(path) == uri)
        found[path] = _edited(editor, _files(editor)[path], edits)
    return found


def annotations(edit: types.WorkspaceEdit | None) -> list[types.ChangeAnnotation]:
    """What an editor shows beside the changes before it makes them; each change must name it."""
    assert edit is not None
    known = edit.change_annotations or {}
    for change in edit.document_changes or ():
        assert isinstance(change, types.TextDocumentEdit)
        for one in change.edits:
            assert isinstance(one, types.AnnotatedTextEdit) == bool(known)
            assert not isinstance(one, types.AnnotatedTextEdit) or one.annotation_id in known
    return list(known.values())


def _by_file(editor: Session, edit: types.WorkspaceEdit) -> dict[str, list[types.TextEdit]]:
    workspace = editor.client.capabilities.workspace
    wants = workspace.workspace_edit if workspace is not None else None
    if wants is None or not wants.document_changes:
        assert edit.document_changes is None and edit.change_annotations is None
        return {uri: list(edits) for uri, edits in (edit.changes or {}).items()}
    assert edit.changes is None
    found: dict[str, list[types.TextEdit]] = {}
    for change in edit.document_changes or ():
        assert isinstance(change, types.TextDocumentEdit)
        uri, version = change.text_document.uri, change.text_document.version
        assert version == {editor.uri(path): number for path, number in editor.versions.items()}.get(uri)
        assert uri not in found
        found[uri] = [types.TextEdit(one.range, one.new_text) for one in change.edits if not _is_snippet(one)]
    return found


def _is_snippet(edit: object) -> bool:
    return isinstance(edit, types.SnippetTextEdit)


def _files(editor: Session) -> dict[str, str]:
    on_disk = {
        path.relative_to(editor.root).as_posix(): path.read_bytes().decode()
        for path in editor.root.rglob("*")
        if path.is_file()
    }
    return on_disk | editor.texts


def _edited(editor: Session, text: str, edits: list[types.TextEdit]) -> str:
    lines = LineTable(text)
    spans = sorted((*editor.units.span(lines, one.range), one.new_text) for one in edits)
    for before, after in pairwise(spans):
        assert before[1] < after[0], "clients do not agree on the order of edits that touch"
    for start, end, new in reversed(spans):
        assert start <= end
        text = text[:start] + new + text[end:]
    return text
