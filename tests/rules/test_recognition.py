"""What the table of commands makes of a command, and of a script."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import upsun_rules
from upsun_rules.shell.parsing import Command, Loop, parse
from upsun_rules.shell.recognition import (
    CATEGORIES,
    KINDS,
    CommandRow,
    Recognition,
    detaches,
    foreground_rewrite,
    recognize,
    returns_at_once,
    rows,
)

TABLE = json.loads((Path(upsun_rules.__file__).parent / "shell/commands.json").read_text(encoding="utf-8"))


def recognized(text: str) -> Recognition | None:
    script = parse(text)
    assert not script.has_error
    (last,) = script.foreground[-1:]
    return recognize(last)


def row_of(text: str) -> str | None:
    recognition = recognized(text)
    return recognition.row.id if recognition else None


# The table itself


def test_every_row_says_what_it_must():
    assert len({row.id for row in rows()}) == len(rows())
    for row in rows():
        assert row.category in CATEGORIES, row.id
        assert (row.kind in KINDS) == (row.category == "one-shot"), row.id
        assert set(row.also) <= set(CATEGORIES), row.id
        assert row.confidence in ("high", "low"), row.id
        assert row.programs, row.id
        assert row.examples, row.id
        assert row.label and not row.label.endswith("."), row.id
        assert row.why.endswith("."), row.id
        assert set(row.bounds.values()) <= {"seconds", "milliseconds", "count", "once", "drain", "weak"}, row.id
        assert set(row.grace.values()) <= {"seconds", "milliseconds"}, row.id


def test_the_table_has_no_unused_keys():
    assert set(TABLE) == {
        "about",
        "shells",
        "tool-directories",
        "prefixes",
        "interpreters",
        "values",
        "reasons",
        "commands",
    }
    known = set(CommandRow._fields)
    for row in TABLE["commands"]:
        assert set(row) <= known, row["id"]
        assert set(row.get("foreground", ())) <= {"program", "insert", "drop", "replace"}, row["id"]
    prefix_keys = {
        "values",
        "operands",
        "subcommands",
        "keep",
        "optional",
        "assignments",
        "except",
        "script",
        "timeout",
    }
    assert all(set(prefix) <= prefix_keys for prefix in TABLE["prefixes"].values())
    assert all(set(item) <= {"values", "stops", "module", "extensionless"} for item in TABLE["interpreters"].values())
    used = {f"{row.category}/{row.kind}" if row.kind else row.category for row in rows()}
    assert set(TABLE["reasons"]) == used
    programs = {program for row in rows() for program in row.programs}
    assert set(TABLE["values"]) <= programs


@pytest.mark.parametrize(
    ("row", "example"),
    [pytest.param(row, example, id=f"{row.id}: {example}") for row in rows() for example in row.examples],
)
def test_the_examples_of_a_row_are_recognized_as_that_row(row, example):
    script = parse(example)
    assert not script.has_error
    found = {recognition.row.id for command in script.commands if (recognition := recognize(command))}
    assert row.id in found


def test_no_cell_of_a_row_is_hidden_by_another_row():
    hidden = []
    for row in rows():
        for program in row.programs:
            for form in row.words if row.words is not None else ((),):
                words = [word[:-1] + "x" if word.endswith("*") else word for word in form]
                flags = [spellings[0].replace("=", " ") for spellings in row.flags]
                text = " ".join([row.path or program, *words, *flags])
                text += {"[": " x ]", "[[": " x ]]"}.get(program, "")
                if row_of(text) != row.id:
                    hidden.append((row.id, text, row_of(text)))
    assert hidden == []


# Single commands


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("cd web && ../vendor/bin/drush -l example.com -y core-cron", "drush-cron"),
        ("drush @prod.web queue:run import", "drush-queue-run"),
        ("php artisan --env production queue:work", "laravel-queue-work"),
        ("bin/console --env prod messenger:consume a", "symfony-messenger"),
        ("symfony console --time-limit=3600 messenger:consume async", "symfony-messenger"),
        ("celery --app x -l info worker -Q a,b", "celery-worker"),
        ("celery -A x worker -B", "celery-worker-beat"),
        ("celery -A x worker --beat", "celery-worker-beat"),
        ("celery -A x worker -linfo", "celery-worker"),
        ("celery -A x worker -linfo -B", "celery-worker-beat"),
        ("celery -A beat worker", "celery-worker"),
        ("celery -A x worker -D", "celery-detached"),
        ("gunicorn -b0.0.0.0:$PORT app", "gunicorn"),
        ("gunicorn app -D", "gunicorn-daemon"),
        ("gunicorn -n -D app", "gunicorn"),
        ("supervisord -n", "supervisord-foreground"),
        ("supervisord -nc /app/x.conf", "supervisord-foreground"),
        ("supervisord --nodaemon", "supervisord-foreground"),
        ("supervisord -c /app/x.conf", "supervisord"),
        ("tmux new -ds q ./x", "tmux-detached"),
        ("screen -D -m ./x", None),
        ("pip3 install x", "python-install"),
        ("php-fpm8.3 -F", "php-fpm"),
        ("redis-server --daemonize yes", "redis-server-daemon"),
        ("redis-server --daemonize no", "database-server"),
        ("nginx -g 'daemon off;'", "web-server"),
        ("nginx -s reload", "nginx-signal"),
        ("bin/jobs", "solid-queue-jobs"),
        ("jobs", "job-control"),
        ("npx serve -s build", "static-server"),
        ("node_modules/.bin/serve", "static-server"),
        ("npm start", "node-start-script"),
        ("npm run start", "node-start-script"),
        ("npm run build:watch", "node-watch-script"),
        ("npm run build -- --watch", "node-build-script"),
        ("tail -f /dev/null", "tail-nothing"),
        ("tail -f /var/log/app.log", "tail-follow"),
        ("tail -n 5 /dev/null", "tail"),
        ("sleep infinity", "sleep-forever"),
        ("sleep 60", "sleep"),
        ("wp acorn queue:work", "acorn-queue"),
        ("pm2 start x.js --no-daemon", "pm2-foreground"),
        ("python3 -m http.server", "python-server"),
        ("php -S localhost:8000", "php-builtin-server"),
        ("bin/console scheduled-task:run", "shopware-scheduled-task"),
        ("bin/console scheduled-task:run --no-wait", "shopware-scheduled-task-tick"),
        ('php artisan "migrate" --force', "laravel-migrate"),
        ("rake environment resque:work", "rake-consumer"),
        ("[ -f x ]", "shell-setting"),
    ],
)
def test_commands(text, row):
    assert row_of(text) == row


@pytest.mark.parametrize(
    "text",
    [
        "./worker.sh",
        "node worker.js",
        "python worker.py migrate",
        "php worker.php queue:work",
        "php bin/console app:consume -S x",
        "php bin/console app:worker",
        "php artisan app:listen",
        "php artisan $COMMAND",
        "$COMMAND queue:work",
        "npm run worker",
        "npm run worker:start",
        "yarn worker",
        "drush php:eval cron",
        "drush my:queue",
        "celery -A worker",
        "celery -A x $MODE",
        "./serve",
        "./migrate up",
        "bin/watch",
        "./test",
        "java -jar app.jar server",
        "go run ./cmd/worker",
        "cargo run",
        "make worker",
        "mvn spring-boot:run",
        "dotnet Worker.dll",
        "./gradlew clean bootRun",
        "gulp queue",
        "upsun environment:ssh worker",
        "python manage.py my_consumer",
        "rails runner Worker.run",
        "mix run --no-halt",
        "wait",
        ". ./worker.sh",
        "source worker.sh",
        "eval worker",
        "sh worker.sh",
        "docker ps",
        "ping example.com",
    ],
)
def test_what_the_table_does_not_know_is_nothing(text):
    assert row_of(text) is None


# Bounds


@pytest.mark.parametrize(
    ("text", "bounded", "seconds", "drains"),
    [
        ("php artisan queue:work", False, None, False),
        ("php artisan queue:work --max-time=3600", True, 3600, False),
        ("php artisan queue:work --max-time 60 --max-jobs=5", True, 60, False),
        ("php artisan queue:work --max-time=$T", True, None, False),
        ("php artisan queue:work --max-time=0", False, None, False),
        ("php artisan queue:work --memory=128", False, None, False),
        ("php artisan queue:work --once", True, None, True),
        ("php artisan queue:work --stop-when-empty", True, None, True),
        ("php artisan queue:work --max-jobs=1", True, None, True),
        ("php artisan queue:work --max-jobs=10", True, None, False),
        ("bin/console messenger:consume a -t 60 -l10", True, 60, False),
        ("bin/console messenger:consume a -vv -t60", True, 60, False),
        ("bin/console messenger:consume a -l 1", True, None, True),
        ("bin/console messenger:consume a --memory-limit=128M", False, None, False),
        ("bin/console messenger:consume a --failure-limit=3", True, None, False),
        ("bin/magento queue:consumers:start x --max-messages=100", True, None, False),
        ("timeout 300 php artisan queue:work", True, 300, False),
        ("timeout 5m php artisan queue:work --max-time=60", True, 60, False),
        ("timeout $T php artisan queue:work", True, None, False),
        ("rq worker --burst", True, None, True),
        ("rq worker -b high", True, None, True),
        ("kafka-console-consumer --topic x --timeout-ms 5000", True, 5, False),
        ("bin/cake queue run", True, None, False),
        ("sidekiq -t 25", False, None, False),
    ],
)
def test_bounds(text, bounded, seconds, drains):
    recognition = recognized(text)
    assert recognition is not None
    assert recognition.is_a("consumer")
    assert recognition.bounded is bounded
    assert recognition.bound_seconds == seconds
    assert recognition.drains is drains


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("php artisan queue:work --max-time=3600 x", ["--max-time=3600"]),
        ("php artisan queue:work --max-time 3600 --memory=1 x", ["--max-time 3600", "--memory=1"]),
        ("é; bin/console messenger:consume a -vt60", ["-vt60"]),
    ],
)
def test_where_bounds_are(text, written):
    recognition = recognized(text)
    assert recognition is not None
    assert [text[bound.start : bound.end] for bound in recognition.bounds] == written


@pytest.mark.parametrize(
    ("text", "flag", "value"),
    [
        ("bundle exec sidekiq -t 25", "-t", 25),
        ("bundle exec sidekiq --timeout=30", "--timeout", 30),
        ("php artisan queue:work --timeout=90", "--timeout", 90),
        ("pm2-runtime start x.js --kill-timeout 20000", "--kill-timeout", 20),
        ("gunicorn app --graceful-timeout $T", "--graceful-timeout", None),
    ],
)
def test_grace(text, flag, value):
    recognition = recognized(text)
    assert recognition is not None
    ((grace),) = recognition.grace
    assert (grace.flag, grace.unit, grace.value) == (flag, "seconds", value)


def test_the_properties_of_a_recognition():
    recognition = recognized("celery -A x worker -B")
    assert recognition is not None
    assert (recognition.category, recognition.kind, recognition.label) == ("consumer", None, "Celery worker with beat")
    assert recognition.is_a("scheduler")
    assert recognition.is_a("server", "consumer")
    assert not recognition.is_a("server")
    assert recognition.sure
    start = recognized("npm start")
    assert start is not None
    assert not start.sure


@pytest.mark.parametrize(
    ("text", "endless"),
    [
        ("php artisan queue:work", True),
        ("php artisan queue:work --memory=128", True),
        ("php artisan queue:work --max-time=60", False),
        ("timeout 60 tail -f x.log", False),
        ("tail -f x.log", True),
        ("celery -A x beat", True),
        ("nginx", True),
        ("supervisord -n", True),
        ("sleep infinity", True),
        ("sleep 60", False),
        ("cron -f", True),
        ("cron", False),
        ("pm2 start x.js", False),
        ("php artisan migrate", False),
        ("drush queue:run x", False),
    ],
)
def test_endless(text, endless):
    recognition = recognized(text)
    assert recognition is not None
    assert recognition.endless is endless


# Fixes for what goes to the background


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("pm2 start x.js -i 2", "pm2-runtime start x.js -i 2"),
        ("cd a && npx pm2@latest restart x.js", "cd a && npx pm2-runtime start x.js"),
        ("celery -A x worker -D -l info", "celery -A x worker -l info"),
        ("celery -A x worker --detach", "celery -A x worker"),
        ("gunicorn   --daemon app", "gunicorn app"),
        ("supervisord -c x.conf", "supervisord -n -c x.conf"),
        ("bundle exec bin/delayed_job start -n 2", "bundle exec bin/delayed_job run -n 2"),
        ("forever start é.js", "forever é.js"),
        ("redis-server --daemonize yes --port 1", "redis-server --port 1"),
        ("sh -c 'caddy start --config x'", "sh -c 'caddy run --config x'"),
        ("crond", "crond -f"),
        ("tmux new -d ./x", None),
        ("thin start -de production", None),
        ('sh -c "caddy start \\"x\\""', None),
        ("php artisan queue:work", None),
    ],
)
def test_foreground_rewrite(text, fixed):
    recognition = recognized(text)
    assert recognition is not None
    edits = foreground_rewrite(recognition)
    assert (edits is None) == (fixed is None)
    result = text
    for edit in sorted(edits or (), reverse=True):
        result = result[: edit.start] + edit.text + result[edit.end :]
    assert result == (fixed or text)


def test_a_rewritten_command_stays_in_the_foreground():
    for row in rows():
        if row.foreground is None:
            continue
        for example in row.examples:
            recognition = recognized(example)
            assert recognition is not None
            edits = foreground_rewrite(recognition)
            assert edits, example
            result = example
            for edit in sorted(edits, reverse=True):
                result = result[: edit.start] + edit.text + result[edit.end :]
            after = recognized(result)
            assert after is None or not after.is_a("daemoniser"), result


# Whole scripts


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("php artisan schedule:run", "laravel-schedule-run"),
        ("cd web && drush cron", "drush-cron"),
        ("set -e\ncd web\nexport A=b\nphp artisan migrate --force\n", "laravel-migrate"),
        ("php artisan migrate --force && php artisan config:cache", "laravel-deploy-step"),
        ("echo done", "printing"),
        ("exit 0", "exit"),
        ("if [ $X = y ]; then drush cron; fi", "drush-cron"),
        ("pg_dump main | gzip > /tmp/x.gz", "housekeeping"),
        ("sh -c 'wp cron event run --due-now'", "wp-cron"),
        ("drush queue:run x", "drush-queue-run"),
        ("curl -fsS https://example.com $(date +%s)", "http-request"),
        ("exec php artisan schedule:run; php artisan queue:work", None),
        ("php artisan migrate && php artisan queue:work", None),
        ("php artisan queue:work; echo stopped", None),
        ("./prepare.sh; php artisan migrate", None),
        (". ./env.sh; php artisan migrate", None),
        ("while true; do php artisan schedule:run; sleep 60; done", None),
        ("for i in 1 2; do drush cron; done", None),
        ("sleep infinity", None),
        ("sleep 3600; drush cron", None),
        ("php artisan schedule:run & wait", None),
        ("worker & echo started", None),
        ("echo started; pm2 start x.js", None),
        ("echo $(./worker)", None),
        ("f() { php artisan migrate; }; f", None),
        ("cd web", "shell-setting"),
        ("set -e; export A=b; mkdir -p /tmp/x", "file-tool"),
        ("mkdir /tmp/x; grep x y", None),
        ("php -v", "interpreter-version"),
        ("php -v x.php", None),
        ("cd web &", None),
        ("A=b", None),
        ("", None),
        ("php artisan migrate '", None),
    ],
)
def test_returns_at_once(text, row):
    recognition = returns_at_once(parse(text))
    assert (recognition.row.id if recognition else None) == row


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("worker &", "worker"),
        ("cd web && nohup worker > log 2>&1 &", "worker"),
        ("a & b &", "b"),
        ("while true; do worker; sleep 5; done &", "loop"),
        ("while true; do worker; done & echo started", "loop"),
        ("worker & echo started", "worker"),
        ("worker &\ndisown", "worker"),
        ("./setup.sh; worker & echo started; exit 0", "worker"),
        ("pm2 start x.js", "pm2"),
        ("./setup.sh && pm2 start x.js && echo ok", "pm2"),
        ("celery multi start w1 -A x", "celery"),
        ("sh -c 'worker &'", "worker"),
        ("start() { worker & }", None),
        ("start() { worker & }; start", None),
        ("worker", None),
        ("worker & wait", None),
        ("a & b & wait -n; exit $?", None),
        ("worker & exec main", None),
        ("worker & ./main.sh", None),
        ("worker & tail -f /dev/null", None),
        ("worker & sleep infinity", None),
        ("worker & while true; do sleep 60; done", None),
        ("pm2 start x.js && pm2 logs", None),
        ("pm2-runtime start x.js", None),
        ("supervisord -n", None),
        ("echo a; echo b", None),
        ("sleep 5 & wait $!", None),
        ("trap 'kill $!' TERM; worker & wait $!", None),
        ("", None),
        ("worker & (", None),
    ],
)
def test_detaches(text, left):
    found = detaches(parse(text))
    name = "loop" if isinstance(found, Loop) else found.program if isinstance(found, Command) else None
    assert name == left


WORDS = st.sampled_from(
    [
        *(example for row in rows() for example in row.examples),
        "&&",
        "&",
        ";",
        "|",
        "\n",
        "wait",
        "exec",
        "worker",
        "--max-time",
        "-t",
        "-D",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=8).map(" ".join) | st.text(max_size=40))
def test_any_command_can_be_recognized(text):
    script = parse(text)
    left = detaches(script)
    assert left is None or left in script.commands or left in script.loops
    answer = returns_at_once(script)
    assert answer is None or left is None
    for command in script.commands:
        recognition = recognize(command)
        if recognition is None:
            continue
        for bound in (*recognition.bounds, *recognition.grace):
            assert 0 <= bound.start < bound.end <= len(text)
        for edit in foreground_rewrite(recognition) or ():
            assert command.start <= edit.start <= edit.end <= command.end
