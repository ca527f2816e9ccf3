"""What rules are about: one explained on a terminal, all of them listed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from upsun_lint.reports.summary import SEVERITY_STYLES
from upsun_lint.terminal import Terminal, wrap
from upsun_rules.rule import Rule
from upsun_schema.schema import DOCS_BASE

__all__ = ["as_json", "as_markdown", "as_text", "explain"]

_MARGIN = 2
_WIDEST = 88
_NAME = 30
_TITLE = 2 + 7 + 1 + _NAME + 1


# -- one rule ----------------------------------------------------------------------------------------------------------


def explain(rule: Rule, terminal: Terminal) -> str:
    """Return the documentation of a rule, its Markdown rendered for a terminal."""
    columns = min(terminal.columns, _WIDEST) - _MARGIN
    label = terminal.paint(rule.severity.label, SEVERITY_STYLES[rule.severity])
    lines = [f"{terminal.paint(rule.slug, 'bold')} ({label})", ""]
    lines += _markdown(rule.documentation, columns, terminal)
    lines += ["", f"{terminal.paint('docs:', 'bold')} {DOCS_BASE}{rule.docs}"]
    lines.append(f"{terminal.paint('hide it:', 'bold')} # upsun-lint: ignore[{rule.slug}] and your reason, on the line")
    return "".join(f"{line}\n" for line in lines)


def _markdown(text: str, columns: int, terminal: Terminal) -> Iterator[str]:
    """Yield the lines of a Markdown text of paragraphs, lists, headings and fenced code."""
    blocks = re.findall(r"^```[\s\S]*?^```$|(?:^(?!```).*\S.*\n?)+", text, flags=re.MULTILINE)
    for index, block in enumerate(blocks):
        if index:
            yield ""
        yield from _code(block, terminal) if block.startswith("```") else _paragraph(block.strip(), columns, terminal)


def _code(block: str, terminal: Terminal) -> Iterator[str]:
    fence, *lines = block.split("\n")[:-1]
    title = re.search(r'title="([^"]*)"', fence)
    if title:
        style = {"wrong": "bold red", "right": "bold green"}.get(title[1], "bold")
        yield terminal.paint(f"{title[1]}:", style)
    bar = terminal.paint(terminal.symbol("│", "|"), "dim")
    for line in lines:
        yield f"  {bar} {line}".rstrip()


def _paragraph(text: str, columns: int, terminal: Terminal) -> Iterator[str]:
    if text.startswith("#"):
        yield terminal.paint(text.lstrip("# "), "bold")
        return
    # A list is one item a line, each maybe going on below it.
    for item in re.split(r"\n(?=[-*] |\d+\. )", text):
        marker = re.match(r"[-*] |\d+\. ", item)
        lead = marker[0] if marker else ""
        for index, line in enumerate(_styled(wrap(item[len(lead) :], columns - len(lead)), terminal)):
            yield (" " * len(lead) if index else lead) + line


def _styled(lines: list[str], terminal: Terminal) -> Iterator[str]:
    """Paint `code` and **strong** text; what began on one line may end on another."""
    if not terminal.colour:
        yield from lines
        return
    text = "\n".join(lines)
    text = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", lambda match: terminal.link(match[1], match[2]), text)
    text = re.sub(r"`([^`]+)`", lambda match: _painted(match[1], "cyan", terminal), text)
    text = re.sub(r"\*\*([^*]+)\*\*", lambda match: _painted(match[1], "bold", terminal), text)
    yield from text.split("\n")


def _painted(text: str, style: str, terminal: Terminal) -> str:
    return "\n".join(terminal.paint(line, style) for line in text.split("\n"))


# -- all rules ---------------------------------------------------------------------------------------------------------


def as_text(rules: Iterable[Rule], terminal: Terminal) -> str:
    """Return a list of rules by topic: name, severity, what it finds; one line each unless on a screen."""
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
    """Return the documentation of rules as one Markdown page."""
    parts = ["# Rules\n"]
    for topic, some in _by_topic(rules).items():
        rows = "".join(f"| [`{rule.slug}`](#{rule.slug}) | {rule.severity.label} | {rule.title} |\n" for rule in some)
        parts.append(f"## {topic.capitalize()}\n\n| Rule | Severity | What it finds |\n| --- | --- | --- |\n{rows}")
    parts += (
        f"## {rule.slug}\n\nSeverity: {rule.severity.label}. "
        f"[The platform's documentation]({DOCS_BASE}{rule.docs})\n\n{rule.documentation}\n"
        for some in _by_topic(rules).values()
        for rule in some
    )
    return "\n".join(parts)


def as_json(rules: Iterable[Rule]) -> str:
    """Return rules as JSON: a list in the order of the documentation."""
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
