"""The runners that are known, and the one that a command calls."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from upsun_rules.resolution.application_files import ApplicationFiles
from upsun_rules.resolution.calls import base_name
from upsun_rules.resolution.shell_files import expand_file
from upsun_rules.shell.expansion import Call, Expansion
from upsun_rules.shell.parsing import Word

__all__ = ["FileResolver", "script_names"]

_NODE = ("node_scripts", "node_programs")
_RUNNERS = {
    **dict.fromkeys(("npm", "pnpm", "yarn", "bun"), _NODE),
    **dict.fromkeys(("npx", "pnpx", "bunx"), ("node_programs",)),
    "composer": ("composer_scripts",),
    **dict.fromkeys(("make", "gmake"), ("makefile",)),
    "just": ("justfile",),
    **dict.fromkeys(("rake", "rails"), ("rakefile",)),
    **dict.fromkeys(("foreman", "honcho", "overmind"), ("procfile",)),
    **dict.fromkeys(("pdm", "hatch", "rye", "pipenv", "poe", "poetry", "uv"), ("python_scripts",)),
    **dict.fromkeys(("task", "go-task"), ("taskfile",)),
}
"""The programs that run scripts of the repository, and the modules that know them. Those not needed are not loaded."""

_RUN = ("run", "run-script")
_NAMES = {
    "npm": (_RUN, "node_scripts"),
    **dict.fromkeys(("pnpm", "yarn", "bun"), (("", *_RUN), "node_scripts")),
    "npx": (("",), "node_programs"),
    "composer": (_RUN, "composer_scripts"),
    "make": (("",), "makefile"),
    "just": (("",), "justfile"),
    "rake": (("",), "rakefile"),
    **dict.fromkeys(("foreman", "honcho"), (("start",), "procfile")),
    "task": (("",), "taskfile"),
}
"""After which of its words a runner takes the name of a script, and the module that knows the names."""


class _Runner(Protocol):
    """What a module about a kind of runner has."""

    def expand(self, words: Sequence[Word], folder: str, files: ApplicationFiles) -> Expansion | None:
        """What a call runs in its place; None if it does not run a script, or if that cannot be known."""

    def script_names(self, folder: str, files: ApplicationFiles) -> list[str]:
        """The names of the scripts that there are for a folder."""


def _runner(module: str) -> _Runner:
    return cast("_Runner", import_module(f"upsun_rules.resolution.{module}"))


def script_names(words: Sequence[str], files: ApplicationFiles) -> list[str]:
    """The names of scripts that may follow these words, such as `exec npm run`; none if they do not take one."""
    at = next((at for at, word in enumerate(words) if word in _NAMES), None)
    if at is None:
        return []
    after, module = _NAMES[words[at]]
    rest = [word for word in words[at + 1 :] if not word.startswith("-")]
    is_next = (not rest and "" in after) or (len(rest) == 1 and rest[0] in after and rest[0] != "")
    return _runner(module).script_names("", files) if is_next else []


class FileResolver:
    """Resolves the commands of an application with the files of its repository."""

    def __init__(self, files: ApplicationFiles) -> None:
        self.files = files

    def expand(self, call: Call) -> Expansion | None:
        """What a command runs in its place; None if that is unknown, or if it is a program like any other."""
        if call.folder is not None and (known := self._by_runner(call, call.folder)) is not None:
            return known._replace(path=self.files.in_repository(known.path))
        found = expand_file(call.words[call.skipped :], call.folder, self.files)
        return None if found is None else found._replace(path=self.files.in_repository(found.path))

    def _by_runner(self, call: Call, folder: str) -> Expansion | None:
        absent: Expansion | None = None
        # `poetry run worker` has its runner among the words that only run others.
        for at in range(call.skipped + 1):
            for module in _RUNNERS.get(base_name(call.words[at]), ()):
                found = _runner(module).expand(call.words[at:], folder, self.files)
                if found is not None and found.parts:
                    return found
                absent = absent or found
        return absent
