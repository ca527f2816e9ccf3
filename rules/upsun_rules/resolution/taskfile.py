"""The tasks of a `Taskfile.yml`: `task worker`. Source: taskfile.dev/reference/schema."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from upsun_rules.resolution.application_files import ApplicationFiles, child, content_of, text_of
from upsun_rules.resolution.calls import options_of
from upsun_rules.shell.app_paths import app_path
from upsun_rules.shell.expansion import Expansion, ScriptPart
from upsun_rules.shell.parsing import Word
from upsun_schema.wording import nearest
from upsun_schema.yaml.nodes import Mapping, Node, Scalar
from upsun_schema.yaml.nodes import Sequence as Items

__all__ = ["expand", "script_names"]

_FILES = ("Taskfile.yml", "taskfile.yml", "Taskfile.yaml", "taskfile.yaml", "Taskfile.dist.yml", "Taskfile.dist.yaml")
_WITH_VALUES = frozenset({"-d", "--dir", "-t", "--taskfile", "-o", "--output", "-C", "--concurrency"})
_TEMPLATE = "{{"


def expand(words: Sequence[Word], folder: str, files: ApplicationFiles) -> Expansion | None:
    """What a call of Task runs; None if that cannot be told."""
    before = options_of(words[1:], _WITH_VALUES)
    start = folder if (moved := before.value("-d", "--dir")) is None else app_path(moved, folder)
    if start is None or len(before.rest) > 1 or not all(word.literal for word in before.rest):
        return None
    path = _path(start, files)
    document = None if path is None else files.tree(path)
    tasks = None if document is None else child(document.root, "tasks")
    if path is None or document is None or not isinstance(tasks, Mapping):
        return None
    name = before.rest[0].text if before.rest else "default"
    task = tasks.value(name)
    if task is None:
        includes = child(document.root, "includes") is not None or any("*" in known for known in tasks.entries)
        return None if includes else Expansion((), path, name, next(iter(nearest(name, list(tasks.entries))), ""))
    moved_to = text_of(child(task, "dir"))
    home = app_path(moved_to, posixpath.dirname(path)) if moved_to else posixpath.dirname(path)
    needs = (
        [ScriptPart(f"task {need}", document.root.region, home, name) for need in _needs(task)] if document.root else []
    )
    parts = [*needs, *(_part(item, name, home) for item in _commands(task))]
    return Expansion(tuple(part for part in parts if part is not None), path) if parts and all(parts) else None


def script_names(folder: str, files: ApplicationFiles) -> list[str]:
    """The tasks of the nearest `Taskfile.yml`."""
    path = _path(folder, files)
    document = None if path is None else files.tree(path)
    tasks = None if document is None else child(document.root, "tasks")
    return list(tasks.entries) if isinstance(tasks, Mapping) else []


def _path(folder: str, files: ApplicationFiles) -> str | None:
    return next((path for name in _FILES if (path := files.nearest(name, folder)) is not None), None)


def _needs(task: Node) -> list[str]:
    """The tasks that run before one."""
    needs = child(task, "deps")
    items = [item.resolved for item in needs.items] if isinstance(needs, Items) else []
    names = [text_of(item) or text_of(child(item, "task")) for item in items]
    return [name for name in names if name is not None]


def _commands(task: Node) -> list[Node]:
    if isinstance(task, Items):
        return [item.resolved for item in task.items]
    if not isinstance(task, Mapping):
        return [task]
    listed, single = task.value("cmds"), task.value("cmd")
    found = [item.resolved for item in listed.items] if isinstance(listed, Items) else []
    return [*found, single] if single is not None else found


def _part(node: Node, name: str, folder: str | None) -> ScriptPart | None:
    other = text_of(child(node, "task"))
    inner = child(node, "cmd") if isinstance(node, Mapping) else node
    if other is not None and _TEMPLATE not in other:
        return ScriptPart(f"task {other}", node.region, folder, name)
    text = text_of(inner)
    if not isinstance(inner, Scalar) or text is None or _TEMPLATE in text:
        return None
    region, is_same = content_of(inner)
    return ScriptPart(text, region, folder, name, is_same)
