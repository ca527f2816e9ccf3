"""The user's settings in the editor: for the rules, and for what is shown beside the text and when.

They come from the section `upsunLint` of the client's configuration, or from `initializationOptions`. The settings for
the rules override the project's settings file. An invalid setting is reported and the others still apply.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace

from upsun_lint.failure import Failure
from upsun_lint.run import settings_reader
from upsun_schema.wording import nearest

__all__ = ["SECTION", "Configuration", "Features", "read"]

SECTION = "upsunLint"


@dataclass(frozen=True, slots=True)
class Features:
    """What is shown beside the text and when, and whether changes since the last commit are judged.

    `typing_pause` is how long, in milliseconds, nothing is typed before new diagnostics of the edited line are shown.
    """

    inlay_hints: bool = True
    code_lenses: bool = True
    compare_with_head: bool = False
    typing_pause: int = 500


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings for the rules (by their names in a settings file), the features, and messages about invalid ones."""

    rules: dict[str, object]
    features: Features
    failures: tuple[str, ...]


# Settings in this section that only the editor extension uses.
_NOT_OURS = frozenset(
    {"path", "interpreter", "args", "trace", "enable", "import-strategy", "yaml-schema", "suggest-command"}
)


_PAUSE = "typing-pause"
_LONGEST_PAUSE = 10_000
_SWITCHES = tuple(field.name.replace("_", "-") for field in fields(Features) if isinstance(field.default, bool))
_SOURCE = "the editor's settings"


def read(raw: object) -> Configuration:
    """Read the client's settings. Names may be written `like-this`, `like_this` or `likeThis`."""
    if raw is None:
        return Configuration({}, Features(), ())
    if not isinstance(raw, dict):
        return Configuration({}, Features(), (f"{_SOURCE}: `{SECTION}` must be an object",))
    rules: dict[str, object] = {}
    features = Features()
    failures: list[str] = []
    for name, value in raw.items():
        dashed = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", str(name)).lower().replace("_", "-")
        shown = f"{SECTION}.{name}"
        if value is None or dashed in _NOT_OURS:
            continue
        if dashed in _SWITCHES:
            if isinstance(value, bool):
                features = replace(features, **{dashed.replace("-", "_"): value})
            else:
                failures.append(f"{_SOURCE}: `{shown}` must be true or false")
        elif dashed == _PAUSE:
            if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LONGEST_PAUSE:
                features = replace(features, typing_pause=value)
            else:
                failures.append(f"{_SOURCE}: `{shown}` must be a whole number from 0 to {_LONGEST_PAUSE}")
        elif dashed in settings_reader.OF_EDITORS:
            try:
                settings_reader.check(dashed, value, _SOURCE, shown)
            except Failure as failure:
                failures.append(str(failure))
            else:
                rules[dashed] = value
        else:
            close = nearest(dashed, (*settings_reader.OF_EDITORS, *_SWITCHES, _PAUSE), limit=1)
            meant = f"; did you mean `{SECTION}.{_camel(close[0])}`?" if close else ""
            failures.append(f"{_SOURCE}: unknown setting `{shown}`{meant}")
    return Configuration(rules, features, tuple(failures))


def _camel(dashed: str) -> str:
    first, *others = dashed.split("-")
    return first + "".join(map(str.capitalize, others))
