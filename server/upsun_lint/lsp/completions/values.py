"""Completion of values: from the schema, images, endpoints, services, schedules, time zones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from upsun_lint.lsp.completions.context import Context
from upsun_lint.lsp.completions.key_names import about
from upsun_lint.lsp.completions.names import configured_names
from upsun_lint.lsp.completions.offer import ItemKind, Offer, Value
from upsun_lint.lsp.completions.place import CompletionKind
from upsun_lint.lsp.completions.relationship_targets import http_targets, network_storages, with_endpoints
from upsun_lint.lsp.completions.snippets import snippet_data, start_commands
from upsun_lint.lsp.session.markup import code
from upsun_rules.lookups.resolved_texts import files_of
from upsun_rules.resolution.resolver import script_names
from upsun_schema.configuration.timezones import usual_zones
from upsun_schema.images.php_extensions import ExtensionStatus, PhpExtensions
from upsun_schema.images.table import Channel, Image, Status
from upsun_schema.keys.shape import Shape

__all__ = ["value_offers"]

_SHOWN = (Status.SUPPORTED, Status.DEPRECATED)


def value_offers(context: Context) -> Iterator[Offer]:
    """The values that a place accepts, the likeliest first."""
    for sections, pattern, offers in _SPECIAL:
        if context.section in sections and _fits(context.below, pattern):
            yield from offers(context)
            return
    yield from _schema_values(context)


def _fits(path: tuple[str | int, ...], pattern: tuple[str | int, ...]) -> bool:
    return len(path) == len(pattern) and all(wanted in ("*", step) for step, wanted in zip(path, pattern, strict=True))


# -- what the schema lists ---------------------------------------------------------------------------------------------


def _schema_values(context: Context, *, examples: bool = False) -> Iterator[Value]:
    described = context.described
    documentation = "" if described is None else about(described)
    default = None if described is None else described.default
    for shape in context.shapes:
        for value in _listed(shape, examples=examples):
            yield _scalar(value, "default" if value == default else "", documentation)
    if default in ({}, []) and context.place.kind is CompletionKind.VALUE:
        yield Value(
            label=json.dumps(default),
            kind=ItemKind.Value,
            detail="none",
            documentation=documentation,
            text=json.dumps(default),
            is_literal=True,
        )
    elif isinstance(default, str | int | float) and not any(default in _listed(shape) for shape in context.shapes):
        yield _scalar(default, "default", documentation)


def _listed(shape: Shape, *, examples: bool = False) -> list[object]:
    found = [value for value in shape.values if value is not None]
    if not found and "boolean" in shape.types:
        found = [True, False]
    if examples:
        found += [example for example in shape.examples if isinstance(example, str | int) and example not in found]
    return found


def _scalar(value: object, detail: str, documentation: str) -> Value:
    is_text = isinstance(value, str)
    label = value if isinstance(value, str) else json.dumps(value)
    return Value(
        label=label,
        kind=ItemKind.EnumMember if is_text else ItemKind.Value,
        detail=detail,
        documentation=documentation,
        text=label,
        is_literal=not is_text,
    )


def _examples(context: Context) -> Iterator[Value]:
    yield from _schema_values(context, examples=True)


# -- images ------------------------------------------------------------------------------------------------------------


def _types(context: Context) -> Iterator[Value]:
    """The images of a kind with their versions: all supported ones, then all deprecated ones."""
    images = context.images
    kind = "service" if context.section == "service" else "runtime"
    found = [image for name in images.names() if (image := images.get(name)) is not None and image.kind == kind]
    for status in _SHOWN:
        for image in found:
            yield from (_version(image, version, status) for version in image.versions(status))
        if kind == "runtime":
            yield from (_channel(channel) for channel in images.channels(status))
    # An older version stays in the list if the file already uses it.
    name, _, version = _present(context).partition(":")
    present = images.get(name)
    if present is not None and present.kind == kind and (old := present.status(version)) not in (None, *_SHOWN):
        assert old is not None
        yield _version(present, version, old)


def _present(context: Context) -> str:
    start, end = context.place.span
    return context.request.document.text[start:end].rstrip("'\"")


def _version(image: Image, version: str, status: Status) -> Value:
    text = f"{image.name}:{version}"
    relation = next(
        (
            f"{words} {code(other)}."
            for words, other in (
                ("Another name for", image.alias_of),
                ("A variant of", image.variant_of),
                ("A read-only replica of", image.replica_of),
            )
            if other
        ),
        "",
    )
    newest = image.newest
    newer = f"The newest supported version is {code(newest)}." if newest and newest != version else ""
    return Value(
        label=text,
        kind=ItemKind.Class,
        detail=status.value,
        documentation=" ".join(filter(None, (f"{code(text)} is {_STANDING[status]}.", relation, newer))),
        is_deprecated=status is not Status.SUPPORTED,
        text=text,
    )


_STANDING = {
    Status.SUPPORTED: "supported",
    Status.DEPRECATED: "deprecated: it may still get critical fixes",
    Status.RETIRED: "retired: it still starts, but is not maintained",
    Status.INCOMING: "not supported yet",
    Status.DECOMMISSIONED: "decommissioned: it no longer starts",
}


def _channel(channel: Channel) -> Value:
    text = f"composable:{channel.name}"
    return Value(
        label=text,
        kind=ItemKind.Class,
        detail=channel.status.value,
        documentation=f"An image built from `stack`, with the runtimes of channel {code(channel.name)}.",
        is_deprecated=channel.status is not Status.SUPPORTED,
        text=text,
    )


def _runtimes(context: Context) -> Iterator[Value]:
    """The runtimes of the channel that the stack does not have yet, the newest first."""
    application = context.application
    typed = application.type.text if application is not None and application.type is not None else ""
    channel = context.images.channel(typed.removeprefix("composable:"))
    if channel is None or not channel.runtimes:
        channel = next((one for one in context.images.channels(*_SHOWN) if one.runtimes), None)
    if channel is None:
        return
    taken = {item.rstrip(":").partition("@")[0] for item in context.place.items}
    for name, versions in channel.runtimes.items():
        for version in versions if name not in taken else ():
            text = f"{name}@{version}"
            yield Value(label=text, kind=ItemKind.Class, detail=f"channel {channel.name}", text=text)


def _php_extensions(status: ExtensionStatus) -> Callable[[Context], Iterator[Value]]:
    """The extensions of the application's version of PHP that have a status, without those that are listed already."""

    def offers(context: Context) -> Iterator[Value]:
        application = context.application
        name, _, version = (application.text("type") or "" if application is not None else "").partition(":")
        known = PhpExtensions.embedded()
        for extension in sorted(known.names(version)) if name == "php" else ():
            if known.status(extension, version) is status and extension not in context.place.items:
                yield Value(label=extension, kind=ItemKind.Module, detail=f"PHP {version}", text=extension)

    return offers


# -- names of the project ----------------------------------------------------------------------------------------------


def _relationship_targets(context: Context) -> Iterator[Value]:
    """Every `service:endpoint`; a service with the name of the relationship comes first."""
    wanted = str(context.path[-1])
    for target in sorted(with_endpoints(context), key=lambda target: target.name != wanted):
        for endpoint in target.endpoints:
            text = f"{target.name}:{endpoint}"
            detail = f"{target.words}, default" if endpoint == target.default else target.words
            yield Value(label=text, kind=ItemKind.Reference, detail=detail, text=text)


def _target_names(context: Context) -> Iterator[Value]:
    for target in with_endpoints(context):
        yield Value(label=target.name, kind=ItemKind.Reference, detail=target.words, text=target.name)


def _endpoints(context: Context) -> Iterator[Value]:
    """The endpoints of the service of a relationship."""
    name = context.place.held.get("service") or str(context.path[-2])
    for target in with_endpoints(context):
        for endpoint in target.endpoints if target.name == name else ():
            detail = "default" if endpoint == target.default else target.words
            yield Value(label=endpoint, kind=ItemKind.Reference, detail=detail, text=endpoint)


def _mount_services(context: Context) -> Iterator[Value]:
    """The possible owners of a mount's files: network storages, or applications for `storage`."""
    source = context.place.held.get("source", "")
    if source in ("", "service"):
        for service in network_storages(context):
            yield Value(label=service.name, kind=ItemKind.Reference, detail="network storage", text=service.name)
    if source in ("", "storage"):
        own = context.application.name if context.application is not None and context.instance is None else None
        for name in context.project.applications:
            if name != own:
                yield Value(label=name, kind=ItemKind.Reference, detail="application", text=name)


def _upstreams(context: Context) -> Iterator[Value]:
    for target in http_targets(context):
        for endpoint in target.endpoints:
            text = f"{target.name}:{endpoint}"
            yield Value(label=text, kind=ItemKind.Reference, detail=target.words, text=text)


def _configured(kind: str) -> Callable[[Context], Iterator[Value]]:
    """The names that a service's configuration defines under a key."""

    def offers(context: Context) -> Iterator[Value]:
        for name in configured_names(context, kind):
            yield Value(label=name, kind=ItemKind.Reference, detail=f"defined in {kind}", text=name)

    return offers


# -- commands ----------------------------------------------------------------------------------------------------------

_RUNNERS = ("npm run", "composer run", "make")


def _commands(place: str) -> Callable[[Context], Iterator[Value]]:
    """The scripts that the repository has, and the usual commands for the application's framework."""

    def offers(context: Context) -> Iterator[Value]:
        application = context.application
        if application is None:
            return
        found = start_commands(place, application, context.project, context.images)
        files = files_of(application, context.project)
        scripts = (f"{runner} {name}" for runner in _RUNNERS for name in script_names(runner.split(), files))
        for command, detail in (found | dict.fromkeys(scripts, "script of the repository")).items():
            # In the middle of another command none of them fits.
            if context.place.typed in command:
                yield Value(label=command, kind=ItemKind.Snippet, detail=detail, text=command)

    return offers


# -- words from tables -------------------------------------------------------------------------------------------------


def _mount_sources(context: Context) -> Iterator[Value]:
    for source, entry in snippet_data()["mount-sources"].items():
        yield Value(
            label=source,
            kind=ItemKind.EnumMember,
            detail=entry["detail"],
            documentation=entry["documentation"],
            is_deprecated=bool(entry.get("deprecated")),
            text=source,
        )


def _schedules(context: Context) -> Iterator[Value]:
    for entry in snippet_data()["schedules"]:
        yield Value(
            label=entry["spec"],
            kind=ItemKind.Value,
            detail=entry["detail"],
            documentation=entry.get("documentation", ""),
            text=entry["spec"],
        )


def _zones(context: Context) -> Iterator[Value]:
    for zone in usual_zones():
        yield Value(label=zone, kind=ItemKind.Value, text=zone)


_Offers = Callable[[Context], Iterator[Value]]

_INSTANCES = ("application", "web", "worker")
_CONTAINERS = (*_INSTANCES, "service")
_SPECIAL: tuple[tuple[tuple[str, ...], tuple[str | int, ...], _Offers], ...] = (
    (("application", "service"), ("type",), _types),
    (("application",), ("stack", 0), _runtimes),
    (("application",), ("stack", "runtimes", 0), _runtimes),
    (("application",), ("runtime", "extensions", 0), _php_extensions(ExtensionStatus.AVAILABLE)),
    (("application",), ("runtime", "disabled_extensions", 0), _php_extensions(ExtensionStatus.DEFAULT)),
    (("application",), ("build", "flavor"), _examples),
    (_CONTAINERS, ("relationships", "*"), _relationship_targets),
    (_CONTAINERS, ("relationships", "*", "service"), _target_names),
    (_CONTAINERS, ("relationships", "*", "endpoint"), _endpoints),
    (_INSTANCES, ("mounts", "*", "source"), _mount_sources),
    (_INSTANCES, ("mounts", "*", "service"), _mount_services),
    (_INSTANCES, ("timezone",), _zones),
    (("service",), ("configuration", "endpoints", "*", "default_schema"), _configured("schemas")),
    (("service",), ("configuration", "endpoints", "*", "default_database"), _configured("databases")),
    (("service",), ("configuration", "endpoints", "*", "core"), _configured("cores")),
    (("application",), ("crons", "*", "spec"), _schedules),
    (("application",), ("crons", "*", "commands", "start"), _commands("crons")),
    (("worker",), ("commands", "start"), _commands("workers")),
    (("web",), ("locations", "*", "expires"), _examples),
    (("web",), ("locations", "*", "rules", "*", "expires"), _examples),
    (("route",), ("upstream",), _upstreams),
    (("route",), ("to",), _examples),
    (("route",), ("redirects", "paths", "*", "to"), _examples),
    (("route",), ("redirects", "expires"), _examples),
)
"""The places with more values than the schema lists: sections, path ('*' is any name, 0 an item), and offers."""
