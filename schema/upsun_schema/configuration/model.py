"""Typed, read-only views of a configuration: applications, workers, crons, mounts, relationships and the rest.

A view knows its node. A malformed part gives an absent value, never an exception.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from functools import lru_cache
from posixpath import normpath

from upsun_schema.cached import Caching, cached_property
from upsun_schema.configuration.inheritance import INHERITED, Effective, effective
from upsun_schema.expression import expression
from upsun_schema.keys.shape import Shape, shape_at
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import BROKEN, Mapping, Node, Pair, Region, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar


__all__ = [
    "RELATIONSHIP_FORM",
    "Application",
    "Container",
    "Cron",
    "EffectiveInstance",
    "Instance",
    "Mount",
    "Relationship",
    "Route",
    "Service",
    "Task",
    "Variable",
    "View",
    "Web",
    "Worker",
    "items",
    "variable_prefix",
]


RELATIONSHIP_FORM = expression(r"[^:\s]+:[^:\s]+")
"""`service:endpoint`."""


def _text(node: Node | None) -> str | None:
    """A scalar's text; None for anything else, for null, and for what could not be read."""
    return node.text if isinstance(node, Scalar) and not node.is_null and node.tag != BROKEN else None


def _readable(node: Node | None) -> Scalar | None:
    """A scalar that has a value and could be read; None for anything else."""
    return node if isinstance(node, Scalar) and _text(node) is not None else None


class View(Caching):
    """A named part of a configuration: `pair` is its key and value as written."""

    def __init__(self, name: str, pair: Pair) -> None:
        self.name = name
        self.pair = pair
        self.key = pair.key
        """The key that names it."""
        self.node = pair.value.resolved
        """Its value, aliases and includes followed."""
        self.body = self.node if isinstance(self.node, Mapping) else None
        """Its value where that is a mapping, as it should be."""
        self.entries: dict[str, Pair] = {} if self.body is None else self.body.entries
        """Its properties by name; none where it is not a mapping."""

    @cached_property
    def keys(self) -> frozenset[str]:
        """The names of its properties."""
        return frozenset(self.entries)

    @cached_property
    def memory(self) -> dict[Hashable, Any]:
        """What was found out about it, and about nothing else. A key belongs to one caller.

        It is the quick one of two: `remembered` keeps more, but two dozen rules ask for the same things.
        """
        return {}

    @property
    def written(self) -> str:
        """The text of its key and its value."""
        return self.pair.region.text

    def entry(self, name: str) -> Pair | None:
        """The key and value of one of its properties; None where it is not set."""
        return self.entries.get(name)

    def value(self, name: str) -> Node | None:
        """The resolved value of one of its properties; None where it is not set."""
        pair = self.entries.get(name)
        return None if pair is None else pair.value.resolved

    def text(self, *path: str) -> str | None:
        """The text at a path of keys below it; None where it is missing."""
        return _text(self.at(*path))

    def at(self, *path: str) -> Node | None:
        """The resolved node at a path of keys below it; None where it is missing."""
        node: Node | None = self.node
        for name in path:
            if not isinstance(node, Mapping):
                return None
            node = node.value(name)
        return node

    def children(self, name: str) -> dict[str, Pair]:
        """The entries of one of its properties that is a map."""
        node = self.value(name)
        return node.entries if isinstance(node, Mapping) else {}

    def named(self, name: str) -> dict[str, Pair]:
        """The children of one of its properties, without keys that start with a dot: those hold anchors."""
        return {key: pair for key, pair in self.children(name).items() if not key.startswith(".")}


class Relationship(View):
    """What a container calls a service or an application it connects to.

    Forms: nothing (the service of the same name), `service:endpoint`, and `{service: …, endpoint: …}`, either of which
    may be left out (docs: configure-apps/image-properties/relationships). `target` is the name of the service or
    application it leads to, None where it is malformed; `endpoint` is the one it names, None where it leaves the choice
    to the platform.
    """

    def __init__(self, name: str, pair: Pair) -> None:
        super().__init__(name, pair)
        self.target, self.endpoint, self._place = self._read()

    def _read(self) -> tuple[str | None, str | None, Node]:
        """The name of the service or application it leads to, the endpoint it names, and where the first is."""
        node = self.node
        if isinstance(node, Mapping):
            service = node.value("service")
            endpoint = node.value("endpoint")
            return (_text(service) if service is not None else self.name), _text(endpoint), service or self.key
        if isinstance(node, Scalar):
            if node.is_null:
                return self.name, None, self.key
            service_name, colon, endpoint_name = node.text.partition(":")
            if colon and service_name and endpoint_name and ":" not in endpoint_name:
                return service_name, endpoint_name, node
        return None, None, self.pair.value

    @property
    def is_readable(self) -> bool:
        """Whether it has one of these forms, and no part that is still being typed."""
        node = self.node
        if isinstance(node, Scalar):
            return node.is_null or (node.tag != BROKEN and RELATIONSHIP_FORM.fullmatch(node.text) is not None)
        parts = (self.value("service"), self.value("endpoint"))
        return not any(isinstance(part, Scalar) and part.tag == BROKEN for part in parts)

    @property
    def prefix(self) -> str:
        """How the names of its variables begin, up to a `_`: `MY_DB` for `my-db` (docs: development/variables)."""
        return variable_prefix(self.name)

    @property
    def target_region(self) -> Region:
        """Where the target is named."""
        node = self._place
        if isinstance(node, Scalar) and node is self.pair.value.resolved and self.target is not None:
            lead = 1 if node.style else 0
            return Region(node.piece, node.start + lead, node.start + lead + len(self.target))
        return node.region

    @property
    def endpoint_region(self) -> Region:
        """Where the endpoint is named; where the target is, if it names none."""
        node = self.node
        if isinstance(node, Mapping) and (endpoint := node.value("endpoint")) is not None:
            return endpoint.region
        if isinstance(node, Scalar) and self.endpoint is not None:
            end = node.end - (1 if node.style else 0)
            return Region(node.piece, end - len(self.endpoint), end)
        return self.target_region


class Mount(View):
    """A writable folder of a container. Paths are relative to the application's root.

    - `path`: its path without slashes at the ends: `/a`, `a/` and `a` are one mount.
    - `source`: its kind: storage, instance, tmp, temporary, service or local.
    - `source_path`: the folder inside the source; its own path where none is given.
    - `service`: the service, or for a storage mount the application, whose files it shows.
    - `is_temporary`: whether its files may be removed at any maintenance (`tmp` and `temporary` are one).
    - `is_local`: whether each instance has its own: tmp, instance, and `local`, the old name of instance.
    """

    def __init__(self, name: str, pair: Pair) -> None:
        super().__init__(name, pair)
        # A dozen rules ask for each of these.
        self.path = name.strip("/")
        self.source = _text(self.value("source"))
        given = self.value("source_path")
        self.source_path = given.text.strip("/") if isinstance(given, Scalar) else self.path
        self.service = _text(self.value("service"))
        self.is_temporary = self.source in ("tmp", "temporary")
        self.is_local = self.is_temporary or self.source in ("instance", "local")


class Variable(View):
    """One entry below a prefix of `variables`, as `env` and `APP_ENV`."""

    def __init__(self, prefix: str, name: str, pair: Pair) -> None:
        super().__init__(name, pair)
        self.prefix = prefix


class Cron(View):
    """A command run on a schedule, in the application's web container."""

    def __init__(self, application: Application, name: str, pair: Pair) -> None:
        super().__init__(name, pair)
        self.application = application

    @property
    def spec(self) -> Scalar | None:
        """When it runs."""
        node = self.value("spec")
        return node if isinstance(node, Scalar) else None

    @property
    def command(self) -> Scalar | None:
        """What it runs: `commands.start`, or `cmd` in its deprecated form."""
        for node in (self.at("commands", "start"), self.at("cmd")):
            if isinstance(node, Scalar) and not node.is_null:
                return node
        return None


class Container(View):
    """What applications, web processes, workers and services have in common: each describes a container."""

    PLACE: ClassVar[tuple[str, ...]]
    """The keys that lead to such a container from the top of a configuration, `*` for a name."""

    @property
    def _names(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def path(self) -> tuple[str, ...]:
        """The keys that lead to it from the top of the configuration."""
        names = iter(self._names)
        return tuple(next(names) if key == "*" else key for key in self.PLACE)

    @property
    def shape(self) -> Shape:
        """What the schema says of such a container."""
        return shape_at(*self.PLACE)

    @cached_property
    def relationships(self) -> dict[str, Relationship]:
        """The relationships written here."""
        return {name: Relationship(name, pair) for name, pair in self.named("relationships").items()}

    @cached_property
    def readable_relationships(self) -> list[Relationship]:
        """The relationships written here that are well-formed and complete."""
        return [one for one in self.relationships.values() if one.target is not None and one.is_readable]

    @cached_property
    def targets(self) -> frozenset[str]:
        """The names of the services and applications that its own relationships lead to."""
        return frozenset(one.target for one in self.relationships.values() if one.target is not None)

    @cached_property
    def relationship_prefixes(self) -> dict[str, Relationship]:
        """The relationships written here, by how the names of their variables begin; the first of each."""
        return {one.prefix: one for one in reversed(self.relationships.values())}

    @cached_property
    def mounts(self) -> dict[str, Mount]:
        """The mounts written here, by their keys."""
        return {name: Mount(name, pair) for name, pair in self.children("mounts").items()}

    @cached_property
    def variables(self) -> list[Variable]:
        """The variables written here, of every prefix."""
        return [
            Variable(prefix, name, pair)
            for prefix, group in self.children("variables").items()
            if isinstance(entries := group.value.resolved, Mapping)
            for name, pair in entries.entries.items()
        ]

    @cached_property
    def environment(self) -> list[Variable]:
        """The environment variables written here."""
        return [variable for variable in self.variables if variable.prefix == "env"]

    @cached_property
    def environment_texts(self) -> list[tuple[Variable, Scalar]]:
        """The environment variables written here whose values are text, with them."""
        texts = [(one, one.node) for one in self.environment]
        return [
            (one, node)
            for one, node in texts
            if isinstance(node, Scalar) and node.tag != BROKEN and isinstance(node.value, str)
        ]

    @cached_property
    def variable_names(self) -> frozenset[str]:
        """The names of the environment variables written here, in capitals as the platform writes them."""
        return frozenset(variable.name.upper() for variable in self.environment)


class Instance(Container):
    """One of the containers an application runs in: its web process or a worker.

    What it does not set itself it takes from the application.
    """

    def __init__(self, application: Application, name: str, pair: Pair) -> None:
        super().__init__(name, pair)
        self.application = application

    @property
    def _names(self) -> tuple[str, ...]:
        return (self.application.name, self.name)

    @cached_property
    def effective(self) -> EffectiveInstance:
        """What it is in the end: every inheritable property with its value and where that comes from."""
        return EffectiveInstance(self)


class EffectiveInstance(Caching):
    """The effective configuration of one worker, or of a web process, which inherits by the same rule."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._found: dict[str, Effective] = {}

    @cached_property
    def properties(self) -> dict[str, Effective]:
        """Every inheritable property by name."""
        return {name: self.of(name) for name in INHERITED}

    def of(self, name: str) -> Effective:
        """One inheritable property."""
        if name not in self._found:
            self._found[name] = effective(name, self.instance.entry(name), self.instance.application.entry(name))
        return self._found[name]

    def source(self, name: str) -> Instance | Application:
        """Whose value of a property counts: the instance's where it sets it, the application's otherwise."""
        return self.instance if self.instance.entry(name) is not None else self.instance.application

    @property
    def relationships(self) -> dict[str, Relationship]:
        """The relationships it has in the end."""
        return self.source("relationships").relationships

    @property
    def mounts(self) -> dict[str, Mount]:
        """The mounts it has in the end."""
        return self.source("mounts").mounts

    @property
    def variables(self) -> list[Variable]:
        """The variables it has in the end."""
        return self.source("variables").variables


class Web(Instance):
    """The process of an application that answers requests; crons and deploy hooks run in its container."""

    PLACE = ("applications", "*", "web")


class Worker(Instance):
    """A background process of an application: its code, its image, in its own container."""

    PLACE = ("applications", "*", "workers", "*")

    @property
    def full_name(self) -> str:
        """What the platform calls it: `application--worker`."""
        return f"{self.application.name}--{self.name}"

    @cached_property
    def start(self) -> Scalar | None:
        """Its `commands.start`, where that has a value."""
        return _readable(self.at("commands", "start"))


class Application(Container):
    """An application: one container image, one code base, a web process and any number of workers."""

    PLACE = ("applications", "*")

    @classmethod
    def of(cls, name: str, pair: Pair) -> Application:
        """The view of an application; the same one while its text does not change."""
        return remembered(pair.key.piece, ("application", name), pair, lambda: cls(name, pair))

    @cached_property
    def type(self) -> Scalar | None:
        """Its image and version."""
        return _readable(self.value("type"))

    @cached_property
    def workers(self) -> dict[str, Worker]:
        """Its workers by name."""
        return {name: Worker(self, name, pair) for name, pair in self.named("workers").items()}

    @cached_property
    def web(self) -> Web | None:
        """Its web process, where it is configured."""
        pair = self.entry("web")
        return None if pair is None else Web(self, "web", pair)

    @cached_property
    def instances(self) -> list[Instance]:
        """Its web process and its workers."""
        return [*([self.web] if self.web is not None else []), *self.workers.values()]

    @cached_property
    def crons(self) -> dict[str, Cron]:
        """Its cron jobs by name."""
        return {name: Cron(self, name, pair) for name, pair in self.named("crons").items()}

    @cached_property
    def rest(self) -> str:
        """The text of its piece without its workers and cron jobs."""
        piece, rest, end = self.key.piece, "", 0
        blocks = [pair.region for name in ("workers", "crons") if (pair := self.entry(name)) is not None]
        for block in sorted(blocks, key=lambda region: region.start):
            rest += piece.text[end : block.start]
            end = block.end
        return rest + piece.text[end:]

    @cached_property
    def connecting(self) -> Container:
        """Whose relationships its web process has: its own, or those of `web`."""
        return self if self.web is None or self.web.entry("relationships") is None else self.web

    @cached_property
    def every_prefix(self) -> frozenset[str]:
        """How the names of the variables begin that its relationships, or those of its instances, provide."""
        return frozenset(prefix for container in (self, *self.instances) for prefix in container.relationship_prefixes)

    @cached_property
    def outline(self) -> tuple[object, ...]:
        """What the other entries of the project can see of it.

        That is its name, its image, where its files are, the names of its workers, its relationships, and the folders
        of its storage.
        """
        kind = self.type
        image = kind.text if kind is not None else None
        return self.name, image, self.text("source", "root"), tuple(self.workers), self.every_prefix, self.stored

    @cached_property
    def stored(self) -> frozenset[str]:
        """The folders in its storage that its mounts show: their `source_path`."""
        mounts = self.mounts.values()
        return frozenset(one.source_path for one in mounts if one.source == "storage" and one.service is None)

    @cached_property
    def folder(self) -> str:
        """The folder of its files below the root of the project, without slashes at its ends; empty for the root."""
        folder = normpath((self.text("source", "root") or "").strip("/") or ".")
        return "" if folder == "." else folder

    @property
    def hooks(self) -> dict[str, Scalar]:
        """Its hooks that have a text: build, deploy, post_deploy."""
        return {
            name: node
            for name, pair in self.children("hooks").items()
            if isinstance(node := pair.value.resolved, Scalar) and not node.is_null
        }

    @cached_property
    def web_start(self) -> Scalar | None:
        """The command of its web process."""
        return _readable(self.at("web", "commands", "start"))


class Service(Container):
    """A service: a database, a queue, a search engine, a network storage."""

    PLACE = ("services", "*")

    @classmethod
    def of(cls, name: str, pair: Pair) -> Service:
        """The view of a service; the same one while its text does not change."""
        return remembered(pair.key.piece, ("service", name), pair, lambda: cls(name, pair))

    @cached_property
    def type(self) -> Scalar | None:
        """Its image and version."""
        return _readable(self.value("type"))

    @cached_property
    def image(self) -> str | None:
        """The name of its image, without the version."""
        return self.type.text.partition(":")[0] if self.type is not None else None

    @property
    def version(self) -> str | None:
        """The version of its image."""
        return self.type.text.partition(":")[2] or None if self.type is not None else None

    @cached_property
    def custom_endpoints(self) -> dict[str, Pair]:
        """The endpoints its configuration defines."""
        node = self.at("configuration", "endpoints")
        return node.entries if isinstance(node, Mapping) else {}


class Task(Container):
    """A container that is started on demand, runs one command and goes away again."""

    PLACE = ("tasks", "*")

    @classmethod
    def of(cls, name: str, pair: Pair) -> Task:
        """The view of a task; the same one while its text does not change."""
        return remembered(pair.key.piece, ("task", name), pair, lambda: cls(name, pair))

    @cached_property
    def type(self) -> Scalar | None:
        """Its image and version."""
        return _readable(self.value("type"))


class Route(View):
    """A URL and where its requests go."""

    @classmethod
    def of(cls, name: str, pair: Pair) -> Route:
        """The view of a route; the same one while its text does not change."""
        return remembered(pair.key.piece, ("route", name), pair, lambda: cls(name, pair))

    @cached_property
    def upstream(self) -> Scalar | None:
        """The `application:endpoint` or `service:endpoint` that answers."""
        return _readable(self.value("upstream"))

    @cached_property
    def target(self) -> tuple[str, str] | None:
        """The application or service that answers, and its endpoint, which may be empty."""
        if self.upstream is None:
            return None
        name, _, endpoint = self.upstream.text.partition(":")
        return name, endpoint


@lru_cache(maxsize=1_000)
def variable_prefix(relationship: str) -> str:
    """What the environment variables of a relationship begin with, up to a `_` (docs: development/variables).

    `my-db` gives `MY_DB`.
    """
    return re.sub(r"[^0-9A-Z_]", "_", relationship.upper())


def items(node: Node | None) -> list[Node]:
    """The resolved items of a list; none where it is not one."""
    return [item.resolved for item in node.items] if isinstance(node, Sequence) else []
