"""The runners that are known, and the one that a command calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from upsun_rules.resolution import (
    composer_scripts,
    justfile,
    makefile,
    node_programs,
    node_scripts,
    procfile,
    python_scripts,
    rakefile,
    taskfile,
)
from upsun_rules.resolution.application_files import ApplicationFiles
from upsun_rules.resolution.calls import base_name
from upsun_rules.resolution.shell_files import expand_file
from upsun_rules.shell.parsing import Word
from upsun_rules.shell.walk import Call, Expansion

__all__ = ["FileResolver", "script_names"]

_Runner = Callable[[Sequence[Word], str, ApplicationFiles], Expansion | None]

_MODULES = (
    *(node_scripts, node_programs, composer_scripts, makefile, justfile, rakefile, procfile, python_scripts, taskfile),
)
_RUNNERS: dict[str, tuple[_Runner, ...]] = {
    program: tuple(module.expand for module in _MODULES if program in module.PROGRAMS)
    for program in frozenset().union(*(module.PROGRAMS for module in _MODULES))
}

_RUN = ("run", "run-script")
_NAMES: dict[str, tuple[tuple[str, ...], Callable[[str, ApplicationFiles], list[str]]]] = {
    "npm": (_RUN, node_scripts.script_names),
    "pnpm": (("", *_RUN), node_scripts.script_names),
    "yarn": (("", *_RUN), node_scripts.script_names),
    "bun": (("", *_RUN), node_scripts.script_names),
    "composer": (_RUN, composer_scripts.script_names),
    "make": (("",), makefile.script_names),
    "just": (("",), justfile.script_names),
    "rake": (("",), rakefile.script_names),
    "npx": (("",), node_programs.script_names),
    "foreman": (("start",), procfile.script_names),
    "honcho": (("start",), procfile.script_names),
    "task": (("",), taskfile.script_names),
}
"""After which of its words a runner takes the name of a script, and the names that there are."""


def script_names(words: Sequence[str], files: ApplicationFiles) -> list[str]:
    """The names of scripts that may follow these words, such as `exec npm run`; none if they do not take one."""
    at = next((at for at, word in enumerate(words) if word in _NAMES), None)
    if at is None:
        return []
    after, names = _NAMES[words[at]]
    rest = [word for word in words[at + 1 :] if not word.startswith("-")]
    is_next = (not rest and "" in after) or (len(rest) == 1 and rest[0] in after and rest[0] != "")
    return names("", files) if is_next else []


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
            for runner in _RUNNERS.get(base_name(call.words[at]), ()):
                found = runner(call.words[at:], folder, self.files)
                if found is not None and found.parts:
                    return found
                absent = absent or found
        return absent
