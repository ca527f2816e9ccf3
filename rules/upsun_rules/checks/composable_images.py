"""The rule about composable images: their channel and their `stack`."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingType

from upsun_rules.editing.blocks import in_quotes, indented, insert_property, owned_lines, rewrite, step_of
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.inside import inside
from upsun_rules.lookups.version_numbers import is_next, newer_than_table
from upsun_rules.lookups.written_types import COMPOSABLE, newest_of, parsed_type
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application, items
from upsun_schema.expression import expression
from upsun_schema.images.table import Channel, Images, Status
from upsun_schema.record import NamedTuple
from upsun_schema.wording import is_placeholder, listed, nearest
from upsun_schema.yaml.nodes import BROKEN, Mapping, Node, Pair, Region, Scalar, Sequence

TOPIC = "Images and versions"


@rule("composable-image", Severity.ERROR, docs="configure-apps/app-reference/composable-image", keys=("type", "stack"))
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
    parsed = parsed_type(application)
    if parsed is None or parsed[1] != COMPOSABLE:
        yield from _about_lone_stack(application, parsed, options.images)
        return
    node, name, version = parsed
    channel = options.images.channel(version)
    region = inside(node, len(name) + 1, len(name) + 1 + len(version))
    yield from _about_channel(version, channel, region, options.images)
    if application.entry("stack") is None and application.body is not None and not application.body.merges_unknown:
        message = f"`{COMPOSABLE}:{version}` needs a `stack` with its runtimes"
        yield Finding(node.region, message, severity=Severity.WARNING)
    yield from _about_stack(application, _Offer.of(version, channel), options.images)


def _about_channel(version: str, channel: Channel | None, region: Region, images: Images) -> Iterator[Finding]:
    supported = [one.name for one in images.channels(Status.SUPPORTED)]
    known = tuple(one.name for one in images.channels())
    if channel is not None and channel.status is Status.SUPPORTED:
        return
    if channel is None and is_next(version, known):
        yield Finding(region, newer_than_table(f"composable:{version}", images), severity=Severity.WARNING)
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
    newest = f"{COMPOSABLE}:{newest_of(COMPOSABLE, images) or '<channel>'}"
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


_RUNTIME = expression(r"([\w.+-]+)([@:])([\w.+-]+)")
_WITHOUT_SIGN = expression(r"([a-z]+)(\d+\.\d+)")


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
    if is_next(wanted, offered[name]):
        yield Finding(place, newer_than_table(f"{name}@{wanted}", images), severity=Severity.WARNING)
        return
    has = listed(offered[name], limit=4)
    fixes = tuple(
        Fix(f"Change it to `{name}@{one}`", (Edit(place, one),)) for one in offered[name][:1] if place.text == wanted
    )
    yield Finding(place, f"{offer.who} has no `{name}@{wanted}`; it has {has}", fixes=fixes)


def _with_sign(node: Scalar, better: str, severity: Severity) -> Finding:
    fix = Fix(f"Write `{better}`", (rewrite(node, better),), safe=True)
    return Finding(node.region, f"write a stack runtime with `@`: `{better}`", fixes=(fix,), severity=severity)
