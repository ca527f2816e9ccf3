"""Reads files with settings, on top of those that they extend."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from upsun_lint.failure import Failure
from upsun_lint.places.paths import display_path
from upsun_lint.run.policy_settings import PolicyFailure, built, tables
from upsun_lint.run.rule_names import named, named_policies
from upsun_lint.run.settings import FORMATS, LEVELS, NEVER, SHARED_FILE, SHELLCHECK, Settings, up_to_repository
from upsun_rules.finding import Severity
from upsun_schema.data_files import text_beside
from upsun_schema.expression import expression
from upsun_schema.files import read_file

__all__ = [
    "MISPLACED",
    "NAMES",
    "OF_EDITORS",
    "check",
    "load",
    "mentions_us",
    "named_files",
    "parse",
    "read",
    "schema_text",
]

_TABLE = "upsun-lint"

_MOST_BYTES = {SHARED_FILE: 1_000_000}
_MOST_BYTES_OF_OURS = 100_000

_MANY_DOTS = expression(r"^(?:[^.\n]*+\.){200}", re.MULTILINE)
"""More dots than any real key has. The standard library's parser takes quadratic time in their number."""

_MOST_MINUTES = 1_000_000
_MOST_EXTENDED = 3
"""The most files that extend each other in a row."""
_MOST_IN_A_FILE = 5
_MOST_JOBS = 64

_OFF = "off"
MISPLACED = f"settings belong at the top level of this file, without `[tool.{_TABLE}]`"
"""The message for settings in `.upsun-lint.toml` that are written as in `pyproject.toml`."""


def mentions_us(path: str) -> bool:
    """Whether a `pyproject.toml` may have settings for upsun-lint; most are not parsed."""
    if _TABLE not in _text(path):
        return False
    tool = _parse(path).get("tool")
    return isinstance(tool, dict) and _TABLE in tool


def load(path: str, text: str | None = None) -> Settings:
    """The settings in a file, and in those that it extends. Failure, with the file and the mistake, for bad ones.

    `text` is what counts instead of the content of the file.
    """
    return _resolved(_loaded(path, [], text)._replace(path=path), display_path(path))


def named_files(path: str) -> frozenset[str]:
    """The absolute paths of a settings file and of those it names, whether they can be used or not."""
    folder = os.path.dirname(os.path.abspath(path))
    try:
        table = _parse(path)
    except Failure:
        table = {}
    policies, extends = table.get("policies"), table.get("extends")
    named = [one.get("schema") for one in policies if isinstance(one, dict)] if isinstance(policies, list) else []
    named += extends if isinstance(extends, list) else []
    names = [os.path.basename(path), *(name for name in named if isinstance(name, str))]
    return frozenset(os.path.normpath(os.path.join(folder, name)) for name in names)


def _loaded(path: str, above: list[str], text: str | None = None) -> Settings:
    """The settings in a file, on top of those that it extends; `above` are the files that lead to it."""
    text = _text(path) if text is None else text
    table = parse(text, path)
    if os.path.basename(path) == SHARED_FILE:
        tool = table.get("tool")
        table = tool.get(_TABLE, {}) if isinstance(tool, dict) else {}
    elif set(table) == {"tool"}:
        raise Failure(f"{path}: {MISPLACED}")
    try:
        own = _with_policies(read(table, path), path)
    except PolicyFailure as failure:
        raise failure.placed(path, text) from None
    here = [*above, os.path.realpath(path)]
    found = Settings()
    for name in own.extends:
        found = _over(found, _extended(path, name, here))
    return _over(found, own)


def _extended(path: str, name: str, above: list[str]) -> Settings:
    extended = os.path.normpath(os.path.join(os.path.dirname(path), name))
    if os.path.realpath(extended) in above:
        raise Failure(f"{path}: `extends`: `{name}` extends itself")
    if len(above) > _MOST_EXTENDED:
        raise Failure(f"{path}: `extends`: more than {_MOST_EXTENDED} files extend each other")
    return _loaded(extended, above)


def _with_policies(settings: Settings, path: str) -> Settings:
    """The settings of a file with its policies ready to be applied."""
    folder = os.path.dirname(os.path.abspath(path))
    policies, files = built(settings.policy_tables, path, folder, up_to_repository(folder)[-1])
    return settings._replace(policies=policies, sources=files | {os.path.abspath(path)})


def _over(base: Settings, own: Settings) -> Settings:
    """Settings on top of those they extend. What lists or maps rules adds to it, anything else replaces it."""
    enabled = own.severities.keys() | own.extend_select
    replaced = {name: getattr(own, name) for name in own.given if name not in _ADDED}
    return base._replace(
        **replaced,
        extend_select=base.extend_select | own.extend_select,
        ignore=base.ignore - enabled | own.ignore,
        severities=MappingProxyType(dict(base.severities) | dict(own.severities)),
        per_path_ignores=base.per_path_ignores + own.per_path_ignores,
        exclude=base.exclude + own.exclude,
        policies=tuple(({one.name: one for one in base.policies} | {one.name: one for one in own.policies}).values()),
        sources=base.sources | own.sources,
        given=base.given | own.given,
    )


def _resolved(settings: Settings, source: str) -> Settings:
    """Settings in which the names of policies are those of the policies there are."""

    def resolve(names: frozenset[str]) -> frozenset[str]:
        return named_policies(names, settings.policies, source)

    severities = {rule: level for name, level in settings.severities.items() for rule in resolve(frozenset({name}))}
    extended = resolve(settings.extend_select)
    return settings._replace(
        select=None if settings.select is None else resolve(settings.select) | extended,
        extend_select=extended,
        ignore=resolve(settings.ignore) - extended,
        severities=MappingProxyType(severities),
        per_path_ignores=tuple((pattern, resolve(rules)) for pattern, rules in settings.per_path_ignores),
    )


def _parse(path: str) -> dict[str, object]:
    return parse(_text(path), path)


def parse(text: str, source: str) -> dict[str, object]:
    """The tables of a TOML text. Failure, beginning with `source:line:column:` (1-based), if it is not TOML."""
    import tomllib

    if dots := _MANY_DOTS.search(text):
        raise Failure(f"{source}:{text.count(chr(10), 0, dots.start()) + 1}:1: this line has too many dots")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as fault:
        words, _, place = _reason(fault).removesuffix(")").partition(" (at ")
        position = re.fullmatch(r"line (\d+), column (\d+)", place)
        where = f"{position[1]}:{position[2]}" if position else f"{text.count(chr(10)) + 1}:1"
        raise Failure(f"{source}:{where}: this is not valid TOML: {words[:1].lower()}{words[1:]}") from None


def _reason(fault: Exception) -> str:
    if isinstance(fault, RecursionError):
        return "it is nested too deeply"
    # A number of thousands of digits, which the interpreter refuses to read.
    return str(fault) if type(fault) is not ValueError else "a number is too long"


def _text(path: str) -> str:
    most = _MOST_BYTES.get(os.path.basename(path), _MOST_BYTES_OF_OURS)
    try:
        data = read_file(path, most + 1)
        text = data.decode()
    except OSError as fault:
        raise Failure(f"{path}: {(fault.strerror or 'cannot be read').lower()}") from None
    except UnicodeDecodeError:
        raise Failure(f"{path}: this is not valid TOML: it is not UTF-8") from None
    if len(data) > most:
        raise Failure(f"{path}: this file is longer than {most:,} bytes, too long for settings")
    return text


# -- values ----------------------------------------------------------------------------------------------------------


def read(table: object, source: str, base: Settings | None = None) -> Settings:
    """Settings from a parsed table, on top of others. Names may have dashes or underscores.

    Failure, with one line that begins with `source` and suggests the closest match, for any mistake.
    """
    base = base or Settings()
    changes: dict[str, object] = {}
    for name, value in _table(table, source, "the settings").items():
        key = name.replace("-", "_")
        if key not in _READERS:
            raise Failure(f"{source}: unknown setting `{name}`{_meant(key, _READERS)}")
        changes[_FIELDS.get(key, key)] = _READERS[key](value, source, name)
    severities = changes.get("severities")
    if isinstance(severities, dict):
        off = frozenset(rule for rule, severity in severities.items() if severity is None)
        changes["severities"] = MappingProxyType({rule: level for rule, level in severities.items() if level})
        ignored = changes.get("ignore", base.ignore)
        assert isinstance(ignored, frozenset)
        changes["ignore"] = ignored | off
    select = changes.get("select")
    if isinstance(select, frozenset) and SHELLCHECK in select:
        changes.setdefault("shellcheck", True)
    return base._replace(**changes, given=base.given | changes.keys())  # type: ignore[arg-type]


def schema_text() -> str:
    """The published JSON Schema of a settings file. It accepts what `read` accepts."""
    return text_beside(__file__, "settings.schema.json")


def check(name: str, value: object, source: str, shown: str) -> None:
    """Check one setting, called `shown` in its source. Failure as for `read`."""
    _READERS[name.replace("-", "_")](value, source, shown)


def _meant(name: str, candidates: Iterable[str]) -> str:
    from upsun_schema.wording import nearest

    close = nearest(name, candidates)
    return f"; did you mean `{close[0]}`?" if close else ""


def _table(value: object, source: str, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Failure(f"{source}: {name} must map names to values")
    return value


def _rules(value: object, source: str, name: str) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Failure(f'{source}: `{name}` must be a list of rule names, as in `["slow-shutdown"]`')
    return named(value, f"{source}: {name}")


def _selection(value: object, source: str, name: str) -> frozenset[str]:
    found = _rules(value, source, name)
    if not found:
        raise Failure(f"{source}: `{name}` names no rule, so nothing would be checked; remove it to run all rules")
    return found


def _level(value: object, source: str, name: str) -> Severity:
    if isinstance(value, str) and value in LEVELS:
        return LEVELS[value]
    raise Failure(f"{source}: `{name}` must be {_or(LEVELS)}{_instead(value, LEVELS)}")


def _failing(value: object, source: str, name: str) -> Severity | None:
    if value == NEVER:
        return None
    if isinstance(value, str) and value in LEVELS:
        return LEVELS[value]
    allowed = [*LEVELS, NEVER]
    raise Failure(f"{source}: `{name}` must be {_or(allowed)}{_instead(value, allowed)}")


def _severities(value: object, source: str, name: str) -> dict[str, Severity | None]:
    table = _table(value, source, f"`{name}`")
    allowed = [*LEVELS, _OFF]
    meant = {rule: named([rule], f"{source}: {name}") for rule in table}
    for rule, level in table.items():
        if not isinstance(level, str) or level not in allowed:
            raise Failure(f"{source}: `{name}.{rule}` must be {_or(allowed)}{_instead(level, allowed)}")
    # The more rules a name means, the less it counts.
    ordered = sorted(meant, key=lambda rule: -len(meant[rule]))
    return {slug: LEVELS.get(str(table[rule])) for rule in ordered for slug in meant[rule]}


def _per_path(value: object, source: str, name: str) -> tuple[tuple[str, frozenset[str]], ...]:
    table = _table(value, source, f"`{name}`")
    return tuple((pattern, _rules(rules, source, f"{name}.{pattern}")) for pattern, rules in table.items())


def _minutes(value: object, source: str, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Failure(f"{source}: `{name}` must be a whole number of minutes, at least 1")
    if value > _MOST_MINUTES:
        raise Failure(f"{source}: `{name}` must be at most {_MOST_MINUTES:,} minutes")
    return value


def _texts(value: object, source: str, name: str, form: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise Failure(f"{source}: `{name}` must be a list of {form}")
    return tuple(value)


def _patterns(value: object, source: str, name: str) -> tuple[str, ...]:
    return _texts(value, source, name, 'patterns, as in `["tests/**"]`')


def _extends(value: object, source: str, name: str) -> tuple[str, ...]:
    found = _texts(value, source, name, 'paths, as in `["../org/upsun-lint.toml"]`')
    if len(found) > _MOST_IN_A_FILE:
        raise Failure(f"{source}: `{name}` must have at most {_MOST_IN_A_FILE} paths")
    for path in found:
        if not _RELATIVE_TOML.fullmatch(path):
            raise Failure(f"{source}: `{name}`: `{path}` is not a relative path of a `.toml` file")
    return found


_RELATIVE_TOML = expression(r"(?![/\\])[^:\0\n]*\.toml")


def _file(value: object, source: str, name: str) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise Failure(f"{source}: `{name}` must be the path of a file")
    return value


def _formats(value: object, source: str, name: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    for one in values:
        if not isinstance(one, str) or one.partition("=")[0] not in FORMATS:
            words = f"`{name}` must be a report format ({', '.join(FORMATS)}) or a list of them"
            raise Failure(f"{source}: {words}{_meant(one, FORMATS) if isinstance(one, str) else ''}")
    return tuple(values)


def _jobs(value: object, source: str, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST_JOBS:
        raise Failure(f"{source}: `{name}` must be a number of processes from 1 to {_MOST_JOBS}")
    return value


def _switch(value: object, source: str, name: str) -> bool:
    if not isinstance(value, bool):
        raise Failure(f"{source}: `{name}` must be true or false")
    return value


_READERS: Mapping[str, Callable[[object, str, str], object]] = MappingProxyType(
    {
        "extends": _extends,
        "select": _selection,
        "extend_select": _rules,
        "ignore": _rules,
        "severities": _severities,
        "per_path_ignores": _per_path,
        "exclude": _patterns,
        "policies": tables,
        "cron_minimum_interval": _minutes,
        "images": _file,
        "severity": _level,
        "fail_on": _failing,
        "format": _formats,
        "baseline": _file,
        "jobs": _jobs,
        "shellcheck": _switch,
    }
)

_FIELDS: Mapping[str, str] = MappingProxyType({"policies": "policy_tables"})
"""The settings that are read into a field with another name."""

_ADDED = frozenset({"extend_select", "ignore", "severities", "per_path_ignores", "exclude", "policy_tables", "extends"})
"""The settings that add to those of the files that a file extends."""


NAMES = tuple(name.replace("_", "-") for name in _READERS)
"""The names of the settings, as people write them."""

_ONLY_IN_FILES = frozenset({"extends", "exclude", "policies", "images", "format", "baseline", "jobs"})

OF_EDITORS = tuple(name for name in NAMES if name not in _ONLY_IN_FILES)
"""The names of the settings that an editor can override."""


def _or(names: Iterable[str]) -> str:
    *others, last = (f'"{name}"' for name in names)
    return f"{', '.join(others)} or {last}"


def _instead(value: object, allowed: Iterable[str]) -> str:
    return f", not {value!r}{_meant(value, allowed)}" if isinstance(value, str) else ""
