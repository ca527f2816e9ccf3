"""Edits of files in the form the client supports: with versions and annotations, or plain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from lsprotocol import types

from upsun_lint.fixing.fixes import FileChange, TextEdit, text_edits
from upsun_rules.finding import Edit, Fix
from upsun_schema.yaml.text import Span

if TYPE_CHECKING:
    from upsun_lint.lsp.session.requests import Request

__all__ = ["by_file", "differences", "workspace_edit"]

_ANNOTATION = "upsun-lint"


def by_file(request: Request, edits: Iterable[Edit]) -> dict[str, list[TextEdit]]:
    """Edits by the paths of their files in the project."""
    return text_edits(request.project, Fix("", tuple(dict.fromkeys(edits))))


def workspace_edit(
    request: Request,
    edits: Mapping[str, Iterable[TextEdit]],
    annotation: types.ChangeAnnotation | None = None,
) -> types.WorkspaceEdit:
    """Edits of files of the project (offsets in code points) for the client.

    `annotation` is sent only to a client that can show it and ask for confirmation.
    """
    places: dict[str, list[tuple[types.Range, str]]] = {}
    documents = {document.path: document for document in request.project.all_documents}
    for path, some in sorted(edits.items()):
        document = documents[path]
        places[request.open_project.uri(document)] = [
            (request.units.range(document.lines, Span(start, end)), text) for start, end, text in _joined(some)
        ]
    if not request.client.document_changes:
        return types.WorkspaceEdit(
            changes={uri: [types.TextEdit(*place) for place in some] for uri, some in places.items()}
        )
    if not request.client.change_annotations:
        annotation = None
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(uri, _version(request, uri)),
                [
                    types.TextEdit(place, text)
                    if annotation is None
                    else types.AnnotatedTextEdit(_ANNOTATION, place, text)
                    for place, text in some
                ],
            )
            for uri, some in places.items()
        ],
        change_annotations=None if annotation is None else {_ANNOTATION: annotation},
    )


def _version(request: Request, uri: str) -> int | None:
    buffer = request.workspace.buffer(uri)
    return None if buffer is None else buffer.version


def _joined(edits: Iterable[TextEdit]) -> Iterator[TextEdit]:
    """Sorted edits, joined where they touch: clients disagree about the order of edits at one place."""
    last: TextEdit | None = None
    for edit in sorted(edits):
        if last is None:
            last = edit
        elif edit.start <= last.end:
            last = TextEdit(last.start, max(last.end, edit.end), last.text + edit.text)
        else:
            yield last
            last = edit
    if last is not None:
        yield last


def differences(change: FileChange) -> list[TextEdit]:
    """The edits, line by line, that turn the text before a change into the text after it."""
    from difflib import SequenceMatcher

    before, after = change.before.splitlines(keepends=True), change.after.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    # The comparison is slow, and most of a file is the same before and after the changed part.
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    matcher = SequenceMatcher(None, before[head : len(before) - tail], after[head : len(after) - tail])
    return [
        TextEdit(starts[head + first], starts[head + last], "".join(after[head + new_first : head + new_last]))
        for kind, first, last, new_first, new_last in matcher.get_opcodes()
        if kind != "equal"
    ]


def _common(some: list[str], others: list[str]) -> int:
    """The number of equal lines at the start."""
    return next(
        (count for count, (one, other) in enumerate(zip(some, others, strict=False)) if one != other),
        min(len(some), len(others)),
    )
