"""Rules about the images of applications and services: names, versions and composable images."""

from __future__ import annotations

import re
from collections.abc import Iterator

from upsun_rules.editing.blocks import in_quotes, insert_property, rewrite
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.inside import inside
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application, Container, Service, Task, items
from upsun_schema.configuration.project import Project
from upsun_schema.images.table import Channel, Image, Images, Kind, Status, parse_type
from upsun_schema.keys.shape import kinds_of
from upsun_schema.wording import is_placeholder, listed, nearest, shortened
from upsun_schema.yaml.nodes import BROKEN, Mapping, Node, Pair, Region, Scalar, Sequence

TOPIC = "Images and versions"

_COMPOSABLE = "composable"
# Services that keep nothing: another version starts as empty as this one.
_FORGETFUL = frozenset({"chrome-headless", "gotenberg", "memcached", "redis", "valkey", "varnish"})
_FORM = re.compile(r"[a-z0-9._-]+:[^:@\s]+")
_LIKE_FORM = re.compile(r"[A-Za-z0-9._-]+[ \t]*[:@][ \t]*[\w.+-]+")


@rule("image-type-form", Severity.ERROR, docs="configure-apps/app-reference/single-runtime-image#types")
def image_type_form(container: Container, options: Options) -> Iterator[Finding]:
    """The `type` of an application or service is not in the form `name:version`.

    The platform looks up the image by name and version, in lowercase. A `type` without a version, with `@` instead of
    the colon, or with uppercase letters matches no image, and the push is rejected.

    `name@version` is the form for `stack.runtimes` in a composable image only.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs@24'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
    ```
    """
    node = _type_of(container)
    if node is None or _FORM.fullmatch(node.text):
        return
    kind = _kind_of(container)
    text = node.text.strip()
    name, at, version = text.partition("@")
    safe = False
    if at and _FORM.fullmatch(f"{name}:{version}"):
        message = f"write `{name}:{version}` with a colon; `@` is for `stack.runtimes` only"
        better, safe = f"{name}:{version}", True
    elif _LIKE_FORM.fullmatch(text):
        better = re.sub(r"\s+", "", text).replace("@", ":").lower()
        message = f"`{text}` is not a valid image type; write `{better}`"
    elif (alone := text.rstrip(":").lower()) and (newest := _newest(alone, options.images)):
        better = f"{alone}:{newest}"
        message = f"`{text}` has no version; write `{better}`"
    elif "string" not in kinds_of(node) and (names := _with_version(text, kind, options.images)):
        better = f"{names[0]}:{text}"
        message = f"`{text}` has no image name; write `{better}`"
    else:
        better = ""
        example = "php:8.4" if kind == "runtime" else "postgresql:18"
        message = f"`{shortened(text)}` is not a valid image type (expected `name:version`, such as `{example}`)"
    fixes = (Fix(f"Write `{better}`", (rewrite(node, better),), safe),) if better else ()
    yield Finding(node.region, message, fixes=fixes if _is_own(container) else ())


@rule("unknown-image", Severity.ERROR, docs="configure-apps/app-reference/single-runtime-image#types")
def unknown_image(container: Container, project: Project, options: Options) -> Iterator[Finding]:
    """The `type` names an image that does not exist or that cannot be used here.

    An application needs a runtime, such as `php` or `nodejs`, or `composable`. A service needs a service image, such as
    `mariadb` or `redis`. The platform rejects any other name.

    The names come from a copy of the platform's public registry. Run `upsun-lint images update` to refresh it.

    ```yaml title="wrong"
    applications:
      app:
        type: 'node:24'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
    ```
    """
    parsed = _parsed(container)
    if parsed is None:
        return
    node, name, _ = parsed
    kind = _kind_of(container)
    image = options.images.get(name)
    region = inside(node, 0, len(name))
    if image is not None and image.kind != kind:
        other = "applications" if image.kind == "runtime" else "services"
        # A whole section indented into another one is reported as that.
        if project.knows_every(other):
            what = "a runtime, not a service" if image.kind == "runtime" else "a service, not a runtime"
            yield Finding(region, f"`{name}` is {what}; define `{container.name}` under `{other}`")
        return
    if image is not None or (name == _COMPOSABLE and kind == "runtime"):
        return
    meant = [one for one in options.images.nearest(name, kind) if one != _COMPOSABLE]
    message = f"`{name}` is not a {kind}"
    if meant:
        message += f"; did you mean {listed(meant, 'or', limit=4)}?"
    else:
        message += f" in our list of {options.images.date}"
    fixes = tuple(Fix(f"Change it to `{one}`", (Edit(region, one),)) for one in meant if region.text == name)
    yield Finding(region, message, fixes=fixes if _is_own(container) else ())


@rule("image-version", Severity.ERROR, docs="configure-apps/app-reference/single-runtime-image")
def image_version(container: Container, options: Options) -> Iterator[Finding]:
    """An image version does not exist or is no longer supported.

    How serious this is depends on the status of the version:

    - It does not exist or was removed: an error, because the push is rejected.
    - *Retired*: a warning. It still starts but gets no more fixes.
    - *Deprecated*: info. It may still get critical fixes.

    Test your application before you move its runtime to a supported version. Services hold data: back them up and
    upgrade one version at a time, because most of them cannot be downgraded.

    The versions come from a copy of the platform's public registry. Run `upsun-lint images update` to refresh it. A
    version that is newer than every version in the copy is a warning only, as the copy may be outdated.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:7.4'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
    ```
    """
    parsed = _parsed(container)
    image = options.images.get(parsed[1]) if parsed is not None else None
    if parsed is None or image is None or image.kind != _kind_of(container):
        return
    node, name, version = parsed
    region = inside(node, len(name) + 1, len(name) + 1 + len(version))
    status = image.status(version)
    if status is Status.SUPPORTED:
        return
    if status is None and _is_newer(version, image.versions()):
        yield Finding(region, _newer_than_table(f"{name}:{version}", options.images), severity=Severity.WARNING)
        return
    fixes: tuple[Fix, ...] = ()
    if image.kind == "runtime" and _is_own(container) and region.text == version:
        fixes = tuple(
            Fix(f"Change it to `{name}:{better}`", (Edit(region, better),)) for better in _better(version, image)
        )
    severity = {Status.RETIRED: Severity.WARNING, Status.DEPRECATED: Severity.INFO}.get(
        status or Status.DECOMMISSIONED, Severity.ERROR
    )
    message = _about_version(name, version, image, status, options.images)
    yield Finding(region, message, fixes=fixes, severity=severity)


@rule("composable-image", Severity.ERROR, docs="configure-apps/app-reference/composable-image")
def composable_image(application: Application, options: Options) -> Iterator[Finding]:
    """A composable image is configured incorrectly.

    A composable image has the type `composable:<channel>` and a `stack` with its runtimes and packages. The channel
    decides which runtimes and versions are available. A runtime that the channel does not have makes the push fail.
    Runtimes are written with an `@`: `nodejs@24`. A retired channel still builds but gets no more fixes.

    `stack` replaces `build`, `dependencies` and `runtime`, which are for single-runtime images. Do not combine them.

    The documentation requires both `type` and `stack`. A `stack` without a `type` is older than channels and still
    deploys, so it is a warning. A `stack` next to the type of a single-runtime image is a warning as well, because one
    of the two has no effect.

    ```yaml title="wrong"
    applications:
      app:
        type: 'composable:26.05'
        stack:
          runtimes: ['nodejs:24', 'php@7.4']
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'composable:26.05'
        stack:
          runtimes: ['nodejs@24', 'php@8.4']
    ```
    """
    parsed = _parsed(application)
    if parsed is None or parsed[1] != _COMPOSABLE:
        yield from _about_lone_stack(application, parsed, options.images)
        return
    node, name, version = parsed
    channel = options.images.channel(version)
    region = inside(node, len(name) + 1, len(name) + 1 + len(version))
    yield from _about_channel(version, channel, region, options.images)
    for entry, certain in _stack(application):
        yield from _about_runtime(entry, certain, version, channel, options.images)
    for key in ("build", "dependencies", "runtime"):
        pair = application.entry(key)
        if pair is not None and isinstance(pair.value.resolved, Mapping) and pair.value.resolved.entries:
            yield Finding(
                pair.key.region,
                f"`{key}` is for single-runtime images and cannot be combined with a composable image; use `stack`",
                severity=Severity.WARNING,
            )


# -- types as they are written ---------------------------------------------------------------------------------------


def _type_of(container: Container) -> Scalar | None:
    """The `type` of an application, service or task, if it can be read."""
    node = container.type if isinstance(container, Application | Service | Task) else None
    if node is None or node.tag == BROKEN or is_placeholder(node.text):
        return None
    return node


def _parsed(container: Container) -> tuple[Scalar, str, str] | None:
    """A well-formed `type` with its two parts."""
    node = _type_of(container)
    parts = parse_type(node.text) if node is not None and _FORM.fullmatch(node.text) else None
    return None if node is None or parts is None else (node, *parts)


def _kind_of(container: Container) -> Kind:
    return "service" if isinstance(container, Service) else "runtime"


def _is_own(container: Container) -> bool:
    """Whether the type is written here and not taken from an anchor."""
    pair = container.entry("type")
    return pair is not None and isinstance(pair.value, Scalar)


def _newest(name: str, images: Images) -> str | None:
    if name == _COMPOSABLE:
        return next((channel.name for channel in images.channels(Status.SUPPORTED)), None)
    image = images.get(name)
    return None if image is None else image.newest


def _with_version(version: str, kind: Kind, images: Images) -> list[str]:
    """The name of the only image with such a version that is still maintained; empty if several have it."""
    known = [image for name in images.names(kind) if (image := images.get(name)) is not None]
    found = [image.name for image in known if image.status(version) in (Status.SUPPORTED, Status.DEPRECATED)]
    return found if len(found) == 1 else []


# -- versions --------------------------------------------------------------------------------------------------------


def _numbers(version: str) -> tuple[int, ...] | None:
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() and len(part) < 10 for part in parts) else None


def _is_newer(version: str, known: tuple[str, ...]) -> bool:
    """Whether a version is above all known ones, so a newer table may have it."""
    number = _numbers(version)
    others = [numbers for one in known if (numbers := _numbers(one)) is not None]
    return number is not None and bool(others) and number[: len(max(others))] > max(others)


def _newer_than_table(what: str, images: Images) -> str:
    return f"`{what}` is newer than our list of {images.date}; run `upsun-lint images update`"


def _better(version: str, image: Image) -> list[str]:
    """The supported versions to change to: the nearest above, and the newest."""
    supported = image.versions(Status.SUPPORTED)
    number = _numbers(version) or ()
    above = [one for one in supported if (_numbers(one) or ()) >= number]
    return list(dict.fromkeys([*above[-1:], *supported[:1]]))


def _about_version(name: str, version: str, image: Image, status: Status | None, images: Images) -> str:
    home = images.get(image.listed_elsewhere(version) or name) or image
    supported = home.versions(Status.SUPPORTED)
    if status is None and image.alias_of is not None and (original := images.get(f"oracle-{name}")) is not None:
        return (
            f"`{name}` is another name for `{image.alias_of}`, which has no version `{version}` (supported:"
            f" {listed(supported, limit=4)}); Oracle's MySQL is `{original.name}`, with"
            f" {listed(original.versions(Status.SUPPORTED), limit=3)}"
        )
    if name == "network-storage" and status is Status.DEPRECATED:
        return (
            f"`{name}:{version}` is deprecated in favor of `{supported[0]}`; changing the version of a service in"
            " place deletes its files, so move to a new service"
        )
    what = {
        None: "does not exist",
        Status.DECOMMISSIONED: "is no longer available",
        Status.RETIRED: "is retired and gets no more fixes",
        Status.DEPRECATED: "is deprecated and gets critical fixes only",
    }[status]
    if not supported:
        return f"`{name}:{version}` {what}"
    advice = ""
    if status is not None and image.kind == "service" and name not in _FORGETFUL:
        advice = "; back up the data and go up one version at a time"
    return f"`{name}:{version}` {what}; supported: {listed(supported, limit=4)}{advice}"


# -- the composable image --------------------------------------------------------------------------------------------


def _about_channel(version: str, channel: Channel | None, region: Region, images: Images) -> Iterator[Finding]:
    supported = [one.name for one in images.channels(Status.SUPPORTED)]
    known = tuple(one.name for one in images.channels())
    if channel is not None and channel.status is Status.SUPPORTED:
        return
    if channel is None and _is_newer(version, known):
        yield Finding(region, _newer_than_table(f"composable:{version}", images), severity=Severity.WARNING)
        return
    what = "does not exist" if channel is None else f"is {channel.status}"
    severity = Severity.ERROR if channel is None or channel.status is Status.DECOMMISSIONED else Severity.WARNING
    message = f"channel `{version}` of the composable image {what}; supported: {listed(supported, limit=4)}"
    fixes = [Fix(f"Change it to `{one}`", (Edit(region, one),)) for one in supported[:1] if region.text == version]
    yield Finding(region, message, fixes=tuple(fixes), severity=severity)


def _about_lone_stack(
    application: Application, parsed: tuple[Scalar, str, str] | None, images: Images
) -> Iterator[Finding]:
    """Report a stack without a `type`, or with the type of a single-runtime image."""
    pair, kind = application.entry("stack"), application.entry("type")
    stack = pair.value.resolved if pair is not None else None
    if pair is None or not ((isinstance(stack, Mapping) and stack.pairs) or items(stack)):
        return
    newest = f"{_COMPOSABLE}:{_newest(_COMPOSABLE, images) or '<channel>'}"
    if kind is None and application.body is not None:
        edit = (
            insert_property(application.body, f"type: {in_quotes(newest, pair.key.piece)}", before=pair)
            if _is_at_home(pair, application)
            else None
        )
        yield Finding(
            pair.key.region,
            f"this `stack` has no `type`; add `type: {newest}`",
            explains=(application.key.region,),
            fixes=(Fix(f"Add `type: {newest}`", (edit,)),) if edit is not None else (),
            severity=Severity.WARNING,
        )
    elif kind is not None and parsed is not None and images.get(parsed[1]) is not None:
        node, name, version = parsed
        yield Finding(
            pair.key.region,
            f"`stack` is for `type: {newest}`, but `{name}:{version}` is a single-runtime image; one of the two has"
            " no effect",
            related=(Related(node.region, "the type of the application"),),
            severity=Severity.WARNING,
        )


def _is_at_home(pair: Pair, application: Application) -> bool:
    """Whether a property is written in the application itself and not taken from an anchor."""
    return application.body is not None and any(own is pair for own in application.body.pairs)


def _stack(application: Application) -> Iterator[tuple[Scalar, bool]]:
    """The runtimes of a stack, and whether they surely are runtimes: a flat list can also contain packages."""
    stack = application.value("stack")
    runtimes: Node | None = stack.value("runtimes") if isinstance(stack, Mapping) else stack
    if not isinstance(runtimes, Sequence):
        return
    for item in runtimes.items:
        node = item.resolved
        if isinstance(node, Mapping) and len(node.pairs) == 1:
            pair: Pair = node.pairs[0]
            node = pair.key
        if isinstance(node, Scalar) and node.tag != BROKEN and not is_placeholder(node.text):
            yield node, isinstance(stack, Mapping)


def _about_runtime(
    node: Scalar, certain: bool, version: str, channel: Channel | None, images: Images
) -> Iterator[Finding]:
    match = re.fullmatch(r"([\w.+-]+)([@:])([\w.+-]+)", node.text)
    if match is None:
        return
    name, sign, wanted = match[1], match[2], match[3]
    offered = channel.runtimes if channel is not None else {}
    if not certain and name not in offered:
        return
    if sign == ":":
        better = f"{name}@{wanted}"
        fix = Fix(f"Write `{better}`", (rewrite(node, better),), safe=True)
        yield Finding(node.region, f"write a stack runtime with `@`: `{better}`", fixes=(fix,))
        return
    if not offered or wanted in offered.get(name, ()):
        return
    if name not in offered:
        meant = nearest(name, offered)
        hint = f"did you mean {listed(meant, 'or', limit=4)}?" if meant else f"it has {listed(offered, limit=9)}"
        place = inside(node, 0, len(name))
        yield Finding(place, f"channel `{version}` of the composable image has no runtime `{name}`; {hint}")
        return
    place = inside(node, len(name) + 1, len(node.text))
    if _is_newer(wanted, offered[name]):
        yield Finding(place, _newer_than_table(f"{name}@{wanted}", images), severity=Severity.WARNING)
        return
    has = listed(offered[name], limit=4)
    fixes = tuple(
        Fix(f"Change it to `{name}@{one}`", (Edit(place, one),)) for one in offered[name][:1] if place.text == wanted
    )
    yield Finding(place, f"channel `{version}` has no `{name}@{wanted}`; it has {has}", fixes=fixes)
