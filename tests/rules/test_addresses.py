"""Addresses of routes, routes without a type, projects without routes."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings

APP = "applications:\n  app:\n    type: 'php:8.4'\n"


def route(key: str, body: str = "{type: upstream, upstream: 'app:http'}") -> str:
    return f"{APP}routes:\n  {key}: {body}\n"


@pytest.mark.parametrize(
    "key",
    [
        "'https://{default}/'", "'http://{all}/'", "https://example.com/", "'https://*.{default}/'", "'https://www.{default}'",
        "'https://{default}/api'", "'https://<DOMAIN>/'", "'HTTPS://{default}/'",
    ],
)  # fmt: skip
def test_an_address_is_fine(key: str) -> None:
    assert findings(route(key), "route-address") == []


@pytest.mark.parametrize(
    ("key", "better", "safe"),
    [
        ("'https:/shop.{default}/'", "'https://shop.{default}/'", True),
        ("'https:shop.{default}/'", "'https://shop.{default}/'", True),
        ("'https//shop.{default}/'", "'https://shop.{default}/'", True),
        ("'/'", "'https://{default}/'", False),
        ("/api", "'https://{default}/api'", False),
        ("'{default}/'", "'https://{default}/'", False),
        ("'www.{default}'", "'https://www.{default}'", False),
    ],
)
def test_an_address_without_a_scheme(key: str, better: str, safe: bool) -> None:
    (finding,) = findings(route(key), "route-address")
    assert (finding.region.text, finding.severity.label) == (key, "error")
    assert finding.fixes[0].safe is safe
    assert apply_fix(route(key), finding) == route(better)


@pytest.mark.parametrize(
    "key",
    [
        "example.com",
        "ftp://{default}/",
        "'https:///a'",
        "'https://{domain}/'",
        "'https://{default/'",
        "'https://a b/'",
        "app",
    ],
)
def test_an_address_without_a_suggestion(key: str) -> None:
    (finding,) = findings(route(key), "route-address")
    assert finding.fixes == ()


def test_an_existing_route_is_not_added_again() -> None:
    text = route("'https://{default}/'") + "  '/': {type: upstream, upstream: 'app:http'}\n"
    (finding,) = findings(text, "route-address")
    assert finding.fixes == ()


@pytest.mark.parametrize(
    ("body", "fixed"),
    [
        ("{upstream: 'app:http'}", "{type: upstream, upstream: 'app:http'}"),
        ("\n    upstream: 'app:http' # app", "\n    type: upstream\n    upstream: 'app:http' # app"),
        ("\n    # all\n    upstream: 'app:http'", "\n    type: upstream\n    # all\n    upstream: 'app:http'"),
    ],
)
def test_a_type_is_added_to_an_upstream_route(body: str, fixed: str) -> None:
    text = route("'https://{default}/'", body)
    (finding,) = findings(text)
    assert (finding.rule, finding.severity.label) == ("route-without-type", "error")
    assert finding.fixes[0].safe
    assert apply_fix(text, finding) == route("'https://{default}/'", fixed)


def test_other_routes_without_a_type() -> None:
    (finding,) = findings(route("'https://{default}/'", "{to: 'https://example.com/'}"))
    assert (finding.rule, finding.fixes) == ("route-without-type", ())
    (finding,) = findings(route("'https://{default}/'", "{tpye: upstream, upstream: 'app:http'}"))
    assert (finding.rule, finding.region.text) == ("unknown-key", "tpye")


OTHER = "  api:\n    type: 'php:8.4'\n"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (APP, 0),
        (APP + OTHER, 1),
        (APP + OTHER + "routes:\n", 1),
        (APP + OTHER + "routes:\n  'https://{default}/': {type: upstream, upstream: 'app:http'}\n", 0),
        (APP + OTHER + "routes: !include routes.yaml\n", 0),
        (APP + OTHER + "route:\n  'https://{default}/': {type: upstream, upstream: 'app:http'}\n", 0),
        (APP + "  services:\n    db: {type: 'mariadb:11.8'}\n", 0),
        (APP + "  api:\n    source: {root: api}\n", 0),
    ],
)
def test_several_applications_need_a_route(text: str, count: int) -> None:
    assert len(findings(text, "missing-routes")) == count
