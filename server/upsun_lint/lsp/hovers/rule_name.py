"""Hover texts for the names of rules in comments that suppress findings."""

from __future__ import annotations

from upsun_lint.lsp.session.markup import code, link, paragraphs
from upsun_lint.lsp.session.requests import Request
from upsun_rules.suppression import MARK, Suppression, suppressions_in

__all__ = ["about_rule", "suppression_at"]


def suppression_at(request: Request, offset: int) -> Suppression | None:
    """The name of a rule at an offset (code points), in a comment that suppresses its findings."""
    if MARK not in request.document.text:
        return None
    for suppression in suppressions_in(request.document):
        span = request.document.span(suppression.region)
        if span is not None and span.start <= offset <= span.end:
            return suppression
    return None


def about_rule(request: Request, suppression: Suppression) -> str:
    """What a rule reports, and where a comment suppresses it."""
    rule = request.open_project.catalog.get(suppression.rule)
    where = "in this file" if suppression.line is None else "on one line"
    if rule is None:
        return f"**No rule** is named {code(suppression.rule)}, so this comment suppresses nothing."
    first, why = [*rule.documentation.split("\n\n"), ""][:2]
    page = rule.url()
    return paragraphs(
        f"**Rule** {code(rule.slug)}, {rule.severity.label}, suppressed {where}",
        first,
        "" if why.startswith("```") or why.endswith(":") else why,
        link("Documentation", page) if page else "",
    )
