"""Every refactoring that an editor offers in whole projects is applied, and adds no finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.session import recorded
from tests.support import CORPORA
from upsun_lint.lsp.features.actions import code_actions
from upsun_lint.lsp.session.client import Client
from upsun_lint.lsp.session.editor_settings import Features
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.requests import Request
from upsun_lint.lsp.session.workspace import Workspace
from upsun_rules.engine import lint
from upsun_rules.finding import Severity
from upsun_rules.lookups.running import consumes
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project, find_projects
from upsun_schema.images.table import Images

OPTIONS = Options()
REFACTOR = types.CodeActionContext([], only=[types.CodeActionKind.Refactor])


def requests(corpus: Path) -> Iterator[Request]:
    """The files of the projects of a corpus, each as an editor that has opened it asks about it."""
    workspace = Workspace(Images.embedded())
    client = replace(Client.of(recorded("vscode")["capabilities"]), asks=False)
    for root in find_projects(str(corpus)):
        for path in sorted(Path(root).glob(".upsun/*.y*ml")):
            workspace.open(path.as_uri(), path.read_bytes().decode("utf-8", "replace"), 1)
            view = workspace.view(path.as_uri())
            if view is not None and len(view.document.text) < 20_000:
                yield Request(workspace, view.project, view.document, Units("utf-16"), client, Features())
            workspace.close(path.as_uri())


def offered(request: Request) -> list[types.CodeAction]:
    document = types.TextDocumentIdentifier(request.uri)
    whole = types.Range(types.Position(0, 0), types.Position(len(request.document.lines) + 1, 0))
    return code_actions(request, types.CodeActionParams(document, whole, REFACTOR)) or []


def after(request: Request, action: types.CodeAction) -> Project:
    """The project with the edits of an action, which are in the file that was asked about."""
    assert action.edit is not None and action.edit.document_changes is not None
    (change,) = action.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit) and change.text_document.uri == request.uri
    text = request.document.text
    edits = [types.TextEdit(one.range, one.new_text) for one in change.edits if hasattr(one, "new_text")]
    for start, end, new in sorted(((*request.span(one.range), one.new_text) for one in edits), reverse=True):
        text = text[:start] + new + text[end:]
    return Project(request.project.root, {request.document.path: text})


def counts(project: Project) -> list[int]:
    found = lint(project, OPTIONS)
    return [sum(one.severity >= least for one in found) for least in Severity]


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.parent.name)
def test_no_refactoring_adds_a_finding(corpus: Path) -> None:
    titles = []
    for request in requests(corpus):
        consumers = {
            f"Make worker `{worker.name}` a cron"
            for application in request.project.applications.values()
            for worker in application.workers.values()
            if consumes(worker)
        }
        before = counts(Project(request.project.root, {request.document.path: request.document.text}))
        for action in offered(request):
            titles.append(action.title)
            assert action.title.partition(",")[0] not in consumers
            now = counts(after(request, action))
            assert all(one <= other for one, other in zip(now, before, strict=True)), f"{request.uri}: {action.title}"
    assert any("as a map" in title for title in titles)
