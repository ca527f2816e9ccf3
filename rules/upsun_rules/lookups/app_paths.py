"""Paths in commands, as they lie in the application's folder."""

from __future__ import annotations

import posixpath

from upsun_rules.shell.parsing import Command, Script, Word

__all__ = ["app_path", "folder_of"]

_APP = ("/app", "$PLATFORM_APP_DIR", "${PLATFORM_APP_DIR}")


def app_path(word: Word | str, folder: str | None = "") -> str | None:
    """Return a path relative to the application's folder, without slashes at its ends; "" is that folder itself.

    `folder` is where the command runs, None where that is unknown. None for a path that leads elsewhere, or that only
    the shell can tell.
    """
    text = word if isinstance(word, str) else word.text
    for start in _APP:
        if text == start or text.startswith(f"{start}/"):
            text, folder = text.removeprefix(start).strip("/"), ""
            break
    if folder is None or text.startswith(("/", "~")) or any(sign in text for sign in "$`*?[{}"):
        return None
    path = posixpath.normpath(posixpath.join(folder, text))
    return None if path == ".." or path.startswith("../") else "" if path == "." else path


def folder_of(script: Script, command: Command) -> str | None:
    """Return the folder, relative to the application's, that a command runs in; None where it cannot be told."""
    folder: str | None = ""
    for step in script.commands:
        if step.start >= command.start:
            break
        if step.program in ("pushd", "popd"):
            return None
        if step.program == "cd":
            plain = step.foreground and not step.conditional and len(step.arguments) == 1
            folder = app_path(step.arguments[0], folder) if plain else None
            if folder is None:
                return None
    return folder
