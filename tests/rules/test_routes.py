"""Routes: upstreams that cannot answer, at the exact place, and their fixes."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings, source

CONFIG = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      queue:
        commands: {start: php worker.php}
services:
  db:
    type: 'mariadb:11.8'
"""


def route(upstream: str, *, kind: str = "upstream") -> str:
    routes = f"routes:\n  'https://{{default}}/':\n    type: {kind}\n    upstream: {upstream}\n"
    return CONFIG + routes


@pytest.mark.parametrize(
    ("upstream", "place", "fixed"),
    [
        ("app", "app", "app:http"),
        ("'app'", "'app'", "'app:http'"),
        ('"app:"', '"app:"', '"app:http"'),
        ("db", "db", "db:mysql"),
        ("'ap:http'", "ap", "'app:http'"),
        ("'app:htp'", "htp", "'app:http'"),
        ("'app--queue:http'", "app--queue", None),
        ("'queue:http'", "queue", None),
        ("'nobody-at-all:http'", "nobody-at-all", None),
        ("':http'", "':http'", None),
    ],
)
def test_an_upstream_that_answers_nothing(upstream: str, place: str, fixed: str | None) -> None:
    text = route(upstream)
    (finding,) = findings(text, "route-upstream")
    assert source(finding.region) == place
    assert [fix.safe for fix in finding.fixes] == ([] if fixed is None else [False])
    if fixed is not None:
        assert apply_fix(text, finding) == route(fixed)


@pytest.mark.parametrize("upstream", ["app:http", "'db:mysql'", "'<APP_NAME>:http'", "@later", "42"])
def test_an_upstream_that_may_answer(upstream: str) -> None:
    assert findings(route(upstream), "route-upstream") == []


def test_other_routes_have_no_upstream() -> None:
    assert findings(route("nobody:http", kind="redirect"), "route-upstream") == []
