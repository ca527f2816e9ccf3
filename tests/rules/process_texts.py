"""Configurations with workers, for the tests of rules about what they run."""

from __future__ import annotations

from tests.support import findings, source


def workers(*commands: str, rest: str = "") -> str:
    lines = "".join(f"      w{n}:\n        commands:\n          start: {text}\n" for n, text in enumerate(commands))
    return f"applications:\n  app:\n    type: 'python:3.14'\n{rest}    workers:\n{lines}"


def said(text: str, rule: str) -> list[tuple[str, str]]:
    return [(source(finding.region), finding.severity.label) for finding in findings(text, rule)]
