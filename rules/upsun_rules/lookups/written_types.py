"""The `type` of a container as it is written."""

from __future__ import annotations

from upsun_schema.configuration.model import Application, Container, Service, Task
from upsun_schema.expression import expression
from upsun_schema.images.table import Images, Kind, Status, parse_type
from upsun_schema.wording import is_placeholder
from upsun_schema.yaml.nodes import BROKEN, Scalar

__all__ = ["COMPOSABLE", "FORM", "is_own_type", "kind_of", "newest_of", "parsed_type", "type_of"]


COMPOSABLE = "composable"
"""The name of the composable image."""

FORM = expression(r"[a-z0-9._-]+:[^:@\s]+")
"""The form of a `type`: `name:version`."""


def type_of(container: Container) -> Scalar | None:
    """The `type` of an application, service or task, if it can be read."""
    node = container.type if isinstance(container, Application | Service | Task) else None
    if node is None or node.tag == BROKEN or is_placeholder(node.text):
        return None
    return node


def parsed_type(container: Container) -> tuple[Scalar, str, str] | None:
    """A well-formed `type` with its two parts."""
    node = type_of(container)
    parts = parse_type(node.text) if node is not None and FORM.fullmatch(node.text) else None
    return None if node is None or parts is None else (node, *parts)


def kind_of(container: Container) -> Kind:
    """The kind of image that a container needs."""
    return "service" if isinstance(container, Service) else "runtime"


def is_own_type(container: Container) -> bool:
    """Whether the type is written here and not taken from an anchor."""
    pair = container.entry("type")
    return pair is not None and isinstance(pair.value, Scalar)


def newest_of(name: str, images: Images) -> str | None:
    """The newest version of an image, or channel of the composable image; None if there is none."""
    if name == COMPOSABLE:
        return next((channel.name for channel in images.channels(Status.SUPPORTED)), None)
    image = images.get(name)
    return None if image is None else image.newest
