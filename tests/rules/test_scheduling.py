"""Crons: their shape, their schedule, their command; and what of the two, cron or worker, a job should be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import apply_fix, findings
from upsun_rules.finding import Finding, Severity
from upsun_rules.options import Options

OURS = {
    "missing-name",
    "cron-without-command",
    "deprecated-cron-command",
    "invalid-cron-spec",
    "cron-below-minimum-interval",
    "cron-should-be-worker",
    "backgrounded-cron-command",
    "worker-should-be-cron",
}


def crons(body: str) -> str:
    """A configuration whose `crons` have this body."""
    lines = "".join(f"      {line}\n" if line else "\n" for line in body.splitlines())
    return f"applications:\n  app:\n    type: 'php:8.4'\n    crons:\n{lines}"


def cron(body: str) -> str:
    """A configuration whose cron `job` has this body."""
    return crons("job:\n" + "".join(f"  {line}\n" if line else "\n" for line in body.splitlines()))


def spec(written: str) -> str:
    return cron(f"spec: {written}\ncommands:\n  start: php x.php")


def running(command: str, schedule: str = "*/10 * * * *", more: str = "") -> str:
    if "\n" not in command:
        return cron(f"spec: '{schedule}'\ncommands:\n  start: \"{command}\"\n{more}")
    block = "\n".join(f"    {line}" for line in command.splitlines())
    return cron(f"spec: '{schedule}'\ncommands:\n  start: |\n{block}\n{more}")


def worker(command: str, more: str = "") -> str:
    text = f'"{command}"'
    if "\n" in command:
        text = "|\n" + "\n".join(f"            {line}" for line in command.splitlines())
    head = "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      job:\n        commands:\n          start: "
    return f"{head}{text}\n{more}"


def ours(text: str, options: Options | None = None) -> list[Finding]:
    return [finding for finding in findings(text, options=options) if finding.rule in OURS]


def one(text: str, options: Options | None = None) -> Finding:
    (finding,) = ours(text, options)
    return finding


def said(text: str) -> list[tuple[str, str, Severity]]:
    return [(finding.rule, finding.region.text, finding.severity) for finding in ours(text)]


# -- without a name --------------------------------------------------------------------------------------------------


def test_a_cron_without_a_name_is_reported_once_and_named() -> None:
    text = crons("# nightly\nspec: '0 3 * * *'  # at three\ncommands:\n  start: |\n    php x.php\n\n    php y.php")
    (finding,) = findings(text)
    assert (finding.rule, finding.region.text, finding.severity) == ("missing-name", "crons", Severity.ERROR)
    assert finding.fixes[0].safe
    assert apply_fix(text, finding) == crons(
        "job:\n  # nightly\n  spec: '0 3 * * *'  # at three\n"
        "  commands:\n    start: |\n      php x.php\n\n      php y.php"
    )
    crlf = text.replace("\n", "\r\n")
    (finding,) = findings(crlf)
    assert findings(apply_fix(crlf, finding)) == []


def test_the_name_given_to_a_cron_is_free_and_named_crons_stay() -> None:
    named = "job:\n  spec: '0 4 * * *'\n  commands:\n    start: php y.php"
    text = crons(f"spec: '0 3 * * *'\n{named}\ncommands:\n  start: php x.php")
    (finding,) = findings(text)
    assert apply_fix(text, finding) == crons(f"job1:\n  spec: '0 3 * * *'\n  commands:\n    start: php x.php\n{named}")


def test_a_cron_in_its_old_form_may_lack_a_name_too() -> None:
    assert said(crons("cmd: php x.php")) == [("missing-name", "crons", Severity.ERROR)]


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


# -- cron-without-command --------------------------------------------------------------------------------------------


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
def test_a_cron_that_has_a_command_or_another_mistake_is_not_said_to_have_none(body: str) -> None:
    assert findings(cron(body), "cron-without-command") == []


def test_a_misplaced_cron_command_moves_below_commands() -> None:
    text = cron("command: php x.php  # why\nspec: '0 3 * * *'")
    finding = one(text)
    assert finding.fixes[0].safe
    assert apply_fix(text, finding) == cron("commands:\n  start: php x.php  # why\nspec: '0 3 * * *'")


# -- deprecated-cron-command -----------------------------------------------------------------------------------------


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
def test_the_old_form_is_rewritten_with_everything_around_it(before: str, after: str) -> None:
    (finding,) = findings(cron(before))
    assert (finding.rule, finding.severity) == ("deprecated-cron-command", Severity.WARNING)
    assert finding.region.text.strip("'") == "cmd"
    assert finding.fixes[0].safe
    assert apply_fix(cron(before), finding) == cron(after)
    assert findings(cron(after)) == []
    crlf = cron(before).replace("\n", "\r\n")
    assert apply_fix(crlf, findings(crlf)[0]) == cron(after).replace("\n", "\r\n")


def test_two_forms_at_once_are_for_the_author_to_decide() -> None:
    finding = one(cron("spec: '0 3 * * *'\ncmd: php x.php\ncommands:\n  start: php y.php"))
    assert (finding.rule, finding.fixes) == ("deprecated-cron-command", ())


def test_the_old_form_in_braces_or_behind_an_alias_is_left_alone() -> None:
    assert one(crons("job: {spec: '0 3 * * *', cmd: php x.php}")).fixes == ()
    text = crons("job: &job\n  spec: '0 3 * * *'\n  cmd: php x.php\nagain: *job\nmerged:\n  <<: *job\n  timeout: 60")
    assert said(text) == [("deprecated-cron-command", "cmd", Severity.WARNING)]


# -- invalid-cron-spec -----------------------------------------------------------------------------------------------


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
        ('"\\x30 25 * * *"', '"\\x30 25 * * *"', Severity.ERROR),
        ("'0 0 31 2 *'", "'0 0 31 2 *'", Severity.WARNING),
        ("'0 3 * * MON'", "'0 3 * * MON'", Severity.INFO),
        ("'H(0-29) * * * *'", "'H(0-29) * * * *'", Severity.INFO),
    ],
)
def test_a_schedule_that_cannot_be_read_is_reported_at_the_part(written: str, place: str, severity: Severity) -> None:
    assert said(spec(written)) == [("invalid-cron-spec", place, severity)]


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
def test_a_schedule_that_can_be_read_is_not(written: str) -> None:
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


# -- cron-below-minimum-interval -------------------------------------------------------------------------------------


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
    assert said(spec(before)) == [("cron-below-minimum-interval", place, Severity.WARNING)]
    fixes = one(spec(before)).fixes
    assert not any(fix.safe for fix in fixes)
    assert [apply_fix(spec(before), fix) for fix in fixes] == ([] if after is None else [spec(after)])


@pytest.mark.parametrize(
    "written", ["'*/5 * * * *'", "'*/19 * * * *'", "'7-59/7 * * * *'", "'0,30 * * * *'", "H 3 * * *"]
)
def test_a_schedule_that_is_not(written: str) -> None:
    assert ours(spec(written)) == []


def test_the_project_decides_how_frequent_a_cron_may_be() -> None:
    assert ours(spec("'* * * * *'"), Options(cron_minimum_interval=1)) == []
    finding = one(spec("'*/10 * * * *'"), Options(cron_minimum_interval=13))
    assert apply_fix(spec("'*/10 * * * *'"), finding) == spec("'*/15 * * * *'")
    assert one(spec("'0 * * * *'"), Options(cron_minimum_interval=90)).fixes == ()


# -- cron-should-be-worker -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("php artisan queue:work", "php artisan queue:work"),
        ("cd web && php artisan horizon; echo over", "php artisan horizon"),
        ("bin/console messenger:consume async --memory-limit=128M", None),
        ("bin/console messenger:consume async --time-limit=600", "--time-limit=600"),
        ("timeout 900 php artisan queue:work", "timeout 900 php artisan queue:work"),
        ("celery -A proj worker -l info", "celery -A proj worker -l info"),
        ("while true; do php x.php; sleep 5; done", "while true"),
        ("while true\ndo\n  php x.php\n  sleep 5\ndone\n", "while true"),
        ("if [ -f x ]; then bundle exec sidekiq; fi", "sidekiq"),
        ("tail -f app.log", "tail -f app.log"),
    ],
)
def test_a_cron_that_does_not_end(command: str, place: str | None) -> None:
    assert said(running(command)) == [("cron-should-be-worker", place or command, Severity.WARNING)]


@pytest.mark.parametrize(
    "command",
    [
        "php artisan queue:work --stop-when-empty",
        "php artisan queue:work --max-time=540",
        "bin/console messenger:consume async --limit=10",
        "bin/console messenger:consume async --time-limit=3600 --limit=10",
        "timeout 240 php artisan queue:work",
        "timeout 60 sh -c 'while true; do php x.php; sleep 5; done'",
        "while true; do php x.php && break; sleep 5; done",
        "for x in 1 2 3; do php x.php; sleep 5; done",
        "./consume-forever",
        "php artisan schedule:run",
        "npm start",
        "php artisan queue:work (((",
    ],
)
def test_a_cron_that_ends_or_may_end(command: str) -> None:
    assert ours(running(command)) == []


def test_a_timeout_below_the_interval_is_an_end() -> None:
    assert ours(running("php artisan queue:work", more="timeout: 540")) == []
    assert said(running("php artisan queue:work", more="timeout: 600")) != []


def test_an_interval_shorter_than_the_minimum_does_not_count() -> None:
    text = running("php artisan queue:work --max-time=240", schedule="* * * * *")
    assert [finding.rule for finding in ours(text)] == ["cron-below-minimum-interval"]


def test_a_cron_can_become_a_worker() -> None:
    text = crons(
        """\
# each night
clean:
  spec: '0 3 * * *'
  commands:
    start: php clean.php
job:
  spec: '*/10 * * * *'
  timeout: 3600
  commands:
    start: |
      cd web
      php artisan queue:work"""
    )
    (fix,) = one(text).fixes
    assert not fix.safe
    assert (
        apply_fix(text, fix)
        == """\
applications:
  app:
    type: 'php:8.4'
    workers:
      job:
        commands:
          start: |
            cd web
            php artisan queue:work
    crons:
      # each night
      clean:
        spec: '0 3 * * *'
        commands:
          start: php clean.php
"""
    )


@pytest.mark.parametrize(
    "text",
    [
        cron("spec: x").replace(
            "crons:\n      job:\n        spec: x\n",
            "crons: {job: {spec: '0 3 * * *', commands: {start: sidekiq}}, two: {spec: '0 4 * * *', cmd: ./x}}\n",
        ),
        running("sidekiq", more="commands:\n  stop: kill 1").replace("commands:\n          stop", "  stop"),
        crons(
            "job: &job\n  spec: '0 3 * * *'\n  commands:\n    start: sidekiq\nlater:\n  <<: *job\n  spec: '0 4 * * *'"
        ),
    ],
)
def test_a_cron_with_more_to_lose_does_not_become_a_worker(text: str) -> None:
    assert [fix for finding in findings(text, "cron-should-be-worker") for fix in finding.fixes] == []


# -- backgrounded-cron-command ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "place"),
    [("php x.php &", "&"), ("nohup php x.php > /dev/null &", "&"), ("pm2 start x.js", "pm2 start x.js")],
)
def test_a_cron_that_escapes_to_the_background(command: str, place: str) -> None:
    assert said(running(command)) == [("backgrounded-cron-command", place, Severity.WARNING)]


@pytest.mark.parametrize("command", ["php x.php", "php x.php & wait", "php x.php & php y.php", "service x start"])
def test_a_cron_that_does_not(command: str) -> None:
    assert ours(running(command)) == []


def test_the_ampersand_of_a_cron_is_safe_to_leave_out() -> None:
    finding = one(running("nohup php x.php > /dev/null 2>&1 &"))
    assert finding.fixes[0].safe
    assert apply_fix(running("nohup php x.php > /dev/null 2>&1 &"), finding) == running(
        "nohup php x.php > /dev/null 2>&1"
    )


# -- worker-should-be-cron -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "place", "severity"),
    [
        ("while true; do ./poll; sleep 600; done", "sleep 600", Severity.WARNING),
        ("while :\ndo\n  ./poll\n  sleep 1h\ndone\n", "sleep 1h", Severity.WARNING),
        ("cd web; until false; do ./poll || true; sleep 300; done", "sleep 300", Severity.WARNING),
        ("for ((;;)); do ./poll; sleep 30m; done", "sleep 30m", Severity.WARNING),
        ("bash -c 'while true; do ./poll; sleep 600; done'", "sleep 600", Severity.WARNING),
        ("while true; do php artisan queue:work --once; sleep 600; done", "sleep 600", Severity.INFO),
        ("sleep 3600 && ./poll", "sleep 3600", Severity.WARNING),
        ("./poll; sleep 1d", "sleep 1d", Severity.WARNING),
        ("sleep 300; php artisan schedule:run", "sleep 300", Severity.WARNING),
        ("crond -f", "crond -f", Severity.WARNING),
        ("supercronic /app/crontab", "supercronic /app/crontab", Severity.HINT),
        ("sleep infinity", "sleep infinity", Severity.HINT),
        ("echo ready; tail -f /dev/null", "tail -f /dev/null", Severity.HINT),
        ("while true; do sleep 3600; done", "while true", Severity.HINT),
        ("while true; do ./poll; sleep $((60*60)); done", "sleep $((60*60))", Severity.WARNING),
        ("while true; do ./poll; sleep ${PAUSE:-3600}; done", "sleep ${PAUSE:-3600}", Severity.WARNING),
        ("PAUSE=3600; while true; do ./poll; sleep $PAUSE; done", "sleep $PAUSE", Severity.WARNING),
        ("watch -n 3600 ./poll", "watch -n 3600 ./poll", Severity.WARNING),
    ],
)
def test_a_worker_that_only_waits(command: str, place: str, severity: Severity) -> None:
    others = ("override-drops-relationships", "bash-in-dash")
    found = [finding for finding in findings(worker(command)) if finding.rule not in others]
    assert [(finding.rule, finding.region.text, finding.severity) for finding in found] == [
        ("worker-should-be-cron", place, severity)
    ]


@pytest.mark.parametrize(
    "command",
    [
        "while true; do ./poll; sleep 299; done",
        "while true; do ./poll; sleep $PAUSE; done",
        "PAUSE=3600; PAUSE=5; while true; do ./poll; sleep $PAUSE; done",
        "while true; do ./poll; sleep $((PAUSE * 60)); done",
        "while true; do ./poll; sleep ${PAUSE:-5}; done",
        "watch -n 10 ./poll",
        "watch ./poll",
        "while true; do ./poll || sleep 600; done",
        "while true; do ./poll || break; sleep 600; done",
        "while true; do php artisan queue:work; sleep 600; done",
        "./listen & while true; do ./poll; sleep 600; done",
        "sleep 600; ./listen",
        "./listen; sleep 600",
        "sleep 3600; php artisan queue:work",
        "sleep 10; php artisan queue:work",
        "celery -A proj beat",
        "php artisan schedule:work",
        "supervisord -n & tail -f /dev/null",
    ],
)
def test_a_worker_that_works(command: str) -> None:
    assert ours(worker(command)) == []


def test_a_worker_that_only_sleeps_may_be_a_shell() -> None:
    assert ours(worker("sleep infinity", "        relationships: {}\n")) == []
    assert ours(worker("sleep infinity", "        access:\n          ssh: admin\n")) == []


def test_the_project_decides_what_a_cron_could_do() -> None:
    text = worker("while true; do ./poll; sleep 600; done")
    assert ours(text, Options(cron_minimum_interval=15)) == []
    assert one(worker("while true; do ./poll; sleep 60; done"), Options(cron_minimum_interval=1)).fixes != ()


@pytest.mark.parametrize(
    ("before", "schedule", "after"),
    [
        ("while true; do ./poll; sleep 600; done", "*/10 * * * *", "./poll"),
        ("while true; do ./a && ./b && sleep 420; done", "*/10 * * * *", "./a && ./b"),
        ("until false; do cd web; ./poll > /tmp/log 2>&1; sleep 2h; done", "0 */2 * * *", None),
        ("sleep 1h && ./poll --all", "0 * * * *", "./poll --all"),
        ("./poll; sleep 2d", "H 3 * * *", "./poll"),
    ],
)
def test_a_loop_can_become_a_cron(before: str, schedule: str, after: str | None) -> None:
    (fix,) = one(worker(before)).fixes
    assert not fix.safe
    command = after or "cd web; ./poll > /tmp/log 2>&1"
    assert apply_fix(worker(before), fix) == running(command, schedule).replace('"', "")


def test_the_lines_of_a_loop_become_the_lines_of_a_cron() -> None:
    before = "while true\ndo\n    cd web\n    if ./due; then\n        ./poll\n    fi\n    sleep 1800\ndone\n"
    (fix,) = one(worker(before)).fixes
    assert apply_fix(worker(before), fix) == running("cd web\nif ./due; then\n    ./poll\nfi\n", "*/30 * * * *")


@pytest.mark.parametrize(
    "command",
    [
        "export A=1; while true; do ./poll; sleep 600; done",
        "while true; do sleep 600; ./poll; done",
        "while sleep 600; do ./poll; done",
        "while true; do ./a || continue; sleep 600; done",
        "bash -c 'while true; do ./poll; sleep 600; done'",
    ],
)
def test_a_loop_with_more_to_it_stays(command: str) -> None:
    assert one(worker(command)).fixes == ()


# -- any schedule ----------------------------------------------------------------------------------------------------

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


@pytest.mark.parametrize("command", ['"php artisan\\x20schedule:run"'])
def test_a_scheduler_that_cannot_be_rewritten_is_made_no_worker(command: str) -> None:
    text = (
        f"applications:\n  app:\n    type: 'php:8.4'\n    crons:\n      tick: {{spec: '* * * * *', cmd: {command}}}\n"
    )
    (finding,) = findings(text, "cron-below-minimum-interval")
    assert [fix.title for fix in finding.fixes] == ["Run it every 5 minutes: `*/5 * * * *`"]
