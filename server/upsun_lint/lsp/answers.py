"""Which function answers which request about a file.

A feature is imported when it is first asked for: they take as much memory and time as the rules.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from upsun_schema.record import NamedTuple

if TYPE_CHECKING:
    from upsun_lint.lsp.session.requests import Request

__all__ = ["FEATURES", "Feature"]


class Feature(NamedTuple):
    """A method of the protocol, and the module of `features` and its function that answers it."""

    method: str
    module: str
    function: str

    def answer(self, request: Request, params: Any) -> Any:
        """The result of the request."""
        return getattr(import_module(f"upsun_lint.lsp.features.{self.module}"), self.function)(request, params)


FEATURES = (
    Feature(types.TEXT_DOCUMENT_HOVER, "hover", "hover"),
    Feature(types.TEXT_DOCUMENT_INLAY_HINT, "hints", "hints"),
    Feature(types.TEXT_DOCUMENT_CODE_LENS, "lenses", "lenses"),
    Feature(types.TEXT_DOCUMENT_COMPLETION, "completion", "complete"),
    Feature(types.TEXT_DOCUMENT_CODE_ACTION, "actions", "code_actions"),
    Feature(types.TEXT_DOCUMENT_DEFINITION, "navigation", "definition"),
    Feature(types.TEXT_DOCUMENT_REFERENCES, "navigation", "references_to"),
    Feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, "navigation", "highlight"),
    Feature(types.TEXT_DOCUMENT_PREPARE_RENAME, "renaming", "prepare_rename"),
    Feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, "symbols", "document_symbols"),
    Feature(types.TEXT_DOCUMENT_FOLDING_RANGE, "folding", "folding_ranges"),
    Feature(types.TEXT_DOCUMENT_SELECTION_RANGE, "selection", "selection_ranges"),
    Feature(types.TEXT_DOCUMENT_DOCUMENT_LINK, "links", "document_links"),
    Feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, "semantic_tokens", "semantic_tokens"),
)
