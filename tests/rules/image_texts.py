"""Configurations with images, and what the rules about them report."""

from __future__ import annotations

from tests.support import findings, source

RULES = {"image-type-form", "unknown-image", "image-version", "composable-image"}


def application(kind: str) -> str:
    return f"applications:\n  app:\n    type: {kind}\n"


def service(kind: str) -> str:
    return f"applications:\n  app:\n    type: 'php:8.4'\nservices:\n  db:\n    type: {kind}\n"


def composable(stack: str, channel: str = "26.05") -> str:
    return f"applications:\n  app:\n    type: 'composable:{channel}'\n    stack:{stack}\n"


def report(text: str) -> list[tuple[str, str, str]]:
    return [(one.rule, source(one.region), one.severity.label) for one in findings(text) if one.rule in RULES]
