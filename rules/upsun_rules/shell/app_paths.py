"""Paths in commands, as they lie in the application's folder."""

from __future__ import annotations

import posixpath

from upsun_rules.shell.script import Command, Word

__all__ = ["APP_FOLDERS", "MOVES", "app_path", "folder_after"]

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


MOVES = frozenset({"cd", "pushd", "popd", "chroot"})
"""The commands that change the folder of a shell."""


def folder_after(command: Command) -> str | None:
    """The folder of a shell after one of the commands in `MOVES`; None where it cannot be told."""
    is_plain = command.foreground and not (command.conditional or command.repeated)
    if command.program != "cd" or not is_plain or len(command.arguments) != 1:
        return None
    return app_path(command.arguments[0], command.folder)
