"""What an application depends on, as its manifests and lock files say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from upsun_rules.resolution.application_files import ApplicationFiles, child
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Mapping as Map
from upsun_schema.yaml.nodes import Region

__all__ = ["MANIFESTS", "Dependencies", "dependencies"]

MANIFESTS = {
    "composer": (("composer.json",), ("composer.lock",)),
    "node": (
        ("package.json",),
        ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"),
    ),
    "ruby": (("Gemfile",), ("Gemfile.lock",)),
    "python": (
        ("pyproject.toml", "requirements.txt", "Pipfile"),
        ("poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock"),
    ),
}
"""The files that say what a project of an ecosystem needs, and those that say what is installed."""

_JSON_KEYS = ("require", "require-dev", "dependencies", "devDependencies", "optionalDependencies")
_GEM = expression(r"^[ \t]*gem[ \t(]+[\"']([\w.-]+)[\"']", re.MULTILINE)
_REQUIREMENT = expression(r"^[ \t]*([A-Za-z0-9][\w.-]*)", re.MULTILINE)
_SEPARATORS = expression(r"[-_.]+")


class Dependencies(NamedTuple):
    """What an application needs directly: each package, with the place that says so.

    `locks` are the lock files that there are, which also have what these packages need in turn.
    """

    direct: Mapping[str, Region]
    locks: tuple[str, ...]
    files: ApplicationFiles

    def has(self, package: str) -> bool:
        """Whether a package is surely or possibly installed."""
        if package in self.direct:
            return True
        return any(self.files.mentions(lock, package) is not False for lock in self.locks)


def dependencies(ecosystem: str, files: ApplicationFiles) -> Dependencies | None:
    """The dependencies of an application in an ecosystem; None if it has no manifest that can be read."""
    manifests, locks = MANIFESTS[ecosystem]
    names = frozenset(files.files(""))
    if names.isdisjoint(manifests):
        return None
    found: dict[str, Region] = {}
    for name in manifests:
        if name in names:
            found.update((normalized(package, ecosystem), region) for package, region in _packages(name, files))
    return Dependencies(found, tuple(name for name in locks if name in names), files)


def normalized(package: str, ecosystem: str) -> str:
    """The name of a package as others may write it."""
    return _SEPARATORS.sub("-", package).lower() if ecosystem == "python" else package.lower()


def _packages(path: str, files: ApplicationFiles) -> Iterator[tuple[str, Region]]:
    if path.endswith(".json"):
        document = files.tree(path)
        for key in _JSON_KEYS if document is not None else ():
            section = child(document.root if document is not None else None, key)
            for pair in section.pairs if isinstance(section, Map) else ():
                yield pair.name or "", pair.key.region
        return
    text = files.text(path)
    if text is None:
        return
    if path.endswith(("Gemfile", "requirements.txt")):
        pattern = _GEM if path.endswith("Gemfile") else _REQUIREMENT
        for match in pattern.finditer(text.text):
            yield match[1], Region(text.whole, match.start(1), match.end(1))
        return
    for package in _of_toml(text.text):
        at = max(text.text.find(package), 0)
        yield package, Region(text.whole, at, at + len(package))


def _of_toml(text: str) -> Iterator[str]:
    """Yield the packages of a `pyproject.toml` or a `Pipfile`."""
    import tomllib

    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    project = _table(data, "project")
    lists = [project.get("dependencies"), *_table(project, "optional-dependencies").values()]
    for requirements in (*lists, *_table(data, "dependency-groups").values()):
        for requirement in requirements if isinstance(requirements, list) else ():
            match = _REQUIREMENT.match(requirement) if isinstance(requirement, str) else None
            if match is not None:
                yield match[1]
    poetry = _table(_table(data, "tool"), "poetry")
    groups = [_table(group, "dependencies") for group in _table(poetry, "group").values() if isinstance(group, dict)]
    for table in (_table(poetry, "dependencies"), _table(poetry, "dev-dependencies"), *groups):
        yield from table
    yield from _table(data, "packages")


def _table(data: Mapping[str, object], name: str) -> dict[str, object]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}
