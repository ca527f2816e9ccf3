"""The processes of a `Procfile`: `foreman start worker`, and the same with honcho and overmind."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from itertools import accumulate

from upsun_rules.resolution.application_files import ApplicationFiles
from upsun_rules.resolution.calls import options_of
from upsun_rules.shell.app_paths import app_path
from upsun_rules.shell.expansion import Expansion, ScriptPart
from upsun_rules.shell.parsing import Word
from upsun_schema.wording import nearest
from upsun_schema.yaml.document import TextDocument
from upsun_schema.yaml.nodes import Region

__all__ = ["expand", "script_names"]

_WITH_VALUES = frozenset(
    {"-f", "--procfile", "-d", "--root", "--app-root", "-e", "--env", "-p", "--port", "-l", "--processes", "-c", "-m"}
)


def expand(words: Sequence[Word], folder: str, files: ApplicationFiles) -> Expansion | None:
    """The one process that a call starts; None if it starts several."""
    before = options_of(words[1:], _WITH_VALUES)
    if not before.rest or before.rest[0].text not in ("start", "s"):
        return None
    after = options_of(before.rest[1:], _WITH_VALUES)
    values = {**before.values, **after.values}
    named = values.get("-l") or values.get("--processes") or (after.rest[0] if len(after.rest) == 1 else None)
    root = values.get("-d") or values.get("--root") or values.get("--app-root")
    start = folder if root is None else app_path(root, folder)
    given = values.get("-f") or values.get("--procfile")
    path = app_path(given or "Procfile", start)
    document = None if path is None else files.text(path)
    if named is None or not named.literal or path is None or document is None:
        return None
    processes = _processes(document)
    region = processes.get(named.text)
    if region is None:
        return Expansion((), path, named.text, next(iter(nearest(named.text, list(processes))), ""))
    return Expansion((ScriptPart(region.text, region, posixpath.dirname(path), named.text, is_same=True),), path)


def script_names(folder: str, files: ApplicationFiles) -> list[str]:
    """The processes of the `Procfile` of a folder."""
    document = files.text(posixpath.join(folder, "Procfile"))
    return [] if document is None else list(_processes(document))


def _processes(document: TextDocument) -> dict[str, Region]:
    """The command of each process, by name."""
    found: dict[str, Region] = {}
    lines = document.text.splitlines(keepends=True)
    for line, end in zip(lines, accumulate(map(len, lines)), strict=True):
        name, colon, command = line.partition(":")
        if colon and name.strip() and not name.startswith("#"):
            stop = end - len(line) + len(line.rstrip())
            found.setdefault(name.strip(), Region(document.whole, stop - len(command.strip()), stop))
    return found
