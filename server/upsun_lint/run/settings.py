"""The settings of a project: `.upsun-lint.toml`, or `[tool.upsun-lint]` in `pyproject.toml`.

Both are searched in the project's folder, then upward to the folder with `.git`; the closest file is used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from upsun_lint.failure import Failure
from upsun_lint.places.paths import display_path
from upsun_rules.catalog import all_rules
from upsun_rules.finding import Severity
from upsun_rules.options import Options
from upsun_rules.shell.review import Reviewer
from upsun_schema.expression import expression
from upsun_schema.files import is_inside, read_file
from upsun_schema.images.table import Images
from upsun_schema.record import NamedTuple

__all__ = [
    "FILE",
    "LEVELS",
    "MISPLACED",
    "NAMES",
    "SHELLCHECK",
    "Settings",
    "check",
    "check_rules",
    "find",
    "load",
    "parse",
    "read",
    "schema_text",
]

FILE = ".upsun-lint.toml"
SHARED_FILE = "pyproject.toml"
_TABLE = "upsun-lint"

_MOST_BYTES = {SHARED_FILE: 1_000_000}
_MOST_BYTES_OF_OURS = 100_000

_MANY_DOTS = expression(r"^(?:[^.\n]*+\.){200}", re.MULTILINE)
"""More dots than any real key has. The standard library's parser takes quadratic time in their number."""

_MOST_MINUTES = 1_000_000

LEVELS = {level.label: level for level in Severity if level is not Severity.OF_RULE}
"""The severities by their names."""

_OFF = "off"

SHELLCHECK = "shellcheck"
"""The rule that only runs if it is enabled: by its setting, or by being selected."""

MISPLACED = f"settings belong at the top level of this file, without `[tool.{_TABLE}]`"
"""The message for settings in `.upsun-lint.toml` that are written as in `pyproject.toml`."""


class Settings(NamedTuple):
    """The settings of one project; `path` is their file, None for the defaults.

    `severity` is the lowest severity that is shown, `fail_on` the lowest that makes the exit status 1.
    `per_path_ignores` are glob patterns, relative to the folder of that file, with the rules to ignore there.
    `shellcheck` is whether ShellCheck reads the commands, too.
    """

    path: str | None = None
    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    severities: Mapping[str, Severity] = MappingProxyType({})
    per_path_ignores: tuple[tuple[str, frozenset[str]], ...] = ()
    cron_minimum_interval: int = 5
    severity: Severity = Severity.INFO
    fail_on: Severity = Severity.ERROR
    shellcheck: bool = False

    def options(self, images: Images, reviewer: Reviewer | None = None) -> Options:
        """The options for the rules."""
        return Options(self.select, self.ignore, self.severities, self.cron_minimum_interval, images, reviewer)

    def ignores_in(self, path: str, rule: str) -> bool:
        """Whether a rule is ignored in a file, given by its absolute path."""
        if not self.per_path_ignores or self.path is None:
            return False
        relative = os.path.relpath(path, os.path.dirname(os.path.abspath(self.path))).replace(os.sep, "/")
        return rule in _ignored_in(self.per_path_ignores, relative)


@lru_cache(maxsize=256)
def _ignored_in(per_path_ignores: tuple[tuple[str, frozenset[str]], ...], path: str) -> frozenset[str]:
    """The rules that are ignored in a file."""
    return frozenset().union(*(rules for pattern, rules in per_path_ignores if rules and _matches(pattern, path)))


def _matches(pattern: str, path: str) -> bool:
    """Whether a glob matches a path; without a slash it matches any name in the path. `**` matches any folders."""
    if "/" not in pattern.strip("/"):
        return any(_fits(pattern.strip("/"), name) for name in path.split("/"))
    return _fits(pattern.removeprefix("./").removeprefix("/"), path)


_STEP = expression(r"\*\*/|\*\*|\*|.", re.DOTALL)


def _fits(pattern: str, path: str) -> bool:
    """Whether a glob matches a whole path.

    A regular expression would take exponential time for some globs. Here bit `i` of a number says whether the pattern
    so far can match the first `i` characters of the path.
    """
    end = 1 << len(path)
    places = {char: sum(1 << index for index, found in enumerate(path) if found == char) for char in set(path)}
    slashes = places.get("/", 0)
    names = end - 1 & ~slashes
    reached = 1
    for match in _STEP.finditer(pattern):
        step, lowest = match[0], reached & -reached
        if step == "*":
            reached |= (names + (reached & names)) ^ names  # The carry runs to the end of a name.
        elif step == "**":
            reached = -lowest & (2 * end - 1)
        elif step == "**/":
            first = reached & names
            reached |= slashes << 1 & -(first & -first) if first else 0
        else:
            reached = (reached & (names if step == "?" else places.get(step, 0))) << 1
        if not reached:
            return False
    return bool(reached & end)


# -- files -----------------------------------------------------------------------------------------------------------


def find(root: str) -> str | None:
    """The settings file of the project in a folder; None if there is none.

    Failure for a link that leaves the repository, since a message must not show the content of other files.
    """
    folders = _up_to_repository(os.path.abspath(root))
    for holder in folders:
        own = os.path.join(holder, FILE)
        if os.path.lexists(own):
            if not is_inside(own, folders[-1]):
                raise Failure(f"{display_path(own)}: this symbolic link leads out of the repository")
            return own  # Even if it cannot be read: it must not be skipped.
        shared = os.path.join(holder, SHARED_FILE)
        if os.path.isfile(shared) and is_inside(shared, folders[-1]) and _mentions_us(shared):
            return shared
    return None


def _up_to_repository(folder: str) -> list[str]:
    folders = [folder]
    while not os.path.exists(os.path.join(folders[-1], ".git")):
        above = os.path.dirname(folders[-1])
        if above == folders[-1]:
            # Not a repository: files above may not belong to the project.
            return [folder]
        folders.append(above)
    return folders


def _mentions_us(path: str) -> bool:
    """Whether a `pyproject.toml` may have settings for upsun-lint; most are not parsed."""
    if _TABLE not in _text(path):
        return False
    tool = _parse(path).get("tool")
    return isinstance(tool, dict) and _TABLE in tool


def load(path: str) -> Settings:
    """The settings in a file. Failure, with the file and the mistake, if they cannot be used."""
    table = _parse(path)
    if os.path.basename(path) == SHARED_FILE:
        tool = table.get("tool")
        table = tool.get(_TABLE, {}) if isinstance(tool, dict) else {}
    elif set(table) == {"tool"}:
        raise Failure(f"{path}: {MISPLACED}")
    return read(table, path)._replace(path=path)


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
        changes[key] = _READERS[key](value, source, name)
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
    return base._replace(**changes)  # type: ignore[arg-type]


def schema_text() -> str:
    """The published JSON Schema of a settings file. It accepts what `read` accepts."""
    from importlib.resources import files

    return files("upsun_lint.run").joinpath("settings.schema.json").read_text("utf-8")


def check(name: str, value: object, source: str, shown: str) -> None:
    """Check one setting, called `shown` in its source. Failure as for `read`."""
    _READERS[name.replace("-", "_")](value, source, shown)


def check_rules(names: Iterable[str], source: str) -> frozenset[str]:
    """Rule names; Failure with the closest match for an unknown rule."""
    found = frozenset(names)
    for name in sorted(found):
        if name not in all_rules():
            raise Failure(f"{source}: there is no rule `{name}`{_meant(name, all_rules())}")
    return found


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
    return check_rules(value, f"{source}: {name}")


def _selection(value: object, source: str, name: str) -> frozenset[str]:
    found = _rules(value, source, name)
    if not found:
        raise Failure(f"{source}: `{name}` names no rule, so nothing would be checked; remove it to run all rules")
    return found


def _level(value: object, source: str, name: str) -> Severity:
    if isinstance(value, str) and value in LEVELS:
        return LEVELS[value]
    raise Failure(f"{source}: `{name}` must be {_or(LEVELS)}{_instead(value, LEVELS)}")


def _severities(value: object, source: str, name: str) -> dict[str, Severity | None]:
    table = _table(value, source, f"`{name}`")
    check_rules(table, f"{source}: {name}")
    allowed = [*LEVELS, _OFF]
    for rule, level in table.items():
        if not isinstance(level, str) or level not in allowed:
            raise Failure(f"{source}: `{name}.{rule}` must be {_or(allowed)}{_instead(level, allowed)}")
    return {rule: LEVELS.get(str(level)) for rule, level in table.items()}


def _per_path(value: object, source: str, name: str) -> tuple[tuple[str, frozenset[str]], ...]:
    table = _table(value, source, f"`{name}`")
    return tuple((pattern, _rules(rules, source, f"{name}.{pattern}")) for pattern, rules in table.items())


def _minutes(value: object, source: str, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Failure(f"{source}: `{name}` must be a whole number of minutes, at least 1")
    if value > _MOST_MINUTES:
        raise Failure(f"{source}: `{name}` must be at most {_MOST_MINUTES:,} minutes")
    return value


def _switch(value: object, source: str, name: str) -> bool:
    if not isinstance(value, bool):
        raise Failure(f"{source}: `{name}` must be true or false")
    return value


_READERS: Mapping[str, Callable[[object, str, str], object]] = MappingProxyType(
    {
        "select": _selection,
        "ignore": _rules,
        "severities": _severities,
        "per_path_ignores": _per_path,
        "cron_minimum_interval": _minutes,
        "severity": _level,
        "fail_on": _level,
        "shellcheck": _switch,
    }
)


NAMES = tuple(name.replace("_", "-") for name in _READERS)
"""The names of the settings, as people write them."""


def _or(names: Iterable[str]) -> str:
    *others, last = (f'"{name}"' for name in names)
    return f"{', '.join(others)} or {last}"


def _instead(value: object, allowed: Iterable[str]) -> str:
    return f", not {value!r}{_meant(value, allowed)}" if isinstance(value, str) else ""
