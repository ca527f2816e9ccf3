"""The scripts of `composer.json`: `composer run X` and `composer X`.

Source: getcomposer.org/doc/articles/scripts.md.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from upsun_rules.resolution.application_files import ApplicationFiles, child, content_of, text_of
from upsun_rules.resolution.calls import options_of, quoted
from upsun_rules.shell.app_paths import app_path
from upsun_rules.shell.expansion import Expansion, ScriptPart
from upsun_rules.shell.parsing import Word
from upsun_schema.wording import nearest
from upsun_schema.yaml.nodes import Mapping, Node, Pair, Scalar
from upsun_schema.yaml.nodes import Sequence as Items

__all__ = ["expand", "script_names"]

_FILE = "composer.json"
_RUN = frozenset({"run", "run-script"})
_WITH_VALUES = frozenset({"-d", "--working-dir", "--timeout"})
_LEADS = {"@php": "php", "@composer": "composer", "@putenv": "export"}


def expand(words: Sequence[Word], folder: str, files: ApplicationFiles) -> Expansion | None:
    """What a call of Composer runs; None if it does not run a script, or if that cannot be told."""
    before = options_of(words[1:], _WITH_VALUES)
    if not before.rest:
        return None
    name, arguments, is_short = before.rest[0], before.rest[1:], True
    moved = before.value("-d", "--working-dir")
    if name.text in _RUN:
        after = options_of(arguments, _WITH_VALUES)
        if not after.rest or after.has("-l", "--list"):
            return None
        name, arguments, is_short = after.rest[0], after.rest[1:], False
        moved = after.value("-d", "--working-dir") or moved
    start = folder if moved is None else app_path(moved, folder)
    path = None if start is None else posixpath.join(start, _FILE)
    scripts = None if path is None else _scripts(path, files)
    if path is None or scripts is None or not name.literal:
        return None
    pair = scripts.get(name.text)
    if pair is None:
        return None if is_short else Expansion((), path, name.text, next(iter(nearest(name.text, list(scripts))), ""))
    given = _passed(arguments)
    parts = [_part(item, given, pair.name or "", posixpath.dirname(path)) for item in _items(pair.value.resolved)]
    return Expansion(tuple(part for part in parts if part is not None), path) if parts and all(parts) else None


def _passed(words: Sequence[Word]) -> list[Word]:
    """The arguments that a script is given. Composer keeps the options before `--` for itself."""
    separator = next((at for at, word in enumerate(words) if word.text == "--"), len(words))
    return [*(word for word in words[:separator] if not word.text.startswith("-")), *words[separator + 1 :]]


def _scripts(path: str, files: ApplicationFiles) -> dict[str, Pair] | None:
    document = files.tree(path)
    if document is None or not isinstance(document.root, Mapping):
        return None
    scripts = child(document.root, "scripts")
    if scripts is None:
        return {}
    return scripts.entries if isinstance(scripts, Mapping) else None


def script_names(folder: str, files: ApplicationFiles) -> list[str]:
    """The names of the scripts of the `composer.json` of a folder."""
    return list(_scripts(posixpath.join(folder, _FILE), files) or ())


def _items(node: Node) -> list[Node]:
    return [item.resolved for item in node.items] if isinstance(node, Items) else [node]


def _part(node: Node, arguments: Sequence[Word], name: str, folder: str) -> ScriptPart | None:
    """One entry of a script. A PHP callback stays as it is: no program has such a name."""
    text = text_of(node)
    if not isinstance(node, Scalar) or text is None:
        return None
    region, is_same = content_of(node)
    first, _, rest = text.partition(" ")
    if first in _LEADS:
        return ScriptPart(f"{_LEADS[first]} {rest}{quoted(arguments)}", region, folder, name)
    if first.startswith("@"):
        return ScriptPart(
            f"composer run-script {text[1:]}{quoted(arguments) and f' --{quoted(arguments)}'}", region, folder, name
        )
    return ScriptPart(text + quoted(arguments), region, folder, name, is_same)
