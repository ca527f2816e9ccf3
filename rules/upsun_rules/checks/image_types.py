"""Rules about the images of applications and services: names, versions and composable images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from typing import NamedTuple

from upsun_rules.editing.blocks import in_quotes, indented, insert_property, owned_lines, rewrite, step_of
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.inside import inside
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application, Container, Service, Task, items
from upsun_schema.configuration.project import Project
from upsun_schema.images.table import Channel, Image, Images, Kind, Status, parse_type
from upsun_schema.keys.shape import kinds_of
from upsun_schema.wording import is_placeholder, listed, nearest, shortened
from upsun_schema.yaml.nodes import BROKEN, Keys, Mapping, Node, Pair, Region, Scalar, Sequence

TOPIC = "Images and versions"

_COMPOSABLE = "composable"
_DOCKER = "docker"
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
        what = "a runtime, not a service" if image.kind == "runtime" else "a service, not a runtime"
        message = f"`{name}` is {what}; define `{container.name}` under `{other}`"
        # A whole section indented into another one is reported as that.
        yield Finding(region, message, lacks=(Keys(other),))
        return
    if image is not None or (name in (_COMPOSABLE, _DOCKER) and kind == "runtime"):
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
    - *Incoming*: a warning. It is announced but not supported yet.

    Test your application before you move its runtime to a supported version. Services hold data: back them up and
    upgrade one version at a time, because most of them cannot be downgraded.

    The versions come from a copy of the platform's public registry. Run `upsun-lint images update` to refresh it. The
    copy may be outdated and has gaps, so a version that could be the next one, a version between two others and a patch
    level such as `4.0.3` are warnings only.

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
    docs = _page(image)
    if status is None:
        yield _not_listed(container, image, version, region, options.images)._replace(docs=docs)
        return
    fixes: tuple[Fix, ...] = ()
    if image.kind == "runtime" and _is_own(container) and region.text == version:
        fixes = tuple(
            Fix(f"Change it to `{name}:{better}`", (Edit(region, better),)) for better in _better(version, image)
        )
    message = _about_version(name, version, image, status, options.images)
    yield Finding(region, message, fixes=fixes, severity=_SEVERITIES[status], docs=docs)


_SEVERITIES = {
    Status.DECOMMISSIONED: Severity.ERROR,
    Status.RETIRED: Severity.WARNING,
    Status.INCOMING: Severity.WARNING,
    Status.DEPRECATED: Severity.INFO,
}


@rule("composable-image", Severity.ERROR, docs="configure-apps/app-reference/composable-image")
def composable_image(application: Application, options: Options) -> Iterator[Finding]:
    """A composable image is configured incorrectly.

    A composable image has the type `composable:<channel>` and a `stack` with its runtimes and packages. The channel
    decides which runtimes and versions are available. A runtime that the channel does not have makes the push fail.
    Runtimes are written with an `@`: `nodejs@24`. A retired channel still builds but gets no more fixes.

    `stack` replaces `build`, `dependencies` and `runtime`, which are for single-runtime images. Do not combine them.

    The documentation requires both `type` and `stack`. A `stack` without a `type` is older than channels and still
    deploys, so it is a warning, and so is a composable image without a `stack`. A `stack` next to the type of a
    single-runtime image is a warning as well, because one of the two has no effect.

    A flat list of runtimes and packages, or a single runtime as text, is an older form of `stack`. The same checks
    apply to it. `extensions` next to a runtime, instead of indented below it, have no effect.

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
    if application.entry("stack") is None and application.body is not None and not application.body.merges_unknown:
        message = f"`{_COMPOSABLE}:{version}` needs a `stack` with its runtimes"
        yield Finding(node.region, message, severity=Severity.WARNING)
    yield from _about_stack(application, _Offer.of(version, channel), options.images)


@rule("docker-image", Severity.ERROR, docs="configure-apps/app-reference/single-runtime-image#types")
def docker_image(application: Application) -> Iterator[Finding]:
    """The `image` of a Docker application is missing, ambiguous or in the wrong place.

    An application of type `docker:…` runs an image of its author. It needs exactly one of `image.name`, the name of an
    existing image, and `image.buildfile`, the file to build one from. Applications of other types cannot have `image`.

    The documentation does not describe this type yet. The rules are those of the linter that the vendor is developing.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        image:
          name: example/app
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'docker:1'
        image:
          name: example/app
    ```
    """
    node, image = _type_of(application), application.entry("image")
    if node is None or application.body is None or application.body.merges_unknown:
        return
    if node.text.partition(":")[0] != _DOCKER:
        if image is not None:
            yield Finding(image.key.region, f"`image` is for the type `{_DOCKER}` only, and this is `{node.text}`")
        return
    given = [name for name in ("name", "buildfile") if application.at("image", name) is not None]
    block = image.value.resolved if image is not None else None
    if len(given) == 1 or not (block is None or block.is_null or isinstance(block, Mapping)):
        return
    what = "needs exactly one of `image.name` and `image.buildfile`"
    region = node.region if image is None else image.key.region
    yield Finding(region, f"an application of type `{_DOCKER}` {what}")


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


def _not_listed(container: Container, image: Image, version: str, region: Region, images: Images) -> Finding:
    """The finding about a version that the table does not have."""
    what = f"`{image.name}:{version}`"
    known = image.versions()
    enterprise = images.get(f"{image.name}-enterprise")
    severity, better = Severity.ERROR, ""
    if enterprise is not None and (enterprise.status(version) or _is_newer(version, known)):
        message = f"`{image.name}` ends at {known[0]}; newer versions are `{enterprise.name}`"
        better = f"{enterprise.name}:{version}" if enterprise.status(version) else ""
    elif (meant := _misspelled(version, known)) is not None:
        message, better = f"{what} does not exist; did you mean `{meant}`?", f"{image.name}:{meant}"
    elif (precise := next((one for one in known if version.startswith(f"{one}.")), None)) and _numbers(version):
        message = f"{what} is more precise than our list of {images.date}; write `{image.name}:{precise}`"
        severity, better = Severity.WARNING, f"{image.name}:{precise}"
    elif _is_next(version, known):
        message, severity = _newer_than_table(f"{image.name}:{version}", images), Severity.WARNING
    else:
        message = _about_version(image.name, version, image, None, images)
        if _is_between(version, known) and image.alias_of is None:
            message = message.replace("does not exist", f"is not in our list of {images.date}")
            severity = Severity.WARNING
        if image.kind == "runtime" and (newer := _better(version, image)):
            better = f"{image.name}:{newer[0]}"
    node = container.type if isinstance(container, Application | Service) else None
    is_plain = node is not None and _is_own(container) and region.text == version
    fixes = (Fix(f"Change it to `{better}`", (rewrite(node, better),)),) if better and is_plain and node else ()
    return Finding(region, message, fixes=fixes, severity=severity)


def _misspelled(version: str, known: tuple[str, ...]) -> str | None:
    """The version that lost its dot (`313` for `3.13`) or, read as a number, its last zero (`3.1` for `3.10`)."""
    for one in known:
        if "." in one and version in (one.replace(".", ""), one.removesuffix("0") if one[-2:] != ".0" else ""):
            return one
    return None


def _is_next(version: str, known: tuple[str, ...]) -> bool:
    """Whether a version is above all known ones and near enough to be one of the next."""
    number, newest = _numbers(version), max((one for one in map(_numbers, known) if one), default=())
    if number is None or not _is_newer(version, known):
        return False
    at, (new, old) = next((at, pair) for at, pair in enumerate(zip(number, newest, strict=False)) if len(set(pair)) > 1)
    return new - old <= max(6 if at else 2, old // 4)


def _is_between(version: str, known: tuple[str, ...]) -> bool:
    """Whether a version is between two known ones, with as many numbers as one of them: the table may have a gap."""
    number, numbers = _numbers(version), [one for one in map(_numbers, known) if one]
    return number is not None and min(numbers) < number < max(numbers) and len(number) in {len(one) for one in numbers}


_PAGES = {
    "chrome-headless": "headless-chrome",
    "mariadb": "mysql",
    "oracle-mysql": "mysql",
    "postgres": "postgresql",
    "vault-kms": "vault",
}
"""The pages of services whose names differ, below `add-services` in the platform's documentation."""


def _page(image: Image) -> str:
    """The page of a service in the platform's documentation; empty for a runtime."""
    base = re.sub("-(?:enterprise|persistent|replica)$", "", image.name)
    return f"add-services/{_PAGES.get(base, base)}" if image.kind == "service" else ""


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
        Status.INCOMING: "is not supported yet",
    }[status]
    if not supported:
        return f"`{name}:{version}` {what}"
    advice = ""
    if status not in (None, Status.INCOMING) and image.kind == "service" and name not in _FORGETFUL:
        advice = "; back up the data and go up one version at a time"
    return f"`{name}:{version}` {what}; supported: {listed(supported, limit=4)}{advice}"


# -- the composable image --------------------------------------------------------------------------------------------


def _about_channel(version: str, channel: Channel | None, region: Region, images: Images) -> Iterator[Finding]:
    supported = [one.name for one in images.channels(Status.SUPPORTED)]
    known = tuple(one.name for one in images.channels())
    if channel is not None and channel.status is Status.SUPPORTED:
        return
    if channel is None and _is_next(version, known):
        yield Finding(region, _newer_than_table(f"composable:{version}", images), severity=Severity.WARNING)
        return
    what = "does not exist" if channel is None else f"is {channel.status}"
    if channel is not None and channel.status is Status.INCOMING:
        what = "is not supported yet"
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
    if pair is None or not ((isinstance(stack, Mapping) and stack.pairs) or items(stack) or _is_runtime(stack)):
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
            explains=(application.key.region, *([stack.region] if isinstance(stack, Scalar) else [])),
            fixes=(Fix(f"Add `type: {newest}`", (edit,)),) if edit is not None else (),
            severity=Severity.WARNING,
        )
        yield from _about_stack(application, _Offer.of_all(images), images)
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


class _Offer(NamedTuple):
    """The runtimes to choose from: those of a channel, or of all channels where the application names none."""

    who: str
    runtimes: MappingType[str, tuple[str, ...]]
    is_channel: bool

    @classmethod
    def of(cls, version: str, channel: Channel | None) -> _Offer:
        """The runtimes of a channel; empty if it is unknown."""
        return cls(f"channel `{version}`", channel.runtimes if channel is not None else {}, is_channel=True)

    @classmethod
    def of_all(cls, images: Images) -> _Offer:
        """The runtimes of all channels."""
        found: dict[str, tuple[str, ...]] = {}
        for channel in images.channels():
            for name, versions in channel.runtimes.items():
                found[name] = tuple(dict.fromkeys([*found.get(name, ()), *versions]))
        return cls("the composable image", found, is_channel=False)


def _about_stack(application: Application, offer: _Offer, images: Images) -> Iterator[Finding]:
    for entry, certain in _stack(application):
        yield from _about_runtime(entry, certain, offer, images)
    yield from _extensions_beside(application)
    stack = application.entry("stack")
    text = stack.value.resolved if stack is not None else None
    if offer.is_channel and stack is not None and _is_runtime(text):
        message = "a `stack` is a map with `runtimes` and `packages`; a single runtime as text is an older form"
        yield Finding(stack.value.region, message, severity=Severity.WARNING)
    for key in ("build", "dependencies", "runtime"):
        pair = application.entry(key)
        block = pair.value.resolved if pair is not None else None
        if stack is None or pair is None or not isinstance(block, Mapping) or not block.entries:
            continue
        # `flavor: none` asks for no action, which is what a composable image does anyway.
        idle = key == "build" and block.entries.keys() == {"flavor"} and application.text("build", "flavor") == "none"
        if idle and offer.is_channel:
            message, severity = "`build` has no effect in a composable image; remove it", Severity.INFO
        else:
            message = (
                f"`{key}` is for single-runtime images and cannot be combined with a composable image; use `stack`"
            )
            severity = Severity.WARNING
        yield Finding(pair.key.region, message, severity=severity)


_RUNTIME = re.compile(r"([\w.+-]+)([@:])([\w.+-]+)")
_WITHOUT_SIGN = re.compile(r"([a-z]+)(\d+\.\d+)")


def _is_runtime(node: Node | None) -> bool:
    """Whether a value is one runtime as text: the oldest form of a stack."""
    return isinstance(node, Scalar) and node.tag != BROKEN and _RUNTIME.fullmatch(node.text) is not None


def _entries(application: Application) -> tuple[list[Node], bool]:
    """The entries of a stack that are or may be runtimes; whether they all are. A flat list contains packages too."""
    stack = application.value("stack")
    runtimes: Node | None = stack.value("runtimes") if isinstance(stack, Mapping) else stack
    if isinstance(runtimes, Sequence):
        return [item.resolved for item in runtimes.items], isinstance(stack, Mapping)
    return ([runtimes], True) if runtimes is not None and _is_runtime(runtimes) else ([], False)


def _stack(application: Application) -> Iterator[tuple[Scalar, bool]]:
    """The runtimes of a stack, and whether they surely are runtimes."""
    entries, certain = _entries(application)
    for node in entries:
        keys = [pair.key for pair in node.pairs] if isinstance(node, Mapping) else [node]
        # A map has a runtime as its only key, or `extensions` next to it.
        names = keys if len(keys) == 1 else [key for key in keys if isinstance(key, Scalar) and "@" in key.text]
        for name in names[:1]:
            if isinstance(name, Scalar) and name.tag != BROKEN and not is_placeholder(name.text):
                yield name, certain


def _extensions_beside(application: Application) -> Iterator[Finding]:
    """Report `extensions` next to a runtime: PHP has none of them then."""
    entries, in_runtimes = _entries(application)
    for node in entries:
        if not isinstance(node, Mapping):
            continue
        runtime = next((pair for pair in node.pairs if pair.name and "@" in pair.name and pair.value.is_null), None)
        beside = next((pair for pair in node.pairs if pair.name in ("extensions", "disabled_extensions")), None)
        if runtime is None or beside is None:
            continue
        yield Finding(
            beside.key.region,
            f"`{beside.name}` has no effect next to `{runtime.name}`; indent it below `{runtime.name}`",
            related=(Related(runtime.key.region, "the runtime"),),
            fixes=_indented_below(runtime, beside, node),
            explains=(beside.region,),
            severity=Severity.ERROR if in_runtimes else Severity.WARNING,
        )


def _indented_below(runtime: Pair, beside: Pair, node: Mapping) -> tuple[Fix, ...]:
    lines = owned_lines(beside)
    if node.flow or lines is None or [runtime, beside] != node.pairs:
        return ()
    edit = Edit(lines, indented(lines.text, step_of(node.pairs[0].key)))
    return (Fix(f"Indent it below `{runtime.name}`", (edit,), safe=True),)


def _about_runtime(node: Scalar, certain: bool, offer: _Offer, images: Images) -> Iterator[Finding]:
    severity = Severity.ERROR if offer.is_channel else Severity.WARNING
    offered = offer.runtimes
    match = _RUNTIME.fullmatch(node.text)
    if match is None:
        run_on = _WITHOUT_SIGN.fullmatch(node.text)
        if run_on is not None and run_on[1] in offered:
            yield _with_sign(node, f"{run_on[1]}@{run_on[2]}", Severity.WARNING)
        return
    name, sign, wanted = match[1], match[2], match[3]
    if sign == ":" and not certain and name not in offered:
        return
    if sign == ":":
        yield _with_sign(node, f"{name}@{wanted}", severity)
        return
    if not offered or wanted in offered.get(name, ()):
        return
    if name not in offered:
        meant = nearest(name, offered)
        if not (certain or meant):
            return
        hint = f"did you mean {listed(meant, 'or', limit=4)}?" if meant else f"it has {listed(offered, limit=9)}"
        place = inside(node, 0, len(name))
        fixes = tuple(Fix(f"Change it to `{one}`", (Edit(place, one),)) for one in meant if place.text == name)
        yield Finding(place, f"{offer.who} has no runtime `{name}`; {hint}", fixes=fixes, severity=severity)
        return
    if not offer.is_channel:
        return  # Old channels had other versions.
    place = inside(node, len(name) + 1, len(node.text))
    if _is_next(wanted, offered[name]):
        yield Finding(place, _newer_than_table(f"{name}@{wanted}", images), severity=Severity.WARNING)
        return
    has = listed(offered[name], limit=4)
    fixes = tuple(
        Fix(f"Change it to `{name}@{one}`", (Edit(place, one),)) for one in offered[name][:1] if place.text == wanted
    )
    yield Finding(place, f"{offer.who} has no `{name}@{wanted}`; it has {has}", fixes=fixes)


def _with_sign(node: Scalar, better: str, severity: Severity) -> Finding:
    fix = Fix(f"Write `{better}`", (rewrite(node, better),), safe=True)
    return Finding(node.region, f"write a stack runtime with `@`: `{better}`", fixes=(fix,), severity=severity)
