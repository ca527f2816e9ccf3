"""The scripts of Python projects: `pdm run X`, `hatch run X`, `rye run X`, `pipenv run X`, `poe X`.

Sources: pdm-project.org (usage/scripts), hatch.pypa.io (config/environment/overview), pipenv.pypa.io (scripts),
poethepoet.natn.io (tasks).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

from upsun_rules.resolution.application_files import ApplicationFiles
from upsun_rules.resolution.calls import options_of, quoted
from upsun_rules.shell.app_paths import app_path
from upsun_rules.shell.expansion import Expansion, ScriptPart
from upsun_rules.shell.parsing import Word
from upsun_schema.yaml.document import TextDocument
from upsun_schema.yaml.nodes import Region

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = ["expand"]

_TABLES = {
    "pdm": ("tool", "pdm", "scripts"),
    "rye": ("tool", "rye", "scripts"),
    "poe": ("tool", "poe", "tasks"),
    "pipenv": ("scripts",),
}
_ENTRY_POINTS = (("project", "scripts"), ("tool", "poetry", "scripts"))
_WITH_VALUES = frozenset(
    {"-p", "--project", "-e", "--env", "-C", "--directory", "--with", "--python", "--extra", "--group", "--env-file"}
)
_FOLDER_OPTIONS = ("-p", "--project", "-C", "--directory")
_TEXTS = ("shell", "cmd")
_LISTS = ("composite", "chain", "sequence")


def expand(words: Sequence[Word], folder: str, files: ApplicationFiles) -> Expansion | None:
    """What a call of a project manager runs; None if it runs a program, or if that cannot be told."""
    program = words[0].text.rpartition("/")[2]
    before = options_of(words[1:], _WITH_VALUES)
    rest, options = before.rest, before
    if program != "poe":
        if not rest or rest[0].text not in ("run", "r"):
            return None
        options = options_of(rest[1:], _WITH_VALUES)
        rest = options.rest
    if not rest or not rest[0].literal:
        return None
    moved = options.value(*_FOLDER_OPTIONS) or before.value(*_FOLDER_OPTIONS)
    start = folder if moved is None else app_path(moved, folder)
    path = None if start is None else files.nearest("Pipfile" if program == "pipenv" else "pyproject.toml", start)
    document = None if path is None else files.text(path)
    if path is None or document is None:
        return None
    import tomllib

    try:
        data = tomllib.loads(document.text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    env = options.value("-e", "--env") or before.value("-e", "--env")
    name, script = _script(program, rest[0].text, data, "default" if env is None else env.text)
    texts = _texts(script, program)
    if not texts:
        return None
    region = _region(document, name)
    home = posixpath.dirname(path)
    given = quoted(rest[1:])
    parts = [ScriptPart(f"{text}{given if text is texts[-1] else ''}", region, home, name) for text in texts]
    return Expansion(tuple(parts), path)


def _script(program: str, name: str, data: Mapping[str, Any], env: str) -> tuple[str, object]:
    """The name and the definition of a script; the definition is None if the project has none of that name."""
    if program == "hatch":
        env, _, name = name.rpartition(":") if ":" in name else (env, "", name)
        return name, _at(data, "tool", "hatch", "envs", env or "default", "scripts", name)
    table = _TABLES.get(program)
    found = None if table is None else _at(data, *table, name)
    if found is None and program != "poe":
        for point in _ENTRY_POINTS:
            target = _at(data, *point, name)
            if isinstance(target, str):
                return name, f"python -m {target.partition(':')[0]}"
    return name, found


def _at(data: object, *names: str) -> object:
    for name in names:
        if not isinstance(data, Mapping):
            return None
        data = data.get(name)
    return data


def _texts(script: object, program: str) -> list[str]:
    """The shell texts of a script; none if it is something else, such as a call of a Python function."""
    if isinstance(script, Mapping):
        inner = next((script[key] for key in (*_TEXTS, *_LISTS) if key in script), None)
        return _texts(inner, program)
    if isinstance(script, list):
        if all(isinstance(item, str) for item in script):
            lead = {"pdm": "pdm run ", "poe": "poe "}.get(program, "")
            return [f"{lead}{item}" for item in script]
        return []
    return [script] if isinstance(script, str) and script.strip() else []


def _region(document: TextDocument, name: str) -> Region:
    """The line that defines a script; the beginning of the file if it is written in another form."""
    match = re.search(rf"^[ \t]*[\"']?{re.escape(name)}[\"']?[ \t]*=.*$", document.text, re.MULTILINE)
    return Region(document.whole, match.start(), match.end()) if match else Region(document.whole, 0, 0)
