"""The platform's images: names, versions and their status, endpoints; and the channels of the composable image.

The table is data, `images.json`: its `images` and `composable` are what the platform's own registry says, its
`additions` what the documentation says and the registry leaves out. `Images.from_registry` makes such a table: the one
that comes with this package, and a newer one for whoever downloads the registry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from upsun_schema.cached import Caching, cached_property
from upsun_schema.data_files import json_beside
from upsun_schema.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias


__all__ = ["Channel", "Image", "Images", "Kind", "Status", "parse_type"]

Kind: TypeAlias = "Literal['runtime', 'service']"
"""What an image is for: an application's `type` names a runtime, a service's `type` a service."""

_Object = Mapping[str, object]
# A table of another format was written by another release of this package.
_FORMAT = 1
_COMPOSABLE = "composable"
# How alike two names are, of 1, that differ by one slip: see `difflib`.
_SLIP = 0.9
_RELATIONS = ("alias_of", "variant_of", "replica_of")


class Status(StrEnum):
    """The status of a version in the platform's registry (`upsun.status`).

    Supported is maintained, deprecated may still get critical fixes, retired still starts but is not maintained,
    decommissioned no longer starts. Incoming is announced but not supported yet; a status of the registry that this
    release does not know counts as incoming, too.
    """

    SUPPORTED = "supported"
    DEPRECATED = "deprecated"
    RETIRED = "retired"
    DECOMMISSIONED = "decommissioned"
    INCOMING = "incoming"


class _Endpoints(NamedTuple):
    """Endpoints that some versions of an image have: name to scheme, and the one flagged as the default."""

    schemes: Mapping[str, str | None]
    default: str | None


class Image(NamedTuple):
    """One image: what comes before the colon in `type`.

    `alias_of`, `variant_of` and `replica_of` name the image this one is another name, a variant or a read-only replica
    of. A replica needs a relationship called `primary` (docs: add-services, MariaDB read-only replication).
    `documented_default` is the endpoint the documentation takes for the default although the registry flags none.
    `endpoint_keys` are the keys of a service's `configuration` whose entries name further endpoints.
    `listed` are its versions in the registry, newest first, and `lent` those that the registry lists under the name of
    another image, the `lender`. `usual` are the endpoints of its versions, `exceptional` those of the versions that
    have others.
    """

    name: str
    kind: Kind
    alias_of: str | None
    variant_of: str | None
    replica_of: str | None
    documented_default: str | None
    endpoint_keys: tuple[str, ...]
    listed: Mapping[str, Status]
    usual: _Endpoints | None
    exceptional: Mapping[str, _Endpoints]
    lender: str | None
    lent: Mapping[str, Status]

    def status(self, version: str) -> Status | None:
        """The status of a version; None for one that is not listed."""
        return self.listed.get(version) or self.lent.get(version)

    def versions(self, *statuses: Status) -> tuple[str, ...]:
        """List the registry's versions of this image, newest first; only those with one of `statuses`, if any."""
        return tuple(version for version, status in self.listed.items() if not statuses or status in statuses)

    @property
    def newest(self) -> str | None:
        """The newest supported version; None where none is supported."""
        return next(iter(self.versions(Status.SUPPORTED)), None)

    def listed_elsewhere(self, version: str) -> str | None:
        """Name the image the registry lists this version under, where the documentation writes it under this name.

        `elasticsearch:8.19` in the documentation is `elasticsearch-enterprise:8.19` in the registry.
        """
        return self.lender if version in self.lent and version not in self.listed else None

    def endpoints(self, version: str | None = None) -> Mapping[str, str | None] | None:
        """Map the built-in endpoints of a version to their schemes (None: not given); empty where it has no endpoints.

        For a version that is not listed, or no version, the newest one's. None if the table does not list this image's
        endpoints: then any name may be right.
        """
        endpoints = self._endpoints_of(version)
        return None if endpoints is None else endpoints.schemes

    def default_endpoint(self, version: str | None = None) -> str | None:
        """Name the endpoint the registry flags as the default of a version; None where it flags none."""
        endpoints = self._endpoints_of(version)
        return None if endpoints is None else endpoints.default

    def _endpoints_of(self, version: str | None) -> _Endpoints | None:
        return self.exceptional.get(version or "", self.usual)


class Channel(NamedTuple):
    """One channel of the composable image: what comes after `composable:`.

    `runtimes` maps a name to its versions, newest first; it is empty where the platform no longer lists them.
    """

    name: str
    status: Status
    runtimes: Mapping[str, tuple[str, ...]]


class Images(Caching):
    """The table of images. Immutable; an image is made when it is first asked for."""

    def __init__(self, table: _Object) -> None:
        """Take a table as `to_json` writes it. ValueError, with one plain line, if it is of another format."""
        if table.get("format") != _FORMAT:
            raise ValueError(f"the image table is not of format {_FORMAT}, the one this release reads")
        self._date = _date(table.get("date"))
        self._table = table
        self._registered = _object(table.get("images"), "images")
        self._additions = _object(table.get("additions"), "additions")
        self._made: dict[str, Image] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Images) and self._table == other._table

    def __hash__(self) -> int:
        return hash(self._date)

    @property
    def date(self) -> str:
        """The day it was made, as `YYYY-MM-DD`."""
        return self._date

    @staticmethod
    def embedded() -> Images:
        """The table that comes with this package; it is read once."""
        return _embedded()

    @classmethod
    def from_json(cls, text: str) -> Images:
        """Read what `to_json` wrote. ValueError, with one plain line, if the text is anything else."""
        import json

        try:
            table = json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError("the image table is not valid JSON") from None
        return cls(_object(table, "the image table"))._checked()

    @classmethod
    def from_registry(cls, registry: object, composable: object, date: str, base: Images | None = None) -> Images:
        """Make the table from the platform's image registry and its description of the composable image.

        Both are the parsed JSON the platform publishes. Its public API leaves the endpoints out: what the registry does
        not say about them, and the channels if `composable` is None, is taken from `base`, and so are the additions.
        `base` is the embedded table unless given. ValueError, with one plain line, if either is malformed.
        """
        known = (base or cls.embedded())._table
        known_images = _object(known["images"], "images")
        table: dict[str, object] = {
            "format": _FORMAT,
            "date": date,
            "images": {
                name: _registered_image(name, entry, _object(known_images.get(name, {}), f"image {name!r}"))
                for name, entry in sorted(_object(registry, "the image registry").items())
            },
            "composable": known["composable"] if composable is None else _registered_channels(composable),
            "additions": known["additions"],
        }
        return cls(table)._checked()

    def to_json(self) -> str:
        """Write the table as text, one image a line: what `from_json` reads."""
        import json

        def section(name: str) -> str:
            entries = _object(self._table[name], name).items()
            return ",\n".join(f"    {json.dumps(key)}: {json.dumps(entry)}" for key, entry in entries)

        sections = [f'  "{name}": {{\n{section(name)}\n  }}' for name in ("images", "composable", "additions")]
        return ",\n".join([f'{{\n  "format": {_FORMAT}', f'  "date": {json.dumps(self.date)}', *sections]) + "\n}\n"

    def get(self, name: str) -> Image | None:
        """The image of that name, if there is one. For the composable image see `channel`."""
        made = self._made.get(name)
        # Only what there is can be kept: a long session sees any number of names that are not images.
        if made is None and (made := self._image(name)) is not None:
            self._made[name] = made
        return made

    def names(self, kind: Kind | None = None) -> tuple[str, ...]:
        """List the names of all images, or of those of one kind, in alphabetical order."""
        return tuple(name for name in self._names if kind is None or ((image := self.get(name)) and image.kind == kind))

    def nearest(self, name: str, kind: Kind | None = None) -> list[str]:
        """List up to three names that `name` may have been meant for, the likeliest first; `composable` may be one."""
        from difflib import SequenceMatcher, get_close_matches

        wanted = name.lower()
        names = [*self.names(kind), *([] if kind == "service" else [_COMPOSABLE])]
        begun = [one for one in names if len(wanted) > 1 and one.startswith(wanted)]
        begun.sort(key=lambda one: (self._is_derived(one), len(one)))
        # `redis-cluster`, `postgres-server`: a known name, or the beginning of one, with something of another platform.
        first = wanted.partition("-")[0]
        inside = [one for one in names if first != wanted and len(first) > 3 and one.startswith(first)]
        inside.sort(key=lambda one: (self._is_derived(one), len(one)))
        matches = get_close_matches(wanted, names)
        slip = [one for one in matches[:1] if SequenceMatcher(None, one, wanted).ratio() >= _SLIP]
        close = sorted(matches, key=self._is_derived)
        return list(dict.fromkeys([*begun, *slip, *inside[:1], *close]))[:3]

    def _is_derived(self, name: str) -> bool:
        """Whether an image is another name, a variant or a replica of another one."""
        image = self.get(name)
        return image is not None and any((image.alias_of, image.variant_of, image.replica_of))

    def channel(self, name: str) -> Channel | None:
        """The channel of the composable image with that name (`26.05`), if there is one."""
        return self._channels.get(name)

    def channels(self, *statuses: Status) -> tuple[Channel, ...]:
        """The channels of the composable image, newest first; only those with one of `statuses`, if any."""
        return tuple(channel for channel in self._channels.values() if not statuses or channel.status in statuses)

    @cached_property
    def _names(self) -> list[str]:
        return [name for name in sorted({*self._registered, *self._additions}) if self.get(name) is not None]

    @cached_property
    def _channels(self) -> dict[str, Channel]:
        channels = _object(self._table.get("composable"), "composable")
        return {name: _channel(name, channels[name]) for name in _newest_first(channels)}

    def _image(self, name: str) -> Image | None:
        addition = _object(self._additions.get(name, {}), f"the addition to {name!r}")
        # An alias, variant or replica is what its original is, until the registry has its own entry for it.
        original = name if name in self._registered else _original(addition)
        if original not in self._registered:
            return None
        return _image(name, _object(self._registered[original], f"image {original!r}"), addition, self._registered)

    def _checked(self) -> Images:
        """The same table, after reading all of it. ValueError, with one plain line, if a part is malformed."""
        self.names()
        self.channels()
        return self


def parse_type(text: str) -> tuple[str, str] | None:
    """Split a `type` such as `php:8.4` into image name and version; None if it is not two parts around one colon.

    The parts are as written; whether there is such an image and version is for the table to say.
    """
    name, _, version = text.partition(":")
    if not name or not version or ":" in version or any(map(str.isspace, text)):
        return None
    return name, version


@cache
def _embedded() -> Images:
    return Images(json_beside(__file__, "images.json"))


# From a table to images. Every value is checked: a table may come from a cache file or, as a registry, from the net.


def _image(name: str, entry: _Object, addition: _Object, images: _Object) -> Image:
    exceptions: dict[str, _Endpoints] = {}
    for exception in _list(entry.get("exceptions", []), f"exceptions of {name!r}"):
        group = _object(exception, f"an exception of {name!r}")
        if endpoints := _endpoints(group, name):
            exceptions |= dict.fromkeys(_words(group.get("versions"), f"exceptions of {name!r}"), endpoints)
    lender = _word(addition, "borrows")
    lent = (
        {}
        if lender is None or lender not in images
        else _versions(_object(images[lender], f"image {lender!r}"), lender)
    )
    return Image(
        name=name,
        kind=_kind(entry.get("kind"), name),
        alias_of=_word(addition, "alias_of"),
        variant_of=_word(addition, "variant_of"),
        replica_of=_word(addition, "replica_of"),
        documented_default=_word(addition, "documented_default"),
        endpoint_keys=_words(addition.get("endpoint_keys", []), f"endpoint_keys of {name!r}"),
        listed=MappingProxyType(_versions(entry, name)),
        usual=_endpoints(entry, name),
        exceptional=MappingProxyType(exceptions),
        lender=lender,
        lent=MappingProxyType(lent),
    )


def _original(addition: _Object) -> str | None:
    return next((_word(addition, relation) for relation in _RELATIONS if relation in addition), None)


def _versions(entry: _Object, name: str) -> dict[str, Status]:
    statuses = {
        version: _status(status, name)
        for status, versions in _object(entry.get("versions"), f"versions of {name!r}").items()
        for version in _words(versions, f"versions of {name!r}")
    }
    return {version: statuses[version] for version in _newest_first(statuses)}


def _endpoints(entry: _Object, name: str) -> _Endpoints | None:
    if "endpoints" not in entry:
        return None
    schemes = _object(entry["endpoints"], f"endpoints of {name!r}")
    return _Endpoints(
        MappingProxyType({endpoint: _word(schemes, endpoint) for endpoint in schemes}), _word(entry, "default")
    )


def _channel(name: str, value: object) -> Channel:
    entry = _object(value, f"channel {name!r}")
    runtimes = _object(entry.get("runtimes", {}), f"runtimes of {name!r}")
    versions = {runtime: _words(runtimes[runtime], f"versions of {runtime!r}") for runtime in runtimes}
    return Channel(name, _status(entry.get("status"), name), MappingProxyType(versions))


# From the platform's registry to a table.


def _registered_image(name: str, value: object, known: _Object) -> dict[str, object]:
    """Make one image of the registry an entry of the table; `known` is the entry of the table at hand, or empty."""
    image = _object(value, f"image {name!r}")
    runtime, service = image.get("runtime"), image.get("service")
    if not isinstance(runtime, bool) and not isinstance(service, bool):
        raise ValueError(f"image {name!r} does not say whether it is a runtime or a service")
    versions: dict[str, list[str]] = {}
    known_endpoints: dict[str, dict[str, object]] = {}
    details = _object(image.get("versions"), f"versions of {name!r}")
    for version in _newest_first(details):
        detail = _object(details[version], f"version {version!r} of {name!r}")
        # A version that only other products have carries no status of ours.
        if "upsun" not in detail:
            continue
        # The registry may decorate a version: "8.0 (LTS)" is `8.0` in a type.
        number = version.partition(" ")[0]
        status = _registered_status(_object(detail["upsun"], f"'upsun' of {name!r}").get("status"), name)
        versions.setdefault(status.value, []).append(number)
        endpoints = _registered_endpoints(detail.get("manifest"), name)
        if endpoints is not None:
            known_endpoints[number] = endpoints
    entry: dict[str, object] = {
        "kind": "runtime" if runtime or service is False else "service",
        "versions": {status.value: versions[status.value] for status in Status if status.value in versions},
    }
    if not known_endpoints:
        return entry | {key: known[key] for key in ("endpoints", "default", "exceptions") if key in known}
    # Some old versions are said to have no endpoints at all where their neighbors have: that is a gap, not a fact.
    usual = {version: endpoints for version, endpoints in known_endpoints.items() if endpoints["endpoints"]}
    return entry | _grouped(usual or known_endpoints)


def _registered_endpoints(value: object, name: str) -> dict[str, object] | None:
    """Take over the endpoints of one version; None where the registry is silent or only names them."""
    manifest = {} if value is None else _object(value, f"a manifest of {name!r}")
    if "endpoints" not in manifest:
        return None
    given = manifest["endpoints"]
    endpoints = {} if given is None else _object(given, f"endpoints of {name!r}")
    details = {endpoint: _object(endpoints[endpoint], f"endpoint {endpoint!r} of {name!r}") for endpoint in endpoints}
    if details and not any(details.values()):
        return None
    schemes: dict[str, object] = {"endpoints": {endpoint: _word(details[endpoint], "scheme") for endpoint in details}}
    default = next((endpoint for endpoint in details if details[endpoint].get("default") is True), None)
    return schemes if default is None else {**schemes, "default": default}


def _grouped(known_endpoints: Mapping[str, dict[str, object]]) -> dict[str, object]:
    """The endpoints of the newest version once, then those of the versions that differ (the newest is first)."""
    groups: list[tuple[dict[str, object], list[str]]] = []
    for version, endpoints in known_endpoints.items():
        alike = next((versions for group, versions in groups if group == endpoints), None)
        if alike is None:
            groups.append((endpoints, [version]))
        else:
            alike.append(version)
    (newest, _), *others = groups
    exceptions: list[dict[str, object]] = [{"versions": versions, **endpoints} for endpoints, versions in others]
    return newest | ({"exceptions": exceptions} if exceptions else {})


def _registered_channels(value: object) -> dict[str, object]:
    # The file the platform keeps has the image under its name; its API serves the image itself.
    document = _object(value, "the composable image")
    image = _object(document.get(_COMPOSABLE, document), "the composable image")
    versions = _object(image.get("versions"), "versions of the composable image")
    channels: dict[str, object] = {}
    for name in _newest_first(versions):
        channel = _object(versions[name], f"channel {name!r}")
        status = _registered_status(_object(channel.get("upsun"), f"'upsun' of channel {name!r}").get("status"), name)
        packages = _object(channel.get("packages_versions", {}), f"runtimes of channel {name!r}")
        runtimes = {
            package: _newest_first(
                _words(_object(packages[package], f"runtime {package!r}").get("versions"), f"versions of {package!r}")
            )
            for package in sorted(packages)
        }
        channels[name] = {"status": status.value, **({"runtimes": runtimes} if runtimes else {})}
    return channels


# What every value is checked with.


def _object(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is not an object")
    return value


def _list(value: object, what: str) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{what} is not a list")
    return value


def _words(value: object, what: str) -> tuple[str, ...]:
    words = tuple(word for word in _list(value, what) if isinstance(word, str))
    if len(words) != len(_list(value, what)):
        raise ValueError(f"{what} is not a list of texts")
    return words


def _word(entry: _Object, key: str) -> str | None:
    value = entry.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{key!r} is not a text")
    return value


def _registered_status(value: object, name: str) -> Status:
    """A status of the registry. It gets new ones from time to time, which are no reason to refuse the whole table."""
    if not isinstance(value, str):
        raise ValueError(f"{name!r} has a status that is not text")
    return Status(value) if value in tuple(Status) else Status.INCOMING


def _status(value: object, name: str) -> Status:
    try:
        return Status(value)  # type: ignore[arg-type]
    except ValueError:
        raise ValueError(f"{name!r} has an unknown status (expected one of {', '.join(Status)})") from None


def _kind(value: object, name: str) -> Kind:
    if value == "runtime":
        return "runtime"
    if value == "service":
        return "service"
    raise ValueError(f"{name!r} is neither a runtime nor a service")


def _date(value: object) -> str:
    parts = value.split("-") if isinstance(value, str) and value.isascii() else []
    if not isinstance(value, str) or [len(part) for part in parts if part.isdigit()] != [4, 2, 2] or len(parts) != 3:
        raise ValueError("the date of the image table is not of the form YYYY-MM-DD")
    return value


def _newest_first(versions: Iterable[str]) -> list[str]:
    """In the order people count versions: 1.10 is newer than 1.9, and 3 than 2.7."""
    return sorted(versions, key=_natural, reverse=True)


def _natural(version: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part) if part.isdecimal() and len(part) < 10 else -1, part) for part in version.split("."))
