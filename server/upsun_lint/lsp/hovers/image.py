"""An image and its version: where it stands with the platform, and what is newer."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import bullets, code, listed, paragraphs
from upsun_schema.configuration.model import Application, Service
from upsun_schema.images.table import Channel, Image, Images, Status, parse_type

__all__ = ["about_runtime", "about_type", "with_status"]

_MEANING = {
    Status.SUPPORTED: "maintained",
    Status.DEPRECATED: "may still get critical fixes; plan to move on",
    Status.RETIRED: "still starts, but gets no fixes any more",
    Status.INCOMING: "not supported yet",
    Status.DECOMMISSIONED: "no longer starts: a push that asks for it is rejected",
}
_DOCS = {
    "runtime": "configure-apps/app-reference/single-runtime-image",
    "service": "add-services#available-services",
}


def with_status(text: str, images: Images) -> str:
    """Return a `type` and its status as Markdown: '`mariadb:11.8` (supported)'."""
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
    """Return the status of an image and its versions; None where there is no such image."""
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
    return f"**{status}**, {_MEANING[status]}." if status is not None else "**unknown**, no version of this image."


def _relatives(image: Image) -> Iterator[str]:
    if image.alias_of:
        yield f"Another name of {code(image.alias_of)}."
    if image.replica_of:
        yield f"A read-only replica of {code(image.replica_of)}; it needs a relationship {code('primary')} to it."
    if image.variant_of and image.name.endswith("-persistent"):
        yield f"The form of {code(image.variant_of)} that keeps its data: right for queues and sessions."
    elif image.name in ("redis", "valkey"):
        yield (
            "A cache: it holds everything in memory, throws away what was not used for longest when that is full, and "
            f"is empty after a move. For queues and sessions there is {code(f'{image.name}-persistent')}."
        )


def _versions(image: Image, version: str) -> Iterator[str]:
    newest = image.newest
    if newest is not None:
        yield f"Newest: {code(newest)}" + (", which this is." if newest == version else ".")
    for status in (Status.SUPPORTED, Status.DEPRECATED, Status.RETIRED):
        if versions := image.versions(status):
            yield f"{status.capitalize()}: {listed(versions)}."


def _advice(view: Application | Service) -> str:
    if isinstance(view, Service):
        return (
            "An upgrade goes one version at a time, and mostly cannot be undone: take a backup first. Another kind of "
            "service under the same name is not possible; give it a new name."
        )
    return "The web container and all workers run this image." if view.workers else ""


def _source(images: Images) -> str:
    return f"As of {images.date}; {code('upsun-lint images update')} fetches the platform's newest list."


# -- the composable image ----------------------------------------------------------------------------------------------


def _about_channel(subject: Subject, name: str) -> str:
    images = subject.images
    channel = images.channel(name)
    newest = next(iter(images.channels(Status.SUPPORTED)), None)
    standing = f"**{channel.status}**, {_MEANING[channel.status]}." if channel else "**unknown**, no such channel."
    runtimes = channel.runtimes if channel is not None else {}
    return paragraphs(
        f"**Composable image**, channel {code(name)}: {standing}{_newest(newest.name, name) if newest else ''}",
        "Runtimes that `stack` can take from it:" if runtimes else "",
        bullets(f"{runtime}: {listed(versions)}" for runtime, versions in runtimes.items()),
        _source(images),
        docs_link("configure-apps/app-reference/composable-image"),
    )


def _newest(newest: str, this: str) -> str:
    return "" if newest == this else f" The newest is {code(newest)}."


def about_runtime(subject: Subject, application: Application, text: str) -> str | None:
    """Return whether the channel of a composable image has a runtime, `php@8.4`, and in which versions.

    None for what is not written like a runtime, and where the channel does not tell.
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
    return f"Channel {code(channel.name)} {has}. Versions of {code(name)} there: {listed(versions)}."
