"""Build steps that run after the build, where the code is read-only."""

from __future__ import annotations

from collections.abc import Collection

from upsun_rules.shell.parsing import Command, Script
from upsun_rules.shell.recognition import recognize

__all__ = ["build_step", "writes_elsewhere"]

_PACKAGES = frozenset({"node_modules", "vendor", ".venv", "venv"})


def build_step(script: Script, mounts: Collection[str]) -> Command | None:
    """The first command of a script that is surely a build step, and that writes where no mount is."""
    for command in script.commands:
        known = recognize(command)
        if known is not None and known.kind == "build-step" and known.sure and not command.in_function:
            # A package manager of the system needs root, wherever it runs.
            elsewhere = known.row.id == "package-manager" or writes_elsewhere(mounts, script, command)
            return None if elsewhere else command
    return None


def writes_elsewhere(mounts: Collection[str], script: Script, step: Command) -> bool:
    """Whether a build step writes to a writable place: `/tmp`, a mount, or a path the shell computes."""
    commands = [step, *(command for command in script.commands if command.program in ("cd", "pushd"))]
    paths = [word.text.rpartition("=")[2] for command in commands for word in command.words]
    inner = [path.removeprefix("/app/").removeprefix("./").strip("/") for path in paths]
    return (
        any(path.startswith(("/tmp", "$", "~")) for path in paths)
        or any(path == mount or path.startswith(f"{mount}/") for path in inner for mount in mounts)
        # The usual targets of an installation.
        or not _PACKAGES.isdisjoint(mounts)
    )
