"""Time limits of cron jobs and time zones."""

from __future__ import annotations

import pytest

from tests.support import findings
from upsun_schema.configuration.timezones import all_zones, usual_zones

APP = "applications:\n  app:\n    type: 'php:8.4'\n"


def cron(limits: str) -> str:
    return f"{APP}    crons:\n      c: {{spec: '0 3 * * *', commands: {{start: x}}, {limits}}}\n"


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
        ("timeout: 10, shutdown_timeout: 30", ["30"]),
    ],
)
def test_the_time_limits_of_a_cron_job(limits: str, places: list[str]) -> None:
    assert [one.region.text for one in findings(cron(limits)) if one.rule == "cron-timeout"] == places


def test_the_names_of_time_zones() -> None:
    assert usual_zones()[0] == "UTC"
    assert len(usual_zones()) > 400
    assert set(usual_zones()) <= all_zones()
    assert {"Europe/Kyiv", "Europe/Kiev", "US/Eastern", "Etc/GMT+1", "GMT", "CET"} <= all_zones()


@pytest.mark.parametrize(
    ("zone", "severity"),
    [
        ("Europe/Paris", None),
        ("UTC", None),
        ("US/Pacific", None),
        ("<ZONE>", None),
        ("Europe/Pariss", "error"),
        ("europe/paris", "error"),
        ("Europe/Nowhere", "warning"),
        ("'+02:00'", "warning"),
    ],
)
def test_a_time_zone(zone: str, severity: str | None) -> None:
    found = findings(f"{APP}    timezone: {zone}\n", "unknown-time-zone")
    assert [one.severity.label for one in found] == ([severity] if severity else [])
