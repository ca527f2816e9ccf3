"""Schedules of cron jobs: invalid ones, ones that never run, ones that run too often."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.cron_texts import cron, one, ours, report, spec
from tests.support import apply_fix, findings
from upsun_rules.finding import Severity
from upsun_rules.options import Options


@pytest.mark.parametrize(
    ("written", "place", "severity"),
    [
        ("'@daily'", "@daily", Severity.ERROR),
        ("'0 3 * *'", "0 3 * *", Severity.ERROR),
        ("0 25 * * *", "25", Severity.ERROR),
        ("'61 3 * * *'", "61", Severity.ERROR),
        ('"0 3 * * 1-9"', "9", Severity.ERROR),
        ("'0 3 L * *'", "L", Severity.ERROR),
        ("0 3 * * * php x.php", "php x.php", Severity.ERROR),
        ("''", "''", Severity.ERROR),
        ("|\n    0 25 * * *", "25", Severity.ERROR),
        ('"\\x30 25 * * *"', "25", Severity.ERROR),
        ("'0 0 31 2 *'", "'0 0 31 2 *'", Severity.WARNING),
        ("'0 3 * * MON'", "'0 3 * * MON'", Severity.INFO),
        ("'H(0-29) * * * *'", "'H(0-29) * * * *'", Severity.INFO),
    ],
)
def test_an_invalid_schedule_is_reported_at_the_invalid_part(written: str, place: str, severity: Severity) -> None:
    assert report(spec(written)) == [("invalid-cron-spec", place, severity)]


@pytest.mark.parametrize(
    "written",
    [
        "'0 3 * * *'",
        "0 3 * * 1-5",
        "'*/5 * * * *'",
        "H * * * *",
        "H/5 * * * *",
        "0 H/6 * * *",
        "'0 0 29 2 *'",
        "'0 0 * * 7'",
        '"0,30 8-18/2 * * *"',
    ],
)
def test_a_valid_schedule_is_not_reported(written: str) -> None:
    assert findings(spec(written)) == []


@pytest.mark.parametrize("written", ["* * * * *", "*/5 * * * *", "@daily", "5", "[0, 3]", "*anchor", "", "~"])
def test_a_schedule_that_is_not_text_is_for_other_rules(written: str) -> None:
    assert ours(spec(written)) == []
    assert findings(spec(written)) != []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("'@daily'  # each day", "'0 0 * * *'  # each day"),
        ('"@hourly"', '"0 * * * *"'),
        ("'30 0 3 * * *'", "'0 3 * * *'"),
        ("0 3 * * * php x.php", "0 3 * * *"),
        ("0 */5 * * * *", "'*/5 * * * *'"),
    ],
)
def test_the_schedule_that_was_meant_is_offered(before: str, after: str) -> None:
    (fix,) = one(spec(before)).fixes
    assert not fix.safe
    assert apply_fix(spec(before), fix) == spec(after)


@pytest.mark.parametrize(
    ("before", "place", "after"),
    [
        ("'* * * * *'", "*", "'*/5 * * * *'"),
        ('"*/2 8-18 * * *"', "*/2", '"*/5 8-18 * * *"'),
        ("'0,3 * * * *'", "0,3", None),
        ("1-59/2 * * * *", "1-59/2", None),
        ("'0,58 * * * *'", "0,58", None),
    ],
)
def test_a_schedule_that_is_too_frequent(before: str, place: str, after: str | None) -> None:
    assert report(spec(before)) == [("cron-below-minimum-interval", place, Severity.WARNING)]
    fixes = one(spec(before)).fixes
    assert not any(fix.safe for fix in fixes)
    assert [apply_fix(spec(before), fix) for fix in fixes] == ([] if after is None else [spec(after)])


@pytest.mark.parametrize(
    "written", ["'*/5 * * * *'", "'*/19 * * * *'", "'7-59/7 * * * *'", "'0,30 * * * *'", "H 3 * * *"]
)
def test_a_schedule_that_is_not_too_frequent(written: str) -> None:
    assert ours(spec(written)) == []


def test_the_project_decides_how_frequent_a_cron_may_be() -> None:
    assert ours(spec("'* * * * *'"), Options(cron_minimum_interval=1)) == []
    finding = one(spec("'*/10 * * * *'"), Options(cron_minimum_interval=13))
    assert apply_fix(spec("'*/10 * * * *'"), finding) == spec("'*/15 * * * *'")
    assert one(spec("'0 * * * *'"), Options(cron_minimum_interval=90)).fixes == ()


FIELD = st.from_regex(r"[0-9*/,HLW?#@-]{0,6}|MON|jan", fullmatch=True)


@given(st.lists(FIELD, max_size=7), st.sampled_from(["'", '"']))
def test_any_schedule_is_judged_and_no_fix_breaks_the_file(fields: list[str], quote: str) -> None:
    text = spec(f"{quote}{' '.join(fields)}{quote}")
    for finding in ours(text):
        assert len(finding.message) <= 160
        for fix in finding.fixes:
            # What is left to say is that the platform documents no names, or that the date does not exist.
            errors = [found.rule for found in findings(apply_fix(text, fix)) if found.severity is Severity.ERROR]
            assert errors == []


def test_a_step_that_never_comes_is_a_warning() -> None:
    (finding,) = findings(cron("spec: '*/90 * * * *'\ncommands:\n  start: php x.php"), "invalid-cron-spec")
    assert (finding.region.text, finding.severity) == ("*/90", Severity.WARNING)
    assert "matches minute 0 only" in finding.message


@pytest.mark.parametrize(
    ("job", "worker"),
    [
        (
            "        spec: '* * * * *'\n        commands: {start: php artisan schedule:run}\n",
            "        commands: {start: php artisan schedule:work}\n",
        ),
        (
            "        spec: '* * * * *'\n        commands:\n          start: |\n            php artisan schedule:run >> /tmp/log\n",
            "        commands:\n          start: |\n            php artisan schedule:work >> /tmp/log\n",
        ),
    ],
)
def test_the_scheduler_of_laravel_becomes_a_worker_that_stays(job: str, worker: str) -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    {}:\n      tick:\n"
    (finding,) = findings(text.format("crons") + job, "cron-below-minimum-interval")
    assert finding.fixes[0].title == "Make it a worker with `schedule:work`"
    fixed = apply_fix(text.format("crons") + job, finding)
    assert fixed == text.format("workers") + worker
    assert findings(fixed) == []


@pytest.mark.parametrize("command", ['"php artisan schedule:r\\x75n"'])
def test_a_scheduler_that_cannot_be_rewritten_does_not_become_a_worker(command: str) -> None:
    text = (
        f"applications:\n  app:\n    type: 'php:8.4'\n    crons:\n      tick: {{spec: '* * * * *', cmd: {command}}}\n"
    )
    (finding,) = findings(text, "cron-below-minimum-interval")
    assert [fix.title for fix in finding.fixes] == ["Run it every 5 minutes: `*/5 * * * *`"]
