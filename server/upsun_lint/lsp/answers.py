"""Which function answers which question about a file."""

from __future__ import annotations

from upsun_lint.lsp.features import (
    actions,
    completion,
    hints,
    hover,
    lenses,
    links,
    navigation,
    ranges,
    renaming,
    symbols,
)
from upsun_lint.lsp.session.requests import Answer

__all__ = ["FEATURES"]

FEATURES: tuple[tuple[str, Answer, object | None], ...] = (
    *hover.FEATURES,
    *hints.FEATURES,
    *lenses.FEATURES,
    *completion.FEATURES,
    *actions.FEATURES,
    *navigation.FEATURES,
    *renaming.FEATURES,
    *symbols.FEATURES,
    *ranges.FEATURES,
    *links.FEATURES,
)
"""Method, function, and the options announced to the client."""
