"""Completion of free names from the project: services to connect to, and what a worker no longer inherits."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_lint.lsp.completions.context import Context
from upsun_lint.lsp.completions.offer import Entry, ItemKind, escaped
from upsun_lint.lsp.completions.relationship_targets import with_endpoints
from upsun_lint.lsp.session.markup import code
from upsun_rules.editing.blocks import written
from upsun_schema.configuration.model import Application, Relationship, Service, items
from upsun_schema.yaml.nodes import Mapping, Scalar

__all__ = ["configured_names", "name_offers"]


def name_offers(context: Context) -> Iterator[Entry]:
    """Entries that the rest of the project suggests for a map of free names."""
    below = context.below
    if context.section and below == ("relationships",):
        yield from _relationships(context)
    elif context.section == "service" and below[:2] == ("configuration", "endpoints"):
        yield from _endpoints(context)
    elif context.section in ("web", "worker") and context.application is not None:
        if below == ("mounts",):
            yield from _mounts(context, context.application)
        elif len(below) == 2 and below[0] == "variables":
            yield from _variables(context, context.application, str(below[1]))


def configured_names(context: Context, kind: str) -> list[str]:
    """The names that the configuration of the service around the place defines under a key."""
    service = context.container
    node = service.at("configuration", kind) if service is not None else None
    if isinstance(node, Mapping):
        return list(node.entries)
    return [item.text for item in items(node) if isinstance(item, Scalar)]


def _endpoints(context: Context) -> Iterator[Entry]:
    """The usual name of an endpoint, and the databases that one needs privileges for."""
    service = context.container
    below = context.below
    if len(below) == 4 and below[3] == "privileges":
        databases = [*configured_names(context, "schemas"), *configured_names(context, "databases")]
        for name in databases:
            if name not in context.held:
                yield _named(name, "defined in this service")
    elif len(below) == 2 and isinstance(service, Service):
        image = context.images.get(service.image or "")
        for name in (image.endpoints() or {}) if image is not None else ():
            if name not in context.held:
                yield _named(name, "the usual endpoint", block="\n  ", flow=" {$1}")


def _named(name: str, detail: str, block: str = " ", flow: str = " ") -> Entry:
    return Entry(
        label=name,
        kind=ItemKind.Reference,
        detail=detail,
        name=escaped(name),
        block=block,
        flow=flow,
        bare=block.rstrip("\n ") or " ",
        goes_on=True,
    )


def _relationships(context: Context) -> Iterator[Entry]:
    """The application's relationships, for its instances, and services that are not used here yet."""
    container, application = context.container, context.application
    related = {one.target for one in container.relationships.values()} if container is not None else set()
    targets = {target.name: target for target in with_endpoints(context)}
    if application is not None and context.section in ("web", "worker"):
        for name, relationship in application.relationships.items():
            if name not in context.held and relationship.target in targets:
                related.add(relationship.target)
                yield _copied_relationship(context, application, name, relationship)
    for target in targets.values():
        if target.name in related or target.name in context.held:
            continue
        value = "" if target.default is not None else f" {written(f'{target.name}:{target.endpoints[0]}')}"
        yield Entry(
            label=target.name,
            kind=ItemKind.Reference,
            detail=target.words,
            documentation=_about_target(target.name, target.default or target.endpoints[0]),
            name=escaped(target.name),
            block=escaped(value),
            flow=escaped(value),
            bare=value,
        )


def _about_target(name: str, endpoint: str) -> str:
    return f"Connects to endpoint {code(endpoint)} of {code(name)}. Choose any name: it is the prefix of the variables."


def _copied_relationship(context: Context, application: Application, name: str, relationship: Relationship) -> Entry:
    target, endpoint = relationship.target or "", relationship.endpoint
    value = f" {written(f'{target}:{endpoint}')}" if endpoint is not None else ""
    block, flow = value, value
    if endpoint is None and target != name:
        block, flow = f"\n  service: {written(target)}", f" {{service: {written(target)}}}"
    return Entry(
        label=name,
        kind=ItemKind.Reference,
        detail=f"as in {application.name}",
        documentation=_about_copy(application, "relationships"),
        name=escaped(name),
        block=escaped(block),
        flow=escaped(flow),
        bare=None,
    )


def _about_copy(application: Application, what: str) -> str:
    return f"Copied from {code(application.name)}. A {code(what)} block here replaces the application's whole block."


def _mounts(context: Context, application: Application) -> Iterator[Entry]:
    """The application's mounts that are missing in this block; without them, their paths are read-only."""
    held = {name.strip("/") for name in context.held}
    for mount in application.mounts.values():
        parts = [(name, node) for name in ("source", "source_path", "service") if (node := mount.at(name)) is not None]
        texts = {name: node.text for name, node in parts if isinstance(node, Scalar)}
        if mount.path in held or "source" not in texts:
            continue
        values = {name: written(text) if text else "''" for name, text in texts.items()}
        inline = ", ".join(f"{name}: {text}" for name, text in values.items())
        yield Entry(
            label=mount.name,
            kind=ItemKind.Folder,
            detail=f"{texts['source']}, as in {application.name}",
            documentation=_about_copy(application, "mounts"),
            name=escaped(mount.name),
            block=escaped("".join(f"\n  {name}: {text}" for name, text in values.items())),
            flow=escaped(f" {{{inline}}}"),
            bare=None,
        )


def _variables(context: Context, application: Application, prefix: str) -> Iterator[Entry]:
    """The application's variables of a prefix that are missing in this block and would be lost."""
    group = application.at("variables", prefix)
    for name, pair in group.entries.items() if isinstance(group, Mapping) else ():
        if name in context.held:
            continue
        node = pair.value.resolved
        is_short = isinstance(node, Scalar) and node.style not in ("|", ">") and "\n" not in node.source
        value = f" {node.source}" if is_short and node.source else " "
        yield Entry(
            label=name,
            kind=ItemKind.Variable,
            detail=f"as in {application.name}",
            documentation=_about_copy(application, "variables"),
            name=escaped(name),
            block=escaped(value),
            flow=escaped(value),
            bare=value,
        )
