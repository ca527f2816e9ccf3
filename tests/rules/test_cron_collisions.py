"""Cron jobs that are due together, or that can hold each other up."""

from __future__ import annotations

import pytest

from tests.support import findings, said
from upsun_rules.options import Options

TOGETHER = "crons-in-one-minute"
OPEN = "crons-without-timeout"


def crons(*crons: str) -> str:
    lines = "".join(f"      c{n}: {{{one}, commands: {{start: ./c{n}.sh}}}}\n" for n, one in enumerate(crons))
    return f"applications:\n  app:\n    type: 'php:8.4'\n    crons:\n{lines}"


@pytest.mark.parametrize(
    ("first", "second", "severity"),
    [
        ("spec: '*/10 * * * *'", "spec: '*/10 * * * *'", "info"),
        ("spec: '*/10 * * * *'", "spec: '*/10  *  * * *'", "info"),
        ("spec: '0 * * * *', timeout: 60", "spec: '0 * * * *'", "info"),
        ("spec: '0 * * * *', timeout: 60", "spec: '0 * * * *', timeout: 60", "hint"),
        ("spec: '0 3 * * *'", "spec: '0 3 * * *'", "hint"),
        ("spec: '0 3 * * *'", "spec: '0 4 * * *'", None),
        ("spec: 'H * * * *'", "spec: 'H * * * *'", None),
        ("spec: 'x'", "spec: '0 4 * * *'", None),
        ("spec: 'x'", "spec: 'x'", None),
        ("spec: 5", "spec: 5", None),
        ("timeout: 5", "timeout: 5", None),
    ],
)
def test_crons_of_one_schedule_wait_for_each_other(first: str, second: str, severity: str | None) -> None:
    found = said(crons(first, second), TOGETHER)
    assert [label for _, label in found] == ([] if severity is None else [severity])


def test_many_crons_of_one_schedule_are_one_finding_at_the_second() -> None:
    text = crons(*["spec: '*/10 * * * *'"] * 6, "spec: '5 * * * *'")
    (finding,) = findings(text, TOGETHER)
    assert [related.message for related in finding.related] == ["`c0` is due then, too"]
    assert finding.message.startswith("`c0`, `c1`, `c2` and 3 more are due in the same minute")
    assert finding.fixes == ()


def test_each_schedule_is_a_finding() -> None:
    found = said(crons("spec: '0 * * * *'", "spec: '5 * * * *'", "spec: '5 * * * *'", "spec: '0 * * * *'"), TOGETHER)
    assert sorted(place for place, _ in found) == ["'0 * * * *'", "'5 * * * *'"]


def test_crons_of_two_applications_run_side_by_side() -> None:
    one = crons("spec: '0 * * * *'").partition("\n")[2]
    text = "applications:\n" + one + one.replace("  app:", "  api:")
    assert said(text, TOGETHER) == said(text, OPEN) == []


@pytest.mark.parametrize(
    ("specs", "reported"),
    [
        (("spec: '*/10 * * * *'", "spec: '5 * * * *'"), ["c0", "c1"]),
        (("spec: '*/10 * * * *'", "spec: '5 * * * *', timeout: 60"), ["c0"]),
        (("spec: '*/10 * * * *', timeout: 60", "spec: '5 * * * *'"), ["c1"]),
        (("spec: '*/10 * * * *', timeout: 60", "spec: '5 * * * *', timeout: 60"), []),
        (("spec: '*/10 * * * *'", "spec: '0 3 * * *'"), []),
        (("spec: '*/10 * * * *'", "spec: '0 */2 * * *'"), []),
        (("spec: '*/10 * * * *'", "spec: 'H * * * *'"), ["c0", "c1"]),
        (("spec: '*/10 * * * *'", "spec: 'x'"), []),
        (("spec: '*/10 * * * *'",), []),
        (("spec: '*/10 * * * *'", "spec: '*/10 * * * *'"), []),
    ],
)
def test_crons_that_run_often_need_a_timeout(specs: tuple[str, ...], reported: list[str]) -> None:
    found = findings(crons(*specs), OPEN)
    assert [finding.severity.label for finding in found] == ["hint"] * bool(reported)
    assert [place.region.text for finding in found for place in (finding, *finding.related)] == reported


def test_the_related_crons_are_limited() -> None:
    (finding,) = findings(crons(*(f"spec: '{minute} * * * *'" for minute in range(9))), OPEN)
    assert [related.region.text for related in finding.related] == ["c1", "c2", "c3"]
    assert "and 6 more have no `timeout`" in finding.message


def test_the_minimum_interval_of_the_project_decides_what_is_often() -> None:
    text = crons("spec: '*/10 * * * *'", "spec: '5 * * * *'")
    assert findings(text, OPEN, Options(cron_minimum_interval=60)) != []
    assert findings(text, OPEN, Options(cron_minimum_interval=90)) == []
