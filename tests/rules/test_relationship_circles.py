"""Relationships that form a circle."""

from __future__ import annotations

import pytest

from tests.rules.relationship_texts import WORKER
from tests.support import findings, source
from upsun_rules.finding import Severity


def circle(*edges: tuple[str, str]) -> str:
    names = dict.fromkeys(name for edge in edges for name in edge)
    applications = ""
    for name in names:
        applications += f"  {name}:\n    type: 'php:8.4'\n"
        targets = [target for origin, target in edges if origin == name]
        if targets:
            applications += "    relationships:\n" + "".join(f"      to-{one}: '{one}:http'\n" for one in targets)
    return f"applications:\n{applications}"


@pytest.mark.parametrize(
    ("edges", "places"),
    [
        ([("a", "a")], [["a"]]),
        ([("a", "b"), ("b", "a")], [["b", "a"]]),
        ([("a", "b"), ("b", "c"), ("c", "a")], [["b", "c", "a"]]),
        ([("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")], [["b", "a"], ["d", "c"]]),
        ([("a", "b"), ("a", "c"), ("b", "c")], []),
    ],
)
def test_circles_of_applications(edges: list[tuple[str, str]], places: list[list[str]]) -> None:
    found = findings(circle(*edges), "circular-relationships")
    assert [
        [source(one) for one in (finding.region, *(way.region for way in finding.related))] for finding in found
    ] == places
    assert all(finding.severity is Severity.ERROR for finding in found)


def test_a_circle_through_a_service() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    relationships: {proxy: 'varnish:http'}
services:
  varnish:
    type: 'varnish:9.0'
    relationships: {app: 'app:http'}
"""
    (finding,) = findings(text, "circular-relationships")
    assert "skips one of them" in finding.message


def test_a_worker_may_talk_to_its_own_application() -> None:
    text = WORKER.format("web: 'app:http'")
    assert findings(text, "circular-relationships") == []
