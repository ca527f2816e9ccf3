"""The documentation of rules: one on a terminal, or a list of all."""

from __future__ import annotations

from collections.abc import Iterable

from upsun_lint.reports.summary import SEVERITY_STYLES
from upsun_lint.writing.markdown_text import on_terminal
from upsun_lint.writing.terminal import Terminal, wrap
from upsun_rules.rule import Rule
from upsun_schema.keys.shape import DOCS_BASE

__all__ = ["as_json", "as_markdown", "as_text", "explain"]

_MARGIN = 2
_WIDEST = 88
_NAME = 30
_TITLE = 2 + 7 + 1 + _NAME + 1


# -- one rule ----------------------------------------------------------------------------------------------------------


def explain(rule: Rule, terminal: Terminal) -> str:
    """The documentation of a rule, its Markdown rendered for a terminal."""
    columns = min(terminal.columns, _WIDEST) - _MARGIN
    label = terminal.paint(rule.severity.label, SEVERITY_STYLES[rule.severity])
    lines = [f"{terminal.paint(rule.slug, 'bold')} ({label})", ""]
    lines += on_terminal(rule.documentation, columns, terminal)
    lines.append("")
    if address := _platform_page(rule):
        lines.append(f"{terminal.paint('docs:', 'bold')} {address}")
    lines.append(f"{terminal.paint('suppress:', 'bold')} # upsun-lint: ignore[{rule.slug}] reason")
    return "".join(f"{line}\n" for line in lines)


def _platform_page(rule: Rule) -> str:
    """The page of the platform's documentation about a rule; for a policy, its own, or empty."""
    return rule.docs if rule.is_policy else DOCS_BASE + rule.docs


# -- all rules ---------------------------------------------------------------------------------------------------------


def as_text(rules: Iterable[Rule], terminal: Terminal) -> str:
    """A list of rules by topic: name, severity, what it finds; one line each unless on a screen."""
    lines: list[str] = []
    for topic, some in _by_topic(rules).items():
        lines += [*([""] if lines else []), terminal.paint(topic, "bold")]
        for rule in some:
            severity = terminal.paint(f"{rule.severity.label:<7}", SEVERITY_STYLES[rule.severity])
            name = terminal.link(rule.slug, rule.url()) + " " * (_NAME - len(rule.slug))
            first, *rest = wrap(rule.title, terminal.columns - _TITLE) if terminal.is_screen else [rule.title]
            lines += [f"  {severity} {name} {first}", *(" " * _TITLE + line for line in rest)]
    return "".join(f"{line}\n" for line in lines)


def as_markdown(rules: Iterable[Rule]) -> str:
    """The documentation of rules as one Markdown page."""
    parts = ["# Rules\n"]
    for topic, some in _by_topic(rules).items():
        rows = "".join(f"| [`{rule.slug}`](#{rule.slug}) | {rule.severity.label} | {rule.title} |\n" for rule in some)
        parts.append(f"## {topic.capitalize()}\n\n| Rule | Severity | What it finds |\n| --- | --- | --- |\n{rows}")
    parts += (
        f"## {rule.slug}\n\nSeverity: {rule.severity.label}.{_link(rule)}\n\n{rule.documentation}\n"
        for some in _by_topic(rules).values()
        for rule in some
    )
    return "\n".join(parts)


def _link(rule: Rule) -> str:
    name = "Documentation" if rule.is_policy else "The platform's documentation"
    return f" [{name}]({_platform_page(rule)})" if _platform_page(rule) else ""


def as_json(rules: Iterable[Rule]) -> str:
    """Rules as JSON: a list in the order of the documentation."""
    import json

    found = [
        {
            "rule": rule.slug,
            "topic": rule.topic,
            "severity": rule.severity.label,
            "title": rule.title,
            "documentation": rule.documentation,
            "url": rule.url(),
        }
        for rule in rules
    ]
    return json.dumps(found, indent=2) + "\n"


def _by_topic(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.topic, []).append(rule)
    return found
