"""Which files on disk the client is asked to watch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from upsun_lint.lsp.session.head import LOG
from upsun_lint.lsp.session.state import Session

__all__ = ["Watcher"]

_ALWAYS = ("**/.upsun/**", "**/.upsun-lint.toml", "**/pyproject.toml")
_ELSEWHERE = (".upsun/", ".git/", "../")
_INCLUDED = "watch-included"
_METHOD = types.WORKSPACE_DID_CHANGE_WATCHED_FILES


class Watcher:
    """Keeps the client's list of watched files up to date, if the client can watch files at all."""

    def __init__(self, server: LanguageServer, session: Session) -> None:
        self._server = server
        self._session = session
        self._included: set[str] = set()

    def always(self) -> list[types.Registration]:
        """The registration for the files that matter in every project."""
        return [_registration("watch", _ALWAYS)] if self._session.client.watches_files else []

    def watch_included(self) -> None:
        """Watch the files outside `.upsun` that the projects read now: scripts, and the schemas of policies."""
        found = self._patterns()
        if found == self._included:
            return
        if self._included:
            gone = types.Unregistration(_INCLUDED, _METHOD)
            self._server.client_unregister_capability(types.UnregistrationParams([gone]))
        if found:
            self._server.client_register_capability(types.RegistrationParams([_registration(_INCLUDED, sorted(found))]))
        self._included = found

    def _patterns(self) -> set[str]:
        if not self._session.client.watches_files:
            return set()
        projects = [one.project for one in self._session.projects.projects if one.is_read]
        looked_for = ((*one.looked_for, *one.repository.paths) for one in projects)
        paths = {path for some in looked_for for path in some if not path.startswith(_ELSEWHERE)} - {"", ".git"}
        sources = {path for one in self._session.projects.projects for path in one.sources}
        paths |= {os.path.basename(path) for path in sources} - {".upsun-lint.toml", "pyproject.toml"}
        paths |= {folder for path in paths for folder in _folders(path)}
        # A path with a wildcard character in it would match other files; names of scripts hardly ever have one.
        found = {f"**/{path}" for path in paths if not set(path) & set("*?{}[]")}
        folders = {folder for one in projects for folder in one.repository.listed_folders}
        if projects and self._session.projects.compares_with_head:
            found.add(f"**/{LOG}")
        return found | {f"**/{folder}/*" for folder in folders if not set(folder) & set("*?{}[]")}


def _folders(path: str) -> Iterator[str]:
    """The folders around a file: of one that is removed or renamed, a client may name nothing else."""
    while path := path.rpartition("/")[0]:
        yield path


def _registration(identifier: str, patterns: Iterable[str]) -> types.Registration:
    watchers = [types.FileSystemWatcher(pattern) for pattern in patterns]
    return types.Registration(identifier, _METHOD, types.DidChangeWatchedFilesRegistrationOptions(watchers))
