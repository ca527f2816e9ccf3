"""A project before and after a change: what stayed, what is gone, and what has another name now.

The platform knows things by their names, so a thing with another name is another one to it. What was renamed can only
be guessed, by how alike two things are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingType
from typing import Generic, NamedTuple, TypeVar

from upsun_schema.cached import Caching, cached_property
from upsun_schema.configuration.model import (
    Application,
    Container,
    Mount,
    Relationship,
    Route,
    Service,
    View,
    Worker,
)
from upsun_schema.configuration.project import Project
from upsun_schema.yaml.nodes import Include, Mapping, Node, Pair, Region, Scalar, Sequence, is_same

__all__ = ["Change", "Matched", "is_unchanged", "text_of"]

_ViewOf = TypeVar("_ViewOf", bound=View)

_ALIKE = 0.5
"""How alike two things are, from 0 to 1, so that one may be the other under a new name."""


class Matched(NamedTuple, Generic[_ViewOf]):
    """The entries of a block before and after: the same ones, the renamed ones, those that are gone or new."""

    same: list[tuple[_ViewOf, _ViewOf]]
    renamed: list[tuple[_ViewOf, _ViewOf]]
    removed: list[_ViewOf]
    added: list[_ViewOf]


class Change(Caching):
    """A project before and after.

    A project that could not be read whole looks as if something were gone; `is_readable` says whether both could be.
    """

    def __init__(self, before: Project, after: Project) -> None:
        self.before = before
        self.after = after

    @cached_property
    def is_readable(self) -> bool:
        """Whether both projects could be read whole."""
        return all(map(_is_readable, (self.before, self.after)))

    # -- what became of things ---------------------------------------------------------------------------------------

    @cached_property
    def services(self) -> Matched[Service]:
        """What became of the services."""
        return _matched(self.before.services, self.after.services, self._services_alike)

    @cached_property
    def applications(self) -> Matched[Application]:
        """What became of the applications."""
        return _matched(self.before.applications, self.after.applications, _applications_alike)

    @cached_property
    def routes(self) -> Matched[Route]:
        """What became of the routes."""
        return _matched(self.before.routes, self.after.routes, _routes_alike)

    def workers(self, before: Application, after: Application) -> Matched[Worker]:
        """What became of the workers of an application."""
        return _matched(before.workers, after.workers, _workers_alike)

    def mounts(self, before: Container, after: Container) -> Matched[Mount]:
        """What became of the mounts of a container, by their paths without slashes at the ends."""
        old, new = ({one.path: one for one in container.mounts.values()} for container in (before, after))
        return _matched(old, new, _mounts_alike)

    def relationships(self, before: Container, after: Container) -> Matched[Relationship]:
        """What became of the relationships of a container."""
        return _matched(before.relationships, after.relationships, self._relationships_alike)

    def containers(self) -> Iterator[tuple[Container, Container]]:
        """Yield each application, web process and worker that is there before and after, by whatever name."""
        for old, new in (*self.applications.same, *self.applications.renamed):
            yield old, new
            if old.web is not None and new.web is not None:
                yield old.web, new.web
            workers = self.workers(old, new)
            yield from (*workers.same, *workers.renamed)

    # -- names -------------------------------------------------------------------------------------------------------

    @cached_property
    def new_names(self) -> dict[str, str]:
        """The new names of services and applications that were renamed."""
        pairs = [*self.services.renamed, *self.applications.renamed]
        return {old.name: new.name for old, new in pairs}

    def leads_to_same(self, before: str | None, after: str | None) -> bool:
        """Whether two names of services or applications, before and after, are those of one thing."""
        return before == after or (before is not None and self.new_names.get(before) == after)

    # -- places ------------------------------------------------------------------------------------------------------

    def block(self, section: str, path: str | None) -> Region:
        """Where a section begins now: in the file at a path, if it has one."""
        found = [
            (document.path, pair)
            for document in self.after.documents.values()
            for pair in _pairs(document.root)
            if pair.name == section
        ]
        for where, pair in found:
            if where == path:
                return pair.key.region
        return found[0][1].key.region if found else self._top

    @property
    def _top(self) -> Region:
        for document in self.after.documents.values():
            for pair in _pairs(document.root):
                return pair.key.region
        document = next(iter(self.after.documents.values()))
        return Region(document.whole, 0, 0)

    def path_before(self, view: View) -> str:
        """The file that had an entry."""
        return self.before.place(view.key.region).document.path

    # -- likeness ----------------------------------------------------------------------------------------------------

    def _services_alike(self, before: Service, after: Service) -> float:
        if before.image is None or before.image != after.image:
            return 0.0
        return 0.6 + 0.2 * is_same(before.node, after.node) + 0.2 * self._is_asked_for_alike(before.name, after.name)

    def _is_asked_for_alike(self, before: str, after: str) -> bool:
        """Whether a relationship or a mount of one container led to the one, and leads to the other now."""
        for name, application in self.before.applications.items():
            now = self.after.applications.get(name)
            if now is None:
                continue
            relationships = [(one.target, now.relationships.get(key)) for key, one in application.relationships.items()]
            mounts = [(one.service, now.mounts.get(key)) for key, one in application.mounts.items()]
            if any(old == before and new is not None and new.target == after for old, new in relationships):
                return True
            if any(old == before and new is not None and new.service == after for old, new in mounts):
                return True
        return False

    def _relationships_alike(self, before: Relationship, after: Relationship) -> float:
        is_one = self.leads_to_same(before.target, after.target) and before.endpoint == after.endpoint
        return 0.6 + 0.3 * _names_alike(before.name, after.name) if is_one else 0.0


# -- matching ----------------------------------------------------------------------------------------------------------


def _matched(
    before: MappingType[str, _ViewOf], after: MappingType[str, _ViewOf], alike: Callable[[_ViewOf, _ViewOf], float]
) -> Matched[_ViewOf]:
    """Match by name first; then, of what is left, the two most alike, again and again."""
    same = [(old, after[name]) for name, old in before.items() if name in after]
    removed = [old for name, old in before.items() if name not in after]
    added = [new for name, new in after.items() if name not in before]
    scores = [(alike(old, new), row, column) for row, old in enumerate(removed) for column, new in enumerate(added)]
    renamed: dict[int, int] = {}
    for score, row, column in sorted(scores, key=lambda one: (-one[0], one[1], one[2])):
        if score >= _ALIKE and row not in renamed and column not in renamed.values():
            renamed[row] = column
    return Matched(
        same,
        [(removed[row], added[column]) for row, column in renamed.items()],
        [one for row, one in enumerate(removed) if row not in renamed],
        [one for column, one in enumerate(added) if column not in renamed.values()],
    )


def _names_alike(one: str, other: str) -> float:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, one, other).ratio()


def _share_of_same(before: View, after: View) -> float:
    """How many of the properties of two things are the same, from 0 to 1."""
    names = before.entries.keys() | after.entries.keys()
    pairs = [(before.entries.get(name), after.entries.get(name)) for name in names]
    same = sum(one is not None and other is not None and is_unchanged(one.value, other.value) for one, other in pairs)
    return same / len(names) if names else 0.0


def _applications_alike(before: Application, after: Application) -> float:
    images = [one.type.text.partition(":")[0] if one.type is not None else None for one in (before, after)]
    roots = [(one.text("source", "root") or "").strip("/") for one in (before, after)]
    if images[0] != images[1]:
        return 0.0
    return 0.3 + 0.2 * (roots[0] == roots[1]) + 0.5 * _share_of_same(before, after)


def _workers_alike(before: Worker, after: Worker) -> float:
    if before.start is not None and after.start is not None and is_unchanged(before.start, after.start):
        return 0.6 + 0.4 * _share_of_same(before, after)
    return 0.4 * _names_alike(before.name, after.name) + 0.4 * _share_of_same(before, after)


def _mounts_alike(before: Mount, after: Mount) -> float:
    if before.source != after.source or before.service != after.service:
        return 0.0
    if before.source_path == after.source_path:
        return 1.0
    is_by_name = before.at("source_path") is None and after.at("source_path") is None
    return 0.3 * is_by_name + 0.6 * _names_alike(before.path, after.path)


def _routes_alike(before: Route, after: Route) -> float:
    is_one = is_unchanged(before.node, after.node)
    return 0.5 + 0.4 * _names_alike(before.name, after.name) if is_one else 0.0


# -- values ------------------------------------------------------------------------------------------------------------


def is_unchanged(before: Node | None, after: Node | None) -> bool:
    """Whether two values are the same to the platform, the texts of included files as well."""
    if before is None or after is None:
        return before is after
    if not is_same(before, after):
        return False
    return _included_texts(before) == _included_texts(after)


def _included_texts(node: Node, depth: int = 0) -> list[str]:
    """The texts that a value includes, in order."""
    if isinstance(node, Include) and node.target is not None and isinstance(node.resolved, Scalar):
        return [node.resolved.text]
    node = node.resolved
    if depth > 20:
        return []
    if isinstance(node, Mapping):
        return [text for pair in node.pairs for text in _included_texts(pair.value, depth + 1)]
    if isinstance(node, Sequence):
        return [text for item in node.items for text in _included_texts(item, depth + 1)]
    return []


def text_of(node: Node | None) -> str:
    """A value in a few words: its text, or its keys."""
    node = None if node is None else node.resolved
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Mapping):
        return ", ".join(node.entries)
    return f"{len(node.items)} items" if isinstance(node, Sequence) else ""


def _pairs(node: Node | None) -> list[Pair]:
    return node.pairs if isinstance(node, Mapping) else []


def _is_readable(project: Project) -> bool:
    if project.problems or any(document.is_broken for document in project.all_documents):
        return False
    sections = ("applications", "services", "routes", "tasks")
    views: tuple[View, ...] = (*project.applications.values(), *project.services.values(), *project.routes.values())
    return all(map(project.knows_every, sections)) and all(map(_is_whole, views))


def _is_whole(view: View) -> bool:
    """Whether all that an entry, or a worker in it, has can be seen."""
    maps = [view.body]
    if isinstance(view, Application):
        maps += [one.body for one in view.instances]
    return not any(one is not None and one.merges_unknown for one in maps)
