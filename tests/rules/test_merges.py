"""Blocks that replace what a merge key brings in."""

from __future__ import annotations

import pytest

from tests.support import findings

BASE = (
    ".base: &base\n  type: 'php:8.4'\n  mounts: &m {a: {source: storage}, b: {source: storage}}\n  hooks: {build: x}\n"
)


def said(app: str) -> list[tuple[str, str]]:
    text = f"{BASE}applications:\n  app: {app}\n"
    return [(one.region.text, one.message) for one in findings(text, "merge-drops-entries")]


@pytest.mark.parametrize(
    ("app", "dropped"),
    [
        ("{<<: *base, mounts: {c: {source: storage}}}", "drops `a` and `b`"),
        ("{<<: *base, mounts: {a: {source: instance}}}", "drops `b`"),
        ("{<<: [*base], mounts: {c: {source: storage}}}", "drops `a` and `b`"),
        ("{<<: *base, mounts: {<<: *m, c: {source: storage}}}", None),
        ("{<<: *base, mounts: {}}", None),
        ("{<<: *base, mounts: {a: {source: tmp}, b: {source: tmp}}}", None),
        ("{<<: *base, hooks: {deploy: y}}", "drops `build`"),
        ("{<<: *base, mounts: {<<: *unknown}}", None),
        ("{<<: *base}", None),
    ],
)
def test_a_block_replaces_the_merged_one(app: str, dropped: str | None) -> None:
    found = said(app)
    assert len(found) == (dropped is not None)
    assert all(dropped in message for _, message in found if dropped)
