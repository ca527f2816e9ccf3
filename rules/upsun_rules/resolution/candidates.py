"""Which commands may run something of the repository: a fast look, before any runner is loaded."""

from __future__ import annotations

from upsun_rules.resolution.application_files import ApplicationFiles
from upsun_rules.shell.parsing import Command
from upsun_schema.expression import expression

__all__ = ["may_resolve"]

_RUNNERS = frozenset(
    {"npm", "pnpm", "yarn", "bun", "npx", "pnpx", "bunx", "composer", "make", "gmake", "just", "task", "rake", "rails"}
    | {"foreman", "honcho", "overmind", "poetry", "pdm", "hatch", "rye", "pipenv", "poe", "uv"}
)
_WORD = expression(r"\w+")
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ash", "ksh", ".", "source"})
_PROGRAMS_OF_THE_IMAGE = ("/usr/", "/bin/", "/opt/", "/etc/", "/sbin/")


def may_resolve(command: Command, files: ApplicationFiles) -> bool:
    """Whether a command may run a script of the repository in its place."""
    name = command.words[0].text
    words = _WORD.findall(" ".join([*command.prefixes, name]))
    if not _RUNNERS.isdisjoint(words) or (name in _SHELLS and len(command.words) > 1):
        return True
    if "/" not in name or name.startswith(_PROGRAMS_OF_THE_IMAGE):
        return False
    # A script that is missing is of interest only where the code is.
    return files.has_code
