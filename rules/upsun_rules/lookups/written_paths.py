"""The files of the application that a shell text writes to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from upsun_rules.shell.app_paths import APP_FOLDERS
from upsun_rules.shell.parsing import Command, CommandSpan, Script, Word
from upsun_schema.record import NamedTuple

__all__ = ["WrittenPath", "written_paths"]


class WrittenPath(NamedTuple):
    """A path that a text writes to, relative to the application's folder (`.` is that folder), and by what.

    `what` is the program or the sign of the redirection. `is_whole` is false where only the beginning is known, as of
    `var/$NAME`. `if_missing` is true where nothing is written if the path is there already, as by `mkdir -p`.
    `in_build` is false for what the build cannot do as well, because it needs the variables of the services.
    """

    path: str
    what: str
    span: CommandSpan
    is_whole: bool = True
    if_missing: bool = False
    in_build: bool = True


_COMPUTED = "$`*?[{"
# Which of the operands are written to.
_LAST = frozenset({"cp", "mv", "ln", "install"})
_ALL = frozenset({"mkdir", "touch", "tee"})
_BEHIND_FIRST = frozenset({"chmod", "chown", "chgrp"})
_OPTIONS_WITH_VALUES = {
    "mkdir": ("-m", "--mode"),
    "touch": ("-d", "-r", "-t", "--date", "--reference"),
    "install": ("-m", "-o", "-g", "--mode", "--owner", "--group"),
}
_CACHE = "bootstrap/cache"
_ARTISAN = {"storage:link": "public/storage"} | dict.fromkeys(
    ("config:cache", "event:cache", "optimize", "route:cache"), _CACHE
)
"""What the commands of Laravel write (laravel.com/docs: filesystem, deployment)."""
_ELSEWHERE = ("-t", "--target-directory", "--reference")


def written_paths(script: Script) -> Iterator[WrittenPath]:
    """Every path below the application's folder that a text surely writes to if it gets there."""
    for redirect in script.redirects:
        if redirect.sign in (">", ">>", ">|", "&>", "&>>") and redirect.exact:
            span = CommandSpan(redirect.start, redirect.end)
            yield from _written(redirect.target, redirect.folder, redirect.sign, span)
    for command in script.commands:
        kept = command.program == "mkdir" and any(
            word.text.startswith("-") and not word.text.startswith("--m") and "p" in word.text
            for word in command.arguments
        )
        for word in _targets(command):
            span = CommandSpan(word.start, word.end)
            for one in _written(word, command.folder, command.program, span):
                is_cache = command.program == "artisan" and one.path == _CACHE
                yield one._replace(if_missing=kept, in_build=not is_cache)


def _targets(command: Command) -> list[Word]:
    """The arguments of a command that it writes to."""
    name = command.program
    if name == "artisan":
        first = command.arguments[:1]
        return [word._replace(text=_ARTISAN[word.text]) for word in first if word.text in _ARTISAN]
    if name not in _LAST and name not in _ALL and name not in _BEHIND_FIRST:
        return []
    operands: list[Word] = []
    words = iter(command.arguments)
    for word in words:
        if word.text.split("=")[0] in _ELSEWHERE:
            return []
        if word.text in _OPTIONS_WITH_VALUES.get(name, ()):
            next(words, None)
        elif not word.text.startswith("-"):
            operands.append(word)
    if name in _ALL:
        return operands
    if name in _BEHIND_FIRST:
        return operands[1:]
    return operands[-1:] if len(operands) > 1 else []


def _written(word: Word, folder: str | None, what: str, span: CommandSpan) -> Iterator[WrittenPath]:
    found = _resolved(word, folder)
    if found is not None:
        yield WrittenPath(found[0], what, span, found[1])


def _resolved(word: Word, folder: str | None) -> tuple[str, bool] | None:
    """A path relative to the application's folder, and whether that is all of it; None for what may be elsewhere."""
    text = word.text
    for start in APP_FOLDERS:
        if f"{text}/".startswith(f"{start}/"):
            text, folder = text[len(start) :].lstrip("/"), "."
            break
    at = min((index for sign in _COMPUTED if (index := text.find(sign)) >= 0), default=-1)
    if at >= 0:
        text = text[: at + 1].rpartition("/")[0]
        if not text:
            return None
    if folder is None or text.startswith(("/", "~", "-", "&")) or (not text and at < 0 and word.text == ""):
        return None
    path = posixpath.normpath(posixpath.join(folder, text))
    return None if path == ".." or path.startswith("../") else (path, at < 0)
