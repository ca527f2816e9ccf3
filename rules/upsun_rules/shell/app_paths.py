"""Paths in commands, as they lie in the application's folder."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from upsun_rules.shell.parsing import Command, Script, Word

__all__ = ["APP_FOLDERS", "app_path", "with_folders"]

APP_FOLDERS = (
    *("/app", "~", "$HOME", "${HOME}", "$PLATFORM_APP_DIR", "${PLATFORM_APP_DIR}"),
    *("$PLATFORM_SOURCE_DIR", "${PLATFORM_SOURCE_DIR}"),
)
"""How a command may call the application's folder, which is the home of its user, too."""


def app_path(word: Word | str, folder: str | None = "") -> str | None:
    """A path relative to the application's folder, without slashes at its ends; "" is that folder itself.

    `folder` is where the command runs, None where that is unknown. None for a path that leads elsewhere, or that only
    the shell can tell.
    """
    text = word if isinstance(word, str) else word.text
    for start in APP_FOLDERS:
        if text == start or text.startswith(f"{start}/"):
            text, folder = text.removeprefix(start).strip("/"), ""
            break
    if folder is None or text.startswith(("/", "~")) or any(sign in text for sign in "$`*?[{}"):
        return None
    path = posixpath.normpath(posixpath.join(folder, text))
    return None if path == ".." or path.startswith("../") else "" if path == "." else path


def with_folders(script: Script) -> Iterator[tuple[Command, str | None]]:
    """Yield the commands of a script, each with the folder it runs in; None where that cannot be told.

    The folder is relative to the application's.
    """
    folder: str | None = ""
    for command in script.commands:
        yield command, folder
        if command.program in ("pushd", "popd"):
            folder = None
        elif command.program == "cd":
            plain = command.foreground and not command.conditional and len(command.arguments) == 1
            folder = app_path(command.arguments[0], folder) if plain else None
