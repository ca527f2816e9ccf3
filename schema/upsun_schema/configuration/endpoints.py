"""The endpoints a relationship or a route can lead to, and the one it leads to if it names none."""

from __future__ import annotations

from upsun_schema.configuration.model import Application, Service, items
from upsun_schema.images.table import Image, Images
from upsun_schema.keys.shape import Shape, configuration_shape
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Mapping, Scalar, Sequence

__all__ = ["Endpoints", "configuration_of", "endpoints_of"]

# Where these define their own endpoints, the usual one is gone (docs: add-services, MariaDB, PostgreSQL and Solr).
_OWN_REPLACE_USUAL = frozenset({"mariadb", "mysql", "oracle-mysql", "postgresql", "solr"})
# Of these, schemas alone do that already (docs: add-services, MariaDB, multiple databases).
_SCHEMAS_REPLACE_USUAL = frozenset({"mariadb", "mysql", "oracle-mysql"})


class Endpoints(NamedTuple):
    """The endpoints of a service or an application, and the one a relationship that names none leads to."""

    names: tuple[str, ...]
    default: str | None

    def has(self, name: str) -> bool:
        """Whether there is, or may be, an endpoint of that name."""
        # The registry does not list those that only replicated services have.
        return name in self.names or name.removesuffix("-replica") in self.names


def endpoints_of(target: Application | Service, images: Images) -> Endpoints | None:
    """The endpoints of a target; None where they cannot be told."""
    known = target.memory.get("endpoints")
    if known is None or known[0] is not images:
        key = "endpoints", type(target), target.key.start
        found = remembered(target.key.piece, key, images, lambda: _find(target, images))
        known = target.memory["endpoints"] = images, found
    endpoints: Endpoints | None = known[1]
    return endpoints


def configuration_of(service: Service, images: Images) -> Shape | None:
    """What the documentation describes as the `configuration` of a service; None if that is nothing or unknown."""
    image = images.get(service.image or "")
    return None if image is None else configuration_shape(image.name) or configuration_shape(_family(image))


def _find(target: Application | Service, images: Images) -> Endpoints | None:
    if isinstance(target, Application):
        return _application_endpoints(target, images)
    image = images.get(target.image or "")
    if image is None or image.kind != "service":
        return None
    family = _family(image)
    replaced = family in _OWN_REPLACE_USUAL and _defines(target, "endpoints")
    # Endpoints lead to cores; only where none are defined may a core be meant to be one.
    own = _own_endpoints(target, ("endpoints",) if replaced else image.endpoint_keys)
    if own is None or image.endpoints() is None:
        return None
    usual = _of_any_version(image)
    default = _usual_default(image, target.version, usual)
    if replaced or (family in _SCHEMAS_REPLACE_USUAL and _defines(target, "schemas")):
        return Endpoints(tuple(own), default if default in own else None)
    return Endpoints(tuple(dict.fromkeys([*own, *usual])), default)


def _defines(service: Service, key: str) -> bool:
    """Whether a service's configuration has something below a key."""
    node = service.at("configuration", key)
    return bool(node.entries if isinstance(node, Mapping) else items(node))


def _application_endpoints(application: Application, images: Images) -> Endpoints | None:
    kind = application.type
    if kind is None:
        return Endpoints(("http", "php"), None)
    name, _, version = kind.text.partition(":")
    image = images.get(name)
    if image is None:
        return Endpoints(("http", "php"), None)
    # A service in the wrong section: another rule reports it.
    if image.kind == "service":
        return None
    return Endpoints(tuple(dict.fromkeys(["http", *_of_any_version(image)])), image.default_endpoint(version))


def _family(image: Image) -> str:
    """The image that this one is another name, a variant or a replica of, or its own name."""
    return image.replica_of or image.alias_of or image.variant_of or image.name


def _of_any_version(image: Image) -> list[str]:
    # Which version has which matters less than a false alarm: a version newer than the table may have any of them.
    found = [image.endpoints(version) or {} for version in (None, *image.versions())]
    return list(dict.fromkeys(name for endpoints in found for name in endpoints))


def _usual_default(image: Image, version: str | None, names: list[str]) -> str | None:
    flagged = image.default_endpoint(version) or image.default_endpoint() or image.documented_default
    return flagged or (names[0] if len(names) == 1 else None)


def _own_endpoints(service: Service, keys: tuple[str, ...]) -> list[str] | None:
    """The names a service's configuration defines under some keys; None where they cannot be read."""
    configuration = service.value("configuration")
    if configuration is None or configuration.is_null:
        return []
    if not isinstance(configuration, Mapping):
        return None
    found: list[str] = []
    for key in keys:
        node = configuration.value(key)
        if isinstance(node, Mapping):
            found += node.entries
        elif isinstance(node, Sequence):
            found += [item.resolved.text for item in node.items if isinstance(item.resolved, Scalar)]
        elif node is not None and not node.is_null:
            return None
    return found
