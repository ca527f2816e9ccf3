"""Which function answers which request about a file."""

from __future__ import annotations

from lsprotocol import types

from upsun_lint.lsp.features.actions import KINDS, code_actions
from upsun_lint.lsp.features.completion import TRIGGERS, complete
from upsun_lint.lsp.features.folding import folding_ranges
from upsun_lint.lsp.features.hints import hints
from upsun_lint.lsp.features.hover import hover
from upsun_lint.lsp.features.lenses import lenses
from upsun_lint.lsp.features.links import document_links
from upsun_lint.lsp.features.navigation import definition, highlight, references_to
from upsun_lint.lsp.features.renaming import prepare_rename
from upsun_lint.lsp.features.selection import selection_ranges
from upsun_lint.lsp.features.semantic_tokens import LEGEND, semantic_tokens
from upsun_lint.lsp.features.symbols import document_symbols
from upsun_lint.lsp.session.requests import Answer
from upsun_schema.record import NamedTuple

__all__ = ["FEATURES", "Feature"]


class Feature(NamedTuple):
    """A method of the protocol, the function that answers it, and the options announced to the client."""

    method: str
    answer: Answer
    options: object | None = None


FEATURES = (
    Feature(types.TEXT_DOCUMENT_HOVER, hover),
    Feature(types.TEXT_DOCUMENT_INLAY_HINT, hints, types.InlayHintOptions(resolve_provider=False)),
    Feature(types.TEXT_DOCUMENT_CODE_LENS, lenses, types.CodeLensOptions(resolve_provider=False)),
    Feature(types.TEXT_DOCUMENT_COMPLETION, complete, types.CompletionOptions(trigger_characters=list(TRIGGERS))),
    Feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        code_actions,
        types.CodeActionOptions(code_action_kinds=list(KINDS), resolve_provider=True),
    ),
    Feature(types.TEXT_DOCUMENT_DEFINITION, definition),
    Feature(types.TEXT_DOCUMENT_REFERENCES, references_to),
    Feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, highlight),
    Feature(types.TEXT_DOCUMENT_PREPARE_RENAME, prepare_rename),
    Feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, document_symbols),
    Feature(types.TEXT_DOCUMENT_FOLDING_RANGE, folding_ranges),
    Feature(types.TEXT_DOCUMENT_SELECTION_RANGE, selection_ranges),
    Feature(types.TEXT_DOCUMENT_DOCUMENT_LINK, document_links),
    Feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, semantic_tokens, LEGEND),
)
