"""The place someone types at in the project: its container, and what the schema allows there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from upsun_lint.lsp.completions.place import CompletionKind, CompletionPlace
from upsun_lint.lsp.session.requests import Asked
from upsun_schema.cached import cached_property
from upsun_schema.configuration.endpoints import configuration_of
from upsun_schema.configuration.model import Application, Container, Instance, Service
from upsun_schema.keys.shape import Shape, root_shape
from upsun_schema.yaml.nodes import Mapping, Node

__all__ = ["Context", "alternatives"]


@dataclass(frozen=True)
class Context(Asked):
    """A place and its path.

    `path` leads to the place from the root of the configuration, even in an included file. `section` is the kind of
    thing around it ('application', 'web', 'worker', 'service', 'route' or ''), and `below` the keys from there.
    """

    place: CompletionPlace
    path: tuple[str | int, ...]

    @cached_property
    def _split(self) -> tuple[str, int]:
        path = self.path
        if len(path) > 1 and path[0] == "applications":
            if path[2:3] == ("web",):
                return "web", 3
            return ("worker", 4) if path[2:3] == ("workers",) and len(path) > 3 else ("application", 2)
        if len(path) > 1 and path[0] in ("services", "routes"):
            return ("service" if path[0] == "services" else "route"), 2
        return "", 0

    @property
    def section(self) -> str:
        """The kind of thing around the place."""
        return self._split[0]

    @property
    def below(self) -> tuple[str | int, ...]:
        """The keys that lead to the place from the thing around it."""
        return self.path[self._split[1] :]

    @property
    def application(self) -> Application | None:
        """The application around the place, if it can be read."""
        is_within = self.section in ("application", "web", "worker")
        return self.project.applications.get(str(self.path[1])) if is_within else None

    @property
    def container(self) -> Container | None:
        """The application, web process, worker or service around the place, if it can be read."""
        application = self.application
        if self.section == "service":
            return self.project.services.get(str(self.path[1]))
        if application is None or self.section == "application":
            return application
        return application.web if self.section == "web" else application.workers.get(str(self.path[3]))

    @property
    def instance(self) -> Instance | None:
        """The web process or worker around the place, if it can be read."""
        container = self.container
        return container if isinstance(container, Instance) else None

    @property
    def owner(self) -> str:
        """The thing around the place in words: "worker queue of app"."""
        names = [str(step) for step in self.path[: self._split[1]]]
        match self.section:
            case "worker":
                return f"worker {names[3]} of {names[1]}"
            case "web":
                return f"the web container of {names[1]}"
            case "":
                return str(self.path[0]) if self.path else "the file"
        return f"{self.section} {names[1]}"

    # -- what is there already -----------------------------------------------------------------------------------

    @cached_property
    def held(self) -> frozenset[str]:
        """The keys that the map already has, including merged ones."""
        node = _node_at(self.request.document.root, self.place.path)
        merged = node.entries.keys() - {pair.name for pair in node.pairs} if isinstance(node, Mapping) else set()
        return frozenset(self.place.held) | merged

    # -- what the schema allows ----------------------------------------------------------------------------------

    @cached_property
    def shapes(self) -> list[Shape]:
        """The shapes possible for the value at the path, given what is already beside or in it."""
        if self.place.kind is CompletionKind.KEY:
            return _left_open(self._shapes_at(self.path), self.place.held)
        above = _left_open(self._shapes_at(self.path[:-1]), self.place.held)
        return self._known(_below(above, self.path[-1]), self.path) if self.path else alternatives([root_shape()])

    def _shapes_at(self, path: tuple[str | int, ...]) -> list[Shape]:
        shapes = alternatives([root_shape()])
        for index, step in enumerate(path):
            shapes = self._known(_below(shapes, step), path[: index + 1])
        return shapes

    def _known(self, shapes: list[Shape], path: tuple[str | int, ...]) -> list[Shape]:
        """The shapes at a path; those of a service's `configuration` depend on its type."""
        is_configuration = len(path) == 3 and path[0] == "services" and path[2] == "configuration"
        return self._configuration or shapes if is_configuration else shapes

    @property
    def _configuration(self) -> list[Shape]:
        """The shapes of the configuration of the service around the place, as far as they are known."""
        service = self.container
        shape = configuration_of(service, self.images) if isinstance(service, Service) else None
        return [] if shape is None else alternatives([shape])

    @cached_property
    def merged_shapes(self) -> list[Shape]:
        """The shapes possible for the map around a merge key, if the place is the value of one."""
        path = self.path
        while path and path[-1] != "<<":
            path = path[:-1]
        return self._shapes_at(path[:-1])

    @property
    def described(self) -> Shape | None:
        """The shape that describes the value, with its alternatives not yet split."""
        above = _left_open(self._shapes_at(self.path[:-1]), self.place.held)
        name = self.path[-1] if self.path else ""
        return next((found for shape in above if isinstance(name, str) and (found := shape.property(name))), None)


def _node_at(node: Node | None, path: tuple[str | int, ...]) -> Node | None:
    for name in path:
        node = node.value(name) if isinstance(node, Mapping) and isinstance(name, str) else None
    return None if node is None else node.resolved


def alternatives(shapes: Iterable[Shape]) -> list[Shape]:
    """Shapes, with each that has alternatives replaced by them."""
    found: list[Shape] = []
    for shape in shapes:
        found.extend(alternatives(shape.branches) if shape.branches else [shape])
    return list(dict.fromkeys(found))


def _below(shapes: list[Shape], step: str | int) -> list[Shape]:
    inner = (shape.items if isinstance(step, int) else shape.property(step) for shape in shapes)
    return alternatives(shape for shape in inner if shape is not None)


def _left_open(shapes: list[Shape], held: dict[str, str]) -> list[Shape]:
    """The alternatives that fit the keys of a map: those selected by a fixed value, or those that have all keys."""
    maps = [shape for shape in shapes if "object" in shape.types]
    if len(maps) < 2 or not held:
        return shapes
    named = [
        shape for shape in maps if any(held.get(name) == allowed for name, allowed in _fixed(shape) if name in held)
    ]
    fitting = named or [shape for shape in maps if all(shape.property(name) is not None for name in held)]
    return [shape for shape in shapes if shape not in maps or shape in fitting]


def _fixed(shape: Shape) -> list[tuple[str, object]]:
    """The properties with a single possible value, and that value."""
    return [(name, inner.values[0]) for name, inner in shape.properties.items() if len(inner.values) == 1]
