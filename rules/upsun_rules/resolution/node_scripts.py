"""The scripts of `package.json`: `npm run X`, `npm start`, and the same with pnpm, yarn and bun.

Sources: docs.npmjs.com/cli (commands/npm-run-script, using-npm/scripts), pnpm.io/cli/run, yarnpkg.com/cli/run,
bun.sh/docs/cli/run.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from upsun_rules.resolution.application_files import ApplicationFiles, child, content_of, text_of
from upsun_rules.resolution.calls import CallOptions, options_of, quoted
from upsun_rules.shell.app_paths import app_path
from upsun_rules.shell.expansion import Expansion, ScriptPart
from upsun_rules.shell.parsing import Word
from upsun_schema.wording import nearest
from upsun_schema.yaml.nodes import Mapping, Pair, Scalar
from upsun_schema.yaml.nodes import Sequence as Items

__all__ = ["FOLDER_OPTIONS", "PACKAGE", "expand", "script_names", "workspaces"]


PACKAGE = "package.json"
_RUN = frozenset({"run", "run-script", "rum", "urn"})
_OWN = {"start": "start", "stop": "stop", "restart": "restart", "test": "test", "t": "test", "tst": "test"}
FOLDER_OPTIONS = ("--prefix", "-C", "--dir", "--cwd")
_WORKSPACE_OPTIONS = ("-w", "--workspace", "-F", "--filter")
_WITH_VALUES = frozenset(
    {
        *FOLDER_OPTIONS,
        *_WORKSPACE_OPTIONS,
        "--loglevel",
        "--script-shell",
        "--env-file",
        "-c",
        "--config",
        "--userconfig",
    }
)
_EVERY_WORKSPACE = ("-ws", "--workspaces", "-r", "--recursive", "--parallel")


def expand(words: Sequence[Word], folder: str, files: ApplicationFiles) -> Expansion | None:
    """What a call of a package manager runs; None if it does not run a script, or if that cannot be told."""
    program = words[0].text.rpartition("/")[2]
    before = options_of(words[1:], _WITH_VALUES)
    name, options, arguments = _script(program, before)
    if name is None or not name.literal or options.has(*_EVERY_WORKSPACE):
        return None
    package = _package(options, folder, files)
    scripts = None if package is None else _scripts(package, files)
    if package is None or scripts is None:
        return None
    found = scripts.get(name.text)
    if found is None:
        is_short = before.rest[0] is name and name.text not in _OWN
        is_optional = is_short or options.has("--if-present") or _may_be_program(program, name.text, scripts)
        return None if is_optional else _absent(name.text, package, scripts, files)
    around = ("pre", "", "post") if _runs_around(program, package, files) else ("",)
    pairs = [scripts[f"{lead}{name.text}"] for lead in around if f"{lead}{name.text}" in scripts]
    parts = [_part(pair, arguments if pair is found else (), posixpath.dirname(package)) for pair in pairs]
    return Expansion(tuple(part for part in parts if part is not None), package) if all(parts) else None


def _script(program: str, before: CallOptions) -> tuple[Word | None, CallOptions, Sequence[Word]]:
    """The name of the script that a call runs, its options, and the arguments that the script is given."""
    if not before.rest:
        return None, before, ()
    first, *others = before.rest
    if program == "yarn" and first.text == "workspace" and len(others) > 1:
        _, inner, arguments = _script(program, CallOptions({}, tuple(others[1:])))
        name = inner.rest[0] if inner.rest else None
        return name, CallOptions({**inner.values, "--workspace": others[0]}, inner.rest), arguments
    if first.text in _RUN:
        after = options_of(others, _WITH_VALUES)
        if not after.rest:
            return None, after, ()
        both = CallOptions({**before.values, **after.values}, after.rest)
        return after.rest[0], both, _passed(program, after.rest[1:], both)
    if first.text in _OWN or program in ("yarn", "pnpm", "bun"):
        name = first._replace(text=_OWN.get(first.text, first.text)) if first.text in _OWN else first
        return name, before, _passed(program, others, before)
    return None, before, ()


def _passed(program: str, words: Sequence[Word], options: CallOptions) -> Sequence[Word]:
    """The arguments that a script is given. npm keeps the options before `--` for itself."""
    separator = next((at for at, word in enumerate(words) if word.text == "--"), None)
    if program != "npm":
        return [word for at, word in enumerate(words) if at != separator]
    own = words if separator is None else words[:separator]
    for position, word in enumerate(own):
        if word.text.startswith("-"):
            name, sign, value = word.text.partition("=")
            follower = own[position + 1] if position + 1 < len(own) else None
            options.values[name] = word._replace(text=value) if sign else follower if name in _WITH_VALUES else None
    plain = [word for word in own if not word.text.startswith("-") and word not in options.values.values()]
    return [*plain, *(() if separator is None else words[separator + 1 :])]


def _package(options: CallOptions, folder: str, files: ApplicationFiles) -> str | None:
    """The path of the `package.json` whose scripts are meant."""
    moved = options.value(*FOLDER_OPTIONS)
    start = folder if moved is None else app_path(moved, folder)
    if start is None:
        return None
    nearest_one = files.nearest(PACKAGE, start)
    workspace = options.value(*_WORKSPACE_OPTIONS)
    if nearest_one is None or workspace is None:
        return nearest_one
    return _workspace(workspace.text, posixpath.dirname(nearest_one), files) if workspace.literal else None


def _workspace(name: str, folder: str, files: ApplicationFiles) -> str | None:
    """The `package.json` of a workspace, by its folder or its name."""
    direct = app_path(posixpath.join(posixpath.normpath(name), PACKAGE), folder)
    if direct is not None and files.has_file(direct):
        return direct
    for path in workspaces(folder, files):
        document = files.tree(path)
        if document is not None and text_of(child(document.root, "name")) == name:
            return path
    return None


def workspaces(folder: str, files: ApplicationFiles) -> Iterator[str]:
    """Yield the `package.json` of each workspace. Only `*` as the last part of a pattern is understood."""
    package = files.tree(posixpath.join(folder, PACKAGE))
    other = files.tree(posixpath.join(folder, "pnpm-workspace.yaml"))
    declared = child(package.root, "workspaces") if package is not None else None
    lists = [declared, child(declared, "packages"), child(other.root, "packages") if other is not None else None]
    patterns = [text_of(item) or "" for node in lists if isinstance(node, Items) for item in node.items]
    for pattern in patterns:
        parent, _, last = pattern.rstrip("/").rpartition("/")
        base = posixpath.join(folder, parent) if parent else folder
        names = files.folders(base) if last in ("*", "**") else [last]
        for name in names:
            path = posixpath.normpath(posixpath.join(base, name, PACKAGE))
            if not path.startswith("../") and files.has_file(path):
                yield path


def _scripts(package: str, files: ApplicationFiles) -> dict[str, Pair] | None:
    """The scripts of a package by name; None if the file is not valid."""
    document = files.tree(package)
    if document is None or not isinstance(document.root, Mapping):
        return None
    scripts = document.root.value("scripts")
    if scripts is None:
        return {}
    return scripts.entries if isinstance(scripts, Mapping) else None


def script_names(folder: str, files: ApplicationFiles) -> list[str]:
    """The names of the scripts of the nearest `package.json`."""
    package = files.nearest(PACKAGE, folder)
    return [] if package is None else list(_scripts(package, files) or ())


def _may_be_program(program: str, name: str, scripts: dict[str, Pair]) -> bool:
    """Whether `yarn run X` and `bun run X` may run a file, or a program of a dependency, if there is no script X."""
    return program in ("yarn", "bun") and ("." in name or "/" in name or not nearest(name, list(scripts)))


def _absent(name: str, package: str, scripts: dict[str, Pair], files: ApplicationFiles) -> Expansion | None:
    """A script that a package does not have. `npm start` without one runs `server.js`."""
    if name == "start" and files.has_file(posixpath.join(posixpath.dirname(package), "server.js")):
        return None
    return Expansion((), package, name, next(iter(nearest(name, list(scripts))), ""))


def _runs_around(program: str, package: str, files: ApplicationFiles) -> bool:
    """Whether a script's `pre` and `post` scripts run with it. pnpm and newer versions of yarn leave them out."""
    if program != "yarn":
        return program != "pnpm"
    document = files.tree(package)
    manager = text_of(child(document.root, "packageManager")) if document is not None else None
    is_new = manager is not None and not manager.startswith("yarn@1.")
    return not is_new and not files.has_file(posixpath.join(posixpath.dirname(package), ".yarnrc.yml"))


def _part(pair: Pair, arguments: Sequence[Word], folder: str) -> ScriptPart | None:
    scalar = pair.value.resolved
    text = text_of(scalar)
    if not isinstance(scalar, Scalar) or text is None:
        return None
    region, is_same = content_of(scalar)
    return ScriptPart(text + quoted(arguments), region, folder, pair.name or "", is_same)
