"""Rules about commands, on what the commands really run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import CONFIG, apply_fix, findings, source
from upsun_rules.engine import lint
from upsun_rules.finding import Finding, Severity
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project

Files = dict[str, str]

WORKER = """\
applications:
  app:
    type: 'nodejs:24'
    web:
      commands:
        start: node server.js
    workers:
      queue:
        commands:
          start: {}
"""
CRON = """\
applications:
  app:
    type: 'nodejs:24'
    web:
      commands:
        start: node server.js
    crons:
      queue:
        spec: 'H * * * *'
        commands:
          start: {}
"""
HOOK = """\
applications:
  app:
    type: 'nodejs:24'
    web:
      commands:
        start: node server.js
    workers:
      queue:
        commands:
          start: node queue.js
    hooks:
      deploy: {}
"""


def scripts(**commands: str) -> str:
    """A file with scripts, for npm and for Composer alike."""
    return json.dumps({"scripts": commands})


def about(files: Files, rule: str) -> Finding:
    """The one finding of a rule."""
    (finding,) = findings(files, rule)
    return finding


JUDGED: list[tuple[str, str, str, Files, str, str]] = [
    (
        "backgrounded",
        WORKER,
        "npm run w",
        {"package.json": scripts(w="node w.js &")},
        "backgrounded-start-command",
        "&",
    ),
    (
        "backgrounded in a file",
        WORKER,
        "./w.sh",
        {"w.sh": "node a.js && echo started\nnode w.js &\nsleep 2\n"},
        "backgrounded-start-command",
        "&",
    ),
    ("daemon", WORKER, "npm run w", {"package.json": scripts(w="pm2 start w.js")}, "backgrounded-start-command", "pm2"),
    ("one shot", WORKER, "./w.sh", {"w.sh": "set -e\nphp artisan migrate\n"}, "one-shot-start-command", "php artisan"),
    (
        "one job",
        WORKER,
        "npm run w",
        {"package.json": scripts(w="php artisan queue:work --once")},
        "one-shot-start-command",
        "--once",
    ),
    ("server", WORKER, "npm run w", {"package.json": scripts(w="gunicorn app")}, "worker-serves-web", "gunicorn"),
    ("port", WORKER, "./w.sh", {"w.sh": "node w.js --port $PORT\n"}, "worker-serves-web", "PORT"),
    (
        "build step",
        WORKER,
        "make w",
        {"Makefile": "w:\n\tnpm ci\n\tnode w.js\n"},
        "build-step-in-start-command",
        "npm ci",
    ),
    ("slow", WORKER, "honcho start w", {"Procfile": "w: sidekiq -t 60\n"}, "slow-shutdown", "-t"),
    ("ignores", WORKER, "sh w.sh", {"w.sh": "trap '' TERM\nnode w.js\n"}, "slow-shutdown", "SIGTERM"),
    (
        "sleeps",
        WORKER,
        "./w.sh",
        {"w.sh": "while true; do php a.php; sleep 3600; done\n"},
        "worker-should-be-cron",
        "hour",
    ),
    ("after an hour", WORKER, "./w.sh", {"w.sh": "php artisan x\nsleep 7200\n"}, "worker-should-be-cron", "2 hours"),
    (
        "consumer",
        CRON,
        "composer q",
        {"composer.json": scripts(q="php artisan queue:work")},
        "cron-should-be-worker",
        "queue:work",
    ),
    ("loop", CRON, "./w.sh", {"w.sh": "while true; do php a.php; done\n"}, "cron-should-be-worker", "loop"),
    (
        "cron in background",
        CRON,
        "npm run w",
        {"package.json": scripts(w="node w.js &")},
        "backgrounded-cron-command",
        "&",
    ),
    (
        "hook",
        HOOK,
        "./d.sh",
        {"d.sh": "php artisan migrate\nphp artisan queue:work &\n"},
        "consumer-in-hook",
        "queue:work",
    ),
    (
        "installs",
        HOOK,
        "npm run d",
        {"package.json": scripts(d="npm ci --omit=dev")},
        "build-step-after-build",
        "read-only",
    ),
    (
        "services",
        HOOK.replace("deploy: {}", "build: {}").replace("    web:", "    relationships: {{db: 'db:mysql'}}\n    web:")
        + "services: {{db: {{type: 'mariadb:11.8'}}}}\n",
        "./b.sh",
        {"b.sh": "set -e\nnpm ci\nphp artisan migrate --force\n"},
        "service-in-build",
        "services are not there",
    ),
    (
        "restart",
        HOOK,
        "npm run d",
        {"package.json": scripts(d="php artisan queue:restart")},
        "worker-restart-in-hook",
        "not needed",
    ),
]


@pytest.mark.parametrize(
    ("text", "command", "files", "rule", "word"), [row[1:] for row in JUDGED], ids=[row[0] for row in JUDGED]
)
def test_what_a_script_runs_is_judged(text: str, command: str, files: Files, rule: str, word: str) -> None:
    finding = about({CONFIG: text.format(command), **files}, rule)
    assert word in finding.message or word in source(finding.related[0].region)
    # It is at the command in the configuration; the script is another place, which no fix ever edits.
    assert finding.region.text == command
    assert finding.related[0].region.piece.text in files.values()
    assert all(edit.region.piece.text in text.format(command) for fix in finding.fixes for edit in fix.edits)
    # The same configuration without the files.
    assert findings(text.format(command), rule) == []


HEALTHY = [
    ("npm run w", {"package.json": scripts(w="node w.js")}),
    ("npm start", {"package.json": scripts(start="exec node w.js", prestart="echo start")}),
    ("composer --timeout=0 run w", {"composer.json": scripts(w="php artisan queue:work --max-time=3600")}),
    ("./w.sh", {"w.sh": "#!/bin/sh\nset -e\ncd jobs\nexec php artisan queue:work --max-time=3600\n"}),
    ("make w", {"Makefile": "w:\n\tcelery -A shop worker\n"}),
    ("sh ./w.sh", {"w.sh": "node metrics.js &\nexec node w.js\n"}),
    ("./w.sh", {"w.sh": "#!/bin/sh\nnode a.js &\nnode b.js &\nnode w.js\n"}),
    ("./w.sh", {"w.sh": "while true; do ./beat.sh; sleep 5; done &\nnode w.js\n", "beat.sh": "node beat.js\n"}),
    ("bin/w", {"bin/w": "#!/usr/bin/env node\nwhile (true) {}\n"}),
]


@pytest.mark.parametrize(("command", "files"), HEALTHY, ids=[row[0] for row in HEALTHY])
def test_a_healthy_script_is_not_reported(command: str, files: Files) -> None:
    assert findings({CONFIG: WORKER.format(command), **files}) == []


def test_each_step_is_a_related_place() -> None:
    files = {"package.json": scripts(w="./w.sh"), "w.sh": "set -e\nnode w.js &\n"}
    finding = about({CONFIG: WORKER.format("npm run w"), **files}, "backgrounded-start-command")
    assert [(related.message, related.region.text) for related in finding.related] == [
        ("`npm run w` runs this", "./w.sh"),
        ("`./w.sh` runs this", "node w.js"),
    ]


def test_a_variable_of_a_script_counts_for_the_container_that_runs_it() -> None:
    text = WORKER.format("./w.sh") + "        relationships: {}\n    relationships:\n      db: 'db:mysql'\n"
    text += "services:\n  db:\n    type: 'mariadb:11.8'\n"
    finding = about({CONFIG: text, "w.sh": "node w.js --host $DB_HOST\n"}, "unknown-service-variable")
    assert finding.region.text == "./w.sh"
    assert finding.related[0].region.text == "$DB_HOST"
    assert (
        findings({CONFIG: text, "w.sh": "node w.js --host ${DB_HOST:-localhost}\n"}, "unknown-service-variable") == []
    )


def test_an_unknown_script_has_the_name_that_is_meant() -> None:
    files = {CONFIG: WORKER.format("npm run wroker"), "package.json": scripts(worker="node w.js")}
    finding = about(files, "unknown-script")
    assert finding.message == "`package.json` has no script `wroker`, so this fails; did you mean `worker`?"
    assert apply_fix(files, finding) == WORKER.format("npm run worker")
    assert about({**files, CONFIG: WORKER.format("npm run other")}, "unknown-script").fixes == ()


def test_an_unknown_script_in_a_script_is_at_the_command() -> None:
    files = {CONFIG: WORKER.format("npm run a"), "package.json": scripts(a="npm run wroker", worker="node w.js")}
    finding = about(files, "unknown-script")
    assert finding.region.text == "npm run a"
    assert finding.fixes == ()


def project(folder: Path, text: str, *files: str, git: bool = True) -> list[Finding]:
    """The findings about scripts in a repository on disk."""
    for name in (CONFIG, *files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text if name == CONFIG else "")
    if git:
        (folder / ".git").mkdir(exist_ok=True)
    return [one for one in lint(Project(str(folder)), Options()) if one.rule == "unknown-script"]


def test_a_missing_file_is_information(tmp_path: Path) -> None:
    (finding,) = project(tmp_path, WORKER.format("bin/worker.sh"), "bin/other.sh")
    assert finding.severity is Severity.INFO
    assert finding.message == "the repository has no file `bin/worker.sh`"


@pytest.mark.parametrize("git", [True, False])
def test_a_file_of_nearly_the_same_name_is_meant(tmp_path: Path, git: bool) -> None:
    (finding,) = project(tmp_path, WORKER.format("bin/wroker.sh"), "bin/worker.sh", git=git)
    assert finding.severity is Severity.WARNING
    assert finding.message == "the repository has no file `bin/wroker.sh`; did you mean `bin/worker.sh`?"


def test_a_file_of_the_same_name_in_another_folder_is_meant(tmp_path: Path) -> None:
    (finding,) = project(tmp_path, WORKER.format(".scripts/w.sh"), "scripts/w.sh", "README.md", git=False)
    assert finding.severity is Severity.WARNING
    assert finding.message == "the repository has no file `.scripts/w.sh`; did you mean `scripts/w.sh`?"


@pytest.mark.parametrize(
    ("command", "files", "git"),
    [
        ("bin/w.sh", (), True),
        ("./w.sh", (".gitignore",), True),
        ("bin/w.sh", ("bin/x.sh",), False),
        ("vendor/bin/w", ("vendor/bin/x",), True),
        ("bin/w.sh", ("bin/x.sh", ".git/info/sparse-checkout"), True),
        ("./made.sh", ("x.sh",), True),
        ("./w.sh || true", ("w.sh",), True),
        ("var/w.sh", ("var/x.sh",), True),
    ],
    ids=["no folder", "no code", "no git", "vendor", "sparse", "made", "there", "mount"],
)
def test_a_file_that_may_be_there_is_not_reported(
    tmp_path: Path, command: str, files: tuple[str, ...], git: bool
) -> None:
    text = WORKER.format(command) + "    mounts:\n      var: tmp\n    hooks:\n      build: ./build.py made.sh\n"
    assert project(tmp_path, text, *files, git=git) == []


def test_a_build_that_makes_files_may_make_any(tmp_path: Path) -> None:
    text = WORKER.format("bin/w.sh") + "    hooks:\n      build: npm ci && npm run build\n"
    assert project(tmp_path, text, "bin/x.sh") == []


def test_a_circular_script_is_reported_once() -> None:
    files = {CONFIG: WORKER.format("npm run a"), "package.json": scripts(a="npm run b", b="npm run a")}
    finding = about(files, "circular-script")
    assert finding.region.text == "npm run a"
    assert [related.region.text for related in finding.related] == ["npm run b", "npm run a"]


COMPOSER = scripts(q="php artisan queue:work", short="php artisan queue:work --max-time=200")


def test_a_time_limit_of_composer_is_reported_with_its_fix() -> None:
    files = {CONFIG: WORKER.format("composer run q"), "composer.json": COMPOSER}
    finding = about(files, "composer-time-limit")
    assert apply_fix(files, finding) == WORKER.format("composer run --timeout=0 q")
    assert findings({**files, CONFIG: apply_fix(files, finding)}, "composer-time-limit") == []


@pytest.mark.parametrize(
    ("text", "composer"),
    [
        (WORKER.format("composer run short"), COMPOSER),
        (WORKER.format("composer run q --timeout=0"), COMPOSER),
        (WORKER.format("COMPOSER_PROCESS_TIMEOUT=0 composer run q"), COMPOSER),
        (CRON.format("composer run short"), COMPOSER),
        (WORKER.format("composer run q"), '{"config": {"process-timeout": 0}, ' + COMPOSER[1:]),
        (
            WORKER.format("composer run q"),
            '{"scripts": {"q": ["Composer\\\\Config::disableProcessTimeout", "php artisan queue:work"]}}',
        ),
    ],
    ids=["short", "option", "variable", "cron", "configuration", "callback"],
)
def test_no_time_limit_of_composer(text: str, composer: str) -> None:
    assert findings({CONFIG: text, "composer.json": composer}, "composer-time-limit") == []


def test_no_more_than_a_thousand_files_are_known(tmp_path: Path) -> None:
    lines = [f"      w{number}: {{commands: {{start: './w{number}.sh'}}}}" for number in range(1_200)]
    text = WORKER.partition("    workers:")[0] + "    workers:\n" + "\n".join(lines) + "\n"
    files = {CONFIG: text, **{f"w{number}.sh": "node w.js &\n" for number in range(1_200)}}
    found = findings(files, "backgrounded-start-command")
    assert 900 < len(found) < 1_000
    in_memory = Project("/nonexistent", files)
    again = [one for one in lint(in_memory, Options()) if one.rule == "backgrounded-start-command"]
    assert {in_memory.place(related.region).document.path for one in again for related in one.related} <= set(files)


BROKEN = [
    ("./w.sh", {"w.sh": "#!/bin/sh\nset -e\nif [ -f a ]; then\n  exit 1\n"}, "if"),
    ("bash w", {"w": "echo a\nfor i in a b; do\n  echo $i\n"}, "for"),
    ("npm run w", {"package.json": scripts(w="node a.js | | cat")}, "|"),
    ("make w", {"Makefile": "w:\n\techo 'a\n"}, "'"),
    ("npm run w", {"package.json": scripts(w="./w.sh"), "w.sh": "echo a\nfi\n"}, "fi"),
]


@pytest.mark.parametrize(("command", "files", "place"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_script_with_a_syntax_error_is_at_the_command(command: str, files: Files, place: str) -> None:
    finding = about({CONFIG: WORKER.format(command), **files}, "script-syntax")
    assert finding.region.text == command
    assert finding.severity is Severity.ERROR
    assert finding.related[-1].region.text.startswith(place)
    assert finding.fixes == ()


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("./w.sh", "#!/bin/sh\necho a\nexit 0\nPAYLOAD ((\n"),
        ("./w.sh", "#!/bin/sh\nexec node a.js\nif\n"),
        ("./w.sh", "#!/usr/bin/env zsh\nfor i (a b) { echo $i }\nfi\n"),
        ("zsh w.sh", "if\n"),
        ("./w.sh", "#!/usr/bin/env python3\nif a:\n  b()\n"),
        ("./w.sh", "#!/bin/bash\na=(1 2)\n[[ a == b ]] && echo $((1 + 2))\n"),
    ],
)
def test_a_script_that_some_shell_can_read_is_not_reported(command: str, text: str) -> None:
    assert findings({CONFIG: WORKER.format(command), "w.sh": text}, "script-syntax") == []


def test_a_file_that_an_interpreter_runs_is_missing(tmp_path: Path) -> None:
    (finding,) = project(tmp_path, WORKER.format("php artisan queue:work"), "server.js", "artisna")
    assert finding.severity is Severity.WARNING
    assert finding.message == "the repository has no file `artisan`; did you mean `artisna`?"
    for command in (
        "php -r 'a'",
        "python -m jobs",
        "node dist/worker.js",
        "node worker",
        "php /app/../x.php",
        "ruby -e a",
    ):
        assert project(tmp_path, WORKER.format(f'"{command}"'), "server.js") == [], command
    (tmp_path / "composer.json").write_text('{"require": {"drupal/core-composer-scaffold": "*"}}')
    assert project(tmp_path, WORKER.format("php artisan queue:work"), "server.js") == []
