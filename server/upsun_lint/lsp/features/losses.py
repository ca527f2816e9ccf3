"""What edits of a project delete, hide or reset when they are deployed."""

from __future__ import annotations

from collections.abc import Sequence

from upsun_lint.fixing.fixes import edited
from upsun_lint.lsp.session.requests import Request
from upsun_lint.lsp.session.workspace_edits import by_file
from upsun_rules.engine import judge
from upsun_rules.finding import Edit, Severity
from upsun_schema.configuration.change import Change
from upsun_schema.configuration.project import Project

__all__ = ["losses"]


def losses(request: Request, edits: Sequence[Edit]) -> list[str]:
    """Messages about what edits destroy, the worst first."""
    project = request.project
    texts = {document.path: document.text for document in project.all_documents}
    changed = {path: edited(texts[path], some) for path, some in by_file(request, edits).items()}
    after = Project(project.root, {**project.overlay, **changed}, project)
    found = judge(Change(project, after), request.open_project.options)
    lost = [finding for finding in found if finding.severity >= Severity.WARNING]
    return [finding.message for finding in sorted(lost, key=lambda finding: -finding.severity)]
