"""Time limits of cron jobs and time zones."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings, said
from upsun_schema.configuration.timezones import all_zones, usual_zones

APP = "applications:\n  app:\n    type: 'php:8.4'\n"


def cron(limits: str) -> str:
    return f"{APP}    crons:\n      c: {{spec: '0 3 * * *', commands: {{start: x}}, {limits}}}\n"


def zone(name: str) -> str:
    return f"{APP}    timezone: {name}\n"


@pytest.mark.parametrize(
    ("limits", "places"),
    [
        ("timeout: 600", []),
        ("timeout: 1, shutdown_timeout: 0", []),
        ("shutdown_timeout: 900", []),
        ("timeout: 600, shutdown_timeout: 600", []),
        ("timeout: 0", ["0"]),
        ("timeout: -5", ["-5"]),
        ("shutdown_timeout: -1", ["-1"]),
        ("timeout: 0, shutdown_timeout: -1", ["0", "-1"]),
        ("timeout: 0, shutdown_timeout: 10", ["0"]),
        ("timeout: 10, shutdown_timeout: 30", ["30"]),
        ("timeout: 10, shutdown_timeout: 11", ["11"]),
        # Other types are for the rules about types.
        ("timeout: '0'", []),
        ("timeout: true", []),
        ("timeout: -0.5", []),
        ("timeout: , shutdown_timeout: ", []),
        ("timeout: <SECONDS>", []),
    ],
)
def test_the_time_limits_of_a_cron_job(limits: str, places: list[str]) -> None:
    assert said(cron(limits), "cron-timeout") == [(place, "warning") for place in places]


def test_a_longer_shutdown_shows_the_timeout_and_has_no_fix() -> None:
    (finding,) = findings(cron("timeout: 10, shutdown_timeout: 30"), "cron-timeout")
    assert [related.region.text for related in finding.related] == ["10"]
    assert finding.fixes == ()


def test_the_names_of_time_zones() -> None:
    assert usual_zones()[0] == "UTC"
    assert len(usual_zones()) > 400
    assert set(usual_zones()) <= all_zones()
    assert {"Europe/Kyiv", "Europe/Kiev", "US/Eastern", "Etc/GMT+1", "GMT", "CET"} <= all_zones()


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("Europe/Paris", None),
        ("UTC", None),
        ("US/Pacific", None),
        ("Etc/GMT+1", None),
        ("<ZONE>", None),
        ("'{{ zone }}'", None),
        ("", None),
        ("2", None),
        ("[UTC]", None),
        ("*later", None),
        ("Europe/Pariss", "error"),
        ("europe/paris", "error"),
        ("Europe/Nowhere", "warning"),
        ("'+02:00'", "warning"),
    ],
)
def test_a_time_zone(name: str, severity: str | None) -> None:
    assert [label for _, label in said(zone(name), "unknown-time-zone")] == ([severity] if severity else [])


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_the_nearest_zone_is_offered_in_the_same_quotes(quote: str) -> None:
    text = zone(f"{quote}europe/paris{quote} # home")
    (finding,) = findings(text, "unknown-time-zone")
    assert apply_fix(text, finding) == text.replace("europe/paris", "Europe/Paris")
    assert not any(fix.safe for fix in finding.fixes)


def test_a_zone_behind_an_alias_is_reported_at_each_use_and_not_changed() -> None:
    text = "applications:\n  a:\n    type: 'php:8.4'\n    timezone: &zone Europe/Pariss\n"
    text += "  b:\n    type: 'php:8.4'\n    timezone: *zone\n"
    found = findings(text, "unknown-time-zone")
    assert [(finding.region.text, bool(finding.fixes)) for finding in found] == [
        ("Europe/Pariss", True),
        ("*zone", False),
    ]


@pytest.mark.parametrize(
    "section", ["workers:\n      w:\n        commands: {start: x}\n        timezone: Nowhere", "x: 1"]
)
def test_a_zone_elsewhere_has_no_effect_whatever_it_says(section: str) -> None:
    assert said(f"{APP}    {section}\n", "unknown-time-zone") == []
    assert said(f"{APP}services:\n  db: {{type: 'redis:8.0', timezone: Nowhere}}\n", "unknown-time-zone") == []


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ("timezone: Europe/Paris", ["timezone"]),
        ("timezone: Europe/Paris\n    crons: {}", []),
        ("timezone: Europe/Paris\n    crons: {c: {spec: '0 1 * * *', commands: {start: ./c.sh}}}", []),
        ("timezone: Europe/Paris\n    <<: *base", []),
    ],
)
def test_a_time_zone_needs_cron_jobs(rest: str, found: list[str]) -> None:
    text = f".base: &base {{crons: {{}}}}\napplications:\n  app:\n    type: 'php:8.4'\n    {rest}\n"
    assert [one.region.text for one in findings(text, "time-zone-without-crons")] == found
