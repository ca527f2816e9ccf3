"""What is known about one session: the client, its settings, and the projects that are open."""

from __future__ import annotations

from upsun_lint.lsp.session.client import Client
from upsun_lint.lsp.session.editor_settings import Features
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.requests import Request
from upsun_lint.lsp.session.workspace import OpenProject, Workspace
from upsun_schema.images.table import Images

__all__ = ["Session"]


class Session:
    """One client and what it has open. Until `initialize` arrives, the defaults of the protocol apply."""

    def __init__(self, images: Images) -> None:
        self.projects = Workspace(images)
        self.client = Client()
        self.units = Units(None)
        self.features = Features()

    def request(self, uri: str) -> Request | None:
        """What a feature needs to know about a file; None if the file belongs to no project."""
        view = self.projects.view(uri)
        return None if view is None else Request(self.projects, *view, self.units, self.client, self.features)

    def any_request(self, open_project: OpenProject) -> Request | None:
        """The same about some file of a project; None if it has no files."""
        document = next(iter(open_project.project.all_documents), None)
        return None if document is None else self.request(open_project.uri(document))
