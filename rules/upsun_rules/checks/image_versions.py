"""The rule about the versions of images."""

from __future__ import annotations

import re
from collections.abc import Iterator

from upsun_rules.editing.blocks import rewrite
from upsun_rules.finding import Edit, Finding, Fix, Severity
from upsun_rules.lookups.inside import inside
from upsun_rules.lookups.version_numbers import is_newer, is_next, newer_than_table, numbers_of
from upsun_rules.lookups.written_types import is_own_type, kind_of, parsed_type
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application, Container, Service
from upsun_schema.images.table import Image, Images, Status
from upsun_schema.wording import listed
from upsun_schema.yaml.nodes import Region

TOPIC = "Images and versions"


# Services that keep nothing: another version starts as empty as this one.
_FORGETFUL = frozenset({"chrome-headless", "gotenberg", "memcached", "redis", "valkey", "varnish"})


@rule("image-version", Severity.ERROR, docs="configure-apps/app-reference/single-runtime-image", keys=("type",))
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
    parsed = parsed_type(container)
    image = options.images.get(parsed[1]) if parsed is not None else None
    if parsed is None or image is None or image.kind != kind_of(container):
        return
    node, name, version = parsed
    status = image.status(version)
    if status is Status.SUPPORTED:
        return
    region = inside(node, len(name) + 1, len(name) + 1 + len(version))
    docs = _page(image)
    if status is None:
        yield _not_listed(container, image, version, region, options.images)._replace(docs=docs)
        return
    fixes: tuple[Fix, ...] = ()
    if image.kind == "runtime" and is_own_type(container) and region.text == version:
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


def _better(version: str, image: Image) -> list[str]:
    """The supported versions to change to: the nearest above, and the newest."""
    supported = image.versions(Status.SUPPORTED)
    number = numbers_of(version) or ()
    above = [one for one in supported if (numbers_of(one) or ()) >= number]
    return list(dict.fromkeys([*above[-1:], *supported[:1]]))


def _not_listed(container: Container, image: Image, version: str, region: Region, images: Images) -> Finding:
    """The finding about a version that the table does not have."""
    what = f"`{image.name}:{version}`"
    known = image.versions()
    enterprise = images.get(f"{image.name}-enterprise")
    severity, better = Severity.ERROR, ""
    if enterprise is not None and (enterprise.status(version) or is_newer(version, known)):
        message = f"`{image.name}` ends at {known[0]}; newer versions are `{enterprise.name}`"
        better = f"{enterprise.name}:{version}" if enterprise.status(version) else ""
    elif (meant := _misspelled(version, known)) is not None:
        message, better = f"{what} does not exist; did you mean `{meant}`?", f"{image.name}:{meant}"
    elif (precise := next((one for one in known if version.startswith(f"{one}.")), None)) and numbers_of(version):
        message = f"{what} is more precise than our list of {images.date}; write `{image.name}:{precise}`"
        severity, better = Severity.WARNING, f"{image.name}:{precise}"
    elif is_next(version, known):
        message, severity = newer_than_table(f"{image.name}:{version}", images), Severity.WARNING
    else:
        message = _about_version(image.name, version, image, None, images)
        if _is_between(version, known) and image.alias_of is None:
            message = message.replace("does not exist", f"is not in our list of {images.date}")
            severity = Severity.WARNING
        if image.kind == "runtime" and (newer := _better(version, image)):
            better = f"{image.name}:{newer[0]}"
    node = container.type if isinstance(container, Application | Service) else None
    is_plain = node is not None and is_own_type(container) and region.text == version
    fixes = (Fix(f"Change it to `{better}`", (rewrite(node, better),)),) if better and is_plain and node else ()
    return Finding(region, message, fixes=fixes, severity=severity)


def _misspelled(version: str, known: tuple[str, ...]) -> str | None:
    """The version that lost its dot (`313` for `3.13`) or, read as a number, its last zero (`3.1` for `3.10`)."""
    for one in known:
        if "." in one and version in (one.replace(".", ""), one.removesuffix("0") if one[-2:] != ".0" else ""):
            return one
    return None


def _is_between(version: str, known: tuple[str, ...]) -> bool:
    """Whether a version is between two known ones, with as many numbers as one of them: the table may have a gap."""
    number, numbers = numbers_of(version), [one for one in map(numbers_of, known) if one]
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
