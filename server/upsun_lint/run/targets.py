"""The projects and files that the paths on a command line mean.

A path is a project, its `.upsun` folder, a file in it, a folder inside a project, or a folder with projects below.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from upsun_lint.failure import Failure
from upsun_lint.places.paths import display_path
from upsun_lint.run.ignored_folders import IgnoredFolders
from upsun_lint.run.result import parts_of
from upsun_schema.configuration.project import CONFIG_FOLDER, Project, find_project, find_projects
from upsun_schema.files import read_file
from upsun_schema.record import NamedTuple

__all__ = ["Target", "explain_foreign", "find", "open_project", "stdin_target"]

_FIXED = (".platform", ".platform.app.yaml")
"""What a project of Upsun Fixed has; `both-formats` knows what happens to one that has both."""

_ENDINGS = (".yaml", ".yml")


class Target(NamedTuple):
    """A project and its files to report on: paths relative to the project, or None for all.

    `is_buffer`: the one file is a text on standard input, as an editor sends it.
    """

    root: str
    files: frozenset[str] | None
    is_buffer: bool = False


# -- finding ---------------------------------------------------------------------------------------------------------


def find(paths: Sequence[str], excluded: Callable[[str], bool] = lambda root: False) -> list[Target]:
    """The projects that paths mean, each once.

    Without paths it is the project around the working directory, or those below it. `excluded` says which of the
    projects below a folder are left out, by their absolute paths. Failure if a path means no project.
    """
    if not paths:
        root = find_project(os.curdir)
        return [Target(root, None)] if root is not None else list(_targets(os.curdir, excluded))
    found: dict[str, frozenset[str] | None] = {}
    for path in paths:
        for target in _targets(path, excluded):
            known = found.get(target.root, frozenset())
            found[target.root] = None if known is None or target.files is None else known | target.files
    return [Target(root, files) for root, files in found.items()]


def _targets(path: str, excluded: Callable[[str], bool]) -> Iterator[Target]:
    if not path:
        raise Failure("a path is empty; is a variable unset?")
    if not os.path.lexists(path):
        raise Failure(f"{path}: no such file or folder")
    if not os.path.isdir(path):
        yield _file_target(path)
        return
    try:
        os.scandir(path).close()
    except OSError as fault:
        raise Failure(f"{path}: {_reason(fault)}") from None
    below = [os.path.abspath(root) for root in find_projects(path) if _has_configuration(root)]
    if below:
        ignored = IgnoredFolders(path)
        here = os.path.abspath(path)
        found = [root for root in below if root == here or not (excluded(root) or ignored.has(root))]
        if not found:
            raise Failure(f"{path}: all projects below are left out: `exclude` or a .gitignore names {_all_of(below)}")
        yield from (Target(root, None) for root in found)
        return
    above = find_project(path)
    if above is None:
        raise Failure(_no_project(path))
    yield Target(above, None)


def _all_of(roots: Sequence[str]) -> str:
    return "it" if len(roots) == 1 else f"all {len(roots)}"


def _no_project(path: str) -> str:
    """Why there is no project in a folder, and what may help."""
    lead = "" if path == os.curdir else f"{path}: "
    if any(os.path.exists(os.path.join(path, name)) for name in _FIXED):
        return (
            f"{lead}.platform is the configuration of Upsun Fixed, which upsun-lint does not read; "
            f"for Upsun Flex, `upsun convert` writes {CONFIG_FOLDER}"
        )
    return (
        f"{lead}no project here: neither this folder nor one above or below it has {CONFIG_FOLDER}; "
        "`upsun init` creates one"
    )


def _file_target(path: str) -> Target:
    root = find_project(path)
    if root is None:
        raise Failure(f"{path}: this file is not in a project: no folder above it has {CONFIG_FOLDER}")
    return Target(root, frozenset({os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")}))


def stdin_target(name: str) -> Target:
    """The target for a text on standard input, given the path of its file, which need not exist."""
    full = os.path.abspath(name)
    root = find_project(full)
    if root is None:
        raise Failure(f"{name}: this file is not in a project: no folder above it has {CONFIG_FOLDER}")
    return Target(root, frozenset({os.path.relpath(full, root).replace(os.sep, "/")}), is_buffer=True)


# -- reading ---------------------------------------------------------------------------------------------------------


def open_project(target: Target, overlay: dict[str, str] | None = None) -> Project:
    """Read a project. Failure, with the file, if a part cannot be read or no file asked about is part of it.

    `overlay` are texts to use instead of the files on disk.
    """
    overlay = overlay or {}
    for path in _configuration(target.root):
        if path not in overlay:
            _check_readable(target.root, path)
    project = Project(target.root, overlay)
    if not project.documents:
        folder = display_path(target.root, CONFIG_FOLDER)
        raise Failure(f"{folder}: there is no .yaml file in this folder")
    foreign = sorted(target.files - parts_of(project)) if target.files is not None else []
    for path in foreign:
        if path.endswith(_ENDINGS) and os.path.dirname(path) == CONFIG_FOLDER:
            _check_readable(target.root, path)
    if foreign and len(foreign) == len(target.files or ()):
        raise Failure(explain_foreign(target.root, foreign[0]))
    return project


def explain_foreign(root: str, path: str) -> str:
    """The note about a file of a project that is not part of its configuration."""
    return (
        f"{display_path(root, path)}: this file is not part of the configuration: "
        f"the platform reads {display_path(root, CONFIG_FOLDER)}/*.yaml and the files they include"
    )


def _has_configuration(root: str) -> bool:
    """Whether there is anything to read. True for an unreadable folder, so that it is reported."""
    try:
        return bool(_configuration(root))
    except Failure:
        return True


def _configuration(root: str) -> list[str]:
    """The paths of a project's configuration files; some may not be regular files."""
    folder = os.path.join(root, CONFIG_FOLDER)
    try:
        names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    except OSError as fault:
        raise Failure(f"{display_path(folder)}: {_reason(fault)}") from None
    return [f"{CONFIG_FOLDER}/{name}" for name in names if name.endswith(_ENDINGS)]


def _check_readable(root: str, path: str) -> None:
    full = os.path.join(root, path)
    with suppress(OSError):
        read_file(full, 0, within=root)
        return  # As nearly always: why another one cannot be read takes more looks.
    shown = display_path(root, path)
    if os.path.islink(full) and not os.path.exists(full):
        raise Failure(f"{shown}: this symbolic link is broken")
    if os.path.isdir(full):
        raise Failure(f"{shown}: this is a folder, not a file")
    real, top = os.path.realpath(full), os.path.realpath(root)
    if not real.startswith(top.rstrip(os.sep) + os.sep):
        raise Failure(f"{shown}: this file is outside the project; the platform reads only files of the project")
    if os.path.exists(full) and not os.path.isfile(full):
        raise Failure(f"{shown}: this is not a regular file")
    try:
        read_file(full, 0)
    except OSError as fault:
        raise Failure(f"{shown}: {_reason(fault)}") from None


def _reason(fault: OSError) -> str:
    return (fault.strerror or "cannot be read").lower()
