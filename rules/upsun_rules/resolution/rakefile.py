"""The tasks of a `Rakefile`: `rake jobs:work`. Only tasks that do nothing but run commands are understood.

Source: ruby.github.io/rake (rakefile, `sh`), guides.rubyonrails.org (command line, custom tasks).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from upsun_rules.resolution.application_files import ApplicationFiles
from upsun_rules.resolution.calls import options_of
from upsun_rules.shell.app_paths import app_path
from upsun_rules.shell.expansion import Expansion, ScriptPart
from upsun_rules.shell.parsing import Word
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import TextDocument
from upsun_schema.yaml.nodes import Region

__all__ = ["expand", "script_names"]

_FILES = ("Rakefile", "rakefile", "Rakefile.rb", "rakefile.rb")
_FOLDERS = ("lib/tasks", "rakelib")
_MOST_FILES = 50
_WITH_VALUES = frozenset({"-f", "--rakefile", "-C", "--directory", "-R", "--rakelibdir", "-I", "-r"})
_NAMESPACE = expression(r"([ \t]*)namespace[ \t(]+[:\"']+([\w-]+)[\"']?\)?[ \t]+do[ \t]*")
_TASK = expression(r"([ \t]*)task[ \t(]+(?::([\w-]+)|[\"']([\w:-]+)[\"']|([\w-]+):)((?:[ \t,)].*)?)")
_OPENS = expression(r".*[ \t)]do(?:[ \t]*\|[^|]*\|)?")
_NEEDS = expression(r":([\w-]+)|[\"']([\w:-]+)[\"']")
_RUNS = expression(r"([ \t]*)(sh|system|exec)([ \t(]+)(\"(?:[^\"\\#]|#(?!\{))*\"|'[^'\\]*')\)?[ \t]*")
_ALWAYS_THERE = frozenset({"environment"})
_DEEPEST = 20


class _Task(NamedTuple):
    """A task: the tasks that run before it, and its commands; None if it does something else, too."""

    needs: tuple[str, ...]
    commands: tuple[tuple[str, Region], ...] | None


def expand(words: Sequence[Word], folder: str, files: ApplicationFiles) -> Expansion | None:
    """What the tasks of a call run; None if that cannot be told."""
    before = options_of(words[1:], _WITH_VALUES)
    moved = before.value("-C", "--directory")
    start = folder if moved is None else app_path(moved, folder)
    path = None if start is None or before.has("-f", "--rakefile") else _rakefile(start, files)
    names = [word.text for word in before.rest if "=" not in word.text]
    if path is None or not names or not all(word.literal for word in before.rest):
        return None
    home = posixpath.dirname(path)
    tasks = _tasks(home, files)
    parts: list[ScriptPart] = []
    for name in names:
        for one in _order(name.partition("[")[0], tasks, set(), 0):
            commands = None if one is None else tasks[one].commands
            if one is None or commands is None:
                return None
            parts += [ScriptPart(text, region, home, one, is_same=text == region.text) for text, region in commands]
    return Expansion(tuple(parts), path) if parts else None


def script_names(folder: str, files: ApplicationFiles) -> list[str]:
    """The tasks of the nearest `Rakefile` and of the files that it reads."""
    path = _rakefile(folder, files)
    return [] if path is None else list(_tasks(posixpath.dirname(path), files))


def _rakefile(folder: str, files: ApplicationFiles) -> str | None:
    return next((path for name in _FILES if (path := files.nearest(name, folder)) is not None), None)


def _tasks(home: str, files: ApplicationFiles) -> dict[str, _Task]:
    """The tasks by name. One that is defined twice does what both say, so it is not understood."""
    found: dict[str, _Task] = {}
    for path in _paths(home, files):
        document = files.text(path)
        for name, task in _read(document) if document is not None else ():
            found[name] = task if name not in found else _Task((), None)
    return found


def _paths(home: str, files: ApplicationFiles) -> Iterator[str]:
    for name in _FILES:
        if files.has_file(path := posixpath.join(home, name)):
            yield path
            break
    for folder in _FOLDERS:
        base = posixpath.join(home, folder)
        for name in files.files(base)[:_MOST_FILES] if files.has_folder(base) else ():
            if name.endswith(".rake"):
                yield posixpath.join(base, name)


def _order(name: str, tasks: dict[str, _Task], seen: set[str], depth: int) -> Iterator[str | None]:
    """Yield the tasks that run for one, it last; None for one that is not known."""
    if name in seen or (depth and name in _ALWAYS_THERE):
        return
    seen.add(name)
    task = tasks.get(name)
    if task is None or depth > _DEEPEST:
        yield None
        return
    for need in task.needs:
        inner = f"{name.rpartition(':')[0]}:{need}"
        yield from _order(inner if inner in tasks else need, tasks, seen, depth + 1)
    yield name


def _read(document: TextDocument) -> Iterator[tuple[str, _Task]]:
    """Yield the tasks of a file. What belongs to a block has more indentation, as everyone writes it."""
    spaces: list[tuple[int, str]] = []
    lines = document.text.split("\n")
    starts = _starts(lines)
    at = 0
    while at < len(lines):
        line = lines[at].rstrip()
        at += 1
        if not line.strip():
            continue
        width = len(line) - len(line.lstrip())
        while spaces and width <= spaces[-1][0]:
            spaces.pop()
        if namespace := _NAMESPACE.fullmatch(line):
            spaces.append((width, namespace[2]))
        elif task := _TASK.fullmatch(line):
            name = ":".join([*(one for _, one in spaces), task[2] or task[3] or task[4]])
            # `task :a => :b`, `task :a, [:argument] => :b` and `task a: :b`
            behind = task[5] if task[4] else task[5].partition("=>")[2]
            needs = tuple(match[1] or match[2] for match in _NEEDS.finditer(behind.partition(" do")[0]))
            end = at
            if _OPENS.fullmatch(line):
                while end < len(lines) and (not lines[end].strip() or _width(lines[end]) > width):
                    end += 1
                commands = [_command(document, starts[row], lines[row]) for row in range(at, end) if _says(lines[row])]
                known = tuple(one for one in commands if one is not None)
                yield name, _Task(needs, known if len(known) == len(commands) else None)
                at = end
            else:
                yield name, _Task(needs, None if "{" in task[5] else ())


def _starts(lines: list[str]) -> list[int]:
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    return starts


def _width(line: str) -> int:
    return len(line) - len(line.lstrip())


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _command(document: TextDocument, start: int, line: str) -> tuple[str, Region] | None:
    """The shell text of a line that runs one; None for any other line."""
    match = _RUNS.fullmatch(line.rstrip("\r"))
    if match is None or "\\" in match[4]:
        return None
    region = Region(document.whole, start + match.start(4) + 1, start + match.end(4) - 1)
    return (f"exec {region.text}" if match[2] == "exec" else region.text), region
