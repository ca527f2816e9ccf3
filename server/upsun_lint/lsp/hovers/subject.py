"""What is under the cursor: its container, the keys that lead to it, and links to other places."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from upsun_lint.lsp.session.cursor import Cursor, cursor_at, included_at
from upsun_lint.lsp.session.markup import code, link
from upsun_lint.lsp.session.requests import Asked, Request
from upsun_lint.lsp.session.shared_blocks import Path, used_paths
from upsun_schema.cached import cached_property
from upsun_schema.configuration.endpoints import configuration_of
from upsun_schema.configuration.model import Application, Container, Service, Web, Worker
from upsun_schema.configuration.project import Project
from upsun_schema.keys.shape import DOCS_BASE, Shape, root_shape
from upsun_schema.yaml.nodes import Include, Node, Region, Sequence

__all__ = ["Subject", "docs_link", "subjects_at"]


@dataclass(frozen=True)
class Subject(Asked):
    """A place in a file and what it means.

    `keys` lead to it from the top of the configuration, in an included file or a shared block, too; positions in lists
    are numbers as text. `container` is the innermost application, web process, worker or service around it, `below`
    are the keys from there. `depth` is the number of steps of the cursor's path that `keys` do not end with.
    """

    cursor: Cursor
    keys: tuple[str, ...]
    container: Container | None
    depth: int = 0

    @property
    def below(self) -> tuple[str, ...]:
        """The keys that lead to the place from its container."""
        return self.keys if self.container is None else self.keys[len(self.container.path) :]

    @cached_property
    def shape(self) -> Shape | None:
        """The schema of the place; None if the schema does not know it."""
        return self._shapes[-1]

    @property
    def around(self) -> Shape | None:
        """The schema of the map around the place."""
        return self._shapes[-2] if len(self._shapes) > 1 else None

    @property
    def docs(self) -> str:
        """The path of the documentation page of the place, or of the nearest parent that has one."""
        return next((shape.docs for shape in reversed(self._shapes) if shape is not None and shape.docs), "")

    @property
    def is_required(self) -> bool:
        """Whether the map around the place requires it."""
        return self.around is not None and self.keys[-1] in self.around.required

    @cached_property
    def _shapes(self) -> list[Shape | None]:
        """The shapes from the root to the place, with the alternative chosen that the file uses."""
        shapes: list[Shape | None] = [root_shape()]
        own = len(self.cursor.path) - self.depth
        for name in self.keys[: len(self.keys) - own]:
            shapes.append(self._known(_below(shapes[-1], name, None), len(shapes)))
        node = self.request.document.root
        pairs = iter(self.cursor.pairs)
        for index, step in enumerate(self.cursor.path):
            if index >= self.depth:
                above, shapes[-1] = shapes[-1], _meant(shapes[-1], node)
                if isinstance(node, Include) or above is None:
                    return [*shapes, None]
                shapes.append(self._known(_below(shapes[-1], step, node), len(shapes)))
            if isinstance(step, str):
                node = next(pairs).value
            elif isinstance(node, Sequence):
                node = node.items[step]
        return shapes

    def _known(self, shape: Shape | None, depth: int) -> Shape | None:
        """The shape at a depth of the keys; the `configuration` of a service depends on its type."""
        if depth != 3 or self.keys[0] != "services" or self.keys[2] != "configuration":
            return shape
        if len(self.keys) == 3 or not isinstance(self.container, Service):
            return shape
        return configuration_of(self.container, self.images) or shape

    @property
    def used_at(self) -> str:
        """What the place belongs to, as a link: "worker `queue` of `app`"."""
        match self.container:
            case Worker() | Web() as instance:
                kind = "worker" if isinstance(instance, Worker) else "the web container"
                name = f" {code(instance.name)}" if isinstance(instance, Worker) else ""
                place = self.linked(f"{kind}{name}", instance.key.region)
                return f"{place} of {code(instance.application.name)}"
            case Application() | Service() as container:
                kind = "application" if isinstance(container, Application) else "service"
                return self.linked(f"{kind} {code(container.name)}", container.key.region)
            case _:
                return code(" › ".join(self.keys[:2]))

    # -- links ---------------------------------------------------------------------------------------------------

    def url(self, region: Region) -> str:
        """A URL that opens a file of the project at a line."""
        document, span = self.project.place(region)
        return f"{self.request.open_project.uri(document)}#L{document.lines.position(span.start).line + 1}"

    def linked(self, text: str, region: Region) -> str:
        """Markdown as a link to a place of the project."""
        return link(text, self.url(region))

    def place(self, region: Region) -> str:
        """A link to a place of the project: `line 12`, with the name of the file if it is another one."""
        document, span = self.project.place(region)
        line = document.lines.position(span.start).line + 1
        here = document is self.request.document
        return self.linked(f"line {line}" if here else code(f"{document.path}:{line}"), region)


def docs_link(path: str, text: str = "Documentation") -> str:
    """A link to a page of the platform's documentation; empty without a path."""
    return link(text, DOCS_BASE + path) if path else ""


def subjects_at(request: Request, offset: int) -> list[Subject]:
    """What is at an offset (code points) of a file: several things in a block that is shared by an anchor."""
    cursor = cursor_at(request.document, offset)
    base = included_at(request.project, request.document)
    path = tuple(cursor.path)
    used = used_paths(request.document, path, base, on_key=cursor.on_key) or [(*base, *path)]
    return [_subject(request, cursor, base, keys) for keys in used]


def _subject(request: Request, cursor: Cursor, base: tuple[str, ...], path: Path) -> Subject:
    keys = tuple(map(str, path))
    if keys == (*base, *cursor.keys):
        return Subject(request, cursor, keys, _container(request.project, keys, cursor if not base else None))
    pairs = zip(reversed(keys), reversed(cursor.keys), strict=False)
    own = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return Subject(request, cursor, keys, _container(request.project, keys, None), len(cursor.path) - own)


def _container(project: Project, keys: tuple[str, ...], cursor: Cursor | None) -> Container | None:
    """The innermost container that keys lead into; of two with the same name, the one around the cursor."""
    if len(keys) < 2 or keys[0] not in ("applications", "services"):
        return None
    name, below = keys[1], keys[2:]
    if keys[0] == "services":
        return project.services.get(name)
    application = project.applications.get(name)
    if application is not None and cursor is not None and cursor.pairs[1] is not application.pair:
        application = Application.of(name, cursor.pairs[1])
    if application is not None and below[:1] == ("web",):
        return application.web
    if application is not None and below[:1] == ("workers",) and len(below) > 1:
        return application.workers.get(below[1])
    return application


def _meant(shape: Shape | None, node: Node | None) -> Shape | None:
    return shape.meant(node) if shape is not None and node is not None else shape


def _below(shape: Shape | None, step: str | int, node: Node | None) -> Shape | None:
    if shape is None:
        return None
    return shape.items if isinstance(step, int) else shape.property(step)
