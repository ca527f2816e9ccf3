"""Rules about `dependencies`: tools that are installed before the build."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import in_quotes
from upsun_rules.finding import Edit, Finding, Fix, Severity
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application
from upsun_schema.keys.shape import kinds_of
from upsun_schema.wording import is_placeholder, listed, nearest, shortened
from upsun_schema.yaml.nodes import BROKEN, Mapping, Pair, Scalar

TOPIC = "Dependencies"

_KINDS = ("nodejs", "php", "python3", "python", "ruby")
_OTHER_KINDS = frozenset({"python2", "java"})
"""Kinds that some pages of the documentation name."""

_MEANT = {
    "node": "nodejs",
    "npm": "nodejs",
    "yarn": "nodejs",
    "javascript": "nodejs",
    "js": "nodejs",
    "composer": "php",
    "pip": "python3",
    "pip3": "python3",
    "py": "python3",
    "gem": "ruby",
    "gems": "ruby",
    "bundler": "ruby",
}
_SYSTEM = frozenset(
    {"apt", "apt-get", "apk", "deb", "debian", "dnf", "nix", "os", "packages", "system", "ubuntu", "yum"}
)


@rule(
    "dependency-kind",
    Severity.ERROR,
    docs="configure-apps/app-reference/single-runtime-image#dependencies",
    keys=("dependencies",),
)
def dependency_kind(application: Application) -> Iterator[Finding]:
    """`dependencies` names a package manager that the platform does not have.

    The keys below `dependencies` are languages: `nodejs`, `php`, `python3`, `python` and `ruby`. Packages below any
    other key are not installed.

    Packages of the operating system cannot be installed this way. A composable image can have them, in
    `stack.packages`.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        dependencies:
          node:
            pnpm: '*'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        dependencies:
          nodejs:
            pnpm: '*'
    ```
    """
    kinds = application.children("dependencies")
    for name, pair in kinds.items():
        if name in _KINDS or name in _OTHER_KINDS or is_placeholder(name):
            continue
        message = f"`{shortened(name)}` is not a valid kind of dependency (expected {listed(_KINDS, 'or')})"
        meant = [_MEANT[name.lower()]] if name.lower() in _MEANT else nearest(name, _KINDS)[:1]
        if name.lower() in _SYSTEM:
            message += "; packages of the system need a composable image, below `stack.packages`"
        elif meant:
            message += f"; did you mean `{meant[0]}`?"
        fixable = pair.key is pair.key.resolved and pair in _pairs(application)
        fixes = [
            Fix(f"Rename it to `{one}`", (Edit(pair.key.region, one),)) for one in meant if one not in kinds and fixable
        ]
        yield Finding(pair.key.region, message, fixes=tuple(fixes))


def _pairs(application: Application) -> list[Pair]:
    """What is written below `dependencies`, without what merge keys bring in."""
    node = application.value("dependencies")
    return node.pairs if isinstance(node, Mapping) else []


@rule(
    "dependency-version",
    Severity.ERROR,
    docs="configure-apps/app-reference/single-runtime-image#dependencies",
    keys=("dependencies",),
)
def dependency_version(application: Application) -> Iterator[Finding]:
    """A dependency has no name, no version, or a version that YAML changes.

    Each package needs a name and a version. An empty one makes the build fail. For any version, write `'*'`.

    YAML reads a version without quotes as a number if it looks like one: `9.10` becomes 9.1. This is a warning, and
    `--fix` adds the quotes.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        dependencies:
          nodejs:
            pnpm: 9.10
            yarn: ''
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        dependencies:
          nodejs:
            pnpm: '9.10'
            yarn: '*'
    ```
    """
    for pair in _packages(application):
        value = pair.value.resolved
        name, is_own = pair.name or "", value is pair.value
        if not isinstance(value, Scalar) or value.tag == BROKEN:
            continue
        if not name:
            yield Finding(pair.key.region, "this dependency has no name; write the name of the package")
        elif value.is_null or (kinds_of(value) == {"string"} and not value.text.strip()):
            fix = Fix("Write `'*'`", (Edit(value.region, in_quotes("*", value.piece)),)) if value.style else None
            yield Finding(
                value.region if value.style else pair.key.region,
                f"`{shortened(name)}` has no version; write `'*'` for any",
                severity=Severity.WARNING if value.is_null else Severity.ERROR,
                fixes=(fix,) if fix is not None and is_own else (),
            )
        elif kinds_of(value) != {"string"} and (seen := _as_read(value)) != value.text:
            fix = Fix("Quote the version", (Edit(value.region, in_quotes(value.source, value.piece)),), safe=True)
            yield Finding(
                value.region,
                f"the version `{value.text}` is read as {seen}, because it is not quoted; quote it",
                severity=Severity.WARNING,
                fixes=(fix,) if is_own else (),
            )


def _packages(application: Application) -> Iterator[Pair]:
    """Yield the packages of every kind. Composer packages may be below `require`."""
    for kind in application.children("dependencies").values():
        block = kind.value.resolved
        if not isinstance(block, Mapping):
            continue
        yield from block.effective_pairs
        required = block.value("require") if kind.name == "php" else None
        if isinstance(required, Mapping):
            yield from required.effective_pairs


def _as_read(value: Scalar) -> str:
    """What is left of a version that YAML does not read as text."""
    read = value.value
    return str(read).lower() if isinstance(read, bool) else f"{read:.15g}" if isinstance(read, float) else str(read)
