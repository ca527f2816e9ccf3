"""What every feature works with: a file of a project in its current state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from upsun_lint.lsp.session.client import Client
from upsun_lint.lsp.session.editor_settings import Features
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.workspace import OpenProject, Workspace
from upsun_schema.cached import Caching
from upsun_schema.configuration.project import Project
from upsun_schema.images.table import Images
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Region
from upsun_schema.yaml.text import Span

__all__ = ["Answer", "Asked", "Request"]


@dataclass(frozen=True, slots=True)
class Request:
    """A file of a project, and conversions of its places for the client."""

    workspace: Workspace
    open_project: OpenProject
    document: Document
    units: Units
    client: Client
    features: Features

    @property
    def project(self) -> Project:
        """The project the file belongs to."""
        return self.open_project.project

    @property
    def uri(self) -> str:
        """The URI of the file."""
        return self.open_project.uri(self.document)

    def offset(self, position: types.Position) -> int:
        """The offset of a client's position in the file."""
        return self.units.offset(self.document.lines, position)

    def span(self, range_: types.Range) -> Span:
        """The span of a client's range in the file."""
        return self.units.span(self.document.lines, range_)

    def range(self, span: Span) -> types.Range:
        """The client's range of a span of the file."""
        return self.units.range(self.document.lines, span)

    def location(self, region: Region) -> types.Location:
        """The location of a region in any file of the project."""
        document, span = self.project.place(region)
        return types.Location(self.open_project.uri(document), self.units.range(document.lines, span))

    def region_range(self, region: Region) -> types.Range | None:
        """The client's range of a region; None if it is in another file."""
        span = self.document.span(region)
        return None if span is None else self.range(span)


@dataclass(frozen=True)
class Asked(Caching):
    """What a request is about; the kinds of it say what that is."""

    request: Request

    @property
    def project(self) -> Project:
        """The project of the file."""
        return self.request.project

    @property
    def images(self) -> Images:
        """The table of images in use."""
        return self.request.open_project.options.images


Answer = Callable[[Request, Any], Any]
"""A function from a file and the parameters of a request to the result of the request."""
