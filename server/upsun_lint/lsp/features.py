"""Which function answers which question about a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from upsun_lint.lsp import completion, hover
from upsun_lint.lsp.requests import Request

__all__ = ["FEATURES", "Answer"]

Answer = Callable[[Request, Any], Any]
"""A function from a file and the parameters of a question about it to what the protocol wants for an answer."""

FEATURES: tuple[tuple[str, Answer, object | None], ...] = (*hover.FEATURES, *completion.FEATURES)
"""Method, function, and the options announced to the client."""
