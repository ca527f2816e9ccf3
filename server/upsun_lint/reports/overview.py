"""What a check would do: the settings of each project, the files it reads, and where both come from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from upsun_lint.places.paths import display_path
from upsun_lint.run import image_updates
from upsun_lint.run.check_request import CheckRequest
from upsun_lint.run.settings import NEVER, Settings
from upsun_lint.run.settings_reader import NAMES
from upsun_lint.run.targets import Target, open_project
from upsun_lint.writing.terminal import printable

__all__ = ["files", "settings", "sources"]


def files(request: CheckRequest, found: Sequence[Target]) -> str:
    """The paths of the files that are read, one on a line."""
    lines: list[str] = []
    for target in found:
        project = open_project(target)
        paths = [document.path for document in project.all_documents] + list(project.texts)
        asked = [path for path in paths if target.files is None or path in target.files]
        lines += (printable(display_path(target.root, path)) for path in asked)
    return "".join(f"{line}\n" for line in lines)


def sources(request: CheckRequest, found: Sequence[Target]) -> str:
    """One line for each project with the files of its settings, and its table of images."""
    return "".join(f"{line}\n" for target in found for line in _sources(request, target))


def _sources(request: CheckRequest, target: Target) -> Iterator[str]:
    settings = request.settings_of(target.root)
    names = ", ".join(printable(display_path(path)) for path in sorted(settings.sources)) or "the defaults"
    images = image_updates.pinned(settings) or image_updates.load()[0]
    where = (
        f"named by the settings as {printable(settings.images)}" if settings.images is not None else "of this machine"
    )
    yield f"{printable(display_path(target.root))}: settings: {names}; images: {images.date}, {where}"


def settings(request: CheckRequest, found: Sequence[Target]) -> str:
    """The settings of each project with the options of the command line, as TOML."""
    parts = []
    for target in found:
        own = request.settings_of(target.root)
        lines = [f"# {line}" for line in _sources(request, target)]
        parts.append("".join(f"{line}\n" for line in [*lines, *_toml(request.over(own), own.sources)]))
    return "\n".join(parts)


def _toml(settings: Settings, sources: frozenset[str]) -> Iterator[str]:
    values = {
        "select": _names(settings.select) if settings.select is not None else None,
        "ignore": _names(settings.ignore),
        "severities": {rule: level.label for rule, level in sorted(settings.severities.items())},
        "per_path_ignores": {pattern: _names(rules) for pattern, rules in settings.per_path_ignores},
        "exclude": list(settings.exclude),
        "cron_minimum_interval": settings.cron_minimum_interval,
        "images": settings.images,
        "severity": settings.severity.label,
        "fail_on": NEVER if settings.fail_on is None else settings.fail_on.label,
        "format": list(settings.format),
        "baseline": settings.baseline,
        "jobs": settings.jobs,
    }
    for name in NAMES:
        value = values.get(name.replace("-", "_"))
        if value not in (None, [], {}):
            yield f"{name.replace('-', '_')} = {_value(value)}"
    for policy in settings.policies:
        yield f"# policy {policy.slug}: {policy.subject}, {policy.severity.label}, schema in {printable(policy.origin)}"


def _names(names: frozenset[str]) -> list[str]:
    return sorted(names)


def _value(value: object) -> str:
    """A value as TOML; texts and lists are written as in JSON."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_value(one)}" for name, one in value.items()) + "}"
    return json.dumps(value)
