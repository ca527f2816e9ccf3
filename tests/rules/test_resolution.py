"""What a command really runs, through the files of a repository."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsun_rules.resolution.application_files import ApplicationFiles
from upsun_rules.resolution.resolver import FileResolver
from upsun_rules.shell.parsing import Command, Script, parse_resolved
from upsun_schema.configuration.project import Project

Files = dict[str, str]


def resolved(files: Files, command: str, root: str = "") -> Script:
    """A command of an application of a repository, with what it runs."""
    repository = Project("/nonexistent", files).repository
    return parse_resolved(command, FileResolver(ApplicationFiles(repository, root)))


def words(command: Command) -> str:
    """A command without its prefixes."""
    return " ".join(word.text for word in command.words)


def package(**scripts: str) -> str:
    """A `package.json` with scripts."""
    return json.dumps({"name": "shop", "scripts": scripts})


SHELL = "#!/bin/sh\nset -e\nphp worker.php\n"
MAKEFILE = """\
PHP ?= php -d memory_limit=1G
QUEUES = high low

.PHONY: worker build
all: build

worker: build
\t@$(PHP) artisan queue:work $(QUEUES) --name $$HOSTNAME

build:
\t-npm run build
"""
PDM = """\
[tool.pdm.scripts]
worker = "celery -A shop worker"
both = {composite = ["first", "worker"]}
first = {shell = "echo first"}
call = {call = "shop:main"}
"""
HATCH = """\
[tool.hatch.envs.default.scripts]
worker = "celery -A shop worker"
[tool.hatch.envs.jobs.scripts]
worker = ["echo jobs", "rq worker"]
"""
TASKFILE = """\
version: '3'
tasks:
  worker:
    deps: [build]
    dir: web
    cmds:
      - node worker.js
      - task: after
  build: npm ci
  after: echo after
  templated: echo {{.NAME}}
"""
JUSTFILE = """\
set dotenv-load
set shell := ["bash", "-uc"]
php := "php -d memory_limit=1G"
alias w := worker

# The queue.
[group('jobs')]
worker queue='high' *options: build
    @{{php}} artisan queue:work --queue={{ queue }} {{options}}
    -echo {{{{ done \\
      twice

build:
    npm ci

script:
    #!/usr/bin/env bash
    set -e
    php a.php

other:
    #!/usr/bin/env python3
    print("a")

now: (build "x")
    echo {{ datetime("%s") }}

[windows]
worker:
    cmd.exe
"""
RAKEFILE = """\
require_relative "config/application"
Rails.application.load_tasks

task default: :test

namespace :jobs do
  desc "Work"
  task work: [:environment, "prepare"] do |task, args|
    # The queue.
    sh "bundle exec sidekiq -q high"
  end

  task :prepare do
    system("echo prepare")
  end

  task :other => :environment do
    Job.run
  end

  task "loop", [:name] => :prepare do
    exec 'ruby work.rb --x "y"'
  end
end

task :all, [:name] do
  sh "echo #{name}"
end
"""
BIN = '{"name": "@shop/jobs", "bin": {"worker": "bin/worker.js", "run": "./bin/run.sh"}}'
PROCFILE = "web: gunicorn shop\nworker:  bundle exec sidekiq -c 5 \n# note: no process\n"

JUST_WORKER = ["x artisan queue:work --queue=a", "echo {{ done twice"]

RUNS: list[tuple[str, Files, str, list[str]]] = [
    ("npm run", {"package.json": package(worker="node w.js")}, "npm run worker", ["node w.js"]),
    ("npm run-script", {"package.json": package(worker="node w.js")}, "npm run-script worker", ["node w.js"]),
    ("npm start", {"package.json": package(start="node w.js")}, "npm start", ["node w.js"]),
    ("npm t", {"package.json": package(test="node t.js")}, "npm t", ["node t.js"]),
    ("npm arguments", {"package.json": package(w="node w.js")}, "npm run w a -- --b 'c d'", ["node w.js a --b c d"]),
    ("npm keeps its options", {"package.json": package(w="node w.js")}, "npm run w --silent", ["node w.js"]),
    ("npm around", {"package.json": package(prew="a", w="b", postw="c")}, "npm run w", ["a", "b", "c"]),
    ("npm --prefix", {"web/package.json": package(w="node w.js")}, "npm --prefix web run w", ["node w.js"]),
    ("npm --prefix behind", {"web/package.json": package(w="node w.js")}, "npm run w --prefix web", ["node w.js"]),
    ("npm -C", {"web/package.json": package(w="node w.js")}, "npm -C /app/web run w", ["node w.js"]),
    ("npm upward", {"package.json": package(w="node w.js")}, "cd src/jobs && npm run w", ["cd src/jobs", "node w.js"]),
    ("npm in npm", {"package.json": package(a="npm run b", b="node w.js")}, "npm run a", ["node w.js"]),
    ("a shell in npm", {"package.json": package(a="sh -c 'node \"w.js\" & wait'")}, "npm run a", ["node w.js", "wait"]),
    (
        "npm workspace by name",
        {
            "package.json": '{"workspaces": ["packages/*"]}',
            "packages/a/package.json": '{"name": "@shop/a", "scripts": {"w": "node a.js"}}',
        },
        "npm run w --workspace @shop/a",
        ["node a.js"],
    ),
    (
        "npm workspace by folder",
        {"package.json": "{}", "packages/a/package.json": package(w="node a.js")},
        "npm run w -w packages/a",
        ["node a.js"],
    ),
    (
        "yarn workspace",
        {
            "package.json": '{"workspaces": {"packages": ["packages/*"]}}',
            "packages/a/package.json": '{"name": "a", "scripts": {"w": "node a.js"}}',
        },
        "yarn workspace a run w --x",
        ["node a.js --x"],
    ),
    (
        "pnpm filter",
        {
            "package.json": "{}",
            "pnpm-workspace.yaml": "packages:\n  - 'apps/*'\n",
            "apps/a/package.json": '{"name": "a", "scripts": {"w": "node a.js"}}',
        },
        "pnpm --filter a run w",
        ["node a.js"],
    ),
    ("yarn short", {"package.json": package(w="node w.js")}, "yarn w --x", ["node w.js --x"]),
    ("yarn 1 around", {"package.json": package(prew="a", w="b")}, "yarn run w", ["a", "b"]),
    ("yarn 4", {"package.json": package(prew="a", w="b"), ".yarnrc.yml": ""}, "yarn run w", ["b"]),
    ("pnpm", {"package.json": package(prew="a", w="b")}, "pnpm run w", ["b"]),
    ("pnpm short", {"package.json": package(w="node w.js")}, "pnpm w", ["node w.js"]),
    ("bun", {"package.json": package(w="bun w.ts")}, "bun run w", ["bun w.ts"]),
    ("npm behind exec", {"package.json": package(w="node w.js")}, "exec npm run w", ["node w.js"]),
    ("composer", {"composer.json": '{"scripts": {"q": "php q.php"}}'}, "composer run q", ["php q.php"]),
    ("composer short", {"composer.json": '{"scripts": {"q": "php q.php"}}'}, "composer q", ["php q.php"]),
    (
        "composer list",
        {"composer.json": json.dumps({"scripts": {"q": ["@php a.php", "@r", "A\\B::c"], "r": "echo r"}})},
        "composer run-script --timeout=0 q -- --x",
        ["php a.php --x", "echo r --x", "AB::c --x"],
    ),
    (
        "composer in a folder",
        {"api/composer.json": '{"scripts": {"q": "@composer dump-autoload"}}'},
        "composer --working-dir=api run q",
        ["composer dump-autoload"],
    ),
    (
        "make",
        {"Makefile": MAKEFILE},
        "make worker",
        ["npm run build", "php -d memory_limit=1G artisan queue:work high low --name $HOSTNAME"],
    ),
    ("make the first", {"Makefile": MAKEFILE}, "make", ["npm run build"]),
    ("make a variable", {"Makefile": "w:\n\tphp $(X) ${PORT}\n"}, "make w X=a.php", ["php a.php ${PORT}"]),
    ("make -C", {"jobs/makefile": "w:\n\tphp a.php\n"}, "make -C jobs w", ["php a.php"]),
    ("foreman", {"Procfile": PROCFILE}, "foreman start worker", ["sidekiq -c 5"]),
    ("honcho", {"Procfile": PROCFILE}, "honcho start web", ["gunicorn shop"]),
    ("overmind", {"Procfile": PROCFILE}, "overmind start -l worker", ["sidekiq -c 5"]),
    ("foreman with another file", {"Procfile.dev": PROCFILE}, "foreman start -f Procfile.dev web", ["gunicorn shop"]),
    ("foreman all", {"Procfile": PROCFILE}, "foreman start", ["foreman start"]),
    ("pdm", {"pyproject.toml": PDM}, "pdm run worker -l info", ["celery -A shop worker -l info"]),
    ("pdm composite", {"pyproject.toml": PDM}, "pdm run both", ["echo first", "celery -A shop worker"]),
    ("pdm call", {"pyproject.toml": PDM}, "pdm run call", ["call"]),
    ("hatch", {"pyproject.toml": HATCH}, "hatch run worker", ["celery -A shop worker"]),
    ("hatch environment", {"pyproject.toml": HATCH}, "hatch run jobs:worker", ["echo jobs", "rq worker"]),
    ("poe", {"pyproject.toml": '[tool.poe.tasks]\nw = "rq worker"\n'}, "poetry run poe w", ["rq worker"]),
    ("rye", {"pyproject.toml": '[tool.rye.scripts]\nw = { cmd = "rq worker" }\n'}, "rye run w", ["rq worker"]),
    ("pipenv", {"Pipfile": '[scripts]\nw = "rq worker"\n'}, "pipenv run w", ["rq worker"]),
    ("uv", {"pyproject.toml": '[project.scripts]\nw = "shop.jobs:main"\n'}, "uv run w", ["python -m shop.jobs"]),
    ("poetry", {"pyproject.toml": '[tool.poetry.scripts]\nw = "shop:main"\n'}, "poetry run w", ["python -m shop"]),
    (
        "just",
        {"justfile": JUSTFILE},
        "just worker low --tries=3 --once",
        ["npm ci", "php -d memory_limit=1G artisan queue:work --queue=low --tries=3 --once", "echo {{ done twice"],
    ),
    (
        "just with defaults",
        {"justfile": JUSTFILE},
        "exec just w",
        ["npm ci", "php -d memory_limit=1G artisan queue:work --queue=high", "echo {{ done twice"],
    ),
    ("just several", {"Justfile": JUSTFILE}, "just php=x build worker a", ["npm ci", "npm ci", *JUST_WORKER]),
    ("just a script", {".justfile": JUSTFILE}, "just script", ["set -e", "php a.php"]),
    ("just upward", {"justfile": JUSTFILE}, "cd src && just build", ["cd src", "npm ci"]),
    ("just with a file", {"jobs/x.just": JUSTFILE}, "just -f jobs/x.just build", ["npm ci"]),
    (
        "rake",
        {"Rakefile": RAKEFILE},
        "bundle exec rake jobs:work",
        ["echo prepare", "sidekiq -q high"],
    ),
    (
        "rake in its folders",
        {"Rakefile": "", "lib/tasks/jobs.rake": RAKEFILE},
        "bin/rails jobs:loop",
        ["echo prepare", "ruby work.rb --x y"],
    ),
    (
        "make inline",
        {"Makefile": "w: b ; @php w.php ; echo x\nb: ; echo b\n"},
        "make w",
        ["echo b", "php w.php", "echo x"],
    ),
    ("npx", {"package.json": BIN}, "npx worker --x", ["node bin/worker.js --x"]),
    ("npx a shell script", {"package.json": BIN, "bin/run.sh": SHELL}, "npx run", ["set -e", "php worker.php"]),
    ("npm exec", {"package.json": BIN}, "npm exec -- worker --x", ["node bin/worker.js --x"]),
    ("pnpm exec", {"package.json": BIN}, "pnpm exec worker", ["node bin/worker.js"]),
    ("bunx", {"package.json": BIN}, "bunx worker", ["node bin/worker.js"]),
    ("yarn with a program", {"package.json": BIN}, "yarn worker", ["node bin/worker.js"]),
    (
        "npx of a workspace",
        {
            "package.json": '{"workspaces": ["packages/*"]}',
            "packages/a/package.json": '{"name": "@shop/a", "bin": "cli.js"}',
        },
        "npx a serve",
        ["node packages/a/cli.js serve"],
    ),
    ("npx of a dependency", {"package.json": BIN}, "npx tsx worker.ts", ["tsx worker.ts"]),
    ("npx of a package", {"package.json": BIN}, "npx -p other worker", ["worker"]),
    ("yarn run of a dependency", {"package.json": package(w="a")}, "yarn run tsc", ["yarn run tsc"]),
    ("bun run of a file", {"package.json": package(worker="a")}, "bun run worker.ts", ["bun run worker.ts"]),
    ("task", {"Taskfile.yml": TASKFILE}, "task worker", ["npm ci", "node worker.js", "echo after"]),
    ("task with a template", {"Taskfile.yml": TASKFILE}, "task templated", ["task templated"]),
    ("a script", {"w.sh": SHELL}, "./w.sh", ["set -e", "php worker.php"]),
    ("a script by sh", {"w": SHELL}, "sh -e w", ["set -e", "php worker.php"]),
    ("a script by exec", {"w.sh": SHELL}, "exec bash w.sh", ["set -e", "php worker.php"]),
    ("a script by .", {"w.sh": "cd web\n", "web/x.sh": "php x.php"}, ". ./w.sh; ./x.sh", ["cd web", "php x.php"]),
    ("a script by its first line", {"bin/w": SHELL}, "bin/w", ["set -e", "php worker.php"]),
    ("a script in another language", {"bin/w": "#!/usr/bin/env python3\n"}, "bin/w", ["bin/w"]),
    ("a script in /app", {"bin/w": SHELL}, "/app/bin/w", ["set -e", "php worker.php"]),
    ("a script by a variable", {"bin/w": SHELL}, "$PLATFORM_APP_DIR/bin/w", ["set -e", "php worker.php"]),
    ("a script out of a subshell", {"w.sh": SHELL}, "(cd web); ./w.sh", ["cd web", "set -e", "php worker.php"]),
    ("a program of the image", {}, "/usr/bin/env node", ["node"]),
    ("a folder that the shell computes", {"w.sh": SHELL}, "cd $X; ./w.sh", ["cd $X", "./w.sh"]),
    ("two steps", {"package.json": package(w="./w.sh"), "w.sh": SHELL}, "npm run w", ["set -e", "php worker.php"]),
]


@pytest.mark.parametrize(("files", "command", "expected"), [row[1:] for row in RUNS], ids=[row[0] for row in RUNS])
def test_a_command_is_what_it_runs(files: Files, command: str, expected: list[str]) -> None:
    script = resolved(files, command)
    assert sorted(map(words, script.commands)) == sorted(expected)
    assert script.absences == ()


@pytest.mark.parametrize(("files", "command", "expected"), [row[1:] for row in RUNS], ids=[row[0] for row in RUNS])
def test_the_same_in_a_folder_of_an_application(files: Files, command: str, expected: list[str]) -> None:
    moved = {f"apps/shop/{path}": text for path, text in files.items()}
    assert sorted(map(words, resolved(moved, command, "apps/shop").commands)) == sorted(expected)
    # Nothing outside the application's folder is there when it runs.
    assert not any(command.chain for command in resolved(files, command, "apps/shop").commands)


def test_each_step_is_where_the_file_has_it() -> None:
    files = {"package.json": package(w="./w.sh --once"), "w.sh": SHELL}
    (_, last) = resolved(files, "exec npm run w").commands
    first, second = last.chain
    assert (first.command, first.name, first.region.text) == ("exec npm run w", "w", "./w.sh --once")
    assert (second.command, second.name, second.region.text) == ("./w.sh --once", "", "php worker.php")
    assert not last.exact
    assert (last.start, last.end) == (0, len("exec npm run w"))


def test_what_is_around_a_command_is_around_what_it_runs() -> None:
    files = {"package.json": package(w="node w.js"), "w.sh": "while true; do npm run w; sleep 60; done\n"}
    (command,) = resolved(files, "npm run w &").commands
    assert command.background
    (loop,) = resolved(files, "./w.sh").loops
    assert [words(command) for command in loop.commands] == ["true", "node w.js", "sleep 60"]
    assert loop.pause == 60
    assert loop.chain[0].command == "./w.sh"


ABSENT: list[tuple[str, Files, str, tuple[str, str, str]]] = [
    ("npm", {"package.json": package(worker="a")}, "npm run wroker", ("package.json", "wroker", "worker")),
    ("npm start", {"package.json": package(worker="a")}, "npm start", ("package.json", "start", "")),
    (
        "composer",
        {"composer.json": '{"scripts": {"queue": "a"}}'},
        "composer run qeue",
        ("composer.json", "qeue", "queue"),
    ),
    ("make", {"Makefile": MAKEFILE}, "make wroker", ("Makefile", "wroker", "worker")),
    ("just", {"justfile": JUSTFILE}, "just wroker", ("justfile", "wroker", "worker")),
    ("yarn run", {"package.json": package(worker="a")}, "yarn run wroker", ("package.json", "wroker", "worker")),
    ("foreman", {"Procfile": PROCFILE}, "foreman start wroker", ("Procfile", "wroker", "worker")),
    ("task", {"Taskfile.yml": TASKFILE}, "task wroker", ("Taskfile.yml", "wroker", "worker")),
    ("a file", {}, "./worker.sh", ("worker.sh", "", "")),
    ("a file for a shell", {}, "sh bin/worker.sh", ("bin/worker.sh", "", "")),
]


@pytest.mark.parametrize(("files", "command", "expected"), [row[1:] for row in ABSENT], ids=[row[0] for row in ABSENT])
def test_what_is_not_there_is_known(files: Files, command: str, expected: tuple[str, str, str]) -> None:
    script = resolved(files, command)
    assert [(one.path, one.name, one.near) for one in script.absences] == [expected]
    assert [words(one) for one in script.commands] == [command]


UNKNOWN: list[tuple[str, Files, str]] = [
    ("npm start has server.js", {"package.json": package(a="b"), "server.js": ""}, "npm start"),
    ("npm if present", {"package.json": package(a="b")}, "npm run w --if-present"),
    ("npm without a file", {}, "npm run w"),
    ("npm with a broken file", {"package.json": "{"}, "npm run w"),
    ("npm in another folder", {"package.json": package(a="b")}, "npm --prefix $DIR run w"),
    ("npm in every workspace", {"package.json": package(a="b")}, "npm run w --workspaces"),
    ("npm ci", {"package.json": package(a="b")}, "npm ci"),
    ("yarn install", {"package.json": package(a="b")}, "yarn install"),
    ("composer install", {"composer.json": '{"scripts": {"queue": "a"}}'}, "composer install"),
    ("a pattern of make", {"Makefile": "%.o: %.c\n\tcc $<\n"}, "make a.o"),
    ("make with an include", {"Makefile": "include other.mk\n"}, "make a"),
    ("a function of make", {"Makefile": "a:\n\techo $(shell date)\n"}, "make a"),
    ("just with a function", {"justfile": JUSTFILE}, "just now"),
    ("just in another language", {"justfile": JUSTFILE}, "just other"),
    ("just without a value", {"justfile": "a b:\n  echo {{b}}\n"}, "just a"),
    ("just with modules", {"justfile": "import 'a.just'\na:\n  echo a\n"}, "just b"),
    ("just --list", {"justfile": JUSTFILE}, "just --list"),
    ("just in a folder of its own", {"justfile": "set working-directory := 'x'\na:\n  ./a.sh\n"}, "just a"),
    ("rake of a gem", {"Rakefile": RAKEFILE}, "rake resque:work"),
    ("rake with code", {"Rakefile": RAKEFILE}, "rake jobs:other"),
    ("rake with a computed text", {"Rakefile": RAKEFILE}, "rake all"),
    ("rails server", {"Rakefile": RAKEFILE}, "rails server -p $PORT"),
    ("task with includes", {"Taskfile.yml": "includes:\n  b: ./b\ntasks: {}\n"}, "task b:w"),
    ("a folder outside", {}, "../w.sh"),
    ("another root", {}, "/etc/init.d/x"),
]


@pytest.mark.parametrize(("files", "command"), [row[1:] for row in UNKNOWN], ids=[row[0] for row in UNKNOWN])
def test_what_cannot_be_told_is_left_alone(files: Files, command: str) -> None:
    script = resolved(files, command)
    assert script.absences == ()
    assert not any(one.chain for one in script.commands)


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"package.json": package(a="npm run b", b="npm run a")}, "npm run a"),
        ({"composer.json": '{"scripts": {"a": "@b", "b": ["@a"]}}'}, "composer a"),
        ({"a.sh": "./b.sh", "b.sh": "sh a.sh"}, "./a.sh"),
        ({"justfile": "a:\n  just b\nb:\n  just a\n"}, "just a"),
        ({"Rakefile": 'task :a do\n  sh "rake a"\nend\n'}, "rake a"),
        ({"Procfile": "a: foreman start a"}, "foreman start a"),
    ],
    ids=["npm", "composer", "scripts", "justfile", "Rakefile", "Procfile"],
)
def test_a_circle_is_found_and_ends(files: Files, command: str) -> None:
    assert any(one.is_circle for one in resolved(files, command).absences)


def test_what_doubles_at_each_step_is_bounded() -> None:
    scripts = {f"s{level}": f"npm run s{level + 1} && npm run s{level + 1}" for level in range(30)}
    assert len(resolved({"package.json": package(**scripts)}, "npm run s0").commands) < 200
    rules = "".join(f"t{level}: t{level + 1}\n\techo {level}\n" for level in range(3_000))
    resolved({"Makefile": rules}, "make t0")
    for text in ("w:\n" + "\techo a\n" * 40_000, "a " * 60_000 + ":\n\tb\n"):
        resolved({"Makefile": text, "justfile": text}, "make w; just w")
    doubled = "".join(f"X{level} = $(X{level + 1})$(X{level + 1})\n" for level in range(60))
    resolved({"Makefile": f"{doubled}X60 = a\nw:\n\techo $(X0)\n"}, "make w")


_NAMES = st.sampled_from(
    [
        "package.json",
        "composer.json",
        "Makefile",
        "Procfile",
        "pyproject.toml",
        "Taskfile.yml",
        "justfile",
        "Rakefile",
        "w.sh",
    ]
)
_COMMANDS = st.sampled_from(
    [
        "npm run w",
        "composer run w",
        "make w",
        "foreman start w",
        "pdm run w",
        "hatch run w",
        "poe w",
        "task w",
        "just worker a",
        "rake jobs:work",
        "npx worker",
        "./w.sh",
    ]
)
_TEXTS = st.one_of(
    st.text(),
    st.sampled_from([package(w="a"), MAKEFILE, PROCFILE, PDM, HATCH, TASKFILE, JUSTFILE, RAKEFILE, BIN, SHELL]).flatmap(
        lambda text: st.builds(
            lambda at, piece: text[:at] + piece + text[at + 1 :], st.integers(0, len(text)), st.text(max_size=3)
        )
    ),
    st.sampled_from(["[" * 5_000, "{" * 5_000, '{"scripts":{"w":{}}}', '{"scripts":[]}', "w:\n\t$(w)\nw = $(w)\n"]),
)


@given(st.dictionaries(_NAMES, _TEXTS, max_size=3), _COMMANDS)
def test_no_file_makes_it_fail(files: Files, command: str) -> None:
    resolved(files, command)


def test_only_regular_files_of_the_repository_are_read(tmp_path: Path) -> None:
    root, outside = tmp_path / "project", tmp_path / "outside.sh"
    root.mkdir()
    outside.write_text("php a.php\n")
    (root / "link.sh").symlink_to(outside)
    (root / "folder.sh").mkdir()
    os.mkfifo(root / "pipe.sh")
    (root / "long.sh").write_text("echo a\n" * 200_000)
    (root / "binary.sh").write_bytes(b"\x00\x01")
    repository = Project(str(root)).repository
    for name in ("link", "folder", "pipe", "long", "binary"):
        script = parse_resolved(f"./{name}.sh", FileResolver(ApplicationFiles(repository, "")))
        assert not any(command.chain for command in script.commands), name


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "w.sh"

    def commands(project: Project) -> list[str]:
        script = parse_resolved("./w.sh", FileResolver(ApplicationFiles(project.repository, "")))
        return [words(command) for command in script.commands]

    first = Project(str(tmp_path))
    assert commands(first) == ["./w.sh"]
    file.write_text("php a.php\n")
    second = Project(str(tmp_path), previous=first)
    assert commands(second) == ["php a.php"]
    assert second.repository.generation is not first.repository.generation
    third = Project(str(tmp_path), previous=second)
    assert third.repository.generation is second.repository.generation
    file.unlink()
    fourth = Project(str(tmp_path), previous=third)
    assert commands(fourth) == ["./w.sh"]
    assert fourth.repository.generation is not third.repository.generation
