"""Rules about keys that are one level too deep or too shallow, and about entries without a name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from upsun_rules.editing.blocks import column, indented, nest, owned_lines, step_of
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.rule import Rank, rule
from upsun_schema.keys.validation import validate
from upsun_schema.wording import listed
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Keys, Mapping, Pair

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upsun_rules.lookups.levels import Inside, Level, Nameless, TooDeep, TooShallow

TOPIC = "Levels"

_MOST_NAMES = 4


@rule("missing-name", Severity.ERROR, docs="configure-apps", rank=Rank.LEVEL)
def missing_name(document: Document) -> Iterator[Finding]:
    """An application, a service or another entry has no name.

    The keys below `applications`, `services`, `workers`, `crons`, `relationships`, `mounts` and `routes` are names (or
    paths, or addresses) of the author's choice. If the name is left out, the platform reads each property as a separate
    entry: an application called `type`, another one called `hooks`. It rejects the push.

    Put the properties below a name.

    ```yaml title="wrong"
    applications:
      type: 'php:8.4'
      hooks:
        build: composer install
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        hooks:
          build: composer install
    ```
    """
    if not validate(document):
        return
    from upsun_rules.lookups.levels import Nameless, misplaced  # Few files need them.

    for found in misplaced(document):
        if isinstance(found, Nameless):
            yield _nameless(found)


def _nameless(found: Nameless) -> Finding:
    section, pairs = found.section, found.pairs
    assert section.pair is not None
    kind, what = _KINDS.get(section.name, ("entry", "a name"))
    names = listed((str(pair.name) for pair in pairs), limit=_MOST_NAMES)
    verb = "is" if len(pairs) == 1 else "are"
    own = next((pair for pair in pairs if pair.name == "name"), None)
    given = own.value.source if own is not None else ""
    where = f"`{given}:`" if given else what
    entry = next(name for number in count() if (name := f"{kind.split()[-1]}{number or ''}") not in _names(section))
    edits = nest(pairs, section.mapping, entry) if what == "a name" and own is None else None
    first = pairs[0].key
    return Finding(
        section.pair.key.region if section.name == "applications" else first.region,
        f"this {kind} has no {what.removeprefix('a ').removeprefix('an ')}: {names} {verb} directly below"
        f" `{section.name}`; indent {'it' if len(pairs) == 1 else 'them'} below {where}",
        related=(Related(first.region, f"put {where} above this"),),
        fixes=(Fix(f"Name it `{entry}`", tuple(edits), safe=section.name == "crons"),) if edits else (),
        explains=tuple(pair.region for pair in pairs),
        gives=(Keys(section.name), Keys(section.mapping)),
    )


_KINDS = {
    "applications": ("application", "a name"),
    "services": ("service", "a name"),
    "workers": ("worker", "a name"),
    "crons": ("cron job", "a name"),
    "relationships": ("relationship", "a name"),
    "tasks": ("task", "a name"),
    "operations": ("operation", "a name"),
    "mounts": ("mount", "a path"),
    "routes": ("route", "an address"),
    "locations": ("location", "a path"),
    "rules": ("rule", "a pattern"),
}
"""By the key of a section, what its entries are, and what the key of each of them is."""


def _names(section: Level) -> set[str | None]:
    return {pair.name for pair in section.mapping.pairs}


@rule("wrong-level", Severity.ERROR, docs="core-concepts/yaml/what-is-yaml", rank=Rank.LEVEL)
def wrong_level(document: Document) -> Iterator[Finding]:
    """Keys are indented one level too deep or not deep enough.

    In YAML, the indentation alone says what a key belongs to. A key on the wrong level is an unknown key there, or
    the name of something else, and is missing where it should be. The platform rejects the push or ignores the key.

    This rule also reports a section that is below itself, such as `services` in `services`.

    Change the indentation of all keys that the message names.

    ```yaml title="wrong"
    applications:
      app:
        source:
          root: docs
          type: 'python:3.13'
          hooks:
            build: poetry install
    ```

    ```yaml title="right"
    applications:
      app:
        source:
          root: docs
        type: 'python:3.13'
        hooks:
          build: poetry install
    ```
    """
    if not validate(document):
        return
    from upsun_rules.lookups.levels import Inside, TooDeep, TooShallow, misplaced  # Few files need them.

    for found in misplaced(document):
        if isinstance(found, TooDeep):
            yield _too_deep(found)
        elif isinstance(found, TooShallow):
            yield _too_shallow(found)
        elif isinstance(found, Inside):
            yield _inside(found)


def _too_deep(found: TooDeep) -> Finding:
    pairs, home, inner, owner = found.pairs, found.home, found.inner, found.pairs[-1]
    one = len(pairs) == 1
    names = listed((str(pair.name) for pair in pairs), limit=_MOST_NAMES)
    belong = f"{names} {'belongs' if one else 'belong'}"
    if home.pair is None:
        where = "at the top of the file"
        gives = [Keys(str(pair.name), _entries(pair)) for pair in pairs]
    else:
        where = f"to {_called(home)}"
        gives = [Keys(home.mapping, tuple(str(pair.name) for pair in pairs))]
    if isinstance(owner.value, Mapping) and inner:
        gives.append(Keys(owner.value, tuple(str(pair.name) for pair in inner)))
    by = _column(home) - column(pairs[0].key)
    fits_then = all(column(pair.key) == _inner_column(owner) + by for pair in inner)
    return Finding(
        pairs[0].key.region,
        f"{belong} {where}, not below `{found.level.name}`: indent {'it' if one else 'them'} less",
        label="too deep",
        related=tuple(Related(pair.key.region, f"this belongs to `{owner.name}`") for pair in inner),
        fixes=_moved(found.level.mapping, pairs, by, inner) if fits_then else (),
        explains=tuple(pair.region for pair in (*pairs, *inner)),
        gives=tuple(gives),
    )


def _too_shallow(found: TooShallow) -> Finding:
    pairs, owner = found.pairs, found.owner
    one = len(pairs) == 1
    names = listed((str(pair.name) for pair in pairs), limit=_MOST_NAMES)
    keys = tuple(str(pair.name) for pair in pairs)
    is_open = isinstance(owner.value, Mapping) or not owner.value.source  # Below a `~` nothing can be.
    there = (
        Keys(owner.value, keys) if isinstance(owner.value, Mapping) else Keys(found.level.mapping, (str(owner.name),))
    )
    return Finding(
        pairs[0].key.region,
        f"{names} {'belongs' if one else 'belong'} to `{owner.name}` above: indent {'it' if one else 'them'} below it",
        label="not deep enough",
        related=(Related(owner.key.region, f"this is `{owner.name}`"),),
        fixes=_moved(found.level.mapping, pairs, _inner_column(owner) - column(pairs[0].key)) if is_open else (),
        explains=tuple(pair.region for pair in (pairs if there.of is owner.value else [owner, *pairs])),
        # Only the top of a file has no name.
        gives=(there, *([] if found.level.pair is not None else [Keys(str(owner.name), keys)])),
    )


def _inside(found: Inside) -> Finding:
    pair, outer = found.pair, found.outer
    keys = (Keys(outer.mapping, _entries(pair)), Keys(outer.name, _entries(pair)))
    return Finding(
        pair.key.region,
        f"`{pair.name}` is inside another `{outer.name}`; remove one of the two lines",
        label="once too often",
        related=() if outer.pair is None else (Related(outer.pair.key.region, "the other one"),),
        explains=(pair.region,),
        gives=keys,
    )


def _entries(pair: Pair) -> tuple[str, ...]:
    node = pair.value.resolved
    return tuple(node.entries) if isinstance(node, Mapping) else ()


def _called(level: Level) -> str:
    return f"{level.shape.name} `{level.name}`" if level.shape.name not in ("", level.name) else f"`{level.name}`"


def _column(level: Level) -> int:
    return column(level.mapping.pairs[0].key)


def _inner_column(owner: Pair) -> int:
    node = owner.value
    if isinstance(node, Mapping) and node.pairs:
        return column(node.pairs[0].key)
    return column(owner.key) + step_of(owner.key)


def _moved(parent: Mapping, pairs: list[Pair], by: int, inner: Sequence[Pair] = ()) -> tuple[Fix, ...]:
    """The fix that changes the indentation of pairs, the last ones of their map if it becomes less.

    `inner` are pairs after them that belong to the last of them then.
    """
    if parent.flow:
        return ()
    first = parent.pairs.index(pairs[0])
    after = parent.pairs[first + len(pairs) :]
    if parent.pairs[first : first + len(pairs)] != pairs or (by < 0 and after != list(inner)):
        return ()
    lines = [region for pair in pairs if (region := owned_lines(pair)) is not None]
    if len(lines) < len(pairs) or any(region.piece is not lines[0].piece for region in lines):
        return ()
    region = lines[0]._replace(end=lines[-1].end)
    title = "Indent less" if by < 0 else "Indent further"
    return (Fix(title, (Edit(region, indented(region.text, by)),)),)
