"""Workspace symbols: applications, services, routes, tasks, workers and crons of all projects, by name."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from lsprotocol import types

from upsun_lint.lsp.features.symbols import flattened, ranges_of, symbols_in
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.workspace import OpenProject

__all__ = ["workspace_symbols"]

_MOST_FOUND = 1000


async def workspace_symbols(projects: Iterable[OpenProject], units: Units, query: str) -> list[types.WorkspaceSymbol]:
    """The symbols whose names contain the characters of a query in this order, at most 1000.

    Other messages are handled between two projects.
    """
    found: list[types.WorkspaceSymbol] = []
    for open_project in projects:
        await asyncio.sleep(0)
        for document in open_project.project.all_documents:
            uri = open_project.uri(document)
            for symbol, container in flattened(symbols_in(document, only_public=True)):
                if symbol.is_public and _matches(query, symbol.name):
                    place = types.Location(uri, ranges_of(document, units, symbol)[1])
                    found.append(types.WorkspaceSymbol(place, symbol.name, symbol.kind, container_name=container))
                    if len(found) == _MOST_FOUND:
                        return found
    return found


def _matches(query: str, name: str) -> bool:
    left = iter(name.casefold())
    return all(char in left for char in query.casefold())
