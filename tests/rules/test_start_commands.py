"""What a worker runs: no command, one that does not stay, one that does not belong there; and what mends it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import apply_fix, findings
from upsun_rules.finding import Finding, Severity
from upsun_rules.options import Options

OURS = {
    "missing-start-command",
    "stop-command-on-worker",
    "backgrounded-start-command",
    "one-shot-start-command",
    "worker-serves-web",
    "build-step-in-start-command",
    "slow-shutdown",
    "worker-should-be-cron",
}


def worker(body: str, *, rest: str = "") -> str:
    """A configuration whose worker `queue` has this body."""
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    return f"applications:\n  app:\n    type: 'php:8.4'\n{rest}    workers:\n      queue:\n{lines}"


def starting(command: str, *, rest: str = "") -> str:
    """A configuration whose worker runs a command of one line or more."""
    if "\n" not in command:
        return worker(f'commands:\n  start: "{command}"', rest=rest)
    block = "\n".join(f"    {line}" for line in command.splitlines())
    return worker(f"commands:\n  start: |\n{block}", rest=rest)


def ours(text: str, options: Options | None = None) -> list[Finding]:
    return [finding for finding in findings(text, options=options) if finding.rule in OURS]


def one(text: str) -> Finding:
    (finding,) = ours(text)
    return finding


def said(text: str) -> list[tuple[str, str, Severity]]:
    return [(finding.rule, finding.region.text, finding.severity) for finding in ours(text)]


# -- missing-start-command -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["'# php x.php'", "|\n    # php x.php\n\n    # more", ">\n    # php x.php"])
def test_a_command_that_is_only_a_comment(start: str) -> None:
    found = one(worker(f"commands:\n  start: {start}"))
    assert found.rule == "missing-start-command"
    assert "only a comment" in found.message
    assert "rejects" not in found.message


@pytest.mark.parametrize(
    "start", ["'php x.php # why'", "|\n    # why\n    php x.php", "'#x; php y.php'", '"\\n# why\\nphp x"']
)
def test_a_command_with_a_comment(start: str) -> None:
    found = ours(worker(f"commands:\n  start: {start}"))
    assert [one.rule for one in found] == (["missing-start-command"] if "#x" in start else [])


@pytest.mark.parametrize("command", ["node x.js & sleep infinity", "node x.js & sleep $N", "node x.js & sleep 2; wait"])
def test_a_command_that_stays_beside_the_background(command: str) -> None:
    assert "backgrounded-start-command" not in [finding.rule for finding in ours(starting(command))]


@pytest.mark.parametrize("command", ["cd web", "set -e", "export A=b", "mkdir -p /tmp/x; chmod 700 /tmp/x", "php -v"])
def test_a_worker_that_only_prepares(command: str) -> None:
    assert [finding.rule for finding in ours(starting(command))] == ["one-shot-start-command"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("relationships: {}", "queue"),
        ("commands:", "commands"),
        ("commands: {}", "commands"),
        ("commands:\n  start:", "start"),
        ("commands:\n  start: ''", "''"),
        ("commands:\n  start: '  '", "'  '"),
        ("commands:\n  pre_start: mkdir /tmp/x", "commands"),
        ("start: php x.php", "start"),
        ("command: php x.php", "command"),
        ("cmd: php x.php", "cmd"),
        ("run: php x.php", "run"),
        ("commands:\n  run: php x.php", "run"),
        ("commands:\n  pre_start: mkdir /tmp/x\nstart: php x.php", "start"),
        ("commands: php x.php", "commands"),
    ],
)
def test_a_worker_without_a_command_is_reported_once(body: str, place: str) -> None:
    found = findings(worker(body))
    assert [(finding.rule, finding.region.text) for finding in found] == [("missing-start-command", place)]
    assert found[0].severity is Severity.ERROR


def test_a_worker_without_anything_is_reported_once() -> None:
    (finding,) = findings("applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      queue:\n")
    assert (finding.rule, finding.region.text) == ("missing-start-command", "queue")


BESIDE = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      queue:
{}      mail:
        commands: {{start: php mail.php}}
"""


@pytest.mark.parametrize(
    ("lines", "start"),
    [
        (
            ["commands:", "  start: php x.php  # why"],
            "`commands` belongs to `queue` above: indent it below it",
        ),
        (
            ["# one", "mounts: {}", "", "commands:", "  start: |", "    a", "", "    b"],
            "`mounts` and `commands` belong to `queue` above",
        ),
        (["variables:", "  env: {A: b}"], "`variables` belongs to `queue` above"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_keys_beside_a_worker_are_indented_under_it(lines: list[str], start: str, ending: str) -> None:
    def written(indent: str) -> str:
        block = "".join(f"{indent}{line}\n" if line else "\n" for line in lines)
        return BESIDE.format(block).replace("\n", ending)

    text = written("      ")
    (finding,) = findings(text)
    assert (finding.rule, finding.region.text) == ("wrong-level", start.split("`")[1])
    assert finding.message.startswith(start)
    (fix,) = finding.fixes
    assert not fix.safe
    assert apply_fix(text, fix) == written("        ")


def test_only_what_follows_at_once_belongs_to_a_worker() -> None:
    text = BESIDE.format("") + "      commands:\n        start: php x.php\n"
    assert [(one.rule, one.region.text) for one in findings(text)] == [
        ("missing-start-command", "queue"),
        ("missing-start-command", "start"),
    ]


def test_a_worker_may_have_the_name_of_a_property() -> None:
    text = BESIDE.format("      commands:\n        commands: {start: php x.php}\n")
    (finding,) = findings(text)
    assert finding.message.startswith("worker `queue` has no start command")
    written = BESIDE.format("").replace("queue:\n", "queue: ~\n      commands: {start: php x.php}\n")
    (finding,) = findings(written)
    assert finding.message.startswith("`commands` belongs to `queue` above") and finding.fixes == ()


# -- stop-command-on-worker ------------------------------------------------------------------------------------------


def test_a_worker_has_no_stop_command() -> None:
    text = worker("commands:\n  start: php x.php\n  stop: php y.php  # gone")
    (finding,) = findings(text)
    assert (finding.rule, finding.region.text, finding.severity) == ("stop-command-on-worker", "stop", Severity.ERROR)
    assert finding.message.startswith("a worker has no `stop` command; handle SIGTERM")
    (fix,) = finding.fixes
    assert not fix.safe
    assert apply_fix(text, fix) == worker("commands:\n  start: php x.php")


def test_a_stop_command_alone_is_not_a_start_command() -> None:
    found = ours(worker("commands:\n  stop: php y.php"))
    assert sorted(one.rule for one in found) == ["missing-start-command", "stop-command-on-worker"]


@pytest.mark.parametrize("command", ["{start: php x.php}", "*nowhere", "[stop]", "{start: a, stop: }"])
def test_a_stop_command_is_looked_for_where_it_can_be(command: str) -> None:
    found = findings(worker(f"commands: {command}"), "stop-command-on-worker")
    assert len(found) == ("stop: " in command)


# -- commands that are there -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "commands:\n  start: php x.php",
        "commands:\n  start: !include {type: string, path: start.sh}",
        "commands: !include commands.yaml",
        "!include worker.yaml",
        "commands:\n  start: *nowhere",
        "commands: *nowhere",
        "commands:\n  start: [php, x.php]",
        "commands: [php, x.php]",
        "comands:\n  start: php x.php",
        "command:\n  start: php x.php",
        "commands:\n  strat: php x.php",
        "commands:\n  start: 'open",
    ],
)
def test_what_has_a_command_or_another_mistake_is_not_said_to_have_none(body: str) -> None:
    assert findings(worker(body), "missing-start-command") == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "start: php x.php  # why\nrelationships: {}",
            "commands:\n  start: php x.php  # why\nrelationships: {}",
        ),
        (
            "relationships: {}\ncommand: 'php x.php'",
            "relationships: {}\ncommands:\n  start: 'php x.php'",
        ),
        (
            "commands:  # here\nstart: |\n  php x.php\n\n    --all\n# end\nmounts: {}",
            "commands:  # here\n  start: |\n    php x.php\n\n      --all\n# end\nmounts: {}",
        ),
        ("cmd: php x.php\ncommands:", "commands:\n  start: php x.php"),
        ("commands: {}\nrun: php x.php", "commands:\n  start: php x.php"),
        (
            "commands:\n  pre_start: mkdir /tmp/x\nstart: php x.php",
            "commands:\n  pre_start: mkdir /tmp/x\n  start: php x.php",
        ),
        (
            "start: !include {type: string, path: x.sh}",
            "commands:\n  start: !include {type: string, path: x.sh}",
        ),
    ],
)
def test_a_misplaced_command_moves_below_commands(before: str, after: str) -> None:
    finding = next(found for found in ours(worker(before)) if found.rule == "missing-start-command")
    assert finding.fixes[0].safe
    assert apply_fix(worker(before), finding) == worker(after)
    crlf = worker(before).replace("\n", "\r\n")
    finding = next(found for found in ours(crlf) if found.rule == "missing-start-command")
    assert apply_fix(crlf, finding) == worker(after).replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("commands:\n  run: php x.php", "commands:\n  start: php x.php"),
        ("commands: php x.php  # why", "commands:\n  start: php x.php  # why"),
    ],
)
def test_a_command_below_commands_is_offered_its_name(before: str, after: str) -> None:
    finding = one(worker(before))
    assert not finding.fixes[0].safe
    assert apply_fix(worker(before), finding) == worker(after)


def test_a_command_in_braces_is_found_but_left_alone() -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      queue: {start: php x.php}\n"
    finding = one(text)
    assert (finding.region.text, finding.fixes) == ("start", ())


def test_a_body_that_two_workers_share_is_reported_once() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      one: &worker
        start: php x.php
      two: *worker
"""
    assert said(text) == [("missing-start-command", "start", Severity.ERROR)]


def test_a_command_that_two_workers_share_is_reported_once() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      one: &worker
        commands: &commands
          start: &start php x.php &
      two: *worker
      three:
        <<: *worker
        mounts: {}
      four:
        commands: *commands
      five:
        commands:
          start: *start
"""
    assert said(text) == [("backgrounded-start-command", "&", Severity.ERROR)]


# -- backgrounded-start-command --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("node x.js &", "&"),
        ("nohup php x.php > /dev/null 2>&1 &", "&"),
        ("node a.js & node b.js &", "&"),
        ("while true; do node x.js; sleep 1; done &", "&"),
        ("php artisan queue:work & echo started", "&"),
        ("sh -c 'node x.js &'", "&"),
        ("pm2 start app.js", "pm2 start app.js"),
        ("exec celery -A proj worker -D", "-D"),
        ("celery -A proj worker --detach", "--detach"),
        ("bin/delayed_job start", "bin/delayed_job start"),
        ("gunicorn --daemon x:y", "--daemon"),
        ("set -e\ncd web\npm2 start app.js\n", "pm2 start app.js"),
        ("node x.js & disown", "&"),
        ("node x.js & sleep 2", "&"),
        ("node x.js & sleep 1m; echo started", "&"),
    ],
)
def test_work_that_goes_to_the_background_is_an_error(command: str, place: str) -> None:
    assert said(starting(command)) == [("backgrounded-start-command", place, Severity.ERROR)]


@pytest.mark.parametrize(
    "command",
    [
        "node x.js",
        "node a.js & node b.js",
        "node a.js & node b.js & wait",
        "node a.js & wait $!",
        "node a.js && node b.js",
        "node x.js 2>&1",
        "unknown-thing &>/dev/null",
        "pm2-runtime start app.js",
        "pm2 start app.js --no-daemon",
        "pm2 start app.js && pm2 logs",
        "supervisord -n",
        "bin/delayed_job run",
        "a & (((",
        "start-things --detach",
    ],
)
def test_work_that_stays_is_not(command: str) -> None:
    assert ours(starting(command)) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("start: node x.js &  # go", "start: node x.js  # go"),
        ("start: 'node x.js&'", "start: 'node x.js'"),
        ('start: "node x.js > /dev/null 2>&1 & "', 'start: "node x.js > /dev/null 2>&1 "'),
        ("start: |\n    node x.js &\n", "start: |\n    node x.js\n"),
    ],
)
def test_the_ampersand_of_a_single_command_is_safe_to_leave_out(before: str, after: str) -> None:
    text = worker(f"commands:\n  {before}")
    (fix,) = one(text).fixes
    assert fix.safe
    assert apply_fix(text, fix) == worker(f"commands:\n  {after}")
    crlf = text.replace("\n", "\r\n")
    assert apply_fix(crlf, one(crlf)) == worker(f"commands:\n  {after}").replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("node a.js & node b.js &", ["node a.js & node b.js & wait", "node a.js & node b.js"]),
        ("cd web; node a.js &", ["cd web; node a.js"]),
        ("setsid node x.js &", ["setsid node x.js"]),
        ("pm2 start app.js", ["pm2-runtime start app.js"]),
        ("celery -A proj worker -D", ["celery -A proj worker"]),
        ("supervisord", ["supervisord -n"]),
        ("bin/delayed_job start", ["bin/delayed_job run"]),
        ("nohup npx pm2 start app.js", ["nohup npx pm2-runtime start app.js"]),
    ],
)
def test_other_rewrites_are_only_offered(before: str, after: list[str]) -> None:
    fixes = one(starting(before)).fixes
    assert not any(fix.safe for fix in fixes)
    assert [apply_fix(starting(before), fix) for fix in fixes] == [starting(command) for command in after]


def test_a_command_that_is_not_written_as_it_reads_is_not_rewritten() -> None:
    text = worker('commands:\n  start: "node x.js \\u0026"')
    finding = one(text)
    assert (finding.rule, finding.region.text) == ("backgrounded-start-command", '"node x.js \\u0026"')
    assert finding.fixes == ()


def test_what_a_configuration_file_may_keep_in_the_foreground_is_a_warning() -> None:
    finding = one(starting("supervisord -c /app/supervisord.conf"))
    assert (finding.rule, finding.severity) == ("backgrounded-start-command", Severity.WARNING)


# -- one-shot-start-command ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "place", "severity"),
    [
        ("php artisan schedule:run", "php artisan schedule:run", Severity.WARNING),
        ("cd web && drush cron", "drush cron", Severity.WARNING),
        ("exec php artisan migrate --force", "php artisan migrate --force", Severity.WARNING),
        ("pg_dump main > /tmp/main.sql", "pg_dump main", Severity.WARNING),
        ("curl -fsS https://example.com/tick", "curl -fsS https://example.com/tick", Severity.WARNING),
        ("echo hello", "echo hello", Severity.WARNING),
        ("exit 0", "exit 0", Severity.WARNING),
        ("cd web && drush queue:run mail", "drush queue:run mail", Severity.INFO),
        ("php artisan queue:work --once", "--once", Severity.INFO),
        ("php artisan queue:work --stop-when-empty --tries=3", "--stop-when-empty", Severity.INFO),
        ("bin/console messenger:consume async --limit=1", "--limit=1", Severity.INFO),
    ],
)
def test_a_command_that_ends_at_once(command: str, place: str, severity: Severity) -> None:
    assert said(starting(command)) == [("one-shot-start-command", place, severity)]


@pytest.mark.parametrize(
    "command",
    [
        "python manage.py migrate && celery -A proj worker",
        "php artisan queue:work --max-time=3600",
        "bin/console messenger:consume async --limit=100",
        "./run.sh",
        "python report.py",
        "php artisan schedule:run; ./more.sh",
        "while true; do php artisan schedule:run; sleep 60; done",
        "php artisan schedule:run; sleep 60",
        "php artisan queue:work --stop-when-empty; sleep 5",
        "exec $START",
    ],
)
def test_a_command_that_may_stay_or_is_meant_to_end_now_and_then(command: str) -> None:
    assert ours(starting(command)) == []


def test_a_one_shot_can_become_a_cron() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    # background
    workers:
      # every day
      backup:
        commands:
          start: mysqldump main --result-file=/tmp/x.sql
      queue:
        commands:
          start: php artisan queue:work --max-time=3600
"""
    (fix,) = one(text).fixes
    assert not fix.safe
    assert (
        apply_fix(text, fix)
        == """\
applications:
  app:
    type: 'php:8.4'
    crons:
      # every day
      backup:
        spec: 'H 3 * * *'
        commands:
          start: mysqldump main --result-file=/tmp/x.sql
    # background
    workers:
      queue:
        commands:
          start: php artisan queue:work --max-time=3600
"""
    )


def test_a_scheduler_run_becomes_a_cron_as_frequent_as_the_project_allows_or_stays() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    crons:
      clean:
        spec: '0 3 * * *'
        commands:
          start: php clean.php
    workers:
      tick:
        commands:
          start: |
            cd web
            php artisan schedule:run --no-interaction
"""
    (finding,) = ours(text, Options(cron_minimum_interval=7))
    stay, cron = finding.fixes
    assert apply_fix(text, stay) == text.replace("schedule:run", "schedule:work")
    assert (
        apply_fix(text, cron)
        == """\
applications:
  app:
    type: 'php:8.4'
    crons:
      clean:
        spec: '0 3 * * *'
        commands:
          start: php clean.php
      tick:
        spec: '*/10 * * * *'
        commands:
          start: |
            cd web
            php artisan schedule:run --no-interaction
"""
    )


@pytest.mark.parametrize(
    "text",
    [
        worker("commands:\n  start: drush cron\nrelationships: {}"),
        worker("commands:\n  start: drush cron\n  pre_start: mkdir /tmp/x"),
        worker("commands: {start: drush cron}\nmounts: {}"),
        starting("drush cron", rest="    crons: {queue: {spec: '0 3 * * *', commands: {start: php x.php}}}\n"),
        worker("commands: &shared\n  start: drush cron"),
    ],
)
def test_a_worker_with_more_to_lose_does_not_become_a_cron(text: str) -> None:
    assert one(text).fixes == ()


def test_the_option_that_ends_a_consumer_can_go() -> None:
    text = starting("php artisan queue:work --stop-when-empty --tries=3")
    finding = one(text)
    assert not finding.fixes[0].safe
    assert apply_fix(text, finding) == starting("php artisan queue:work --tries=3")


# -- worker-serves-web -----------------------------------------------------------------------------------------------

WEB = "    web:\n      commands:\n        start: {}\n"


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("gunicorn -w 4 project.wsgi", "gunicorn -w 4 project.wsgi"),
        ("cd web && bundle exec rails server", "rails server"),
        ("node server.js --port=$PORT", "$PORT"),
        ("npm start -- --port ${PORT}", "${PORT}"),
        ("./serve --unix $SOCKET", "$SOCKET"),
    ],
)
def test_a_server_in_a_worker_is_reported(command: str, place: str) -> None:
    assert said(starting(command)) == [("worker-serves-web", place, Severity.WARNING)]


@pytest.mark.parametrize(
    "command",
    [
        "npm start",
        "node index.js",
        "PORT=4000; node index.js --port=$PORT",
        "redis-server & php artisan queue:work --max-time=60",
        "celery -A proj worker & gunicorn health:app",
        "celery -A proj worker --hostname=$PORT",
    ],
)
def test_what_may_be_no_server_or_only_a_helper_is_not(command: str) -> None:
    assert ours(starting(command)) == []


def test_a_port_that_the_project_sets_itself_means_something_else() -> None:
    text = starting("node index.js --port=$PORT", rest="    variables:\n      env:\n        PORT: '4000'\n")
    assert ours(text) == []


def test_the_command_of_the_web_process_is_reported() -> None:
    text = starting("node index.js", rest=WEB.format("node index.js"))
    finding = one(text)
    assert (finding.rule, finding.region.text) == ("worker-serves-web", '"node index.js"')
    assert [related.region.text for related in finding.related] == ["node index.js"]


@pytest.mark.parametrize(
    ("body", "web"),
    [
        ("commands:\n  start: ./run.sh\nvariables:\n  env:\n    ROLE: worker", "./run.sh"),
        ("commands:\n  start: celery -A proj worker", "celery -A proj worker"),
        ("commands:\n  start: ./run.sh worker", "./run.sh web"),
    ],
)
def test_a_command_shared_with_the_web_process_may_have_another_role(body: str, web: str) -> None:
    assert ours(worker(body, rest=WEB.format(web))) == []


# -- build-step-in-start-command -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("npm ci && node x.js", "npm ci"),
        ("[ -d node_modules ] || npm install; node x.js", "npm install"),
        ("composer install --no-dev\nphp x.php", "composer install --no-dev"),
        ("pip install -r requirements.txt", "pip install -r requirements.txt"),
        ("npm ci && npm run build && node x.js", "npm ci"),
        ("npm ci && node x.js $QUEUE --log=/tmp/x.log", "npm ci"),
    ],
)
def test_a_build_step_is_reported_at_its_place_and_only_once(command: str, place: str) -> None:
    assert said(starting(command)) == [("build-step-in-start-command", place, Severity.WARNING)]


@pytest.mark.parametrize(
    "command",
    [
        "node x.js --build",
        "pip install -t /tmp/lib extra; python x.py",
        "cd var/data && npm ci; node x.js",
        "npm run x",
    ],
)
def test_what_builds_nothing_or_elsewhere_is_not_a_build_step(command: str) -> None:
    assert ours(starting(command, rest="    mounts:\n      'var/data':\n        source: instance\n")) == []


# -- slow-shutdown ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("bundle exec sidekiq -t 25", "-t 25"),
        ("php artisan queue:work --timeout=300", "--timeout=300"),
        ("trap '' TERM; exec node x.js", "trap '' TERM"),
        ("trap 'exit 0' TERM; while true; do ./poll; sleep 60; done", "sleep 60"),
    ],
)
def test_a_worker_that_cannot_stop_in_time(command: str, place: str) -> None:
    assert said(starting(command)) == [("slow-shutdown", place, Severity.INFO)]


@pytest.mark.parametrize(
    "command",
    [
        "bundle exec sidekiq -t 15",
        "bundle exec sidekiq -t $STOP",
        "php artisan queue:work --timeout=0",
        "trap 'exit 0' TERM; while true; do ./poll; sleep 60 & wait $!; done",
        "trap 'exit 0' TERM; while true; do ./poll; sleep 15; done",
        "trap - TERM; while true; do ./poll; sleep 60; done",
        "while true; do ./poll; sleep 60; done",
        "./poll --timeout=300",
    ],
)
def test_a_worker_that_can(command: str) -> None:
    assert ours(starting(command)) == []


# -- any command -----------------------------------------------------------------------------------------------------

PARTS = st.sampled_from(
    [
        *("node x.js", "php artisan queue:work", "pm2 start x", "npm ci", "sleep 600", "sleep 3600", "wait", "cron"),
        *("drush cron", "gunicorn x:y", "echo 'ü'", "$PORT", "while true; do", "done", "if [ -f x ]; then", "fi"),
        *("trap '' TERM", "{", "}", "(", ")", "exec"),
    ]
)
JOINTS = st.sampled_from([" ", "; ", " & ", " && ", " || ", " | ", "\n", " > /tmp/x ", " # ", '" ', "' "])


@st.composite
def commands(draw: st.DrawFn) -> str:
    parts = draw(st.lists(st.tuples(PARTS, JOINTS), min_size=1, max_size=6))
    return "".join(part + joint for part, joint in parts)


@given(commands(), st.sampled_from(["|", ">", "|-"]))
def test_any_command_is_judged_and_no_fix_breaks_the_file(command: str, style: str) -> None:
    lines = "\n".join(f"    {line.strip()}" for line in command.splitlines() if line.strip())
    text = worker(f"commands:\n  start: {style}\n{lines}")
    assert findings(text, "syntax-error") == []
    for finding in ours(text):
        assert finding.region.text in text
        assert len(finding.message) <= 160
        for fix in finding.fixes:
            mended = apply_fix(text, fix)
            assert mended != text
            broken = {"syntax-error", "unknown-key", "wrong-type", "missing-key", "missing-start-command"}
            assert not broken & {found.rule for found in findings(mended)}


@pytest.mark.parametrize(
    "command",
    ['sh -c "worker \\"a\\" &"', 'sh -c "while true; do worker \\"a\\"; done &"'],
)
def test_what_cannot_be_located_is_not_edited(command: str) -> None:
    for text in (
        worker(f"commands:\n  start: '{command}'"),
        (
            f"applications:\n  app:\n    type: 'php:8.4'\n    crons:\n      a:\n        spec: '0 3 * * *'\n"
            f"        commands:\n          start: '{command}'\n"
        ),
    ):
        found = [one for one in findings(text) if one.rule.startswith("backgrounded")]
        assert [one.fixes for one in found] == [()]


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        ("composer audit", "one-shot-start-command"),
        ("composer show", "one-shot-start-command"),
        ("composer install", "build-step-in-start-command"),
        ("composer dump-autoload -o", "build-step-in-start-command"),
    ],
)
def test_a_report_of_composer_builds_nothing(command: str, rule: str) -> None:
    assert one(starting(command)).rule == rule


def test_a_text_that_is_not_indented_is_one_finding() -> None:
    body = "commands:\n  start: |\n  set -e\n  php artisan queue:work --max-time=3600\nmounts: {}"
    (finding,) = findings(worker(body))
    assert (finding.rule, finding.region.text) == ("syntax-error", "set -e")
    assert "indent it below `start: |`" in finding.message
