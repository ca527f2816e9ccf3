"""Rules about variables."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import nest
from upsun_rules.finding import Finding, Fix, Related, Severity
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application, Container, Instance, Service
from upsun_schema.wording import listed
from upsun_schema.yaml.nodes import BROKEN, Alias, Include, Mapping, Pair, Scalar

TOPIC = "Variables"


@rule("unprefixed-variable", Severity.ERROR, docs="configure-apps/image-properties/variables", keys=("variables",))
def unprefixed_variable(container: Container) -> Iterator[Finding]:
    """A variable has no prefix.

    The keys directly below `variables` are prefixes, and the variables are below them. `env` sets environment variables
    of the container, and `php` sets PHP options. Variables with any other prefix are available only in
    `PLATFORM_VARIABLES`.

    The platform rejects a text or number without a prefix. It also rejects the notation of the command line, with
    prefix and name joined by a colon, as in `env:LOG_LEVEL`.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        variables:
          LOG_LEVEL: info
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        variables:
          env:
            LOG_LEVEL: info
    ```
    """
    section = container.entry("variables")
    block = section.value.resolved if section is not None else None
    if isinstance(container, Service) or section is None or not isinstance(block, Mapping):
        return
    prefixes = container.shape.properties["variables"].properties
    stray = [pair for pair in block.pairs if pair.name and pair.name not in prefixes and _is_plain(pair)]
    if not stray:
        return
    bare = [pair for pair in stray if ":" not in str(pair.name)]
    safe = _is_safe(container)
    written_here = not isinstance(section.value, Alias | Include)
    if bare:
        edits = nest(bare, block, "env") if written_here and not _taken(block, "env", bare) else None
        names = listed((str(pair.name) for pair in bare), limit=4)
        yield Finding(
            bare[0].key.region,
            f"{names} {'has' if len(bare) == 1 else 'have'} no prefix; put environment variables below `env:`",
            label="put it below `env:`",
            related=tuple(Related(pair.key.region, "this has no prefix either") for pair in bare[1:4]),
            fixes=(Fix("Put it below `env`", tuple(edits), safe),) if edits else (),
            explains=tuple(pair.region for pair in (*bare, *_empty(block, "env"))),
        )
    for pair in stray:
        prefix, colon, name = str(pair.name).partition(":")
        if colon:
            # One edit of the block at a time: two would each make a section of the same name.
            alone = written_here and len(stray) == 1 and prefix and name and name.replace("_", "").isalnum()
            edits = nest([pair], block, prefix, called=name) if alone and prefix not in block.entries else None
            yield Finding(
                pair.key.region,
                f"write `{prefix}:` as a map and put `{name}` below it",
                label=f"put it below `{prefix}:`",
                fixes=(Fix(f"Put it below `{prefix}`", tuple(edits), safe),) if edits else (),
                explains=(pair.region,),
            )


def _is_safe(container: Container) -> bool:
    """Whether only one block exists, so a move in it cannot change what another block overrides."""
    application = container.application if isinstance(container, Instance) else container
    blocks = [*(application.instances if isinstance(application, Application) else ()), application]
    return sum(block.entry("variables") is not None for block in blocks) == 1


def _is_plain(pair: Pair) -> bool:
    """Whether a value is text or a number. A prefix is a map."""
    value = pair.value.resolved
    return isinstance(value, Scalar) and value.tag != BROKEN and not value.is_null


def _empty(block: Mapping, prefix: str) -> list[Pair]:
    """A prefix with nothing below it, which is what the values without one belong to."""
    pair = block.get(prefix)
    return [pair] if pair is not None and pair.value.is_null else []


def _taken(block: Mapping, prefix: str, pairs: list[Pair]) -> bool:
    """Whether a prefix already has one of the variables, or isn't a map."""
    section = block.value(prefix)
    if section is None or section.is_null:
        return False
    return not isinstance(section, Mapping) or any(pair.name in section.entries for pair in pairs)
