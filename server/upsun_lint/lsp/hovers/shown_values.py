"""The values of a worker's properties in a few words, for a cell of a table."""

from __future__ import annotations

from collections.abc import Callable

from upsun_lint.lsp.session.main_command import main_command
from upsun_lint.lsp.session.markup import code, listed, shortened
from upsun_schema.yaml.data import Data

__all__ = ["bare", "in_short"]


def bare(name: str) -> str:
    """A name that an override dropped, as programs know it: `APP_ENV` for `env:APP_ENV`."""
    return name.removeprefix("env:")


def in_short(name: str, value: Data, words: str = "") -> str:
    """The value of a property as Markdown on one line; `words` describes a default of the platform."""
    if value is None or value in ({}, []):
        if words.startswith("{"):
            return code(words.strip("{}")) if words != "{}" else "none"
        return words or "none"
    if isinstance(value, dict):
        return _MAPS.get(name, _names)(value)
    return _list(value) if isinstance(value, list) else _scalar(value)


def _names(value: dict[str, Data]) -> str:
    return listed(value)


def _commands(value: dict[str, Data]) -> str:
    start = value.get("start")
    return code(shortened(main_command(start))) if isinstance(start, str) else listed(value)


def _mounts(value: dict[str, Data]) -> str:
    return listed(path.strip("/") or path for path in value)


def _variables(value: dict[str, Data]) -> str:
    names = (
        name if prefix == "env" else f"{prefix}:{name}"
        for prefix, group in value.items()
        if isinstance(group, dict)
        for name in group
    )
    return listed(names) or "none"


def _dependencies(value: dict[str, Data]) -> str:
    return listed(name for group in value.values() if isinstance(group, dict) for name in group) or "none"


def _firewall(value: dict[str, Data]) -> str:
    rules = value.get("outbound")
    if not isinstance(rules, list):
        return listed(value)
    return "no outbound traffic" if not rules else f"{len(rules)} outbound rule{'s' if len(rules) > 1 else ''}"


def _pairs(value: dict[str, Data]) -> str:
    return ", ".join(
        code(name if isinstance(inner, dict | list) or inner is None else f"{name}: {_text(inner)}")
        for name, inner in value.items()
    )


def _runtime(value: dict[str, Data]) -> str:
    extensions = value.get("extensions")
    return _list(extensions) if isinstance(extensions, list) and len(value) == 1 else listed(value)


def _stack(value: dict[str, Data]) -> str:
    runtimes = value.get("runtimes")
    return _list(runtimes) if isinstance(runtimes, list) else listed(value)


_MAPS: dict[str, Callable[[dict[str, Data]], str]] = {
    "access": _pairs,
    "additional_hosts": _pairs,
    "build": _pairs,
    "commands": _commands,
    "dependencies": _dependencies,
    "firewall": _firewall,
    "mounts": _mounts,
    "runtime": _runtime,
    "source": _pairs,
    "stack": _stack,
    "variables": _variables,
}


def _list(value: list[Data]) -> str:
    return listed(next(iter(item), "") if isinstance(item, dict) else _text(item) for item in value) or "none"


def _scalar(value: Data) -> str:
    return code(shortened(_text(value)))


def _text(value: Data) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
