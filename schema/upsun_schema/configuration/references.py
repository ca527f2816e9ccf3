"""Where the names of a project are defined and used: those of containers, crons, relationships, mounts, endpoints.

Sources: docs, configure-apps/image-properties/relationships (how a relationship names its target) and mounts (what
`service` names), routes (upstreams), core-concepts/yaml/what-is-yaml (anchors belong to one file). Names inside
commands, such as `$DATABASE_HOST`, are not looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

from upsun_schema.configuration.model import (
    Application,
    Container,
    Mount,
    Relationship,
    Route,
    Service,
    Task,
    View,
    items,
)
from upsun_schema.configuration.project import Project
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import BROKEN, Alias, Mapping, Node, Piece, Region, Scalar
from upsun_schema.yaml.walking import walk

__all__ = ["Reference", "ReferenceKind", "of_same_thing", "references", "references_at"]


class ReferenceKind(Enum):
    """What a name is the name of."""

    SERVICE = "service"
    TASK = "task"
    APPLICATION = "application"
    WORKER = "worker"
    CRON = "cron"
    RELATIONSHIP = "relationship"
    MOUNT = "mount"
    ENDPOINT = "endpoint"
    ANCHOR = "anchor"


class Reference(NamedTuple):
    """One place where a name is used or defined.

    `scope` is what the name is unique in: the application of a worker, the service of an endpoint. A relationship or a
    mount is one thing in an application and all of its workers, for they run the same code. `region` is the name
    itself, without quotes where it can be told apart from them; `node` is what it is written in. `view` is the
    relationship or mount that is named, or the relationship whose own name is its target's name, too; `in_flow` tells
    whether that is in a map in braces.
    """

    kind: ReferenceKind
    scope: tuple[object, ...]
    name: str
    node: Node
    region: Region
    is_definition: bool = False
    view: View | None = None
    in_flow: bool = False

    @property
    def thing(self) -> tuple[ReferenceKind, tuple[object, ...], str]:
        """What tells the named thing from any other."""
        return self.kind, self.scope, self.name

    @property
    def is_implied(self) -> bool:
        """Whether this names a service or an application only because a relationship of that name leads to it."""
        return self.kind in (ReferenceKind.SERVICE, ReferenceKind.APPLICATION) and self.view is not None

    def holds(self, piece: Piece, offset: int) -> bool:
        """Whether a place in a piece is on the name, its quotes, slashes or sign included, or just behind it."""
        start, end = self.region.start, self.region.end
        if self.kind is ReferenceKind.ANCHOR:
            start -= 1
        elif self.kind is ReferenceKind.MOUNT or (self.node.start + 1 == start and self.node.end - 1 == end):
            start, end = self.node.start, self.node.end
        return piece is self.region.piece and start <= offset <= end


class _Use(NamedTuple):
    """A place where a service or an application is named; which of the two, only the whole project knows."""

    name: str
    node: Scalar
    region: Region
    prefers_application: bool = False
    only_if_known: bool = False
    endpoint: tuple[str, Scalar, Region] | None = None
    view: Relationship | None = None
    in_flow: bool = False


_Found = Reference | _Use
_Entry = Application | Service | Task | Route


def references(project: Project) -> list[Reference]:
    """Every place where a name is used or defined. A place that an alias reaches too may be there twice."""
    names = frozenset(project.services), frozenset(project.applications)
    found: list[Reference] = []
    for view in _entries(project):
        found += _remembered(view, *names)
    for document in project.all_documents:
        for _, piece in document.pieces:
            found += _anchors(piece)
    return found


def references_at(found: Iterable[Reference], piece: Piece, offset: int) -> list[Reference]:
    """Those of some references that are at a place, an offset (code points) in a piece."""
    return [one for one in found if one.region.piece is piece and one.holds(piece, offset)]


def of_same_thing(found: Iterable[Reference], some: Iterable[Reference]) -> list[Reference]:
    """Those of all references that name what some of them name, each once.

    One place can name two things, as in a block that two applications share by an alias; then all places of both are
    returned.
    """
    things = {reference.thing for reference in some}
    names = {name for _, _, name in things}
    candidates = [reference for reference in found if reference.name in names]
    while True:
        named = [reference for reference in candidates if reference.thing in things]
        places = {(reference.region, reference.kind) for reference in named}
        more = {reference.thing for reference in candidates if (reference.region, reference.kind) in places}
        if more <= things:
            # Of two of one place, what is defined there in one application may only be repeated in the other.
            named.sort(key=lambda one: one.is_definition)
            return list({(one.region, one.kind): one for one in named}.values())
        things |= more


def _entries(project: Project) -> Iterator[_Entry]:
    kinds = (("applications", Application.of), ("services", Service), ("tasks", Task), ("routes", Route))
    for section, view in kinds:
        for pair in project.section(section):
            if pair.name is not None and not pair.is_merge:
                yield view(pair.name, pair)


def _remembered(view: _Entry, services: frozenset[str], applications: frozenset[str]) -> list[Reference]:
    """What is named in an entry; looked up once while its text and the names in the project stay the same."""
    key = "references", type(view), view.pair.key.start

    def find() -> list[Reference]:
        return [
            reference
            for one in _in_entry(view)
            for reference in (_resolved(one, services, applications) if isinstance(one, _Use) else (one,))
        ]

    return remembered(view.pair.key.piece, key, (services, applications), find)


def _resolved(use: _Use, services: frozenset[str], applications: frozenset[str]) -> Iterator[Reference]:
    """Yield what a use names: the service or the application of that name, and the endpoint of the service."""
    is_service, is_application = use.name in services, use.name in applications
    if use.only_if_known and not is_service and not is_application:
        return
    is_application = is_application and (use.prefers_application or not is_service)
    kind = ReferenceKind.APPLICATION if is_application else ReferenceKind.SERVICE
    yield Reference(kind, (), use.name, use.node, use.region, view=use.view, in_flow=use.in_flow)
    if use.endpoint is not None and kind is ReferenceKind.SERVICE:
        name, node, region = use.endpoint
        yield Reference(ReferenceKind.ENDPOINT, (use.name,), name, node, region)


# -- applications, services, routes ----------------------------------------------------------------------------------


def _in_entry(view: _Entry) -> Iterator[_Found]:
    if isinstance(view, Application):
        return _in_application(view)
    if isinstance(view, Task):
        return _in_task(view)
    return _in_service(view) if isinstance(view, Service) else _in_route(view)


def _in_application(application: Application) -> Iterator[_Found]:
    scope = (application.name,)
    yield from _key(ReferenceKind.APPLICATION, (), application)
    for worker in application.workers.values():
        yield from _key(ReferenceKind.WORKER, scope, worker)
    for cron in application.crons.values():
        yield from _key(ReferenceKind.CRON, scope, cron)
    for container in (application, *application.instances):
        yield from _in_container(container, application)


def _in_service(service: Service) -> Iterator[_Found]:
    yield from _key(ReferenceKind.SERVICE, (), service)
    for name, pair in service.custom_endpoints.items():
        yield from _key(ReferenceKind.ENDPOINT, (service.name,), View(name, pair))
    yield from _in_container(service, service)


def _in_task(task: Task) -> Iterator[_Found]:
    yield from _key(ReferenceKind.TASK, (), task)
    yield from _in_container(task, task)


def _in_container(container: Container, top: Application | Service | Task) -> Iterator[_Found]:
    """Yield what a container names. What the application has, too, is defined there and only named again here."""
    scope = (type(top).__name__, top.name)
    for relationship in container.relationships.values():
        defined = container is top or relationship.name not in top.relationships
        in_flow = _is_flow(container.value("relationships"))
        yield from _key(ReferenceKind.RELATIONSHIP, scope, relationship, defined=defined, in_flow=in_flow)
        yield from _target(relationship, in_flow=in_flow)
    above = {mount.path for mount in top.mounts.values()}
    for mount in container.mounts.values():
        yield from _mount(mount, scope, defined=container is top or mount.path not in above)
    for item in items(container.value("authorizations")):
        yield from _authorized(item)


def _key(
    kind: ReferenceKind, scope: tuple[object, ...], view: View, *, defined: bool = True, in_flow: bool = False
) -> Iterator[Reference]:
    key = view.key.resolved
    if isinstance(key, Scalar) and view.name:
        named = view if kind is ReferenceKind.RELATIONSHIP else None
        yield Reference(kind, scope, view.name, key, _part(key, 0, len(view.name)), defined, named, in_flow)


def _mount(mount: Mount, scope: tuple[object, ...], *, defined: bool) -> Iterator[_Found]:
    key = mount.key.resolved
    if isinstance(key, Scalar) and mount.path:
        start = len(key.text) - len(key.text.lstrip("/"))
        region = _part(key, start, start + len(mount.path))
        yield Reference(ReferenceKind.MOUNT, scope, mount.path, key, region, defined, mount)
    node = mount.at("service")
    if isinstance(node, Scalar) and _is_text(node):
        yield _Use(node.text, node, _part(node, 0, len(node.text)), mount.source == "storage")


def _authorized(item: Node) -> Iterator[Reference]:
    """Yield the task that an authorization names."""
    node = item.value("resource") if isinstance(item, Mapping) else None
    if isinstance(node, Scalar) and _is_text(node):
        yield Reference(ReferenceKind.TASK, (), node.text, node, _part(node, 0, len(node.text)))


def _target(relationship: Relationship, *, in_flow: bool) -> Iterator[_Use]:
    node = relationship.node
    if isinstance(node, Mapping):
        named, endpoint = node.value("service"), _endpoint(node.value("endpoint"))
        if named is None:
            yield from _implied(relationship, in_flow=in_flow, endpoint=endpoint)
        elif isinstance(named, Scalar) and _is_text(named):
            yield _Use(named.text, named, _part(named, 0, len(named.text)), endpoint=endpoint)
    elif isinstance(node, Scalar) and node.tag != BROKEN:
        if node.is_null:
            yield from _implied(relationship, in_flow=in_flow)
        elif node.text:
            yield from _compound(node, only_if_known=relationship.target is None)


def _implied(
    relationship: Relationship, *, in_flow: bool, endpoint: tuple[str, Scalar, Region] | None = None
) -> Iterator[_Use]:
    key = relationship.key.resolved
    if isinstance(key, Scalar) and key.text:
        region = _part(key, 0, len(key.text))
        yield _Use(key.text, key, region, endpoint=endpoint, view=relationship, in_flow=in_flow)


def _compound(node: Scalar, *, prefers_application: bool = False, only_if_known: bool = False) -> Iterator[_Use]:
    """Yield what `name:endpoint` names."""
    name, colon, endpoint = node.text.partition(":")
    found = None
    if colon and endpoint:
        found = (endpoint, node, _part(node, len(name) + 1, len(node.text)))
    if name:
        yield _Use(name, node, _part(node, 0, len(name)), prefers_application, only_if_known, found)


def _endpoint(node: Node | None) -> tuple[str, Scalar, Region] | None:
    if not isinstance(node, Scalar) or not _is_text(node):
        return None
    return node.text, node, _part(node, 0, len(node.text))


def _in_route(route: Route) -> Iterator[_Use]:
    if route.upstream is not None and route.upstream.tag != BROKEN:
        yield from _compound(route.upstream, prefers_application=True)


def _is_text(node: Scalar) -> bool:
    return node.tag != BROKEN and not node.is_null and bool(node.text)


def _is_flow(node: Node | None) -> bool:
    return isinstance(node, Mapping) and node.flow


def _part(scalar: Scalar, start: int, end: int) -> Region:
    """Where a stretch of a scalar's text is written; the whole scalar where escapes or folds hide it."""
    lead = 1 if scalar.style in ("'", '"') else 0
    if scalar.style in ("|", ">") or scalar.source[lead : len(scalar.source) - lead] != scalar.text:
        return scalar.region
    return Region(scalar.piece, scalar.start + lead + start, scalar.start + lead + end)


# -- anchors ---------------------------------------------------------------------------------------------------------


def _anchors(piece: Piece) -> list[Reference]:
    """The anchors and aliases of a piece, in which no other piece can refer to them."""
    if "&" not in piece.text and "*" not in piece.text:
        return []
    return remembered(piece, "anchors", None, lambda: list(_find_anchors(piece)))


def _find_anchors(piece: Piece) -> Iterator[Reference]:
    for node in walk(piece.root):
        if node.anchor is not None:
            start = piece.text.find(f"&{node.anchor}", node.outer)
            if start >= 0:
                region = Region(piece, start + 1, start + 1 + len(node.anchor))
                yield Reference(
                    ReferenceKind.ANCHOR, (piece, node.outer), node.anchor, node, region, is_definition=True
                )
        if isinstance(node, Alias):
            target = node.target
            scope = (piece, -1) if target is None else (target.piece, target.outer)
            yield Reference(ReferenceKind.ANCHOR, scope, node.name, node, Region(piece, node.start + 1, node.end))
