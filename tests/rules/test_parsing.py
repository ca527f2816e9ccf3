"""What the syntax tree says about a shell text."""

import math
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import corpus_files
from upsun_rules.shell.parsing import Command, Loop, Script, parse, sleep_seconds


def programs(items: tuple[Command | Loop, ...]) -> list[str]:
    return ["loop" if isinstance(item, Loop) else item.program for item in items]


def only(text: str) -> Command:
    script = parse(text)
    assert not script.has_error
    assert len(script.commands) == 1, script.commands
    return script.commands[0]


@pytest.mark.parametrize(
    ("text", "program", "arguments"),
    [
        ("php artisan queue:work", "artisan", ["queue:work"]),
        ("php8.3 -d memory_limit=1G -d a=b /app/artisan x", "artisan", ["x"]),
        ("./artisan x", "artisan", ["x"]),
        ("php -f worker.php 1", "worker.php", ["1"]),
        ("php -r 'echo 1;'", "php", ["-r", "echo 1;"]),
        ("php -S 0.0.0.0:80 index.php", "php", ["-S", "0.0.0.0:80", "index.php"]),
        ("php composer.phar install", "composer", ["install"]),
        ("python -m celery -A x worker", "celery", ["-A", "x", "worker"]),
        ("/app/.venv/bin/python3.11 -u -W ignore manage.py migrate", "manage.py", ["migrate"]),
        ("python -c 'print(1)' x", "python", ["-c", "print(1)", "x"]),
        ("ruby -I lib bin/rails s", "rails", ["s"]),
        ("node --require ./x.js worker.js", "node", ["--require", "./x.js", "worker.js"]),
        ("node ace queue:work", "ace", ["queue:work"]),
        ("node node_modules/next/dist/bin/next start", "next", ["start"]),
        ('"$APP/vendor/bin/drush" cr', "drush", ["cr"]),
        ("${DRUSH:-drush} cr", "", ["cr"]),
        ("$COMMAND x", "", ["x"]),
        ("npx pm2@latest start x", "pm2", ["start", "x"]),
        ("npx @nestjs/cli start", "@nestjs/cli", ["start"]),
        ("symfony console c:c", "console", ["c:c"]),
        ("symfony php bin/console c:c", "console", ["c:c"]),
        ("symfony serve", "symfony", ["serve"]),
        ("symfony run -d npm start", "symfony", ["run", "-d", "npm", "start"]),
        ("frankenphp php-cli bin/console x", "console", ["x"]),
        ("command -v php", "command", ["-v", "php"]),
        ("env", "env", []),
        ("exec", "exec", []),
        ("php > /dev/null artisan schedule:run", "artisan", ["schedule:run"]),
        ("wor'ke'r \"a b\" c\\ d 'e\\f' --g=\"h\\\"\" $'i'", "worker", ["a b", "c d", "e\\f", '--g=h"', "i"]),
        ("worker a \\\n b", "worker", ["a", "b"]),
        ("export A=b", "export", ["A=b"]),
        ("[ -f x ]", "[", []),
    ],
)
def test_the_program_is_what_really_runs(text, program, arguments):
    command = only(text)
    assert command.program == program
    assert [word.text for word in command.arguments] == arguments


@pytest.mark.parametrize(
    ("text", "prefixes"),
    [
        ("worker", ()),
        ("exec worker", ("exec",)),
        (
            "exec nohup setsid nice -n 5 ionice -c2 -n7 stdbuf -oL worker",
            ("exec", "nohup", "setsid", "nice", "ionice", "stdbuf"),
        ),
        ("env -i -u X A=b C=d worker", ("env",)),
        ("/usr/bin/env worker", ("env",)),
        ("time command worker", ("time", "command")),
        ("nice -10 worker", ("nice",)),
        ("poetry -C /app run worker", ("poetry",)),
        ("uv run --with x --no-sync worker", ("uv",)),
        ("pipenv run -- worker", ("pipenv",)),
        ("pdm run worker", ("pdm",)),
        ("hatch run worker", ("hatch",)),
        ("bundle exec worker", ("bundle",)),
        ("npx --yes -p thing worker", ("npx",)),
        ("bunx worker", ("bunx",)),
        ("pnpm --filter api exec worker", ("pnpm",)),
        ("pnpm dlx worker", ("pnpm",)),
        ("yarn exec worker", ("yarn",)),
        ("npm --prefix web exec -- worker", ("npm",)),
        ("dotenv -e .env -- worker", ("dotenv",)),
        ("dotenv run worker", ("dotenv",)),
        ("symfony run worker", ("symfony",)),
        ("flock -n -E 5 /tmp/lock worker", ("flock",)),
        ("croncape A=b worker", ("croncape",)),
        ("timeout -k 5 --signal INT 1h worker", ("timeout",)),
    ],
)
def test_prefixes_that_only_run_something_else_are_taken_off(text, prefixes):
    command = only(text + " --flag")
    assert command.program == "worker"
    assert [word.text for word in command.words] == ["worker", "--flag"]
    assert command.prefixes == prefixes
    assert (command.start, command.end) == (0, len(text) + len(" --flag"))


@pytest.mark.parametrize(
    "text", ["poetry install", "bundle", "npm exec", "timeout 5", "uv sync run x", "npm run exec x"]
)
def test_a_tool_that_runs_nothing_else_is_the_command(text):
    command = only(text)
    assert command.program == text.split()[0]
    assert command.prefixes == ()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("timeout 90 worker", 90),
        ("timeout 1.5m worker", 90),
        ("timeout -s TERM 2h worker", 7200),
        ("timeout 1d timeout 30 worker", 30),
        ("timeout 60 sh -c 'exec worker'", 60),
        ("timeout 0 worker", math.inf),
        ("timeout $T worker", math.inf),
        ("worker", math.inf),
    ],
)
def test_timeout(text, seconds):
    command = only(text)
    assert command.program == "worker"
    assert command.timeout == seconds


def test_assignments_before_a_command():
    assert only('A=b C="$D" exec worker').program == "worker"
    script = parse('A=b C="$D" exec worker')
    assert script.assigned == {"A", "C"}
    assert set(script.variables) == {"D"}


@pytest.mark.parametrize(
    ("text", "background"),
    [
        ("worker &", ["worker"]),
        ("a && worker &", ["a", "worker"]),
        ("{ a; worker; } &", ["a", "worker"]),
        ("(a; worker) &", ["a", "worker"]),
        ("(worker &)", ["worker"]),
        ("worker > /dev/null 2>&1 &", ["worker"]),
        ("worker 2>&1", []),
        ("a && b", []),
        ("a & b", ["a"]),
        ("a | b &", ["a", "b"]),
        ("if x; then worker & fi", ["worker"]),
        ("sh -c 'worker' &", ["worker"]),
        ("sh -c 'worker &'", ["worker"]),
        ("echo 'a &'", []),
        ("echo a \\&", []),
        ("# worker &\nworker", []),
        ("while true; do worker; done &", ["true", "worker"]),
    ],
)
def test_background(text, background):
    script = parse(text)
    assert not script.has_error
    assert [command.program for command in script.commands if command.background] == background
    for command in script.commands:
        if command.ampersand:
            assert text[command.ampersand.start : command.ampersand.end] == "&"


@pytest.mark.parametrize(
    ("text", "tail", "left_behind"),
    [
        ("worker", ["worker"], []),
        ("cd web && worker", ["worker"], []),
        ("a; worker", ["worker"], []),
        ("a; worker;", ["worker"], []),
        ("a\nworker\n# done\n", ["worker"], []),
        ("a || b", ["a", "b"], []),
        ("a && b || c", ["b", "c"], []),
        ("a | b", ["a", "b"], []),
        ("(a; b)", ["b"], []),
        ("{ a; (b; c); }", ["c"], []),
        ("if x; then a; b; elif y; then c; else d; fi", ["b", "c", "d"], []),
        ("case $x in a) b; c;; *) d;; esac", ["c", "d"], []),
        ("exec worker; b", ["worker"], []),
        ("exec > log; worker", ["worker"], []),
        ("exec worker > log\nb", ["worker"], []),
        ("worker; exit 0; b", ["exit"], []),
        ("! worker", ["worker"], []),
        ("worker > log 2>&1", ["worker"], []),
        ("a & wait", ["wait"], []),
        ("a & b & wait $!", ["wait"], []),
        ("while true; do a; done", ["loop"], []),
        ("while true; do a; done; b", ["loop"], []),
        ("while true; do a; break; done; b", ["b"], []),
        ("for i in 1 2; do a; done", [], []),
        ("while read l; do a; done < file", [], []),
        ("A=b", [], []),
        ("", [], []),
        ("# nothing", [], []),
        ("worker &", [], ["worker"]),
        ("a; worker &", [], ["worker"]),
        ("worker &\n", [], ["worker"]),
        ("cd web && worker &", [], ["worker"]),
        ("(a; worker) &", [], ["worker"]),
        ("if x; then worker & else b; fi", ["b"], ["worker"]),
        ("while true; do a; done &", [], ["loop"]),
        ("exec worker &", [], ["worker"]),
        ("worker & echo started", ["echo"], []),
        ("start() { worker & }\nstart", ["start"], []),
        ("sh -c 'a; worker'", ["worker"], []),
        ("sh -c 'a; worker &'", [], ["worker"]),
        ("cat <<EOF > file\nworker &\nEOF\nworker", ["worker"], []),
    ],
)
def test_what_a_script_ends_with(text, tail, left_behind):
    script = parse(text)
    assert not script.has_error
    assert programs(script.tail) == tail
    assert programs(script.left_behind) == left_behind


@pytest.mark.parametrize(
    ("text", "foreground"),
    [
        ("a; b && c || d", ["a", "b", "c", "d"]),
        ("a & b", ["b"]),
        ("exec a; b", ["a"]),
        ("a; exit; b", ["a", "exit"]),
        ("a; while true; do b; done; c", ["a"]),
        ("f() { a; }; f", ["f"]),
        ("a $(b)", ["a"]),
        ("for i in x; do a; done; b", ["a", "b"]),
        ("if a; then b; fi", ["a", "b"]),
    ],
)
def test_foreground(text, foreground):
    assert programs(parse(text).foreground) == foreground


@pytest.mark.parametrize(
    ("text", "sleeps", "pause"),
    [
        ("while true; do a; sleep 300; done", [300], 300),
        ("while true\ndo\n  a\n  sleep 5m\ndone", [300], 300),
        ("while :; do a; sleep 0.5; done", [0.5], 0.5),
        ("while [ 1 ]; do a; sleep 1h; done", [3600], 3600),
        ("while [ true ]; do a; sleep 1d; done", [86400], 86400),
        ("while [[ 1 ]]; do a; sleep 1; done", [1], 1),
        ("while ((1)); do a; sleep 1; done", [1], 1),
        ("while test 1; do a; sleep 1; done", [1], 1),
        ("while /bin/true; do a; sleep 1; done", [1], 1),
        ("while ! false; do a; sleep 1; done", [1], 1),
        ("until false; do a; sleep 2s; done", [2], 2),
        ("for ((;;)); do a; sleep 60; done", [60], 60),
        ("for ((i=0;;i++)); do a; sleep 60; done", [60], 60),
        ("while sleep 900; do a; done", [900], 900),
        ("while true; do a; sleep 1m 30s; done", [90], 90),
        ("while true; do a; sleep 60; b; sleep 60; done", [60, 60], 120),
        ("while true; do a; sleep infinity; done", [math.inf], math.inf),
        ("while true; do a; sleep $N; done", [None], None),
        ("while true; do a; sleep ${N:-60}; sleep 5; done", [60, 5], 65),
        ("N=7; while true; do a; sleep $N; done", [7], 7),
        ("N=7; N=8; while true; do a; sleep $N; done", [None], None),
        ("while true; do a; sleep $((2 * 60)); done", [120], 120),
        ("while true; do a; sleep $((N * 60)); done", [None], None),
        ("while true; do a; done", [], None),
        ("while true; do if a; then sleep 600; fi; sleep 5; done", [600, 5], 5),
        ("while true; do a || sleep 600; done", [600], None),
        ("if x; then while true; do a; sleep 600; done; fi", [600], 600),
        ("while true; do a & sleep 300 & wait $!; done", [300], 300),
        ("while true; do for i in 1 2; do a; sleep 10; done; sleep 30; done", [10, 30], 30),
        ("sh -c 'while true; do a; sleep 300; done'", [300], 300),
        ("while true; do a; /bin/sleep 300; done > log 2>&1", [300], 300),
    ],
)
def test_endless_loops(text, sleeps, pause):
    script = parse(text)
    assert not script.has_error
    (loop,) = script.loops
    assert [sleep.seconds for sleep in loop.sleeps] == sleeps
    assert loop.pause == pause
    assert "a" in programs(loop.commands)
    assert all(command.loop == 0 and command.repeated for command in loop.commands)


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1 2 3; do a; sleep 300; done",
        "while read line; do a; sleep 300; done",
        "while [ ! -f x ]; do sleep 300; done",
        "while [ $x ]; do sleep 300; done",
        "until nc -z db 5432; do sleep 300; done",
        "while true; do nc -z db 5432 && break; sleep 300; done",
        "while false; do sleep 300; done",
        "until true; do sleep 300; done",
        "for ((i=0;i<3;i++)); do sleep 300; done",
        "while true && a; do sleep 300; done",
        "a; sleep 300",
    ],
)
def test_loops_that_end(text):
    script = parse(text)
    assert not script.has_error
    assert script.loops == ()
    assert all(command.loop is None for command in script.commands)


def test_a_break_ends_only_its_own_loop():
    script = parse("while true; do for i in 1 2; do a && break; done; sleep 300; done")
    assert len(script.loops) == 1
    assert script.loops[0].pause == 300


def test_loops_inside_loops():
    script = parse("while true; do a; while true; do b; done; done")
    assert [programs(loop.commands) for loop in script.loops] == [["true", "a"], ["true", "b"]]
    assert programs(script.tail) == ["loop"]
    assert script.tail[0] == script.loops[0]


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("a $PORT ${SOCKET} \"$HOST:$PORT\" '$NOT' \\$NOT", ["PORT", "SOCKET", "HOST"]),
        ("a ${A:-x} ${B:+y} ${#C} ${D%x} ${E[0]}", ["A", "B", "C", "D", "E"]),
        ("a ${A:-$B}", ["A", "B"]),
        ("a $1 $? $! $$ $@ $#", []),
        ("A=b a", []),
        ("cat <<EOF\n$A\nEOF", ["A"]),
        ("cat <<'EOF'\n$A\nEOF", []),
        ("a `b $C` $(d $E)", ["C", "E"]),
        ("sh -c 'a $INNER'", ["INNER"]),
        ('sh -c "a $OUTER"', ["OUTER"]),
        ("a > $LOG", ["LOG"]),
        ('if [ "$ENV" = x ]; then a; fi', ["ENV"]),
        ("exec $COMMAND", ["COMMAND"]),
        ("a x://$HOST:$PORT/0", ["HOST", "PORT"]),
        ("a $A/$B.x $C-$D,$E/f", ["A", "B", "C", "D", "E"]),
        ("X=$A:$B/bin a", ["A", "B"]),
        ("a $((2*$A-1)) $B/$C/d", ["A", "B", "C"]),
    ],
)
def test_variables(text, variables):
    script = parse(text)
    assert not script.has_error
    assert list(script.variables) == variables
    for name, span in script.variables.items():
        written = text[span.start : span.end]
        assert written.startswith("$")
        assert name in written


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a $HOST:$PORT/0 b", ["a", "$HOST:$PORT/0", "b"]),
        ("PATH=$PATH:$HOME/bin a b", ["a", "b"]),
        ("$A/$B/run --to=$C-$D.txt", ["$A/$B/run", "--to=$C-$D.txt"]),
        ("a é$A:$B/é", ["a", "é$A:$B/é"]),
    ],
)
def test_words_with_several_variables(text, words):
    (command,) = parse(text).commands
    assert [word.text for word in command.words] == words
    assert [text[word.start : word.end] for word in command.words] == words


def test_the_first_use_of_a_variable():
    assert parse("é $A; b $A").variables["A"][:2] == (2, 4)


def test_variables_the_script_sets_itself():
    script = parse("A=1; export B=2; for C in x; do read -r D; done; local E=3; F=4 worker")
    assert script.assigned >= {"A", "B", "C", "D", "E", "F"}


@pytest.mark.parametrize(
    ("text", "signals", "handler", "ignores"),
    [
        ("trap '' TERM", ("TERM",), "", True),
        ('trap "" SIGTERM INT', ("TERM", "INT"), "", True),
        ("trap '' 15", ("TERM",), "", True),
        ("trap '' HUP", ("HUP",), "", False),
        ("trap - TERM", ("TERM",), "-", False),
        ("trap 'kill $!; exit' sigterm 0", ("TERM", "EXIT"), "kill $!; exit", False),
    ],
)
def test_traps(text, signals, handler, ignores):
    (trap,) = parse(text + "; worker & wait").traps
    assert (trap.signals, trap.handler, trap.ignores_stop) == (signals, handler, ignores)


@pytest.mark.parametrize(
    ("text", "waits"), [("a & wait", True), ("a & wait $!", True), ("a &", False), ("wait &", False)]
)
def test_waits(text, waits):
    assert parse(text).waits is waits


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("if a; then worker; fi", {"conditional"}),
        ("a || worker", {"conditional"}),
        ("a && worker", set()),
        ("case x in y) worker;; esac", {"conditional"}),
        ("a | worker", set()),
        ("f() { worker; }", {"in_function"}),
        ("a $(worker)", {"in_substitution"}),
        ("a <(worker)", {"in_substitution"}),
        ("for i in x; do worker; done", {"repeated"}),
        ("! worker", set()),
        ("bash -lc worker", set()),
        ("bash -euo pipefail -c 'worker'", set()),
        ("flock /tmp/x -c 'worker'", set()),
    ],
)
def test_what_surrounds_a_command(text, flags):
    (worker,) = [command for command in parse(text).commands if command.program == "worker"]
    names = ("conditional", "in_function", "in_substitution", "repeated")
    assert {name for name in names if getattr(worker, name)} == flags


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("sh -c 'a; worker --x'", "worker --x"),
        ('sh -c "é; worker --x"', "worker --x"),
        ("exec bash -lc 'sh -c \"worker --x\"'", "worker --x"),
        ("sh -c worker", "worker"),
        ('sh -c "worker --x \\"y\\""', '"worker --x \\"y\\""'),
        ("sh -c 'worker --x '\"'y'\"", "'worker --x '\"'y'\""),
        ("sh -c 'worker 'é", "'worker 'é"),
    ],
)
def test_where_the_commands_of_a_nested_script_are(text, written):
    worker = parse(text).commands[-1]
    assert worker.program == "worker"
    assert text[worker.start : worker.end] == written
    assert worker.exact == written.startswith("worker")


@pytest.mark.parametrize(
    "text", ["sh script.sh", 'sh -c "$SCRIPT', "bash", "sh -c ''", "sh -c 'if'", "bash -x ./worker.sh"]
)
def test_a_shell_without_a_readable_script_is_an_ordinary_command(text):
    script = parse(text)
    assert programs(script.commands) in ([], [text.split()[0]])


@pytest.mark.parametrize(
    "text",
    [
        "a && ",
        "if a; then b",
        "echo 'open",
        "a )",
        "while true; do a",
        "(" * 5000,
        "a|" * 900,
        "a\0b",
        "a;" * 50_000,
        "|" * 2000,
    ],
)
def test_unreadable_text_has_an_error_and_nothing_else(text):
    assert parse(text) == Script(has_error=True)


def test_deep_nesting_is_parsed():
    depth = 2500
    script = parse("{ " * depth + "a; " + "} ;" * depth)
    assert programs(script.tail) == ["a"]
    script = parse(" && ".join(["a"] * depth))
    assert programs(script.tail) == ["a"]
    assert len(script.commands) == depth


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("sleep 5", 5),
        ("sleep 2d", 172800),
        ("sleep inf", math.inf),
        ("sleep", None),
        ("sleep $X", None),
        ("sleep 5x", None),
        ("nap 5", None),
    ],
)
def test_sleep_seconds(text, seconds):
    assert sleep_seconds(only(text)) == seconds


WORDS = ["a", "worker", "é", "'x y'", '"$A b"', "${B:-c}", "$(d)", "sh -c 'e; f'", 'bash -lc "g $H"', "sleep 5", "A=b"]
OPERATORS = ["&&", "||", "|", ";", "&", "\n", " ", "(", ")", "{", "}", "!", "> f", "2>&1", "<<E\n", "E\n", ";;", "#"]
KEYWORDS = ["while true; do", "for ((;;)); do", "done", "if", "then", "else", "fi", "case x in", "y)", "esac", "f() {"]
FRAGMENTS = st.sampled_from([*WORDS, *OPERATORS, *KEYWORDS, "exec", "trap '' TERM", "'", '"', "\\", "`"])


def check(text: str) -> None:
    """Everything a script says about a text must be true of the text."""
    script = parse(text)
    for command in script.commands:
        assert 0 <= command.start < command.end <= len(text)
        for word in command.words:
            assert 0 <= word.start < word.end <= len(text)
            assert word in command.words
        assert command.name in command.words
        assert command.loop is None or command in script.loops[command.loop].commands
        if command.exact and command.name.literal and command.name.text.isalnum() and "\\" not in text:
            written = text[command.name.start : command.name.end]
            assert "".join(letter for letter in written if letter not in "\"'$") == command.name.text
        if command.ampersand and command.exact:
            assert text[command.ampersand.start : command.ampersand.end] == "&"
    for span in script.variables.values():
        assert 0 <= span.start < span.end <= len(text)
    everything = {*script.commands, *script.loops}
    assert everything.issuperset(script.tail)
    assert everything.issuperset(script.left_behind)
    starts = [command.start for command in script.commands]
    assert starts == sorted(starts)


@settings(max_examples=400, deadline=None)
@given(st.lists(FRAGMENTS, max_size=14).map(" ".join))
def test_any_shell_like_text(text):
    check(text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80) | st.text(alphabet=string.printable, max_size=80))
def test_any_text(text):
    check(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["a", "b --c", "d 'e f'", "é $G"]), min_size=1, max_size=4).map(" && ".join))
def test_a_quoted_script_is_parsed_like_the_script_alone(text):
    quoted = "exec sh -c '{}'".format(text.replace("'", ""))
    inner = parse(text.replace("'", ""))
    outer = parse(quoted)
    shift = len("exec sh -c '")
    assert [(c.program, c.start + shift, c.end + shift) for c in inner.commands] == [
        (c.program, c.start, c.end) for c in outer.commands
    ]


def test_real_texts_are_readable():
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    count = 0
    for path in corpus_files():
        try:
            content = YAML(typ="safe").load(path)
        except (YAMLError, ValueError):
            continue
        for text in shell_texts(content):
            count += 1
            assert not parse(text).has_error, (path, text)
    assert count > 20


def shell_texts(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, str) and key in ("start", "build", "deploy", "post_deploy"):
                yield value
            else:
                yield from shell_texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from shell_texts(value)
