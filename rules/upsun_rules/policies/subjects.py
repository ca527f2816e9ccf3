"""The parts of a project that a policy can be about, each as data and with the place of every value in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from upsun_schema.configuration.inheritance import INHERITED, SHARED
from upsun_schema.configuration.model import Application, Container, Instance, Task, View
from upsun_schema.configuration.project import Project
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.data import Data, whole_data_of
from upsun_schema.yaml.nodes import BROKEN, Alias, Include, Node, Pair, Sequence
from upsun_schema.yaml.nodes import Mapping as MappingNode

__all__ = ["Found", "PolicySubject", "in_entry", "whole_project"]

_DEFAULTS: Mapping[str, Data] = MappingProxyType(
    {
        "relationships": {},
        "mounts": {},
        "variables": {},
        "access": {"ssh": "contributor"},
        "additional_hosts": {},
    }
)
"""What the platform takes for a property that neither an instance nor its application sets."""


class Found(NamedTuple):
    """A value of a subject: `key` is what names it, `value` is None where it is a default of the platform.

    `is_inherited` says that it is written in the application.
    """

    key: Node
    value: Node | None
    is_inherited: bool = False

    @property
    def is_readable(self) -> bool:
        """Whether its value is known: it is written, and not still being typed."""
        if self.value is None:
            return True
        node = self.value.resolved
        return not isinstance(node, Alias | Include) and node.tag != BROKEN

    @property
    def may_lack(self) -> bool:
        """Whether a key that is not in it is really missing: everything in it could be read."""
        node = None if self.value is None else self.value.resolved
        return not (isinstance(node, MappingNode) and (node.merges_unknown or node.piece.is_broken))


class PolicySubject(NamedTuple):
    """A part of a project: its kind and name in words, what names it, and its values by their keys.

    For a part that is written in one place, `whole` is its value, and there are no `parts`.
    """

    words: str
    key: Node
    whole: Node | None
    parts: Mapping[str, Found]

    @property
    def data(self) -> Data:
        """The part as data. TooLarge if that is endless."""
        if self.whole is not None:
            return whole_data_of(self.whole)
        return {name: _data(name, part) for name, part in self.parts.items()}

    def find(self, path: Iterable[str | int]) -> Found:
        """What is at a path of keys and indexes; the last that is written on the way there."""
        steps = iter(path)
        found = Found(self.key, self.whole)
        if self.whole is None:
            first = next(steps, None)
            found = found if first is None else self.parts.get(str(first), found)
        for step in steps:
            node = None if found.value is None else found.value.resolved
            if isinstance(node, MappingNode) and (pair := node.get(str(step))) is not None:
                found = Found(pair.key, pair.value, found.is_inherited)
            elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
                found = Found(node.items[step], node.items[step], found.is_inherited)
            else:
                break
        return found


def _data(name: str, part: Found) -> Data:
    if part.value is None:
        return _DEFAULTS[name]
    value = whole_data_of(part.value)
    # Of the hooks of an application, only the build hook matters to its workers.
    return {"build": value["build"]} if name == "hooks" and isinstance(value, dict) and "build" in value else value


def in_entry(entry: View, kind: str) -> Iterator[PolicySubject]:
    """Yield the subjects of a kind in an application, a service, a task or a route."""
    if isinstance(entry, Application):
        yield from _in_application(entry, kind)
    elif kind == "mount" and isinstance(entry, Task):
        yield from _mounts(entry)
    elif kind == type(entry).__name__.lower() and not isinstance(entry, Task):
        yield _written(kind, entry)


def _in_application(application: Application, kind: str) -> Iterator[PolicySubject]:
    if kind == "application":
        yield _written(kind, application)
    elif kind == "web" and application.web is not None:
        yield _effective(f"the web process of `{application.name}`", application.web)
    elif kind == "worker":
        for worker in application.workers.values():
            yield _effective(f"worker `{worker.name}`", worker)
    elif kind == "cron":
        for cron in application.crons.values():
            yield _written(kind, cron)
    elif kind == "mount":
        for container in (application, *application.instances):
            yield from _mounts(container)


def _mounts(container: Container) -> Iterator[PolicySubject]:
    for mount in container.mounts.values():
        yield _written("mount", mount)


def _written(kind: str, view: View) -> PolicySubject:
    return PolicySubject(f"{kind} `{view.name}`", view.key, view.pair.value, {})


def _effective(words: str, instance: Instance) -> PolicySubject:
    """An instance as it is in the end."""
    application = instance.application
    parts = {
        name: Found(pair.key, pair.value, is_inherited=True)
        for name in SHARED
        if (pair := application.entry(name)) is not None
    }
    for name in INHERITED:
        pair = instance.effective.of(name).pair
        if pair is not None:
            parts[name] = Found(pair.key, pair.value, is_inherited=instance.entry(name) is None)
        elif name in _DEFAULTS:
            parts[name] = Found(instance.key, None)
    parts |= {name: Found(pair.key, pair.value) for name, pair in instance.entries.items()}
    return PolicySubject(words, instance.key, None, parts)


def whole_project(project: Project) -> PolicySubject | None:
    """The project as it is merged from its files; None if there is nothing in it."""
    sections: dict[str, list[Pair]] = {}
    for document in project.documents.values():
        for name, pair in document.root.entries.items() if isinstance(document.root, MappingNode) else ():
            if not name.startswith("."):
                sections.setdefault(name, []).append(pair)
    if not sections:
        return None
    parts = {name: Found(pairs[0].key, _merged(pairs)) for name, pairs in sections.items()}
    return PolicySubject("the project", next(iter(sections.values()))[0].key, None, parts)


def _merged(pairs: list[Pair]) -> Node:
    """The value of a top-level key that several files may have."""
    values = [pair.value.resolved for pair in pairs]
    maps = [value for value in values if isinstance(value, MappingNode)]
    if len(values) == 1 or len(maps) != len(values):
        return pairs[0].value
    first = maps[0]
    together = [pair for one in maps for pair in one.effective_pairs]
    return MappingNode(first.piece, first.outer, first.start, first.end, first.tag, None, pairs=together)
