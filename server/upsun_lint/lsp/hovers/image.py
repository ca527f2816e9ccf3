"""Hover texts for images and runtimes: their status on the platform, and newer versions."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import bullets, code, listed, paragraphs
from upsun_schema.configuration.model import Application, Service
from upsun_schema.images.table import Channel, Image, Images, Status, parse_type

__all__ = ["about_runtime", "about_type", "with_status"]

_MEANING = {
    Status.SUPPORTED: "maintained",
    Status.DEPRECATED: "it may still get critical fixes, but plan an upgrade",
    Status.RETIRED: "it still starts, but no longer gets fixes",
    Status.INCOMING: "not supported yet",
    Status.DECOMMISSIONED: "it no longer starts, and a push that uses it is rejected",
}
_DOCS = {
    "runtime": "configure-apps/app-reference/single-runtime-image",
    "service": "add-services#available-services",
}


def with_status(text: str, images: Images) -> str:
    """A `type` and its status as Markdown: '`mariadb:11.8` (supported)'."""
    status = _status(text, images)
    return f"{code(text)} ({status})" if status is not None else code(text)


def _status(text: str, images: Images) -> Status | None:
    parsed = parse_type(text)
    if parsed is None:
        return None
    if parsed[0] == "composable":
        channel = images.channel(parsed[1])
        return None if channel is None else channel.status
    image = images.get(parsed[0])
    return None if image is None else image.status(parsed[1])


def about_type(subject: Subject, view: Application | Service) -> str | None:
    """The status of an image and its versions; None if there is no such image."""
    parsed = parse_type(view.type.text) if view.type is not None else None
    if parsed is None:
        return None
    name, version = parsed
    if name == "composable" and isinstance(view, Application):
        return _about_channel(subject, version)
    image = subject.images.get(name)
    if image is None:
        return None
    return paragraphs(
        f"**Image** {code(f'{name}:{version}')}: {_standing(image.status(version))}",
        bullets([*_relatives(image), *_versions(image, version)]),
        _advice(view),
        _source(subject.images),
        docs_link(_DOCS[image.kind]),
    )


def _standing(status: Status | None) -> str:
    return (
        f"**{status}**, {_MEANING[status]}." if status is not None else "**unknown**, this image has no such version."
    )


def _relatives(image: Image) -> Iterator[str]:
    if image.alias_of:
        yield f"Another name for {code(image.alias_of)}."
    if image.replica_of:
        yield f"A read-only replica of {code(image.replica_of)}; it needs a relationship named {code('primary')} to it."
    if image.variant_of and image.name.endswith("-persistent"):
        yield f"The variant of {code(image.variant_of)} that keeps its data on disk: use it for queues and sessions."
    elif image.name in ("redis", "valkey"):
        yield (
            "A cache: it keeps everything in memory, evicts the least recently used keys when the memory is full, and "
            f"is empty after a move. For queues and sessions, use {code(f'{image.name}-persistent')}."
        )


def _versions(image: Image, version: str) -> Iterator[str]:
    newest = image.newest
    if newest is not None:
        yield f"Newest version: {code(newest)}" + (" (this one)." if newest == version else ".")
    for status in (Status.SUPPORTED, Status.DEPRECATED, Status.RETIRED):
        if versions := image.versions(status):
            yield f"{status.capitalize()}: {listed(versions)}."


def _advice(view: Application | Service) -> str:
    if isinstance(view, Service):
        return (
            "Upgrade one version at a time, and take a backup first: most upgrades cannot be undone. To change to "
            "another kind of service, use a new name; the type of an existing service cannot change."
        )
    return "The web container and all workers run this image." if view.workers else ""


def _source(images: Images) -> str:
    return f"As of {images.date}. {code('upsun-lint images update')} downloads the platform's latest list."


# -- the composable image ----------------------------------------------------------------------------------------------


def _about_channel(subject: Subject, name: str) -> str:
    images = subject.images
    channel = images.channel(name)
    newest = next(iter(images.channels(Status.SUPPORTED)), None)
    standing = (
        f"**{channel.status}**, {_MEANING[channel.status]}." if channel else "**unknown**, there is no such channel."
    )
    runtimes = channel.runtimes if channel is not None else {}
    return paragraphs(
        f"**Composable image**, channel {code(name)}: {standing}{_newest(newest.name, name) if newest else ''}",
        "Runtimes that `stack` can use:" if runtimes else "",
        bullets(f"{runtime}: {listed(versions)}" for runtime, versions in runtimes.items()),
        _source(images),
        docs_link("configure-apps/app-reference/composable-image"),
    )


def _newest(newest: str, this: str) -> str:
    return "" if newest == this else f" The newest is {code(newest)}."


def about_runtime(subject: Subject, application: Application, text: str) -> str | None:
    """Whether the channel of a composable image has a runtime, such as `php@8.4`, and in which versions.

    None if the text does not look like a runtime, or the runtimes of the channel are not known.
    """
    parsed = parse_type(application.type.text) if application.type is not None else None
    channel = subject.images.channel(parsed[1]) if parsed is not None and parsed[0] == "composable" else None
    name, at, version = text.partition("@")
    if channel is None or not channel.runtimes or not at:
        return None
    return paragraphs(
        f"**Runtime** {code(text)} of the composable image",
        _in_channel(channel, name, version),
        docs_link("configure-apps/app-reference/composable-image#stack"),
    )


def _in_channel(channel: Channel, name: str, version: str) -> str:
    versions = channel.runtimes.get(name)
    if versions is None:
        return f"Channel {code(channel.name)} has no runtime {code(name)}; it has {listed(channel.runtimes, most=20)}."
    has = "has it" if version in versions else f"does not have {code(version)}"
    return f"Channel {code(channel.name)} {has}. It has these versions of {code(name)}: {listed(versions)}."
