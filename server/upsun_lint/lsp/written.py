"""Diagnostics as the JSON that is sent. What was sent before is not written again: after a keystroke, that is most."""

from __future__ import annotations

import json

from cattrs import Converter
from lsprotocol import types

__all__ = ["Written"]


class Written:
    """The JSON of the diagnostics of each file."""

    def __init__(self, converter: Converter) -> None:
        self._converter = converter
        self._known: dict[str, dict[int, tuple[types.Diagnostic, str]]] = {}

    def texts(self, uri: str, diagnostics: list[types.Diagnostic]) -> list[str]:
        """The JSON of each of the diagnostics of a file."""
        known = self._known.pop(uri, {})
        # As long as an object is kept, no other has its identity.
        found = {id(one): known.get(id(one)) or (one, self._text(one)) for one in diagnostics}
        if found:
            self._known[uri] = found
        return [found[id(one)][1] for one in diagnostics]

    def _text(self, diagnostic: types.Diagnostic) -> str:
        return json.dumps(self._converter.unstructure(diagnostic))

    def forget(self, uri: str) -> None:
        """Forget the diagnostics of a file."""
        self._known.pop(uri, None)
