"""Programs that a Node.js project provides itself: `npx worker`, where `package.json` has `worker` below `bin`.

Sources: docs.npmjs.com (configuring-npm/package-json#bin, cli/commands/npm-exec), pnpm.io/cli/exec,
yarnpkg.com/cli/run, bun.sh/docs/cli/bunx.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from upsun_rules.resolution.application_files import ApplicationFiles, child, content_of, text_of
from upsun_rules.resolution.calls import options_of, quoted
from upsun_rules.resolution.node_scripts import FOLDER_OPTIONS, PACKAGE, workspaces
from upsun_rules.resolution.shell_files import is_shell_script
from upsun_rules.shell.app_paths import app_path
from upsun_rules.shell.expansion import Expansion, ScriptPart
from upsun_rules.shell.parsing import Word
from upsun_schema.yaml.nodes import Mapping, Node, Scalar

__all__ = ["expand", "script_names"]

_DIRECT = frozenset({"npx", "bunx"})
_EXECUTE = {"npm": ("exec", "x"), "pnpm": ("exec",), "yarn": ("exec", "run"), "bun": ("x", "run")}
_WITH_VALUES = frozenset({*FOLDER_OPTIONS, "-w", "--workspace", "-F", "--filter", "--loglevel"})
_FROM_ELSEWHERE = ("-p", "--package", "-c", "--call", "-w", "--workspace", "-F", "--filter", "-r", "--recursive")


def expand(words: Sequence[Word], folder: str, files: ApplicationFiles) -> Expansion | None:
    """What a call of a package manager runs of the project's own programs; None for any other program."""
    program = words[0].text.rpartition("/")[2]
    before = options_of(words[1:], _WITH_VALUES)
    rest, options = before.rest, [before]
    if program not in _DIRECT:
        if rest and rest[0].text in _EXECUTE.get(program, ()):
            after = options_of(rest[1:], _WITH_VALUES)
            rest, options = after.rest, [before, after]
        elif program != "yarn":
            return None
    rest = rest[1:] if rest and rest[0].text == "--" else rest
    moved = next((value for one in options if (value := one.value(*FOLDER_OPTIONS)) is not None), None)
    start = folder if moved is None else app_path(moved, folder)
    if not rest or start is None or any(one.has(*_FROM_ELSEWHERE) for one in options):
        return None
    for name, path, node in _programs(start, files):
        if rest[0].text == name:
            arguments = [word for word in rest[1:] if word.text != "--"]
            return _run(node, posixpath.dirname(path), start, arguments, files)._replace(path=path)
    return None


def _run(node: Scalar, home: str, folder: str, arguments: Sequence[Word], files: ApplicationFiles) -> Expansion:
    path = posixpath.normpath(posixpath.join(home, node.text))
    document = files.text(path)
    written = posixpath.relpath(path, folder or ".")
    is_shell = document is not None and is_shell_script(document, path)
    text = f"./{written}" if is_shell else f"node {written}"
    region, _ = content_of(node)
    return Expansion((ScriptPart(text + quoted(arguments), region, folder, written),))


def script_names(folder: str, files: ApplicationFiles) -> list[str]:
    """The names of the programs of the nearest `package.json` and of its workspaces."""
    return [name for name, _, _ in _programs(folder, files)]


def _programs(folder: str, files: ApplicationFiles) -> Iterator[tuple[str, str, Scalar]]:
    """Yield the programs of a project and its workspaces: the name, the path of the `package.json`, the file."""
    nearest_one = files.nearest(PACKAGE, folder)
    if nearest_one is None:
        return
    for path in (nearest_one, *workspaces(posixpath.dirname(nearest_one), files)):
        document = files.tree(path)
        if document is not None:
            yield from ((name, path, node) for name, node in _of_package(document.root))


def _of_package(root: Node | None) -> Iterator[tuple[str, Scalar]]:
    programs = child(root, "bin")
    if isinstance(programs, Mapping):
        found = [(pair.name or "", pair.value.resolved) for pair in programs.pairs]
        yield from ((name, node) for name, node in found if isinstance(node, Scalar) and text_of(node))
    elif isinstance(programs, Scalar) and text_of(programs):
        # A single program has the name of the package, without its scope.
        yield (text_of(child(root, "name")) or "").rpartition("/")[2], programs
