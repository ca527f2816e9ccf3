"""The name and the command of a cron job."""

from __future__ import annotations

import pytest

from tests.rules.cron_texts import cron, crons, one, report
from tests.support import apply_fix, findings
from upsun_rules.finding import Severity


def test_a_cron_without_a_name_is_reported_once_and_named() -> None:
    text = crons("# nightly\nspec: '0 3 * * *'  # at three\ncommands:\n  start: |\n    php x.php\n\n    php y.php")
    (finding,) = findings(text)
    assert (finding.rule, finding.region.text, finding.severity) == ("missing-name", "spec", Severity.ERROR)
    assert finding.fixes[0].safe
    assert apply_fix(text, finding) == crons(
        "job:\n  # nightly\n  spec: '0 3 * * *'  # at three\n"
        "  commands:\n    start: |\n      php x.php\n\n      php y.php"
    )
    crlf = text.replace("\n", "\r\n")
    (finding,) = findings(crlf)
    assert findings(apply_fix(crlf, finding)) == []


def test_the_new_name_of_a_cron_is_free_and_named_crons_are_kept() -> None:
    named = "job:\n  spec: '0 4 * * *'\n  commands:\n    start: php y.php"
    text = crons(f"spec: '0 3 * * *'\n{named}\ncommands:\n  start: php x.php")
    (finding,) = findings(text)
    assert apply_fix(text, finding) == crons(f"job1:\n  spec: '0 3 * * *'\n  commands:\n    start: php x.php\n{named}")


def test_a_cron_in_its_old_form_can_lack_a_name_too() -> None:
    assert report(crons("cmd: php x.php")) == [("missing-name", "cmd", Severity.ERROR)]


@pytest.mark.parametrize(
    "body",
    [
        "spec:\n  spec: '0 3 * * *'\n  commands:\n    start: php x.php",
        "timeout:\n  spec: '0 3 * * *'\n  commands:\n    start: php x.php",
        "spec:",
        "- spec: '0 3 * * *'",
        "spec: *nowhere",
    ],
)
def test_a_cron_may_be_named_like_a_property(body: str) -> None:
    assert findings(crons(body), "missing-name") == []


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("spec: '0 3 * * *'", "job"),
        ("spec: '0 3 * * *'\ncommands: {}", "commands"),
        ("spec: '0 3 * * *'\ncommands:\n  stop: kill 1", "commands"),
        ("spec: '0 3 * * *'\ncommands:\n  start: ' '", "' '"),
        ("spec: '0 3 * * *'\ncommands:\n  start:", "start"),
        ("spec: '0 3 * * *'\ncmd: ''", "job"),
        ("spec: '0 3 * * *'\ncmd:", "job"),
        ("spec: '0 3 * * *'\nstart: php x.php", "start"),
        ("spec: '0 3 * * *'\ncommands:\n  cmd: php x.php", "cmd"),
    ],
)
def test_a_cron_without_a_command_is_reported_once(body: str, place: str) -> None:
    found = findings(cron(body))
    assert [(finding.rule, finding.region.text) for finding in found] == [("cron-without-command", place)]


def test_a_cron_without_anything_lacks_a_schedule_too() -> None:
    assert "no `spec`" in one(crons("job: {}")).message
    rules = {finding.rule for finding in findings(cron("start: php x.php"))}
    assert rules == {"cron-without-command", "missing-key"}


@pytest.mark.parametrize(
    "body",
    [
        "spec: '0 3 * * *'\ncmd: php x.php",
        "spec: '0 3 * * *'\ncommands:\n  start: !include {type: string, path: x.sh}",
        "spec: '0 3 * * *'\ncmd: !include {type: string, path: x.sh}",
        "spec: '0 3 * * *'\ncommands: *nowhere",
        "spec: '0 3 * * *'\ncomands:\n  start: php x.php",
        "spec: '0 3 * * *'\ncommands: [php, x.php]",
        "*nowhere",
    ],
)
def test_a_cron_with_a_command_or_another_mistake_does_not_lack_one(body: str) -> None:
    assert findings(cron(body), "cron-without-command") == []


def test_a_misplaced_cron_command_moves_below_commands() -> None:
    text = cron("command: php x.php  # why\nspec: '0 3 * * *'")
    finding = one(text)
    assert finding.fixes[0].safe
    assert apply_fix(text, finding) == cron("commands:\n  start: php x.php  # why\nspec: '0 3 * * *'")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("spec: '0 3 * * *'\ncmd: php x.php  # why", "spec: '0 3 * * *'\ncommands:\n  start: php x.php  # why"),
        ("'cmd': 'php x.php'\nspec: '0 3 * * *'", "commands:\n  start: 'php x.php'\nspec: '0 3 * * *'"),
        (
            "cmd: |  # two\n  php x.php\n    --all\n\n  php y.php\n# then\nspec: '0 3 * * *'",
            "commands:\n  start: |  # two\n    php x.php\n      --all\n\n    php y.php\n# then\nspec: '0 3 * * *'",
        ),
        (
            "spec: '0 3 * * *'\ncmd: >-\n  php x.php\n  --all",
            "spec: '0 3 * * *'\ncommands:\n  start: >-\n    php x.php\n    --all",
        ),
        (
            "spec: '0 3 * * *'\ncmd: \"php x.php\n  --all\"\ntimeout: 60",
            "spec: '0 3 * * *'\ncommands:\n  start: \"php x.php\n    --all\"\ntimeout: 60",
        ),
        (
            "spec: '0 3 * * *'\ncmd: php x.php\ncommands:\n  stop: kill 1",
            "spec: '0 3 * * *'\ncommands:\n  stop: kill 1\n  start: php x.php",
        ),
    ],
)
def test_the_old_form_is_rewritten_and_everything_around_it_is_kept(before: str, after: str) -> None:
    (finding,) = findings(cron(before))
    assert (finding.rule, finding.severity) == ("deprecated-cron-command", Severity.WARNING)
    assert finding.region.text.strip("'") == "cmd"
    assert finding.fixes[0].safe
    assert apply_fix(cron(before), finding) == cron(after)
    assert findings(cron(after)) == []
    crlf = cron(before).replace("\n", "\r\n")
    assert apply_fix(crlf, findings(crlf)[0]) == cron(after).replace("\n", "\r\n")


def test_two_forms_at_once_have_no_fix() -> None:
    finding = one(cron("spec: '0 3 * * *'\ncmd: php x.php\ncommands:\n  start: php y.php"))
    assert (finding.rule, finding.fixes) == ("deprecated-cron-command", ())


def test_the_old_form_in_braces_or_behind_an_alias_is_left_alone() -> None:
    assert one(crons("job: {spec: '0 3 * * *', cmd: php x.php}")).fixes == ()
    text = crons("job: &job\n  spec: '0 3 * * *'\n  cmd: php x.php\nagain: *job\nmerged:\n  <<: *job\n  timeout: 60")
    assert report(text) == [("deprecated-cron-command", "cmd", Severity.WARNING)]
